// Makes functions that call each other of a kernel whose parts jump into it
// and use its values, and those of each other, as if all were one function.
//
// A value used outside the function that makes it has a place in the frame,
// is stored right after it is made, and loaded where another part begins: a
// part has one entry, so what dominates a use in it dominates the entry too.
// A stack slot used by several has its place in the frame; a part works on a
// copy of its own, which LLVM turns into registers. One used by a single part
// belongs to that: no slot holds anything when a part is entered that the
// kernel has not put there.
#include "backend/cpu/emit/split.h"

enum { FRAME_ALIGN = 128 };

// By value that lives in the frame, or by function.
typedef struct cell {
  LLVMValueRef key;
  uint64_t at;   // offset; of a function: the part's number
  uint32_t part; // in which `loaded` holds
  LLVMValueRef loaded;
} cell;

typedef struct head {
  LLVMBasicBlockRef block; // of a part, before all others
  LLVMValueRef frame;
  uint32_t first_exit, exit_count; // into join->exits
  uint32_t slot;                   // of which the next two are
  bool is_plain, is_stored;        // only loaded and stored; and stored
  LLVMValueRef address;
} head;

typedef struct join {
  vy__flow *f;
  LLVMTargetDataRef layout;
  head *heads; // by part; the last one is the kernel
  cell *cells; // open addressing
  size_t cell_count, cell_capacity;
  LLVMBasicBlockRef *exits;
  size_t exit_count, exit_capacity;
  uint64_t size; // of the frame
} join;

static const vy_allocator *heap_of(const join *j) {
  return j->f->e->job->alloc;
}

static LLVMValueRef function_of(const join *j, uint32_t part) {
  return part == j->f->split.count ? j->f->split.kernel
                                   : j->f->split.parts[part].function;
}

// ---- cells

static cell *probe(const join *j, LLVMValueRef key) {
  size_t mask = j->cell_capacity - 1;
  size_t i = ((uintptr_t)key >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20;
  for (i &= mask; j->cells[i].key && j->cells[i].key != key; i = (i + 1) & mask)
    ;
  return &j->cells[i];
}

static bool widen(join *j) {
  join old = *j;
  j->cell_capacity = old.cell_capacity ? 2 * old.cell_capacity : 1024;
  j->cells = vy__calloc(heap_of(j), j->cell_capacity, sizeof *j->cells);
  if (!j->cells) {
    *j = old;
    return false;
  }
  for (size_t i = 0; i < old.cell_capacity; i++)
    if (old.cells[i].key)
      *probe(j, old.cells[i].key) = old.cells[i];
  if (old.cells)
    vy__free(heap_of(j), old.cells, old.cell_capacity * sizeof *old.cells);
  return true;
}

// The cell of `key`, perhaps a new one without a key; NULL: out of memory.
static cell *cell_of(join *j, LLVMValueRef key) {
  if (2 * (j->cell_count + 1) > j->cell_capacity && !widen(j))
    return NULL;
  return probe(j, key);
}

static cell *add_cell(join *j, cell *c, LLVMValueRef key, uint64_t at) {
  *c = (cell){.key = key, .at = at, .part = VY__NONE};
  j->cell_count++;
  return c;
}

// ---- where things are

static LLVMValueRef owner_of(LLVMValueRef value) {
  if (LLVMIsAInstruction(value))
    return LLVMGetBasicBlockParent(LLVMGetInstructionParent(value));
  return LLVMIsAArgument(value) ? LLVMGetParamParent(value) : NULL;
}

static uint32_t part_of(const join *j, LLVMValueRef function) {
  const cell *c = probe(j, function);
  return c->key ? (uint32_t)c->at : j->f->split.count;
}

static uint64_t place(join *j, LLVMTypeRef type) {
  uint64_t align = LLVMABIAlignmentOfType(j->layout, type);
  uint64_t at = (j->size + align - 1) / align * align;
  j->size = at + LLVMABISizeOfType(j->layout, type);
  return at;
}

static LLVMValueRef frame_at(const join *j, LLVMBuilderRef b, uint32_t part,
                             uint64_t at) {
  LLVMValueRef offset = vy__i64(j->f, at);
  return LLVMBuildGEP2(b, vy__t8(j->f), j->heads[part].frame, &offset, 1, "");
}

// ---- calls and exits

static bool exit_to(join *j, head *h, LLVMBasicBlockRef target, uint32_t k) {
  vy__emit *e = j->f->e;
  void *exits = j->exits;
  bool fits = vy__grow(heap_of(j), &exits, &j->exit_capacity, j->exit_count + 2,
                       sizeof *j->exits);
  j->exits = exits;
  if (!fits)
    return false;
  LLVMBasicBlockRef out =
      LLVMAppendBasicBlockInContext(e->context, e->function, "out");
  LLVMPositionBuilderAtEnd(e->builder, out);
  LLVMBuildRet(e->builder, vy__i32(j->f, k));
  j->exits[j->exit_count++] = target; // pairs: where to, and the block
  j->exits[j->exit_count++] = out;
  h->exit_count++;
  return true;
}

// The jump from `terminator` to block `target` of the kernel is a return.
static bool leave_by(join *j, head *h, LLVMValueRef terminator, unsigned i) {
  LLVMBasicBlockRef target = LLVMGetSuccessor(terminator, i);
  if (LLVMGetBasicBlockParent(target) == j->f->e->function)
    return true;
  uint32_t k = 0;
  while (k < h->exit_count && j->exits[h->first_exit + 2 * k] != target)
    k++;
  if (k == h->exit_count && !exit_to(j, h, target, k))
    return false;
  LLVMSetSuccessor(terminator, i, j->exits[h->first_exit + 2 * k + 1]);
  return true;
}

static void call(join *j, const vy__part *p, const head *h) {
  vy__flow *f = j->f;
  LLVMBuilderRef b = f->e->builder;
  LLVMPositionBuilderAtEnd(b, p->from);
  LLVMValueRef way =
      LLVMBuildCall2(b, LLVMGlobalGetValueType(p->function), p->function,
                     &j->heads[f->split.count].frame, 1, "");
  if (!h->exit_count) {
    LLVMBuildUnreachable(b);
    return;
  }
  LLVMBasicBlockRef *to = j->exits + h->first_exit;
  if (h->exit_count == 1) {
    LLVMBuildBr(b, to[0]);
    return;
  }
  LLVMValueRef s = LLVMBuildSwitch(b, way, to[0], h->exit_count - 1);
  for (uint32_t k = 1; k < h->exit_count; k++)
    LLVMAddCase(s, vy__i32(f, k), to[2 * k]);
}

static bool open_part(join *j, uint32_t part) {
  vy__flow *f = j->f;
  const vy__part *p = &f->split.parts[part];
  head *h = &j->heads[part];
  LLVMBasicBlockRef first = LLVMGetEntryBasicBlock(p->function);
  f->e->function = p->function;
  h->first_exit = (uint32_t)j->exit_count;
  h->frame = LLVMGetParam(p->function, 0);
  LLVMBasicBlockRef last = LLVMGetLastBasicBlock(p->function);
  for (LLVMBasicBlockRef k = first; k; k = LLVMGetNextBasicBlock(k)) {
    LLVMValueRef t = LLVMGetBasicBlockTerminator(k);
    for (unsigned i = 0; t && i < LLVMGetNumSuccessors(t); i++)
      if (!leave_by(j, h, t, i))
        return false;
    if (k == last)
      break;
  }
  h->block = LLVMInsertBasicBlockInContext(f->e->context, first, "head");
  call(j, p, h);
  return true;
}

static bool open_parts(join *j) {
  vy__flow *f = j->f;
  for (uint32_t i = 0; i < f->split.count; i++) {
    LLVMValueRef fn = f->split.parts[i].function;
    cell *c = cell_of(j, fn);
    if (!c)
      return false;
    add_cell(j, c, fn, i);
    if (!open_part(j, i))
      return false;
  }
  f->e->function = f->split.kernel;
  return true;
}

static void close_parts(join *j) {
  LLVMBuilderRef b = j->f->e->builder;
  for (uint32_t i = 0; i < j->f->split.count; i++) {
    LLVMPositionBuilderAtEnd(b, j->heads[i].block);
    LLVMBuildBr(b, LLVMGetNextBasicBlock(j->heads[i].block));
  }
}

// ---- stack slots

typedef struct users {
  uint32_t count, one; // functions, and one of them
} users;

static bool is_plain_use(LLVMValueRef user, LLVMValueRef slot) {
  LLVMTypeRef type = LLVMGetAllocatedType(slot);
  if (LLVMIsALoadInst(user))
    return LLVMTypeOf(user) == type;
  return LLVMIsAStoreInst(user) && LLVMGetOperand(user, 0) != slot &&
         LLVMTypeOf(LLVMGetOperand(user, 0)) == type;
}

static users find_users(join *j, LLVMValueRef slot, uint32_t number) {
  users all = {0, 0};
  for (LLVMUseRef u = LLVMGetFirstUse(slot); u; u = LLVMGetNextUse(u)) {
    LLVMValueRef user = LLVMGetUser(u);
    uint32_t part = part_of(j, owner_of(user));
    head *h = &j->heads[part];
    if (h->slot != number) {
      h->slot = number;
      h->is_plain = true;
      h->is_stored = false;
      h->address = NULL;
      all.one = part;
      all.count++;
    }
    h->is_plain = h->is_plain && is_plain_use(user, slot);
    h->is_stored = h->is_stored || LLVMIsAStoreInst(user);
  }
  return all;
}

// A copy of the slot at `at` for as long as the part runs.
static LLVMValueRef copy_slot(join *j, uint32_t part, LLVMTypeRef type,
                              uint64_t at) {
  LLVMBuilderRef b = j->f->e->builder;
  head *h = &j->heads[part];
  LLVMPositionBuilderAtEnd(b, h->block);
  LLVMValueRef own = LLVMBuildAlloca(b, type, "own");
  LLVMValueRef now = LLVMBuildLoad2(b, type, frame_at(j, b, part, at), "");
  LLVMBuildStore(b, now, own);
  for (uint32_t k = 0; h->is_stored && k < h->exit_count; k++) {
    LLVMBasicBlockRef out = j->exits[h->first_exit + 2 * k + 1];
    LLVMPositionBuilderBefore(b, LLVMGetBasicBlockTerminator(out));
    LLVMValueRef then = LLVMBuildLoad2(b, type, own, "");
    LLVMBuildStore(b, then, frame_at(j, b, part, at));
  }
  return own;
}

static LLVMValueRef address_of(join *j, uint32_t part, LLVMTypeRef type,
                               uint64_t at) {
  head *h = &j->heads[part];
  LLVMBuilderRef b = j->f->e->builder;
  if (h->address)
    return h->address;
  if (part < j->f->split.count && h->is_plain)
    return h->address = copy_slot(j, part, type, at);
  if (part < j->f->split.count)
    LLVMPositionBuilderAtEnd(b, h->block);
  else
    LLVMPositionBuilderBefore(b, LLVMGetNextInstruction(h->frame));
  return h->address = frame_at(j, b, part, at);
}

static void place_slot(join *j, LLVMValueRef slot, uint32_t number) {
  LLVMBuilderRef b = j->f->e->builder;
  users all = find_users(j, slot, number);
  if (!all.count || (all.count == 1 && all.one == j->f->split.count))
    return;
  if (all.count == 1) {
    LLVMPositionBuilderAtEnd(b, j->heads[all.one].block);
    LLVMInstructionRemoveFromParent(slot);
    LLVMInsertIntoBuilder(b, slot);
    return;
  }
  LLVMTypeRef type = LLVMGetAllocatedType(slot);
  uint64_t at = place(j, type);
  for (LLVMUseRef u; (u = LLVMGetFirstUse(slot)) != NULL;) {
    LLVMValueRef user = LLVMGetUser(u);
    LLVMValueRef to = address_of(j, part_of(j, owner_of(user)), type, at);
    for (int i = LLVMGetNumOperands(user); i-- > 0;)
      if (LLVMGetOperand(user, (unsigned)i) == slot)
        LLVMSetOperand(user, (unsigned)i, to);
  }
  LLVMInstructionEraseFromParent(slot);
}

static void place_slots(join *j) {
  LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(j->f->split.kernel);
  uint32_t number = 0;
  for (LLVMValueRef i = LLVMGetFirstInstruction(entry), next;
       i && LLVMIsAAllocaInst(i); i = next) {
    next = LLVMGetNextInstruction(i);
    place_slot(j, i, ++number);
  }
}

// ---- values

// In the frame, vectors of i1 are as wide as masks: they need no packing.
static bool is_bools(const join *j, LLVMTypeRef type) {
  return LLVMGetTypeKind(type) == LLVMVectorTypeKind && j->f->mask_bits > 1 &&
         LLVMGetElementType(type) == vy__t1(j->f);
}

static void store_value(join *j, LLVMValueRef value, uint64_t at) {
  vy__flow *f = j->f;
  LLVMBuilderRef b = f->e->builder;
  uint32_t part = part_of(j, owner_of(value));
  bool is_early = value == f->scratch || !LLVMIsAInstruction(value);
  LLVMValueRef next =
      LLVMGetNextInstruction(is_early ? j->heads[part].frame : value);
  while (LLVMIsAPHINode(next))
    next = LLVMGetNextInstruction(next);
  LLVMPositionBuilderBefore(b, next);
  if (is_bools(j, LLVMTypeOf(value)))
    value = LLVMBuildSExt(b, value, vy__mask_type(f), "");
  LLVMBuildStore(b, value, frame_at(j, b, part, at));
}

static LLVMValueRef load_value(join *j, LLVMTypeRef type, uint32_t part,
                               uint64_t at) {
  vy__flow *f = j->f;
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef kept = is_bools(j, type) ? vy__mask_type(f) : type;
  LLVMValueRef x = LLVMBuildLoad2(b, kept, frame_at(j, b, part, at), "");
  return kept == type
             ? x
             : LLVMBuildICmp(b, LLVMIntSLT, x, LLVMConstNull(kept), "");
}

// Puts the builder where operand `i` of `user` is used, in the kernel.
static void go_to_use(join *j, LLVMValueRef user, unsigned i) {
  LLVMValueRef at = user;
  if (LLVMIsAPHINode(user))
    at = LLVMGetBasicBlockTerminator(LLVMGetIncomingBlock(user, i));
  LLVMPositionBuilderBefore(j->f->e->builder, at);
}

static bool bring_operand(join *j, uint32_t part, LLVMValueRef user,
                          unsigned i) {
  LLVMValueRef value = LLVMGetOperand(user, i), owner = owner_of(value);
  if (!owner || owner == function_of(j, part))
    return true;
  LLVMTypeRef type = LLVMTypeOf(value);
  cell *c = cell_of(j, value);
  if (!c)
    return false;
  if (!c->key) {
    add_cell(j, c, value,
             place(j, is_bools(j, type) ? vy__mask_type(j->f) : type));
    store_value(j, value, c->at);
  }
  if (part == j->f->split.count) {
    go_to_use(j, user, i);
    LLVMSetOperand(user, i, load_value(j, type, part, c->at));
    return true;
  }
  if (c->part != part) {
    LLVMPositionBuilderAtEnd(j->f->e->builder, j->heads[part].block);
    c->loaded = load_value(j, type, part, c->at);
    c->part = part;
  }
  LLVMSetOperand(user, i, c->loaded);
  return true;
}

static bool bring_values(join *j, uint32_t part) {
  LLVMBasicBlockRef k = LLVMGetFirstBasicBlock(function_of(j, part));
  for (; k; k = LLVMGetNextBasicBlock(k))
    for (LLVMValueRef i = LLVMGetFirstInstruction(k); i;
         i = LLVMGetNextInstruction(i)) {
      unsigned n = (unsigned)LLVMGetNumOperands(i);
      for (unsigned o = 0; o < n; o++)
        if (!bring_operand(j, part, i, o))
          return false;
    }
  return true;
}

// ---- the whole

// Behind all else in scratch memory, aligned for the longest vectors.
static LLVMValueRef kernel_frame(vy__flow *f) {
  LLVMBuilderRef b = f->e->builder;
  LLVMPositionBuilderBefore(b, LLVMGetNextInstruction(f->scratch));
  LLVMValueRef at = LLVMBuildPtrToInt(b, f->scratch, vy__t64(f), "");
  at =
      LLVMBuildNeg(b, LLVMBuildAdd(b, at, vy__i64(f, f->scratch_size), ""), "");
  at = LLVMBuildAnd(b, at, vy__i64(f, FRAME_ALIGN - 1), "");
  at = LLVMBuildAdd(b, at, vy__i64(f, f->scratch_size), "");
  return LLVMBuildGEP2(b, vy__t8(f), f->scratch, &at, 1, "frame");
}

static bool join_all(join *j) {
  vy__flow *f = j->f;
  uint32_t n = f->split.count;
  j->heads[n].frame = kernel_frame(f);
  if (!open_parts(j))
    return false;
  place_slots(j);
  for (uint32_t part = 0; part <= n; part++)
    if (!bring_values(j, part))
      return false;
  close_parts(j);
  uint64_t size =
      f->scratch_size + FRAME_ALIGN + ((j->size + 63) & ~UINT64_C(63));
  f->scratch_size = (uint32_t)size;
  return size <= INT32_MAX;
}

bool vy__split_join(vy__flow *f) {
  uint32_t n = f->split.count;
  if (!n)
    return true;
  join j = {.f = f, .layout = LLVMGetModuleDataLayout(f->e->module)};
  j.heads = vy__calloc(heap_of(&j), (size_t)n + 1, sizeof *j.heads);
  bool ok = j.heads && join_all(&j);
  if (j.heads)
    vy__free(heap_of(&j), j.heads, ((size_t)n + 1) * sizeof *j.heads);
  if (j.cells)
    vy__free(heap_of(&j), j.cells, j.cell_capacity * sizeof *j.cells);
  if (j.exits)
    vy__free(heap_of(&j), j.exits, j.exit_capacity * sizeof *j.exits);
  return ok;
}
