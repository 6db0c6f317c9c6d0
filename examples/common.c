// See common.h.
#include "common.h"

#include <stdarg.h>

uint64_t fnv1a64(const void *data, size_t size) {
  const unsigned char *p = data;
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; i++)
    h = (h ^ p[i]) * 0x100000001b3u;
  return h;
}

void example_fail(const example *e, const char *format, ...) {
  va_list ap;
  fprintf(stderr, "%s: ", e->name);
  va_start(ap, format);
  vfprintf(stderr, format, ap);
  va_end(ap);
  fputc('\n', stderr);
  exit(1);
}

void example_check(example *e, vy_status status, const char *what) {
  for (uint32_t i = 0; i < e->diags.count; i++) {
    char text[2048];
    vy_diag_format(&e->records[i], text, sizeof text);
    fprintf(stderr, "%s\n", text);
  }
  e->diags.count = 0;
  e->diags.text_size = 0;
  if (status != VY_OK)
    example_fail(e, "%s: %s", what, vy_status_name(status));
}

void *example_alloc(size_t size) {
  void *p = calloc(1, size ? size : 1);
  if (!p) {
    fprintf(stderr, "out of memory\n");
    exit(1);
  }
  return p;
}

static bool is_size(const char *text, example *e) {
  char *end;
  e->size = *text >= '1' && *text <= '9' ? strtoull(text, &end, 10) : 0;
  return e->size && !*end;
}

static void parse_options(example *e, int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    bool more = i + 1 < argc;
    if (!strcmp(argv[i], "--quick"))
      e->quick = true;
    else if (!strcmp(argv[i], "--device") && more)
      e->device = argv[++i];
    else if (!strcmp(argv[i], "--picture") && more)
      e->picture = argv[++i];
    else if (!strcmp(argv[i], "--size") && more && is_size(argv[i + 1], e))
      i++;
    else
      example_fail(e,
                   "what is '%s'?\nusage: %s [--device NAME] [--quick] "
                   "[--size N] [--picture FILE]",
                   argv[i], e->name);
  }
  const char *full = getenv("VYRE_FULL");
  if (full && !strcmp(full, "1"))
    e->quick = false;
}

void example_open(example *e, const char *name, int argc, char **argv) {
  memset(e, 0, sizeof *e);
  e->name = name;
  e->diags = (vy_diags)VY_DIAGS_INIT;
  e->diags.records = e->records;
  e->diags.capacity = sizeof e->records / sizeof e->records[0];
  e->diags.text = e->text;
  e->diags.text_capacity = sizeof e->text;
  parse_options(e, argc, argv);
  example_check(e, vy_context_create(NULL, &e->context, &e->diags),
                "creating a context");
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c(e->device);
  example_check(e, vy_device_open(e->context, &desc, &e->opened, &e->diags),
                "opening the device");
}

int example_close(example *e) {
  vy_device_release(e->opened);
  vy_context_release(e->context);
  return 0;
}

uint64_t example_size(const example *e, uint64_t quick, uint64_t full) {
  return e->size ? e->size : e->quick ? quick : full;
}

static char *read_program(example *e, const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f)
    example_fail(e, "%s cannot be read", path);
  char *text = example_alloc(1 << 16);
  *size = fread(text, 1, 1 << 16, f);
  fclose(f);
  return text;
}

vy_pipeline *example_pipeline(example *e, const char *file,
                              const char *program) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", EXAMPLES_DIR, file);
  vy_source source = VY_SOURCE_INIT;
  char *text = read_program(e, path, &source.text.size);
  source.text.data = text;
  source.name = vy_str_c(file);
  source.program = vy_str_c(program);
  vy_program *parsed = NULL;
  example_check(e, vy_program_parse(e->context, &source, &parsed, &e->diags),
                file);
  free(text);
  vy_pipeline *pipeline = NULL;
  example_check(e, vy_compile(e->opened, parsed, NULL, &pipeline, &e->diags),
                file);
  vy_program_release(parsed);
  return pipeline;
}

vy_buffer example_buffer(example *e, uint64_t size) {
  vy_buffer buffer = {0};
  example_check(e, vy_buffer_create(e->opened, size, &buffer, &e->diags),
                "creating a buffer");
  return buffer;
}

vy_buffer example_upload(example *e, const void *data, uint64_t size) {
  vy_buffer buffer = example_buffer(e, size);
  vy_transfer t = {buffer, 0, size, (void *)(uintptr_t)data};
  if (size)
    example_check(e, vy_buffer_upload(e->opened, &t, 1, &e->diags),
                  "uploading");
  return buffer;
}

void example_download(example *e, vy_buffer buffer, void *to, uint64_t size) {
  vy_transfer t = {buffer, 0, size, to};
  if (size)
    example_check(e, vy_buffer_download(e->opened, &t, 1, &e->diags),
                  "downloading");
}

void example_free(example *e, vy_buffer buffer) {
  example_check(e, vy_buffer_free(e->opened, buffer, &e->diags),
                "freeing a buffer");
}

void example_run(example *e, vy_pipeline *pipeline, const vy_arg *args,
                 size_t count) {
  example_check(e,
                vy_dispatch(pipeline, args, count, NULL, NULL, NULL, &e->diags),
                "dispatching");
}

vy_buffer example_prefix_sum(example *e, vy_buffer counts, uint64_t n) {
  vy_pipeline *add = example_pipeline(e, "lib/prefix.vy", "part_sums");
  vy_pipeline *scan = example_pipeline(e, "lib/prefix.vy", "prefix_sum");
  vy_buffer sums = example_buffer(e, (n / 1024 + 1) * 4);
  vy_buffer offsets = example_buffer(e, (n + 1) * 4);
  vy_arg first[] = {vy_arg_buffer(counts), vy_arg_buffer(sums)};
  example_run(e, add, first, 2);
  vy_arg second[] = {vy_arg_buffer(counts), vy_arg_buffer(sums),
                     vy_arg_buffer(offsets)};
  example_run(e, scan, second, 3);
  example_free(e, sums);
  vy_pipeline_release(add);
  vy_pipeline_release(scan);
  return offsets;
}

void example_same(const example *e, const char *what, const void *got,
                  const void *want, size_t size, size_t element) {
  const unsigned char *a = got, *b = want;
  for (size_t i = 0; i < size; i += element)
    if (memcmp(a + i, b + i, element)) {
      uint64_t have = 0, right = 0;
      memcpy(&have, a + i, element < 8 ? element : 8);
      memcpy(&right, b + i, element < 8 ? element : 8);
      example_fail(e, "%s[%zu]: bits %llx, the model says %llx", what,
                   i / element, (unsigned long long)have,
                   (unsigned long long)right);
    }
}

void example_equal(const example *e, const char *what, uint64_t got,
                   uint64_t want) {
  if (got != want)
    example_fail(e, "%s: %llu (%016llx), expected %llu (%016llx)", what,
                 (unsigned long long)got, (unsigned long long)got,
                 (unsigned long long)want, (unsigned long long)want);
}
