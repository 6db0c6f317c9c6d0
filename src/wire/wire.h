// Wire form: little-endian, magic, format and semantics version, section
// table, flat arrays, one string pool; canonical, so that equal semantic
// parts are equal bytes. docs/wire.md gives the layout.
#ifndef VY__WIRE_H
#define VY__WIRE_H

#include "ir/ir.h"

enum {
  VY__WIRE_FORMAT = 1,    // layout of the bytes
  VY__WIRE_SEMANTICS = 1, // meaning of the operations; bits never change
};

// Append the encoding of canonical `ir`; flags as vy_program_encode. False:
// out of memory.
bool vy__wire_encode(const vy__ir *ir, uint32_t flags, vy__buf *out);

// Decode untrusted bytes into canonical IR: structure, ranges and canonical
// order are checked here (so that no later stage can read outside an array),
// types and the rest by the validator. `out` is filled only on success.
vy_status vy__wire_decode(const vy_allocator *alloc, const void *bytes,
                          size_t size, vy__ir *out, vy_diags *diags);

// BLAKE2b-256 of the semantic section, versions included. Allocates a
// temporary; false: out of memory.
bool vy__wire_fingerprint(const vy__ir *ir, vy_hash *out);

#endif
