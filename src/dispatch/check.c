// vy_check: the checking run of the reference backend in three lane orders.
// Findings of the first order are reported; another order is heard only about
// what none before it found. Outputs are compared whole between the orders.
#include <stdio.h>

#include "backend/reference/check.h"
#include "dispatch/ticket.h"

typedef unsigned long long ull;

enum { ORDERS = 3, SEED = 1 };

typedef struct checker {
  vy_context *context;
  vy_program *program; // constants fixed
  vy__plan plan;
  vy__binder binder;
  vy__bound item;
  vy__launch_item launch;
  vy__bind binds[VY__MAX_PARAMS];
  uint64_t scalars[VY__MAX_PARAMS], lengths[VY__MAX_PARAMS];
  vy__buffer_slot *pins[VY__MAX_PARAMS];
  vy__out outs[VY__MAX_PARAMS];
  uint8_t *memory[ORDERS][VY__MAX_PARAMS]; // by output
  vy_check_report report;
} checker;

static void set_up(checker *c) {
  c->launch.binds = c->binds;
  c->launch.scalars = c->scalars;
  c->item = (vy__bound){.launch = &c->launch,
                        .binds = c->binds,
                        .scalars = c->scalars,
                        .lengths = c->lengths,
                        .pins = c->pins,
                        .outs = c->outs,
                        .bad_output = VY__NONE};
}

static vy_status bind(checker *c, const vy_arg *args, size_t count,
                      vy_diags *diags) {
  const vy__ir *ir = &c->program->ir;
  if (count != ir->param_count || (count && !args))
    return vy__fail(diags, NULL, VY__E_ARGUMENT_COUNT,
                    "program '%s' has %u parameters; %zu arguments are given",
                    vy__ir_string(ir, ir->name), ir->param_count,
                    args ? count : 0);
  VY_TRY(vy__bind_args(&c->binder, &c->item, args, diags));
  VY_TRY(vy__bind_lengths(&c->binder, &c->item, args, diags));
  return vy__bind_domain(&c->binder, &c->item, diags);
}

static uint64_t output_size(const checker *c, uint32_t o) {
  return c->binds[c->plan.output_param[o]].size;
}

static vy_status make_memory(checker *c, vy_diags *diags) {
  for (uint32_t k = 0; k < ORDERS; k++)
    for (uint32_t o = 0; o < c->plan.output_count; o++) {
      uint64_t size = output_size(c, o);
      if (size <= SIZE_MAX / 2)
        c->memory[k][o] = vy__alloc(&c->context->alloc, (size_t)size);
      if (!c->memory[k][o])
        return vy__fail_oom(diags, "the outputs of a check");
    }
  return VY_OK;
}

static void free_memory(checker *c) {
  for (uint32_t k = 0; k < ORDERS; k++)
    for (uint32_t o = 0; o < c->plan.output_count; o++)
      if (c->memory[k][o])
        vy__free(&c->context->alloc, c->memory[k][o],
                 (size_t)output_size(c, o));
}

static vy_status run_order(checker *c, uint32_t order, vy_check_report *report,
                           vy_diags *diags) {
  for (uint32_t o = 0; o < c->plan.output_count; o++) {
    vy__bind *b = &c->binds[c->plan.output_param[o]];
    b->out = b->size ? c->memory[order][o] : NULL;
    b->lo = 0;
    b->hi = b->size;
  }
  c->launch.fault = (vy__fault){0};
  vy__check_run run = {.program = c->program,
                       .item = &c->launch,
                       .iterations = c->binder.options.iterations,
                       .budget = c->binder.options.budget,
                       .order = order,
                       .seed = SEED};
  vy_status s = vy__reference_check(c->context, &run, report, diags);
  return s == VY_ERROR_CHECK_FAILED ? VY_OK : s;
}

static bool finds_more(const vy_check_report *old, const vy_check_report *now) {
  return (!old->races && now->races) ||
         (!old->out_of_bounds && now->out_of_bounds) ||
         (!old->unwritten && now->unwritten);
}

static void keep_most(uint64_t *most, uint64_t n) {
  if (n > *most)
    *most = n;
}

static vy_status run_all(checker *c, vy_diags *diags) {
  vy_str label = c->binder.options.label;
  for (uint32_t order = 0; order < ORDERS; order++) {
    vy_check_report now = VY_CHECK_REPORT_INIT;
    VY_TRY(run_order(c, order, &now, order ? NULL : diags));
    if (order && diags && finds_more(&c->report, &now)) {
      vy_check_report again = VY_CHECK_REPORT_INIT;
      VY_TRY(run_order(c, order, &again, diags));
    }
    if (c->launch.fault.kind != VY__FAULT_NONE)
      return vy__item_result(c->program, &c->item, label, diags);
    keep_most(&c->report.races, now.races);
    keep_most(&c->report.out_of_bounds, now.out_of_bounds);
    keep_most(&c->report.unwritten, now.unwritten);
  }
  return VY_OK;
}

// ---- comparing

static void element_text(const checker *c, uint32_t o, uint32_t order,
                         uint64_t element, char *out, size_t size) {
  uint32_t bytes = c->program->ir.params[c->plan.output_param[o]].element_size;
  const uint8_t *at = c->memory[order][o] + element * bytes;
  size_t n = 0;
  out[0] = 0;
  for (uint32_t i = bytes < 16 ? bytes : 16; i-- > 0 && n < size;)
    n += (size_t)snprintf(out + n, size - n, "%02x", at[i]);
}

static void report_output(const checker *c, uint32_t o, uint32_t order,
                          vy_diags *diags) {
  const vy_program *p = c->program;
  const vy__param *param = &p->ir.params[c->plan.output_param[o]];
  const uint8_t *a = c->memory[0][o], *b = c->memory[order][o];
  uint64_t i = 0;
  vy__where where = {0};
  char first[40], other[40];
  while (a[i] == b[i])
    i++;
  i /= param->element_size;
  for (uint32_t n = p->note_count; n-- > 0;)
    if (p->notes[n].class == VY_ORDER_DEPENDENT)
      where = vy__where_stmt(&p->ir, p->notes[n].stmt);
  element_text(c, o, 0, i, first, sizeof first);
  element_text(c, o, order, i, other, sizeof other);
  vy__report(diags, &where, VY_SEVERITY_WARNING, VY__E_ORDER_DIFFERS,
             "output '%s' depends on the order of lanes: element %llu is 0x%s "
             "forward and 0x%s %s",
             vy__ir_string(&p->ir, param->name), (ull)i, first, other,
             order == VY_ORDER_REVERSED ? "reversed" : "shuffled");
}

// Where there is a race, that is the cause, and already said.
static void compare(checker *c, vy_diags *diags) {
  for (uint32_t o = 0; o < c->plan.output_count; o++)
    for (uint32_t order = 1; order < ORDERS; order++) {
      if (!memcmp(c->memory[0][o], c->memory[order][o],
                  (size_t)output_size(c, o)))
        continue;
      c->report.order_dependent++;
      if (!c->report.races)
        report_output(c, o, order, diags);
      break;
    }
}

static vy_status check_bound(checker *c, const vy_arg *args, size_t count,
                             vy_check_report *report, vy_diags *diags) {
  set_up(c);
  VY_TRY(bind(c, args, count, diags));
  vy_status s = make_memory(c, diags);
  if (s == VY_OK)
    s = run_all(c, diags);
  if (s == VY_OK)
    compare(c, diags);
  free_memory(c);
  VY_TRY(s);
  if (report)
    VY_TRY(vy__give_struct(report, &c->report, sizeof c->report));
  return c->report.races ? VY_ERROR_CHECK_FAILED : VY_OK;
}

static vy_status check_program(checker *c, const vy_compile_options *o,
                               vy_program *program,
                               const vy_dispatch_options *options,
                               vy_diags *diags) {
  uint64_t bits[VY__MAX_CONSTS];
  VY_TRY(vy__resolve_constants(program, o, bits, diags));
  VY_TRY(vy__fix_constants(program, bits, &c->program, diags));
  if (!vy__plan_init(&c->plan, c->program))
    return vy__fail_oom(diags, "a check");
  return vy__binder_init(&c->binder, &c->plan, NULL, o->flags, options, diags);
}

vy_status vy_check(vy_context *context, vy_program *program,
                   const vy_compile_options *compile, const vy_arg *args,
                   size_t arg_count, const vy_dispatch_options *options,
                   vy_check_report *report, vy_diags *diags) {
  vy_compile_options o;
  vy_check_report taken;
  if (!context || !program)
    return vy__fail_argument(diags, "vy_check: %s is NULL",
                             context ? "program" : "context");
  if (report)
    VY_TRY(vy__take_struct(&taken, sizeof taken, report, "vy_check_report",
                           diags));
  VY_TRY(vy__compile_options(&o, compile, diags));
  checker *c = vy__calloc(&context->alloc, 1, sizeof *c);
  if (!c)
    return vy__fail_oom(diags, "a check");
  c->context = context;
  c->report = (vy_check_report)VY_CHECK_REPORT_INIT;
  vy_status s = check_program(c, &o, program, options, diags);
  if (s == VY_OK)
    s = check_bound(c, args, arg_count, report, diags);
  vy__plan_free(&c->plan);
  vy_program_release(c->program);
  vy__free(&context->alloc, c, sizeof *c);
  return s;
}
