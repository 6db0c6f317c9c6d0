// Loads and stores of 2, 4 and 8 bytes of a byte buffer. Where all bytes are
// inside, a load reads the aligned words that hold them (buffers start and end
// at multiples of 16 bytes) and shifts; a store writes one element where that
// is aligned, else bytes. Where a byte is missing, a loop goes through them.
#include "backend/cuda/emit/emit.h"

typedef struct access {
  uint32_t value, count; // count: bytes
  const vy__value *v;
  vy__reg base, length, offset, at; // b64; at: address
  uint32_t aligned;                 // the offset is a multiple of this
  vy_type index;                    // type of the offset
  vy__reg whole;                    // predicate: all inside; "" when proved
  uint32_t edge, done;              // labels, when not proved
} access;

// ---- what the text says about alignment

static uint32_t low_zeros(uint64_t bits) {
  uint32_t n = 0;
  while (n < 3 && !(bits >> n & 1))
    n++;
  return n;
}

// Low bits of `v` that are zero for sure, at most 3.
static uint32_t zeros_of(const vy__ptx *p, uint32_t v, uint32_t depth) {
  const vy__value *x = &p->ir->values[v];
  uint64_t bits = 0;
  if (vy__ptx_constant(p, v, &bits))
    return low_zeros(bits);
  if (!depth || !vy__is_int((vy_type)x->type))
    return 0;
  uint32_t a = x->a[0] == VY__NONE ? 0 : zeros_of(p, x->a[0], depth - 1);
  if (x->op == VY__OP_SHL) {
    a += vy__ptx_constant(p, x->a[1], &bits)
             ? (uint32_t)bits & (vy__type_bits((vy_type)x->type) - 1)
             : 0;
    return a < 3 ? a : 3;
  }
  if (x->op == VY__OP_CONVERT)
    return a;
  uint32_t b = x->a[1] == VY__NONE ? 0 : zeros_of(p, x->a[1], depth - 1);
  if (x->op == VY__OP_MUL)
    return a + b < 3 ? a + b : 3;
  if (x->op == VY__OP_AND)
    return a > b ? a : b;
  if (x->op == VY__OP_ADD || x->op == VY__OP_SUB || x->op == VY__OP_OR)
    return a < b ? a : b;
  return 0;
}

// ---- the check

// "whole": offset <= length - count, which must not go below zero.
static void check(vy__ptx *p, access *a) {
  vy__reg last = vy__ptx_temp(p, VY__PTX_L);
  vy__reg fits = vy__ptx_temp(p, VY__PTX_P);
  a->whole = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "sub.u64 %s, %s, %u", last.s, a->length.s, a->count);
  vy__ptx_line(p, "setp.ge.u64 %s, %s, %u", fits.s, a->length.s, a->count);
  vy__ptx_line(p, "setp.le.and.u64 %s, %s, %s, %s", a->whole.s, a->offset.s,
               last.s, fits.s);
  if (p->strict) {
    vy__reg bad = vy__ptx_temp(p, VY__PTX_P);
    vy__ptx_line(p, "not.pred %s, %s", bad.s, a->whole.s);
    vy__ptx_report_bounds(p, a->value, bad, a->offset, a->length);
  }
  a->edge = vy__ptx_label(p);
  a->done = vy__ptx_label(p);
}

static access begin(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  access a = {.value = value,
              .count = vy__op_elements(v->op),
              .v = v,
              .base = vy__ptx_name("lb%u", v->ref),
              .length = vy__ptx_name("ln%u", v->ref),
              .offset = vy__ptx_index64(p, v->a[0]),
              .at = vy__ptx_temp(p, VY__PTX_L),
              .aligned = 1u << zeros_of(p, v->a[0], 6),
              .index = (vy_type)p->ir->values[v->a[0]].type};
  vy__ptx_line(p, "add.u64 %s, %s, %s", a.at.s, a.base.s, a.offset.s);
  if (!vy__ptx_proved(p, value))
    check(p, &a);
  return a;
}

// ---- byte by byte

typedef struct walk {
  vy__reg k, at, ok; // b32, b64 (address), predicate: a byte is there
  uint32_t head;
} walk;

static walk walk_begin(vy__ptx *p, const access *a) {
  walk w = {.k = vy__ptx_temp(p, VY__PTX_R),
            .at = vy__ptx_temp(p, VY__PTX_L),
            .ok = vy__ptx_temp(p, VY__PTX_P),
            .head = vy__ptx_label(p)};
  vy__reg i = vy__ptx_temp(p, VY__PTX_L);
  vy__ptx_line(p, "mov.b32 %s, 0", w.k.s);
  // Few bytes are unrolled: lanes that come from a loop meet those that took
  // the usual way, which costs these time (H200: CRC-32 519 us, without 499).
  (a->count == 8 ? vy__ptx_place_rare : vy__ptx_place)(p, w.head);
  vy__ptx_line(p, "cvt.u64.u32 %s, %s", i.s, w.k.s);
  vy__ptx_line(p, "add.u64 %s, %s, %s", i.s, i.s, a->offset.s);
  vy__ptx_line(p, "setp.lt.u64 %s, %s, %s", w.ok.s, i.s, a->length.s);
  if (a->index == VY_TYPE_U64) // does not go round to the start
    vy__ptx_line(p, "setp.ge.and.u64 %s, %s, %s, %s", w.ok.s, i.s, a->offset.s,
                 w.ok.s);
  vy__ptx_line(p, "add.u64 %s, %s, %s", w.at.s, a->base.s, i.s);
  return w;
}

static void walk_end(vy__ptx *p, const access *a, const walk *w) {
  vy__reg more = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "add.u32 %s, %s, 1", w->k.s, w->k.s);
  vy__ptx_line(p, "setp.lt.u32 %s, %s, %u", more.s, w->k.s, a->count);
  vy__ptx_line(p, "@%s bra L%u", more.s, w->head);
}

// Bit position of byte k.
static vy__reg position(vy__ptx *p, const walk *w) {
  vy__reg d = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "shl.b32 %s, %s, 3", d.s, w->k.s);
  return d;
}

static const char *bits_of(const access *a) {
  return a->count == 8 ? "b64" : "b32";
}

static vy__reg part(vy__ptx *p, const access *a) {
  return vy__ptx_temp(p, a->count == 8 ? VY__PTX_L : VY__PTX_R);
}

static void load_edge(vy__ptx *p, const access *a, const char *ld) {
  vy__reg d = vy__ptx_use(p, a->value), x = part(p, a);
  vy__ptx_line(p, "mov.%s %s, 0", bits_of(a), d.s);
  walk w = walk_begin(p, a);
  vy__ptx_line(p, "mov.%s %s, 0", bits_of(a), x.s);
  vy__ptx_line(p, "@%s %s.u8 %s, [%s]", w.ok.s, ld, x.s, w.at.s);
  vy__ptx_line(p, "shl.%s %s, %s, %s", bits_of(a), x.s, x.s, position(p, &w).s);
  vy__ptx_line(p, "or.%s %s, %s, %s", bits_of(a), d.s, d.s, x.s);
  walk_end(p, a, &w);
}

static void store_edge(vy__ptx *p, const access *a, vy__reg x) {
  vy__reg y = part(p, a);
  walk w = walk_begin(p, a);
  vy__ptx_line(p, "shr.%s %s, %s, %s", a->count == 8 ? "u64" : "u32", y.s, x.s,
               position(p, &w).s);
  if (p->survives)
    vy__ptx_line(p, "and.pred %s, %s, alive", w.ok.s, w.ok.s);
  vy__ptx_line(p, "@%s st.global.u8 [%s], %s", w.ok.s, w.at.s, y.s);
  walk_end(p, a, &w);
}

// ---- loads

// One element of `a->count` bytes.
static void load_aligned(vy__ptx *p, const access *a, const char *ld) {
  vy__ptx_line(p, "%s.%s %s, [%s]", ld, a->count == 2 ? "u16" : bits_of(a),
               vy__ptx_use(p, a->value).s, a->at.s);
}

// By 32-bit words: the value begins in the first of them, `shift` bits in; the
// one after the last whole one is read only when it begins late enough there.
static void load_words(vy__ptx *p, const access *a, const char *ld) {
  vy__reg low = vy__ptx_temp(p, VY__PTX_R), at = vy__ptx_temp(p, VY__PTX_L);
  vy__reg shift = vy__ptx_temp(p, VY__PTX_R), d = vy__ptx_use(p, a->value);
  vy__reg late = vy__ptx_temp(p, VY__PTX_P), w[3];
  uint32_t words = a->count == 8 ? 3 : 2;
  vy__ptx_line(p, "cvt.u32.u64 %s, %s", low.s, a->offset.s);
  vy__ptx_line(p, "and.b32 %s, %s, 3", low.s, low.s);
  vy__ptx_line(p, "and.b64 %s, %s, -4", at.s, a->at.s);
  vy__ptx_line(p, "setp.gt.u32 %s, %s, %u", late.s, low.s,
               a->count == 2 ? 2 : 0);
  vy__ptx_line(p, "shl.b32 %s, %s, 3", shift.s, low.s);
  for (uint32_t i = 0; i < words; i++) {
    w[i] = vy__ptx_temp(p, VY__PTX_R);
    if (i + 1 == words)
      vy__ptx_line(p, "mov.b32 %s, 0", w[i].s);
    vy__ptx_line(p, "%s%s%s%s.b32 %s, [%s+%u]", i + 1 == words ? "@" : "",
                 i + 1 == words ? late.s : "", i + 1 == words ? " " : "", ld,
                 w[i].s, at.s, 4 * i);
  }
  vy__reg x = a->count == 4 ? d : vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "shf.r.wrap.b32 %s, %s, %s, %s", x.s, w[0].s, w[1].s,
               shift.s);
  if (a->count == 2)
    vy__ptx_line(p, "and.b32 %s, %s, 0xffff", d.s, x.s);
  if (a->count < 8)
    return;
  vy__reg y = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "shf.r.wrap.b32 %s, %s, %s, %s", y.s, w[1].s, w[2].s,
               shift.s);
  vy__ptx_line(p, "mov.b64 %s, {%s, %s}", d.s, x.s, y.s);
}

// Two words at a multiple of 4.
static void load_halves(vy__ptx *p, const access *a, const char *ld) {
  vy__reg x = vy__ptx_temp(p, VY__PTX_R), y = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "%s.b32 %s, [%s]", ld, x.s, a->at.s);
  vy__ptx_line(p, "%s.b32 %s, [%s+4]", ld, y.s, a->at.s);
  vy__ptx_line(p, "mov.b64 %s, {%s, %s}", vy__ptx_use(p, a->value).s, x.s, y.s);
}

void vy__ptx_bytes_load(vy__ptx *p, uint32_t value) {
  access a = begin(p, value);
  const char *ld = p->ir->params[a.v->ref].access == VY_ACCESS_READ
                       ? "ld.global.nc"
                       : "ld.global";
  if (a.whole.s[0])
    vy__ptx_line(p, "@!%s bra L%u", a.whole.s, a.edge);
  if (a.aligned >= a.count)
    load_aligned(p, &a, ld);
  else if (a.aligned == 4)
    load_halves(p, &a, ld);
  else
    load_words(p, &a, ld);
  if (!a.whole.s[0])
    return;
  vy__ptx_line(p, "bra L%u", a.done);
  vy__ptx_place(p, a.edge);
  load_edge(p, &a, ld);
  vy__ptx_place(p, a.done);
}

// ---- stores

// The operand in a register of its own size.
static vy__reg stored(vy__ptx *p, const access *a) {
  vy__reg x = vy__ptx_use(p, a->v->a[1]), d;
  uint64_t bits;
  if (!vy__ptx_constant(p, a->v->a[1], &bits))
    return x;
  d = part(p, a);
  vy__ptx_line(p, "mov.%s %s, %s", bits_of(a), d.s, x.s);
  return d;
}

// All bytes are inside.
static void store_whole(vy__ptx *p, const access *a, vy__reg x) {
  const char *type = a->count == 2 ? "u16" : bits_of(a);
  if (a->aligned >= a->count) {
    vy__ptx_line(p, "st.global.%s [%s], %s", type, a->at.s, x.s);
    return;
  }
  uint32_t odd = vy__ptx_label(p), end = vy__ptx_label(p);
  vy__reg low = vy__ptx_temp(p, VY__PTX_R), is = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "cvt.u32.u64 %s, %s", low.s, a->offset.s);
  vy__ptx_line(p, "and.b32 %s, %s, %u", low.s, low.s, a->count - 1);
  vy__ptx_line(p, "setp.ne.u32 %s, %s, 0", is.s, low.s);
  vy__ptx_line(p, "@%s bra L%u", is.s, odd);
  vy__ptx_line(p, "st.global.%s [%s], %s", type, a->at.s, x.s);
  vy__ptx_line(p, "bra L%u", end);
  vy__ptx_place(p, odd);
  for (uint32_t k = 0; k < a->count; k++) {
    vy__reg y = k ? part(p, a) : x;
    if (k)
      vy__ptx_line(p, "shr.%s %s, %s, %u", a->count == 8 ? "u64" : "u32", y.s,
                   x.s, 8 * k);
    vy__ptx_line(p, "st.global.u8 [%s+%u], %s", a->at.s, k, y.s);
  }
  vy__ptx_place(p, end);
}

void vy__ptx_bytes_store(vy__ptx *p, uint32_t value) {
  access a = begin(p, value);
  vy__reg x = stored(p, &a);
  if (!a.whole.s[0]) {
    store_whole(p, &a, x);
    return;
  }
  if (p->survives) {
    vy__ptx_line(p, "and.pred %s, %s, alive", a.whole.s, a.whole.s);
  }
  vy__ptx_line(p, "@!%s bra L%u", a.whole.s, a.edge);
  store_whole(p, &a, x);
  vy__ptx_line(p, "bra L%u", a.done);
  vy__ptx_place(p, a.edge);
  store_edge(p, &a, x);
  vy__ptx_place(p, a.done);
}
