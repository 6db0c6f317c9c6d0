// Programs, as text, that use what an emitter writes by hand in every form
// that it tells apart. Free what is returned.
#ifndef TESTS_SUPPORT_PTX_PROGRAMS_H
#define TESTS_SUPPORT_PTX_PROGRAMS_H

#include <stdint.h>

enum { PTX_INTEGERS = 4 };
// Atomics on integer type number `type`: buffers and group memory, literal and
// other indices and operands, old values used and not.
char *ptx_atomics(uint32_t type);
// Byte accesses at offsets of every type and alignment that can be known.
char *ptx_bytes(void);
// Every collective on every type, in a loop, in a group as the text says, with
// that many bytes of group memory.
char *ptx_collectives(const char *group, uint32_t memory);

#endif
