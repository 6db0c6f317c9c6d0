// vyre verify: run on every device, and on the reference in three lane
// orders; put the digests of the outputs side by side; name the first
// difference. The first row, the reference in forward order, is the law.
#include "cli.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 32 };

typedef struct row {
  char device[32];
  const char *order; // "" on devices that have one order only
  uint32_t lane_order;
  vy_status status;
  cli_run_result result;
  vy_hash *hashes; // one per output
} row;

typedef struct table {
  row rows[MAX_ROWS];
  uint32_t count;
} table;

static void add_row(table *t, const char *device, const char *order,
                    uint32_t lane_order) {
  if (t->count == MAX_ROWS)
    return;
  row *r = &t->rows[t->count++];
  memset(r, 0, sizeof *r);
  snprintf(r->device, sizeof r->device, "%s", device);
  r->order = order;
  r->lane_order = lane_order;
}

// Every device that can be opened and is not hidden, or the one asked for.
static void list_rows(table *t, const char *only) {
  add_row(t, "reference", "forward", VY_ORDER_FORWARD);
  add_row(t, "reference", "reversed", VY_ORDER_REVERSED);
  add_row(t, "reference", "shuffled", VY_ORDER_SHUFFLED);
  if (only && strcmp(only, "reference"))
    add_row(t, only, "", VY_ORDER_FORWARD);
  vy_device_info info = VY_DEVICE_INFO_INIT;
  for (uint32_t i = 0; !only && vy_device_enumerate(i, &info) == VY_OK; i++) {
    if (info.available && !info.hidden && strcmp(info.name, "reference"))
      add_row(t, info.name, "", VY_ORDER_FORWARD);
    info = (vy_device_info)VY_DEVICE_INFO_INIT;
  }
}

static vy_status run_row(cli_session *s, row *r, const cli_bindings *b,
                         const vy_device_desc *options,
                         const vy_compile_options *compile) {
  vy_device_desc desc = *options;
  desc.name = vy_str_c(r->device);
  desc.lane_order = r->lane_order;
  desc.order_seed = 1;
  vy_status status = cli_run_once(s, &desc, b, compile, &r->result);
  r->hashes = cli_alloc(s->info.output_count * sizeof *r->hashes);
  for (uint32_t i = 0; status == VY_OK && i < s->info.output_count; i++)
    status =
        cli_digest(s, r->result.device, vy_outputs_data(r->result.outputs, i),
                   vy_outputs_size(r->result.outputs, i), &r->hashes[i]);
  return status;
}

// The first element where two runs differ, as text (malloc); NULL: none.
static char *difference(cli_session *s, const cli_bindings *b, const row *a,
                        const row *z) {
  for (uint32_t i = 0; i < b->count; i++) {
    const vy_param_info *p = &b->at[i].info;
    if (!p->output)
      continue;
    const unsigned char *x =
        vy_outputs_data(a->result.outputs, p->output_index);
    const unsigned char *y =
        vy_outputs_data(z->result.outputs, p->output_index);
    uint64_t n = vy_outputs_size(a->result.outputs, p->output_index);
    uint64_t m = vy_outputs_size(z->result.outputs, p->output_index);
    if (n != m)
      return cli_format("%.*s: %llu bytes on %s %s, %llu on %s %s",
                        (int)p->name.size, p->name.data, (unsigned long long)n,
                        a->device, a->order, (unsigned long long)m, z->device,
                        z->order);
    for (uint64_t k = 0; k < n; k += p->element_size)
      if (memcmp(x + k, y + k, p->element_size)) {
        char left[512], right[512];
        cli_show_element(s, i, p, x + k, left, sizeof left);
        cli_show_element(s, i, p, y + k, right, sizeof right);
        return cli_format("%.*s[%llu] is %s on %s %s and %s on %s %s",
                          (int)p->name.size, p->name.data,
                          (unsigned long long)(k / p->element_size), left,
                          a->device, a->order, right, z->device, z->order);
      }
  }
  return NULL;
}

static void show_row(cli_session *s, const cli_bindings *b, const row *r) {
  json_t *o = json_object(), *outputs = json_array();
  json_object_set_new(o, "device", json_string(r->device));
  json_object_set_new(o, "order", json_string(r->order));
  json_object_set_new(o, "status", json_string(vy_status_name(r->status)));
  if (!s->options.json)
    printf("%-12s %-9s", r->device, r->order);
  if (r->status != VY_OK && !s->options.json)
    printf(" %s", vy_status_name(r->status));
  for (uint32_t i = 0; r->status == VY_OK && i < b->count; i++) {
    const vy_param_info *p = &b->at[i].info;
    if (!p->output)
      continue;
    char hex[65];
    cli_hex(&r->hashes[p->output_index], hex);
    json_t *output = json_object();
    json_object_set_new(output, "name", cli_json_str(p->name));
    json_object_set_new(output, "blake2b", json_string(hex));
    json_array_append_new(outputs, output);
    if (!s->options.json)
      printf("  %.*s %.16s", (int)p->name.size, p->name.data, hex);
  }
  if (!s->options.json)
    putchar('\n');
  json_object_set_new(o, "outputs", outputs);
  json_array_append_new(json_object_get(s->result, "runs"), o);
}

static cli_exit verify_rows(cli_session *s, table *t, const cli_bindings *b,
                            const vy_device_desc *options,
                            const vy_compile_options *compile) {
  cli_exit code = CLI_OK;
  char *first = NULL;
  json_object_set_new(s->result, "program", cli_json_str(s->info.name));
  json_object_set_new(s->result, "runs", json_array());
  for (uint32_t i = 0; i < t->count; i++) {
    row *r = &t->rows[i];
    r->status = run_row(s, r, b, options, compile);
    cli_show_diags(s);
    show_row(s, b, r);
    if (r->status != VY_OK && code == CLI_OK)
      code = cli_exit_of(r->status);
    if (i && r->status == VY_OK && t->rows[0].status == VY_OK && !first)
      first = difference(s, b, &t->rows[0], r);
    if (i) // only the first row's outputs are needed again
      cli_run_release(&r->result);
  }
  json_object_set_new(s->result, "agree",
                      json_boolean(!first && code == CLI_OK));
  json_object_set_new(s->result, "difference",
                      first ? json_string(first) : json_null());
  if (!s->options.json)
    printf("%s%s\n", first ? "first difference: " : "",
           first            ? first
           : code == CLI_OK ? "all runs agree, bit for bit"
                            : "not every run finished");
  if (first)
    code = CLI_FAILED;
  free(first);
  return code;
}

cli_exit cli_verify(cli_session *s) {
  s->result = json_object();
  if (s->options.all && s->options.device)
    return cli_usage(s, "--all and --device exclude each other");
  cli_exit code = cli_load(s, false);
  if (code != CLI_OK)
    return code;
  cli_bindings b = {NULL, NULL, 0};
  vy_const_value *constants = NULL;
  vy_device_desc desc;
  code = cli_device_desc(s, NULL, &desc);
  if (code == CLI_OK)
    code = cli_constants(s, &constants);
  if (code == CLI_OK)
    code = cli_bind(s, &b, false, NULL);
  if (code == CLI_OK) {
    table *t = cli_alloc(sizeof *t);
    vy_compile_options compile = cli_compile_options(s, constants);
    list_rows(t, s->options.device);
    code = verify_rows(s, t, &b, &desc, &compile);
    for (uint32_t i = 0; i < t->count; i++) {
      cli_run_release(&t->rows[i].result);
      free(t->rows[i].hashes);
    }
    free(t);
  }
  cli_unbind(&b);
  free(constants);
  return code;
}
