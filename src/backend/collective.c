// The collectives, one function each. Trees go level by level, as the
// language defines them for floats.
#include "backend/collective.h"

// v[i] = v[i] (or nothing) combined with v[j] on its left or right. A slot is
// filled once anything was combined into it.
typedef struct fill {
  uint64_t bits[VY__MAX_GROUP_LANES / 64];
} fill;

static bool filled(const fill *f, uint32_t i) {
  return f->bits[i / 64] >> (i % 64) & 1;
}

static void combine(const vy__party *p, fill *f, uint32_t to, uint32_t left,
                    uint32_t right) {
  if (filled(f, left) && filled(f, right))
    p->v[to] = p->combine(p->v[left], p->v[right], 0);
  else if (filled(f, left) || filled(f, right))
    p->v[to] = p->v[filled(f, left) ? left : right];
  else
    return;
  f->bits[to / 64] |= UINT64_C(1) << (to % 64);
}

static fill who(const vy__party *p) {
  fill f;
  for (uint32_t k = 0; k < VY__COUNT(f.bits); k++)
    f.bits[k] = UINT64_MAX;
  if (p->alive)
    memcpy(f.bits, p->alive, (p->size + 63) / 64 * sizeof *f.bits);
  return f;
}

static void spread(const vy__party *p, uint64_t value) {
  for (uint32_t i = 0; i < p->size; i++)
    p->v[i] = value;
}

static void do_reduce(const vy__party *p) {
  fill f = who(p);
  for (uint32_t d = 1; d < p->size; d *= 2)
    for (uint32_t i = 0; i + d < p->size; i += 2 * d)
      combine(p, &f, i, i, i + d);
  spread(p, p->v[0]);
}

static void do_scan(const vy__party *p) {
  fill f = who(p);
  for (uint32_t d = 1; d < p->size; d *= 2)
    for (uint32_t i = 0; i < p->size; i++)
      if (i & d)
        combine(p, &f, i, (i & ~(2 * d - 1)) + d - 1, i);
}

static void do_scan_before(const vy__party *p) {
  do_scan(p);
  memmove(p->v + 1, p->v, (p->size - 1) * sizeof *p->v);
  p->v[0] = 0;
}

static void do_shuffle(const vy__party *p) {
  memcpy(p->temp, p->v, p->size * sizeof *p->v);
  for (uint32_t i = 0; i < p->size; i++) {
    uint64_t from = (uint64_t)p->index[i];
    bool is_there = from < p->size && vy__party_has(p, (uint32_t)from);
    p->v[i] = is_there ? p->temp[from] : 0;
  }
}

static void do_any(const vy__party *p) {
  uint64_t any = 0;
  for (uint32_t i = 0; i < p->size; i++)
    any |= vy__party_has(p, i) && p->v[i];
  spread(p, any);
}

static void do_all(const vy__party *p) {
  uint64_t all = 1;
  for (uint32_t i = 0; i < p->size; i++)
    all &= !vy__party_has(p, i) || p->v[i];
  spread(p, all);
}

static void do_ballot(const vy__party *p) {
  for (uint32_t at = 0; at < p->size; at += 32) {
    uint32_t end = at + 32 < p->size ? at + 32 : p->size;
    uint64_t mask = 0;
    for (uint32_t i = at; i < end; i++)
      mask |= (uint64_t)(vy__party_has(p, i) && p->v[i]) << (i - at);
    for (uint32_t i = at; i < end; i++)
      p->v[i] = mask;
  }
}

static void do_rank(const vy__party *p) {
  uint32_t mask = (1u << p->bits) - 1, starts[257] = {0};
  for (uint32_t i = 0; i < p->size; i++)
    if (vy__party_has(p, i))
      starts[(p->v[i] & mask) + 1]++;
  for (uint32_t k = 0; k < 256; k++)
    starts[k + 1] += starts[k];
  for (uint32_t i = 0; i < p->size; i++)
    if (vy__party_has(p, i))
      p->v[i] = starts[p->v[i] & mask]++;
}

static void (*const collectives[VY__OP_LIMIT])(const vy__party *p) = {
    [VY__OP_GROUP_REDUCE_ADD] = do_reduce,
    [VY__OP_GROUP_REDUCE_MIN] = do_reduce,
    [VY__OP_GROUP_REDUCE_MAX] = do_reduce,
    [VY__OP_GROUP_REDUCE_AND] = do_reduce,
    [VY__OP_GROUP_REDUCE_OR] = do_reduce,
    [VY__OP_GROUP_REDUCE_XOR] = do_reduce,
    [VY__OP_GROUP_SCAN_INCL_ADD] = do_scan,
    [VY__OP_GROUP_SCAN_EXCL_ADD] = do_scan_before,
    [VY__OP_GROUP_BROADCAST] = do_shuffle,
    [VY__OP_GROUP_SHUFFLE] = do_shuffle,
    [VY__OP_GROUP_ANY] = do_any,
    [VY__OP_GROUP_ALL] = do_all,
    [VY__OP_GROUP_BALLOT] = do_ballot,
    [VY__OP_GROUP_RANK] = do_rank,
};

void vy__collective_run(vy__op op, const vy__party *party) {
  collectives[op](party);
}
