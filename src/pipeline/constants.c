// Specialization constants of a compile: every one gets its value, given or
// default, so that backends never see one.
#include "pipeline/pipeline.h"

vy_status vy__compile_options(vy_compile_options *out,
                              const vy_compile_options *in, vy_diags *diags) {
  *out = (vy_compile_options)VY_COMPILE_OPTIONS_INIT;
  if (!in)
    return VY_OK;
  VY_TRY(vy__take_struct(out, sizeof *out, in, "vy_compile_options", diags));
  if (out->flags & ~(uint32_t)(VY_COMPILE_BUDGETED | VY_COMPILE_STRICT) ||
      out->reserved)
    return vy__fail_argument(diags,
                             "vy_compile_options: flags are 0x%x and reserved "
                             "%u; they must be of VY_COMPILE_* and 0",
                             out->flags, out->reserved);
  if (out->constant_count && !out->constants)
    return vy__fail_argument(diags,
                             "vy_compile_options: constants is NULL, its count "
                             "%zu",
                             out->constant_count);
  return VY_OK;
}

static uint32_t find_constant(const vy__ir *ir, vy_str name) {
  for (uint32_t k = 0; k < ir->const_count; k++)
    if (vy__str_eq(vy_str_c(vy__ir_string(ir, ir->consts[k].name)), name))
      return k;
  return VY__NONE;
}

static vy_status take_value(const vy__ir *ir, const vy_const_value *v,
                            uint8_t *given, uint64_t *bits, vy_diags *diags) {
  int size = v->name.size < 64 ? (int)v->name.size : 64;
  const char *name = v->name.data ? v->name.data : "";
  if (!v->name.data)
    size = 0;
  uint32_t k = size ? find_constant(ir, v->name) : VY__NONE;
  if (k == VY__NONE)
    return vy__fail(diags, NULL, VY__E_UNKNOWN_CONSTANT,
                    "program '%s' has no constant '%.*s' that it uses",
                    vy__ir_string(ir, ir->name), size, name);
  if (v->type != ir->consts[k].type)
    return vy__fail(diags, NULL, VY__E_CONSTANT_VALUE,
                    "constant '%.*s' is %s, the value given is %s", size, name,
                    vy__type_name(ir->consts[k].type), vy__type_name(v->type));
  uint32_t width = vy__type_bits(v->type);
  if (width < 64 && v->bits >> width)
    return vy__fail(diags, NULL, VY__E_CONSTANT_VALUE,
                    "constant '%.*s': bits 0x%llx do not fit %s", size, name,
                    (unsigned long long)v->bits, vy__type_name(v->type));
  if (given[k])
    return vy__fail(diags, NULL, VY__E_CONSTANT_VALUE,
                    "constant '%.*s' is given twice", size, name);
  given[k] = 1;
  bits[k] = v->bits;
  return VY_OK;
}

vy_status vy__take_constants(const vy__ir *ir, const vy_const_value *values,
                             size_t count, uint8_t *given, uint64_t *bits,
                             vy_diags *diags) {
  memset(given, 0, ir->const_count);
  for (size_t i = 0; i < count; i++)
    VY_TRY(take_value(ir, &values[i], given, bits, diags));
  return VY_OK;
}

vy_status vy__resolve_constants(const vy_program *program,
                                const vy_compile_options *options,
                                uint64_t *bits, vy_diags *diags) {
  const vy__ir *ir = &program->ir;
  uint8_t given[VY__MAX_CONSTS];
  for (uint32_t k = 0; k < ir->const_count; k++)
    bits[k] = ir->consts[k].bits;
  return vy__take_constants(ir, options->constants, options->constant_count,
                            given, bits, diags);
}

vy_status vy__fix_constants(vy_program *program, const uint64_t *bits,
                            vy_program **out, vy_diags *diags) {
  uint8_t all[VY__MAX_CONSTS];
  if (program->ir.const_count == 0) {
    *out = vy_program_retain(program);
    return VY_OK;
  }
  memset(all, 1, sizeof all);
  return vy__specialize(program, bits, all, out, diags);
}
