// Faults. A lane keeps its first in registers, under predicates; at its end it
// enters it in the item's record, which keeps that of the lowest lane.
#include "backend/cuda/emit/emit.h"

#define AT(field) (unsigned)(offsetof(vy__cuda_fault, fault.field))

static const struct {
  const char *type, *name; // register of a lane's fault
  unsigned offset;
} fields[] = {{"b32", "fkind", AT(kind)},   {"b32", "fvalue", AT(value)},
              {"b32", "fstmt", AT(stmt)},   {"b32", "fneg", AT(negative)},
              {"b64", "findex", AT(index)}, {"b64", "flength", AT(length)}};

void vy__ptx_faults_open(vy__ptx *p) {
  if (p->faults)
    vy__ptx_line(p, "mov.b32 fkind, %d", VY__FAULT_NONE);
}

// The lane's number in the domain, x fastest.
static vy__reg linear_lane(vy__ptx *p) {
  static const char dimension[] = "xyz";
  vy__reg at = vy__ptx_temp(p, VY__PTX_L);
  uint32_t last = p->ir->dimensions - 1;
  vy__ptx_line(p, "cvt.u64.u32 %s, lane%c", at.s, dimension[last]);
  for (uint32_t k = last; k-- > 0;) {
    vy__reg n = vy__ptx_temp(p, VY__PTX_L), x = vy__ptx_temp(p, VY__PTX_L);
    vy__ptx_record(p, "u64", n.s,
                   (uint32_t)offsetof(vy__cuda_item, lanes) + 8 * k);
    vy__ptx_line(p, "cvt.u64.u32 %s, lane%c", x.s, dimension[k]);
    vy__ptx_line(p, "mad.lo.u64 %s, %s, %s, %s", at.s, at.s, n.s, x.s);
  }
  return at;
}

void vy__ptx_faults_close(vy__ptx *p) {
  if (!p->faults)
    return;
  uint32_t none = vy__ptx_label(p), again = vy__ptx_label(p);
  uint32_t next = vy__ptx_label(p), lower = vy__ptx_label(p);
  vy__reg old = vy__ptx_temp(p, VY__PTX_R), has = vy__ptx_temp(p, VY__PTX_L);
  vy__reg c = vy__ptx_temp(p, VY__PTX_P), taken = vy__ptx_temp(p, VY__PTX_P);
  vy__reg f = vy__ptx_temp(p, VY__PTX_L);
  unsigned lock = (unsigned)offsetof(vy__cuda_fault, lock);
  vy__ptx_line(p, "setp.eq.u32 %s, fkind, %d", c.s, VY__FAULT_NONE);
  vy__ptx_line(p, "@%s bra L%u", c.s, none);
  vy__reg lane = linear_lane(p);
  vy__ptx_record(p, "u64", f.s, (uint32_t)offsetof(vy__cuda_item, fault));
  vy__ptx_line(p, "ld.relaxed.gpu.global.u64 %s, [%s+%u]", has.s, f.s,
               AT(lane));
  vy__ptx_line(p, "setp.le.u64 %s, %s, %s", c.s, has.s, lane.s);
  vy__ptx_line(p, "@%s bra L%u", c.s, none);
  // Who has the lock gives it back before the warp meets again; else the
  // others would wait for it, and it for them.
  vy__ptx_place(p, again);
  vy__ptx_line(p, "atom.acquire.gpu.global.cas.b32 %s, [%s+%u], 0, 1", old.s,
               f.s, lock);
  vy__ptx_line(p, "setp.ne.b32 %s, %s, 0", taken.s, old.s);
  vy__ptx_line(p, "@%s bra L%u", taken.s, next);
  vy__ptx_line(p, "ld.relaxed.gpu.global.u64 %s, [%s+%u]", has.s, f.s,
               AT(lane));
  vy__ptx_line(p, "setp.le.u64 %s, %s, %s", c.s, has.s, lane.s);
  vy__ptx_line(p, "@%s bra L%u", c.s, lower);
  vy__ptx_line(p, "st.relaxed.gpu.global.b64 [%s+%u], %s", f.s, AT(lane),
               lane.s);
  for (size_t i = 0; i < VY__COUNT(fields); i++)
    vy__ptx_line(p, "st.relaxed.gpu.global.%s [%s+%u], %s", fields[i].type, f.s,
                 fields[i].offset, fields[i].name);
  vy__ptx_place(p, lower);
  vy__ptx_line(p, "fence.acq_rel.gpu");
  vy__ptx_line(p, "st.relaxed.gpu.global.b32 [%s+%u], 0", f.s, lock);
  vy__ptx_place(p, next);
  vy__ptx_line(p, "@%s bra L%u", taken.s, again);
  vy__ptx_place(p, none);
}

// Keep a fault under predicate `now`, unless there is one; the predicate under
// which it was kept.
static vy__reg keep(vy__ptx *p, const char *now, uint32_t kind, uint32_t value,
                    uint32_t stmt, const char *index, const char *length) {
  vy__reg first = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "setp.eq.and.u32 %s, fkind, %d, %s", first.s, VY__FAULT_NONE,
               now);
  vy__ptx_line(p, "@%s mov.b32 fkind, %u", first.s, kind);
  vy__ptx_line(p, "@%s mov.b32 fvalue, %u", first.s, value);
  vy__ptx_line(p, "@%s mov.b32 fstmt, %u", first.s, stmt);
  vy__ptx_line(p, "@%s mov.b32 fneg, 0", first.s);
  vy__ptx_line(p, "@%s mov.b64 findex, %s", first.s, index);
  vy__ptx_line(p, "@%s mov.b64 flength, %s", first.s, length);
  return first;
}

void vy__ptx_report_bounds(vy__ptx *p, uint32_t value, vy__reg bad,
                           vy__reg index, vy__reg length) {
  if (p->survives)
    vy__ptx_line(p, "and.pred %s, %s, alive", bad.s, bad.s);
  vy__reg kept =
      keep(p, bad.s, VY__FAULT_BOUNDS, p->lowered->origin_value[value],
           VY__NONE, index.s, length.s);
  uint32_t operand = p->ir->values[value].a[0];
  if (!vy__is_signed((vy_type)p->ir->values[operand].type))
    return;
  vy__ptx_line(p, "setp.lt.and.s64 %s, %s, 0, %s", kept.s, index.s, kept.s);
  vy__ptx_line(p, "@%s mov.b32 fneg, 1", kept.s);
}

void vy__ptx_report_budget(vy__ptx *p, uint32_t stmt) {
  vy__reg always = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "setp.eq.u32 %s, 0, 0", always.s);
  (void)keep(p, always.s, VY__FAULT_BUDGET, VY__NONE,
             p->lowered->origin_stmt[stmt], "0", "0");
}
