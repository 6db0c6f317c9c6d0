// Inside the emitter: one emission's state, and the parts that files offer one
// another. Values of the program are LLVM values: bool i1, integers iN, floats
// float and double; scalar (lanes == 1) or vectors of `lanes` elements.
#ifndef VY__EMITTER_H
#define VY__EMITTER_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "backend/cpu/emit.h"

typedef struct vy__emit {
  const vy__emit_job *job;
  const vy__lowered *lowered;
  const vy_program *program; // lowered->program
  const vy__ir *ir;
  LLVMContextRef context;
  LLVMModuleRef module;
  LLVMBuilderRef builder;
  LLVMTargetMachineRef machine;
  LLVMValueRef function; // the kernel
  LLVMValueRef args;     // const vy__kernel_args *
  uint32_t isa;          // vy__kernel_isa
  uint32_t width;        // lanes of a vector
  uint32_t mask_bits;    // of a lane's element of an execution mask
  vy_diags *diags;
  bool uses_helpers; // of vy__kernel_helpers
  bool oom;
  bool locks; // only where others run beside it
} vy__emit;

// ---- ops.c: operations and conversions, one value each

// The LLVM type of a value (bool: i1) or a stored element (as an integer or
// float type is all the same there: iN of its size, floats as integers too).
LLVMTypeRef vy__llvm_type(vy__emit *e, vy_type type, uint32_t lanes);
LLVMTypeRef vy__llvm_stored(vy__emit *e, vy_type type, uint32_t lanes);
// A constant of `type` from bits, in every lane.
LLVMValueRef vy__llvm_const(vy__emit *e, vy_type type, uint64_t bits,
                            uint32_t lanes);

// The operation of PURE value `v` on operands a[] of types types[], all of
// `lanes` lanes; exact, total, no control flow beyond the current block except
// through calls. One table row per operation stands behind it.
LLVMValueRef vy__emit_pure(vy__emit *e, const vy__value *v,
                           const vy_type types[3], uint32_t lanes,
                           const LLVMValueRef a[3]);
// The same by operation: for atomics and collectives, which combine with one.
LLVMValueRef vy__emit_op(vy__emit *e, vy__op op, vy_type type, uint32_t lanes,
                         LLVMValueRef a, LLVMValueRef b);

// A stored element (iN of its size) as a value, and back; stores of floats
// canonicalise NaN.
LLVMValueRef vy__emit_load_convert(vy__emit *e, vy_type type, uint32_t lanes,
                                   LLVMValueRef stored);
LLVMValueRef vy__emit_store_convert(vy__emit *e, vy_type type, uint32_t lanes,
                                    LLVMValueRef value);

// Call an intrinsic by name, overloaded on `types`.
LLVMValueRef vy__llvm_intrinsic(vy__emit *e, const char *name,
                                LLVMTypeRef *types, uint32_t type_count,
                                LLVMValueRef *args, uint32_t arg_count);

// ---- emit.c

// Attributes of every function of the module: its target, no unwinding, no
// library calls; `aside`: rare, kept out of line and private.
void vy__emit_attributes(vy__emit *e, LLVMValueRef function, bool aside);

// ---- shape.c

// How the program's lanes are best run: one at a time (where they go different
// ways to memory, vectors of them only get in each other's way), in a vector
// of the target, or in several of them at once. Out of memory: e->oom.
typedef enum vy__abreast {
  VY__ONE_ABREAST,
  VY__SOME_ABREAST,
  VY__MANY_ABREAST
} vy__abreast;
vy__abreast vy__lanes_abreast(vy__emit *e);
// Does it have a barrier or collective?
bool vy__meets(const vy_program *program);

// ---- table.c

// Is `v` a lookup that vectors of `width` lanes do in registers?
bool vy__table_fits(const vy__emit *e, uint32_t width, const vy__value *v);

// ---- flow.c

// Emit the kernel of e->program into e->module; the parts of *info that depend
// on it. False when out of memory.
bool vy__flow_emit(vy__emit *e, vy__kernel_info *info);

// ---- object.c: an ELF object of this target to a blob

// Lay out .text and read-only data of relocatable object `elf` as one piece,
// resolve what is relative inside it, and prefix `info` (whose size, code and
// entry are set here; entry is symbol `symbol`). UNSUPPORTED, saying which,
// when a relocation or undefined symbol would remain.
vy_status vy__object_flatten(const vy_allocator *alloc, const uint8_t *elf,
                             size_t elf_size, const char *symbol,
                             vy__kernel_info *info, uint8_t **out,
                             size_t *out_size, vy_diags *diags);

#endif
