// Private arrays and group memory start as zeros.
#include "backend/cuda/emit/emit.h"

// Bytes rounded up to what stores of 16 cover.
static uint32_t padded(const vy__array *a, uint32_t length) {
  return (length * vy__type_bytes((vy_type)a->type) + 15) & ~15u;
}

uint32_t vy__ptx_private_bytes(const vy__ptx *p, uint32_t array) {
  return padded(&p->ir->privates[array], p->program->private_lengths[array]);
}

uint32_t vy__ptx_group_bytes(const vy__ptx *p, uint32_t array) {
  return padded(&p->ir->groups[array], p->program->group_lengths[array]);
}

static void zero_16(vy__ptx *p, const char *space, const char *at,
                    uint32_t offset) {
  vy__ptx_line(p, "st.%s.v2.b64 [%s+%u], {0, 0}", space, at, offset);
}

enum { ZERO_INLINE = 8 };

// Zero [first, bytes) by steps, 16 bytes a time, of symbol `base`.
static void zero(vy__ptx *p, const char *space, const char *base,
                 uint32_t bytes, const char *first, uint32_t step) {
  vy__reg i = vy__ptx_temp(p, VY__PTX_R), at = vy__ptx_temp(p, VY__PTX_R);
  vy__reg more = vy__ptx_temp(p, VY__PTX_P);
  uint32_t head = vy__ptx_label(p), done = vy__ptx_label(p);
  if (first)
    vy__ptx_line(p, "shl.b32 %s, %s, 4", i.s, first);
  else
    vy__ptx_line(p, "mov.b32 %s, 0", i.s);
  vy__ptx_line(p, "setp.ge.u32 %s, %s, %u", more.s, i.s, bytes);
  vy__ptx_line(p, "@%s bra L%u", more.s, done);
  vy__ptx_place(p, head);
  vy__ptx_line(p, "mov.u32 %s, %s", at.s, base);
  vy__ptx_line(p, "add.u32 %s, %s, %s", at.s, at.s, i.s);
  zero_16(p, space, at.s, 0);
  vy__ptx_line(p, "add.u32 %s, %s, %u", i.s, i.s, step);
  vy__ptx_line(p, "setp.lt.u32 %s, %s, %u", more.s, i.s, bytes);
  vy__ptx_line(p, "@%s bra L%u", more.s, head);
  vy__ptx_place(p, done);
}

void vy__ptx_zero_private(vy__ptx *p, uint32_t array) {
  vy__reg base = vy__ptx_name("a%u", array);
  uint32_t bytes = vy__ptx_private_bytes(p, array);
  if (bytes > 16 * ZERO_INLINE) {
    zero(p, "local", base.s, bytes, NULL, 16);
    return;
  }
  for (uint32_t at = 0; at < bytes; at += 16)
    zero_16(p, "local", base.s, at);
}

// Few stores, the last by those lanes only that are left for it.
static void zero_together(vy__ptx *p, const char *base, uint32_t bytes) {
  uint32_t step = 16 * p->group_size;
  vy__reg at = vy__ptx_temp(p, VY__PTX_R), some = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "mov.u32 %s, %s", at.s, base);
  vy__ptx_line(p, "mad.lo.u32 %s, ltid, 16, %s", at.s, at.s);
  for (uint32_t done = 0; done < bytes; done += step) {
    if (bytes - done >= step) {
      zero_16(p, "shared", at.s, done);
      continue;
    }
    vy__ptx_line(p, "setp.lt.u32 %s, ltid, %u", some.s, (bytes - done) / 16);
    vy__ptx_line(p, "@%s st.shared.v2.b64 [%s+%u], {0, 0}", some.s, at.s, done);
  }
}

void vy__ptx_zero_group(vy__ptx *p) {
  for (uint32_t i = 0; i < p->ir->group_count; i++) {
    vy__reg base = vy__ptx_name("g%u", i);
    uint32_t bytes = vy__ptx_group_bytes(p, i), step = 16 * p->group_size;
    if (bytes <= ZERO_INLINE * step)
      zero_together(p, base.s, bytes);
    else
      zero(p, "shared", base.s, bytes, "ltid", step);
  }
}
