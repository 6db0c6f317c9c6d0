// vyre run: compile, dispatch once, write or print the outputs.
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 16 }; // elements printed of an output without --out

static cli_exit write_output(cli_session *s, uint32_t param,
                             const cli_binding *b, const void *data,
                             uint64_t size) {
  char *head = NULL, *error = NULL;
  size_t head_size = 0;
  if (cli_has_suffix(b->out, ".npy")) {
    cli_element e = cli_element_of(s, param, &b->info);
    head = cli_npy_header(&e, size, &head_size, &error);
    if (!head) {
      cli_exit code = cli_error(s, "--out %.*s: %s", (int)b->info.name.size,
                                b->info.name.data, error);
      free(error);
      return code;
    }
  }
  bool ok = cli_write_file(b->out, head, head_size, data, (size_t)size);
  int failed = errno;
  free(head);
  if (!ok)
    return cli_error(s, "--out %.*s: file %s: %s", (int)b->info.name.size,
                     b->info.name.data, b->out, strerror(failed));
  return CLI_OK;
}

static void print_output(cli_session *s, uint32_t param, const cli_binding *b,
                         const unsigned char *data, uint64_t size) {
  uint64_t n = size / b->info.element_size;
  const char *type =
      b->info.type ? vy_type_name((vy_type)b->info.type) : "element";
  printf("%.*s: %s[%llu] =", (int)b->info.name.size, b->info.name.data, type,
         (unsigned long long)n);
  for (uint64_t i = 0; i < n && i < SHOWN; i++) {
    char text[512];
    cli_show_element(s, param, &b->info, data + i * b->info.element_size, text,
                     sizeof text);
    printf(" %s", text);
  }
  puts(n > SHOWN ? " ..." : "");
}

static json_t *json_output(cli_session *s, uint32_t param, const cli_binding *b,
                           const unsigned char *data, uint64_t size,
                           vy_device *device) {
  json_t *o = json_object(), *values = json_array();
  uint64_t n = size / b->info.element_size;
  vy_hash hash;
  char hex[65];
  json_object_set_new(o, "name", cli_json_str(b->info.name));
  json_object_set_new(o, "type",
                      json_string(vy_type_name((vy_type)b->info.type)));
  json_object_set_new(o, "elements", json_integer((json_int_t)n));
  json_object_set_new(o, "bytes", json_integer((json_int_t)size));
  if (cli_digest(s, device, data, size, &hash) == VY_OK) {
    cli_hex(&hash, hex);
    json_object_set_new(o, "blake2b", json_string(hex));
  }
  if (b->out)
    json_object_set_new(o, "file", cli_json_str(vy_str_c(b->out)));
  for (uint64_t i = 0; i < n && i < SHOWN; i++) {
    char text[512];
    cli_show_element(s, param, &b->info, data + i * b->info.element_size, text,
                     sizeof text);
    json_array_append_new(values, json_string(text));
  }
  json_object_set_new(o, "first", values);
  return o;
}

static void show_timing(cli_session *s, const cli_run_result *r) {
  const vy_timing *t = &r->timing;
  const struct {
    const char *name;
    uint32_t bit;
    uint64_t ns;
  } rows[] = {{"wall", 0, t->wall_ns},
              {"device", VY_TIMING_DEVICE, t->device_ns},
              {"upload", VY_TIMING_UPLOAD, t->upload_ns},
              {"readback", VY_TIMING_READBACK, t->readback_ns},
              {"enqueue", VY_TIMING_ENQUEUE, t->enqueue_ns},
              {"wait", VY_TIMING_WAIT, t->wait_ns}};
  json_t *o = json_object();
  if (!s->options.json)
    fprintf(stderr, "%s:", r->info.name);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].bit && !(t->present & rows[i].bit))
      continue;
    char name[32];
    snprintf(name, sizeof name, "%s_ns", rows[i].name);
    json_object_set_new(o, name, json_integer((json_int_t)rows[i].ns));
    if (!s->options.json)
      fprintf(stderr, "%s %s %.3f ms", i ? "," : "", rows[i].name,
              (double)rows[i].ns / 1e6);
  }
  if (s->options.json)
    json_object_set(s->result, "timing", o);
  else
    fputc('\n', stderr);
  json_decref(o);
}

static cli_exit give_outputs(cli_session *s, const cli_bindings *b,
                             const cli_run_result *r) {
  json_t *list = json_array();
  cli_exit code = CLI_OK;
  for (uint32_t i = 0; i < b->count && code == CLI_OK; i++) {
    const cli_binding *at = &b->at[i];
    if (!at->info.output)
      continue;
    uint32_t slot = at->info.output_index;
    const void *data = vy_outputs_data(r->outputs, slot);
    uint64_t size = vy_outputs_size(r->outputs, slot);
    if (at->out)
      code = write_output(s, i, at, data, size);
    else if (!s->options.json)
      print_output(s, i, at, data, size);
    if (s->options.json)
      json_array_append_new(list, json_output(s, i, at, data, size, r->device));
  }
  json_object_set_new(s->result, "outputs", list);
  return code;
}

cli_exit cli_run(cli_session *s) {
  s->result = json_object();
  cli_exit code = cli_load(s, false);
  if (code != CLI_OK)
    return code;
  cli_bindings b = {NULL, NULL, 0};
  vy_const_value *constants = NULL;
  cli_run_result r;
  vy_device_desc desc;
  memset(&r, 0, sizeof r);
  code = cli_device_desc(s, NULL, &desc);
  if (code == CLI_OK)
    code = cli_constants(s, &constants);
  if (code == CLI_OK)
    code = cli_bind(s, &b, false, NULL);
  if (code == CLI_OK) {
    vy_compile_options compile = cli_compile_options(s, constants);
    code = cli_exit_of(cli_run_once(s, &desc, &b, &compile, &r));
  }
  if (r.device)
    json_object_set_new(s->result, "device", json_string(r.info.name));
  json_object_set_new(s->result, "program", cli_json_str(s->info.name));
  if (code == CLI_OK) {
    cli_show_diags(s);
    code = give_outputs(s, &b, &r);
    show_timing(s, &r);
  }
  cli_run_release(&r);
  cli_unbind(&b);
  free(constants);
  return code;
}
