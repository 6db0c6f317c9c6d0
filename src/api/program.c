// Programs: the public functions that join text or wire with the validator,
// and the getters. Every struct of the caller's is taken and given by its
// struct_size; out-parameters are written only on success.
#include "pipeline/pipeline.h"
#include "text/text.h"
#include "validate/validate.h"
#include "wire/wire.h"

static bool str_ok(vy_str s) { return s.data || !s.size; }

static vy_status check_source(const vy_source *s, vy_diags *diags) {
  if (!str_ok(s->name) || !str_ok(s->text) || !str_ok(s->program))
    return vy__fail_argument(diags,
                             "a string of vy_source is NULL with a size");
  if (!s->imports && s->import_count)
    return vy__fail_argument(diags, "imports is NULL, import_count is %zu",
                             s->import_count);
  for (size_t i = 0; i < s->import_count; i++)
    if (!str_ok(s->imports[i].name) || !str_ok(s->imports[i].text))
      return vy__fail_argument(diags,
                               "a string of import %zu is NULL with a size", i);
  return VY_OK;
}

vy_status vy_program_parse(vy_context *context, const vy_source *source,
                           vy_program **out, vy_diags *diags) {
  if (!context || !source || !out)
    return vy__fail_argument(diags, "vy_program_parse: context, source or out "
                                    "is NULL");
  vy_source s;
  VY_TRY(vy__take_struct(&s, sizeof s, source, "vy_source", diags));
  VY_TRY(check_source(&s, diags));
  vy__ir ir;
  VY_TRY(vy__text_parse(context, &s, &ir, diags));
  return vy__validate(context, &ir, out, diags);
}

vy_status vy_program_decode(vy_context *context, const void *bytes, size_t size,
                            vy_program **out, vy_diags *diags) {
  if (!context || !out || (!bytes && size))
    return vy__fail_argument(diags, "vy_program_decode: context, bytes or out "
                                    "is NULL");
  vy__ir ir;
  VY_TRY(vy__wire_decode(&context->alloc, bytes, size, &ir, diags));
  return vy__validate(context, &ir, out, diags);
}

// Give the bytes to the caller's buffer: the rule of encode and print.
static vy_status give_bytes(const vy__buf *bytes, void *buffer, size_t capacity,
                            size_t *size) {
  *size = bytes->size;
  if (!buffer)
    return VY_OK;
  if (capacity < bytes->size)
    return VY_ERROR_OUTPUT_TOO_SMALL;
  if (bytes->size)
    memcpy(buffer, bytes->data, bytes->size);
  return VY_OK;
}

vy_status vy_program_encode(const vy_program *program, uint32_t flags,
                            void *buffer, size_t capacity, size_t *size) {
  if (!program || !size || flags & ~(uint32_t)VY_ENCODE_STRIP)
    return VY_ERROR_INVALID_ARGUMENT;
  vy__buf bytes;
  vy__buf_init(&bytes, &program->context->alloc);
  vy_status status = VY_ERROR_OUT_OF_HOST_MEMORY;
  if (vy__wire_encode(&program->ir, flags, &bytes))
    status = bytes.size > VY__MAX_WIRE
                 ? VY_ERROR_UNSUPPORTED
                 : give_bytes(&bytes, buffer, capacity, size);
  vy__buf_free(&bytes);
  return status;
}

vy_status vy_program_print(const vy_program *program, char *buffer,
                           size_t capacity, size_t *size) {
  if (!program || !size)
    return VY_ERROR_INVALID_ARGUMENT;
  vy__buf text;
  vy__buf_init(&text, &program->context->alloc);
  vy_status status = VY_ERROR_OUT_OF_HOST_MEMORY;
  if (vy__text_print(&program->ir, &text))
    status = give_bytes(&text, buffer, capacity, size);
  vy__buf_free(&text);
  return status;
}

vy_hash vy_program_fingerprint(const vy_program *program) {
  return program ? program->fingerprint : (vy_hash){{0}};
}

static vy_str name_of(const vy__ir *ir, uint32_t offset) {
  return vy_str_c(vy__ir_string(ir, offset));
}

vy_status vy_program_describe(const vy_program *program, vy_program_info *out) {
  if (!program || !out)
    return VY_ERROR_INVALID_ARGUMENT;
  const vy__ir *ir = &program->ir;
  vy_program_info info = VY_PROGRAM_INFO_INIT;
  info.name = name_of(ir, ir->name);
  info.param_count = ir->param_count;
  info.const_count = ir->const_count;
  info.output_count = program->output_count;
  info.dimensions = ir->dimensions;
  info.uses_groups = ir->uses_groups;
  info.determinism = program->determinism;
  info.value_count = ir->value_count;
  info.statement_count = ir->stmt_count;
  return vy__give_struct(out, &info, sizeof info);
}

static bool is_output(const vy__param *p) {
  return p->access == VY_ACCESS_WRITE || p->access == VY_ACCESS_UPDATE;
}

vy_status vy_program_param(const vy_program *program, uint32_t index,
                           vy_param_info *out) {
  if (!program || !out || index >= program->ir.param_count)
    return VY_ERROR_INVALID_ARGUMENT;
  const vy__ir *ir = &program->ir;
  const vy__param *p = &ir->params[index];
  vy_param_info info = VY_PARAM_INFO_INIT;
  info.name = name_of(ir, p->name);
  info.access = p->access;
  info.type = p->type;
  if (p->field_count == 1)
    info.type = ir->fields[p->first_field].type;
  info.element_size = p->element_size;
  info.field_count = p->field_count;
  info.sized = p->length != VY__NONE;
  info.output = is_output(p);
  for (uint32_t i = 0; info.output && i < index; i++)
    info.output_index += is_output(&ir->params[i]);
  info.has_readback = p->readback_lo != VY__NONE;
  return vy__give_struct(out, &info, sizeof info);
}

vy_status vy_program_const(const vy_program *program, uint32_t index,
                           vy_const_info *out) {
  if (!program || !out || index >= program->ir.const_count)
    return VY_ERROR_INVALID_ARGUMENT;
  const vy__const *c = &program->ir.consts[index];
  vy_const_info info = VY_CONST_INFO_INIT;
  info.name = name_of(&program->ir, c->name);
  info.type = c->type;
  info.default_bits = c->bits;
  return vy__give_struct(out, &info, sizeof info);
}

vy_status vy_program_explain_determinism(const vy_program *program,
                                         vy_diags *diags) {
  if (!program || !diags)
    return VY_ERROR_INVALID_ARGUMENT;
  for (uint32_t i = 0; i < program->note_count; i++) {
    const vy__order_note *note = &program->notes[i];
    vy__where where = vy__where_stmt(&program->ir, note->stmt);
    vy__report(diags, &where, VY_SEVERITY_NOTE,
               note->class == VY_ORDER_DEPENDENT ? VY__E_NOTE_ORDER
                                                 : VY__E_NOTE_UNPROVED,
               "statement %u: %s", note->stmt, note->text);
  }
  return VY_OK;
}

// ---- specialization

vy_status vy_program_specialize(vy_program *program,
                                const vy_const_value *values, size_t count,
                                vy_program **out, vy_diags *diags) {
  if (!program || !out || (!values && count))
    return vy__fail_argument(diags, "vy_program_specialize: program, values "
                                    "or out is NULL");
  uint64_t bits[VY__MAX_CONSTS] = {0};
  uint8_t given[VY__MAX_CONSTS];
  VY_TRY(vy__take_constants(&program->ir, values, count, given, bits, diags));
  return vy__specialize(program, bits, given, out, diags);
}
