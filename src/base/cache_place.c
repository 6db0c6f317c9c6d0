// Where compiled code is kept on disk, and how much of it: what the caller
// says, else VYRE_CACHE and VYRE_CACHE_SIZE, else `vyre` in the user's cache
// folder. Paths from the environment must be absolute, as the rules of
// XDG_CACHE_HOME have it. An empty path means that nothing is kept.
#include "base/cache_place.h"

enum { DEFAULT_SIZE = 256 << 20 };

static bool is(const char *value, const char *word) {
  return value && !strcmp(value, word);
}

static void append(vy__buf *out, const char *folder, const char *name) {
  vy__buf_str(out, folder);
  if (out->size && out->data[out->size - 1] != '/')
    vy__buf_str(out, "/");
  vy__buf_str(out, name);
}

static void default_place(vy__buf *out) {
  const char *folder = vy__env("XDG_CACHE_HOME");
  if (folder && folder[0] == '/') {
    append(out, folder, "vyre");
    return;
  }
  folder = vy__env("HOME");
  if (folder && folder[0] == '/')
    append(out, folder, ".cache/vyre");
}

bool vy__cache_place(const vy_allocator *a, const char *given, char **path,
                     const char **why) {
  vy__buf out;
  vy__buf_init(&out, a);
  const char *set = given ? given : vy__env("VYRE_CACHE");
  *why = NULL;
  if (given || (set && set[0] == '/')) {
    vy__buf_str(&out, set);
  } else if (!set || !set[0] || is(set, "on")) {
    default_place(&out);
    if (!out.size)
      *why = "neither XDG_CACHE_HOME nor HOME is an absolute path";
  } else if (!is(set, "off")) {
    *why = "VYRE_CACHE is neither an absolute path nor `off`";
  }
  size_t size = out.size; // a slash at the end would follow a link
  while (size > 1 && out.data[size - 1] == '/')
    size--;
  char *made = out.failed ? NULL : vy__alloc(a, size + 1);
  if (made) {
    if (size)
      memcpy(made, out.data, size);
    made[size] = 0;
    *path = made;
  }
  vy__buf_free(&out);
  return made != NULL;
}

// Digits, then perhaps K, M or G; 0 for anything else.
static uint64_t parse_size(const char *text) {
  uint64_t n = 0;
  if (!*text)
    return 0;
  for (; *text >= '0' && *text <= '9'; text++)
    if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
        __builtin_add_overflow(n, (uint64_t)(*text - '0'), &n))
      return 0;
  int shift = *text == 'K' ? 10 : *text == 'M' ? 20 : *text == 'G' ? 30 : 0;
  if (shift)
    text++;
  return *text || n > UINT64_MAX >> shift ? 0 : n << shift;
}

uint64_t vy__cache_size(uint64_t given) {
  const char *set = vy__env("VYRE_CACHE_SIZE");
  uint64_t n = given ? given : set ? parse_size(set) : 0;
  return n ? n : DEFAULT_SIZE;
}
