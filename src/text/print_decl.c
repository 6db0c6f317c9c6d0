// Declarations: tables, constants, the structs that buffer elements need,
// parameters, headers. A struct is found anew from the fields' offsets
// (ir/layout.h), so that a layout prints whatever it was written as.
#include <stdio.h>

#include "ir/layout.h"
#include "semantics/semantics.h"
#include "text/print.h"

static void put_table(vy__print *p, uint32_t id) {
  const vy__table *t = &p->ir->tables[id];
  vy_type type = (vy_type)t->type;
  vy__buf_printf(p->out, "const %s: %s[%u] = {", p->table_names[id],
                 vy__type_name(type), t->count);
  for (uint32_t i = 0; i < t->count; i++) {
    vy__buf_str(p->out, i == 0 ? "" : i % 8 ? ", " : ",\n    ");
    vy__print_literal(p, vy__value_type(type),
                      vy__load_convert(type, p->ir->table_bits[t->first + i]));
  }
  vy__buf_str(p->out, "};\n");
}

// ---- structs

typedef struct maker {
  vy__print *p;
  const vy__layout *layout;
  uint32_t first;     // of the parameter's fields
  const char **names; // of the members that begin at a field, by field
} maker;

static const char *member_name(maker *m, uint32_t from, uint32_t field,
                               bool scalar) {
  const vy__ir *ir = m->p->ir;
  const char *base = "";
  if (scalar && ir->field_names)
    base = vy__ir_string(ir, ir->field_names[m->first + field]);
  char text[VY__MAX_NAME + 1];
  size_t n = 0;
  for (; base[n] && n < VY__MAX_NAME - 16; n++) {
    char c = base[n];
    bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                (n && c >= '0' && c <= '9');
    text[n] = fits ? c : '_';
  }
  text[n] = 0;
  bool fresh = n && !vy__is_reserved((vy_str){text, n});
  for (uint32_t i = from; fresh && i < m->layout->count; i++)
    fresh = !m->names[i] || strcmp(m->names[i], text) != 0;
  if (!fresh)
    n = (size_t)snprintf(text, sizeof text, scalar ? "f_%u_" : "s_%u_", field);
  const char *name = vy__arena_str(&m->p->arena, text, n);
  m->p->failed |= !name;
  return name ? name : "";
}

// Write the struct of fields i..l-1, inner structs first; its name. `path`
// is what selects it from an element. Recursion ends: each level has fewer
// fields, and at most VY__MAX_FIELDS.
static const char *put_struct(maker *m, uint32_t i, uint32_t l,
                              const char *path, const char *base) {
  vy__print *p = m->p;
  struct part {
    uint32_t from, to;
    const char *type, *name;
  } *parts = vy__arena_alloc(&p->arena, (l - i) * sizeof *parts);
  const char **names =
      vy__arena_alloc(&p->arena, m->layout->count * sizeof *names);
  p->failed |= !parts || !names;
  if (p->failed)
    return "";
  maker inner = *m;
  inner.names = names;
  uint32_t count = 0;
  for (uint32_t end = l, log = 4; end > i;) {
    uint32_t from = vy__layout_last(m->layout, i, end, &log);
    parts[count++] = (struct part){from, end, NULL, NULL};
    end = from;
    log = end > i ? vy__layout_before(m->layout, i, end, log) : 4;
  }
  for (uint32_t k = count; k-- > 0 && !p->failed;) {
    struct part *q = &parts[k];
    bool scalar = q->to - q->from == 1;
    q->name = names[q->from] = member_name(&inner, i, q->from, scalar);
    char text[VY__MAX_NAME * 2];
    int n = snprintf(text, sizeof text, "%s.%s", path, q->name);
    const char *own = vy__arena_str(&p->arena, text, (size_t)n);
    p->failed |= !own || n >= (int)sizeof text;
    if (p->failed)
      return "";
    if (scalar)
      p->field_places[m->first + q->from] = own;
    q->type = scalar ? vy__type_name((vy_type)m->layout->fields[q->from].type)
                     : put_struct(m, q->from, q->to, own, base);
  }
  const char *name = vy__print_name(p, base, "Element");
  vy__buf_printf(p->out, "struct %s {\n", name);
  for (uint32_t k = count; k-- > 0 && !p->failed;)
    vy__buf_printf(p->out, "    %s: %s;\n", parts[k].name, parts[k].type);
  vy__buf_str(p->out, "}\n");
  return name;
}

static void put_element_type(vy__print *p, uint32_t id, vy__layout *layout) {
  const vy__param *q = &p->ir->params[id];
  const vy__field *fields = p->ir->fields + q->first_field;
  if (!q->access)
    return;
  if (q->field_count == 1 &&
      q->element_size == vy__type_bytes((vy_type)fields[0].type)) {
    p->structs[id] = vy__type_name((vy_type)fields[0].type);
    p->field_places[q->first_field] = "";
    return;
  }
  if (!vy__layout_make(layout, fields, q->field_count, q->element_size)) {
    p->failed = true; // the validator lets no such program pass
    return;
  }
  char base[VY__MAX_NAME + 16];
  snprintf(base, sizeof base, "%s_t", vy__ir_string(p->ir, q->name));
  maker m = {p, layout, q->first_field, NULL};
  p->structs[id] = put_struct(&m, 0, q->field_count, "", base);
}

// ---- the program's head

static void put_param(vy__print *p, uint32_t id) {
  static const char *const access[] = {"", "read ", "write ", "update "};
  const vy__ir *ir = p->ir;
  const vy__param *q = &ir->params[id];
  vy__buf_printf(p->out, "%s: %s%s", vy__ir_string(ir, q->name),
                 access[q->access & 3],
                 q->access ? p->structs[id] : vy__type_name((vy_type)q->type));
  if (!q->access)
    return;
  vy__buf_str(p->out, "[");
  if (q->length != VY__NONE)
    vy__print_size(p, q->length, 0);
  vy__buf_str(p->out, "]");
  if (q->readback_lo == VY__NONE)
    return;
  vy__buf_str(p->out, " readback [");
  vy__print_size(p, q->readback_lo, 0);
  vy__buf_str(p->out, ", ");
  vy__print_size(p, q->readback_hi, 0);
  vy__buf_str(p->out, ")");
}

static void put_header(vy__print *p, const char *word, const uint32_t *sizes) {
  vy__buf_printf(p->out, "    %s ", word);
  for (uint32_t i = 0; i < 3 && sizes[i] != VY__NONE; i++) {
    vy__buf_str(p->out, i ? ", " : "");
    vy__print_size(p, sizes[i], 0);
  }
  vy__buf_str(p->out, ";\n");
}

static void put_globals(vy__print *p) {
  const vy__ir *ir = p->ir;
  for (uint32_t i = 0; i < ir->table_count; i++)
    put_table(p, i);
  for (uint32_t i = 0; i < ir->const_count; i++) {
    const vy__const *c = &ir->consts[i];
    vy__buf_printf(p->out, "const %s: %s = ", vy__ir_string(ir, c->name),
                   vy__type_name((vy_type)c->type));
    vy__print_literal(p, (vy_type)c->type, c->bits);
    vy__buf_str(p->out, ";\n");
  }
  vy__layout *layout = vy__arena_alloc(&p->arena, sizeof *layout);
  p->failed |= !layout;
  for (uint32_t i = 0; i < ir->param_count && !p->failed; i++)
    put_element_type(p, i, layout);
}

void vy__print_head(vy__print *p) {
  const vy__ir *ir = p->ir;
  put_globals(p);
  if (p->failed)
    return;
  vy__buf_printf(p->out, "program %s(", vy__ir_string(ir, ir->name));
  for (uint32_t i = 0; i < ir->param_count; i++) {
    vy__buf_str(p->out, i ? ",\n        " : "");
    put_param(p, i);
  }
  vy__buf_str(p->out, ") {\n");
  if (ir->group[0] != VY__NONE)
    put_header(p, "group", ir->group);
  put_header(p, ir->uses_groups ? "groups" : "lanes", ir->domain);
  for (uint32_t i = 0; i < ir->group_count; i++) {
    vy__buf_printf(p->out, "    shared %s: %s[", p->group_names[i],
                   vy__type_name((vy_type)ir->groups[i].type));
    vy__print_size(p, ir->groups[i].length, 0);
    vy__buf_str(p->out, "];\n");
  }
}
