// The bench's command line; bench/run is how it is started.
#include "harness.h"

#include <unistd.h>

#ifdef HAVE_OPENBLAS
#include <cblas.h>
#endif

extern const workload literal_scan_workloads[], rules_workloads[],
    reach_workloads[], reduce_workloads[], radix_sort_workloads[],
    hash_workloads[], linear_workloads[], dense_workloads[];

const workload *const workload_tables[] = {
    literal_scan_workloads, rules_workloads,      reach_workloads,
    reduce_workloads,       radix_sort_workloads, hash_workloads,
    linear_workloads,       dense_workloads,      NULL};

static vy_device *open_device(bench *b, uint32_t threads, uint32_t features) {
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  vy_device *device = NULL;
  desc.name = vy_str_c(b->device);
  desc.threads = threads;
  desc.cpu_features = features;
  desc.vector_width = b->vector_width;
  vy_diag records[4];
  char text[4096];
  vy_diags diags = VY_DIAGS_INIT;
  diags.records = records;
  diags.capacity = 4;
  diags.text = text;
  diags.text_capacity = sizeof text;
  check_vy(vy_device_open(b->context, &desc, &device, &diags), &diags,
           "opening the device");
  return device;
}

// One device with one thread, one with all, and one that has no fma; a device
// without threads to choose is opened once.
static void open_devices(bench *b) {
  vy_device_info info = VY_DEVICE_INFO_INIT;
  // Without the disk cache: a workload's first compile is a cold one.
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.cache_path = "";
  check_vy(vy_context_create(&desc, &b->context, NULL), NULL, "context");
  b->all = open_device(b, b->want_threads, b->features);
  check_vy(vy_device_describe(b->all, &info), NULL, "describing the device");
  b->device_threads = info.threads ? info.threads : 1;
  b->gpu |= !strncmp(info.name, "cuda", 4) || !strncmp(info.name, "vulkan", 6);
  if (b->device_threads < 2)
    return;
  b->one = open_device(b, 1, b->features);
  b->old = open_device(b, 1, VY_CPU_FEATURES_BASELINE);
}

// ---- what stands at the head of the JSON

// The value of a line "key : value" of a file, without the quotes that would
// end a JSON string.
static void from_file(const char *file, const char *key, char *to,
                      size_t size) {
  char line[512];
  FILE *f = fopen(file, "r");
  snprintf(to, size, "unknown");
  while (f && fgets(line, sizeof line, f)) {
    char *colon = strchr(line, ':');
    if (strncmp(line, key, strlen(key)) || !colon)
      continue;
    line[strcspn(line, "\n\"\\")] = 0;
    snprintf(to, size, "%s", colon + 1 + strspn(colon + 1, " \t"));
    break;
  }
  if (f)
    fclose(f);
}

// In bytes. (sysconf is wrong about it on some virtual machines.)
static long last_level_cache(void) {
  long size = 0, found = 0;
  for (int i = 0; i < 8; i++) {
    char path[128], unit = 0;
    snprintf(path, sizeof path,
             "/sys/devices/system/cpu/cpu0/cache/index%d/size", i);
    FILE *f = fopen(path, "r");
    if (!f)
      break;
    if (fscanf(f, "%ld%c", &size, &unit) == 2)
      found = unit == 'M' ? size << 20 : unit == 'K' ? size << 10 : size;
    fclose(f);
  }
  return found;
}

static void peer(FILE *f, const char *name, const char *version) {
  fprintf(f, ", \"%s\": \"%s\"", name, version);
}

// The card, as the baselines see it.
static void json_card(FILE *f) {
#ifdef HAVE_CUDA
  cuda_card c;
  if (cuda_absent())
    return;
  cuda_describe(&c);
  fprintf(f,
          "  \"card\": {\"name\": \"%s\", \"driver\": \"%s\", \"runtime\": "
          "\"%s\", \"processors\": %u, \"capability\": \"%u.%u\", "
          "\"memory\": %llu, \"level2\": %llu, \"compiler\": \"nvcc %s\"},\n",
          c.name, c.driver, c.runtime, c.processors, c.major, c.minor,
          (unsigned long long)c.memory, (unsigned long long)c.level2,
          HAVE_CUDA);
#else
  (void)f;
#endif
}

// Of --features.
static const char *const levels[] = {[VY_CPU_FEATURES_HOST] = "host",
                                     [VY_CPU_FEATURES_BASELINE] = "baseline",
                                     [VY_CPU_FEATURES_AVX2] = "avx2",
                                     [VY_CPU_FEATURES_AVX512] = "avx512"};

static void json_head(bench *b) {
  FILE *f = b->json;
  char cpu[256], memory[64];
  vy_device_info info = VY_DEVICE_INFO_INIT;
  check_vy(vy_device_describe(b->all, &info), NULL, "describing the device");
  from_file("/proc/cpuinfo", "model name", cpu, sizeof cpu);
  from_file("/proc/meminfo", "MemTotal", memory, sizeof memory);
  fprintf(f,
          "{\n  \"machine\": {\"cpu\": \"%s\", \"threads\": %u, \"memory\": "
          "\"%s\", \"last_level_cache\": %ld, \"simd\": \"%s\"},\n",
          cpu, b->threads, memory, last_level_cache(),
#if defined(__x86_64__)
          __builtin_cpu_supports("avx512f") ? "AVX-512"
          : __builtin_cpu_supports("avx2")  ? "AVX2"
                                            : "SSE"
#else
          ""
#endif
  );
  fprintf(f,
          "  \"device\": {\"name\": \"%s\", \"driver\": \"%s\", \"lanes\": %u, "
          "\"threads\": %u, \"features\": \"%s\"},\n",
          info.name, info.driver, info.lanes, info.threads,
          levels[b->features]);
  if (b->gpu)
    json_card(f);
  fprintf(f, "  \"versions\": {\"vyre\": \"%u.%u.%u\", \"compiler\": \"%s\"",
          VY_VERSION_MAJOR, VY_VERSION_MINOR, VY_VERSION_PATCH, BENCH_COMPILER);
  if (cl_version())
    peer(f, "pocl", cl_version());
#ifdef HAVE_VECTORSCAN
  peer(f, "vectorscan", HAVE_VECTORSCAN);
#endif
#ifdef HAVE_XXHASH
  peer(f, "xxhash", HAVE_XXHASH);
#endif
#ifdef HAVE_OPENSSL
  peer(f, "openssl", HAVE_OPENSSL);
#endif
#ifdef HAVE_ZLIB
  peer(f, "zlib", HAVE_ZLIB);
#endif
#ifdef HAVE_OPENBLAS
  peer(f, "openblas", HAVE_OPENBLAS);
#endif
  fprintf(f,
          "},\n  \"flags\": {\"c\": \"-O3 -march=" BENCH_ARCH
          " -ffp-contract=off\", "
          "\"c contracted\": \"-O3 -march=" BENCH_ARCH
          " -ffp-contract=fast\"%s},\n  \"scale\": \"%s\"",
          b->gpu ? ", \"cuda\": \"-O3 -fmad=false\", \"cuda contracted\": "
                   "\"-O3 -fmad=true\""
                 : "",
          b->scale == QUICK  ? "quick"
          : b->scale == FULL ? "full"
                             : "normal");
}

// ---- command line

static const char *const usage =
    "usage: vyre-bench [--device NAME] [--only ID] [--quick | --full] "
    "[--verify] [--way NAME]\n"
    "                  [--runs N] [--seconds S] [--threads N] [--width N] "
    "[--json FILE]\n"
    "                  [--features baseline|avx2|avx512] [--gpu]\n"
    "--only takes the beginning of a workload's id, or machine, latency, "
    "compile\n"
    "--gpu: as on a GPU, whatever the device is\n";

typedef struct options {
  const char *json;
} options;

static uint32_t features_of(const char *name) {
  for (uint32_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
    if (!strcmp(name, levels[i]))
      return i;
  fail("--features wants baseline, avx2 or avx512, got '%s'", name);
}

static void parse(bench *b, options *o, int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    bool more = i + 1 < argc;
    if (!strcmp(argv[i], "--quick"))
      b->scale = QUICK;
    else if (!strcmp(argv[i], "--full"))
      b->scale = FULL;
    else if (!strcmp(argv[i], "--verify"))
      b->verify = true;
    else if (!strcmp(argv[i], "--gpu"))
      b->gpu = true;
    else if (!strcmp(argv[i], "--device") && more)
      b->device = argv[++i];
    else if (!strcmp(argv[i], "--only") && more)
      b->only = argv[++i];
    else if (!strcmp(argv[i], "--way") && more)
      b->way = argv[++i];
    else if (!strcmp(argv[i], "--runs") && more)
      b->runs = (uint32_t)strtoul(argv[++i], NULL, 10);
    else if (!strcmp(argv[i], "--seconds") && more)
      b->seconds = strtod(argv[++i], NULL);
    else if (!strcmp(argv[i], "--threads") && more)
      b->want_threads = (uint32_t)strtoul(argv[++i], NULL, 10);
    else if (!strcmp(argv[i], "--width") && more)
      b->vector_width = (uint32_t)strtoul(argv[++i], NULL, 10);
    else if (!strcmp(argv[i], "--features") && more)
      b->features = features_of(argv[++i]);
    else if (!strcmp(argv[i], "--json") && more)
      o->json = argv[++i];
    else
      fail("what is '%s'?\n%s", argv[i], usage);
  }
  if (b->verify && b->scale != QUICK)
    b->scale = ORACLE;
}

static bool wants(const bench *b, const char *part) {
  return !b->verify && (!b->only || !strcmp(b->only, part));
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "--compile-child"))
    return compile_child(argv[2]);
  bench b = {.scale = NORMAL, .runs = 30};
  options o = {NULL};
  parse(&b, &o, argc, argv);
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  b.threads = cores > 0 ? (uint32_t)cores : 1;
  open_devices(&b);
  if (b.seconds <= 0)
    b.seconds = b.gpu ? 3 : 30;
  if (b.gpu && !b.verify && cuda_absent())
    printf("no CUDA baselines: %s\n", cuda_absent());
  if (o.json && !b.verify) {
    b.json = fopen(o.json, "w");
    if (!b.json)
      fail("%s cannot be written", o.json);
    json_head(&b);
  }
  if (wants(&b, "machine") && b.gpu)
    run_cuda_machine(&b);
  else if (wants(&b, "machine"))
    run_machine(&b);
  if (wants(&b, "latency"))
    run_latency(&b);
  if (wants(&b, "compile"))
    run_compile(&b, argv[0]);
  run_workloads(&b);
  if (b.json) {
    fprintf(b.json, "\n}\n");
    if (fclose(b.json))
      fail("%s cannot be written", o.json);
  }
  vy_device_release(b.old);
  vy_device_release(b.one);
  vy_device_release(b.all);
  vy_context_release(b.context);
  if (b.failures)
    printf("%u differences\n", b.failures);
  return b.failures != 0;
}
