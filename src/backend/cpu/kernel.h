// What compiled code is, and what it is given. One ABI for code made at run
// time, from the disk cache and ahead of time. Code is a blob without
// relocations: it reaches everything through its arguments.
#ifndef VY__KERNEL_H
#define VY__KERNEL_H

#include "backend/backend.h"
#include "lower/lower.h"

enum { VY__KERNEL_ABI = 6 };

typedef struct vy__kernel_buffer {
  uint8_t *data;   // never NULL: one zero element can be read even at length 0
  uint64_t length; // elements
} vy__kernel_buffer;

// What compiled code calls for the rare operation that has no short sequence
// of instructions. Operands and results are bits, as in semantics.h.
typedef struct vy__kernel_helpers {
  uint64_t (*fma32)(uint64_t a, uint64_t b, uint64_t c);
  uint64_t (*fma64)(uint64_t a, uint64_t b, uint64_t c);
  uint64_t (*rem32)(uint64_t a, uint64_t b, uint64_t c);
  uint64_t (*rem64)(uint64_t a, uint64_t b, uint64_t c);
  // A collective over `lanes` lanes whose operands (4 or 8 bytes each, bools
  // as 4 bytes) lie in `in` by local index; `op` is a vy__op, `type` the
  // operand's vy_type, `extra` GROUP_RANK's bits. Lane i takes part when bit i
  // of `alive` is set (NULL: all do). Results go to `out` (may be `in`) for
  // each lane; shuffles read the index of lane i from index[i] (i64).
  void (*collective)(uint32_t op, uint32_t type, uint32_t lanes, uint32_t extra,
                     const void *in, const int64_t *index,
                     const uint64_t *alive, void *out);
} vy__kernel_helpers;
extern const vy__kernel_helpers vy__kernel_helpers_table;

typedef struct vy__kernel_args {
  const vy__kernel_buffer *buffers; // by parameter; scalars' are unused
  const uint64_t *scalars;          // by parameter, bits; buffers' are unused
  uint64_t lanes[3];                // of the domain; 1 for absent dimensions
  uint64_t groups[3];
  uint8_t *scratch; // this call's own, info.scratch bytes, aligned to 64
  uint64_t budget;  // UINT64_MAX: none
  // The call's findings: a fault replaces what is there when its lane is
  // lower. `lane` is UINT64_MAX before the first. Ids are those of the
  // original program.
  vy__fault *fault;
  const vy__kernel_helpers *helpers;
  uint64_t alone; // 1: no other call of this launch runs at the same time
} vy__kernel_args;

// Run units [begin, end): lanes (linear, x fastest) of a `lanes` program,
// groups (likewise) of a `groups` program. begin < end. The float state is
// pinned by the caller (vy__fp_pin).
typedef void (*vy__kernel_fn)(const vy__kernel_args *args, uint64_t begin,
                              uint64_t end);

// How the atomics on a buffer combine, when that is all that the program does
// with it and nobody asks for old values: then calls that run at the same time
// may each have a table of their own, which are combined into the buffer in
// any order.
typedef enum vy__kernel_fold {
  VY__FOLD_NONE = 0,
  VY__FOLD_ADD = 1, // and SUB
  VY__FOLD_AND = 2,
  VY__FOLD_OR = 3,
  VY__FOLD_XOR = 4,
  VY__FOLD_MIN = 5,
  VY__FOLD_MAX = 6,
} vy__kernel_fold;
static inline vy__op vy__kernel_fold_op(vy__kernel_fold fold) {
  static const uint8_t ops[] = {VY__OP_NONE, VY__OP_ADD, VY__OP_AND, VY__OP_OR,
                                VY__OP_XOR,  VY__OP_MIN, VY__OP_MAX};
  return (vy__op)ops[fold];
}

// First bytes of a blob; the code follows at `code`, the kernel at `entry`
// (both from the start of the blob). All little-endian.
typedef struct vy__kernel_info {
  char magic[8];    // "VYKERN\0" and VY__KERNEL_ABI
  uint64_t size;    // of the whole blob
  uint64_t code;    // offset; 64-aligned
  uint64_t entry;   // offset of vy__kernel_fn
  uint64_t aligned; // bit p: parameter p must be aligned to 8 (atomics)
  uint32_t scratch; // bytes a call needs
  uint32_t width;   // lanes of a vector
  uint32_t cost;    // rough operations of a unit, loops guessed
  uint32_t grain;   // units in a chunk are a multiple of this
  uint32_t isa;     // vy__kernel_isa that it needs
  uint32_t helpers; // 1: it may call some of vy__kernel_helpers
  uint32_t cover_count;
  vy__cover covers[VY__MAX_COVERS]; // outputs that may need no zeroes
  // By parameter: vy__kernel_fold. None, or all buffers with atomics have one.
  uint8_t folds[VY__MAX_PARAMS];
} vy__kernel_info;

typedef enum vy__kernel_isa {
  VY__ISA_NONE = 0,   // this host can run none
  VY__ISA_SSE4 = 1,   // x86-64-v2: no FMA, no F16C
  VY__ISA_AVX2 = 2,   // x86-64-v3
  VY__ISA_AVX512 = 3, // x86-64-v4
} vy__kernel_isa;

// The best of this host.
vy__kernel_isa vy__kernel_host_isa(void);

#endif
