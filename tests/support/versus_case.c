// See versus_case.h.
#include "support/versus_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 1 << 13 };

static uint64_t bytes_of(const versus_call *c) {
  uint64_t n = 0;
  for (size_t i = 0; i < c->arg_count; i++)
    n += c->args[i].kind == VY_ARG_HOST ? c->args[i].size : 0;
  return n;
}

// "{f32 u8 _3}", or nothing for an element of one scalar.
static void put_type(FILE *f, const vy_program *p, uint32_t param,
                     const vy_param_info *info) {
  uint32_t at = 0;
  if (info->type)
    return;
  fputs(" {", f);
  for (uint32_t k = 0; k <= info->field_count; k++) {
    vy_field_info field = VY_FIELD_INFO_INIT;
    field.offset = info->element_size;
    if (k < info->field_count && vy_program_field(p, param, k, &field) != VY_OK)
      return;
    if (field.offset > at)
      fprintf(f, "%s_%u", at ? " " : "", field.offset - at);
    if (k < info->field_count)
      fprintf(f, "%s%s", field.offset ? " " : "",
              vy_type_name((vy_type)field.type));
    at = field.offset + vy_type_size((vy_type)field.type);
  }
  fputs("}", f);
}

static void put_scalar(FILE *f, const unsigned char *at, uint32_t size) {
  uint64_t bits = 0;
  memcpy(&bits, at, size);
  fprintf(f, " 0x%llx", (unsigned long long)bits);
}

static void put_values(FILE *f, const vy_program *p, uint32_t param,
                       const vy_param_info *info, const unsigned char *data,
                       uint64_t size) {
  put_type(f, p, param, info);
  for (uint64_t at = 0; at < size; at += info->element_size)
    for (uint32_t k = 0; k < info->field_count; k++) {
      vy_field_info field = VY_FIELD_INFO_INIT;
      if (vy_program_field(p, param, k, &field) != VY_OK)
        return;
      put_scalar(f, data + at + field.offset,
                 vy_type_size((vy_type)field.type));
    }
}

static void put_arg(FILE *f, const versus_call *c, uint32_t i,
                    const vy_outputs *expected) {
  vy_param_info p = VY_PARAM_INFO_INIT;
  const vy_arg *a = &c->args[i];
  if (vy_program_param(c->program, i, &p) != VY_OK)
    return;
  const int n = (int)p.name.size;
  if (a->kind == VY_ARG_LENGTH)
    fprintf(f, "//! len %.*s: %llu\n", n, p.name.data,
            (unsigned long long)a->size);
  if (a->kind == VY_ARG_SCALAR && p.type == VY_TYPE_BOOL)
    fprintf(f, "//! in %.*s: %s\n", n, p.name.data,
            a->u.bits ? "true" : "false");
  if (a->kind == VY_ARG_HOST ||
      (a->kind == VY_ARG_SCALAR && p.type != VY_TYPE_BOOL)) {
    fprintf(f, "//! in %.*s:", n, p.name.data);
    if (a->kind == VY_ARG_HOST)
      put_values(f, c->program, i, &p, a->u.data, a->size);
    else
      fprintf(f, " 0x%llx", (unsigned long long)a->u.bits);
    fputs("\n", f);
  }
  const uint64_t size =
      expected ? vy_outputs_size(expected, p.output_index) : 0;
  if (p.output && size && size <= 4 * MAX_BYTES) {
    fprintf(f, "//! out %.*s:", n, p.name.data);
    put_values(f, c->program, i, &p, vy_outputs_data(expected, p.output_index),
               size);
    fputs("\n", f);
  }
}

static void put_options(FILE *f, const versus_call *c) {
  const vy_dispatch_options *o = c->options;
  if (c->flags & VY_COMPILE_STRICT)
    fputs("//! strict\n", f);
  if (!o)
    return;
  if (o->set_lanes || o->lanes[0])
    fprintf(f, "//! lanes: %llu,%llu,%llu\n", (unsigned long long)o->lanes[0],
            (unsigned long long)o->lanes[1], (unsigned long long)o->lanes[2]);
  if (o->set_groups || o->groups[0])
    fprintf(f, "//! groups: %llu,%llu,%llu\n", (unsigned long long)o->groups[0],
            (unsigned long long)o->groups[1], (unsigned long long)o->groups[2]);
  if (o->budget)
    fprintf(f, "//! budget: %llu\n", (unsigned long long)o->budget);
  if (o->iterations)
    fprintf(f, "//! iterations: %u\n", o->iterations);
}

static void put_program(FILE *f, const vy_program *p) {
  size_t size = 0;
  vy_status s = vy_program_print(p, NULL, 0, &size);
  char *text = malloc(size + 1);
  if (s == VY_OK && text && vy_program_print(p, text, size, &size) == VY_OK)
    fwrite(text, 1, size, f);
  free(text);
}

void versus_case_write(const versus_call *c, const char *comment,
                       vy_status status, const vy_diag *record,
                       const vy_outputs *expected, uint32_t number) {
  const char *folder = getenv("VYRE_FAILS");
  char path[4096], name[64];
  if (!folder || !folder[0] || bytes_of(c) > MAX_BYTES || number > 5)
    return;
  snprintf(name, sizeof name, "%s", c->name);
  for (char *at = name; *at; at++)
    if (strchr(" /,()<>*?", *at))
      *at = '_';
  snprintf(path, sizeof path, "%s/%s_%u.vy", folder, name, number);
  FILE *f = fopen(path, "w");
  if (!f)
    return;
  for (uint32_t i = 0; i < c->arg_count; i++)
    put_arg(f, c, i, status == VY_OK ? expected : NULL);
  put_options(f, c);
  if (status != VY_OK)
    fprintf(f, "//! error: VY%04u\n// reference: line %u, column %u: %.*s\n",
            record->code, record->line, record->column,
            (int)record->message.size, record->message.data);
  fprintf(f, "// %s\n", comment);
  put_program(f, c->program);
  fclose(f);
}
