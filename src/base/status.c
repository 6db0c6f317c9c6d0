// Status names and the error catalogue.
#include "base/diag.h"
#include "base/errors.h"

uint32_t vy_version(void) { return VY_VERSION; }

const char *vy_status_name(vy_status status) {
  switch (status) {
#define NAME(s)                                                                \
  case s:                                                                      \
    return #s
    NAME(VY_OK);
    NAME(VY_ERROR_INVALID_ARGUMENT);
    NAME(VY_ERROR_INVALID_PROGRAM);
    NAME(VY_ERROR_OUT_OF_HOST_MEMORY);
    NAME(VY_ERROR_OUT_OF_DEVICE_MEMORY);
    NAME(VY_ERROR_UNSUPPORTED);
    NAME(VY_ERROR_COMPILE_FAILED);
    NAME(VY_ERROR_DISPATCH_FAILED);
    NAME(VY_ERROR_OUTPUT_TOO_SMALL);
    NAME(VY_ERROR_BUSY);
    NAME(VY_ERROR_TIMEOUT);
    NAME(VY_ERROR_BUDGET);
    NAME(VY_ERROR_BOUNDS);
    NAME(VY_ERROR_DEVICE_LOST);
    NAME(VY_ERROR_STALE_HANDLE);
    NAME(VY_ERROR_DEVICE_UNAVAILABLE);
    NAME(VY_ERROR_IO);
    NAME(VY_ERROR_CHECK_FAILED);
#undef NAME
  }
  return "VY_ERROR_UNKNOWN";
}

static const vy_error_info catalogue[] = {
#define E(number, name, status, summary, fix)                                  \
  {number, status, #name, summary, fix},
#include "base/errors.def"
#undef E
};

uint32_t vy_error_count(void) { return VY__COUNT(catalogue); }

vy_status vy_error_at(uint32_t index, vy_error_info *out) {
  if (!out || index >= VY__COUNT(catalogue))
    return VY_ERROR_INVALID_ARGUMENT;
  *out = catalogue[index];
  return VY_OK;
}

const vy_error_info *vy__error_row(vy__err code) {
  size_t lo = 0, hi = VY__COUNT(catalogue);
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (catalogue[mid].code < (uint32_t)code)
      lo = mid + 1;
    else
      hi = mid;
  }
  return &catalogue[lo];
}
