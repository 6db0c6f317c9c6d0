// The exported functions: count, fail where asked, pass on.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "fake_cuda/fake.h"

#define EXPORT __attribute__((visibility("default")))

static uint64_t fail_at, seen;
static int fail_code;
static bool fail_on;
bool fake_dead;

void fake_fail(uint64_t n, int code, int sticky);
void fake_fail(uint64_t n, int code, int sticky) {
  __atomic_store_n(&seen, 0, __ATOMIC_SEQ_CST);
  fail_code = code;
  fail_on = sticky;
  __atomic_store_n(&fail_at, n, __ATOMIC_SEQ_CST);
}

int fake_fault(const char *symbol) {
  (void)symbol;
  __atomic_fetch_add(&fake_calls, 1, __ATOMIC_RELAXED);
  uint64_t at = __atomic_load_n(&fail_at, __ATOMIC_SEQ_CST);
  if (!at)
    return 0;
  uint64_t n = __atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST);
  fake_dead |= fail_on && n >= at;
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
    int fault = fake_fault(#symbol);                                           \
    if (fault && !ends(#symbol))                                               \
      return fault;                                                            \
    PASS(name, symbol, takes, passes)                                          \
    return fault ? fault : r;                                                  \
  }
#include "backend/cuda/driver.def"
#undef CU

#ifdef FORWARD
uint64_t fake_calls;
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
