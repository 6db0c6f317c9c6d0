// What to write instead of what C and shading languages have: the advice that
// goes with an error where a reader of those languages trips.
#ifndef VY__HINTS_H
#define VY__HINTS_H

#include "base/base.h"

// For a name that is no type, or no function: "write `f32`". NULL: none.
const char *vy__type_hint(vy_str name);
const char *vy__function_hint(vy_str name);

#endif
