// vy_program_field: the layout of buffer elements, for callers that move
// elements between Vyre and their own formats.
#include "validate/validate.h"

vy_status vy_program_field(const vy_program *program, uint32_t param,
                           uint32_t field, vy_field_info *out) {
  if (!program || !out || param >= program->ir.param_count)
    return VY_ERROR_INVALID_ARGUMENT;
  const vy__param *p = &program->ir.params[param];
  if (p->access == VY_ACCESS_NONE || field >= p->field_count)
    return VY_ERROR_INVALID_ARGUMENT;
  uint32_t at = p->first_field + field;
  vy_field_info info = VY_FIELD_INFO_INIT;
  info.type = program->ir.fields[at].type;
  info.offset = program->ir.fields[at].offset;
  if (program->ir.has_debug && program->ir.field_names)
    info.name =
        vy_str_c(vy__ir_string(&program->ir, program->ir.field_names[at]));
  return vy__give_struct(out, &info, sizeof info);
}
