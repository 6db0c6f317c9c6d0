// What compiling costs: cold, with LLVM loaded or not; from a warm disk cache,
// in the same process and in a fresh one; and against the program's size.
#include "latency.h"

#include <unistd.h>

// A program of `operations` in one chain, that no pass can shorten; another
// one for every seed.
static char *make_text(uint32_t operations, uint32_t seed) {
  static const char *const forms[] = {"v + 0x%08xu", "v ^ 0x%08xu",
                                      "v * 0x%08xu", "x[v & 0xff] - v"};
  size_t room = 256 + (size_t)operations * 40, at;
  char *text = take(room);
  at = (size_t)snprintf(text, room,
                        "program chain(x: read u32[], y: write u32[len(x)]) {\n"
                        "    lanes len(x);\n"
                        "    var v = x[lane];\n");
  // A load with its mask counts as three.
  for (uint32_t i = 0; i < operations; i++) {
    const char *form = forms[i % 8 == 7 ? 3 : i % 3];
    at += (size_t)snprintf(text + at, room - at, "    v = ");
    if (i % 8 == 7)
      at += (size_t)snprintf(text + at, room - at, "%s", form);
    else
      at += (size_t)snprintf(text + at, room - at, form,
                             mix(seed * 0x01000193 + i) | 1);
    at += (size_t)snprintf(text + at, room - at, ";\n");
  }
  snprintf(text + at, room - at, "    y[lane] = v;\n}\n");
  return text;
}

typedef struct cost {
  double parse_ns, compile_ns;
} cost;

static cost compile_text(vy_context *context, vy_device *device,
                         const char *text) {
  vy_diag records[4];
  char room[4096];
  vy_diags diags = VY_DIAGS_INIT;
  diags.records = records;
  diags.capacity = 4;
  diags.text = room;
  diags.text_capacity = sizeof room;
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(text);
  vy_program *program = NULL;
  vy_pipeline *pipeline = NULL;
  double start = now_ns();
  check_vy(vy_program_parse(context, &source, &program, &diags), &diags,
           "parsing");
  double parsed = now_ns();
  check_vy(vy_compile(device, program, NULL, &pipeline, &diags), &diags,
           "compiling");
  double done = now_ns();
  vy_pipeline_release(pipeline);
  vy_program_release(program);
  return (cost){parsed - start, done - parsed};
}

// ---- a process of its own

static bool llvm_loaded(void) {
  char line[512];
  bool found = false;
  FILE *f = fopen("/proc/self/maps", "r");
  while (f && !found && fgets(line, sizeof line, f))
    found = strstr(line, "libLLVM") != NULL;
  if (f)
    fclose(f);
  return found;
}

static vy_device *open_on(vy_context *context, const char *name) {
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  vy_device *device = NULL;
  desc.name = vy_str_c(name);
  check_vy(vy_device_open(context, &desc, &device, NULL), NULL,
           "opening the device");
  return device;
}

// Prints nanoseconds of the compile, of all from the context on, whether LLVM
// was loaded and how often the disk cache answered.
int compile_child(const char *name) {
  char *text = make_text(50, 1);
  double start = now_ns();
  vy_context *context = NULL;
  check_vy(vy_context_create(NULL, &context, NULL), NULL, "context");
  vy_device *device = open_on(context, name);
  cost c = compile_text(context, device, text);
  double all = now_ns() - start;
  vy_counters counters = VY_COUNTERS_INIT;
  check_vy(vy_counters_read(context, &counters), NULL, "counters");
  printf("%.0f %.0f %d %llu\n", c.compile_ns, all, llvm_loaded(),
         (unsigned long long)counters.disk_hits);
  vy_device_release(device);
  vy_context_release(context);
  free(text);
  return 0;
}

typedef struct child {
  double compile, all;
  int llvm;
  unsigned long long hits;
} child;

// The CUDA driver's own cache would answer what ours does not have.
static child run_child(const char *self, const char *device,
                       const char *folder) {
  char command[2048];
  snprintf(command, sizeof command,
           "CUDA_CACHE_DISABLE=1 VYRE_CACHE='%s' '%s' --compile-child '%s'",
           folder, self, device);
  FILE *f = popen(command, "r");
  child c;
  if (!f ||
      fscanf(f, "%lf %lf %d %llu", &c.compile, &c.all, &c.llvm, &c.hits) != 4 ||
      pclose(f))
    fail("the compiling process failed");
  return c;
}

static void remove_folder(const char *folder) {
  char command[512];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  if (system(command))
    fail("%s cannot be removed", folder);
}

static void make_folder(char *folder, size_t size) {
  const char *temporary = getenv("TMPDIR");
  snprintf(folder, size, "%s/vyre-bench-XXXXXX",
           temporary ? temporary : "/tmp");
  if (!mkdtemp(folder))
    fail("no temporary folder");
}

static latency_row row_of(double *samples, uint32_t n) {
  return (latency_row){spread_of(samples, n), 1};
}

enum { RUNS = 30 };

// A GPU's driver takes its time to start.
static uint32_t runs_of(const bench *b) { return b->gpu ? 10 : RUNS; }

static void processes(bench *b, bool *first, const char *self) {
  double cold[RUNS], cold_all[RUNS], warm[RUNS], warm_all[RUNS];
  char folder[256];
  bool loaded = false, missed = false;
  uint32_t runs = runs_of(b);
  for (uint32_t i = 0; i < runs; i++) {
    make_folder(folder, sizeof folder);
    child c = run_child(self, b->device, folder);
    cold[i] = c.compile;
    cold_all[i] = c.all;
    c = run_child(self, b->device, folder);
    warm[i] = c.compile;
    warm_all[i] = c.all;
    loaded |= c.llvm;
    missed |= !c.hits;
    remove_folder(folder);
  }
  print_row(b, first, "compile", "fresh process, cold", 50, row_of(cold, runs));
  print_row(b, first, "compile", "from context on, cold", 50,
            row_of(cold_all, runs));
  // A device that keeps nothing on disk has no warm rows.
  if (missed)
    return;
  print_row(b, first, "compile",
            loaded ? "fresh process, warm disk, LLVM loaded"
                   : "fresh process, warm disk",
            50, row_of(warm, runs));
  print_row(b, first, "compile", "from context on, warm disk", 50,
            row_of(warm_all, runs));
}

// ---- in this process

static void cold_and_warm(bench *b, bool *first) {
  double cold[RUNS], parse[RUNS], disk[RUNS], memory[RUNS];
  char folder[256];
  make_folder(folder, sizeof folder);
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.cache_path = folder;
  uint64_t hits = 0;
  uint32_t runs = runs_of(b);
  for (uint32_t i = 0; i < runs + 1; i++) { // the first one loads LLVM
    char *text = make_text(50, 100 + i);
    for (int again = 0; again < 2; again++) {
      vy_context *context = NULL;
      check_vy(vy_context_create(&desc, &context, NULL), NULL, "context");
      vy_device *device = open_on(context, b->device);
      cost c = compile_text(context, device, text);
      if (i && !again) {
        cold[i - 1] = c.compile_ns;
        parse[i - 1] = c.parse_ns;
        memory[i - 1] = compile_text(context, device, text).compile_ns;
      } else if (i) {
        disk[i - 1] = c.compile_ns;
        vy_counters counters = VY_COUNTERS_INIT;
        check_vy(vy_counters_read(context, &counters), NULL, "counters");
        hits += counters.disk_hits;
      }
      vy_device_release(device);
      vy_context_release(context);
    }
    free(text);
  }
  remove_folder(folder);
  print_row(b, first, "compile", "parse and validate", 50, row_of(parse, runs));
  print_row(b, first, "compile", "cold, compiler loaded", 50,
            row_of(cold, runs));
  if (hits)
    print_row(b, first, "compile", "warm disk", 50, row_of(disk, runs));
  print_row(b, first, "compile", "warm memory", 50, row_of(memory, runs));
}

static void by_operations(bench *b, bool *first) {
  uint32_t most = b->scale == QUICK ? 1000 : 100000;
  double last = 0, before = 0;
  for (uint32_t n = 10; n <= most; n *= 10) {
    // The row that would take minutes, growing as it did, is left out.
    double limit = b->gpu ? 5e9 : 60e9;
    if (before > 0 && last * (last / before) > limit && b->scale != FULL)
      break;
    before = last;
    double samples[9], parse[9];
    uint32_t runs = n < 10000 ? 9 : n < 100000 ? 3 : 1;
    for (uint32_t i = 0; i < runs; i++) {
      char *text = make_text(n, 1000 + n + i);
      cost c = compile_text(b->context, b->all, text);
      samples[i] = c.compile_ns;
      parse[i] = c.parse_ns;
      last = c.compile_ns;
      free(text);
    }
    print_row(b, first, "operations", "parse and validate", n,
              row_of(parse, runs));
    print_row(b, first, "operations", "cold, compiler loaded", n,
              row_of(samples, runs));
  }
}

void run_compile(bench *b, const char *self) {
  bool first = true;
  printf("compile\n");
  if (b->json)
    fprintf(b->json, ",\n  \"compile\": [");
  processes(b, &first, self);
  cold_and_warm(b, &first);
  by_operations(b, &first);
  if (b->json)
    fprintf(b->json, "\n  ]");
}
