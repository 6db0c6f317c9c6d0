// The builder's life: creation, collected errors, sizes, finish.
#include "api/builder.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/diag.h"
#include "validate/validate.h"

#define OP(id, number, name, sig, types, effect, laws, cost, applies,          \
           elements, doc)                                                      \
  _Static_assert((int)VY_OP_##id == (int)VY__OP_##id, "vy_op is ops.def");
#include "ir/ops.def"
#undef OP

// Counted, so that builders of one context differ until the tags run out and
// start again.
static uint32_t make_tag(vy_context *context) {
  uint32_t n = atomic_fetch_add(&context->builders, 1);
  return n % ((1u << (32 - VY__HANDLE_BITS)) - 1) + 1;
}

vy_status vy_builder_create(vy_context *context, vy_str name, vy_builder **out,
                            vy_diags *diags) {
  if (!context || !out || (!name.data && name.size))
    return vy__fail_argument(diags, "vy_builder_create: context, out and the "
                                    "name must not be NULL");
  vy_builder *b = vy__calloc(&context->alloc, 1, sizeof *b);
  if (!b)
    return vy__fail_oom(diags, "a builder");
  b->context = vy_context_retain(context);
  b->tag = make_tag(context);
  vy__ir_init(&b->ir, &context->alloc, false);
  vy__build_enter(b);
  b->ir.name = vy__build_name(b, name);
  if (b->out_of_memory) {
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

uint32_t vy__build_handle(vy_builder *b, uint32_t id) {
  b->out_of_memory = b->out_of_memory || id == VY__NONE;
  return id == VY__NONE ? 0 : b->tag << VY__HANDLE_BITS | (id + 1);
}

uint32_t vy__build_index(vy_builder *b, uint32_t handle, uint32_t count,
                         const char *what) {
  uint32_t id = (handle & ((1u << VY__HANDLE_BITS) - 1)) - 1; // 0: VY__NONE
  if (handle >> VY__HANDLE_BITS == b->tag && id < count)
    return id;
  if (handle)
    vy__build_fail(b, VY__E_BUILDER_HANDLE,
                   "handle 0x%08x is no %s of this builder", handle, what);
  else if (!b->error_count) // 0 from nowhere, not from a failed call
    vy__build_fail(b, VY__E_BUILDER_HANDLE, "a %s is missing", what);
  return VY__NONE;
}

bool vy__build_value_type(vy_builder *b, vy_type type) {
  if (vy__is_value_type(type))
    return true;
  vy__build_fail(b, VY__E_BUILDER_ARGUMENT, "%s is not the type of a value",
                 vy__type_name(type));
  return false;
}

uint32_t vy__build_name(vy_builder *b, vy_str name) {
  if (!name.data || !name.size || name.size > VY__MAX_NAME ||
      memchr(name.data, 0, name.size)) {
    vy__build_fail(b, VY__E_BUILDER_ARGUMENT,
                   "a name must have 1 to %d bytes, none of them 0; this one "
                   "has %zu",
                   VY__MAX_NAME, name.size);
    return VY__NONE;
  }
  uint32_t at = vy__ir_add_string(&b->ir, name);
  b->out_of_memory = b->out_of_memory || at == VY__NONE;
  return at;
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
  if (diags) { // those not kept have at least been there
    diags->errors += b->error_count - kept;
    diags->dropped += b->error_count - kept;
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
  return (vy_size){vy__build_handle(b, b->size_count - 1)};
}

// A size that is one declared thing.
static vy_size size_of(vy_builder *b, vy__size_op op, uint32_t handle,
                       uint32_t count, const char *what) {
  uint32_t ref = vy__build_index(b, handle, count, what);
  if (ref == VY__NONE)
    return (vy_size){0};
  return add_size(b, (vy__size){op, VY__NONE, VY__NONE, ref, 0});
}

vy_size vy_size_literal(vy_builder *builder, int64_t value) {
  if (!vy__build_enter(builder))
    return (vy_size){0};
  vy__size s = {VY__SIZE_LITERAL, VY__NONE, VY__NONE, 0, (uint64_t)value};
  return add_size(builder, s);
}

vy_size vy_size_spec(vy_builder *builder, vy_spec constant) {
  if (!vy__build_enter(builder))
    return (vy_size){0};
  return size_of(builder, VY__SIZE_SPEC, constant.id, builder->ir.const_count,
                 "constant");
}

vy_size vy_size_scalar(vy_builder *builder, vy_scalar scalar) {
  if (!vy__build_enter(builder))
    return (vy_size){0};
  return size_of(builder, VY__SIZE_PARAM, scalar.id, builder->ir.param_count,
                 "parameter");
}

vy_size vy_size_len(vy_builder *builder, vy_buf buffer) {
  if (!vy__build_enter(builder))
    return (vy_size){0};
  return size_of(builder, VY__SIZE_LEN, buffer.id, builder->ir.param_count,
                 "parameter");
}

vy_size vy_size_element(vy_builder *builder, vy_buf buffer, vy_size index,
                        uint32_t field) {
  vy_builder *b = builder;
  if (!vy__build_enter(b))
    return (vy_size){0};
  uint32_t ref = vy__build_index(b, buffer.id, b->ir.param_count, "parameter");
  uint32_t a = vy__build_index(b, index.id, b->size_count, "size");
  if (ref == VY__NONE || a == VY__NONE)
    return (vy_size){0};
  return add_size(b, (vy__size){VY__SIZE_ELEMENT, a, VY__NONE, ref, field});
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
  if (!vy__build_enter(builder))
    return (vy_size){0};
  uint32_t left = vy__build_index(builder, a.id, builder->size_count, "size");
  uint32_t right = vy__build_index(builder, b.id, builder->size_count, "size");
  if (left == VY__NONE || right == VY__NONE)
    return (vy_size){0};
  for (size_t i = 0; i < VY__COUNT(rows); i++)
    if (rows[i].op == op)
      return add_size(builder, (vy__size){rows[i].size, left, right, 0, 0});
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
  uint32_t id = vy__build_index(b, size.id, b->size_count, "size");
  return id == VY__NONE ? VY__NONE : copy_size(b, id, 0);
}

// ---- finish

static void check_complete(vy_builder *b) {
  if (b->depth)
    vy__build_fail(b, VY__E_BUILDER_ORDER, "blocks without vy_build_end: %u",
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
