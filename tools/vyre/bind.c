// From --in, --out, --len and --const to arguments, in declaration order.
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const cli_pair *find(const cli_pairs *pairs, vy_str name) {
  for (uint32_t i = 0; i < pairs->count; i++)
    if (pairs->at[i].name.size == name.size &&
        !memcmp(pairs->at[i].name.data, name.data, name.size))
      return &pairs->at[i];
  return NULL;
}

static cli_exit bind_scalar(cli_session *s, const vy_param_info *info,
                            const char *value, vy_arg *arg) {
  uint64_t bits = 0;
  if (!cli_parse_value(value, (vy_type)info->type, &bits))
    return cli_usage(s, "--in %.*s: '%s' is no %s", (int)info->name.size,
                     info->name.data, value, vy_type_name((vy_type)info->type));
  *arg = vy_arg_bits(VY_ARG_SCALAR, info->type, bits, 0, 0);
  return CLI_OK;
}

static cli_exit bind_file(cli_session *s, uint32_t param,
                          const vy_param_info *info, const char *path,
                          cli_binding *b, vy_arg *arg) {
  size_t size = 0;
  b->file = cli_read_file(path, SIZE_MAX - 1, &size);
  if (!b->file)
    return cli_error(s, "--in %.*s: file %s: %s", (int)info->name.size,
                     info->name.data, path, strerror(errno));
  if (!cli_has_suffix(path, ".npy")) {
    *arg = vy_arg_host(b->file, size);
    return CLI_OK;
  }
  cli_element e = cli_element_of(s, param, info);
  char *error = NULL;
  size_t data_size = 0;
  const unsigned char *data =
      cli_npy_data(b->file, size, &e, &data_size, &error);
  if (!data) {
    cli_exit code = cli_error(s, "--in %.*s: %s: %s", (int)info->name.size,
                              info->name.data, path, error);
    free(error);
    return code;
  }
  *arg = vy_arg_host(data, data_size);
  return CLI_OK;
}

static cli_exit bind_write(cli_session *s, const vy_param_info *info,
                           const char *length, vy_arg *arg, bool *have) {
  *have = info->sized || length;
  *arg = vy_arg_none();
  if (!length)
    return CLI_OK;
  uint64_t n = 0;
  if (info->sized)
    return cli_usage(s, "--len %.*s: the program gives this length itself",
                     (int)info->name.size, info->name.data);
  if (!cli_parse_value(length, VY_TYPE_U64, &n))
    return cli_usage(s, "--len %.*s wants a number, got '%s'",
                     (int)info->name.size, info->name.data, length);
  *arg = vy_arg_length(n);
  return CLI_OK;
}

static cli_exit bind_one(cli_session *s, uint32_t i, cli_binding *b,
                         vy_arg *arg, bool *have) {
  const vy_param_info *info = &b->info;
  const cli_pair *in = find(&s->options.ins, info->name);
  const cli_pair *len = find(&s->options.lens, info->name);
  const cli_pair *out = find(&s->options.outs, info->name);
  int n = (int)info->name.size;
  b->out = out ? out->value : NULL;
  if (out && !info->output)
    return cli_usage(s, "--out %.*s: it is not an output", n, info->name.data);
  if (len && info->access != VY_ACCESS_WRITE)
    return cli_usage(s,
                     "--len %.*s: only `write` parameters have a length "
                     "given that way",
                     n, info->name.data);
  if (info->access == VY_ACCESS_WRITE) {
    if (in)
      return cli_usage(s,
                       "--in %.*s: it is a `write` parameter and takes no "
                       "input",
                       n, info->name.data);
    return bind_write(s, info, len ? len->value : NULL, arg, have);
  }
  *have = in != NULL;
  if (!in)
    return CLI_OK;
  if (info->access == VY_ACCESS_NONE)
    return bind_scalar(s, info, in->value, arg);
  return bind_file(s, i, info, in->value, b, arg);
}

// "a, x, y"; malloc.
static char *all_names(const cli_bindings *b) {
  char *text = cli_format("%s", "");
  for (uint32_t i = 0; i < b->count; i++) {
    vy_str name = b->at[i].info.name;
    char *longer =
        cli_format("%s%s%.*s", text, i ? ", " : "", (int)name.size, name.data);
    free(text);
    text = longer;
  }
  return text;
}

// Every name given must be a parameter.
static cli_exit no_strangers(cli_session *s, const cli_pairs *pairs,
                             const char *option, const cli_bindings *b) {
  for (uint32_t i = 0; i < pairs->count; i++) {
    vy_str name = pairs->at[i].name;
    bool known = false;
    for (uint32_t k = 0; k < b->count; k++)
      known |= b->at[k].info.name.size == name.size &&
               !memcmp(b->at[k].info.name.data, name.data, name.size);
    if (known)
      continue;
    char *all = all_names(b);
    cli_exit code =
        cli_usage(s, "--%s %.*s: program %.*s has no such parameter, but %s",
                  option, (int)name.size, name.data, (int)s->info.name.size,
                  s->info.name.data, *all ? all : "none at all");
    free(all);
    return code;
  }
  return CLI_OK;
}

static cli_exit missing_input(cli_session *s, const vy_param_info *info) {
  if (info->access == VY_ACCESS_WRITE)
    return cli_usage(s,
                     "no length for `write` parameter %.*s: give --len "
                     "%.*s=N",
                     (int)info->name.size, info->name.data,
                     (int)info->name.size, info->name.data);
  return cli_usage(s, "no input for parameter %.*s: give --in %.*s=%s",
                   (int)info->name.size, info->name.data, (int)info->name.size,
                   info->name.data,
                   info->access == VY_ACCESS_NONE ? "VALUE" : "FILE");
}

cli_exit cli_bind(cli_session *s, cli_bindings *out, bool partial,
                  vy_str *missing) {
  out->count = s->info.param_count;
  out->at = cli_alloc(out->count * sizeof *out->at);
  out->args = cli_alloc(out->count * sizeof *out->args);
  for (uint32_t i = 0; i < out->count; i++) {
    out->at[i].info = (vy_param_info)VY_PARAM_INFO_INIT;
    vy_status status = vy_program_param(s->program, i, &out->at[i].info);
    if (status != VY_OK)
      return cli_exit_of(status);
  }
  cli_exit code = no_strangers(s, &s->options.ins, "in", out);
  if (code == CLI_OK)
    code = no_strangers(s, &s->options.outs, "out", out);
  if (code == CLI_OK)
    code = no_strangers(s, &s->options.lens, "len", out);
  if (missing)
    *missing = (vy_str){NULL, 0};
  for (uint32_t i = 0; code == CLI_OK && i < out->count; i++) {
    bool have = true;
    code = bind_one(s, i, &out->at[i], &out->args[i], &have);
    if (code != CLI_OK || have)
      continue;
    if (!partial)
      code = missing_input(s, &out->at[i].info);
    else if (!missing->data)
      *missing = out->at[i].info.name;
  }
  return code;
}

void cli_unbind(cli_bindings *b) {
  for (uint32_t i = 0; b->at && i < b->count; i++)
    free(b->at[i].file);
  free(b->at);
  free(b->args);
}

cli_exit cli_constants(cli_session *s, vy_const_value **out) {
  const cli_pairs *given = &s->options.consts;
  vy_program_info info = VY_PROGRAM_INFO_INIT;
  vy_status status = vy_program_describe(s->program, &info);
  *out = cli_alloc(given->count * sizeof **out);
  for (uint32_t i = 0; status == VY_OK && i < given->count; i++) {
    const cli_pair *pair = &given->at[i];
    vy_const_value *v = &(*out)[i];
    v->name = pair->name;
    for (uint32_t k = 0; k < info.const_count; k++) {
      vy_const_info c = VY_CONST_INFO_INIT;
      if (vy_program_const(s->program, k, &c) == VY_OK &&
          c.name.size == pair->name.size &&
          !memcmp(c.name.data, pair->name.data, c.name.size))
        v->type = c.type;
    }
    if (!v->type)
      return cli_usage(s,
                       "--const %.*s: program %.*s uses no constant of "
                       "that name",
                       (int)pair->name.size, pair->name.data,
                       (int)info.name.size, info.name.data);
    if (!cli_parse_value(pair->value, (vy_type)v->type, &v->bits))
      return cli_usage(s, "--const %.*s: '%s' is no %s", (int)pair->name.size,
                       pair->name.data, pair->value,
                       vy_type_name((vy_type)v->type));
  }
  return cli_exit_of(status);
}
