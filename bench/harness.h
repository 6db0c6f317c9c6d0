// The bench's harness. A workload fills a job: inputs, the ways to compute
// it (Vyre, C, PoCL, libraries), all of which leave their whole output in one
// place, where it is compared bit for bit before and after the timed runs.
// The ways are timed in turn, round after round, so that what disturbs the
// machine disturbs all of them. Like the examples, everything here ends the
// process with a message when something goes wrong.
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vyre/vyre.h>

#include "baselines/baselines.h"
#include "baselines/cuda/cuda_baselines.h"

enum {
  MAX_WAYS = 20,
  MAX_BUFFERS = 16,
  MAX_PROGRAMS = 12,
  MAX_RESULTS = 4,
  MAX_RUNS = 200,
  MAX_STEPS = 64,
  MAX_ARGS = 16,
};

typedef enum scale { QUICK, ORACLE, NORMAL, FULL } scale;

typedef struct bench {
  const char *device; // --device
  const char *only;   // --only: prefix of the workloads' ids, or NULL
  const char *way;    // --way: the only ways timed, or NULL
  scale scale;
  bool verify;
  bool gpu; // CUDA baselines beside it, device time, larger sizes
  uint32_t want_threads, vector_width; // of the device; 0: its own choice
  uint32_t features;                   // VY_CPU_FEATURES_*
  uint32_t runs;                       // rounds wanted
  double seconds;          // a workload's rounds end after this time
  uint32_t threads;        // of the machine
  uint32_t device_threads; // of `all`
  vy_context *context;
  vy_device *one, *all; // with one thread and all; `one` may be NULL
  vy_device *old;       // one thread, without fma; may be NULL
  FILE *json;           // NULL: none
  uint32_t jobs, failures;
} bench;

typedef struct job job;
typedef struct side side;
typedef struct cl_side cl_side;
typedef struct cuda_run cuda_run;

// A buffer that device code needs: an input where `data` is given, else
// memory of that size.
typedef struct memory {
  const void *data;
  uint64_t size;
} memory;

// Part of the output: a buffer's first bytes.
typedef struct result {
  uint32_t buffer;
  uint64_t size;
} result;

typedef struct program_ref {
  const char *file, *name;
} program_ref;

// A dispatch of a chain.
typedef struct step {
  uint32_t pipeline;
  size_t arg_count;
  vy_arg args[MAX_ARGS];
} step;

// One device with the job's programs compiled and inputs resident.
struct side {
  job *job;
  vy_device *device;
  vy_pipeline *pipeline[MAX_PROGRAMS];
  vy_buffer buffer[MAX_BUFFERS];
  result results[MAX_RESULTS];
  uint32_t result_count;
  bool timed; // ask for device time, and add it up here
  double device_ns;
  bool untimed;    // the device does not measure it
  vy_ticket *last; // of what a GPU was given to do; NULL: nothing is under way
  // The chain's dispatches, to be submitted again without waiting.
  bool recording;
  step steps[MAX_STEPS];
  uint32_t step_count;
};

// One way to compute the job.
typedef struct way {
  const char *name;
  uint32_t threads;
  bool gated; // must give the wanted bits; else differences are counted
  void *state;
  void (*run)(void *state);
  // NULL: what is timed is run(). Else this runs it, and gives nanoseconds by
  // another clock; below 0 it cannot.
  double (*measure)(void *state);
  const char *clock;             // "wall", "device", "stream"
  size_t (*output)(void *state); // to job->out; its size
  void (*close)(void *state);
  uint32_t most;     // samples; 0: one a round
  bool wrong;        // bits differ that must not
  bool idle;         // not timed: wrong, or it cannot measure
  double *samples;   // nanoseconds
  double *cpu;       // of the process meanwhile
  double cpu_median; // of those, when all runs are done
  double share;      // CPU over wall, to see whether the machine was ours
  uint32_t sample_count;
  uint64_t differing; // elements, of an ungated way
} way;

struct job {
  bench *bench;
  const char *id;
  uint64_t size; // elements, bytes, nodes: as the workload counts
  void *data;    // the workload's own
  // What every way leaves behind, and what it has to be.
  unsigned char *out, *want;
  size_t out_capacity, want_size, element;
  bool floats;         // contraction may change the bits
  double bytes, flops; // least traffic and work, for the roofline
  bool f64;            // the work is in doubles
  bool copies;         // the chain copies buffers: no back-to-back time
  double units;        // items, bytes, ..., for a rate
  const char *unit;
  memory memory[MAX_BUFFERS];
  program_ref programs[MAX_PROGRAMS];
  const char *cl_file;
  const char *kernels[MAX_PROGRAMS];
  way ways[MAX_WAYS];
  uint32_t way_count;
  uint32_t dropped_count; // behind them, not to be run
  uint64_t compile_ns;    // all programs, first compile in this process
};

typedef struct workload {
  const char *id, *title;
  uint64_t size[4]; // by scale
  void (*open)(job *j);
  // Compare `want` with the oracle; called at the oracle's size only.
  void (*oracle)(job *j);
  void (*close)(job *j);
} workload;

// The tables of workloads, each ended by an id of NULL.
extern const workload *const workload_tables[];

void fail(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));
void check_vy(vy_status status, vy_diags *diags, const char *what);
void *take(size_t size); // zeroed, aligned to 64, and there
double now_ns(void);
double cpu_ns(void); // of this process

// ---- for workloads

// Room for the output. Then the ways are added; the first one gives `want`.
void job_output(job *j, size_t capacity, size_t element);
// The C baselines: one thread and OpenMP, exact, and for floats also with the
// compiler's default contraction. `run` returns the output's size.
typedef size_t (*c_run)(job *j, const baselines *c);
void job_c(job *j, c_run run);
// Another C or library implementation. `output` may be NULL when run has left
// it in job->out; it returns its size.
void job_own(job *j, const char *name, uint32_t threads, bool gated,
             size_t (*run)(job *j), size_t (*output)(job *j));
// The programs, chained by `chain`, on one thread and all, resident and with
// transfers. `chain` says by side_result what the output is.
void job_vyre(job *j, void (*chain)(side *s));
// The kernels of cl_file likewise, where OpenCL is built in.
void job_pocl(job *j, void (*chain)(cl_side *s));
// The CUDA baseline likewise, on a GPU, where the bench was built with nvcc.
void job_cuda(job *j, void (*chain)(cuda_run *r));

// How often a chain that takes `ns` is run for one sample of back-to-back
// time: some milliseconds, and not more than queues hold.
uint32_t stream_times(double ns, uint32_t kernels);
way *job_way(job *j, const char *name, uint32_t threads, bool gated);

void side_run(side *s, uint32_t pipeline, const vy_arg *args, size_t count);
vy_arg side_arg(const side *s, uint32_t buffer);
vy_arg side_range(const side *s, uint32_t buffer, uint64_t size);
uint32_t side_u32(side *s, uint32_t buffer, uint64_t offset);
void side_set_u32(side *s, uint32_t buffer, uint32_t value);
void side_copy(side *s, uint32_t from, uint32_t to, uint64_t size);
void side_result(side *s, uint32_t buffer, uint64_t size);

// Oracle values: counted and printed, not fatal.
void job_equal(job *j, const char *what, uint64_t got, uint64_t want);

// ---- OpenCL

typedef struct cl_value {
  uint32_t kind; // 0 buffer, 1 four bytes, 2 local memory
  uint32_t bits;
  uint64_t size; // of local memory
} cl_value;
static inline cl_value cl_buf(uint32_t buffer) {
  return (cl_value){0, buffer, 0};
}
static inline cl_value cl_u32(uint32_t v) { return (cl_value){1, v, 0}; }
static inline cl_value cl_local(uint64_t size) {
  return (cl_value){2, 0, size};
}
typedef struct cl_range {
  uint32_t dimensions;
  size_t global[2], local[2]; // local[0] == 0: the driver chooses
} cl_range;
void cl_go(cl_side *s, uint32_t kernel, cl_range range, const cl_value *args,
           uint32_t count);
job *cl_job(const cl_side *s);
uint32_t cl_read_u32(cl_side *s, uint32_t buffer, uint64_t offset);
void cl_set_u32(cl_side *s, uint32_t buffer, uint32_t value);
void cl_fill(cl_side *s, uint32_t buffer, uint64_t size); // zeros
void cl_copy(cl_side *s, uint32_t from, uint32_t to, uint64_t size);
void cl_result(cl_side *s, uint32_t buffer, uint64_t size);
const char *cl_version(void); // the platform's, or NULL

// ---- CUDA

// The chain of a baseline: buffers as in the job's memory. It says by
// cuda_result what the output is.
struct cuda_run {
  job *job;
  cuda_side *side;
  const cuda_baselines *c;
  result results[MAX_RESULTS];
  uint32_t result_count;
};
void cuda_result(cuda_run *r, uint32_t buffer, uint64_t size);
const char *cuda_absent(void); // NULL, or why there are no baselines

// ---- running

void run_workloads(bench *b);
void run_machine(bench *b);      // copy rate, peak flops
void run_cuda_machine(bench *b); // of the card
void run_latency(bench *b);
void run_cuda_latency(bench *b, bool *first);
void run_compile(bench *b, const char *self);
int compile_child(const char *device); // what run_compile starts

// ---- statistics and JSON

typedef struct spread {
  double median, p10, p99, least;
  uint32_t runs;
} spread;
spread spread_of(double *samples, uint32_t count); // sorts them
void json_spread(FILE *f, spread s);

// ---- the inputs' formulas
static inline uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  x ^= x >> 16;
  return x;
}
static inline float mix_f32(uint32_t x) {
  return (float)(mix(x) >> 8) * 0x1p-24f;
}
uint64_t fnv1a64(const void *data, size_t size);

#endif
