// The builder's life: creation, collected errors, sizes, finish.
#include "api/builder.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/diag.h"
#include "validate/validate.h"

#define OP(id, number, name, sig, types, effect, laws, doc)                    \
  _Static_assert((int)VY_OP_##id == (int)VY__OP_##id, "vy_op is ops.def");
#include "ir/ops.def"
#undef OP

vy_status vy_builder_create(vy_context *context, vy_str name, vy_builder **out,
                            vy_diags *diags) {
  if (!context || !out || (!name.data && name.size))
    return vy__fail_argument(diags, "vy_builder_create: context, out and the "
                                    "name must not be NULL");
  *out = NULL;
  vy_builder *b = vy__calloc(&context->alloc, 1, sizeof *b);
  if (!b)
    return vy__fail_oom(diags, "a builder");
  b->context = vy_context_retain(context);
  vy__ir_init(&b->ir, &context->alloc, false);
  b->ir.name = vy__ir_add_string(&b->ir, name);
  if (b->ir.name == VY__NONE) {
    vy_builder_release(b);
    return vy__fail_oom(diags, "a builder");
  }
  *out = b;
  return VY_OK;
}

void vy_builder_release(vy_builder *builder) {
  if (!builder)
    return;
  vy_context *context = builder->context;
  vy__free(&context->alloc, builder->sizes,
           builder->size_capacity * sizeof *builder->sizes);
  vy__ir_free(&builder->ir);
  vy__free(&context->alloc, builder, sizeof *builder);
  vy_context_release(context);
}

// ---- errors

bool vy__build_enter(vy_builder *b) {
  if (!b || b->out_of_memory || b->finished)
    return false;
  b->calls++;
  return true;
}

void vy__build_fail(vy_builder *b, vy__err code, const char *format, ...) {
  uint32_t at = b->error_count++;
  if (at >= VY__BUILDER_ERRORS)
    return;
  b->errors[at].code = code;
  b->errors[at].call = b->calls;
  va_list args;
  va_start(args, format);
  vsnprintf(b->errors[at].text, sizeof b->errors[at].text, format, args);
  va_end(args);
}

bool vy__build_handle(vy_builder *b, uint32_t id, uint32_t count,
                      const char *what) {
  if (id && id <= count)
    return true;
  if (id)
    vy__build_fail(b, VY__E_BUILDER_HANDLE, "%u is no %s of this builder", id,
                   what);
  else if (!b->error_count) // 0 from nowhere, not from a failed call
    vy__build_fail(b, VY__E_BUILDER_HANDLE, "a %s is missing", what);
  return false;
}

static vy_status report(vy_builder *b, vy_diags *diags) {
  vy_status first = VY_OK;
  uint32_t kept =
      b->error_count < VY__BUILDER_ERRORS ? b->error_count : VY__BUILDER_ERRORS;
  for (uint32_t i = 0; i < kept; i++) {
    const vy__build_error *e = &b->errors[i];
    vy_status status =
        vy__fail(diags, NULL, e->code, "call %u: %s", e->call, e->text);
    first = first == VY_OK ? status : first;
  }
  return first;
}

// ---- sizes

static vy_size add_size(vy_builder *b, vy__size s) {
  void *data = b->sizes;
  if (b->size_count >= VY__MAX_SIZE_NODES) {
    vy__build_fail(b, VY__E_LIMIT, "there are more than %d sizes",
                   VY__MAX_SIZE_NODES);
    return (vy_size){0};
  }
  if (!vy__grow(&b->context->alloc, &data, &b->size_capacity, b->size_count + 1,
                sizeof s)) {
    b->out_of_memory = true;
    return (vy_size){0};
  }
  b->sizes = data;
  b->sizes[b->size_count++] = s;
  return (vy_size){b->size_count};
}

static vy__size leaf(vy__size_op op, uint32_t ref, uint64_t imm) {
  return (vy__size){op, VY__NONE, VY__NONE, ref, imm};
}

vy_size vy_size_literal(vy_builder *builder, int64_t value) {
  if (!vy__build_enter(builder))
    return (vy_size){0};
  return add_size(builder, leaf(VY__SIZE_LITERAL, 0, (uint64_t)value));
}

vy_size vy_size_spec(vy_builder *builder, vy_spec constant) {
  if (!vy__build_enter(builder) ||
      !vy__build_handle(builder, constant.id, builder->ir.const_count,
                        "constant"))
    return (vy_size){0};
  return add_size(builder, leaf(VY__SIZE_SPEC, constant.id - 1, 0));
}

vy_size vy_size_scalar(vy_builder *builder, vy_scalar scalar) {
  if (!vy__build_enter(builder) ||
      !vy__build_handle(builder, scalar.id, builder->ir.param_count,
                        "parameter"))
    return (vy_size){0};
  return add_size(builder, leaf(VY__SIZE_PARAM, scalar.id - 1, 0));
}

vy_size vy_size_len(vy_builder *builder, vy_buf buffer) {
  if (!vy__build_enter(builder) ||
      !vy__build_handle(builder, buffer.id, builder->ir.param_count,
                        "parameter"))
    return (vy_size){0};
  return add_size(builder, leaf(VY__SIZE_LEN, buffer.id - 1, 0));
}

vy_size vy_size_element(vy_builder *builder, vy_buf buffer, vy_size index,
                        uint32_t field) {
  if (!vy__build_enter(builder) ||
      !vy__build_handle(builder, buffer.id, builder->ir.param_count,
                        "parameter") ||
      !vy__build_handle(builder, index.id, builder->size_count, "size"))
    return (vy_size){0};
  vy__size s = leaf(VY__SIZE_ELEMENT, buffer.id - 1, field);
  s.a = index.id - 1;
  return add_size(builder, s);
}

vy_size vy_size_op(vy_builder *builder, vy_op op, vy_size a, vy_size b) {
  static const struct {
    vy_op op;
    vy__size_op size;
  } rows[] = {
      {VY_OP_ADD, VY__SIZE_ADD}, {VY_OP_SUB, VY__SIZE_SUB},
      {VY_OP_MUL, VY__SIZE_MUL}, {VY_OP_DIV, VY__SIZE_DIV},
      {VY_OP_REM, VY__SIZE_REM}, {VY_OP_MIN, VY__SIZE_MIN},
      {VY_OP_MAX, VY__SIZE_MAX},
  };
  if (!vy__build_enter(builder) ||
      !vy__build_handle(builder, a.id, builder->size_count, "size") ||
      !vy__build_handle(builder, b.id, builder->size_count, "size"))
    return (vy_size){0};
  for (size_t i = 0; i < VY__COUNT(rows); i++)
    if (rows[i].op == op)
      return add_size(builder,
                      (vy__size){rows[i].size, a.id - 1, b.id - 1, 0, 0});
  vy__build_fail(builder, VY__E_BUILDER_ARGUMENT,
                 "operation %d is not one of sizes", (int)op);
  return (vy_size){0};
}

// The program has each size node once, so a handle's tree is copied per use.
static uint32_t copy_size(vy_builder *b, uint32_t id, uint32_t depth) {
  vy__size s = b->sizes[id];
  if (depth > VY__MAX_NESTING || b->ir.size_count >= VY__MAX_SIZE_NODES) {
    vy__build_fail(b, VY__E_LIMIT,
                   "sizes have more than %d levels or %d operations",
                   VY__MAX_NESTING, VY__MAX_SIZE_NODES);
    return VY__NONE;
  }
  if (s.a != VY__NONE && (s.a = copy_size(b, s.a, depth + 1)) == VY__NONE)
    return VY__NONE;
  if (s.b != VY__NONE && (s.b = copy_size(b, s.b, depth + 1)) == VY__NONE)
    return VY__NONE;
  uint32_t at = vy__ir_add_size(&b->ir, &s, NULL);
  b->out_of_memory = b->out_of_memory || at == VY__NONE;
  return at;
}

uint32_t vy__build_size(vy_builder *b, vy_size size) {
  if (!vy__build_handle(b, size.id, b->size_count, "size"))
    return VY__NONE;
  return copy_size(b, size.id - 1, 0);
}

// ---- finish

static void check_complete(vy_builder *b) {
  if (b->depth)
    vy__build_fail(b, VY__E_BUILDER_ORDER, "%u blocks have no vy_build_end",
                   b->depth);
  if (b->ir.domain[0] == VY__NONE)
    vy__build_fail(b, VY__E_BUILDER_ORDER,
                   "neither vy_builder_lanes nor vy_builder_groups was called");
}

vy_status vy_builder_finish(vy_builder *builder, vy_program **out,
                            vy_diags *diags) {
  if (!builder || !out)
    return vy__fail_argument(diags, "vy_builder_finish: builder and out must "
                                    "not be NULL");
  *out = NULL;
  vy_builder *b = builder;
  if (b->finished)
    return vy__fail(diags, NULL, VY__E_BUILDER_ORDER,
                    "vy_builder_finish was called before");
  if (vy__build_enter(b) && !b->error_count)
    check_complete(b);
  b->finished = true;
  if (b->out_of_memory)
    return vy__fail_oom(diags, "a program under construction");
  if (b->error_count)
    return report(b, diags);
  vy__ir ir;
  if (!vy__ir_canonicalize(&b->ir, &ir))
    return vy__fail_oom(diags, "a program");
  return vy__validate(b->context, &ir, out, diags);
}
