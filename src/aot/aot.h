// Ahead of time: a program as an ELF object and a C header. The object needs
// no library but, for rare operations, libvyre-rt. Its one section of code
// holds everything, reached by distances within it:
//
//   entries    what the header declares; each loads addresses and goes on to
//   core       the runtime of core/core.c, the same bytes in every object
//   program    struct vy__aot_program and what follows it
//   kernels    blobs, one for each level of instructions
//
// Apart from it there are the addresses of what is imported and four bytes
// that remember this processor's level.
#ifndef VY__AOT_H
#define VY__AOT_H

#include "backend/cpu/kernel.h"

// ---- between a header's user and the core: `vyre_fault` and `vyre_run` of
// the header have these layouts.

typedef struct vy__aot_fault {
  int32_t status;     // vy_status
  uint32_t parameter; // index; VY__NONE: none
  const char *file;   // position; NULL: none
  const char *memory; // that an access missed, by name; NULL: none
  uint32_t line, column;
  uint64_t lane, index, length;
} vy__aot_fault;

typedef struct vy__aot_run {
  uint64_t domain[3]; // [0] 0: the program's own
  uint64_t budget;    // 0: the one it was made with
  vy_parallel_for parallel_for;
  void *parallel_user;
  uint32_t threads; // that parallel_for uses; 0, 1: it is not called
  uint32_t reserved;
  vy__aot_fault fault; // out
} vy__aot_run;

// ---- between the object and the core. Offsets are from the struct's start.

typedef struct vy__aot_param {
  uint32_t value; // offset in the arguments: the scalar, or the pointer
  uint32_t count; // of the number of elements
} vy__aot_param;

// Where an access or a loop stands.
typedef struct vy__aot_place {
  uint32_t kind;         // vy__fault_kind
  uint32_t id;           // value or statement
  uint32_t file, memory; // offsets of strings; 0: none
  uint32_t parameter;    // VY__NONE: none
  uint32_t line, column;
} vy__aot_place;

enum { VY__AOT_LEVELS = 4 }; // vy__kernel_isa

typedef struct vy__aot_program {
  uint32_t kernels[VY__AOT_LEVELS]; // offsets of blobs; 0: none
  uint32_t params;                  // vy__param[param_count]
  uint32_t slots;                   // vy__aot_param[param_count]
  uint32_t sizes;                   // vy__size[]
  uint32_t places;                  // vy__aot_place[place_count]
  uint32_t param_count, place_count;
  uint32_t uses_groups, dimensions;
  uint32_t domain[3]; // size nodes
  uint32_t group_size[3];
  uint32_t size_count; // parameters in size_order
  uint32_t reserved;
  uint64_t uses_len; // bit p: the program takes len() of parameter p
  uint64_t budget;   // 0: none
  uint8_t size_order[VY__MAX_PARAMS];
} vy__aot_program;

typedef struct vy__aot_imports {
  const vy__kernel_helpers *helpers; // NULL: not needed; likewise
  void *(*allocate)(size_t size);
  void (*release)(void *p);
} vy__aot_imports;

// ---- making them

typedef struct vy__aot_job {
  const vy_program *program; // no constants left
  const vy_allocator *alloc;
  const char *name; // a C identifier: prefix of all names
  const char *file; // for the header's comment
  uint32_t flags;   // VY_COMPILE_*
  uint32_t levels;  // bit i: vy__kernel_isa i
  uint64_t budget;  // 0: none
} vy__aot_job;

// Members of the arguments' struct: a scalar's value, a buffer's pointer and
// its number of elements ("" for scalars).
enum { VY__AOT_NAME = 352 };
typedef struct vy__aot_names {
  char value[VY__MAX_PARAMS][VY__AOT_NAME];
  char count[VY__MAX_PARAMS][VY__AOT_NAME];
} vy__aot_names;
void vy__aot_name(const vy__ir *ir, vy__aot_names *names);
void vy__aot_layout(const vy__ir *ir, vy__aot_param *slots);
bool vy__aot_is_reserved(const char *name); // by C, C++ or a compiler
// Has a function that says how many elements the program writes.
bool vy__aot_is_counted(const vy__param *p);
// The header. False when out of memory.
bool vy__aot_header(const vy__aot_job *job, bool needs_rt, vy__buf *out);
// The object. `needs_rt`: it imports helpers.
vy_status vy__aot_object(const vy__aot_job *job, vy__buf *out, bool *needs_rt,
                         vy_diags *diags);

// ---- elf.c: a relocatable object

enum { VY__ELF_SYMBOLS = VY__MAX_PARAMS + 8, VY__ELF_RELOCATIONS = 256 };

typedef enum vy__elf_section {
  VY__ELF_UNDEFINED,
  VY__ELF_TEXT,
  VY__ELF_ADDRESSES, // .data.rel.ro
  VY__ELF_ZEROS,     // .bss
} vy__elf_section;

typedef struct vy__elf_symbol {
  const char *name; // NULL: the section's own
  uint32_t section; // vy__elf_section
  uint64_t value, size;
} vy__elf_symbol;

typedef struct vy__elf_relocation {
  uint32_t section; // where
  uint64_t offset;
  uint32_t symbol; // index
  uint32_t type;   // R_X86_64_*
  int64_t addend;
} vy__elf_relocation;

typedef struct vy__elf {
  vy__buf text;
  uint64_t addresses, zeros; // bytes
  vy__elf_symbol symbols[VY__ELF_SYMBOLS];
  vy__elf_relocation relocations[VY__ELF_RELOCATIONS];
  uint32_t symbol_count, relocation_count;
} vy__elf;

// Symbols of sections come first, then the global ones.
uint32_t vy__elf_symbol_add(vy__elf *e, const char *name, uint32_t section,
                            uint64_t value, uint64_t size);
void vy__elf_relocate(vy__elf *e, uint32_t section, uint64_t offset,
                      uint32_t symbol, uint32_t type, int64_t addend);
// Append the object to `out`.
void vy__elf_write(const vy__elf *e, vy__buf *out);

// The core's bytes, made by the build; entries lie at these offsets.
extern const uint8_t vy__aot_core[];
extern const uint32_t vy__aot_core_size;
enum { VY__AOT_CORE_RUN = 0, VY__AOT_CORE_COUNT = 16 };

#endif
