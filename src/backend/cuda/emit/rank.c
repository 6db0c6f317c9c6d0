// The stable rank of a key among the group's, for radix sorts.
//
// In one warp by votes, bit by bit. Else every warp counts its lanes by key in
// a row of its own, 16 bits a count; some warps then turn columns, two keys a
// word, into how many lanes of smaller keys, and of the same key in warps
// before, there are. To that a lane adds its rank among its equals in the warp.
#include <stdio.h>

#include "backend/cuda/emit/collective.h"

enum { COUNTS = 32 }; // words of counters in a lane's registers

// ---- one warp

static void rank_by_votes(vy__ptx *p, uint32_t bits, vy__reg key,
                          const char *d) {
  vy__reg equal = vy__ptx_temp(p, VY__PTX_R), less = vy__ptx_temp(p, VY__PTX_R);
  vy__reg members = vy__ptx_members(p);
  if (p->survives)
    vy__ptx_line(p, "vote.sync.ballot.b32 %s, alive, %s", equal.s, members.s);
  else
    vy__ptx_line(p, "mov.b32 %s, %s", equal.s, members.s);
  vy__ptx_line(p, "mov.b32 %s, 0", less.s);
  vy__reg bit = vy__ptx_temp(p, VY__PTX_R), ones = vy__ptx_temp(p, VY__PTX_R);
  vy__reg t = vy__ptx_temp(p, VY__PTX_R), is = vy__ptx_temp(p, VY__PTX_P);
  for (uint32_t k = bits; k-- > 0;) {
    vy__ptx_line(p, "bfe.s32 %s, %s, %u, 1", bit.s, key.s, k); // 0 or -1
    vy__ptx_line(p, "setp.ne.u32 %s, %s, 0", is.s, bit.s);
    vy__ptx_line(p, "vote.sync.ballot.b32 %s, %s, %s", ones.s, is.s, members.s);
    vy__ptx_line(p, "not.b32 %s, %s", ones.s, ones.s);
    vy__ptx_line(p, "and.b32 %s, %s, %s", t.s, equal.s, ones.s);
    vy__ptx_line(p, "and.b32 %s, %s, %s", t.s, t.s, bit.s);
    vy__ptx_line(p, "or.b32 %s, %s, %s", less.s, less.s, t.s);
    vy__ptx_line(p, "xor.b32 %s, %s, %s", ones.s, ones.s, bit.s);
    vy__ptx_line(p, "and.b32 %s, %s, %s", equal.s, equal.s, ones.s);
  }
  vy__ptx_line(p, "mov.u32 %s, %%lanemask_lt", bit.s);
  vy__ptx_line(p, "and.b32 %s, %s, %s", equal.s, equal.s, bit.s);
  vy__ptx_line(p, "popc.b32 %s, %s", equal.s, equal.s);
  vy__ptx_line(p, "popc.b32 %s, %s", less.s, less.s);
  vy__ptx_line(p, "add.u32 %s, %s, %s", d, equal.s, less.s);
}

// ---- several warps

typedef struct plan {
  uint32_t keys, warps;
  uint32_t words; // of a row, that a lane of the columns has
  uint32_t lanes; // of the columns
  uint32_t parts; // warps of the columns
} plan;

static plan plan_of(const vy__ptx *p, uint32_t bits) {
  plan x = {.keys = 1u << bits, .warps = vy__ptx_warps(p), .words = 1};
  while (x.words < 4 && 2 * x.words * x.warps <= COUNTS &&
         x.keys / (4 * x.words) >= 32)
    x.words *= 2;
  x.lanes = x.keys / (2 * x.words);
  x.parts = x.lanes > 32 ? x.lanes / 32 : 1;
  return x;
}

static void zero_row(vy__ptx *p, const plan *x, vy__reg row) {
  uint32_t bytes = 2 * x->keys, at_once = bytes < 16 ? bytes : 16;
  uint32_t lanes = p->group_size % 32 ? p->group_size % 32 : 32;
  vy__reg at = vy__ptx_temp(p, VY__PTX_R), is = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "mad.lo.u32 %s, lid, %u, %s", at.s, at_once, row.s);
  for (uint32_t done = 0; done < bytes / at_once; done += lanes) {
    vy__ptx_line(p, "setp.lt.u32 %s, lid, %u", is.s, bytes / at_once - done);
    vy__ptx_line(p, "@%s st.shared.%s [%s+%u], %s", is.s,
                 at_once == 16  ? "v4.b32"
                 : at_once == 8 ? "v2.b32"
                                : "b32",
                 at.s, done * at_once,
                 at_once == 16  ? "{0, 0, 0, 0}"
                 : at_once == 8 ? "{0, 0}"
                                : "0");
  }
}

// Count the warp's lanes by key. The lane's rank among its equals; `slot`: the
// address of the counter of its key.
static vy__reg count(vy__ptx *p, const plan *x, vy__reg key, vy__reg *slot) {
  vy__reg members = vy__ptx_members(p), row = vy__ptx_temp(p, VY__PTX_R);
  vy__reg peers = vy__ptx_temp(p, VY__PTX_R), n = vy__ptx_temp(p, VY__PTX_R);
  vy__reg before = vy__ptx_temp(p, VY__PTX_R);
  vy__reg first = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "match.any.sync.b32 %s, %s, %s", peers.s, key.s, members.s);
  vy__ptx_line(p, "mov.u32 %s, scratch", row.s);
  vy__ptx_line(p, "mad.lo.u32 %s, wid, %u, %s", row.s, p->room.rank_row, row.s);
  vy__ptx_line(p, "add.u32 %s, %s, %u", row.s, row.s, p->room.rank_at);
  *slot = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "mad.lo.u32 %s, %s, 2, %s", slot->s, key.s, row.s);
  // No lane still reads counters of the rank before.
  vy__ptx_line(p, "bar.warp.sync %s", members.s);
  zero_row(p, x, row);
  vy__ptx_line(p, "bar.warp.sync %s", members.s);
  vy__ptx_line(p, "mov.u32 %s, %%lanemask_lt", before.s);
  vy__ptx_line(p, "and.b32 %s, %s, %s", before.s, before.s, peers.s);
  vy__ptx_line(p, "popc.b32 %s, %s", n.s, peers.s);
  vy__ptx_line(p, "setp.eq.u32 %s, %s, 0", first.s, before.s);
  if (p->survives)
    vy__ptx_line(p, "and.pred %s, %s, alive", first.s, first.s);
  vy__ptx_line(p, "@%s st.shared.u16 [%s], %s", first.s, slot->s, n.s);
  vy__reg rank = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "popc.b32 %s, %s", rank.s, before.s);
  return rank;
}

// Meet; in the warps of the columns, the lanes whose keys stand in columns of
// warps before.
static vy__reg meet_counting(vy__ptx *p, const plan *x, vy__reg key) {
  vy__reg base = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "mov.b32 %s, 0", base.s);
  if (x->parts == 1)
    vy__ptx_meet(p);
  for (uint32_t k = 1; k < x->parts; k++) {
    vy__reg below = vy__ptx_temp(p, VY__PTX_P), n = vy__ptx_temp(p, VY__PTX_R);
    vy__reg own = vy__ptx_temp(p, VY__PTX_P);
    vy__ptx_line(p, "setp.lt.u32 %s, %s, %u", below.s, key.s,
                 x->keys / x->parts * k);
    vy__ptx_line(p, "barrier.red.popc.u32 %s, 0, %s", n.s, below.s);
    vy__ptx_line(p, "setp.eq.u32 %s, wid, %u", own.s, k);
    vy__ptx_line(p, "selp.b32 %s, %s, %s, %s", base.s, n.s, base.s, own.s);
  }
  return base;
}

// "{a, b}", or "a" for one.
static void list(char *out, size_t size, const vy__reg *w, uint32_t n) {
  size_t at = 0;
  for (uint32_t j = 0; j < n; j++)
    at += (size_t)snprintf(out + at, size - at, "%s%s",
                           j        ? ", "
                           : n == 1 ? ""
                                    : "{",
                           w[j].s);
  (void)snprintf(out + at, size - at, n == 1 ? "" : "}");
}

// The lane's words of a row, from or to memory.
static void move_words(vy__ptx *p, const plan *x, vy__reg guard, bool load,
                       const char *at, uint32_t offset, const vy__reg *w) {
  char text[4 * VY__PTX_NAME + 16];
  const char *many = x->words == 4 ? ".v4" : x->words == 2 ? ".v2" : "";
  list(text, sizeof text, w, x->words);
  if (load)
    vy__ptx_line(p, "%sld.shared%s.b32 %s, [%s+%u]", guard.s, many, text, at,
                 offset);
  else
    vy__ptx_line(p, "%sst.shared%s.b32 [%s+%u], %s", guard.s, many, at, offset,
                 text);
}

// Sum of the two halves of each word, all words together.
static vy__reg total(vy__ptx *p, const vy__reg *sums, uint32_t n) {
  vy__reg t = vy__ptx_temp(p, VY__PTX_R), x = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "mov.b32 %s, 0", t.s);
  for (uint32_t j = 0; j < n; j++) {
    vy__ptx_line(p, "and.b32 %s, %s, 0xffff", x.s, sums[j].s);
    vy__ptx_line(p, "add.u32 %s, %s, %s", t.s, t.s, x.s);
    vy__ptx_line(p, "shr.u32 %s, %s, 16", x.s, sums[j].s);
    vy__ptx_line(p, "add.u32 %s, %s, %s", t.s, t.s, x.s);
  }
  return t;
}

// base += what the lanes before this one in the warp, a whole one, have.
static void add_before(vy__ptx *p, const plan *x, vy__reg base, vy__reg own) {
  vy__reg t = vy__ptx_temp(p, VY__PTX_R), y = vy__ptx_temp(p, VY__PTX_R);
  vy__reg is = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "mov.b32 %s, %s", t.s, own.s);
  for (uint32_t d = 1; d < 32 && d < x->lanes; d *= 2) {
    vy__ptx_line(p, "shfl.sync.up.b32 %s|%s, %s, %u, 0, 0xffffffff", y.s, is.s,
                 t.s, d);
    vy__ptx_line(p, "@%s add.u32 %s, %s, %s", is.s, t.s, t.s, y.s);
  }
  vy__ptx_line(p, "sub.u32 %s, %s, %s", t.s, t.s, own.s);
  vy__ptx_line(p, "add.u32 %s, %s, %s", base.s, base.s, t.s);
}

// In each of the lane's words, what comes before its two keys.
static void bases(vy__ptx *p, const plan *x, vy__reg base, const vy__reg *sums,
                  vy__reg *out) {
  vy__reg t = vy__ptx_temp(p, VY__PTX_R);
  for (uint32_t j = 0; j < x->words; j++) {
    out[j] = vy__ptx_temp(p, VY__PTX_R);
    vy__ptx_line(p, "shl.b32 %s, %s, 16", t.s, sums[j].s);
    vy__ptx_line(p, "mad.lo.u32 %s, %s, 0x10001, %s", out[j].s, base.s, t.s);
    vy__ptx_line(p, "add.u32 %s, %s, %s", base.s, base.s,
                 total(p, &sums[j], 1).s);
  }
}

// The counters of the lane's columns, by warp; and their addresses.
typedef struct counters {
  vy__reg w[COUNTS][4];
  vy__reg at, guard; // "" or "@p "
} counters;

static uint32_t row_at(const vy__ptx *p, uint32_t warp) {
  return p->room.rank_at + warp * p->room.rank_row;
}

static void load_columns(vy__ptx *p, const plan *x, counters *c) {
  vy__reg y = vy__ptx_temp(p, VY__PTX_R);
  c->at = vy__ptx_temp(p, VY__PTX_R);
  c->guard = vy__ptx_name("%s", "");
  vy__ptx_line(p, "mov.u32 %s, scratch", y.s);
  vy__ptx_line(p, "mad.lo.u32 %s, ltid, %u, %s", c->at.s, 4 * x->words, y.s);
  if (x->lanes < 32) {
    vy__reg is = vy__ptx_temp(p, VY__PTX_P);
    vy__ptx_line(p, "setp.lt.u32 %s, lid, %u", is.s, x->lanes);
    c->guard = vy__ptx_name("@%s ", is.s);
  }
  for (uint32_t i = 0; i < x->warps; i++) {
    for (uint32_t j = 0; j < x->words; j++) {
      c->w[i][j] = vy__ptx_temp(p, VY__PTX_R);
      if (c->guard.s[0])
        vy__ptx_line(p, "mov.b32 %s, 0", c->w[i][j].s);
    }
    move_words(p, x, c->guard, true, c->at.s, row_at(p, i), c->w[i]);
  }
}

// In the warps of the columns: every count becomes the number of lanes before
// those that it counts.
static void columns(vy__ptx *p, const plan *x, vy__reg base) {
  counters c;
  vy__reg sums[4], first[4];
  load_columns(p, x, &c);
  for (uint32_t j = 0; j < x->words; j++) {
    sums[j] = vy__ptx_name("0");
    for (uint32_t i = 0; i < x->warps; i++) {
      vy__reg sum = vy__ptx_temp(p, VY__PTX_R);
      vy__ptx_line(p, "add.u32 %s, %s, %s", sum.s, c.w[i][j].s, sums[j].s);
      c.w[i][j] = sums[j];
      sums[j] = sum;
    }
  }
  add_before(p, x, base, total(p, sums, x->words));
  bases(p, x, base, sums, first);
  for (uint32_t i = 0; i < x->warps; i++) {
    vy__reg out[4];
    for (uint32_t j = 0; j < x->words; j++) {
      out[j] = vy__ptx_temp(p, VY__PTX_R);
      vy__ptx_line(p, "add.u32 %s, %s, %s", out[j].s, first[j].s, c.w[i][j].s);
    }
    move_words(p, x, c.guard, false, c.at.s, row_at(p, i), out);
  }
}

static void rank_by_counts(vy__ptx *p, uint32_t bits, vy__reg key,
                           const char *d) {
  plan x = plan_of(p, bits);
  vy__reg slot, others = vy__ptx_temp(p, VY__PTX_P);
  uint32_t past = vy__ptx_label(p);
  if (p->room.rank_over)
    vy__ptx_meet(p);
  vy__reg among = count(p, &x, key, &slot);
  vy__reg base = meet_counting(p, &x, key);
  vy__ptx_line(p, "setp.ge.u32 %s, wid, %u", others.s, x.parts);
  vy__ptx_line(p, "@%s bra L%u", others.s, past);
  columns(p, &x, base);
  vy__ptx_place(p, past);
  vy__ptx_meet(p);
  vy__reg before = vy__ptx_temp(p, VY__PTX_R);
  if (p->survives) {
    vy__ptx_line(p, "mov.b32 %s, 0", before.s);
    vy__ptx_line(p, "@alive ld.shared.u16 %s, [%s]", before.s, slot.s);
  } else {
    vy__ptx_line(p, "ld.shared.u16 %s, [%s]", before.s, slot.s);
  }
  vy__ptx_line(p, "add.u32 %s, %s, %s", d, before.s, among.s);
  if (p->room.rank_over)
    vy__ptx_meet(p);
}

void vy__ptx_rank(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  uint32_t bits = (uint32_t)v->imm;
  vy__reg key = vy__ptx_temp(p, VY__PTX_R), d = vy__ptx_use(p, value);
  vy__ptx_line(p, "and.b32 %s, %s, %u", key.s, vy__ptx_use(p, v->a[0]).s,
               (1u << bits) - 1);
  if (p->group_size <= 32) {
    rank_by_votes(p, bits, key, d.s);
    return;
  }
  if (p->survives) // of a lane that has ended: no key
    vy__ptx_line(p, "selp.b32 %s, %s, 0x10000, alive", key.s, key.s);
  rank_by_counts(p, bits, key, d.s);
}
