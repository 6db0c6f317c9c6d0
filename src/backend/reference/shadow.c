// Shadow memory. Every scalar of writable memory is a row of cells, one per
// unit (the greatest common divisor of the offsets and sizes in its buffer),
// made page by page as they are touched.
//
// A cell remembers one plain writer, two readers and two atomics. That is
// enough to find every race. Of writers the last suffices: an unordered one
// before it was a race already, an ordered one is ordered before whatever the
// last is ordered before. Of readers (likewise atomics) the last is kept, and
// besides it one of another group, since groups are never ordered and run one
// after another: with it any later write races. Until there is one, a second
// lane of the same group and barrier interval stands in its place: of two
// lanes, one at least is not the writer.
//
// Touches are unordered when their lanes differ and either the groups differ
// or no barrier of the group stands between. Without groups every lane is a
// group of its own. Group memory is new for each group: what another group
// left there is void.
#include "backend/reference/shadow.h"

#include <stdio.h>

typedef unsigned long long ull;

enum { PAGE_CELLS = 256 };

typedef struct touch {
  uint32_t lane;     // as vy__lane.sequence
  uint32_t interval; // 0: no touch
  uint32_t value;    // the operation
} touch;

typedef struct cell {
  touch writer, readers[2], atomics[2];
  uint32_t written; // 1: a write, ever
} cell;

typedef struct area { // of one buffer or group array
  cell **pages;
  uint64_t page_count;
  uint64_t bytes; // that it covers
  uint32_t unit;  // bytes a cell stands for
} area;

typedef struct finding { // reported once per pair of operations and kind
  uint32_t kind, a, b;   // kind: vy__err
} finding;

struct vy__shadow {
  const vy_allocator *alloc;
  const vy_program *program;
  const vy__launch_item *item;
  vy_check_report *report;
  vy_diags *diags;
  area *areas; // parameters, then group arrays
  uint32_t area_count;
  uint32_t group_size;
  bool failed;
  finding *findings;
  size_t finding_count, finding_capacity;
};

// ---- making

static uint32_t gcd(uint32_t a, uint32_t b) {
  while (b) {
    uint32_t r = a % b;
    a = b;
    b = r;
  }
  return a;
}

static uint32_t unit_of_param(const vy__ir *ir, const vy__param *p) {
  uint32_t unit = p->element_size;
  for (uint32_t i = 0; i < p->field_count; i++) {
    const vy__field *f = &ir->fields[p->first_field + i];
    unit = gcd(gcd(unit, f->offset), vy__type_bytes((vy_type)f->type));
  }
  return unit;
}

static bool make_area(const vy__shadow *s, area *a, uint64_t bytes,
                      uint32_t unit) {
  uint64_t per_page = (uint64_t)unit * PAGE_CELLS;
  a->bytes = bytes;
  a->unit = unit;
  a->page_count = bytes / per_page + (bytes % per_page != 0);
  if (a->page_count > SIZE_MAX / sizeof *a->pages)
    return false;
  if (a->page_count)
    a->pages = vy__calloc(s->alloc, (size_t)a->page_count, sizeof *a->pages);
  return a->pages || !a->page_count;
}

static bool make_areas(vy__shadow *s) {
  const vy__ir *ir = &s->program->ir;
  s->areas = vy__calloc(s->alloc, s->area_count, sizeof *s->areas);
  if (!s->areas)
    return false;
  for (uint32_t i = 0; i < ir->param_count; i++) {
    const vy__param *p = &ir->params[i];
    if (p->access != VY_ACCESS_WRITE && p->access != VY_ACCESS_UPDATE)
      continue;
    if (!make_area(s, &s->areas[i], s->item->binds[i].size,
                   unit_of_param(ir, p)))
      return false;
  }
  for (uint32_t i = 0; i < ir->group_count; i++) {
    uint32_t bytes = vy__type_bytes((vy_type)ir->groups[i].type);
    if (!make_area(s, &s->areas[ir->param_count + i],
                   (uint64_t)s->program->group_lengths[i] * bytes, bytes))
      return false;
  }
  return true;
}

vy__shadow *vy__shadow_create(const vy_allocator *alloc,
                              const vy_program *program,
                              const vy__launch_item *item,
                              vy_check_report *report, vy_diags *diags) {
  vy__shadow *s = vy__calloc(alloc, 1, sizeof *s);
  if (!s)
    return NULL;
  const uint32_t *g = program->group_size;
  *s = (vy__shadow){.alloc = alloc,
                    .program = program,
                    .item = item,
                    .report = report,
                    .diags = diags,
                    .group_size = 1};
  s->area_count = program->ir.param_count + program->ir.group_count;
  if (program->ir.uses_groups)
    s->group_size = g[0] * g[1] * g[2];
  if (make_areas(s))
    return s;
  vy__shadow_free(s);
  return NULL;
}

void vy__shadow_free(vy__shadow *s) {
  if (!s)
    return;
  for (uint32_t i = 0; s->areas && i < s->area_count; i++) {
    area *a = &s->areas[i];
    for (uint64_t k = 0; a->pages && k < a->page_count; k++)
      vy__free(s->alloc, a->pages[k],
               a->pages[k] ? PAGE_CELLS * sizeof(cell) : 0);
    vy__free(s->alloc, a->pages,
             a->pages ? (size_t)a->page_count * sizeof *a->pages : 0);
  }
  vy__free(s->alloc, s->areas, s->areas ? s->area_count * sizeof *s->areas : 0);
  vy__free(s->alloc, s->findings, s->finding_capacity * sizeof *s->findings);
  vy__free(s->alloc, s, sizeof *s);
}

bool vy__shadow_failed(const vy__shadow *s) { return s->failed; }

void vy__shadow_next(vy__shadow *s) {
  for (uint32_t i = 0; i < s->area_count; i++)
    for (uint64_t k = 0; k < s->areas[i].page_count; k++) {
      cell *page = s->areas[i].pages[k];
      for (uint32_t c = 0; page && c < PAGE_CELLS; c++)
        page[c] = (cell){.written = page[c].written};
    }
}

// ---- reporting

// Is this the first time? Also when there is no memory to know.
static bool is_new(vy__shadow *s, finding f) {
  for (size_t i = 0; i < s->finding_count; i++) {
    const finding *o = &s->findings[i];
    if (o->kind == f.kind && o->a == f.a && o->b == f.b)
      return false;
  }
  if (!vy__grow(s->alloc, (void **)&s->findings, &s->finding_capacity,
                s->finding_count + 1, sizeof *s->findings)) {
    s->failed = true;
    return false;
  }
  s->findings[s->finding_count++] = f;
  return true;
}

static const char *name_of(const vy__shadow *s, uint32_t space, uint32_t ref) {
  const vy__ir *ir = &s->program->ir;
  if (space == VY__SPACE_BUFFER)
    return vy__ir_string(ir, ir->params[ref].name);
  const uint32_t *names = space == VY__SPACE_GROUP     ? ir->group_names
                          : space == VY__SPACE_PRIVATE ? ir->private_names
                                                       : ir->table_names;
  const char *name = names ? vy__ir_string(ir, names[ref]) : "";
  return *name                        ? name
         : space == VY__SPACE_GROUP   ? "shared memory"
         : space == VY__SPACE_PRIVATE ? "a private array"
                                      : "a table";
}

// The lane's index in the domain, from its place in the sequence of groups.
static uint64_t lane_index(const vy__shadow *s, uint32_t sequence) {
  const vy_program *p = s->program;
  if (!p->ir.uses_groups)
    return sequence;
  const uint64_t *n = s->item->groups, *lanes = s->item->lanes;
  uint64_t group = sequence / s->group_size, local = sequence % s->group_size;
  uint64_t at[3], g[3] = {p->group_size[0], p->group_size[1], p->group_size[2]};
  at[0] = group % n[0] * g[0] + local % g[0];
  at[1] = group / n[0] % n[1] * g[1] + local / g[0] % g[1];
  at[2] = group / n[0] / n[1] * g[2] + local / g[0] / g[1];
  return at[0] + lanes[0] * (at[1] + lanes[1] * at[2]);
}

// "lane (3, 0, 1)", or "lane 3" in one dimension.
static void lane_text(const vy__shadow *s, uint64_t linear, char out[96]) {
  const uint64_t *n = s->item->lanes;
  uint32_t dims = s->program->ir.dimensions;
  if (dims == 1)
    snprintf(out, 96, "lane %llu", (ull)linear);
  else if (dims == 2)
    snprintf(out, 96, "lane (%llu, %llu)", (ull)(linear % n[0]),
             (ull)(linear / n[0]));
  else
    snprintf(out, 96, "lane (%llu, %llu, %llu)", (ull)(linear % n[0]),
             (ull)(linear / n[0] % n[1]), (ull)(linear / n[0] / n[1]));
}

static const char *verb(const vy__shadow *s, uint32_t value) {
  const vy__op_info *row = vy__op_row(s->program->ir.values[value].op);
  switch ((vy__effect)row->effect) {
  case VY__EFFECT_READ:
    return "reads";
  case VY__EFFECT_WRITE:
    return "writes";
  case VY__EFFECT_LEAF:
  case VY__EFFECT_PURE:
  case VY__EFFECT_ATOMIC:
  case VY__EFFECT_COLLECTIVE:
  case VY__EFFECT_SYNC:
    break;
  }
  return row->sig == VY__SIG_ATOMIC0 ? "reads atomically"
                                     : "changes atomically";
}

static void report_race(vy__shadow *s, const vy__site *site, uint64_t byte,
                        touch before, touch now) {
  s->report->races++;
  if (!s->diags ||
      !is_new(s,
              (finding){VY__E_RACE,
                        before.value < now.value ? before.value : now.value,
                        before.value < now.value ? now.value : before.value}))
    return;
  const vy__ir *ir = &s->program->ir;
  vy__where here = vy__where_value(ir, now.value);
  vy__where there = vy__where_value(ir, before.value);
  char one[96], two[96], line[64] = "";
  lane_text(s, lane_index(s, now.lane), one);
  lane_text(s, lane_index(s, before.lane), two);
  if (there.line)
    snprintf(line, sizeof line, " in line %u", there.line);
  vy__fail(s->diags, &here, VY__E_RACE,
           "%s %s %s[%llu], which %s %s%s with no barrier of one group "
           "between",
           one, verb(s, now.value), name_of(s, site->space, site->ref),
           (ull)(byte / site->stride), two, verb(s, before.value), line);
}

// ---- touching

static cell *find(vy__shadow *s, area *a, uint64_t index) {
  cell **page = &a->pages[index / PAGE_CELLS];
  if (!*page)
    *page = vy__calloc(s->alloc, PAGE_CELLS, sizeof **page);
  if (!*page) {
    s->failed = true;
    return NULL;
  }
  return *page + index % PAGE_CELLS;
}

typedef struct context {
  vy__shadow *s;
  const vy__site *site;
  uint64_t byte;
  touch now;
  bool raced; // one report a touch
} context;

static uint32_t group_of(const vy__shadow *s, touch t) {
  return t.lane / s->group_size;
}

static bool is_void(const context *c, touch t) {
  return t.interval == 0 || (c->site->space == VY__SPACE_GROUP &&
                             group_of(c->s, t) != group_of(c->s, c->now));
}

static void against(context *c, touch before) {
  if (c->raced || is_void(c, before) || before.lane == c->now.lane)
    return;
  bool same_group = group_of(c->s, before) == group_of(c->s, c->now);
  if (same_group && before.interval != c->now.interval)
    return;
  c->raced = true;
  report_race(c->s, c->site, c->byte, before, c->now);
}

// Make `now` the last of a pair, by the rule at the head of the file.
static void remember(context *c, touch pair[2]) {
  touch last = pair[0], other = pair[1], now = c->now;
  pair[0] = now;
  if (is_void(c, last)) {
    pair[1] = (touch){0};
    return;
  }
  uint32_t group = group_of(c->s, now);
  if (group_of(c->s, last) != group)
    pair[1] = last;
  else if (is_void(c, other) || group_of(c->s, other) == group) {
    if (last.interval != now.interval)
      pair[1] = (touch){0};
    else if (last.lane != now.lane)
      pair[1] = last;
  }
}

static void touch_cell(context *c, cell *cell, vy__touch kind) {
  against(c, cell->writer);
  if (kind != VY__TOUCH_ATOMIC && kind != VY__TOUCH_ATOMIC_READ) {
    against(c, cell->atomics[0]);
    against(c, cell->atomics[1]);
  }
  if (kind != VY__TOUCH_READ) {
    against(c, cell->readers[0]);
    against(c, cell->readers[1]);
  }
  if (kind == VY__TOUCH_READ)
    remember(c, cell->readers);
  else if (kind == VY__TOUCH_WRITE)
    cell->writer = c->now;
  else
    remember(c, cell->atomics);
  if (kind == VY__TOUCH_WRITE || kind == VY__TOUCH_ATOMIC)
    cell->written = 1;
}

void vy__shadow_touch(vy__shadow *s, const vy__runner *r, const vy__lane *lane,
                      const vy__site *site, uint64_t byte, uint32_t bytes,
                      vy__touch kind) {
  uint32_t first =
      site->space == VY__SPACE_GROUP ? s->program->ir.param_count : 0;
  area *a = &s->areas[first + site->ref];
  context c = {.s = s,
               .site = site,
               .byte = byte,
               .now = {lane->sequence, r->interval, site->value}};
  for (uint64_t at = byte; at < byte + bytes; at += a->unit) {
    cell *cell = find(s, a, at / a->unit);
    if (!cell)
      return;
    touch_cell(&c, cell, kind);
  }
}

void vy__shadow_outside(vy__shadow *s, const vy__lane *lane,
                        const vy__site *site, uint64_t index, uint64_t length) {
  s->report->out_of_bounds++;
  if (!s->diags ||
      !is_new(s, (finding){VY__E_CHECK_BOUNDS, site->value, VY__NONE}))
    return;
  vy__where where = vy__where_value(&s->program->ir, site->value);
  char who[96], at[32];
  lane_text(s, lane->linear, who);
  if (site->is_signed)
    snprintf(at, sizeof at, "%lld", (long long)index);
  else
    snprintf(at, sizeof at, "%llu", (ull)index);
  vy__report(s->diags, &where, VY_SEVERITY_WARNING, VY__E_CHECK_BOUNDS,
             "%s accesses %s at %s; its length is %llu", who,
             name_of(s, site->space, site->ref), at, (ull)length);
}

// ---- what was never written

static const cell *peek(const area *a, uint64_t index) {
  const cell *page = a->pages[index / PAGE_CELLS];
  return page ? page + index % PAGE_CELLS : NULL;
}

static bool is_written(const vy__shadow *s, uint32_t param, uint64_t index) {
  const vy__ir *ir = &s->program->ir;
  const vy__param *p = &ir->params[param];
  const area *a = &s->areas[param];
  for (uint32_t i = 0; i < p->field_count; i++) {
    const vy__field *f = &ir->fields[p->first_field + i];
    uint64_t at = index * p->element_size + f->offset;
    uint64_t end = at + vy__type_bytes((vy_type)f->type);
    for (; at < end; at += a->unit) {
      const cell *c = peek(a, at / a->unit);
      if (!c || !c->written)
        return false;
    }
  }
  return true;
}

typedef struct elements { // for readback bounds
  const vy__shadow *s;
  uint8_t *const *work;
} elements;

static bool element(void *user, uint32_t param, uint64_t index, uint32_t field,
                    uint64_t *bits) {
  const elements *e = user;
  const vy__ir *ir = &e->s->program->ir;
  const vy__param *p = &ir->params[param];
  if (index >= e->s->item->binds[param].length || field >= p->field_count)
    return false;
  const vy__field *f = &ir->fields[p->first_field + field];
  *bits = 0;
  memcpy(bits, e->work[param] + index * p->element_size + f->offset,
         vy__type_bytes((vy_type)f->type));
  *bits = vy__load_convert((vy_type)f->type, *bits);
  return true;
}

// The elements of an output that return: outside them nobody looks.
static void returned(const vy__shadow *s, uint32_t param, uint8_t *const *work,
                     uint64_t *lo, uint64_t *hi) {
  const vy__ir *ir = &s->program->ir;
  const vy__param *p = &ir->params[param];
  uint64_t length = s->item->binds[param].length, lengths[VY__MAX_PARAMS];
  *lo = 0;
  *hi = length;
  if (p->readback_lo == VY__NONE)
    return;
  for (uint32_t i = 0; i < ir->param_count; i++)
    lengths[i] = ir->params[i].access ? s->item->binds[i].length : 0;
  elements e = {s, work};
  vy__size_env env = {.scalars = s->item->scalars,
                      .lengths = lengths,
                      .element = element,
                      .user = &e};
  uint64_t from, to;
  if (vy__size_eval(ir, p->readback_lo, &env, &from) == VY__SIZE_OK)
    *lo = from;
  if (vy__size_eval(ir, p->readback_hi, &env, &to) == VY__SIZE_OK &&
      to < length)
    *hi = to;
}

static void report_unwritten(vy__shadow *s, uint32_t param,
                             uint8_t *const *work) {
  const vy__ir *ir = &s->program->ir;
  uint64_t lo, hi, count = 0, first = 0;
  returned(s, param, work, &lo, &hi);
  for (uint64_t i = lo; i < hi; i++)
    if (!is_written(s, param, i) && count++ == 0)
      first = i;
  s->report->unwritten += count;
  if (!count || !s->diags)
    return;
  vy__where where = {0};
  if (ir->param_pos)
    where = vy__where_pos(ir, ir->param_pos[param]);
  vy__report(s->diags, &where, VY_SEVERITY_WARNING, VY__E_UNWRITTEN,
             "%llu of the %llu elements of %s that return are never written; "
             "the first is %s[%llu]",
             (ull)count, (ull)(hi - lo), name_of(s, VY__SPACE_BUFFER, param),
             name_of(s, VY__SPACE_BUFFER, param), (ull)first);
}

static void report_reads(vy__shadow *s, uint32_t param) {
  const vy__ir *ir = &s->program->ir;
  const area *a = &s->areas[param];
  for (uint64_t i = 0; i < a->page_count * PAGE_CELLS; i++) {
    if (!a->pages[i / PAGE_CELLS]) {
      i += PAGE_CELLS - 1;
      continue;
    }
    const cell *c = peek(a, i);
    touch t = c->readers[0];
    if (c->written || !t.interval ||
        !is_new(s, (finding){VY__E_UNWRITTEN_READ, t.value, VY__NONE}))
      continue;
    vy__where where = vy__where_value(ir, t.value);
    char who[96];
    lane_text(s, lane_index(s, t.lane), who);
    vy__report(s->diags, &where, VY_SEVERITY_WARNING, VY__E_UNWRITTEN_READ,
               "%s reads %s[%llu], which no lane writes: it is 0", who,
               name_of(s, VY__SPACE_BUFFER, param),
               (ull)(i * a->unit / ir->params[param].element_size));
  }
}

void vy__shadow_finish(vy__shadow *s, uint8_t *const *work) {
  const vy__ir *ir = &s->program->ir;
  for (uint32_t i = 0; i < ir->param_count; i++) {
    if (ir->params[i].access != VY_ACCESS_WRITE)
      continue;
    if (s->diags)
      report_reads(s, i);
    report_unwritten(s, i, work);
  }
}
