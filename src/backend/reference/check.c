// The checking run: the ordinary interpreter with shadow memory, on the
// calling thread, over its own copies of what a run returns.
#include "backend/reference/check.h"

#include "backend/reference/shadow.h"

// A lane is 32 bits in the shadow.
static vy_status refuse_large(const vy__check_run *run, vy_diags *diags) {
  const uint64_t *n = run->item->lanes;
  uint64_t lanes = n[0];
  if (__builtin_mul_overflow(lanes, n[1], &lanes) ||
      __builtin_mul_overflow(lanes, n[2], &lanes) || lanes > UINT32_MAX)
    return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                    "a check runs at most %u lanes; the domain is %llu x "
                    "%llu x %llu\nFix: check the program on a smaller domain",
                    UINT32_MAX, (unsigned long long)n[0],
                    (unsigned long long)n[1], (unsigned long long)n[2]);
  return VY_OK;
}

static vy_status run_all(vy__runner *r, const vy__check_run *run,
                         const struct vy__code *code, vy_diags *diags) {
  const vy__ir *ir = &run->program->ir;
  if (!vy__runner_fit(r, code) ||
      !vy__host_enter(&r->scratch, ir, run->item, 0, 0, r->work))
    return vy__fail_oom(diags, "the memory of a check");
  vy__fp_state fp;
  vy__fp_pin(&fp);
  for (uint32_t k = 0; k < run->iterations && !vy__shadow_failed(r->shadow);
       k++) {
    if (k)
      vy__shadow_next(r->shadow);
    vy__runner_run(r, code, run->item, run->budget ? run->budget : UINT64_MAX);
  }
  vy__fp_restore(&fp);
  if (run->item->fault.kind == VY__FAULT_NONE)
    vy__shadow_finish(r->shadow, r->work);
  vy__host_leave(ir, run->item, r->work);
  return vy__shadow_failed(r->shadow)
             ? vy__fail_oom(diags, "the shadow memory of a check")
             : VY_OK;
}

vy_status vy__reference_check(vy_context *context, const vy__check_run *run,
                              vy_check_report *report, vy_diags *diags) {
  VY_TRY(refuse_large(run, diags));
  const vy_allocator *a = &context->alloc;
  vy__runner runner;
  vy__runner_init(&runner, a, run->order, run->seed);
  struct vy__code *code = NULL;
  uint64_t races = report->races;
  run->item->fault = (vy__fault){.value = VY__NONE, .stmt = VY__NONE};
  vy_status status = vy__code_make(
      a, run->program, run->budget ? VY_COMPILE_BUDGETED : 0, &code, diags);
  if (status != VY_OK)
    goto done;
  runner.shadow = vy__shadow_create(a, run->program, run->item, report, diags);
  status = runner.shadow ? run_all(&runner, run, code, diags)
                         : vy__fail_oom(diags, "the shadow memory of a check");
  if (status == VY_OK && report->races != races)
    status = VY_ERROR_CHECK_FAILED;
done:
  vy__shadow_free(runner.shadow);
  vy__runner_free(&runner);
  vy__code_free(code);
  return status;
}
