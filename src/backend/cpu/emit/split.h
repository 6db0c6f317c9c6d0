// Long programs are emitted as several functions, so that what LLVM does with
// a function, some of it superlinear, stays bounded: time to compile grows
// linearly with the program. The kernel keeps the control around, and calls
// the parts in turn. What one makes and another uses goes through a frame in
// scratch memory.
//
// A part is a piece of one list of statements, entered at its start only. It
// may be left at its end or by jumps to blocks of the kernel. While it is open
// whatever is emitted goes there; vy__split_join then makes functions that
// call each other of what is one flow of control in several functions.
#ifndef VY__SPLIT_H
#define VY__SPLIT_H

#include "backend/cpu/emit/flow.h"

// Decide whether to split, when the kernel has its first blocks. False when
// out of memory.
bool vy__split_plan(vy__flow *f);
void vy__split_free(vy__flow *f);

// What comes next has this weight: a place where a part may start.
void vy__split_next(vy__flow *f, uint64_t weight);
uint32_t vy__split_weight(const vy__flow *f, uint32_t value);
// Statements [from, to) come next. True: they stay in one piece until
// vy__split_leave; false: they are too long for that, and split inside.
bool vy__split_enter(vy__flow *f, uint32_t from, uint32_t to);
void vy__split_leave(vy__flow *f, bool entered);
// What comes next depends on the launch only, and has this weight.
void vy__split_launch(vy__flow *f, uint64_t weight);
// What comes next belongs to the kernel, or to what stays in one piece.
void vy__split_end(vy__flow *f);
// A block for jumps out of the list at hand, whichever parts they are in.
LLVMBasicBlockRef vy__split_block(vy__flow *f, const char *name);

// join.c: at the end, when scratch memory is laid out. False when out of
// memory.
bool vy__split_join(vy__flow *f);

#endif
