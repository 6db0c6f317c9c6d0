// The catalogue's rows by code.
#ifndef VY__ERRORS_H
#define VY__ERRORS_H

#include "base/diag.h"

// Never NULL: every vy__err is a row.
const vy_error_info *vy__error_row(vy__err code);

#endif
