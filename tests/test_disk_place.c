// Where the folder of the disk cache is, and how large it may be: what the
// environment and the caller say.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <vyre/vyre.h>

#include "base/base.h"

static void is_at(const char *given, const char *path, uint64_t limit) {
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  vy_cache_info info = VY_CACHE_INFO_INIT;
  vy_context *c = NULL;
  desc.cache_path = given;
  assert_int_equal(vy_context_create(&desc, &c, NULL), VY_OK);
  assert_int_equal(vy_cache_describe(c, &info), VY_OK);
  assert_string_equal(info.path.data, path);
  assert_int_equal(info.limit, limit);
  vy_context_release(c);
}

static void the_environment_names_the_folder(void **state) {
  (void)state;
  const uint64_t normal = 256 << 20;
  unsetenv("VYRE_CACHE");
  unsetenv("VYRE_CACHE_SIZE");
  setenv("HOME", "/tmp/h", 1);
  setenv("XDG_CACHE_HOME", "/tmp/x", 1);
  is_at(NULL, "/tmp/x/vyre", normal);
  setenv("XDG_CACHE_HOME", "/tmp/x/", 1);
  is_at(NULL, "/tmp/x/vyre", normal);
  setenv("XDG_CACHE_HOME", "relative", 1);
  is_at(NULL, "/tmp/h/.cache/vyre", normal);
  unsetenv("XDG_CACHE_HOME");
  is_at(NULL, "/tmp/h/.cache/vyre", normal);
  unsetenv("HOME");
  is_at(NULL, "", normal);
  setenv("HOME", "/tmp/h", 1);
  static const char *const values[][2] = {
      {"off", ""},       {"0", ""},
      {"no/folder", ""}, {"", "/tmp/h/.cache/vyre"},
      {"/a/b", "/a/b"},  {"on", "/tmp/h/.cache/vyre"},
      {"/a/b/", "/a/b"},
  };
  for (size_t i = 0; i < VY__COUNT(values); i++) {
    setenv("VYRE_CACHE", values[i][0], 1);
    is_at(NULL, values[i][1], normal);
    is_at("given", "given", normal);
    is_at("", "", normal);
  }
  static const struct {
    const char *text;
    uint64_t bytes;
  } sizes[] = {{"1000", 1000},
               {"4K", 4096},
               {"3M", 3 << 20},
               {"2G", 2ull << 30},
               {"", normal},
               {"0", normal},
               {"K", normal},
               {"1KB", normal},
               {"-1", normal},
               {"99999999999999999999", normal},
               {"18446744073709551615K", normal}};
  for (size_t i = 0; i < VY__COUNT(sizes); i++) {
    setenv("VYRE_CACHE_SIZE", sizes[i].text, 1);
    is_at("x", "x", sizes[i].bytes);
  }
  unsetenv("VYRE_CACHE");
  unsetenv("VYRE_CACHE_SIZE");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_environment_names_the_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
