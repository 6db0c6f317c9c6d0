// Code in memory, and what this processor can run. A blob is checked before
// it is mapped: it may come from a file.
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "backend/cover.h"
#include "backend/cpu/cpu.h"

static const char magic[8] = {'V', 'Y', 'K', 'E', 'R', 'N', 0, VY__KERNEL_ABI};

static bool are_covers(const vy__kernel_info *i) {
  if (i->cover_count > VY__MAX_COVERS)
    return false;
  for (uint32_t k = 0; k < i->cover_count; k++)
    if (!vy__is_cover(&i->covers[k]))
      return false;
  return true;
}

static bool are_folds(const vy__kernel_info *i) {
  for (uint32_t p = 0; p < VY__MAX_PARAMS; p++)
    if (i->folds[p] > VY__FOLD_MAX)
      return false;
  return true;
}

const char *vy__kernel_problem(const uint8_t *blob, size_t size,
                               vy__kernel_isa isa) {
  vy__kernel_info i;
  if (size < sizeof i)
    return "it is too short";
  memcpy(&i, blob, sizeof i);
  if (memcmp(i.magic, magic, sizeof magic))
    return "it was made for another version of the library";
  if (i.size != size || i.code % 64 || i.code < sizeof i || i.code >= size ||
      i.entry < i.code || i.entry >= size || !i.grain || !are_covers(&i) ||
      !are_folds(&i))
    return "its head is damaged";
  if (i.isa == VY__ISA_NONE || i.isa > (uint32_t)isa)
    return "it needs instructions that this processor does not have";
  return NULL;
}

vy_status vy__kernel_map(const uint8_t *blob, size_t size, vy__kernel_isa isa,
                         vy__kernel *out, vy_diags *diags) {
  const char *problem = vy__kernel_problem(blob, size, isa);
  if (problem)
    return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                    "compiled code cannot run here: %s", problem);
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (size > SIZE_MAX - page)
    return vy__fail_oom(diags, "compiled code");
  *out = (vy__kernel){.map_size = (size + page - 1) / page * page};
  void *map = mmap(NULL, out->map_size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED)
    return vy__fail_oom(diags, "compiled code");
  memcpy(map, blob, size);
  if (mprotect(map, out->map_size, PROT_READ | PROT_EXEC)) {
    munmap(map, out->map_size);
    return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                    "this system does not let the process make memory "
                    "executable\nFix: allow it, or use the reference device");
  }
  out->map = map;
  memcpy(&out->info, blob, sizeof out->info);
  out->run = (vy__kernel_fn)(uintptr_t)(out->map + out->info.entry);
  return VY_OK;
}

void vy__kernel_unmap(vy__kernel *kernel) {
  if (kernel->map)
    munmap(kernel->map, kernel->map_size);
  kernel->map = NULL;
}

#if defined(__x86_64__)
#include <cpuid.h>

typedef struct cpuid {
  uint32_t a, b, c, d;
} cpuid;

static cpuid ask(uint32_t leaf, uint32_t sub) {
  cpuid r = {0};
  if (!__get_cpuid_count(leaf, sub, &r.a, &r.b, &r.c, &r.d))
    r = (cpuid){0};
  return r;
}

// Which registers the system saves: XCR0.
static uint64_t saved_registers(cpuid one) {
  uint32_t low, high;
  if (!(one.c & bit_OSXSAVE))
    return 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static bool all(uint32_t have, uint32_t want) { return (have & want) == want; }

vy__kernel_isa vy__kernel_host_isa(void) {
  enum { LAHF = 1, LZCNT = 1 << 5 };
  enum { YMM = 0x6, ZMM = 0xe6 };
  cpuid one = ask(1, 0), seven = ask(7, 0), more = ask(0x80000001u, 0);
  uint64_t saved = saved_registers(one);
  if (!all(one.c, bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT |
                      bit_CMPXCHG16B) ||
      !all(more.c, LAHF))
    return VY__ISA_NONE;
  if ((saved & YMM) != YMM ||
      !all(one.c, bit_AVX | bit_F16C | bit_FMA | bit_MOVBE) ||
      !all(seven.b, bit_AVX2 | bit_BMI | bit_BMI2) || !all(more.c, LZCNT))
    return VY__ISA_SSE4;
  if ((saved & ZMM) != ZMM ||
      !all(seven.b, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ |
                        bit_AVX512VL))
    return VY__ISA_AVX2;
  return VY__ISA_AVX512;
}
#else
vy__kernel_isa vy__kernel_host_isa(void) { return VY__ISA_NONE; }
#endif
