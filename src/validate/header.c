// Names, parameters, layouts, size expressions, domain; then, with the
// constants at their defaults, the memory that arrays need.
#include "text/words.h"
#include "validate/internal.h"

enum { // what a size expression may use, beyond literals and constants
  MAY_LENGTHS = 1,  // scalars and lengths
  MAY_ELEMENTS = 2, // elements of outputs
};

static vy__where param_where(const vy__ir *ir, uint32_t i) {
  return ir->param_pos ? vy__where_pos(ir, ir->param_pos[i]) : (vy__where){0};
}

static vy__where size_where(const vy__ir *ir, uint32_t node) {
  return ir->size_pos ? vy__where_pos(ir, ir->size_pos[node]) : (vy__where){0};
}

static bool is_identifier(const char *s) {
  bool ok = *s && (*s < '0' || *s > '9') && strlen(s) <= VY__MAX_NAME;
  for (; ok && *s; s++)
    ok = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
         (*s >= '0' && *s <= '9') || *s == '_';
  return ok;
}

static void check_name(vy__validation *v, vy__where where, uint32_t name) {
  const char *s = vy__ir_string(&v->program->ir, name);
  if (!is_identifier(s))
    vy__invalid(v, where, VY__E_NAME, "\"%.64s\" is not an identifier", s);
  else if (vy__is_reserved(vy_str_c(s)))
    vy__invalid(v, where, VY__E_NAME, "\"%s\" is a reserved word", s);
}

static void check_names(vy__validation *v) {
  const vy__ir *ir = &v->program->ir;
  uint32_t names[VY__MAX_PARAMS + VY__MAX_CONSTS], count = 0;
  check_name(v, (vy__where){0}, ir->name);
  for (uint32_t i = 0; i < ir->param_count; i++) {
    check_name(v, param_where(ir, i), ir->params[i].name);
    names[count++] = ir->params[i].name;
  }
  for (uint32_t i = 0; i < ir->const_count; i++) {
    check_name(v, (vy__where){0}, ir->consts[i].name);
    names[count++] = ir->consts[i].name;
  }
  for (uint32_t i = 0; i < count; i++)
    for (uint32_t k = 0; k < i; k++)
      if (!strcmp(vy__ir_string(ir, names[i]), vy__ir_string(ir, names[k])))
        vy__invalid(v, (vy__where){0}, VY__E_NAME,
                    "\"%s\" names two parameters or constants",
                    vy__ir_string(ir, names[i]));
}

static bool integer_const(const vy__ir *ir, uint32_t ref) {
  return ref < ir->const_count && vy__is_int(ir->consts[ref].type);
}

// An element that a readback bound may read: an integer field of an output.
static bool element_ok(const vy__ir *ir, const vy__size *s) {
  if (s->ref >= ir->param_count)
    return false;
  const vy__param *p = &ir->params[s->ref];
  return p->access >= VY_ACCESS_WRITE && s->imm < p->field_count &&
         vy__is_int(vy__value_type(ir->fields[p->first_field + s->imm].type));
}

static const char *node_fault(const vy__ir *ir, const vy__size *s,
                              uint32_t may) {
  switch ((vy__size_op)s->op) {
  case VY__SIZE_LITERAL:
    return NULL;
  case VY__SIZE_SPEC:
    return integer_const(ir, s->ref) ? NULL : "a constant that is no integer";
  case VY__SIZE_PARAM:
    if (!(may & MAY_LENGTHS))
      return "a scalar parameter";
    return s->ref < ir->param_count && !ir->params[s->ref].access &&
                   vy__is_int(ir->params[s->ref].type)
               ? NULL
               : "a parameter that is no integer";
  case VY__SIZE_LEN:
    if (!(may & MAY_LENGTHS))
      return "the length of a buffer";
    return s->ref < ir->param_count && ir->params[s->ref].access
               ? NULL
               : "the length of something that is no buffer";
  case VY__SIZE_ELEMENT:
    if (!(may & MAY_ELEMENTS))
      return "an element of a buffer";
    return element_ok(ir, s) ? NULL : "an element that is no integer output";
  case VY__SIZE_ADD:
  case VY__SIZE_SUB:
  case VY__SIZE_MUL:
  case VY__SIZE_DIV:
  case VY__SIZE_REM:
  case VY__SIZE_MIN:
  case VY__SIZE_MAX:
    return s->b != VY__NONE && s->b < ir->size_count ? NULL
                                                     : "a missing operand";
  }
  return "an unknown operation";
}

// Walk the tree of a simple expression; first fault wins.
static const char *size_fault(const vy__ir *ir, uint32_t node, uint32_t may) {
  if (node >= ir->size_count)
    return "a missing operand";
  const vy__size *s = &ir->sizes[node];
  const char *why = node_fault(ir, s, may);
  if (!why && s->op >= VY__SIZE_ADD)
    why = size_fault(ir, s->a, may);
  if (!why && s->op >= VY__SIZE_ADD && s->op <= VY__SIZE_MAX)
    why = size_fault(ir, s->b, may);
  return why;
}

static bool check_size(vy__validation *v, uint32_t node, uint32_t may,
                       const char *what) {
  const vy__ir *ir = &v->program->ir;
  if (node >= ir->size_count) {
    vy__invalid(v, (vy__where){0}, VY__E_SIZE, "%s has no expression", what);
    return false;
  }
  if (!vy__size_is_simple(ir, node)) {
    vy__invalid(v, size_where(ir, node), VY__E_SIZE,
                "the expression of %s is too deep or too long; limits: %d "
                "levels, %d operations",
                what, VY__MAX_NESTING, VY__MAX_SIZE_NODES);
    return false;
  }
  const char *why = size_fault(ir, node, may);
  if (why)
    vy__invalid(v, size_where(ir, node), VY__E_SIZE, "%s uses %s", what, why);
  return !why;
}

static void check_layout(vy__validation *v, uint32_t i) {
  const vy__ir *ir = &v->program->ir;
  const vy__param *p = &ir->params[i];
  const char *name = vy__ir_string(ir, p->name);
  bool fields = p->field_count && p->field_count <= VY__MAX_FIELDS &&
                p->first_field <= ir->field_count &&
                p->field_count <= ir->field_count - p->first_field;
  if (!fields || p->element_size > VY__MAX_ELEMENT_SIZE) {
    vy__invalid(v, param_where(ir, i), VY__E_LAYOUT,
                "an element of \"%s\" has %u fields in %u bytes; limits: %d "
                "and %d",
                name, p->field_count, p->element_size, VY__MAX_FIELDS,
                VY__MAX_ELEMENT_SIZE);
    return;
  }
  const vy__field *f = &ir->fields[p->first_field];
  for (uint32_t k = 0; k < p->field_count; k++)
    fields = fields && vy__is_storage_type(f[k].type);
  if (!fields || !vy__layout_is_c(f, p->field_count, p->element_size))
    vy__invalid(v, param_where(ir, i), VY__E_LAYOUT,
                "the element of \"%s\" (%u fields, %u bytes) is not the "
                "layout of a C struct",
                name, p->field_count, p->element_size);
}

static bool reads_element(const vy__ir *ir, uint32_t node, uint32_t param) {
  if (node == VY__NONE)
    return false;
  const vy__size *s = &ir->sizes[node];
  if (s->op == VY__SIZE_ELEMENT && s->ref == param)
    return true;
  return reads_element(ir, s->a, param) || reads_element(ir, s->b, param);
}

static void check_readback(vy__validation *v, uint32_t i) {
  const vy__ir *ir = &v->program->ir;
  const vy__param *p = &ir->params[i];
  bool lo = p->readback_lo != VY__NONE, hi = p->readback_hi != VY__NONE;
  if (!lo && !hi)
    return;
  if (!lo || !hi || p->access < VY_ACCESS_WRITE) {
    vy__invalid(v, param_where(ir, i), VY__E_READBACK,
                "\"%s\" cannot have a readback range",
                vy__ir_string(ir, p->name));
    return;
  }
  bool ok =
      check_size(v, p->readback_lo, MAY_LENGTHS | MAY_ELEMENTS, "readback");
  ok = check_size(v, p->readback_hi, MAY_LENGTHS | MAY_ELEMENTS, "readback") &&
       ok;
  if (ok && (reads_element(ir, p->readback_lo, i) ||
             reads_element(ir, p->readback_hi, i)))
    vy__invalid(v, param_where(ir, i), VY__E_READBACK,
                "the readback range of \"%s\" reads \"%s\" itself",
                vy__ir_string(ir, p->name), vy__ir_string(ir, p->name));
}

static void check_params(vy__validation *v) {
  vy_program *program = v->program;
  const vy__ir *ir = &program->ir;
  for (uint32_t i = 0; i < ir->param_count; i++) {
    const vy__param *p = &ir->params[i];
    if (p->access > VY_ACCESS_UPDATE ||
        (!p->access && !vy__is_value_type(p->type))) {
      vy__invalid(v, param_where(ir, i), VY__E_VALUE_TYPE,
                  "parameter \"%s\" has no such type",
                  vy__ir_string(ir, p->name));
      continue;
    }
    if (!p->access)
      continue;
    program->output_count += p->access >= VY_ACCESS_WRITE;
    check_layout(v, i);
    if (p->length != VY__NONE)
      check_size(v, p->length, MAY_LENGTHS, "the length");
    check_readback(v, i);
  }
}

// Lengths of which other parameters an expression uses, as a mask.
static uint64_t lengths_used(const vy__ir *ir, uint32_t node) {
  if (node == VY__NONE)
    return 0;
  const vy__size *s = &ir->sizes[node];
  if (s->op == VY__SIZE_LEN)
    return UINT64_C(1) << s->ref;
  return lengths_used(ir, s->a) | lengths_used(ir, s->b);
}

// A `write` may take its length from another `write`, but not in a circle.
static void check_length_cycles(vy__validation *v) {
  const vy__ir *ir = &v->program->ir;
  uint64_t needs[VY__MAX_PARAMS] = {0};
  for (uint32_t i = 0; i < ir->param_count; i++)
    if (ir->params[i].access == VY_ACCESS_WRITE)
      needs[i] = lengths_used(ir, ir->params[i].length);
  for (uint32_t k = 0; k < ir->param_count; k++) // Warshall's closure
    for (uint32_t i = 0; i < ir->param_count; i++)
      if (needs[i] >> k & 1)
        needs[i] |= needs[k];
  for (uint32_t i = 0; i < ir->param_count; i++)
    if (needs[i] >> i & 1)
      vy__invalid(v, param_where(ir, i), VY__E_SIZE,
                  "the length of \"%s\" depends on itself",
                  vy__ir_string(ir, ir->params[i].name));
}

static void check_domain(vy__validation *v) {
  const vy__ir *ir = &v->program->ir;
  bool grouped = ir->group[0] != VY__NONE;
  if (ir->dimensions < 1 || ir->dimensions > 3 || ir->uses_groups > 1) {
    vy__invalid(v, (vy__where){0}, VY__E_DOMAIN,
                "the domain has %u dimensions, it may have 1 to 3",
                ir->dimensions);
    return;
  }
  for (uint32_t d = 0; d < 3; d++) {
    bool there = d < ir->dimensions;
    if (there != (ir->domain[d] != VY__NONE) ||
        (there && grouped) != (ir->group[d] != VY__NONE)) {
      vy__invalid(v, (vy__where){0}, VY__E_DOMAIN,
                  "domain and group do not have the same %u dimensions",
                  ir->dimensions);
      return;
    }
    if (there)
      check_size(v, ir->domain[d], MAY_LENGTHS, "the domain");
    if (there && grouped)
      check_size(v, ir->group[d], 0, "the group size");
  }
  if (ir->uses_groups && !grouped)
    vy__invalid(v, (vy__where){0}, VY__E_NEEDS_GROUPS,
                "`groups` needs a group size\nFix: add `group N;`, or use "
                "`lanes`");
}

static void check_arrays(vy__validation *v) {
  const vy__ir *ir = &v->program->ir;
  for (uint32_t i = 0; i < ir->const_count; i++)
    if (!vy__is_value_type(ir->consts[i].type))
      vy__invalid(v, (vy__where){0}, VY__E_VALUE_TYPE,
                  "constant \"%s\" has no such type",
                  vy__ir_string(ir, ir->consts[i].name));
  for (uint32_t i = 0; i < ir->private_count + ir->group_count; i++) {
    const vy__array *a = i < ir->private_count
                             ? &ir->privates[i]
                             : &ir->groups[i - ir->private_count];
    if (!vy__is_storage_type(a->type))
      vy__invalid(v, (vy__where){0}, VY__E_VALUE_TYPE,
                  "an array cannot hold %s", vy__type_name(a->type));
    check_size(v, a->length, 0, "the length of an array");
  }
  for (uint32_t i = 0; i < ir->table_count; i++)
    if (!vy__is_storage_type(ir->tables[i].type))
      vy__invalid(v, (vy__where){0}, VY__E_VALUE_TYPE, "a table cannot hold %s",
                  vy__type_name(ir->tables[i].type));
  for (uint32_t i = 0; i < ir->var_count; i++)
    if (!vy__is_value_type(ir->vars[i]))
      vy__invalid(v, (vy__where){0}, VY__E_VALUE_TYPE,
                  "a variable cannot hold %s", vy__type_name(ir->vars[i]));
  if (ir->group_count && !ir->uses_groups)
    vy__invalid(v, (vy__where){0}, VY__E_NEEDS_GROUPS,
                "group memory needs `groups`");
}

void vy__validate_header(vy__validation *v) {
  check_names(v);
  check_params(v);
  if (v->status == VY_OK)
    check_length_cycles(v);
  check_domain(v);
  check_arrays(v);
}

// ---- memory

// A size over constants, at their defaults; 0 (and an error) when it has none.
static uint64_t constant_size(vy__validation *v, uint32_t node,
                              const char *what) {
  const vy__ir *ir = &v->program->ir;
  vy__size_env env = {0};
  uint64_t size = 0;
  vy__size_result got = vy__size_eval(ir, node, &env, &size);
  if (got == VY__SIZE_OK)
    return size;
  char text[128];
  vy__size_text(ir, node, text, sizeof text);
  vy__invalid(v, size_where(ir, node), VY__E_SIZE,
              "%s, `%s`, overflows, is negative or divides by zero", what,
              text);
  return 0;
}

static void group_size(vy__validation *v) {
  vy_program *p = v->program;
  uint64_t lanes = 1;
  for (int d = 0; d < 3; d++) {
    p->group_size[d] = 1;
    uint32_t node = p->ir.group[d];
    if (node == VY__NONE)
      continue;
    uint64_t n = constant_size(v, node, "the group size");
    lanes = n > VY__MAX_GROUP_LANES ? VY__MAX_GROUP_LANES + 1 : lanes * n;
    if (!n || lanes > VY__MAX_GROUP_LANES) {
      vy__invalid(v, size_where(&p->ir, node), VY__E_GROUP_LANES,
                  "a group has %s lanes; it may have 1 to %d",
                  n ? "too many" : "no", VY__MAX_GROUP_LANES);
      return;
    }
    p->group_size[d] = (uint32_t)n;
  }
}

// Bytes of `count` arrays, each aligned to 8; their lengths into `lengths`.
// *over is the length of the array with which they are more than `limit`.
static uint64_t array_bytes(vy__validation *v, const vy__array *arrays,
                            uint32_t count, uint32_t *lengths, uint64_t limit,
                            uint32_t *over) {
  uint64_t bytes = 0;
  *over = VY__NONE;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t n = constant_size(v, arrays[i].length, "the length of an array");
    bool long_one = n > limit;
    if (!long_one) {
      lengths[i] = (uint32_t)n;
      bytes += (n * vy__type_bytes(arrays[i].type) + 7) & ~UINT64_C(7);
    }
    if (*over == VY__NONE && (long_one || bytes > limit))
      *over = arrays[i].length;
    if (long_one)
      return limit + 1;
  }
  return bytes;
}

void vy__validate_memory(vy__validation *v) {
  vy_program *p = v->program;
  group_size(v);
  uint32_t over;
  uint64_t group = array_bytes(v, p->ir.groups, p->ir.group_count,
                               p->group_lengths, VY__MAX_GROUP_MEMORY, &over);
  if (group > VY__MAX_GROUP_MEMORY)
    vy__invalid(v, size_where(&p->ir, over), VY__E_GROUP_MEMORY,
                "with this array, group memory takes more than %d bytes",
                VY__MAX_GROUP_MEMORY);
  uint64_t own = array_bytes(v, p->ir.privates, p->ir.private_count,
                             p->private_lengths, VY__MAX_PRIVATE_MEMORY, &over);
  if (own > VY__MAX_PRIVATE_MEMORY)
    vy__invalid(v, size_where(&p->ir, over), VY__E_PRIVATE_MEMORY,
                "with this array, private arrays take more than %d bytes a "
                "lane",
                VY__MAX_PRIVATE_MEMORY);
  p->group_memory_bytes = (uint32_t)group;
  p->private_bytes = (uint32_t)own;
}
