// A module: entries around the body, with what they need in front.
#include <stdio.h>

#include "backend/cuda/emit/emit.h"

static const char dimension[] = "xyz";

enum { PACKED = 8 }; // groups of a warp in a block

// Threads of a block: the group's, or by the domain's dimensions. Groups of one
// warp that share no memory stand several to a block, of which a processor
// takes only so many.
static void choose_block(vy__ptx *p) {
  static const uint32_t shapes[3][3] = {{128, 1, 1}, {32, 8, 1}, {32, 2, 2}};
  const uint32_t *g = p->program->group_size;
  bool given = p->ir->uses_groups || g[0] * g[1] * g[2] > 1;
  const uint32_t *from = given ? g : shapes[p->ir->dimensions - 1];
  for (uint32_t k = 0; k < 3; k++)
    p->block[k] = p->info->block[k] = from[k];
  p->group_size = from[0] * from[1] * from[2];
  p->packed = p->ir->uses_groups && p->ir->dimensions == 1 && from[0] == 32 &&
              !p->ir->group_count && !p->survives;
  if (p->packed)
    p->info->block[0] = 32 * PACKED;
  memcpy(p->info->span, p->info->block, sizeof p->info->span);
}

static bool shares_memory(const vy__ptx *p) {
  return p->ir->group_count || p->meets;
}

// ---- one block

static void groups_that_exist(vy__ptx *p) {
  vy__reg n = vy__ptx_temp(p, VY__PTX_R), past = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_record(p, "b32", n.s, (uint32_t)offsetof(vy__cuda_item, lanes));
  vy__ptx_line(p, "shr.u32 %s, %s, 5", n.s, n.s);
  vy__ptx_line(p, "mad.lo.u32 bx, bx, %d, pack", PACKED);
  vy__ptx_line(p, "setp.ge.u32 %s, bx, %s", past.s, n.s);
  vy__ptx_line(p, "@%s bra L%u", past.s, p->lane_end);
}

// Is the lane past those of dimension k? A block of a power of two of lanes
// ends at 2^32 at most, where the number of its last lane has not wrapped.
static vy__reg is_past(vy__ptx *p, uint32_t k) {
  vy__reg n = vy__ptx_temp(p, VY__PTX_R), at = vy__ptx_temp(p, VY__PTX_R);
  vy__reg past = vy__ptx_temp(p, VY__PTX_P);
  char d = dimension[k];
  uint32_t size = p->block[k];
  vy__ptx_record(p, "b32", n.s,
                 (uint32_t)offsetof(vy__cuda_item, lanes) + 8 * k);
  if ((size & (size - 1)) == 0) {
    vy__ptx_line(p, "mad.lo.u32 %s, b%c, %u, t%c", at.s, d, size, d);
    vy__ptx_line(p, "setp.ge.u32 %s, %s, %s", past.s, at.s, n.s);
  } else {
    vy__ptx_line(p, "mul.lo.u32 %s, b%c, %u", at.s, d, size);
    vy__ptx_line(p, "sub.u32 %s, %s, %s", at.s, n.s, at.s);
    vy__ptx_line(p, "setp.ge.u32 %s, t%c, %s", past.s, d, at.s);
  }
  return past;
}

static void lanes_that_exist(vy__ptx *p) {
  if (p->packed)
    groups_that_exist(p);
  if (p->ir->uses_groups)
    return;
  vy__reg past = is_past(p, 0);
  for (uint32_t k = 1; k < p->ir->dimensions; k++) {
    vy__reg other = is_past(p, k);
    vy__ptx_line(p, "or.pred %s, %s, %s", past.s, past.s, other.s);
  }
  vy__ptx_line(p, "@%s bra L%u", past.s, p->lane_end);
}

static void block_body(vy__ptx *p) {
  if (p->several > 1) {
    vy__ptx_several(p);
    return;
  }
  p->body++;
  p->lane_end = vy__ptx_label(p);
  p->own_end = VY__NONE;
  vy__ptx_faults_open(p);
  if (p->ir->group_count) {
    vy__ptx_zero_group(p);
    p->unsettled = true;
  }
  lanes_that_exist(p);
  if (p->budgeted) {
    vy__ptx_line(p, "mov.b64 ticks, 0");
    vy__ptx_line(p, "mov.b64 group_ticks, 0");
  }
  if (p->survives)
    vy__ptx_line(p, "setp.eq.u32 alive, 0, 0");
  for (uint32_t k = 0; k < p->ir->dimensions; k++)
    vy__ptx_line(p, "mad.lo.u32 lane%c, b%c, %u, t%c", dimension[k],
                 dimension[k], p->block[k], dimension[k]);
  vy__ptx_leaves(p);
  vy__ptx_variables(p);
  if (p->survives)
    vy__ptx_settle(p);
  vy__ptx_stmts(p, 0, p->ir->stmt_count);
  p->unsettled = false;
  vy__ptx_place(p, p->lane_end);
  vy__ptx_faults_close(p);
}

// ---- the blocks of an item, the items of a table

typedef struct loop {
  uint32_t head, done;
  vy__reg at, end, step;
} loop;

// for (at = first; at < end; at += step), all below 2^32.
static loop open_loop(vy__ptx *p, vy__reg at, const char *first,
                      const char *step, vy__reg end) {
  loop l = {.head = vy__ptx_label(p),
            .done = vy__ptx_label(p),
            .at = at,
            .end = end,
            .step = vy__ptx_temp(p, VY__PTX_R)};
  vy__reg none = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "mov.u32 %s, %s", at.s, first);
  vy__ptx_line(p, "mov.u32 %s, %s", l.step.s, step);
  vy__ptx_line(p, "setp.ge.u32 %s, %s, %s", none.s, at.s, end.s);
  vy__ptx_line(p, "@%s bra.uni L%u", none.s, l.done);
  vy__ptx_place(p, l.head);
  return l;
}

static void close_loop(vy__ptx *p, const loop *l) {
  vy__reg next = vy__ptx_temp(p, VY__PTX_R), more = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "add.u32 %s, %s, %s", next.s, l->at.s, l->step.s);
  vy__ptx_line(p, "setp.ge.u32 %s, %s, %s", more.s, next.s, l->at.s);
  vy__ptx_line(p, "setp.lt.and.u32 %s, %s, %s, %s", more.s, next.s, l->end.s,
               more.s);
  vy__ptx_line(p, "mov.b32 %s, %s", l->at.s, next.s);
  vy__ptx_line(p, "@%s bra.uni L%u", more.s, l->head);
  vy__ptx_place(p, l->done);
}

static uint32_t argument(uint32_t param) { // its offset in a record
  return (uint32_t)(sizeof(vy__cuda_item) + param * sizeof(vy__cuda_arg));
}

static void load_arguments(vy__ptx *p) {
  for (uint32_t i = 0; i < p->ir->param_count; i++) {
    uint32_t at = argument(i);
    if (p->ir->params[i].access == VY_ACCESS_NONE)
      continue;
    vy__ptx_record(p, "u64", vy__ptx_name("lb%u", i).s, at);
    // Equal lengths from one place, so that they are compared with once.
    uint32_t length = argument(vy__size_root(p->ir, i)) + 8;
    vy__ptx_record(p, "u64", vy__ptx_name("ln%u", i).s, length);
    if (!p->many)
      vy__ptx_record(p, "b32", vy__ptx_name("lw%u", i).s, length);
  }
  if (p->budgeted)
    vy__ptx_record(p, "u64", "budget",
                   (uint32_t)offsetof(vy__cuda_item, budget));
}

static void blocks_by_grid(vy__ptx *p) {
  for (uint32_t k = 0; k < p->ir->dimensions; k++)
    vy__ptx_line(p, "mov.u32 b%c, %%ctaid.%c", dimension[k], dimension[k]);
  block_body(p);
}

static void blocks_by_number(vy__ptx *p) {
  uint32_t head = vy__ptx_label(p), done = vy__ptx_label(p);
  uint32_t d = p->ir->dimensions;
  vy__reg n[3], all = vy__ptx_temp(p, VY__PTX_L);
  vy__reg at = vy__ptx_temp(p, VY__PTX_L), step = vy__ptx_temp(p, VY__PTX_L);
  vy__reg more = vy__ptx_temp(p, VY__PTX_P), rest = vy__ptx_temp(p, VY__PTX_L);
  vy__ptx_line(p, "mov.b64 %s, 1", all.s);
  for (uint32_t k = 0; k < d; k++) {
    n[k] = vy__ptx_temp(p, VY__PTX_L);
    vy__ptx_record(p, "u64", n[k].s,
                   (uint32_t)offsetof(vy__cuda_item, blocks) + 8 * k);
    vy__ptx_line(p, "mul.lo.u64 %s, %s, %s", all.s, all.s, n[k].s);
  }
  vy__ptx_line(p, "cvt.u64.u32 %s, %%ctaid.x", at.s);
  vy__ptx_line(p, "cvt.u64.u32 %s, %%nctaid.x", step.s);
  vy__ptx_place(p, head);
  vy__ptx_line(p, "setp.ge.u64 %s, %s, %s", more.s, at.s, all.s);
  vy__ptx_line(p, "@%s bra.uni L%u", more.s, done);
  vy__ptx_line(p, "mov.b64 %s, %s", rest.s, at.s);
  for (uint32_t k = 0; k < d; k++) {
    vy__reg x = vy__ptx_temp(p, VY__PTX_L);
    const char *from = rest.s;
    if (k + 1 < d) {
      vy__ptx_divide_number(p, rest, n[k], x);
      from = x.s;
    }
    vy__ptx_line(p, "cvt.u32.u64 b%c, %s", dimension[k], from);
  }
  block_body(p);
  if (shares_memory(p)) // the next block must not overtake this one there
    vy__ptx_line(p, "barrier.sync 0");
  vy__ptx_line(p, "add.u64 %s, %s, %s", at.s, at.s, step.s);
  vy__ptx_line(p, "bra.uni L%u", head);
  vy__ptx_place(p, done);
}

static void threads(vy__ptx *p) {
  static const char *const names[] = {"tx", "ty", "tz"};
  for (uint32_t k = 0; k < p->ir->dimensions; k++)
    vy__ptx_line(p, "mov.u32 %s, %%tid.%c", names[k], dimension[k]);
  if (p->packed) {
    vy__ptx_line(p, "shr.u32 pack, tx, 5");
    vy__ptx_line(p, "and.b32 tx, tx, 31");
  }
  if (!shares_memory(p))
    return;
  vy__ptx_line(p, "mov.u32 ltid, tx");
  if (p->ir->dimensions > 1)
    vy__ptx_line(p, "mad.lo.u32 ltid, ty, %u, ltid", p->block[0]);
  if (p->ir->dimensions > 2)
    vy__ptx_line(p, "mad.lo.u32 ltid, tz, %u, ltid", p->block[0] * p->block[1]);
  vy__ptx_line(p, "mov.b32 flip, 0");
  vy__ptx_line(p, "and.b32 lid, ltid, 31");
  vy__ptx_line(p, "shr.u32 wid, ltid, 5");
  uint32_t tail = p->group_size % 32;
  vy__ptx_line(p, "mov.b32 wmask, 0xffffffff");
  if (!tail)
    return;
  vy__reg last = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "setp.eq.u32 %s, wid, %u", last.s, p->group_size / 32);
  vy__ptx_line(p, "@%s mov.b32 wmask, %u", last.s, (1u << tail) - 1);
}

// ---- entries

void vy__ptx_unless_facts(vy__ptx *p, uint32_t to) {
  vy__reg hold = vy__ptx_temp(p, VY__PTX_R), fail = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_record(p, "b32", hold.s, (uint32_t)offsetof(vy__cuda_item, facts));
  vy__ptx_line(p, "setp.eq.u32 %s, %s, 0", fail.s, hold.s);
  vy__ptx_line(p, "@%s bra.uni L%u", fail.s, to);
}

static void one(vy__ptx *p) {
  p->many = false;
  threads(p);
  load_arguments(p);
  if (vy__ptx_wants_facts(p)) {
    uint32_t checked = vy__ptx_label(p);
    vy__ptx_unless_facts(p, checked);
    p->fast = true;
    blocks_by_grid(p);
    vy__ptx_line(p, "ret");
    vy__ptx_place(p, checked);
  }
  p->fast = false;
  blocks_by_grid(p);
  vy__ptx_line(p, "ret");
}

static void many(vy__ptx *p) {
  p->many = true;
  p->fast = false;
  threads(p);
  vy__reg table = vy__ptx_temp(p, VY__PTX_L), n = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "ld.param.u64 %s, [records]", table.s);
  vy__ptx_line(p, "ld.param.u32 %s, [count]", n.s);
  loop l = open_loop(p, vy__ptx_name("number"), "%ctaid.y", "%nctaid.y", n);
  vy__ptx_line(p, "mad.wide.u32 item, number, %u, %s",
               vy__cuda_record_size(p->ir->param_count), table.s);
  load_arguments(p);
  blocks_by_number(p);
  close_loop(p, &l);
  vy__ptx_line(p, "ret");
}

static void declare(vy__ptx *p, vy__buf *out) {
  uint32_t v = (p->ir->value_count + 1) * p->several;
  uint32_t x = (p->ir->var_count + 1) * p->several;
  vy__buf_printf(out,
                 "\t.reg .b32 r<%u>, vr<%u>, rt<%u>;\n"
                 "\t.reg .b64 l<%u>, vl<%u>, lt<%u>, lb<%u>, ln<%u>;\n"
                 "\t.reg .b32 lw<%u>;\n"
                 "\t.reg .pred p<%u>, vp<%u>, pt<%u>, alive;\n"
                 "\t.reg .b32 tx, ty, tz, bx, by, bz, lanex, laney, lanez;\n"
                 "\t.reg .b32 ltid, lid, wid, wmask, flip, number, pack;\n"
                 "\t.reg .b64 item, budget, ticks, group_ticks;\n"
                 "\t.reg .b32 fkind, fvalue, fstmt, fneg;\n"
                 "\t.reg .b64 findex, flength;\n",
                 v, x, p->temps[VY__PTX_R] + 1, v, x, p->temps[VY__PTX_L] + 1,
                 p->ir->param_count + 1, p->ir->param_count + 1,
                 p->ir->param_count + 1, v, x, p->temps[VY__PTX_P] + 1);
  for (uint32_t i = 0; i < p->ir->private_count; i++)
    vy__buf_printf(out, "\t.local .align 16 .b8 a%u[%u];\n", i,
                   vy__ptx_private_bytes(p, i));
}

enum {
  BUSY = 768,        // threads of a multiprocessor: some work as others meet
  SHARED = 96 << 10, // bytes of its shared memory
  GROUPS = 16,       // that there is room for in any case
  FEW = 24,
  MOST = 48 // registers for variables, of the 80 there are then
};

// Groups that a multiprocessor should run side by side; 0: as it comes out.
// Left to itself, the compiler takes what registers it likes to have more loads
// under way, where lanes have many variables anyway: two groups then, of which
// one waits at its barrier, and not three.
static uint32_t groups_abreast(const vy__ptx *p) {
  uint32_t words = 0, shared = p->scratch;
  for (uint32_t i = 0; i < p->ir->var_count; i++)
    words += (vy__type_bits((vy_type)p->ir->vars[i]) + 31) / 32;
  for (uint32_t i = 0; i < p->ir->group_count; i++)
    shared += vy__ptx_group_bytes(p, i);
  const uint32_t *block = p->info->block;
  uint32_t groups = BUSY / (block[0] * block[1] * block[2]);
  if (!p->meets || p->many || words < FEW || words > MOST || groups > GROUPS)
    return 0;
  return groups * shared <= SHARED ? groups : SHARED / shared;
}

static void entry(vy__ptx *p, vy__buf *out, const char *name,
                  const char *params, void (*fill)(vy__ptx *p)) {
  vy__buf body;
  vy__buf_init(&body, p->job->alloc);
  p->out = &body;
  memset(p->temps, 0, sizeof p->temps);
  fill(p);
  vy__buf_printf(out, ".visible .entry %s(%s)\n.reqntid %u, %u, %u\n", name,
                 params, p->info->block[0], p->info->block[1],
                 p->info->block[2]);
  uint32_t groups = groups_abreast(p);
  if (groups > 1)
    vy__buf_printf(out, ".minnctapersm %u\n", groups);
  vy__buf_str(out, "{\n");
  declare(p, out);
  vy__buf_put(out, body.data, body.size);
  vy__buf_str(out, "}\n");
  out->failed = out->failed || body.failed;
  vy__buf_free(&body);
}

// ---- what stands before them

static void tables(const vy__ptx *p, vy__buf *out) {
  for (uint32_t i = 0; i < p->ir->table_count; i++) {
    const vy__table *t = &p->ir->tables[i];
    uint32_t bits = 8 * vy__type_bytes((vy_type)t->type);
    vy__buf_printf(out, ".global .align 16 .b%u t%u[%u] = {", bits, i,
                   t->count ? t->count : 1);
    for (uint32_t k = 0; k < t->count; k++)
      vy__buf_printf(out, "%s%llu", k ? k % 12 ? ", " : ",\n\t" : "",
                     (unsigned long long)(p->ir->table_bits[t->first + k] &
                                          (UINT64_MAX >> (64 - bits))));
    vy__buf_str(out, t->count ? "};\n" : "0};\n");
  }
}

static void shared(const vy__ptx *p, vy__buf *out) {
  for (uint32_t i = 0; i < p->ir->group_count; i++)
    vy__buf_printf(out, ".shared .align 16 .b8 g%u[%u];\n", i,
                   vy__ptx_group_bytes(p, i));
  if (p->scratch)
    vy__buf_printf(out, ".shared .align 16 .b8 scratch[%u];\n", p->scratch);
}

// ---- the whole

static void find_facts(vy__ptx *p) {
  for (uint32_t i = 0; i < p->ir->value_count; i++) {
    const vy__value *v = &p->ir->values[i];
    uint32_t effect = vy__op_row(v->op)->effect;
    if (effect == VY__EFFECT_ATOMIC && v->space == VY__SPACE_BUFFER)
      p->info->atomics |= UINT64_C(1) << v->ref;
    p->meets = p->meets || effect == VY__EFFECT_COLLECTIVE ||
               effect == VY__EFFECT_SYNC;
  }
  p->survives = p->budgeted && p->meets;
  p->faults = p->strict || p->budgeted;
  p->info->faults = p->faults;
}

// Loads that must stand where they are used.
static uint8_t *find_stays(const vy__ptx *p) {
  uint8_t *stays = vy__calloc(p->job->alloc, p->ir->value_count + 1, 1);
  for (uint32_t i = 0; stays && i < p->ir->value_count; i++)
    stays[i] = p->lowered->stays[i] ||
               (p->strict &&
                vy__op_row(p->ir->values[i].op)->effect == VY__EFFECT_READ);
  return stays;
}

static void write_module(vy__ptx *p, vy__buf *out) {
  vy__buf entries, functions;
  char params[64];
  vy__buf_init(&entries, p->job->alloc);
  vy__buf_init(&functions, p->job->alloc);
  (void)snprintf(params, sizeof params, "\n\t.param .align 16 .b8 record[%u]",
                 vy__cuda_record_size(p->ir->param_count));
  entry(p, &entries, VY__CUDA_ONE, params, one);
  entry(p, &entries, VY__CUDA_MANY,
        "\n\t.param .u64 records,\n\t.param .u32 count", many);
  p->out = &functions;
  vy__ptx_functions(p);
  uint32_t sm = p->job->sm > 90 ? 90 : p->job->sm;
  vy__buf_printf(out, ".version %s\n.target sm_%u\n.address_size 64\n",
                 sm >= 89 ? "7.8" : "7.1", sm);
  tables(p, out);
  shared(p, out);
  vy__buf_put(out, functions.data, functions.size);
  vy__buf_put(out, entries.data, entries.size);
  out->failed = out->failed || entries.failed || functions.failed;
  vy__buf_free(&entries);
  vy__buf_free(&functions);
}

static vy_status emit(vy__ptx *p, vy__buf *out) {
  const vy_allocator *alloc = p->job->alloc;
  size_t values = (size_t)p->ir->value_count + 1;
  uint8_t *stays = find_stays(p);
  p->follow_address = vy__calloc(alloc, values, sizeof *p->follow_address);
  p->early = vy__calloc(alloc, values, sizeof *p->early);
  p->spread = vy__calloc(alloc, values, sizeof *p->spread);
  p->uses = vy__calloc(alloc, values, sizeof *p->uses);
  p->demand = vy__calloc(alloc, values, sizeof *p->demand);
  p->has = vy__calloc(alloc, values, sizeof *p->has);
  bool ok = stays && p->follow_address && p->early && p->spread && p->uses &&
            p->demand && p->has &&
            (!p->survives || vy__ptx_find_group_level(p)) &&
            vy__schedule_init(&p->schedule, p->program, alloc);
  if (ok) {
    memset(p->follow_address, 0xff, values * sizeof *p->follow_address);
    memset(p->early, 0xff, values * sizeof *p->early);
    memset(p->spread, 0xff, values * sizeof *p->spread);
    vy__ptx_count_uses(p, p->uses);
    vy__schedule_range(&p->schedule, 0, p->ir->stmt_count, NULL, 0, stays);
    ok = vy__ptx_find_several(p);
    if (ok)
      write_module(p, out);
    vy__schedule_free(&p->schedule);
  }
  vy__free(alloc, p->varies, p->ir->value_count + 1);
  vy__free(alloc, p->has, values * sizeof *p->has);
  vy__free(alloc, p->demand, values * sizeof *p->demand);
  vy__free(alloc, p->uses, values * sizeof *p->uses);
  vy__free(alloc, p->spread, values * sizeof *p->spread);
  vy__free(alloc, p->early, values * sizeof *p->early);
  vy__free(alloc, p->follow_address, values * sizeof *p->follow_address);
  vy__free(alloc, stays, values);
  vy__free(alloc, p->group_level, p->ir->stmt_count + 1);
  return ok && !out->failed ? VY_OK : VY_ERROR_OUT_OF_HOST_MEMORY;
}

static void fill_info(const vy__ptx *p) {
  vy__cuda_info *info = p->info;
  info->abi = VY__CUDA_ABI;
  info->params = p->ir->param_count;
  info->fact_count = p->lowered->fact_count;
  info->cover_count = p->lowered->cover_count;
  memcpy(info->covers, p->lowered->covers, sizeof info->covers);
}

vy_status vy__ptx_emit(const vy__ptx_job *job, char **out, size_t *size,
                       vy__cuda_info *info, vy_diags *diags) {
  vy__buf text;
  *info = (vy__cuda_info){0};
  vy__ptx p = {.job = job,
               .lowered = job->lowered,
               .program = job->lowered->program,
               .ir = &job->lowered->program->ir,
               .info = info,
               .unrolled = VY__NONE,
               .strict = (job->flags & VY_COMPILE_STRICT) != 0,
               .budgeted = (job->flags & VY_COMPILE_BUDGETED) != 0};
  vy__buf_init(&text, job->alloc);
  find_facts(&p);
  choose_block(&p);
  fill_info(&p);
  vy_status s = emit(&p, &text);
  if (s == VY_OK) {
    vy__buf_u8(&text, 0);
    char *fit = text.failed ? NULL
                            : vy__realloc(job->alloc, text.data, text.capacity,
                                          text.size);
    s = fit ? VY_OK : VY_ERROR_OUT_OF_HOST_MEMORY;
    *out = fit;
    *size = fit ? text.size - 1 : 0;
    if (fit)
      text = (vy__buf){.alloc = job->alloc};
  }
  vy__buf_free(&text);
  return s == VY_OK ? s : vy__fail_oom(diags, "the program's PTX");
}
