// Compiled pipelines. A `vy__plan` is what a dispatch needs to know about a
// program beyond its IR, worked out once; nothing in it depends on lengths. A
// `vy__compiled` is backend code, shared by equal compiles through the cache.
// A `vy_pipeline` joins one program object, whose positions errors name, with
// such code.
#ifndef VY__PIPELINE_H
#define VY__PIPELINE_H

#include "pipeline/device.h"

// A SIZE_ELEMENT node that a readback bound of output `output` needs.
typedef struct vy__late {
  uint32_t node, output;
} vy__late;

// What binding asks of a parameter.
typedef struct vy__plan_param {
  uint8_t kinds; // bit k: takes arguments of kind k
  uint8_t shift; // of its element size; 255: no power of two
  // As most programs are, so that sizes need not be evaluated: it must be as
  // long as this parameter; 255: that is not so simple.
  uint8_t same_length;
  uint8_t output; // which output it is, or 255
} vy__plan_param;

// Masks have bit p for parameter p, or bit o for output o. What every dispatch
// looks at comes first.
typedef struct vy__plan {
  const vy_program *program; // no constants left
  uint32_t param_count, output_count;
  uint64_t outputs;    // parameters that are
  uint64_t sized;      // buffers whose length the program gives
  uint64_t uses_len;   // parameters of which the program takes len()
  bool reads_back;     // some output has a readback range
  uint8_t same_lanes;  // as many lanes as this parameter is long, in one
                       // dimension and no groups; 255: not so simple
  uint32_t size_count; // of size_order
  vy__plan_param params[VY__MAX_PARAMS];
  uint8_t output_param[VY__MAX_PARAMS]; // parameter of an output
  uint8_t size_order[VY__MAX_PARAMS];   // sized writes, each after those whose
                                        // lengths it uses
  uint64_t size_scalars; // scalars that a size, domain or readback uses
  uint64_t late_outputs; // outputs whose readback needs elements
  vy__late *late;
  uint32_t late_count;
} vy__plan;
// False when out of memory.
bool vy__plan_init(vy__plan *plan, const vy_program *program);
void vy__plan_free(vy__plan *plan);

typedef struct vy__compiled {
  struct vy__compiled *next;          // in its bucket
  struct vy__compiled *newer, *older; // while idle
  bool idle;                          // compiled, and without users
  uint32_t users;                     // pipelines that have users
  vy_hash key;
  vy_program *program;      // what was compiled
  struct vy__code *code;    // NULL: being compiled
  vy_pipeline *pipelines;   // all that use this code
  vy_pipeline *kept;        // stays while the entry does, used or not
  _Atomic uint32_t flights; // launches that use the code
} vy__compiled;

struct vy_pipeline {
  vy_pipeline *next; // of the same code
  vy__refs refs;     // its entry's list: 1; each launch: 1
  uint32_t users;    // public references; under the cache's mutex
  vy_device *device; // referenced while users > 0
  vy__compiled *compiled;
  vy_program *source;  // as given to vy_compile; retained
  vy_program *program; // with constants fixed; retained
  uint32_t flags;      // VY_COMPILE_*
  vy__plan plan;
  char id[128];
};

// ---- the entries of the cache, under its mutex (cache.c)

vy__compiled *vy__cache_find(const vy__cache *c, const vy_hash *key);
// False when out of memory.
bool vy__cache_insert(vy__cache *c, const vy_allocator *a, vy__compiled *e);
void vy__cache_remove(vy__cache *c, vy__compiled *e); // one that is not idle
// A pipeline of the entry got its first user, or lost its last.
void vy__cache_use(vy__cache *c, vy__compiled *e);
void vy__cache_unuse(vy__cache *c, vy__compiled *e);
// Take out idle entries, least recently used first, until there are at most
// `most`, and return them as a list by `next`; launches in flight keep theirs.
vy__compiled *vy__cache_evict(vy__cache *c, uint32_t most);
// Take out all. The cache is as new.
vy__compiled *vy__cache_take_all(vy__cache *c, const vy_allocator *a);

// For launches: keep pipeline and code, without a public reference.
void vy__pipeline_hold(vy_pipeline *p);
void vy__pipeline_unhold(vy_pipeline *p);

// Check values against the constants of a program, by whose index `given` and,
// where it is 1, `bits` are written.
vy_status vy__take_constants(const vy__ir *ir, const vy_const_value *values,
                             size_t count, uint8_t *given, uint64_t *bits,
                             vy_diags *diags);
// The program's constants, given or default: bits by constant. The options'
// are checked against the program.
vy_status vy__resolve_constants(const vy_program *program,
                                const vy_compile_options *options,
                                uint64_t *bits, vy_diags *diags);
// The program with all constants fixed (itself, retained, when it has none).
vy_status vy__fix_constants(vy_program *program, const uint64_t *bits,
                            vy_program **out, vy_diags *diags);
// Take and check a caller's options.
vy_status vy__compile_options(vy_compile_options *out,
                              const vy_compile_options *in, vy_diags *diags);

#endif
