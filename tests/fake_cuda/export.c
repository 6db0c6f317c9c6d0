// The exported functions: count, fail where asked, pass on.
#define _GNU_SOURCE
#include <dlfcn.h>

#include "fake_cuda/inside.h"

#define EXPORT __attribute__((visibility("default")))

// What to fail with, before `fail_at` says when.
static _Atomic uint64_t fail_at, seen;
static _Atomic int fail_code;
static _Atomic bool fail_on;
_Atomic bool fake_dead;
_Atomic uint64_t fake_calls;

void fake_fail(uint64_t n, int code, int sticky) {
  fail_at = 0;
  seen = 0;
  fail_code = code;
  fail_on = sticky;
  fail_at = n;
}

int fake_fault(void) {
  uint64_t at = fail_at;
  fake_calls++;
  if (!at)
    return 0;
  uint64_t n = ++seen;
  if (fail_on && n >= at)
    fake_dead = true;
  return n == at || (fail_on && n > at) ? fail_code : 0;
}

// A call that fails and yet does what it is for, as far as the caller may
// care: it ends something, or only tells something.
static bool ends(const char *symbol) {
  static const char *const words[] = {"Free",   "Destroy", "Release",
                                      "Unload", "Pop",     "GetErrorName"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strstr(symbol, words[i]))
      return true;
  return false;
}

#ifdef FORWARD
static void *real(const char *symbol) {
  static void *library;
  if (!library)
    library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  return library ? dlsym(library, symbol) : NULL;
}
#define PASS(name, symbol, takes, passes)                                      \
  int(*passed_on) takes = (int(*) takes)(uintptr_t)real(#symbol);              \
  int r = passed_on ? passed_on passes : 999;
#else
#define PASS(name, symbol, takes, passes) int r = fake_##name passes;
#endif

#define CU(since, name, symbol, takes, passes)                                 \
  EXPORT int symbol takes;                                                     \
  int symbol takes {                                                           \
    int fault = fake_fault();                                                  \
    if (fault && !ends(#symbol))                                               \
      return fault;                                                            \
    PASS(name, symbol, takes, passes)                                          \
    return fault ? fault : r;                                                  \
  }
#include "backend/cuda/driver.def"
#undef CU

#ifdef FORWARD
static uint64_t get_calls(void) { return fake_calls; }
static uint32_t none(void) { return 0; }
static uint64_t none64(void) { return 0; }
static void no_kernel(fake_kernel k) { (void)k; }
static void no_memory(uint64_t n) { (void)n; }
EXPORT const fake_control *fake_cuda_control(void) {
  static const fake_control c = {none,      get_calls, none64,   none64,
                                 fake_fail, no_kernel, no_memory};
  return &c;
}
#endif
