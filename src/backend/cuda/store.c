// How the host writes what came from the device: large results by stores that
// go past the caches, since otherwise memory is read only to be overwritten;
// pages that are not there yet made many at once, which costs half of making
// them one by one.
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "backend/cuda/cuda.h"

// ---- pages

#ifdef MADV_POPULATE_WRITE
static bool is_there(uintptr_t page, uint64_t size) {
  unsigned char state;
  return mincore((void *)page, size, &state) || (state & 1);
}

// Where one page is missing, all of a piece mostly are. That it cannot be done
// here shows when it is written to.
static void make_pages(const uint8_t *to, uint64_t size) {
  uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  uintptr_t lo = (uintptr_t)to & ~(page - 1), hi = (uintptr_t)to + size;
  uintptr_t middle = ((uintptr_t)to + size / 2) & ~(page - 1);
  if (size >= page && !is_there(middle, page))
    (void)madvise((void *)lo, (hi - lo + page - 1) & ~(page - 1),
                  MADV_POPULATE_WRITE);
}
#else
static void make_pages(const uint8_t *to, uint64_t size) {
  (void)to, (void)size;
}
#endif

// ---- stores

#if defined(__x86_64__)
#include <emmintrin.h>

enum { LINE = 64 };

static void store_line(uint8_t *to, const uint8_t *from) {
  const __m128i *f = (const __m128i *)(const void *)from;
  __m128i *t = (__m128i *)(void *)to;
  __m128i a = _mm_loadu_si128(f), b = _mm_loadu_si128(f + 1);
  __m128i c = _mm_loadu_si128(f + 2), d = _mm_loadu_si128(f + 3);
  _mm_stream_si128(t, a);
  _mm_stream_si128(t + 1, b);
  _mm_stream_si128(t + 2, c);
  _mm_stream_si128(t + 3, d);
}

static void store_past(uint8_t *to, const uint8_t *from, uint64_t size) {
  uint64_t head = -(uint64_t)(uintptr_t)to % LINE, at;
  head = head < size ? head : size;
  memcpy(to, from, head);
  for (at = head; size - at >= LINE; at += LINE)
    store_line(to + at, from + at);
  memcpy(to + at, from + at, size - at);
  _mm_sfence(); // before what tells others of it
}
#else
static void store_past(uint8_t *to, const uint8_t *from, uint64_t size) {
  memcpy(to, from, size);
}
#endif

void vy__cuda_store(uint8_t *to, const uint8_t *from, uint64_t size,
                    bool past_caches) {
  make_pages(to, size);
  if (past_caches)
    store_past(to, from, size);
  else
    memcpy(to, from, size);
}
