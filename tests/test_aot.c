// Every case of the corpus ahead of time: all objects are linked into one
// library with nothing but libvyre-rt, opened, and run through the structs
// that their headers declare. Status, faults and bytes must be those of the
// reference device. Cases have code for all levels of instructions or,
// in turn, for one alone; with VYRE_FULL each has all of these.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/ahead.h"
#include "support/case.h"
#include "support/case_values.h"
#include "support/numbers.h"
#include "support/versus.h"

enum { GUARD = 64, GUARD_BYTE = 0xa5, MAX_PARAMS = VY__MAX_PARAMS };

// One object: a case for some levels.
typedef struct subject {
  char *path;
  uint32_t levels;
  char name[32]; // what its names begin with
} subject;

typedef struct suite {
  vy_context *context;
  vy_device *reference;
  ahead_library library;
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

// The object of a case; false where compiling fails, as it then must for the
// reference too.
static bool make_object(suite *s, const subject *t) {
  opened o;
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
      ahead_add(&s->library, t->name, ahead);
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

static int setup(void **state) {
  static suite s;
  size_t count;
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c("reference");
  if (!ahead_begin(&s.library) || vy_context_create(NULL, &s.context, NULL) ||
      vy_device_open(s.context, &desc, &s.reference, NULL))
    return 1;
  char **paths = case_list(VYRE_SOURCE_DIR "/tests/cases", &count);
  for (size_t i = 0; i < count; i++)
    for (size_t turn = 0; turn < 4; turn++)
      if (numbers_full() || turn == i % 4)
        add_subject(&s, paths[i], levels_of(turn));
  case_list_free(paths, count);
  ahead_link(&s.library, "");
  *state = &s;
  return 0;
}

static int teardown(void **state) {
  suite *s = *state;
  for (size_t i = 0; i < s->count; i++)
    free(s->subjects[i].path);
  free(s->subjects);
  vy_device_release(s->reference);
  vy_context_release(s->context);
  return !ahead_end(&s->library);
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
    snprintf(name, sizeof name, "%.*s_count", (int)v->info.name.size,
             v->info.name.data);
    ahead_count_fn count =
        (ahead_count_fn)ahead_symbol(&s->library, t->name, name);
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

static void run_case(suite *s, const subject *t, bool threads,
                     uint32_t *shared) {
  opened o;
  packed p;
  vy_outputs *outputs = NULL;
  vy__aot_run how = {.budget = 0};
  if (!open_case(s, t->path, &o))
    fail_msg("%s: no longer a case", t->path);
  if (threads) {
    how.parallel_for = ahead_two_threads;
    how.parallel_user = shared;
    how.threads = 2;
  }
  how.budget = o.c.budget;
  if (o.c.set_lanes || o.c.set_groups)
    memcpy(how.domain, o.c.set_lanes ? o.c.lanes : o.c.groups,
           sizeof how.domain);
  bool no_domain = (o.c.set_lanes || o.c.set_groups) && !how.domain[0];
  ahead_run_fn run = (ahead_run_fn)ahead_symbol(&s->library, t->name, "run");
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_case_is_as_the_reference),
      cmocka_unit_test(with_threads_of_the_host),
  };
  int missing = versus_missing("cpu");
  return missing ? missing : cmocka_run_group_tests(tests, setup, teardown);
}
