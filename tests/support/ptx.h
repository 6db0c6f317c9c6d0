// PTX of programs in tests: emitted, read, and assembled many at a time where
// the build found ptxas.
#ifndef TESTS_SUPPORT_PTX_H
#define TESTS_SUPPORT_PTX_H

#include <stdbool.h>
#include <stddef.h>

#include <vyre/vyre.h>

// What a lowered program has.
enum {
  PTX_HAS_FMA = 1,
  PTX_HAS_EXPANSION = 2, // what the assembler makes of multiply-adds: division,
                         // remainder, square root, float conversions
};

typedef struct ptx_module {
  char *text; // of `size` bytes, then a NUL
  size_t size;
  uint32_t has; // PTX_HAS_*
} ptx_module;

// The module of `program` (constants at their defaults) for this compute
// capability. Fails the calling test when there is none.
ptx_module ptx_emit(vy_program *program, uint32_t flags, uint32_t sm);
void ptx_free(ptx_module *m);

// Rounding and exactness as the text says them: every float operation that
// rounds is .rn, none is approximate, fma only where the program has it; and
// nothing is there that the assembler is known to get wrong. The
// first line that is wrong, or NULL. Points into the text.
const char *ptx_inexact(const ptx_module *m);

// Modules that become one, since ptxas takes longer to start than to assemble
// a module. `sm` is that of all of them.
typedef struct ptx_batch {
  char *text;
  size_t size, room;
  uint32_t sm, count;
} ptx_batch;
void ptx_add(ptx_batch *b, const char *name, const ptx_module *m);
void ptx_batch_free(ptx_batch *b);

// Did the build find ptxas?
bool ptx_can_assemble(void);
// The oldest compute capability, of those that Vyre emits, that ptxas knows.
uint32_t ptx_oldest(void);
// Assemble all side by side. The number of batches with errors or warnings,
// which are printed with the name of the module that they are in.
uint32_t ptx_assemble(const ptx_batch *batches, uint32_t count);
// The batch's module, for tools that read machine code.
bool ptx_write(const ptx_batch *b, const char *path);

#endif
