// See emulate.h. Programs are kept in a table; code is text that names a row.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vyre/vyre.h>

#include "backend/cuda/ptx.h"
#include "backend/reference/code.h"
#include "fake_cuda/emulate.h"
#include "pipeline/device.h"
#include "semantics/semantics.h"

enum { MOST = 4096 };

typedef struct row {
  vy_program *program; // lowered, its `write` parameters made `update` ones
  struct vy__code *code;
  uint32_t *origin_value, *origin_stmt;
  uint32_t values, stmts, flags;
  vy_hash fingerprint; // as lowered
  vy__runner runner;
} row;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static row *rows[MOST];
static uint32_t row_count;
static vy_context *context;
static vy_device *reference;

static void need(bool ok, const char *what) {
  if (ok)
    return;
  fprintf(stderr, "emulate: %s\n", what);
  abort();
}

// ---- compiling

// Zeroes before a run are the host's duty, and must not be made up for here.
static vy_program *without_zeroing(const vy__ir *ir) {
  vy__ir copy, from = *ir;
  vy_program *p = NULL;
  from.alloc = &context->alloc; // of the copy too
  need(vy__ir_copy(&from, &copy), "out of memory");
  for (uint32_t i = 0; i < copy.param_count; i++)
    if (copy.params[i].access == VY_ACCESS_WRITE)
      copy.params[i].access = VY_ACCESS_UPDATE;
  need(vy__validate(context, &copy, &p, NULL) == VY_OK, "not valid");
  return p;
}

static uint32_t *copy_ids(const uint32_t *ids, uint32_t count) {
  uint32_t *copy = malloc((count + 1) * sizeof *copy);
  memcpy(copy, ids, count * sizeof *copy);
  return copy;
}

static bool is_of(const row *r, const vy__lowered *l, uint32_t flags) {
  const vy_program *p = l->program;
  return r->flags == flags && r->values == p->ir.value_count &&
         r->stmts == p->ir.stmt_count &&
         !memcmp(&r->fingerprint, &p->fingerprint, sizeof p->fingerprint) &&
         !memcmp(r->origin_value, l->origin_value,
                 r->values * sizeof *r->origin_value) &&
         !memcmp(r->origin_stmt, l->origin_stmt,
                 r->stmts * sizeof *r->origin_stmt);
}

static uint32_t row_of(const vy__lowered *l, uint32_t flags) {
  for (uint32_t i = 0; i < row_count; i++)
    if (is_of(rows[i], l, flags))
      return i;
  row *r = calloc(1, sizeof *r);
  r->flags = flags;
  r->fingerprint = l->program->fingerprint;
  r->program = without_zeroing(&l->program->ir);
  r->values = l->program->ir.value_count;
  r->stmts = l->program->ir.stmt_count;
  r->origin_value = copy_ids(l->origin_value, r->values);
  r->origin_stmt = copy_ids(l->origin_stmt, r->stmts);
  need(reference->ops->compile(reference->impl, r->program, flags, &r->code,
                               NULL) == VY_OK,
       "does not compile");
  vy__runner_init(&r->runner, &context->alloc, VY_ORDER_SHUFFLED, 7);
  need(row_count < MOST, "too many programs");
  rows[row_count] = r;
  return row_count++;
}

static void fill_info(const vy__ptx_job *job, vy__cuda_info *info) {
  const vy_program *p = job->lowered->program;
  info->abi = VY__CUDA_ABI;
  info->params = p->ir.param_count;
  for (uint32_t d = 0; d < 3; d++)
    info->block[d] = p->ir.uses_groups || p->group_size[0] > 1
                         ? p->group_size[d]
                         : (d ? 1 : 64);
  memcpy(info->span, info->block, sizeof info->span);
  info->faults = job->flags != 0;
  info->fact_count = job->lowered->fact_count;
  info->cover_count = job->lowered->cover_count;
  memcpy(info->covers, job->lowered->covers, sizeof info->covers);
}

vy_status vy__ptx_emit(const vy__ptx_job *job, char **out, size_t *size,
                       vy__cuda_info *info, vy_diags *diags) {
  char text[128];
  const vy__ir *ir = &job->lowered->program->ir;
  pthread_mutex_lock(&mutex);
  need(context != NULL, "emulate_start was not called");
  int n =
      snprintf(text, sizeof text, "row %u %s vy_one([%u])\n",
               row_of(job->lowered, job->flags),
               strcmp(vy__ir_string(ir, ir->name), "refuse") ? "" : "REFUSE",
               vy__cuda_record_size(ir->param_count));
  *out = vy__alloc(job->alloc, (size_t)n + 1);
  if (*out) {
    memcpy(*out, text, (size_t)n + 1);
    *size = (size_t)n;
    fill_info(job, info);
  }
  pthread_mutex_unlock(&mutex);
  return *out ? VY_OK : vy__fail_oom(diags, "the text of the code");
}

// ---- running

static void bind(const row *r, const vy__cuda_arg *args,
                 struct vy__memory *memory, vy__bind *binds,
                 uint64_t *scalars) {
  const vy__ir *ir = &r->program->ir;
  for (uint32_t p = 0; p < ir->param_count; p++) {
    binds[p] = (vy__bind){0};
    scalars[p] = args[p].value;
    if (ir->params[p].access == VY_ACCESS_NONE)
      continue;
    need(args[p].value % 16 == 0, "an argument that is not aligned");
    memory[p].data = (uint8_t *)(uintptr_t)args[p].value;
    memory[p].size = args[p].length * ir->params[p].element_size;
    binds[p].memory = &memory[p];
    binds[p].length = args[p].length;
    binds[p].size = memory[p].size;
  }
}

static void report(const row *r, const vy__fault *found, uint64_t at) {
  vy__cuda_fault *f = (vy__cuda_fault *)(uintptr_t)at;
  need(f && !f->lock && f->fault.lane == UINT64_MAX, "no fault record");
  f->fault = *found;
  if (found->value != VY__NONE)
    f->fault.value = r->origin_value[found->value];
  if (found->stmt != VY__NONE)
    f->fault.stmt = r->origin_stmt[found->stmt];
}

static void run_record(row *r, const uint8_t *record) {
  vy__cuda_item head;
  vy__cuda_arg args[VY__MAX_PARAMS];
  struct vy__memory memory[VY__MAX_PARAMS];
  vy__bind binds[VY__MAX_PARAMS];
  uint64_t scalars[VY__MAX_PARAMS];
  const vy__ir *ir = &r->program->ir;
  memcpy(&head, record, sizeof head);
  memcpy(args, record + sizeof head, ir->param_count * sizeof *args);
  bind(r, args, memory, binds, scalars);
  vy__launch_item item = {.binds = binds, .scalars = scalars};
  item.fault = (vy__fault){.value = VY__NONE, .stmt = VY__NONE};
  for (uint32_t d = 0; d < 3; d++) {
    uint64_t size = r->program->group_size[d] ? r->program->group_size[d] : 1;
    item.lanes[d] = head.lanes[d];
    item.groups[d] = (head.lanes[d] + size - 1) / size;
    if (!head.blocks[d])
      return;
  }
  need(vy__runner_fit(&r->runner, r->code) &&
           vy__host_enter(&r->runner.scratch, ir, &item, 0, 0, r->runner.work),
       "out of memory");
  vy__fp_state fp;
  vy__fp_pin(&fp);
  vy__runner_run(&r->runner, r->code, &item, head.budget);
  vy__fp_restore(&fp);
  vy__host_leave(ir, &item, r->runner.work);
  if (item.fault.kind != VY__FAULT_NONE)
    report(r, &item.fault, head.fault);
}

static void run(const fake_run *launch) {
  unsigned index;
  need(sscanf(launch->image, "row %u", &index) == 1, "not our code");
  pthread_mutex_lock(&mutex);
  row *r = rows[index];
  uint32_t size = vy__cuda_record_size(r->program->ir.param_count);
  for (uint32_t i = 0; i < launch->count; i++)
    run_record(r, launch->records + (size_t)i * size);
  pthread_mutex_unlock(&mutex);
}

// ---- starting and stopping

const fake_control *emulate_start(void) {
  setenv("VYRE_CUDA_DRIVER", FAKE_CUDA, 1);
  void *library = dlopen(FAKE_CUDA, RTLD_NOW | RTLD_LOCAL);
  need(library != NULL, "the fake driver cannot be opened");
  const fake_control *(*control)(void) = (const fake_control *(*)(void))(
      uintptr_t)dlsym(library, "fake_cuda_control");
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  d.name = vy_str_c("reference");
  need(vy_context_create(NULL, &context, NULL) == VY_OK &&
           vy_device_open(context, &d, &reference, NULL) == VY_OK,
       "no reference device");
  control()->set_kernel(run);
  return control();
}

void emulate_stop(void) {
  for (uint32_t i = 0; i < row_count; i++) {
    row *r = rows[i];
    vy__runner_free(&r->runner);
    reference->ops->code_free(reference->impl, r->code);
    vy_program_release(r->program);
    free(r->origin_value);
    free(r->origin_stmt);
    free(r);
  }
  row_count = 0;
  vy_device_release(reference);
  vy_context_release(context);
  context = NULL;
}
