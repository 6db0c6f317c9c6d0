// Growing, copying and freeing a program's arrays. One table describes every
// array (where its pointer and its count are, how large an element is), so
// that no function can forget one.
#include "ir/ir.h"

enum array_id {
  PARAMS,
  FIELDS,
  CONSTS,
  TABLES,
  TABLE_BITS,
  VARS,
  PRIVATES,
  GROUPS,
  SIZES,
  VALUES,
  STMTS,
  VALUE_POS,
  STMT_POS,
  PARAM_POS,
  SIZE_POS,
  VALUE_NAMES,
  VAR_NAMES,
  PRIVATE_NAMES,
  GROUP_NAMES,
  TABLE_NAMES,
  FIELD_NAMES,
  FILES,
  FILE_TEXTS,
  STRINGS,
  ARRAYS
};

typedef struct array_row {
  size_t data, count, size;
  bool debug; // exists only in programs with a debug part
} array_row;

#define ROW(field, counter, debug)                                             \
  {                                                                            \
    offsetof(vy__ir, field), offsetof(vy__ir, counter),                        \
        sizeof(*((vy__ir *)0)->field), debug                                   \
  }

static const array_row rows[ARRAYS] = {
    [PARAMS] = ROW(params, param_count, false),
    [FIELDS] = ROW(fields, field_count, false),
    [CONSTS] = ROW(consts, const_count, false),
    [TABLES] = ROW(tables, table_count, false),
    [TABLE_BITS] = ROW(table_bits, table_bit_count, false),
    [VARS] = ROW(vars, var_count, false),
    [PRIVATES] = ROW(privates, private_count, false),
    [GROUPS] = ROW(groups, group_count, false),
    [SIZES] = ROW(sizes, size_count, false),
    [VALUES] = ROW(values, value_count, false),
    [STMTS] = ROW(stmts, stmt_count, false),
    [VALUE_POS] = ROW(value_pos, value_count, true),
    [STMT_POS] = ROW(stmt_pos, stmt_count, true),
    [PARAM_POS] = ROW(param_pos, param_count, true),
    [SIZE_POS] = ROW(size_pos, size_count, true),
    [VALUE_NAMES] = ROW(value_names, value_count, true),
    [VAR_NAMES] = ROW(var_names, var_count, true),
    [PRIVATE_NAMES] = ROW(private_names, private_count, true),
    [GROUP_NAMES] = ROW(group_names, group_count, true),
    [TABLE_NAMES] = ROW(table_names, table_count, true),
    [FIELD_NAMES] = ROW(field_names, field_count, true),
    [FILES] = ROW(files, file_count, false),
    [FILE_TEXTS] = ROW(file_texts, file_count, false),
    [STRINGS] = ROW(strings, string_size, false),
};

_Static_assert(ARRAYS == VY__COUNT(((vy__ir *)0)->capacity),
               "one capacity for each array");

static void *get_data(const vy__ir *ir, int id) {
  void *p;
  memcpy(&p, (const char *)ir + rows[id].data, sizeof p);
  return p;
}

static void set_data(vy__ir *ir, int id, void *p) {
  memcpy((char *)ir + rows[id].data, &p, sizeof p);
}

static uint32_t get_count(const vy__ir *ir, int id) {
  uint32_t n;
  memcpy(&n, (const char *)ir + rows[id].count, sizeof n);
  return n;
}

void vy__ir_init(vy__ir *ir, const vy_allocator *alloc, bool debug) {
  memset(ir, 0, sizeof *ir);
  ir->alloc = alloc;
  ir->has_debug = debug;
  ir->dimensions = 1;
  for (int i = 0; i < 3; i++)
    ir->domain[i] = ir->group[i] = VY__NONE;
}

void vy__ir_free(vy__ir *ir) {
  if (!ir->alloc)
    return;
  for (int id = 0; id < ARRAYS; id++)
    vy__free(ir->alloc, get_data(ir, id), ir->capacity[id] * rows[id].size);
  memset(ir, 0, sizeof *ir);
}

bool vy__ir_copy(const vy__ir *ir, vy__ir *out) {
  vy__ir copy = *ir;
  for (int id = 0; id < ARRAYS; id++) {
    set_data(&copy, id, NULL);
    copy.capacity[id] = 0;
  }
  for (int id = 0; id < ARRAYS; id++) {
    const void *from = get_data(ir, id);
    uint32_t count = get_count(ir, id);
    if (!from || !count)
      continue;
    void *to = vy__calloc(ir->alloc, count, rows[id].size);
    if (!to) {
      vy__ir_free(&copy);
      return false;
    }
    memcpy(to, from, count * rows[id].size);
    set_data(&copy, id, to);
    copy.capacity[id] = count;
  }
  *out = copy;
  return true;
}

// Room for `extra` more elements, and for as many zeroed debug elements.
static bool make_room(vy__ir *ir, int id, uint32_t extra) {
  if (rows[id].debug && !ir->has_debug)
    return true;
  size_t count = get_count(ir, id);
  if (count + extra >= UINT32_MAX)
    return false;
  void *data = get_data(ir, id);
  if (!vy__grow(ir->alloc, &data, &ir->capacity[id], count + extra,
                rows[id].size))
    return false;
  set_data(ir, id, data);
  if (rows[id].debug)
    memset((char *)data + count * rows[id].size, 0, extra * rows[id].size);
  return true;
}

static void put_pos(vy__pos *to, uint32_t id, const vy__pos *pos) {
  if (to && pos)
    to[id] = *pos;
}

uint32_t vy__ir_add_value(vy__ir *ir, const vy__value *v, const vy__pos *pos) {
  if (!make_room(ir, VALUES, 1) || !make_room(ir, VALUE_POS, 1) ||
      !make_room(ir, VALUE_NAMES, 1))
    return VY__NONE;
  ir->values[ir->value_count] = *v;
  put_pos(ir->value_pos, ir->value_count, pos);
  return ir->value_count++;
}

uint32_t vy__ir_add_stmt(vy__ir *ir, const vy__stmt *s, const vy__pos *pos) {
  if (!make_room(ir, STMTS, 1) || !make_room(ir, STMT_POS, 1))
    return VY__NONE;
  ir->stmts[ir->stmt_count] = *s;
  put_pos(ir->stmt_pos, ir->stmt_count, pos);
  return ir->stmt_count++;
}

uint32_t vy__ir_add_size(vy__ir *ir, const vy__size *s, const vy__pos *pos) {
  if (!make_room(ir, SIZES, 1) || !make_room(ir, SIZE_POS, 1))
    return VY__NONE;
  ir->sizes[ir->size_count] = *s;
  put_pos(ir->size_pos, ir->size_count, pos);
  return ir->size_count++;
}

uint32_t vy__ir_add_param(vy__ir *ir, const vy__param *p, const vy__pos *pos) {
  if (!make_room(ir, PARAMS, 1) || !make_room(ir, PARAM_POS, 1))
    return VY__NONE;
  ir->params[ir->param_count] = *p;
  put_pos(ir->param_pos, ir->param_count, pos);
  return ir->param_count++;
}

uint32_t vy__ir_add_field(vy__ir *ir, const vy__field *f, uint32_t name) {
  if (!make_room(ir, FIELDS, 1) || !make_room(ir, FIELD_NAMES, 1))
    return VY__NONE;
  ir->fields[ir->field_count] = *f;
  if (ir->has_debug)
    ir->field_names[ir->field_count] = name;
  return ir->field_count++;
}

uint32_t vy__ir_add_const(vy__ir *ir, const vy__const *c) {
  if (!make_room(ir, CONSTS, 1))
    return VY__NONE;
  ir->consts[ir->const_count] = *c;
  return ir->const_count++;
}

uint32_t vy__ir_add_table(vy__ir *ir, vy_type type, const uint64_t *bits,
                          uint32_t count, uint32_t name) {
  if (!make_room(ir, TABLES, 1) || !make_room(ir, TABLE_NAMES, 1) ||
      !make_room(ir, TABLE_BITS, count))
    return VY__NONE;
  ir->tables[ir->table_count] =
      (vy__table){.type = type, .first = ir->table_bit_count, .count = count};
  if (count)
    memcpy(ir->table_bits + ir->table_bit_count, bits, count * sizeof *bits);
  ir->table_bit_count += count;
  if (ir->has_debug)
    ir->table_names[ir->table_count] = name;
  return ir->table_count++;
}

uint32_t vy__ir_add_var(vy__ir *ir, vy_type type, uint32_t name) {
  if (!make_room(ir, VARS, 1) || !make_room(ir, VAR_NAMES, 1))
    return VY__NONE;
  ir->vars[ir->var_count] = type;
  if (ir->has_debug)
    ir->var_names[ir->var_count] = name;
  return ir->var_count++;
}

uint32_t vy__ir_add_private(vy__ir *ir, const vy__array *a, uint32_t name) {
  if (!make_room(ir, PRIVATES, 1) || !make_room(ir, PRIVATE_NAMES, 1))
    return VY__NONE;
  ir->privates[ir->private_count] = *a;
  if (ir->has_debug)
    ir->private_names[ir->private_count] = name;
  return ir->private_count++;
}

uint32_t vy__ir_add_group(vy__ir *ir, const vy__array *a, uint32_t name) {
  if (!make_room(ir, GROUPS, 1) || !make_room(ir, GROUP_NAMES, 1))
    return VY__NONE;
  ir->groups[ir->group_count] = *a;
  if (ir->has_debug)
    ir->group_names[ir->group_count] = name;
  return ir->group_count++;
}

uint32_t vy__ir_add_string(vy__ir *ir, vy_str s) {
  size_t size = 0;
  while (size < s.size && s.data[size])
    size++;
  uint32_t lead = ir->string_size == 0; // offset 0 is ""
  if (!size && !lead)
    return 0;
  if (size > UINT32_MAX / 4 || !make_room(ir, STRINGS, (uint32_t)size + 2))
    return VY__NONE;
  if (lead)
    ir->strings[ir->string_size++] = 0;
  if (!size)
    return 0;
  uint32_t at = ir->string_size;
  memcpy(ir->strings + at, s.data, size);
  ir->strings[at + size] = 0;
  ir->string_size += (uint32_t)size + 1;
  return at;
}

uint32_t vy__ir_add_file(vy__ir *ir, vy_str name, vy_str text) {
  uint32_t n = vy__ir_add_string(ir, name);
  uint32_t t = vy__ir_add_string(ir, text);
  if (n == VY__NONE || t == VY__NONE || !make_room(ir, FILES, 1) ||
      !make_room(ir, FILE_TEXTS, 1))
    return VY__NONE;
  ir->files[ir->file_count] = n;
  ir->file_texts[ir->file_count] = t;
  return ir->file_count++;
}

// ---- positions

vy__where vy__where_pos(const vy__ir *ir, vy__pos pos) {
  vy__where w = {0};
  if (!pos.file || pos.file > ir->file_count)
    return w;
  w.file = vy_str_c(vy__ir_string(ir, ir->files[pos.file - 1]));
  w.line = pos.line;
  w.column = pos.column;
  const char *s = vy__ir_string(ir, ir->file_texts[pos.file - 1]);
  for (uint32_t line = 1; line < pos.line && s; line++) {
    s = strchr(s, '\n');
    s = s ? s + 1 : NULL;
  }
  if (s) {
    const char *end = s + strcspn(s, "\r\n");
    w.source = (vy_str){s, (size_t)(end - s)};
  }
  return w;
}

static vy__where where_in(const vy__ir *ir, const vy__pos *pos, uint32_t id,
                          uint32_t count) {
  return pos && id < count ? vy__where_pos(ir, pos[id]) : (vy__where){0};
}

vy__where vy__where_stmt(const vy__ir *ir, uint32_t stmt) {
  return where_in(ir, ir->stmt_pos, stmt, ir->stmt_count);
}

vy__where vy__where_value(const vy__ir *ir, uint32_t value) {
  return where_in(ir, ir->value_pos, value, ir->value_count);
}

// ---- structure

bool vy__is_ordered(const vy__ir *ir, const vy__value *v) {
  const vy__op_info *row = vy__op_row(v->op);
  switch ((vy__effect)row->effect) {
  case VY__EFFECT_LEAF:
    return v->op == VY__OP_LOOP_INDEX;
  case VY__EFFECT_PURE:
    return false;
  case VY__EFFECT_READ:
    if (v->space == VY__SPACE_TABLE)
      return false;
    if (v->space == VY__SPACE_BUFFER || row->sig == VY__SIG_BYTES_LOAD32 ||
        row->sig == VY__SIG_BYTES_LOAD64)
      return v->ref >= ir->param_count ||
             ir->params[v->ref].access != VY_ACCESS_READ;
    return true;
  case VY__EFFECT_WRITE:
  case VY__EFFECT_ATOMIC:
  case VY__EFFECT_COLLECTIVE:
  case VY__EFFECT_SYNC:
    break;
  }
  return true;
}

static bool opens(uint32_t kind) {
  return kind == VY__STMT_IF || kind == VY__STMT_WHILE ||
         kind == VY__STMT_FOR || kind == VY__STMT_BLOCK;
}

bool vy__ir_match(const vy__ir *ir, uint32_t *match) {
  uint32_t open[VY__MAX_NESTING], mid[VY__MAX_NESTING]; // mid: ELSE or COND
  uint32_t depth = 0;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    uint32_t kind = ir->stmts[i].kind;
    match[i] = VY__NONE;
    if (opens(kind)) {
      if (depth == VY__MAX_NESTING)
        return false;
      open[depth] = i;
      mid[depth++] = VY__NONE;
    } else if (kind == VY__STMT_ELSE || kind == VY__STMT_COND) {
      uint32_t want = kind == VY__STMT_ELSE ? VY__STMT_IF : VY__STMT_WHILE;
      if (!depth || mid[depth - 1] != VY__NONE ||
          ir->stmts[open[depth - 1]].kind != want)
        return false;
      match[open[depth - 1]] = mid[depth - 1] = i;
    } else if (kind == VY__STMT_END) {
      if (!depth)
        return false;
      uint32_t from = open[--depth], middle = mid[depth];
      if (middle == VY__NONE && ir->stmts[from].kind == VY__STMT_WHILE)
        return false;
      match[middle == VY__NONE ? from : middle] = i;
      match[i] = from;
    }
  }
  return depth == 0;
}
