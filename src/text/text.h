// Text form: parse `.vy` into IR (everything that the front end expands is
// expanded: vectors, structs, functions, imports, unroll), and print IR back.
#ifndef VY__TEXT_H
#define VY__TEXT_H

#include "base/context.h"
#include "ir/ir.h"

// Parse one program of a file into canonical IR with debug parts. All errors
// of the file are reported in one go. `out` is uninitialised; it is filled
// only on success.
vy_status vy__text_parse(vy_context *context, const vy_source *source,
                         vy__ir *out, vy_diags *diags);

// Append the program as text that parses to the same semantic part: names
// from the debug part where there are any, made unique. False: out of memory.
bool vy__text_print(const vy__ir *ir, vy__buf *out);

#endif
