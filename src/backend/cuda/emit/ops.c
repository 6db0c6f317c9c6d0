// Pure operations: the table, and how a template is filled in.
#include "backend/cuda/emit/emit.h"
#include "semantics/semantics.h"

enum { // sets of types, as in ops.def
  I32 = 1 << VY_TYPE_I32,
  U32 = 1 << VY_TYPE_U32,
  I64 = 1 << VY_TYPE_I64,
  U64 = 1 << VY_TYPE_U64,
  F32 = 1 << VY_TYPE_F32,
  F64 = 1 << VY_TYPE_F64,
  BOOL = 1 << VY_TYPE_BOOL,
  INT32 = I32 | U32,
  INT64 = I64 | U64,
  SINT = I32 | I64,
  UINT = U32 | U64,
  INT = INT32 | INT64,
  FLOAT = F32 | F64,
  NUM = INT | FLOAT,
  ANY = 0xffff,
};

typedef struct row {
  uint16_t op, from, to, functions;
  const char *text;
} row;

static const row rows[] = {
#define PTX(id, from, to, functions, text)                                     \
  {VY__OP_##id, from, to, functions, text},
#include "backend/cuda/emit/ops.def"
#undef PTX
};

static const row *find(vy__op op, vy_type from, vy_type to) {
  for (size_t i = 0; i < VY__COUNT(rows); i++)
    if (rows[i].op == op && rows[i].from >> from & 1 && rows[i].to >> to & 1)
      return &rows[i];
  return NULL;
}

bool vy__ptx_has(vy__op op, vy_type from, vy_type to) {
  return find(op, from, to) != NULL;
}

static const char *type_name(vy_type type) {
  static const char *const names[] = {
      [VY_TYPE_I32] = "s32", [VY_TYPE_U32] = "u32", [VY_TYPE_I64] = "s64",
      [VY_TYPE_U64] = "u64", [VY_TYPE_F32] = "f32", [VY_TYPE_F64] = "f64"};
  return type < VY__COUNT(names) && names[type] ? names[type] : "pred";
}

// What a capital letter of a template stands for.
static const char *letter(char c, vy_type from, vy_type to) {
  bool wide = vy__type_bits(from) == 64, to_wide = vy__type_bits(to) == 64;
  switch (c) {
  case 'T':
    return type_name(from);
  case 'R':
    return type_name(to);
  case 'B':
    return wide ? "b64" : "b32";
  case 'E':
    return to_wide ? "b64" : "b32";
  case 'S':
    return wide ? "s64" : "s32";
  case 'U':
    return wide ? "u64" : "u32";
  case 'M':
    return wide ? "63" : "31";
  case 'Z':
    return wide ? "0d0000000000000000" : "0f00000000";
  case 'O':
    if (vy__is_float(to))
      return to_wide ? "0x3ff0000000000000" : "0x3f800000";
    return "1";
  }
  return NULL;
}

// The template with its types filled in; operands are left.
static bool fill(char *out, size_t size, const char *text, vy_type from,
                 vy_type to) {
  size_t n = 0;
  for (; *text; text++) {
    const char *put = text[0] == '$' ? letter(text[1], from, to) : NULL;
    size_t length = put ? strlen(put) : 1;
    if (n + length >= size)
      return false;
    memcpy(out + n, put ? put : text, length);
    n += length;
    text += put != NULL;
  }
  out[n] = 0;
  return true;
}

void vy__ptx_apply(vy__ptx *p, vy__op op, vy_type from, vy_type to,
                   const char *d, const char *const a[3]) {
  char text[512];
  const row *r = find(op, from, to);
  if (!r || !fill(text, sizeof text, r->text, from, to)) {
    p->out->failed = true; // a test holds the table to ops.def
    return;
  }
  p->functions |= r->functions;
  vy__ptx_template(p, text, d, a[0], a[1], a[2]);
}

void vy__ptx_op(vy__ptx *p, vy__op op, vy_type type, const char *d,
                const char *a, const char *b) {
  vy__ptx_apply(p, op, type, type, d, (const char *const[3]){a, b, NULL});
}

// ---- storage types

bool vy__ptx_is_half(vy_type type) {
  return type == VY_TYPE_F16 || type == VY_TYPE_BF16;
}

vy__reg vy__ptx_loaded(vy__ptx *p, vy_type type, vy__reg a) {
  if (!vy__ptx_is_half(type))
    return a;
  vy__reg d = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_template(p,
                   type == VY_TYPE_F16
                       ? "{.reg .b16 x; cvt.u16.u32 x, $a; cvt.f32.f16 $d, x}"
                       : "shl.b32 $d, $a, 16",
                   d.s, a.s, NULL, NULL);
  return d;
}

// Can `value` be a NaN other than the canonical one?
static bool may_be_nan(const vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  if (v->op == VY__OP_CONST)
    return vy__canonical((vy_type)v->type, v->imm) != v->imm;
  return v->op != VY__OP_CONVERT ||
         vy__is_float((vy_type)p->ir->values[v->a[0]].type);
}

vy__reg vy__ptx_stored(vy__ptx *p, vy_type type, vy__reg a, uint32_t value) {
  static const struct {
    uint32_t type;
    const char *text;
  } forms[] = {
      {VY_TYPE_F32, "{.reg .pred n; setp.nan.f32 n, $a, $a; selp.b32 $d, "
                    "0x7fc00000, $a, n}"},
      {VY_TYPE_F64, "{.reg .pred n; setp.nan.f64 n, $a, $a; "
                    "selp.b64 $d, 0x7ff8000000000000, $a, n}"},
      {VY_TYPE_F16,
       "{.reg .pred n; .reg .b16 x; .reg .b32 y; setp.nan.f32 n, $a, $a; "
       "cvt.rn.f16.f32 x, $a; cvt.u32.u16 y, x; selp.b32 $d, 0x7e00, y, n}"},
      // Half of the last place that stays is added, and one more when that
      // place is odd.
      {VY_TYPE_BF16,
       "{.reg .pred n; .reg .b32 x, y; setp.nan.f32 n, $a, $a; "
       "bfe.u32 x, $a, 16, 1; add.u32 x, x, 0x7fff; add.u32 y, $a, x; "
       "shr.u32 y, y, 16; selp.b32 $d, 0x7fc0, y, n}"}};
  if (!vy__ptx_is_half(type) && (!vy__is_float(type) || !may_be_nan(p, value)))
    return a;
  vy__reg d = vy__ptx_temp(p, vy__ptx_class_of(vy__value_type(type)));
  for (size_t i = 0; i < VY__COUNT(forms); i++)
    if (forms[i].type == type)
      vy__ptx_template(p, forms[i].text, d.s, a.s, NULL, NULL);
  return d;
}
