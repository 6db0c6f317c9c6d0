// The C header of a program compiled ahead of time.
#include <stdio.h>

#include "aot/aot.h"

static const char *const c_types[] = {
    [VY_TYPE_BOOL] = "bool",    [VY_TYPE_I32] = "int32_t",
    [VY_TYPE_U32] = "uint32_t", [VY_TYPE_I64] = "int64_t",
    [VY_TYPE_U64] = "uint64_t", [VY_TYPE_F32] = "float",
    [VY_TYPE_F64] = "double",   [VY_TYPE_I8] = "int8_t",
    [VY_TYPE_U8] = "uint8_t",   [VY_TYPE_I16] = "int16_t",
    [VY_TYPE_U16] = "uint16_t", [VY_TYPE_F16] = "uint16_t",
    [VY_TYPE_BF16] = "uint16_t"};

static const char shared_part[] =
    "#ifndef VYRE_RUN_1\n"
    "#define VYRE_RUN_1\n"
    "// What a run returns.\n"
    "enum {\n"
    "  VYRE_OK = 0,\n"
    "  VYRE_INVALID_ARGUMENT = 1,  // see fault.parameter\n"
    "  VYRE_OUT_OF_MEMORY = 3,\n"
    "  VYRE_UNSUPPORTED = 5,       // no code for this processor\n"
    "  VYRE_OUTPUT_TOO_SMALL = 8,  // see fault.index\n"
    "  VYRE_BUDGET = 11,           // a lane or group ran out of steps\n"
    "  VYRE_BOUNDS = 12,           // an access was outside its buffer\n"
    "};\n"
    "\n"
    "// What went wrong, if the run did not return VYRE_OK.\n"
    "typedef struct vyre_fault {\n"
    "  int32_t status;\n"
    "  uint32_t parameter;     // its number, from 0; UINT32_MAX: none\n"
    "  const char *file;       // of the program's text; NULL: not known\n"
    "  const char *memory;     // name of the buffer or array; NULL\n"
    "  uint32_t line, column;  // 0: not known\n"
    "  uint64_t lane;\n"
    "  // VYRE_BOUNDS: of the access that was outside. Of a wrong argument: "
    "the\n"
    "  // elements given and those taken; the same number twice if its pointer "
    "is\n"
    "  // wrong (NULL or not aligned); the number of the parameter that it\n"
    "  // overlaps, and 0.\n"
    "  uint64_t index, length;\n"
    "} vyre_fault;\n"
    "\n"
    "// How to run. Zero means the default everywhere: `vyre_run how = {0};`.\n"
    "typedef struct vyre_run {\n"
    "  uint64_t domain[3]; // lanes or groups; [0] 0: the program's own\n"
    "  uint64_t budget;    // steps of a lane or group, where made for it\n"
    "  // Threads of yours: call body(data, i) once for each i < count, on "
    "any\n"
    "  // threads, and return when all calls have returned.\n"
    "  void (*parallel_for)(void *user, uint64_t count,\n"
    "                       void (*body)(void *data, uint64_t index),\n"
    "                       void *data);\n"
    "  void *parallel_user;\n"
    "  uint32_t threads;   // that parallel_for runs on\n"
    "  uint32_t reserved;\n"
    "  vyre_fault fault;   // written by each run\n"
    "} vyre_run;\n"
    "#endif\n"
    "\n";

bool vy__aot_is_counted(const vy__param *p) {
  return p->access == VY_ACCESS_WRITE && p->length != VY__NONE;
}

// ---- elements

static const vy__field *fields_of(const vy__ir *ir, const vy__param *p) {
  return ir->fields + p->first_field;
}

// A scalar, or a vector: scalars of one type without gaps and without names
// but x, y, z, w.
static bool is_plain(const vy__ir *ir, const vy__param *p) {
  static const char *const parts[] = {"x", "y", "z", "w"};
  const vy__field *f = fields_of(ir, p);
  uint32_t bytes = vy__type_bytes((vy_type)f[0].type);
  for (uint32_t i = 0; i < p->field_count; i++) {
    const char *name = "";
    if (ir->field_names)
      name = vy__ir_string(ir, ir->field_names[p->first_field + i]);
    if (f[i].type != f[0].type || f[i].offset != i * bytes ||
        (*name && (i >= VY__COUNT(parts) || strcmp(name, parts[i]) != 0)))
      return false;
  }
  return p->element_size == p->field_count * bytes;
}

// "position.x" as a member: position_x.
static void field_name(const vy__ir *ir, const vy__param *p, uint32_t i,
                       char *out, size_t size) {
  const char *from = "";
  size_t n = 0;
  if (ir->field_names)
    from = vy__ir_string(ir, ir->field_names[p->first_field + i]);
  for (; *from && n + 24 < size; from++) {
    bool fits = (*from >= 'a' && *from <= 'z') ||
                (*from >= 'A' && *from <= 'Z') ||
                (n && *from >= '0' && *from <= '9');
    if (fits || (n && out[n - 1] != '_'))
      out[n++] = fits ? *from : '_';
  }
  while (n && out[n - 1] == '_')
    n--;
  out[n] = 0;
  if (n && vy__aot_is_reserved(out))
    memcpy(out + n, "_", 2);
}

static void put_field_name(const vy__ir *ir, const vy__param *p, uint32_t i,
                           vy__buf *out) {
  char name[300], other[300];
  field_name(ir, p, i, name, sizeof name);
  bool good = name[0] && name[0] != '_' && strncmp(name, "pad", 3) != 0;
  for (uint32_t k = 0; k < p->field_count && good; k++) {
    field_name(ir, p, k, other, sizeof other);
    good = k == i || strcmp(name, other) != 0;
  }
  if (good)
    vy__buf_str(out, name);
  else
    vy__buf_printf(out, "field%u_", i);
}

static void put_gap(uint32_t bytes, uint32_t *number, vy__buf *out) {
  if (bytes)
    vy__buf_printf(out, "  uint8_t pad%u[%u];\n", (*number)++, bytes);
}

// Have the elements of both the same members?
static bool same_struct(const vy__ir *ir, const vy__param *a,
                        const vy__param *b) {
  char one[300], other[300];
  if (a->field_count != b->field_count || a->element_size != b->element_size)
    return false;
  for (uint32_t i = 0; i < a->field_count; i++) {
    const vy__field *f = &fields_of(ir, a)[i], *g = &fields_of(ir, b)[i];
    field_name(ir, a, i, one, sizeof one);
    field_name(ir, b, i, other, sizeof other);
    if (f->type != g->type || f->offset != g->offset || strcmp(one, other) != 0)
      return false;
  }
  return true;
}

// A struct that an earlier parameter has is the same type, so that a host can
// use one array now as the one, now as the other.
static bool put_alias(const vy__aot_job *job, const vy__aot_names *n,
                      uint32_t i, vy__buf *out) {
  const vy__ir *ir = &job->program->ir;
  for (uint32_t k = 0; k < i; k++)
    if (ir->params[k].access && !is_plain(ir, &ir->params[k]) &&
        same_struct(ir, &ir->params[k], &ir->params[i])) {
      vy__buf_printf(
          out, "// An element of %s.\ntypedef struct %s_%s %s_%s;\n\n",
          n->value[i], job->name, n->value[k], job->name, n->value[i]);
      return true;
    }
  return false;
}

static void put_struct(const vy__aot_job *job, const vy__aot_names *n,
                       uint32_t i, vy__buf *out) {
  const vy__ir *ir = &job->program->ir;
  const vy__param *p = &ir->params[i];
  const vy__field *f = fields_of(ir, p);
  uint32_t at = 0, gaps = 0;
  vy__buf_printf(out, "// An element of %s.\ntypedef struct %s_%s {\n",
                 n->value[i], job->name, n->value[i]);
  for (uint32_t k = 0; k < p->field_count; k++) {
    put_gap(f[k].offset - at, &gaps, out);
    vy__buf_printf(out, "  %s ", c_types[f[k].type]);
    put_field_name(ir, p, k, out);
    vy__buf_printf(out, ";%s\n",
                   f[k].type == VY_TYPE_F16    ? " // f16"
                   : f[k].type == VY_TYPE_BF16 ? " // bf16"
                                               : "");
    at = f[k].offset + vy__type_bytes((vy_type)f[k].type);
  }
  put_gap(p->element_size - at, &gaps, out);
  vy__buf_printf(out, "} %s_%s;\n\n", job->name, n->value[i]);
}

// ---- the arguments

static void put_buffer(const vy__aot_job *job, const vy__aot_names *n,
                       uint32_t i, vy__buf *out) {
  static const char *const says[] = {"", "read", "write: zero before the run",
                                     "update: read and written"};
  const vy__ir *ir = &job->program->ir;
  const vy__param *p = &ir->params[i];
  const char *limit = p->access == VY_ACCESS_READ ? "const " : "";
  uint32_t type = fields_of(ir, p)[0].type;
  if (is_plain(ir, p))
    vy__buf_printf(out, "  %s%s *%s; // %s", limit, c_types[type], n->value[i],
                   says[p->access]);
  else
    vy__buf_printf(out, "  %s%s_%s *%s; // %s", limit, job->name, n->value[i],
                   n->value[i], says[p->access]);
  if (is_plain(ir, p) && (type == VY_TYPE_F16 || type == VY_TYPE_BF16))
    vy__buf_printf(out, "; %s", vy__type_name((vy_type)type));
  if (is_plain(ir, p) && p->field_count > 1)
    vy__buf_printf(out, "; elements of %u", p->field_count);
  vy__buf_printf(out, "\n  size_t %s; // elements", n->count[i]);
  char text[160];
  if (p->length != VY__NONE) {
    vy__size_text(ir, p->length, text, sizeof text);
    vy__buf_printf(out,
                   vy__aot_is_counted(p) ? " there is room for; takes %s"
                                         : ", exactly %s",
                   text);
  }
  vy__buf_str(out, "\n");
}

static void put_args(const vy__aot_job *job, const vy__aot_names *n,
                     vy__buf *out) {
  const vy__ir *ir = &job->program->ir;
  vy__buf_printf(out, "typedef struct %s_args {\n", job->name);
  for (uint32_t i = 0; i < ir->param_count; i++) {
    if (ir->params[i].access)
      put_buffer(job, n, i, out);
    else
      vy__buf_printf(out, "  %s %s;\n", c_types[ir->params[i].type],
                     n->value[i]);
  }
  if (!ir->param_count)
    vy__buf_str(out, "  char unused;\n");
  vy__buf_printf(out, "} %s_args;\n\n", job->name);
}

// ---- the whole

static void put_domain(const vy__ir *ir, vy__buf *out) {
  char text[160];
  vy__buf_str(out, ir->uses_groups ? "groups " : "lanes ");
  for (uint32_t d = 0; d < ir->dimensions; d++) {
    vy__size_text(ir, ir->domain[d], text, sizeof text);
    vy__buf_printf(out, "%s%s", d ? ", " : "", text);
  }
}

static void put_head(const vy__aot_job *job, bool needs_rt, vy__buf *out) {
  vy__buf_printf(
      out,
      "// Program `%s` of %s, compiled ahead of time by vyre %d.%d.%d. Made "
      "by\n"
      "// `vyre compile --aot`; not to be edited. Link with the object beside\n"
      "// it%s.\n"
      "#ifndef %s_VYRE_H\n"
      "#define %s_VYRE_H\n\n"
      "#include <stdbool.h>\n"
      "#include <stddef.h>\n"
      "#include <stdint.h>\n\n"
      "#ifdef __cplusplus\n"
      "extern \"C\" {\n"
      "#endif\n\n",
      job->name, job->file, VY_VERSION_MAJOR, VY_VERSION_MINOR,
      VY_VERSION_PATCH, needs_rt ? " and with libvyre-rt" : " and no library",
      job->name, job->name);
  vy__buf_str(out, shared_part);
}

static void put_functions(const vy__aot_job *job, const vy__aot_names *n,
                          vy__buf *out) {
  const vy__ir *ir = &job->program->ir;
  for (uint32_t i = 0; i < ir->param_count; i++)
    if (vy__aot_is_counted(&ir->params[i]))
      vy__buf_printf(out,
                     "// Elements that %s takes with the other arguments as "
                     "they are;\n// UINT64_MAX when there is no such number.\n"
                     "uint64_t %s_%s(const %s_args *args);\n\n",
                     n->value[i], job->name, n->count[i], job->name);
  vy__buf_str(out, "// Run once, with ");
  put_domain(ir, out);
  vy__buf_printf(
      out,
      ".\n"
      "// `how` may be NULL. Memory that is written must not overlap "
      "any other.\n"
      "// Memory on which the program does atomic operations is aligned to 8.\n"
      "// May be called from many threads at once.\n"
      "int %s_run(const %s_args *args, vyre_run *how);\n\n",
      job->name, job->name);
}

bool vy__aot_header(const vy__aot_job *job, bool needs_rt, vy__buf *out) {
  const vy__ir *ir = &job->program->ir;
  vy__aot_names *n = vy__alloc(job->alloc, sizeof *n);
  if (!n)
    return false;
  vy__aot_name(ir, n);
  put_head(job, needs_rt, out);
  for (uint32_t i = 0; i < ir->param_count; i++)
    if (ir->params[i].access && !is_plain(ir, &ir->params[i]) &&
        !put_alias(job, n, i, out))
      put_struct(job, n, i, out);
  put_args(job, n, out);
  put_functions(job, n, out);
  vy__buf_str(out, "#ifdef __cplusplus\n}\n#endif\n#endif\n");
  vy__free(job->alloc, n, sizeof *n);
  return !out->failed;
}
