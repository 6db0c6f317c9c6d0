// Calls of built-in operations. What each argument is follows from the
// operation's signature, by the letters of `roles`; no operation is named.
#include "text/expand.h"
#include "text/hints.h"

// T: of the type T   I: an integer    C: a bool      A: an array's name
// E: of the array's element type      u, U: u32, u64      l: a literal
static const char *roles_of(uint32_t sig) {
  switch ((vy__sig)sig) {
  case VY__SIG_UN:
  case VY__SIG_TEST:
    return "T";
  case VY__SIG_BIN:
  case VY__SIG_ABSDIFF:
    return "TT";
  case VY__SIG_TER:
    return "TTT";
  case VY__SIG_SHIFT:
  case VY__SIG_SHUFFLE:
    return "TI";
  case VY__SIG_SELECT:
    return "CTT";
  case VY__SIG_LEN32:
  case VY__SIG_LEN64:
    return "A";
  case VY__SIG_BYTES_LOAD32:
  case VY__SIG_BYTES_LOAD64:
  case VY__SIG_ATOMIC0:
    return "AI";
  case VY__SIG_BYTES_STORE32:
    return "AIu";
  case VY__SIG_BYTES_STORE64:
    return "AIU";
  case VY__SIG_ATOMIC_STORE:
  case VY__SIG_ATOMIC1:
    return "AIE";
  case VY__SIG_ATOMIC2:
    return "AIEE";
  case VY__SIG_VOTE:
  case VY__SIG_BALLOT:
    return "C";
  case VY__SIG_RANK:
    return "ul";
  default:
    return NULL;
  }
}

bool vy__check_count(vy__expand *x, const vy__expr *e, uint32_t count) {
  uint32_t found = 0;
  for (const vy__expr *arg = e->a; arg; arg = arg->next)
    found++;
  if (found == count)
    return true;
  vy__error(x->front, e->pos, VY__E_CALL_ARGUMENTS,
            "`%.*s` takes %u argument%s, found %u", VY__NAME(e->name), count,
            count == 1 ? "" : "s", found);
  return false;
}

typedef struct call {
  const vy__expr *e;
  const vy__op_info *row;
  const char *roles;
  const vy__ty *type; // T, for untyped arguments
  vy__sym *array;
  vy__val args[4];
  uint32_t count; // of args
  uint64_t imm;
} call;

// T of the call: that of the first typed argument, else the context's.
static const vy__ty *type_of_call(vy__expand *x, const call *c,
                                  const vy__ty *want) {
  uint8_t lit = VY__LIT_NONE;
  const vy__expr *arg = c->e->a;
  for (const char *r = c->roles; *r && arg; r++, arg = arg->next) {
    if (*r != 'T')
      continue;
    if (!arg->lit)
      return vy__peek(x, arg);
    lit = arg->lit > lit ? arg->lit : lit;
  }
  if (c->e->lit || lit == VY__LIT_NONE)
    return want;
  return vy__ty_builtin(x, lit == VY__LIT_FLOAT ? VY_TYPE_F32 : VY_TYPE_I32, 1);
}

static bool array_argument(vy__expand *x, call *c, const vy__expr *arg) {
  c->array = vy__array_of(x, arg);
  if (!c->array)
    return false;
  uint32_t sig = c->row->sig;
  bool atomic = c->row->effect == VY__EFFECT_ATOMIC;
  if (sig == VY__SIG_LEN32 || sig == VY__SIG_LEN64)
    return true;
  if (!atomic && c->array->space != VY__SPACE_BUFFER) {
    vy__error(x->front, arg->pos, VY__E_WRONG_KIND,
              "`%.*s` works on buffers only", VY__NAME(c->e->name));
    return false;
  }
  if (atomic && c->array->ty->kind != VY__TY_SCALAR) {
    vy__error(x->front, arg->pos, VY__E_BAD_OPERANDS,
              "`%.*s` works on scalar elements, not on %.*s",
              VY__NAME(c->e->name), VY__STR(c->array->ty->name));
    return false;
  }
  bool writes =
      c->row->effect == VY__EFFECT_WRITE || (atomic && sig != VY__SIG_ATOMIC0);
  return !writes || vy__may_write(x, c->array, arg->pos);
}

static bool literal_argument(vy__expand *x, call *c, const vy__expr *arg) {
  c->imm = arg->number.value;
  if (arg->kind == VY__EX_NUMBER && !arg->number.is_float && !arg->negative)
    return true;
  vy__error(x->front, arg->pos, VY__E_NOT_CONSTANT,
            "this argument of `%.*s` must be an integer literal",
            VY__NAME(c->e->name));
  return false;
}

static bool argument(vy__expand *x, call *c, char role, const vy__expr *arg) {
  const vy__ty *want = NULL;
  switch (role) {
  case 'A':
    return array_argument(x, c, arg);
  case 'l':
    return literal_argument(x, c, arg);
  case 'T':
    want = c->type;
    break;
  case 'I':
    want = c->row->sig == VY__SIG_SHIFT && c->count ? c->args[0].ty : NULL;
    break;
  case 'E':
    want = c->array ? vy__ty_value(x, c->array->ty) : NULL;
    break;
  case 'u':
    want = vy__ty_builtin(x, VY_TYPE_U32, 1);
    break;
  case 'U':
    want = vy__ty_builtin(x, VY_TYPE_U64, 1);
    break;
  default:
    break;
  }
  vy__val v = vy__eval(x, arg, want);
  c->args[c->count++] = v;
  return !vy__ty_bad(v.ty);
}

// len of an array that is no buffer.
static vy__val array_length(vy__expand *x, const call *c) {
  vy_type type = c->row->sig == VY__SIG_LEN32 ? VY_TYPE_U32 : VY_TYPE_U64;
  uint32_t id = vy__size_value(x, c->array->length, type, c->e->pos);
  return id == VY__NONE ? vy__val_error(x)
                        : vy__val_one(vy__ty_builtin(x, type, 1), id);
}

// One operation on scalars, ordered or on memory.
static vy__val emit_call(vy__expand *x, call *c) {
  bool length = c->row->sig == VY__SIG_LEN32 || c->row->sig == VY__SIG_LEN64;
  if (length && c->array->space != VY__SPACE_BUFFER)
    return array_length(x, c);
  vy__value v = vy__make((vy__op)c->e->name->op, VY__NONE, VY__NONE, VY__NONE);
  for (uint32_t i = 0; i < c->count && i < 3; i++) {
    if (c->args[i].ty->kind != VY__TY_SCALAR) {
      vy__error(x->front, c->e->pos, VY__E_BAD_OPERANDS,
                "`%.*s` works on scalars, not on %.*s", VY__NAME(c->e->name),
                VY__STR(c->args[i].ty->name));
      return vy__val_error(x);
    }
    v.a[i] = c->args[i].small[0];
  }
  v.imm = c->imm;
  if (c->array) {
    bool buffer = c->array->space == VY__SPACE_BUFFER;
    v.ref = buffer ? c->array->ref : c->array->ids[0];
    if (c->row->effect == VY__EFFECT_ATOMIC)
      v.space = c->array->space;
  }
  uint32_t id = vy__emit(x, &v, c->e->pos);
  if (id == VY__NONE)
    return vy__val_error(x);
  vy_type type = (vy_type)x->ir->values[id].type;
  if (type == VY_TYPE_NONE)
    return (vy__val){.ty = &x->nothing};
  return vy__val_one(vy__ty_builtin(x, type, 1), id);
}

vy__val vy__eval_builtin(vy__expand *x, const vy__expr *e, const vy__ty *want) {
  call c = {.e = e, .row = vy__op_row(e->name->op)};
  c.roles = roles_of(c.row->sig);
  if (!c.roles) {
    vy__error(x->front, e->pos, VY__E_WRONG_KIND,
              "`%.*s` is a value, not a function", VY__NAME(e->name));
    return vy__val_error(x);
  }
  if (!vy__check_count(x, e, (uint32_t)strlen(c.roles)))
    return vy__val_error(x);
  c.type = type_of_call(x, &c, want);
  bool fine = true;
  const vy__expr *arg = e->a;
  for (const char *r = c.roles; *r; r++, arg = arg->next)
    fine &= argument(x, &c, *r, arg);
  if (!fine || x->front->halt)
    return vy__val_error(x);
  if (c.row->effect == VY__EFFECT_PURE)
    return vy__apply(x, (vy__op)e->name->op, VY_TYPE_NONE, c.args, c.count,
                     e->pos);
  return emit_call(x, &c);
}

vy__val vy__eval_call(vy__expand *x, const vy__expr *e, const vy__ty *want) {
  if (e->name->op)
    return vy__eval_builtin(x, e, want);
  vy__decl *d = vy__scope_find(x, e->name) ? NULL : e->name->decl;
  if (d && d->kind == VY__DECL_FN)
    return vy__inline(x, e, d);
  if (d && d->kind == VY__DECL_STRUCT)
    return vy__eval_struct(x, e, vy__ty_struct(x, d));
  if (d || vy__scope_find(x, e->name))
    vy__error(x->front, e->pos, VY__E_WRONG_KIND, "`%.*s` is not a function",
              VY__NAME(e->name));
  else if (!e->name->unknown) {
    const char *fix = vy__function_hint(e->name->text);
    vy__error(x->front, e->pos, VY__E_UNKNOWN_NAME,
              "there is no function `%.*s`%s%s", VY__NAME(e->name),
              fix ? "\nFix: " : "", fix ? fix : "");
  }
  e->name->unknown |= !d;
  return vy__val_error(x);
}
