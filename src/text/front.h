// The front end's common ground: one `vy__front` per parse holds the arena,
// the names, the source files and the errors reported so far.
//
// Names are interned: a `vy__atom` exists once per spelling and carries what
// the name is bound to just now, so that a lookup is one pointer. Errors are
// deduplicated by code and position (an inlined function would repeat its
// own), and after VY__MAX_TEXT_ERRORS the parse halts.
#ifndef VY__FRONT_H
#define VY__FRONT_H

#include "base/context.h"
#include "ir/ir.h"
#include "text/words.h"

enum {
  VY__MAX_TEXT_ERRORS = 100,
  // Nodes of all syntax trees of one parse, and steps of its expansion: far
  // above what a program within VY__MAX_VALUES needs.
  VY__MAX_NODES = 4 << 20,
  VY__MAX_STEPS = 8 << 20,
  // Depth of the expansion: blocks, expressions and calls together.
  VY__MAX_DEPTH = 1024,
};

typedef struct vy__atom {
  struct vy__atom *chain;
  vy_str text;
  uint64_t hash;
  uint8_t token;         // VY__TOK_NAME, VY__TOK_TYPE or a keyword
  uint8_t type;          // VY__TOK_TYPE: the scalar type ...
  uint8_t lanes;         // ... and how many
  uint16_t op;           // built-in function or index
  bool unknown;          // reported as unknown
  struct vy__sym *sym;   // innermost local of any frame
  struct vy__decl *decl; // global
} vy__atom;

typedef struct vy__file {
  vy_str name, text;
} vy__file;

typedef struct vy__import_edge { // one import statement
  uint32_t from, to;             // files; to: VY__NONE when not given
  vy__pos pos;
  vy_str path;
} vy__import_edge;

typedef struct vy__front {
  vy_context *context;
  const vy_allocator *alloc;
  vy_diags *diags;
  const vy_source *source;
  vy__arena arena;
  vy__atom **atoms;
  size_t atom_capacity, atom_count;
  vy__file *files;
  size_t file_capacity;
  uint32_t file_count;
  vy__import_edge *edges;
  size_t edge_capacity;
  uint32_t edge_count;
  uint32_t nodes;
  vy_status status; // of the first error
  uint32_t errors;
  bool halt; // out of memory, over a limit, or too many errors
  struct {
    uint32_t code;
    vy__pos pos;
  } seen[VY__MAX_TEXT_ERRORS];
  struct vy__decl *decls, **decl_tail;
} vy__front;

bool vy__front_init(vy__front *f, vy_context *context, const vy_source *source,
                    vy_diags *diags);
void vy__front_free(vy__front *f);

// Report at `pos` ("what, found, expected\nFix: ...").
void vy__error(vy__front *f, vy__pos pos, vy__err code, const char *format, ...)
    VY__PRINTF(4, 5);
// Report that memory ran out, and halt.
void vy__front_oom(vy__front *f);
// From the arena, zeroed; NULL (and halted) when out of memory.
void *vy__new(vy__front *f, size_t count, size_t size);
// NULL (and halted) when out of memory.
vy__atom *vy__intern(vy__front *f, vy_str word);
// Index of the new file, or VY__NONE.
uint32_t vy__add_file(vy__front *f, vy_str name, vy_str text);
void vy__add_edge(vy__front *f, const vy__import_edge *edge);

#endif
