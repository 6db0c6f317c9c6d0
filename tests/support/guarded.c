// See guarded.h.
#include "support/guarded.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

guarded guarded_make(const void *data, size_t size, bool at_end) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t inner = (size / page + 1) * page;
  guarded g = {NULL, size, NULL, inner + 2 * page};
  unsigned char *map =
      mmap(NULL, g.map_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED || mprotect(map + page, inner, PROT_READ | PROT_WRITE))
    abort();
  g.map = map;
  memset(map + page, 0xA5, inner); // what is beside small memory
  g.data = map + page + (at_end ? inner - size : 0);
  if (data && size)
    memcpy(g.data, data, size);
  return g;
}

void guarded_protect(const guarded *g) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (mprotect((unsigned char *)g->map + page, g->map_size - 2 * page,
               PROT_READ))
    abort();
}

void guarded_free(guarded *g) {
  if (g->map)
    munmap(g->map, g->map_size);
  memset(g, 0, sizeof *g);
}
