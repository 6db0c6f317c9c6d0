#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <pthread.h>

#include "support/ahead.h"

#ifndef VYRE_RT
#error "the build names libvyre-rt"
#endif

bool ahead_begin(ahead_library *l) {
  snprintf(l->folder, sizeof l->folder, "aot-XXXXXX");
  l->handle = NULL;
  return mkdtemp(l->folder) != NULL;
}

void ahead_add(const ahead_library *l, const char *name,
               const vy_ahead *object) {
  char path[128];
  size_t size;
  const void *bytes = vy_ahead_object(object, &size);
  snprintf(path, sizeof path, "%s/%s.o", l->folder, name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

void ahead_link(ahead_library *l, const char *flags) {
  char command[512], path[64];
  snprintf(command, sizeof command,
           "cc -shared -Wl,-z,defs,-z,text -o %s/all.so %s/*.o %s %s",
           l->folder, l->folder, flags, VYRE_RT);
  assert_int_equal(system(command), 0);
  snprintf(path, sizeof path, "./%s/all.so", l->folder);
  l->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!l->handle)
    fail_msg("%s", dlerror());
}

void *ahead_symbol(const ahead_library *l, const char *name, const char *what) {
  char symbol[320];
  snprintf(symbol, sizeof symbol, "%s_%s", name, what);
  void *at = dlsym(l->handle, symbol);
  assert_non_null(at);
  return at;
}

bool ahead_end(ahead_library *l) {
  char command[64];
  if (l->handle)
    dlclose(l->handle);
  snprintf(command, sizeof command, "rm -rf ./%s", l->folder);
  return system(command) == 0;
}

// ---- threads

typedef struct rounds {
  void (*body)(void *data, uint64_t index);
  void *data;
  uint64_t count, first;
} rounds;

static void *run_rounds(void *user) {
  const rounds *r = user;
  for (uint64_t i = r->first; i < r->count; i += 2)
    r->body(r->data, i);
  return NULL;
}

void ahead_two_threads(void *user, uint64_t count,
                       void (*body)(void *data, uint64_t index), void *data) {
  rounds here = {body, data, count, 0}, there = {body, data, count, 1};
  pthread_t thread;
  ++*(uint32_t *)user;
  assert_int_equal(pthread_create(&thread, NULL, run_rounds, &there), 0);
  run_rounds(&here);
  pthread_join(thread, NULL);
}
