// Values as registers, and pure values where the schedule puts them.
#include "backend/cuda/emit/emit.h"

static const vy__value *value_at(const vy__ptx *p, uint32_t v) {
  return &p->ir->values[v];
}

static vy_type type_of(const vy__ptx *p, uint32_t v) {
  return (vy_type)p->ir->values[v].type;
}

bool vy__ptx_constant(const vy__ptx *p, uint32_t v, uint64_t *bits) {
  const vy__value *x = value_at(p, v);
  if (x->op != VY__OP_CONST || !vy__is_int((vy_type)x->type))
    return false;
  *bits = x->imm;
  return true;
}

static vy__reg own_register(const vy__ptx *p, uint32_t v) {
  static const char letters[] = "rlp";
  char letter = letters[vy__ptx_class_of(type_of(p, v))];
  uint32_t early = p->early[v];
  if (early != VY__NONE)
    return vy__ptx_name("%ct%u", letter, p->early_first[early] + p->copy);
  if (p->spread[v] != VY__NONE)
    return vy__ptx_name("%ct%u", letter, p->spread[v] + p->copy);
  if (vy__ptx_times(p, v) > 1)
    v += p->copy * (p->ir->value_count + 1);
  return vy__ptx_name("%c%u", letter, v);
}

vy__reg vy__ptx_use(vy__ptx *p, uint32_t v) {
  uint64_t bits;
  if (vy__ptx_constant(p, v, &bits))
    return vy__ptx_imm(type_of(p, v), bits);
  return own_register(p, v);
}

void vy__ptx_record(vy__ptx *p, const char *type, const char *d,
                    uint32_t offset) {
  if (p->many)
    vy__ptx_line(p, "ld.global.%s %s, [item+%u]", type, d, offset);
  else
    vy__ptx_line(p, "ld.param.%s %s, [record+%u]", type, d, offset);
}

// ---- leaves

static const char dimension[] = "xyz";

static uint32_t arg_offset(uint32_t param) {
  return (uint32_t)(sizeof(vy__cuda_item) + param * sizeof(vy__cuda_arg));
}

static void make_param(vy__ptx *p, const vy__value *v, const char *d) {
  uint32_t at = arg_offset(v->ref);
  if (v->type != VY_TYPE_BOOL) {
    vy__ptx_record(p, vy__type_bits((vy_type)v->type) == 64 ? "b64" : "b32", d,
                   at);
    return;
  }
  vy__reg t = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_record(p, "b32", t.s, at);
  vy__ptx_line(p, "setp.ne.b32 %s, %s, 0", d, t.s);
}

static void make_const(vy__ptx *p, const vy__value *v, const char *d) {
  if (v->type == VY_TYPE_BOOL)
    vy__ptx_line(p, "setp.eq.u32 %s, %u, 1", d, (unsigned)v->imm);
  else if (v->type == VY_TYPE_F64)
    vy__ptx_line(p, "mov.b64 %s, 0x%llx", d, (unsigned long long)v->imm);
  else if (v->type == VY_TYPE_F32)
    vy__ptx_line(p, "mov.b32 %s, 0x%x", d, (unsigned)v->imm);
}

// The lane at hand, from the thread's first.
static void make_lane(vy__ptx *p, uint32_t id, char k) {
  uint32_t times = vy__ptx_times(p, id);
  vy__ptx_line(p, "mov.b32 %s, lane%c", own_register(p, id).s, k);
  for (p->copy = 1; p->copy < times; p->copy++)
    vy__ptx_line(p, "add.u32 %s, lane%c, %u", own_register(p, id).s, k,
                 p->copy);
  p->copy = 0;
}

static void make_leaf(vy__ptx *p, uint32_t id) {
  const vy__value *v = value_at(p, id);
  vy__reg r = own_register(p, id);
  const char *d = r.s;
  char k = dimension[v->ref < 3 ? v->ref : 0];
  switch (v->op) {
  case VY__OP_CONST:
    make_const(p, v, d);
    break;
  case VY__OP_PARAM:
    make_param(p, v, d);
    break;
  case VY__OP_LEN:
    vy__ptx_line(p, "cvt.u32.u64 %s, ln%u", d, v->ref);
    break;
  case VY__OP_LEN64:
    vy__ptx_line(p, "mov.b64 %s, ln%u", d, v->ref);
    break;
  case VY__OP_LANE:
    make_lane(p, id, k);
    break;
  case VY__OP_LOCAL:
    vy__ptx_line(p, "mov.b32 %s, t%c", d, k);
    break;
  case VY__OP_GROUP_ID:
    vy__ptx_line(p, "mov.b32 %s, b%c", d, k);
    break;
  case VY__OP_NUM_GROUPS:
    if (p->packed) {
      vy__ptx_record(p, "b32", d, (uint32_t)offsetof(vy__cuda_item, lanes));
      vy__ptx_line(p, "shr.u32 %s, %s, 5", d, d);
      break;
    }
    vy__ptx_record(p, "b32", d,
                   (uint32_t)offsetof(vy__cuda_item, blocks) + 8 * v->ref);
    break;
  case VY__OP_GROUP_SIZE:
    vy__ptx_line(p, "mov.b32 %s, %u", d, p->block[v->ref]);
    break;
  case VY__OP_NUM_LANES:
    vy__ptx_record(p, "b32", d,
                   (uint32_t)offsetof(vy__cuda_item, lanes) + 8 * v->ref);
    break;
  default: // a loop's index is made by its loop
    break;
  }
}

void vy__ptx_leaves(vy__ptx *p) {
  for (uint32_t v = 0; v < p->ir->value_count; v++)
    if (vy__op_row(p->ir->values[v].op)->effect == VY__EFFECT_LEAF)
      make_leaf(p, v);
}

// ---- operations

// A shift's amount as a b32.
static vy__reg amount_of(vy__ptx *p, uint32_t v, vy_type shifted) {
  uint64_t bits;
  if (vy__ptx_constant(p, v, &bits))
    return vy__ptx_imm(VY_TYPE_U32,
                       bits & (uint64_t)(vy__type_bits(shifted) - 1));
  vy__reg r = vy__ptx_use(p, v);
  if (vy__type_bits(type_of(p, v)) == 32)
    return r;
  vy__reg d = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "cvt.u32.u64 %s, %s", d.s, r.s);
  return d;
}

static void make_operation(vy__ptx *p, uint32_t id) {
  const vy__value *v = value_at(p, id);
  const vy__op_info *row = vy__op_row(v->op);
  vy__reg a[3] = {0};
  if (vy__ptx_divide(p, id, own_register(p, id).s))
    return;
  for (uint32_t k = 0; k < row->operands; k++)
    a[k] = k == 1 && row->sig == VY__SIG_SHIFT
               ? amount_of(p, v->a[k], (vy_type)v->type)
               : vy__ptx_use(p, v->a[k]);
  // SELECT's type is that of what it selects.
  vy_type from = type_of(p, v->a[row->sig == VY__SIG_SELECT ? 1 : 0]);
  vy__ptx_apply(p, (vy__op)v->op, from, (vy_type)v->type, own_register(p, id).s,
                (const char *const[3]){a[0].s, a[1].s, a[2].s});
}

void vy__ptx_make(vy__ptx *p, uint32_t id) {
  switch (vy__op_row(value_at(p, id)->op)->sig) {
  case VY__SIG_LOAD:
    vy__ptx_load(p, id);
    break;
  case VY__SIG_BYTES_LOAD32:
  case VY__SIG_BYTES_LOAD64:
    vy__ptx_bytes_load(p, id);
    break;
  default:
    make_operation(p, id);
  }
}

static void make_in_turn(vy__ptx *p, uint32_t v, uint32_t stmt) {
  if (p->early[v] == VY__NONE && !vy__ptx_demand(p, v, stmt))
    vy__ptx_make(p, v);
}

// In which of the rounds is a value made? What needs no memory, loads by that,
// the rest: so that all of the loads are on their way, and whether the first of
// neighbours are aligned is asked before.
static uint32_t round_of(const vy__ptx *p, uint32_t v) {
  const vy__value *x = value_at(p, v);
  if (p->demand[v])
    return 2;
  if (x->op == VY__OP_LOAD)
    return p->varies[x->a[0]] & VY__PTX_BY_MEMORY ? 2 : 1;
  return p->varies[v] & VY__PTX_BY_MEMORY ? 2 : 0;
}

// A load of an arm that is made once for all lanes of the thread, which do not
// all take it: not under the predicate of one of them, and so it may be out of
// bounds.
static bool make_for_all(vy__ptx *p, uint32_t v) {
  vy__reg arm = p->arm;
  uint32_t cond = p->arm_value;
  if (value_at(p, v)->op != VY__OP_LOAD || p->demand[v] || cond == VY__NONE ||
      vy__ptx_times(p, v) > 1 || vy__ptx_times(p, cond) == 1)
    return false;
  p->arm = (vy__reg){""};
  p->arm_value = VY__NONE;
  p->cautious = true;
  vy__ptx_make(p, v);
  p->cautious = false;
  p->arm_value = cond;
  p->arm = arm;
  return true;
}

static void make_for_lanes(vy__ptx *p, uint32_t v, uint32_t stmt) {
  if (make_for_all(p, v) || (!p->demand[v] && vy__ptx_load_beside(p, v)))
    return;
  for (uint32_t k = 0; k < vy__ptx_times(p, v); k++) {
    vy__ptx_turn(p, k);
    make_in_turn(p, v, stmt);
  }
  vy__ptx_turn(p, 0);
}

static void make_abreast(vy__ptx *p, uint32_t stmt) {
  uint32_t first = p->schedule.first[stmt];
  const uint32_t *next = p->schedule.next;
  for (uint32_t round = 0; round < 3; round++) {
    for (uint32_t v = first; round == 1 && v != VY__NONE; v = next[v])
      if (round_of(p, v) == 1)
        vy__ptx_ask_beside(p, v);
    for (uint32_t v = first; v != VY__NONE; v = next[v])
      if (round_of(p, v) == round)
        make_for_lanes(p, v, stmt);
  }
}

void vy__ptx_make_at(vy__ptx *p, uint32_t stmt) {
  vy__ptx_find_demand(p, stmt);
  if (p->abreast) {
    make_abreast(p, stmt);
    return;
  }
  for (uint32_t v = p->schedule.first[stmt]; v != VY__NONE;
       v = p->schedule.next[v])
    make_in_turn(p, v, stmt);
}
