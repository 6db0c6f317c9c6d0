// The builder's declarations: parameters, constants, domain, arrays.
#include "api/builder.h"
#include "semantics/semantics.h"

static bool storage_type(vy_builder *b, vy_type type) {
  if (vy__is_storage_type(type))
    return true;
  vy__build_fail(b, VY__E_BUILDER_ARGUMENT, "%s cannot be stored",
                 vy__type_name(type));
  return false;
}

static bool bits_fit(vy_builder *b, vy_type type, uint64_t bits,
                     const char *what) {
  uint32_t width = vy__type_bits(type);
  if (width == 64 || !(bits >> width))
    return true;
  vy__build_fail(b, VY__E_BUILDER_ARGUMENT, "%s, 0x%llx, has bits outside %s",
                 what, (unsigned long long)bits, vy__type_name(type));
  return false;
}

static bool below(vy_builder *b, uint32_t count, uint32_t limit,
                  const char *what) {
  if (count < limit)
    return true;
  vy__build_fail(b, VY__E_LIMIT, "there are more than %u %s", limit, what);
  return false;
}

vy_spec vy_builder_const(vy_builder *builder, vy_str name, vy_type type,
                         uint64_t default_bits) {
  vy_builder *b = builder;
  if (!vy__build_enter(b) || !vy__build_value_type(b, type) ||
      !below(b, b->ir.const_count, VY__MAX_CONSTS, "constants"))
    return (vy_spec){0};
  if (!bits_fit(b, type, default_bits, "the default"))
    return (vy_spec){0};
  vy__const c = {.type = type, .bits = vy__canonical(type, default_bits)};
  c.name = vy__build_name(b, name);
  if (c.name == VY__NONE)
    return (vy_spec){0};
  return (vy_spec){vy__build_handle(b, vy__ir_add_const(&b->ir, &c))};
}

static uint32_t add_param(vy_builder *b, vy_str name, vy__param p) {
  if (!below(b, b->ir.param_count, VY__MAX_PARAMS, "parameters"))
    return 0;
  p.name = vy__build_name(b, name);
  p.length = p.readback_lo = p.readback_hi = VY__NONE;
  return p.name == VY__NONE
             ? 0
             : vy__build_handle(b, vy__ir_add_param(&b->ir, &p, NULL));
}

vy_scalar vy_builder_scalar(vy_builder *builder, vy_str name, vy_type type) {
  if (!vy__build_enter(builder) || !vy__build_value_type(builder, type))
    return (vy_scalar){0};
  return (vy_scalar){add_param(builder, name, (vy__param){.type = type})};
}

static vy_buf add_buffer(vy_builder *b, vy_str name, vy_access access,
                         uint32_t size, const vy_build_field *fields,
                         uint32_t count) {
  if (access < VY_ACCESS_READ || access > VY_ACCESS_UPDATE) {
    vy__build_fail(b, VY__E_BUILDER_ARGUMENT, "%d is no access of a buffer",
                   (int)access);
    return (vy_buf){0};
  }
  if (!fields || !count || count > VY__MAX_FIELDS) {
    vy__build_fail(b, VY__E_BUILDER_ARGUMENT,
                   "an element has 1 to %d fields, not %u", VY__MAX_FIELDS,
                   count);
    return (vy_buf){0};
  }
  vy__param p = {.access = access,
                 .element_size = size,
                 .first_field = b->ir.field_count,
                 .field_count = count};
  for (uint32_t i = 0; i < count; i++) {
    if (!storage_type(b, (vy_type)fields[i].type))
      return (vy_buf){0};
    vy__field f = {fields[i].offset, fields[i].type};
    if (!vy__build_handle(b, vy__ir_add_field(&b->ir, &f, 0)))
      return (vy_buf){0};
  }
  return (vy_buf){add_param(b, name, p)};
}

vy_buf vy_builder_buffer(vy_builder *builder, vy_str name, vy_access access,
                         vy_type type) {
  if (!vy__build_enter(builder))
    return (vy_buf){0};
  vy_build_field field = {0, type};
  return add_buffer(builder, name, access, vy__type_bytes(type), &field, 1);
}

vy_buf vy_builder_struct_buffer(vy_builder *builder, vy_str name,
                                vy_access access, uint32_t size,
                                const vy_build_field *fields,
                                uint32_t field_count) {
  if (!vy__build_enter(builder))
    return (vy_buf){0};
  return add_buffer(builder, name, access, size, fields, field_count);
}

static vy__param *buffer(vy_builder *b, vy_buf buf) {
  uint32_t id = vy__build_index(b, buf.id, b->ir.param_count, "parameter");
  if (id != VY__NONE && b->ir.params[id].access)
    return &b->ir.params[id];
  if (id != VY__NONE)
    vy__build_fail(b, VY__E_BUILDER_HANDLE, "parameter %u is no buffer", id);
  return NULL;
}

void vy_builder_set_length(vy_builder *builder, vy_buf buf, vy_size length) {
  vy__param *p = vy__build_enter(builder) ? buffer(builder, buf) : NULL;
  if (p)
    p->length = vy__build_size(builder, length);
}

void vy_builder_set_readback(vy_builder *builder, vy_buf buf, vy_size lo,
                             vy_size hi) {
  vy__param *p = vy__build_enter(builder) ? buffer(builder, buf) : NULL;
  if (!p)
    return;
  p->readback_lo = vy__build_size(builder, lo);
  p->readback_hi = vy__build_size(builder, hi);
}

static void set_domain(vy_builder *b, uint32_t dimensions, const vy_size *sizes,
                       uint32_t *out, bool first) {
  if (dimensions < 1 || dimensions > 3 || !sizes)
    vy__build_fail(b, VY__E_BUILDER_ARGUMENT,
                   "a domain has 1 to 3 dimensions, not %u", dimensions);
  else if (!first)
    vy__build_fail(b, VY__E_BUILDER_ORDER,
                   "lanes, groups or group was given before");
  else
    for (uint32_t d = 0; d < dimensions; d++)
      out[d] = vy__build_size(b, sizes[d]);
}

void vy_builder_lanes(vy_builder *builder, uint32_t dimensions,
                      const vy_size *sizes) {
  if (!vy__build_enter(builder))
    return;
  vy__ir *ir = &builder->ir;
  set_domain(builder, dimensions, sizes, ir->domain, ir->domain[0] == VY__NONE);
  ir->dimensions = dimensions;
}

void vy_builder_groups(vy_builder *builder, uint32_t dimensions,
                       const vy_size *sizes) {
  vy_builder_lanes(builder, dimensions, sizes);
  if (builder)
    builder->ir.uses_groups = 1;
}

void vy_builder_group(vy_builder *builder, uint32_t dimensions,
                      const vy_size *sizes) {
  if (!vy__build_enter(builder))
    return;
  set_domain(builder, dimensions, sizes, builder->ir.group,
             builder->ir.group[0] == VY__NONE);
}

// ---- arrays and variables

static vy_arr array_handle(vy_builder *b, vy__space space, uint32_t id) {
  if (id != VY__NONE)
    id |= (uint32_t)space << VY__ARRAY_BITS;
  return (vy_arr){vy__build_handle(b, id)};
}

vy_arr vy_builder_table(vy_builder *builder, vy_type type, const uint64_t *bits,
                        uint32_t count) {
  vy_builder *b = builder;
  if (!vy__build_enter(b) || !storage_type(b, type) ||
      !below(b, b->ir.table_count, VY__MAX_TABLES, "tables"))
    return (vy_arr){0};
  if (!bits || !count || count > VY__MAX_TABLE_ELEMENTS) {
    vy__build_fail(b, VY__E_BUILDER_ARGUMENT,
                   "a table has 1 to %d elements, not %u",
                   VY__MAX_TABLE_ELEMENTS, count);
    return (vy_arr){0};
  }
  for (uint32_t i = 0; i < count; i++)
    if (!bits_fit(b, type, bits[i], "an element"))
      return (vy_arr){0};
  uint32_t id = vy__ir_add_table(&b->ir, type, bits, count, 0);
  for (uint32_t i = 0; id != VY__NONE && i < count; i++) {
    uint64_t *at = &b->ir.table_bits[b->ir.tables[id].first + i];
    *at = vy__canonical(type, *at);
  }
  return array_handle(b, VY__SPACE_TABLE, id);
}

vy_arr vy_builder_group_array(vy_builder *builder, vy_type type,
                              vy_size length) {
  vy_builder *b = builder;
  if (!vy__build_enter(b) || !storage_type(b, type) ||
      !below(b, b->ir.group_count, VY__MAX_ARRAYS, "group arrays"))
    return (vy_arr){0};
  vy__array a = {type, vy__build_size(b, length)};
  if (a.length == VY__NONE)
    return (vy_arr){0};
  return array_handle(b, VY__SPACE_GROUP, vy__ir_add_group(&b->ir, &a, 0));
}

vy_arr vy_builder_private_array(vy_builder *builder, vy_type type,
                                vy_size length) {
  vy_builder *b = builder;
  if (!vy__build_enter(b) || !storage_type(b, type) ||
      !below(b, b->ir.private_count, VY__MAX_ARRAYS, "private arrays"))
    return (vy_arr){0};
  vy__array a = {type, vy__build_size(b, length)};
  if (a.length == VY__NONE)
    return (vy_arr){0};
  uint32_t id = vy__ir_add_private(&b->ir, &a, 0);
  vy__stmt s = {VY__STMT_ARRAY, id, VY__NONE, VY__NONE, VY__NONE};
  if (id != VY__NONE && !vy__build_stmt(b, s))
    return (vy_arr){0};
  return array_handle(b, VY__SPACE_PRIVATE, id);
}

vy_var vy_builder_var(vy_builder *builder, vy_type type) {
  vy_builder *b = builder;
  if (!vy__build_enter(b) || !vy__build_value_type(b, type) ||
      !below(b, b->ir.var_count, VY__MAX_VARS, "variables"))
    return (vy_var){0};
  return (vy_var){vy__build_handle(b, vy__ir_add_var(&b->ir, type, 0))};
}
