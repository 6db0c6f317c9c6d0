// What a compiled program is on a CUDA device, and what it is given: entry
// points, their arguments, and what the host must know to launch them. The
// emitter writes code by this layout, the host fills it.
//
// A module has two entries over the same body. `vy_one` runs one item whose
// record is its parameter; `vy_many` runs the items of a table in memory, so
// that a batch is one launch and a record can be made on the device.
#ifndef VY__CUDA_KERNEL_H
#define VY__CUDA_KERNEL_H

#include "backend/backend.h"
#include "lower/lower.h"

// Changes when code and host of different builds would not fit.
enum { VY__CUDA_ABI = 6 };

// Argument of one parameter: a buffer's device address (16-aligned, or any
// valid address when length is 0) and its elements; a scalar's bits and 0.
typedef struct vy__cuda_arg {
  uint64_t value;
  uint64_t length;
} vy__cuda_arg;

// The record of one item; the arguments by parameter follow it. Its size is
// vy__cuda_record_size(params), a multiple of 16.
typedef struct vy__cuda_item {
  uint64_t lanes[3];  // of the domain; 1 for absent dimensions; below 2^32
  uint64_t blocks[3]; // of the info's size, as many as hold all lanes
  uint64_t budget;    // UINT64_MAX: none
  uint64_t fault;     // device address of a vy__cuda_fault
  uint64_t facts;     // 1: all facts of the program hold; vy_many ignores it
  uint64_t large;     // 1: a buffer has 2^32 elements or more: not for vy_one
} vy__cuda_item;

// Findings of an item (strict bounds, budgets). Before a launch `lock` is 0
// and fault.lane UINT64_MAX. Ids are those of the original program.
typedef struct vy__cuda_fault {
  uint32_t lock;
  uint32_t reserved;
  vy__fault fault;
} vy__cuda_fault;

static inline uint32_t vy__cuda_record_size(uint32_t params) {
  return (uint32_t)(sizeof(vy__cuda_item) + params * sizeof(vy__cuda_arg));
}

// vy_one(record by value): the grid is the record's blocks. Lengths are below
// 2^32, so that indices are compared in 32 bits.
#define VY__CUDA_ONE "vy_one"
// vy_many(u64 address of records, u32 count): grid.y spreads items, grid.x the
// blocks of an item (all three dimensions in one number); both loop.
#define VY__CUDA_MANY "vy_many"

// Plain data, saved with the code.
typedef struct vy__cuda_info {
  uint32_t abi;        // VY__CUDA_ABI
  uint32_t params;     // parameters of the program
  uint32_t block[3];   // threads of a block in each dimension
  uint32_t span[3];    // its lanes
  uint32_t faults;     // 1: items can fault, so need a fault record each
  uint64_t atomics;    // bit p: atomic operations on parameter p
  uint32_t fact_count; // facts and covers by value, as in vy__lowered
  uint32_t cover_count;
  vy__cover covers[VY__MAX_COVERS];
} vy__cuda_info;

#endif
