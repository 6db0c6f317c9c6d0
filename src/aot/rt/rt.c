// libvyre-rt: what compiled code calls for rare operations, for objects that
// were compiled ahead of time. Its one symbol is numbered like the ABI of
// kernels; an object asks for the number it was made for.
#include "backend/cpu/helpers.c"

_Static_assert(VY__KERNEL_ABI == 6, "the number in the symbol's name");
__attribute__((
    visibility("default"),
    alias("vy__kernel_helpers_table"))) extern const vy__kernel_helpers
    vyre_rt_helpers_6;
