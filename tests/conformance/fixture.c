// Fixture and helpers of the conformance suite.
#include "conformance/conformance.h"

const char *conformance_device;

const char saxpy_text[] =
    "program saxpy(a: u32, x: read u32[], y: update u32[]) {\n"
    "  lanes len(y);\n"
    "  y[lane] = a * x[lane] + y[lane];\n"
    "}\n";
const char copy_text[] = "program copy(x: read u32[], y: write u32[len(x)]) {\n"
                         "  lanes len(x);\n"
                         "  y[lane] = x[lane];\n"
                         "}\n";
const char bump_text[] = "program bump(y: write u32[]) {\n"
                         "  lanes len(y);\n"
                         "  y[lane] = y[lane] + 1u;\n"
                         "}\n";

static void *count_memory(void *user, void *ptr, size_t old_size,
                          size_t new_size) {
  counting *m = user;
  if (new_size == 0) {
    free(ptr);
    m->live -= (int64_t)old_size;
    return NULL;
  }
  void *p = realloc(ptr, new_size);
  if (p) {
    m->live += (int64_t)new_size - (int64_t)old_size;
    m->calls++;
  }
  return p;
}

static void clear_diags(fixture *f) {
  f->diags = (vy_diags)VY_DIAGS_INIT;
  f->diags.records = f->records;
  f->diags.capacity = sizeof f->records / sizeof f->records[0];
  f->diags.text = f->text;
  f->diags.text_capacity = sizeof f->text;
}

static uint32_t asked_for(const char *name) {
  const char *number = getenv(name);
  return number ? (uint32_t)strtoul(number, NULL, 10) : 0;
}

fixture *fixture_new(const char *device) {
  fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  clear_diags(f);
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator.user = &f->memory;
  desc.allocator.fn = count_memory;
  desc.cache_path = ""; // what is compiled is counted
  expect_ok(f, vy_context_create(&desc, &f->context, &f->diags));
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  d.name = vy_str_c(device);
  if (!strcmp(device, "cpu")) {
    d.vector_width = asked_for("VYRE_WIDTH");
    d.threads = asked_for("VYRE_THREADS");
  }
  expect_ok(f, vy_device_open(f->context, &d, &f->device, &f->diags));
  return f;
}

void fixture_free(fixture *f) {
  for (uint32_t i = 0; i < f->output_count; i++)
    vy_outputs_release(f->outputs[i]);
  for (uint32_t i = 0; i < f->pipeline_count; i++)
    vy_pipeline_release(f->pipelines[i]);
  for (uint32_t i = 0; i < f->program_count; i++)
    vy_program_release(f->programs[i]);
  vy_device_release(f->device);
  vy_context_release(f->context);
  assert_int_equal(f->memory.live, 0);
  free(f);
}

int fixture_open(void **state) {
  *state = fixture_new(conformance_device);
  return 0;
}

int fixture_close(void **state) {
  fixture_free(*state);
  return 0;
}

static void show(const fixture *f) {
  for (uint32_t i = 0; i < f->diags.count; i++) {
    char text[1024];
    vy_diag_format(&f->records[i], text, sizeof text);
    print_error("%s\n", text);
  }
}

void expect_ok_at(fixture *f, vy_status s, const char *file, int line) {
  if (s != VY_OK || f->diags.errors) {
    show(f);
    print_error("%s:%d: %s\n", file, line, vy_status_name(s));
    fail();
  }
  clear_diags(f);
}

void expect_code_at(fixture *f, vy_status s, vy_status want, uint32_t code,
                    const char *file, int line) {
  bool found = false;
  for (uint32_t i = 0; i < f->diags.count; i++)
    found |= f->records[i].code == code && f->records[i].status == (int)want &&
             f->records[i].fix.size > 0 && f->records[i].message.size > 0;
  if (s != want || !found) {
    show(f);
    print_error("%s:%d: %s, VY%04u %s\n", file, line, vy_status_name(s), code,
                found ? "reported" : "not reported");
    fail();
  }
  clear_diags(f);
}

void expect_says(fixture *f, const char *text) {
  char message[512];
  assert_int_not_equal(f->diags.count, 0);
  vy_str m = f->records[0].message;
  snprintf(message, sizeof message, "%.*s", (int)m.size, m.data);
  if (!strstr(message, text))
    fail_msg("'%s' does not say '%s'", message, text);
}

void expect_u32s_at(const void *got, uint64_t size, const uint32_t *want,
                    uint32_t count, const char *file, int line) {
  if (size == 4 * (uint64_t)count && (count == 0 || !memcmp(got, want, size)))
    return;
  print_error("%s:%d: %llu bytes, %u expected\n", file, line,
              (unsigned long long)size, 4 * count);
  for (uint32_t i = 0; i < count && 4 * i + 4 <= size; i++) {
    uint32_t v;
    memcpy(&v, (const char *)got + 4 * i, 4);
    print_error("  [%u] %u, expected %u\n", i, v, want[i]);
  }
  fail();
}

vy_program *make_program(fixture *f, const char *text) {
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(text);
  vy_program *p = NULL;
  expect_ok(f, vy_program_parse(f->context, &source, &p, &f->diags));
  f->programs[f->program_count++] = p;
  return p;
}

vy_pipeline *make_pipeline(fixture *f, const char *text, uint32_t flags) {
  vy_compile_options o = VY_COMPILE_OPTIONS_INIT;
  o.flags = flags;
  vy_pipeline *p = NULL;
  expect_ok(f, vy_compile(f->device, make_program(f, text), &o, &p, &f->diags));
  f->pipelines[f->pipeline_count++] = p;
  return p;
}

vy_outputs *make_outputs(fixture *f, uint32_t count) {
  vy_outputs *o = NULL;
  expect_ok(f, vy_outputs_create(f->context, count, &o, &f->diags));
  f->outputs[f->output_count++] = o;
  return o;
}

vy_buffer make_buffer(fixture *f, const void *data, uint64_t size) {
  vy_buffer b = {0};
  expect_ok(f, vy_buffer_create(f->device, size, &b, &f->diags));
  vy_transfer t = {b, 0, size, (void *)(uintptr_t)data};
  if (data)
    expect_ok(f, vy_buffer_upload(f->device, &t, 1, &f->diags));
  return b;
}

void drop_buffer(fixture *f, vy_buffer b) {
  expect_ok(f, vy_buffer_free(f->device, b, &f->diags));
}

vy_counters counters(fixture *f) {
  vy_counters c = VY_COUNTERS_INIT;
  assert_int_equal(vy_counters_read(f->context, &c), VY_OK);
  return c;
}
