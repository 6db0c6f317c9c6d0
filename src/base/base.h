// What every file of the library may use: attributes, checked arithmetic,
// allocation through the caller's allocator. The invariants: no malloc
// outside base/, and every size goes through a checked helper.
#ifndef VY__BASE_H
#define VY__BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <vyre/core.h>

#define VY__COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define VY__LIKELY(x) __builtin_expect(!!(x), 1)
#define VY__UNLIKELY(x) __builtin_expect(!!(x), 0)
#define VY__PRINTF(f, a) __attribute__((format(printf, f, a)))
#define VY__NONE UINT32_MAX // "no id" in every id space

// Pass a failing status on.
#define VY_TRY(expr)                                                           \
  do {                                                                         \
    vy_status vy__try_status = (expr);                                         \
    if (VY__UNLIKELY(vy__try_status != VY_OK))                                 \
      return vy__try_status;                                                   \
  } while (0)

// False on overflow; *out is then unspecified.
static inline bool vy__mul_size(size_t a, size_t b, size_t *out) {
  return !__builtin_mul_overflow(a, b, out);
}
static inline bool vy__add_size(size_t a, size_t b, size_t *out) {
  return !__builtin_add_overflow(a, b, out);
}

// NULL when out of memory or when count * size overflows. A size of zero
// gives a non-NULL block of one byte's worth. Free with the same count * size.
void *vy__alloc(const vy_allocator *a, size_t size);
void *vy__calloc(const vy_allocator *a, size_t count, size_t size);
void *vy__realloc(const vy_allocator *a, void *p, size_t old_size,
                  size_t new_size);
void vy__free(const vy_allocator *a, void *p, size_t size);
// Aligned to 64 bytes, zeroed; for buffers. Free with the same size. It takes
// VY__ALIGNMENT bytes more of the allocator.
enum { VY__ALIGNMENT = 64 };
void *vy__alloc_aligned(const vy_allocator *a, size_t size);
void vy__free_aligned(const vy_allocator *a, void *p, size_t size);
// The C library's allocator.
extern const vy_allocator vy__default_allocator;

// Grow *data (elements of `size` bytes, *capacity of them) to hold at least
// `need`. False when out of memory; *data is then unchanged.
bool vy__grow(const vy_allocator *a, void **data, size_t *capacity, size_t need,
              size_t size);

// A growing byte string. Failure is sticky: check `failed` once at the end.
typedef struct vy__buf {
  const vy_allocator *alloc;
  char *data;
  size_t size, capacity;
  bool failed;
} vy__buf;
void vy__buf_init(vy__buf *b, const vy_allocator *a);
void vy__buf_free(vy__buf *b);
void vy__buf_put(vy__buf *b, const void *data, size_t size);
void vy__buf_str(vy__buf *b, const char *s);
void vy__buf_printf(vy__buf *b, const char *format, ...) VY__PRINTF(2, 3);
void vy__buf_u8(vy__buf *b, uint8_t v);
void vy__buf_u32(vy__buf *b, uint32_t v); // little-endian, likewise u64
void vy__buf_u64(vy__buf *b, uint64_t v);

// Memory that is freed all at once. NULL when out of memory.
typedef struct vy__arena {
  const vy_allocator *alloc;
  struct vy__arena_block *block;
} vy__arena;
void vy__arena_init(vy__arena *a, const vy_allocator *alloc);
void *vy__arena_alloc(vy__arena *a, size_t size); // zeroed, aligned to 16
char *vy__arena_str(vy__arena *a, const char *data, size_t size); // copy + NUL
void vy__arena_free(vy__arena *a);

// Little-endian access to any alignment.
static inline uint16_t vy__get_u16(const void *p) {
  uint16_t v;
  memcpy(&v, p, 2);
  return v;
}
static inline uint32_t vy__get_u32(const void *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return v;
}
static inline uint64_t vy__get_u64(const void *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Vyre needs a little-endian host"
#endif

static inline bool vy__str_eq(vy_str a, vy_str b) {
  return a.size == b.size && (a.size == 0 || !memcmp(a.data, b.data, a.size));
}

// BLAKE2b-256 (libsodium).
typedef struct vy__hasher {
  _Alignas(64) unsigned char state[384];
} vy__hasher;
void vy__hash_init(vy__hasher *h);
void vy__hash_update(vy__hasher *h, const void *data, size_t size);
vy_hash vy__hash_final(vy__hasher *h);
vy_hash vy__hash_bytes(const void *data, size_t size);
void vy__hash_hex(const vy_hash *h, char out[65]);

uint64_t vy__now_ns(void);  // monotonic
uint64_t vy__wall_ns(void); // since 1970; may jump

// Differs between builds that could make different code: made by the build
// (cmake/build_id.cmake) from the sources and the compiler.
extern const char vy__build_id[];

// The only reader of the environment: secure_getenv; NULL when unset.
const char *vy__env(const char *name);

#endif
