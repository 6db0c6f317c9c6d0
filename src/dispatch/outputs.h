// Output slots. An outputs object is claimed by a dispatch for its time in
// flight, or by a prepared dispatch for its life; nobody else may then touch
// it. What a slot holds changes only at commit (growth) and at completion.
#ifndef VY__OUTPUTS_H
#define VY__OUTPUTS_H

#include <vyre/pipeline.h>

#include "base/context.h"

typedef struct vy__slot {
  uint32_t mode; // VY_SLOT_*
  uint8_t *data; // MEMORY: the caller's; else the library's, or NULL
  uint64_t capacity;
  uint64_t size;  // what the last dispatch left
  bool returned;  // the last dispatch left something, perhaps 0 bytes
  uint8_t *grown; // larger memory, allocated but not yet taken over
  uint64_t grown_capacity;
} vy__slot;

enum { // vy_outputs.state
  VY__OUTPUTS_FREE,
  VY__OUTPUTS_RUNNING,  // of a dispatch
  VY__OUTPUTS_PREPARED, // of a prepared dispatch, idle
  VY__OUTPUTS_PREPARED_RUNNING,
};

struct vy_outputs {
  vy__refs refs;
  vy_context *context; // retained
  _Atomic uint32_t state;
  uint32_t count;
  uint64_t reused, grown, bytes;
  vy__slot slots[];
};

// Move from one state to another; false when in neither.
bool vy__outputs_claim(vy_outputs *o, uint32_t from, uint32_t to);
void vy__outputs_set_state(vy_outputs *o, uint32_t state);

// Allocate memory for `need` bytes beside what the slot has. False: none.
bool vy__slot_grow(vy_outputs *o, vy__slot *s, uint64_t need);
// Take the larger memory over, or drop it.
void vy__slot_commit(vy_outputs *o, vy__slot *s);
void vy__slot_drop(vy_outputs *o, vy__slot *s);

#endif
