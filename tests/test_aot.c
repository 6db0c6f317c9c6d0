// Every case of the corpus ahead of time: all objects are linked into one
// library with nothing but libvyre-rt, opened, and run through the structs
// that their headers declare. Status, faults and bytes must be those of the
// reference device. Cases have code for all levels of instructions or,
// in turn, for one alone; with VYRE_FULL each has all of these.
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
#include <unistd.h>

#include "aot/aot.h"
#include "support/case.h"
#include "support/case_values.h"
#include "support/heap.h"
#include "support/numbers.h"
#include "support/versus.h"

#ifndef VYRE_RT
#error "the build names libvyre-rt"
#endif

enum { GUARD = 64, GUARD_BYTE = 0xa5, MAX_PARAMS = VY__MAX_PARAMS };

typedef int (*run_fn)(const void *args, vy__aot_run *how);
typedef uint64_t (*count_fn)(const void *args);

// One object: a case for some levels.
typedef struct subject {
  char *path;
  uint32_t levels;
  char name[32]; // what its names begin with
} subject;

typedef struct suite {
  vy_context *context;
  vy_device *reference;
  char folder[32];
  void *library;
  subject *subjects;
  size_t count;
} suite;

// ---- one case, opened

typedef struct value {
  vy_param_info info;
  case_bytes in;
  bool has_in;
  uint64_t length; // of an unsized write
  uint8_t *block;  // for the object: guard, data, guard
  uint64_t size;
} value;

typedef struct opened {
  case_file c;
  vy_program *program;
  vy_program_info info;
  vy_const_value consts[CASE_MAX_LINES];
  uint32_t flags;
  vy_diags diags;
  vy_diag records[16];
  char text[4096];
  value values[MAX_PARAMS];
} opened;

static const char *find(const case_pairs *pairs, vy_str name) {
  for (uint32_t i = 0; i < pairs->count; i++)
    if (vy__str_eq(vy_str_c(pairs->at[i].name), name))
      return pairs->at[i].values;
  return NULL;
}

static bool read_constants(opened *o) {
  for (uint32_t i = 0; i < o->c.consts.count; i++) {
    vy_const_value *v = &o->consts[i];
    *v = (vy_const_value){.name = vy_str_c(o->c.consts.at[i].name)};
    for (uint32_t k = 0; k < o->info.const_count; k++) {
      vy_const_info info = VY_CONST_INFO_INIT;
      assert_int_equal(vy_program_const(o->program, k, &info), VY_OK);
      if (vy__str_eq(info.name, v->name))
        v->type = info.type;
    }
    if (!v->type ||
        !case_value(o->c.consts.at[i].values, (vy_type)v->type, &v->bits))
      return false;
  }
  return true;
}

static void read_values(opened *o) {
  char why[256];
  for (uint32_t i = 0; i < o->info.param_count; i++) {
    value *v = &o->values[i];
    v->info = (vy_param_info)VY_PARAM_INFO_INIT;
    assert_int_equal(vy_program_param(o->program, i, &v->info), VY_OK);
    const char *in = find(&o->c.ins, v->info.name);
    const char *len = find(&o->c.lens, v->info.name);
    v->has_in = in != NULL;
    v->length = len ? strtoull(len, NULL, 0) : 0;
    if (in && !case_values(in, (vy_type)v->info.type, &v->in, why, sizeof why))
      fail_msg("%s: %s", o->c.name, why);
  }
}

// False for cases that say nothing about objects: wrong programs, arguments
// that a struct of C cannot even hold, runs of several iterations.
static bool open_case(suite *s, const char *path, opened *o) {
  char why[512];
  memset(o, 0, sizeof *o);
  if (!case_load(&o->c, path, why, sizeof why))
    fail_msg("%s", why);
  o->diags = (vy_diags)VY_DIAGS_INIT;
  o->diags.records = o->records;
  o->diags.capacity = 16;
  o->diags.text = o->text;
  o->diags.text_capacity = sizeof o->text;
  if (o->c.iterations > 1 || o->c.racy ||
      case_program(&o->c, s->context, &o->program, NULL) != VY_OK)
    return false;
  o->info = (vy_program_info)VY_PROGRAM_INFO_INIT;
  assert_int_equal(vy_program_describe(o->program, &o->info), VY_OK);
  if (o->info.uses_groups ? o->c.set_lanes : o->c.set_groups)
    return false;
  o->flags = (o->c.strict ? VY_COMPILE_STRICT : 0) |
             (o->c.budget ? VY_COMPILE_BUDGETED : 0);
  if (!read_constants(o))
    return false;
  read_values(o);
  for (uint32_t i = 0; i < o->info.param_count; i++) {
    const value *v = &o->values[i];
    bool needs_in = v->info.access != VY_ACCESS_WRITE;
    if (needs_in != v->has_in ||
        (v->info.element_size && v->in.size % v->info.element_size))
      return false;
  }
  return true;
}

static void close_case(opened *o) {
  for (uint32_t i = 0; i < MAX_PARAMS; i++) {
    free(o->values[i].in.data);
    free(o->values[i].block);
  }
  vy_program_release(o->program);
  case_free(&o->c);
}

// ---- making the library

static void write_file(const char *path, const void *data, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

// The object of a case; false where compiling fails, as it then must for the
// reference too.
static bool make_object(suite *s, const subject *t) {
  opened o;
  char path[128];
  bool made = false;
  if (open_case(s, t->path, &o)) {
    vy_ahead_options options = VY_AHEAD_OPTIONS_INIT;
    vy_ahead *ahead = NULL;
    options.flags = o.flags;
    options.levels = t->levels;
    options.constants = o.consts;
    options.constant_count = o.c.consts.count;
    options.name = vy_str_c(t->name);
    vy_status status = vy_compile_ahead(o.program, &options, &ahead, &o.diags);
    if (status != VY_OK && !o.c.errors.count)
      fail_msg("%s: %s: %.*s", t->path, vy_status_name(status),
               (int)o.diags.text_size, o.text);
    if (status == VY_OK) {
      size_t size;
      const void *bytes = vy_ahead_object(ahead, &size);
      snprintf(path, sizeof path, "%s/%s.o", s->folder, t->name);
      write_file(path, bytes, size);
      made = true;
    }
    vy_ahead_release(ahead);
  }
  close_case(&o);
  return made;
}

// Some bits of levels that this processor has: all, then one after another.
static uint32_t levels_of(size_t turn) {
  uint32_t best = vy__kernel_host_isa();
  return turn == 0 ? 0 : 1u << (1 + (turn - 1) % best);
}

static void add_subject(suite *s, const char *path, uint32_t levels) {
  s->subjects = realloc(s->subjects, (s->count + 1) * sizeof *s->subjects);
  assert_non_null(s->subjects);
  subject *t = &s->subjects[s->count];
  *t = (subject){.path = strdup(path), .levels = levels};
  snprintf(t->name, sizeof t->name, "case_%zu", s->count);
  if (make_object(s, t))
    s->count++;
  else
    free(t->path);
}

static void link_all(suite *s) {
  char command[256], path[64];
  snprintf(command, sizeof command,
           "cc -shared -Wl,-z,defs,-z,text -o %s/all.so %s/*.o %s", s->folder,
           s->folder, VYRE_RT);
  assert_int_equal(system(command), 0);
  snprintf(path, sizeof path, "./%s/all.so", s->folder);
  s->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!s->library)
    fail_msg("%s", dlerror());
}

static int setup(void **state) {
  static suite s;
  size_t count;
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  strcpy(s.folder, "aot-XXXXXX");
  desc.name = vy_str_c("reference");
  if (!mkdtemp(s.folder) || vy_context_create(NULL, &s.context, NULL) ||
      vy_device_open(s.context, &desc, &s.reference, NULL))
    return 1;
  char **paths = case_list(VYRE_SOURCE_DIR "/tests/cases", &count);
  for (size_t i = 0; i < count; i++)
    for (size_t turn = 0; turn < 4; turn++)
      if (numbers_full() || turn == i % 4)
        add_subject(&s, paths[i], levels_of(turn));
  case_list_free(paths, count);
  link_all(&s);
  *state = &s;
  return 0;
}

static int teardown(void **state) {
  suite *s = *state;
  char command[64];
  dlclose(s->library);
  for (size_t i = 0; i < s->count; i++)
    free(s->subjects[i].path);
  free(s->subjects);
  vy_device_release(s->reference);
  vy_context_release(s->context);
  snprintf(command, sizeof command, "rm -rf ./%s", s->folder);
  return system(command) != 0;
}

// ---- running

// The struct that the header declares, member by member.
typedef struct packed {
  _Alignas(16) uint8_t bytes[MAX_PARAMS * 16];
  uint32_t size;
  uint32_t count_at[MAX_PARAMS];
} packed;

static uint32_t put(packed *p, const void *data, uint32_t size) {
  p->size = (p->size + size - 1) / size * size;
  memcpy(p->bytes + p->size, data, size);
  p->size += size;
  return p->size - size;
}

static void make_room(value *v, uint64_t elements) {
  v->size = elements * v->info.element_size;
  v->block = malloc(v->size + 2 * GUARD);
  assert_non_null(v->block);
  memset(v->block, GUARD_BYTE, v->size + 2 * GUARD);
  if (v->has_in && v->in.size)
    memcpy(v->block + GUARD, v->in.data, v->in.size);
}

static void pack(const opened *o, packed *p) {
  p->size = 0;
  for (uint32_t i = 0; i < o->info.param_count; i++) {
    const value *v = &o->values[i];
    if (!v->info.access) {
      put(p, v->in.data, vy_type_size((vy_type)v->info.type));
      continue;
    }
    const void *data = v->block && v->size ? v->block + GUARD : NULL;
    uint64_t count = v->size / v->info.element_size;
    put(p, &data, 8);
    p->count_at[i] = put(p, &count, 8);
  }
}

// Memory for all buffers; what the program sizes is asked of the object.
static void make_buffers(suite *s, const subject *t, opened *o, packed *p) {
  for (uint32_t i = 0; i < o->info.param_count; i++) {
    value *v = &o->values[i];
    if (v->info.access && !v->info.sized)
      make_room(v, v->has_in ? v->in.size / v->info.element_size : v->length);
    else if (v->info.access && v->has_in)
      make_room(v, v->in.size / v->info.element_size);
  }
  for (uint32_t i = 0; i < o->info.param_count; i++) {
    value *v = &o->values[i];
    char name[320];
    if (v->info.access != VY_ACCESS_WRITE || !v->info.sized)
      continue;
    snprintf(name, sizeof name, "%s_%.*s_count", t->name,
             (int)v->info.name.size, v->info.name.data);
    count_fn count = (count_fn)dlsym(s->library, name);
    assert_non_null(count);
    pack(o, p);
    uint64_t n = count(p->bytes);
    make_room(v, n < 1 << 24 ? n : 0);
  }
  pack(o, p);
}

static vy_status run_reference(suite *s, opened *o, vy_outputs *outputs) {
  vy_arg args[MAX_PARAMS];
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  vy_compile_options compile = VY_COMPILE_OPTIONS_INIT;
  compile.flags = o->flags;
  compile.constants = o->consts;
  compile.constant_count = o->c.consts.count;
  d.set_lanes = o->c.set_lanes;
  d.set_groups = o->c.set_groups;
  memcpy(d.lanes, o->c.lanes, o->c.set_lanes ? sizeof d.lanes : 0);
  memcpy(d.groups, o->c.groups, o->c.set_groups ? sizeof d.groups : 0);
  d.budget = o->c.budget;
  for (uint32_t i = 0; i < o->info.param_count; i++) {
    const value *v = &o->values[i];
    uint64_t bits = 0;
    if (!v->info.access) {
      memcpy(&bits, v->in.data, vy_type_size((vy_type)v->info.type));
      args[i] = vy_arg_bits(VY_ARG_SCALAR, v->info.type, bits, 0, 0);
    } else if (v->has_in) {
      args[i] = vy_arg_host(v->in.data, v->in.size);
    } else {
      args[i] = v->info.sized ? vy_arg_none() : vy_arg_length(v->length);
    }
  }
  return vy_run(s->reference, o->program, &compile, args, o->info.param_count,
                &d, outputs, NULL, &o->diags);
}

static void same_outputs(const opened *o, const vy_outputs *outputs) {
  for (uint32_t i = 0; i < o->info.param_count; i++) {
    const value *v = &o->values[i];
    if (!v->info.access)
      continue;
    for (uint32_t k = 0; k < GUARD; k++)
      if (v->block[k] != GUARD_BYTE ||
          v->block[GUARD + v->size + k] != GUARD_BYTE)
        fail_msg("%s: written outside '%.*s'", o->c.name,
                 (int)v->info.name.size, v->info.name.data);
    if (!outputs || !v->info.output || v->info.has_readback)
      continue;
    const uint8_t *want = vy_outputs_data(outputs, v->info.output_index);
    assert_int_equal(vy_outputs_size(outputs, v->info.output_index), v->size);
    for (uint64_t k = 0; k < v->size; k++)
      if (v->block[GUARD + k] != want[k])
        fail_msg("%s: '%.*s' differs at byte %llu", o->c.name,
                 (int)v->info.name.size, v->info.name.data,
                 (unsigned long long)k);
  }
}

// The fault of the object stands where the reference's does.
static void same_fault(const opened *o, const vy__aot_fault *f) {
  const vy_diag *want = &o->records[0];
  assert_true(o->diags.count > 0);
  assert_int_equal(f->line, want->line);
  assert_int_equal(f->column, want->column);
  assert_string_equal(f->file ? f->file : "", want->line ? o->c.name : "");
  char number[32];
  snprintf(number, sizeof number, "%llu", (unsigned long long)f->lane);
  if (o->info.dimensions == 1 && !strstr(o->text, number))
    fail_msg("%s: lane %s is not that of: %s", o->c.name, number, o->text);
}

// Body of parallel_for: a few threads, rounds in turn.
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

static void two_threads(void *user, uint64_t count,
                        void (*body)(void *data, uint64_t index), void *data) {
  rounds here = {body, data, count, 0}, there = {body, data, count, 1};
  pthread_t thread;
  ++*(uint32_t *)user;
  assert_int_equal(pthread_create(&thread, NULL, run_rounds, &there), 0);
  run_rounds(&here);
  pthread_join(thread, NULL);
}

static void run_case(suite *s, const subject *t, bool threads,
                     uint32_t *shared) {
  opened o;
  packed p;
  char name[64];
  vy_outputs *outputs = NULL;
  vy__aot_run how = {.budget = 0};
  if (!open_case(s, t->path, &o))
    fail_msg("%s: no longer a case", t->path);
  if (threads) {
    how.parallel_for = two_threads;
    how.parallel_user = shared;
    how.threads = 2;
  }
  how.budget = o.c.budget;
  if (o.c.set_lanes || o.c.set_groups)
    memcpy(how.domain, o.c.set_lanes ? o.c.lanes : o.c.groups,
           sizeof how.domain);
  bool no_domain = (o.c.set_lanes || o.c.set_groups) && !how.domain[0];
  snprintf(name, sizeof name, "%s_run", t->name);
  run_fn run = (run_fn)dlsym(s->library, name);
  assert_non_null(run);
  assert_int_equal(
      vy_outputs_create(s->context, o.info.output_count, &outputs, NULL),
      VY_OK);
  if (!no_domain) { // a domain of zero lanes cannot be asked for
    make_buffers(s, t, &o, &p);
    vy_status want = run_reference(s, &o, outputs);
    // Of a readback range, which objects do not have.
    bool cut = want == VY_ERROR_DISPATCH_FAILED;
    if (cut)
      want = VY_OK;
    int got = run(p.bytes, &how);
    if (got != (int)want)
      fail_msg("%s (levels %x): %s, the reference says %s: %s", o.c.name,
               t->levels, vy_status_name((vy_status)got), vy_status_name(want),
               o.text);
    assert_int_equal(how.fault.status, got);
    same_outputs(&o, got == VY_OK && !cut ? outputs : NULL);
    if (got == VY_ERROR_BOUNDS || got == VY_ERROR_BUDGET)
      same_fault(&o, &how.fault);
  }
  vy_outputs_release(outputs);
  close_case(&o);
}

static void every_case_is_as_the_reference(void **state) {
  suite *s = *state;
  assert_true(s->count > 80);
  for (size_t i = 0; i < s->count; i++)
    run_case(s, &s->subjects[i], false, NULL);
}

static void with_threads_of_the_host(void **state) {
  suite *s = *state;
  uint32_t shared = 0;
  for (size_t i = 0; i < s->count; i++)
    run_case(s, &s->subjects[i], true, &shared);
  print_message("%zu objects, %u runs were shared\n", s->count, shared);
}

// ---- compiling

static vy_program *program_of(suite *s, const char *text) {
  vy_source source = VY_SOURCE_INIT;
  vy_program *p = NULL;
  source.text = vy_str_c(text);
  assert_int_equal(vy_program_parse(s->context, &source, &p, NULL), VY_OK);
  return p;
}

static void wrong_options(void **state) {
  suite *s = *state;
  vy_program *p = program_of(s, "program p(x: update u32[]) {\n"
                                "  lanes len(x);\n  x[lane] = lane;\n}\n");
  vy_ahead_options good = VY_AHEAD_OPTIONS_INIT, o;
  vy_ahead *ahead = NULL;
  const vy_status wrong = VY_ERROR_INVALID_ARGUMENT;
  assert_int_equal(vy_compile_ahead(NULL, NULL, &ahead, NULL), wrong);
  assert_int_equal(vy_compile_ahead(p, NULL, NULL, NULL), wrong);
  o = good, o.struct_size = 1;
  assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  o = good, o.levels = 1;
  assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  o = good, o.flags = 1024;
  assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  o = good, o.budget = 5;
  assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  o = good, o.name.size = 4;
  assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  static const char *const names[] = {"a b", "1", "while", "class", "_x", "a-"};
  for (size_t i = 0; i < VY__COUNT(names); i++) {
    o = good, o.name = vy_str_c(names[i]);
    assert_int_equal(vy_compile_ahead(p, &o, &ahead, NULL), wrong);
  }
  assert_null(ahead);
  vy_ahead_release(NULL);
  vy_program_release(p);
}

static void the_same_bytes_again(void **state) {
  suite *s = *state;
  vy_program *p = program_of(s, "program p(x: update f32[]) {\n"
                                "  lanes len(x);\n"
                                "  x[lane] = x[lane] * 2.0 + 1.0;\n}\n");
  vy_ahead *one = NULL, *two = NULL;
  size_t size, again;
  assert_int_equal(vy_compile_ahead(p, NULL, &one, NULL), VY_OK);
  assert_int_equal(vy_compile_ahead(p, NULL, &two, NULL), VY_OK);
  const void *a = vy_ahead_object(one, &size);
  const void *b = vy_ahead_object(two, &again);
  assert_int_equal(size, again);
  assert_memory_equal(a, b, size);
  assert_true(vy__str_eq(vy_ahead_header(one), vy_ahead_header(two)));
  vy_ahead_release(one);
  vy_ahead_release(two);
  vy_program_release(p);
}

// Out of memory says so, and leaves nothing behind.
static void every_allocation_fails(void **state) {
  heap whole = {0};
  (void)state;
  for (uint64_t n = 0; n <= whole.asked;
       n += numbers_full() || n < 64 ? 1 : 7) {
    heap m = {0};
    vy_context_desc desc = VY_CONTEXT_DESC_INIT;
    vy_ahead_options options = VY_AHEAD_OPTIONS_INIT;
    suite s = {0};
    vy_ahead *ahead = NULL;
    desc.allocator = heap_allocator(&m);
    assert_int_equal(vy_context_create(&desc, &s.context, NULL), VY_OK);
    vy_program *p = program_of(&s, "const K: u32 = 3;\n"
                                   "program p(x: update u32[]) {\n"
                                   "  lanes len(x);\n"
                                   "  x[lane] = x[lane] * K;\n}\n");
    uint64_t before = m.asked;
    m.fail_at = n ? before + n : 0;
    options.flags = VY_COMPILE_STRICT;
    options.levels = 1 << VY_CPU_FEATURES_BASELINE;
    vy_status status = vy_compile_ahead(p, &options, &ahead, NULL);
    if (!n) {
      whole.asked = m.asked - before;
      assert_int_equal(status, VY_OK);
    } else if (status != VY_OK) {
      assert_int_equal(status, VY_ERROR_OUT_OF_HOST_MEMORY);
      assert_null(ahead);
    }
    vy_ahead_release(ahead);
    vy_program_release(p);
    vy_context_release(s.context);
    assert_true(heap_is_clean(&m));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_case_is_as_the_reference),
      cmocka_unit_test(with_threads_of_the_host),
      cmocka_unit_test(wrong_options),
      cmocka_unit_test(the_same_bytes_again),
      cmocka_unit_test(every_allocation_fails),
  };
  int missing = versus_missing("cpu");
  return missing ? missing : cmocka_run_group_tests(tests, setup, teardown);
}
