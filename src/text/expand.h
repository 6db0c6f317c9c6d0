// From tree to IR: names, types, and everything that the language expands
// (vectors, structs, functions, unroll) in one walk that emits values and
// statements as it goes.
//
// A value of the language is a type and one IR value per scalar of it (its
// leaves, in order of declaration). What can be assigned or loaded in part is
// a `place` first. An erroneous expression has the type VY__TY_ERROR, which
// every consumer accepts silently, so that one error is reported once.
#ifndef VY__EXPAND_H
#define VY__EXPAND_H

#include "text/ast.h"

// ---- types

typedef enum vy__ty_kind {
  VY__TY_ERROR,
  VY__TY_VOID,
  VY__TY_SCALAR,
  VY__TY_VECTOR,
  VY__TY_STRUCT,
} vy__ty_kind;

typedef struct vy__leaf {
  uint32_t offset; // bytes
  vy_type type;
  vy_str path; // "a.b.x"; "" of a scalar
} vy__leaf;

typedef struct vy__member {
  vy__atom *name;
  const struct vy__ty *ty;
  uint32_t first; // leaf
} vy__member;

typedef struct vy__ty {
  uint8_t kind, scalar, lanes; // scalar, lanes: of SCALAR and VECTOR
  const vy__decl *decl;        // STRUCT
  uint32_t count;              // leaves
  uint32_t size, align;
  const vy__leaf *leaves;
  const vy__member *members;
  uint32_t member_count;
  vy_str name;
} vy__ty;

// ---- values, symbols, places

typedef struct vy__val {
  const vy__ty *ty; // leaves hold value types, whatever the storage types
  uint32_t small[4];
  uint32_t *big; // instead of small when there are more than 4
} vy__val;
static inline uint32_t *vy__ids(vy__val *v) {
  return v->big ? v->big : v->small;
}

typedef enum vy__sym_kind {
  VY__SYM_ERROR, // declared by something erroneous
  VY__SYM_VALUE, // let, value parameter, loop variable
  VY__SYM_VAR,
  VY__SYM_ARRAY, // buffer, group, private
  VY__SYM_PARAM, // scalar parameter of the program
} vy__sym_kind;

typedef struct vy__sym {
  uint8_t kind, access, space; // access: the most that is allowed here
  const char *what;            // "a loop variable", for messages
  vy__atom *atom;
  struct vy__sym *outer, *previous; // same name; same stack of scopes
  uint32_t frame;
  vy__pos pos;
  const vy__ty *ty; // of the value; of ARRAY: of an element, as stored
  vy__val val;
  uint32_t ref;    // PARAM and buffers: parameter
  uint32_t *ids;   // VAR: variables; group and private ARRAY: arrays
  uint32_t length; // group and private ARRAY: size node
} vy__sym;

typedef enum vy__place_kind {
  VY__PLACE_ERROR,
  VY__PLACE_VALUE,
  VY__PLACE_VAR,
  VY__PLACE_ARRAY,   // not yet indexed
  VY__PLACE_ELEMENT, // indexed by value `index`
} vy__place_kind;

typedef struct vy__place {
  uint8_t kind;
  bool swizzled;
  uint8_t swizzle[4]; // of leaves from `first` on
  uint32_t first;     // leaf
  const vy__ty *ty;   // type seen, as a value
  vy__sym *sym;       // VAR, ARRAY, ELEMENT; NULL: table
  uint32_t table;     // id in the IR
  uint32_t index;
  vy__val val; // VALUE
} vy__place;

// ---- state

typedef struct vy__frame { // an inlined function, or the program
  uint32_t id;
  const vy__decl *decl;
  bool has_block;   // `return` is a LEAVE of a BLOCK
  bool single;      // only return is the last statement: no variable
  bool returned;    // `single`: result holds it
  vy__val result;   // single
  uint32_t *vars;   // else, by leaf of the result type
  const vy__ty *ty; // of the result; NULL: none
} vy__frame;

typedef struct vy__around { // what encloses a statement in its frame
  uint32_t loops;           // inside the innermost `block`
  uint32_t blocks;          // `block`s
  bool unrolled;            // the innermost loop is an unrolled one
  bool wrapped;             // inside a BLOCK of an unrolled loop (loop.c)
  uint8_t continue_as;      // unrolled: the statement that `continue` becomes
  bool tail;                // in tail position (function.c)
} vy__around;

typedef struct vy__expand {
  vy__front *front;
  vy__ir *ir;
  uint32_t epoch;     // of ids kept in declarations
  bool folding;       // inside the value of a constant
  bool any_dimension; // checking a function by itself: domain unknown
  vy__frame *frame;
  uint32_t frames;
  vy__sym *syms;
  uint32_t depth, steps, size_depth;
  vy__around around;
  const vy__ty *types[14][5]; // built-in, by scalar and lanes
  vy__ty error, nothing;
} vy__expand;

void vy__expand_init(vy__expand *x, vy__front *f);
// Emit the program `d` into `ir` (initialised, empty).
void vy__expand_program(vy__expand *x, vy__decl *d, vy__ir *ir);
// Check a function that nothing has expanded, in a scratch IR.
void vy__expand_check(vy__expand *x, vy__decl *d);

// ---- types.c
const vy__ty *vy__ty_builtin(vy__expand *x, vy_type scalar, uint32_t lanes);
// Never NULL: the error type after an error.
const vy__ty *vy__ty_resolve(vy__expand *x, vy__type_ref name);
const vy__ty *vy__ty_struct(vy__expand *x, vy__decl *d);
// Type as a value: storage scalars and vectors widened.
const vy__ty *vy__ty_value(vy__expand *x, const vy__ty *ty);
// Resolve the type of a let, var, parameter or result: no bare storage type.
const vy__ty *vy__ty_of_value(vy__expand *x, vy__type_ref name);
// Of an array element: nothing of bool.
const vy__ty *vy__ty_of_element(vy__expand *x, vy__type_ref name);
bool vy__ty_is(const vy__ty *a, const vy__ty *b);
static inline bool vy__ty_bad(const vy__ty *t) {
  return t->kind == VY__TY_ERROR;
}

// ---- scope.c
void vy__scope_leave(vy__expand *x, vy__sym *mark);
// Declare; reports a name in use. NULL only when out of memory.
vy__sym *vy__scope_add(vy__expand *x, vy__atom *name, vy__pos pos,
                       vy__sym_kind kind);
vy__sym *vy__scope_find(const vy__expand *x, const vy__atom *name);
// One step of work, and one level deeper; false when a limit is hit.
bool vy__enter(vy__expand *x, vy__pos pos);
static inline void vy__exit(vy__expand *x) { x->depth--; }
void vy__limit(vy__expand *x, vy__pos pos, const char *what, uint32_t limit);

// ---- emit.c
// A value; VY__NONE after an error. Ordered ones get their EXEC.
uint32_t vy__emit(vy__expand *x, const vy__value *v, vy__pos pos);
vy__value vy__make(vy__op op, uint32_t a, uint32_t b, uint32_t c);
uint32_t vy__emit_const(vy__expand *x, vy_type type, uint64_t bits,
                        vy__pos pos);
void vy__emit_stmt(vy__expand *x, vy__stmt_kind kind, uint32_t a, vy__pos pos);
void vy__emit_for(vy__expand *x, const uint32_t ids[4], vy__pos pos);
// Make room for `count` statements before statement `at`; false when not.
bool vy__insert_stmts(vy__expand *x, uint32_t at, uint32_t count, vy__pos pos);
uint32_t vy__add_var(vy__expand *x, vy_type type, vy_str name, vy_str path,
                     vy__pos pos);
uint32_t *vy__add_vars(vy__expand *x, const vy__ty *ty, vy_str name,
                       vy__pos pos);
void vy__set_vars(vy__expand *x, const uint32_t *vars, vy__val *v, vy__pos pos);
vy__val vy__get_vars(vy__expand *x, const uint32_t *vars, const vy__ty *ty,
                     vy__pos pos);
// Offset in ir->strings of "name.path"; 0 when it cannot be had.
uint32_t vy__add_name(vy__expand *x, vy_str name, vy_str path);
void vy__name_value(vy__expand *x, vy__val *v, vy_str name);
vy__val vy__val_new(vy__expand *x, const vy__ty *ty);
vy__val vy__val_error(vy__expand *x);
vy__val vy__val_one(const vy__ty *ty, uint32_t id);
// Apply a pure operation to scalars and vectors, component by component.
vy__val vy__apply(vy__expand *x, vy__op op, vy_type to, vy__val *args,
                  uint32_t count, vy__pos pos);

// ---- literal.c, peek.c
// The scalar type of an expression of untyped literals in context `want` (or
// NULL); NONE after an error.
vy_type vy__literal_type(vy__expand *x, const vy__expr *e, const vy__ty *want);
vy__val vy__eval_literal(vy__expand *x, const vy__expr *e, const vy__ty *want);
// Type of `e` without emitting anything; NULL when it has none of its own.
const vy__ty *vy__peek(vy__expand *x, const vy__expr *e);

// ---- place.c
vy__place vy__place_of(vy__expand *x, const vy__expr *e);
vy__val vy__place_load(vy__expand *x, const vy__place *p, vy__pos pos);
void vy__place_store(vy__expand *x, const vy__place *p, vy__val *v,
                     vy__pos pos);
// The array that `e` names, without indexing it; NULL after an error.
vy__sym *vy__array_of(vy__expand *x, const vy__expr *e);
// Reports unless `sym` may be written.
bool vy__may_write(vy__expand *x, const vy__sym *sym, vy__pos pos);

// ---- expr.c, logic.c, call.c, construct.c
// `want` gives untyped literals their type and checks nothing.
vy__val vy__eval(vy__expand *x, const vy__expr *e, const vy__ty *want);
// A value of exactly `ty`, for `what` ("the right side"), or an error.
vy__val vy__eval_as(vy__expand *x, const vy__expr *e, const vy__ty *ty,
                    const char *what);
bool vy__check_type(vy__expand *x, const vy__val *v, const vy__ty *ty,
                    vy__pos pos, const char *what);
vy__val vy__logic(vy__expand *x, const vy__expr *e, vy__val *left);
vy__val vy__eval_ternary(vy__expand *x, const vy__expr *e, const vy__ty *want);
vy__val vy__eval_call(vy__expand *x, const vy__expr *e, const vy__ty *want);
vy__val vy__eval_builtin(vy__expand *x, const vy__expr *e, const vy__ty *want);
vy__val vy__eval_cast(vy__expand *x, const vy__expr *e);
vy__val vy__eval_bitcast(vy__expand *x, const vy__expr *e);
vy__val vy__eval_struct(vy__expand *x, const vy__expr *e, const vy__ty *ty);
// Report unless the list `args` has `count` entries.
bool vy__check_count(vy__expand *x, const vy__expr *e, uint32_t count);

// ---- function.c
vy__val vy__inline(vy__expand *x, const vy__expr *e, vy__decl *d);

// ---- stmt.c, loop.c
void vy__expand_stmts(vy__expand *x, const vy__node *n);
void vy__expand_for(vy__expand *x, const vy__node *n);
void vy__expand_while(vy__expand *x, const vy__node *n);
void vy__expand_array(vy__expand *x, const vy__node *n);

// ---- size.c, const.c
// A size node, or VY__NONE. `constant`: constants and literals only.
// `readback`: elements of outputs as well.
typedef enum vy__size_use {
  VY__SIZE_USE_CONSTANT,
  VY__SIZE_USE_ARGUMENT,
  VY__SIZE_USE_READBACK,
} vy__size_use;
uint32_t vy__expand_size(vy__expand *x, const vy__expr *e, vy__size_use use);
// The value of a constant size as u32 or u64: a literal is one itself, any
// other is computed in i64 and converted.
uint32_t vy__size_value(vy__expand *x, uint32_t node, vy_type type,
                        vy__pos pos);
// Id of a specialization constant or table in this IR; VY__NONE on error.
uint32_t vy__const_id(vy__expand *x, vy__decl *d, vy__pos pos);
uint32_t vy__table_id(vy__expand *x, vy__decl *d, vy__pos pos);
// Report what is wrong with the value of a constant or table.
bool vy__const_check(vy__expand *x, vy__decl *d);

#define VY__NAME(atom) (int)(atom)->text.size, (atom)->text.data
#define VY__STR(s) (int)(s).size, (s).data

#endif
