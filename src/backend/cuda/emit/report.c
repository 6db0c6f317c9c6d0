// Faults: an item's record keeps that of the lowest lane, and of a lane the
// first. Rare, so a function with a lock.
#include "backend/cuda/emit/emit.h"

#define AT(field) (unsigned)(offsetof(vy__cuda_fault, fault.field))

void vy__ptx_report_function(vy__ptx *p) {
  vy__buf_printf(
      p->out,
      ".func report(.reg .b64 f, .reg .b64 lane, .reg .b32 kind, "
      ".reg .b32 value, .reg .b32 stmt, .reg .b32 negative, "
      ".reg .b64 index, .reg .b64 length)\n"
      "{\n"
      "\t.reg .pred p, taken;\n"
      "\t.reg .b32 old;\n"
      "\t.reg .b64 has;\n"
      "\tld.relaxed.gpu.global.u64 has, [f+%u];\n"
      "\tsetp.le.u64 p, has, lane;\n"
      "\t@p bra DONE;\n"
      // Who has the lock gives it back before the warp meets again; else the
      // others would wait for it, and it for them.
      "AGAIN:\n"
      "\tatom.acquire.gpu.global.cas.b32 old, [f+%u], 0, 1;\n"
      "\tsetp.ne.b32 taken, old, 0;\n"
      "\t@taken bra NEXT;\n"
      "\tld.relaxed.gpu.global.u64 has, [f+%u];\n"
      "\tsetp.le.u64 p, has, lane;\n"
      "\t@p bra FREE;\n",
      AT(lane), (unsigned)offsetof(vy__cuda_fault, lock), AT(lane));
  static const struct {
    const char *type, *name;
    unsigned offset;
  } fields[] = {{"u64", "lane", AT(lane)},         {"u32", "kind", AT(kind)},
                {"u32", "value", AT(value)},       {"u32", "stmt", AT(stmt)},
                {"u32", "negative", AT(negative)}, {"u64", "index", AT(index)},
                {"u64", "length", AT(length)}};
  for (size_t i = 0; i < VY__COUNT(fields); i++)
    vy__ptx_line(p, "st.relaxed.gpu.global.%s [f+%u], %s", fields[i].type,
                 fields[i].offset, fields[i].name);
  vy__buf_printf(p->out,
                 "FREE:\n"
                 "\tfence.acq_rel.gpu;\n"
                 "\tst.relaxed.gpu.global.u32 [f+%u], 0;\n"
                 "NEXT:\n"
                 "\t@taken bra AGAIN;\n"
                 "DONE:\n"
                 "\tret;\n"
                 "}\n",
                 (unsigned)offsetof(vy__cuda_fault, lock));
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

static void call(vy__ptx *p, uint32_t kind, uint32_t value, uint32_t stmt,
                 const char *negative, const char *index, const char *length) {
  vy__reg lane = linear_lane(p), fault = vy__ptx_temp(p, VY__PTX_L);
  vy__ptx_record(p, "u64", fault.s, (uint32_t)offsetof(vy__cuda_item, fault));
  vy__ptx_line(p, "call report, (%s, %s, %u, %u, %u, %s, %s, %s)", fault.s,
               lane.s, kind, value, stmt, negative, index, length);
}

void vy__ptx_report_bounds(vy__ptx *p, uint32_t value, vy__reg bad,
                           vy__reg index, vy__reg length) {
  uint32_t done = vy__ptx_label(p);
  const vy__value *v = &p->ir->values[value];
  vy_type type = (vy_type)p->ir->values[v->a[0]].type;
  vy__ptx_line(p, "@!%s bra L%u", bad.s, done);
  if (p->survives)
    vy__ptx_line(p, "@!alive bra L%u", done);
  vy__reg negative = {"0"};
  if (vy__is_signed(type)) {
    vy__reg below = vy__ptx_temp(p, VY__PTX_P);
    negative = vy__ptx_temp(p, VY__PTX_R);
    vy__ptx_line(p, "setp.lt.s64 %s, %s, 0", below.s, index.s);
    vy__ptx_line(p, "selp.u32 %s, 1, 0, %s", negative.s, below.s);
  }
  call(p, VY__FAULT_BOUNDS, p->lowered->origin_value[value], VY__NONE,
       negative.s, index.s, length.s);
  vy__ptx_place(p, done);
}

void vy__ptx_report_budget(vy__ptx *p, uint32_t stmt) {
  call(p, VY__FAULT_BUDGET, VY__NONE, p->lowered->origin_stmt[stmt], "0", "0",
       "0");
}
