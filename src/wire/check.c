// The checks that make decoded arrays safe to walk: after them no id is out
// of range, operands are smaller than users, statements nest, size nodes form
// trees, enum values exist and unused fields are empty. What the ids mean
// (types, dominance, uniformity) is the validator's business.
#include "semantics/semantics.h"
#include "wire/format.h"

typedef struct checker {
  const vy__ir *ir;
  vy_diags *diags;
} checker;

static vy_status range(const checker *c, const char *what, uint32_t id) {
  return vy__fail(c->diags, NULL, VY__E_WIRE_RANGE, "%s %u is out of range",
                  what, id);
}

static bool none_or_below(uint32_t id, uint32_t limit) {
  return id == VY__NONE || id < limit;
}

static bool storage(uint32_t type) {
  return type <= VY_TYPE_BF16 && vy__is_storage_type((vy_type)type);
}

static bool value_type(uint32_t type) {
  return type <= VY_TYPE_F64 && vy__is_value_type((vy_type)type);
}

// Bits that a value of the type can have as a constant: nothing above its
// width, and only the one NaN.
static bool bits_fit(uint32_t type, uint64_t bits) {
  uint32_t width = vy__type_bits((vy_type)type);
  return (width == 64 || bits >> width == 0) &&
         vy__canonical((vy_type)type, bits) == bits;
}

static vy_status check_strings(const checker *c) {
  const vy__ir *ir = c->ir;
  if (ir->strings[0] || ir->strings[ir->string_size - 1])
    return vy__fail(c->diags, NULL, VY__E_WIRE_RANGE,
                    "the string pool does not start and end with a zero byte");
  if (ir->name >= ir->string_size)
    return range(c, "name", ir->name);
#define D(array, count)                                                        \
  for (uint32_t i = 0; ir->array && i < ir->count; i++)                        \
    if (ir->array[i] >= ir->string_size)                                       \
      return range(c, "name", ir->array[i]);
  VY__WIRE_NAME_ARRAYS(D)
  D(files, file_count)
  D(file_texts, file_count)
#undef D
#define D(array, count)                                                        \
  for (uint32_t i = 0; ir->array && i < ir->count; i++)                        \
    if (ir->array[i].file > ir->file_count)                                    \
      return range(c, "file", ir->array[i].file);
  VY__WIRE_POS_ARRAYS(D)
#undef D
  return VY_OK;
}

static vy_status check_header(const checker *c) {
  const vy__ir *ir = c->ir;
  if (ir->uses_groups > 1 || ir->dimensions < 1 || ir->dimensions > 3)
    return range(c, "number of dimensions", ir->dimensions);
  bool group = ir->group[0] != VY__NONE;
  for (uint32_t i = 0; i < 3; i++) {
    bool used = i < ir->dimensions;
    if (used ? ir->domain[i] >= ir->size_count : ir->domain[i] != VY__NONE)
      return range(c, "domain size", ir->domain[i]);
    if (group && used ? ir->group[i] >= ir->size_count
                      : ir->group[i] != VY__NONE)
      return range(c, "group size", ir->group[i]);
  }
  return VY_OK;
}

static vy_status check_param(const checker *c, const vy__param *p,
                             uint32_t *next_field) {
  const vy__ir *ir = c->ir;
  if (p->name >= ir->string_size)
    return range(c, "name", p->name);
  if (p->access > VY_ACCESS_UPDATE)
    return range(c, "access", p->access);
  if (!none_or_below(p->length, ir->size_count))
    return range(c, "length", p->length);
  if (!none_or_below(p->readback_lo, ir->size_count) ||
      !none_or_below(p->readback_hi, ir->size_count) ||
      (p->readback_lo == VY__NONE) != (p->readback_hi == VY__NONE))
    return range(c, "readback bound", p->readback_lo);
  if (!p->access) {
    bool plain = value_type(p->type) && !p->element_size && !p->first_field &&
                 !p->field_count && p->length == VY__NONE &&
                 p->readback_lo == VY__NONE;
    return plain ? VY_OK : range(c, "type of scalar parameter", p->type);
  }
  if (p->type != VY_TYPE_NONE || p->first_field != *next_field ||
      !p->field_count || p->field_count > VY__MAX_FIELDS ||
      p->field_count > ir->field_count - *next_field)
    return range(c, "field", p->first_field);
  *next_field += p->field_count;
  const vy__field *fields = ir->fields + p->first_field;
  for (uint32_t i = 0; i < p->field_count; i++)
    if (!storage(fields[i].type))
      return range(c, "type", fields[i].type);
  if (p->element_size > VY__MAX_ELEMENT_SIZE ||
      !vy__layout_is_c(fields, p->field_count, p->element_size))
    return range(c, "element size", p->element_size);
  return VY_OK;
}

static vy_status check_declarations(const checker *c) {
  const vy__ir *ir = c->ir;
  uint32_t fields = 0, bits = 0;
  for (uint32_t i = 0; i < ir->param_count; i++)
    VY_TRY(check_param(c, &ir->params[i], &fields));
  if (fields != ir->field_count)
    return range(c, "field", fields);
  for (uint32_t i = 0; i < ir->const_count; i++) {
    const vy__const *k = &ir->consts[i];
    if (k->name >= ir->string_size || !value_type(k->type) ||
        !bits_fit(k->type, k->bits))
      return range(c, "constant", i);
  }
  for (uint32_t i = 0; i < ir->table_count; i++) {
    const vy__table *t = &ir->tables[i];
    if (!storage(t->type) || t->first != bits || !t->count ||
        t->count > VY__MAX_TABLE_ELEMENTS ||
        t->count > ir->table_bit_count - bits)
      return range(c, "table", i);
    for (uint32_t k = 0; k < t->count; k++)
      if (!bits_fit(t->type, ir->table_bits[bits + k]))
        return range(c, "element of table", i);
    bits += t->count;
  }
  if (bits != ir->table_bit_count)
    return range(c, "table element", bits);
  for (uint32_t i = 0; i < ir->var_count; i++)
    if (!value_type(ir->vars[i]))
      return range(c, "type", ir->vars[i]);
  for (uint32_t i = 0; i < ir->private_count; i++)
    if (!storage(ir->privates[i].type) ||
        ir->privates[i].length >= ir->size_count)
      return range(c, "private array", i);
  for (uint32_t i = 0; i < ir->group_count; i++)
    if (!storage(ir->groups[i].type) || ir->groups[i].length >= ir->size_count)
      return range(c, "group array", i);
  return VY_OK;
}

// ---- size expressions: a forest, every node used once

static bool size_ref_ok(const vy__ir *ir, const vy__size *s) {
  const vy__param *p = s->ref < ir->param_count ? &ir->params[s->ref] : NULL;
  switch ((vy__size_op)s->op) {
  case VY__SIZE_LITERAL:
    return s->ref == 0;
  case VY__SIZE_SPEC:
    return s->ref < ir->const_count &&
           vy__is_int((vy_type)ir->consts[s->ref].type);
  case VY__SIZE_PARAM:
    return p && !p->access && vy__is_int((vy_type)p->type);
  case VY__SIZE_LEN:
    return p && p->access;
  case VY__SIZE_ELEMENT:
    return p && p->access && s->imm < p->field_count;
  default:
    return s->ref == 0;
  }
}

static vy_status check_size(const checker *c, uint32_t id, uint8_t *used,
                            uint8_t *depth) {
  const vy__size *s = &c->ir->sizes[id];
  if (s->op < VY__SIZE_LITERAL || s->op > VY__SIZE_ELEMENT ||
      !size_ref_ok(c->ir, s))
    return range(c, "size expression", id);
  bool leaf = s->op <= VY__SIZE_LEN;
  bool binary = !leaf && s->op != VY__SIZE_ELEMENT;
  if (leaf ? s->a != VY__NONE : s->a >= id)
    return range(c, "operand of size expression", id);
  if (binary ? s->b >= id || s->a == s->b : s->b != VY__NONE)
    return range(c, "operand of size expression", id);
  if (s->op != VY__SIZE_LITERAL && s->op != VY__SIZE_ELEMENT && s->imm)
    return range(c, "size expression", id);
  uint8_t deepest = 0;
  uint32_t operands[2] = {s->a, s->b};
  for (int i = 0; i < 2; i++)
    if (operands[i] != VY__NONE) {
      if (used[operands[i]]++)
        return vy__fail(c->diags, NULL, VY__E_WIRE_STRUCTURE,
                        "size expression %u is used twice", operands[i]);
      if (depth[operands[i]] > deepest)
        deepest = depth[operands[i]];
    }
  depth[id] = (uint8_t)(deepest + 1);
  if (depth[id] > VY__MAX_NESTING)
    return vy__fail(c->diags, NULL, VY__E_WIRE_STRUCTURE,
                    "size expression %u nests deeper than %d", id,
                    VY__MAX_NESTING);
  return VY_OK;
}

static bool use_size(uint8_t *used, uint32_t root) {
  return root == VY__NONE || used[root]++ == 0;
}

static vy_status check_sizes(const checker *c) {
  const vy__ir *ir = c->ir;
  uint8_t used[VY__MAX_SIZE_NODES] = {0}, depth[VY__MAX_SIZE_NODES];
  for (uint32_t i = 0; i < ir->size_count; i++)
    VY_TRY(check_size(c, i, used, depth));
  bool once = true;
  for (int i = 0; i < 3; i++)
    once =
        once && use_size(used, ir->domain[i]) && use_size(used, ir->group[i]);
  for (uint32_t i = 0; i < ir->param_count; i++) {
    const vy__param *p = &ir->params[i];
    once = once && use_size(used, p->length) &&
           use_size(used, p->readback_lo) && use_size(used, p->readback_hi);
  }
  for (uint32_t i = 0; i < ir->private_count; i++)
    once = once && use_size(used, ir->privates[i].length);
  for (uint32_t i = 0; i < ir->group_count; i++)
    once = once && use_size(used, ir->groups[i].length);
  for (uint32_t i = 0; i < ir->size_count; i++)
    once = once && used[i];
  return once ? VY_OK
              : vy__fail(c->diags, NULL, VY__E_WIRE_STRUCTURE,
                         "a size expression is used twice or not at all");
}

// ---- values

static bool buffer_ref(const vy__ir *ir, const vy__value *v) {
  return v->ref < ir->param_count && ir->params[v->ref].access;
}

// Does ref, with space and field, name something that exists?
static bool memory_ref(const vy__ir *ir, const vy__value *v) {
  switch (v->space) {
  case VY__SPACE_BUFFER:
    return buffer_ref(ir, v) && v->field < ir->params[v->ref].field_count;
  case VY__SPACE_GROUP:
    return v->ref < ir->group_count && !v->field;
  case VY__SPACE_PRIVATE:
    return v->ref < ir->private_count && !v->field;
  case VY__SPACE_TABLE:
    return v->ref < ir->table_count && !v->field;
  default:
    return false;
  }
}

static bool ref_ok(const vy__ir *ir, const vy__value *v, vy__sig sig) {
  switch (sig) {
  case VY__SIG_REF:
    if (v->op == VY__OP_SPEC)
      return v->ref < ir->const_count;
    return v->ref < ir->param_count && !ir->params[v->ref].access;
  case VY__SIG_LEN32:
  case VY__SIG_LEN64:
  case VY__SIG_BYTES_LOAD32:
  case VY__SIG_BYTES_LOAD64:
  case VY__SIG_BYTES_STORE32:
  case VY__SIG_BYTES_STORE64:
    return buffer_ref(ir, v);
  case VY__SIG_ID:
    return v->ref < ir->dimensions;
  case VY__SIG_VAR:
  case VY__SIG_VARSET:
    return v->ref < ir->var_count;
  case VY__SIG_LOAD:
  case VY__SIG_STORE:
  case VY__SIG_ATOMIC0:
  case VY__SIG_ATOMIC_STORE:
  case VY__SIG_ATOMIC1:
  case VY__SIG_ATOMIC2:
    return memory_ref(ir, v);
  default:
    return v->ref == 0;
  }
}

static bool has_space(vy__sig sig) {
  return sig == VY__SIG_LOAD || sig == VY__SIG_STORE ||
         sig == VY__SIG_ATOMIC0 || sig == VY__SIG_ATOMIC_STORE ||
         sig == VY__SIG_ATOMIC1 || sig == VY__SIG_ATOMIC2;
}

static vy_status check_value(const checker *c, uint32_t id) {
  const vy__ir *ir = c->ir;
  const vy__value *v = &ir->values[id];
  const vy__op_info *row = vy__op_row(v->op);
  vy__sig sig = (vy__sig)row->sig;
  if (!row->name)
    return range(c, "operation", v->op);
  if (v->type != VY_TYPE_NONE && !value_type(v->type))
    return range(c, "type", v->type);
  for (uint32_t i = 0; i < 3; i++)
    if (i < row->operands ? v->a[i] >= id : v->a[i] != VY__NONE)
      return range(c, "operand of value", id);
  if (!ref_ok(ir, v, sig))
    return range(c, "reference of value", id);
  if (!has_space(sig) && (v->space || v->field))
    return range(c, "space of value", id);
  if (sig == VY__SIG_CONST ? !bits_fit(v->type, v->imm)
                           : sig != VY__SIG_RANK && v->imm)
    return range(c, "bits of value", id);
  return VY_OK;
}

// ---- statements

enum { VALUE = 1, ARRAY = 2 }; // 0: empty

static bool field_ok(const vy__ir *ir, uint8_t want, uint32_t id) {
  switch (want) {
  case VALUE:
    return id < ir->value_count;
  case ARRAY:
    return id < ir->private_count;
  default:
    return id == VY__NONE;
  }
}

static vy_status check_stmts(const checker *c) {
  static const uint8_t want[][4] = {
      [VY__STMT_EXEC] = {VALUE},
      [VY__STMT_IF] = {VALUE},
      [VY__STMT_COND] = {VALUE},
      [VY__STMT_FOR] = {VALUE, VALUE, VALUE, VALUE},
      [VY__STMT_ARRAY] = {ARRAY}};
  const vy__ir *ir = c->ir;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    const vy__stmt *s = &ir->stmts[i];
    if (s->kind < VY__STMT_EXEC || s->kind > VY__STMT_ARRAY)
      return range(c, "kind of statement", s->kind);
    const uint32_t ids[4] = {s->a, s->b, s->c, s->d};
    for (int k = 0; k < 4; k++)
      if (!field_ok(ir, want[s->kind][k], ids[k]))
        return range(c, "operand of statement", i);
  }
  uint32_t *match = vy__calloc(ir->alloc, ir->stmt_count, sizeof *match);
  if (!match)
    return vy__fail_oom(c->diags, "a wire program");
  bool nested = vy__ir_match(ir, match);
  vy__free(ir->alloc, match, ir->stmt_count * sizeof *match);
  return nested ? VY_OK
                : vy__fail(c->diags, NULL, VY__E_WIRE_STRUCTURE,
                           "the statements do not nest, or deeper than %d",
                           VY__MAX_NESTING);
}

vy_status vy__wire_check(const vy__ir *ir, vy_diags *diags) {
  checker c = {ir, diags};
  VY_TRY(check_strings(&c));
  VY_TRY(check_header(&c));
  VY_TRY(check_declarations(&c));
  VY_TRY(check_sizes(&c));
  for (uint32_t i = 0; i < ir->value_count; i++)
    VY_TRY(check_value(&c, i));
  return check_stmts(&c);
}
