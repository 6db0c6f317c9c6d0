// Running cases: parse, bind, dispatch one way or another, judge. Every
// buffer given to Vyre lies between guard bytes, at odd addresses on the host.
#include "support/case_run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void case_blame(case_running *r, const char *format, ...) {
  if (r->why[0])
    return;
  va_list ap;
  va_start(ap, format);
  size_t n =
      (size_t)snprintf(r->why, r->why_size,
                       "%s (%s, mode %d, order %u, flags %u, threads %u, "
                       "width %u, features %u): ",
                       r->c->name, r->o->device ? r->o->device : "reference",
                       (int)r->o->mode, r->o->lane_order, r->o->flags,
                       r->o->threads, r->o->vector_width, r->o->cpu_features);
  if (n < r->why_size)
    vsnprintf(r->why + n, r->why_size - n, format, ap);
  va_end(ap);
}

case_span case_span_make(const void *data, size_t size) {
  case_span s;
  s.block = malloc(size + 2 * GUARD + 1);
  if (!s.block)
    abort();
  memset(s.block, GUARD_BYTE, size + 2 * GUARD + 1);
  s.data = s.block + GUARD + 1;
  s.size = size;
  if (data && size)
    memcpy(s.data, data, size);
  return s;
}

static const char *pair_find(const case_pairs *p, vy_str name) {
  for (uint32_t i = 0; i < p->count; i++)
    if (strlen(p->at[i].name) == name.size &&
        !memcmp(p->at[i].name, name.data, name.size))
      return p->at[i].values;
  return NULL;
}

// ---- setting up

static void diags_open(case_running *r) {
  r->diags = (vy_diags)VY_DIAGS_INIT;
  r->diags.records = r->records;
  r->diags.capacity = sizeof r->records / sizeof r->records[0];
  r->diags.text = r->text;
  r->diags.text_capacity = sizeof r->text;
}

vy_status case_program(const case_file *c, vy_context *context,
                       vy_program **out, vy_diags *diags) {
  vy_import imports[CASE_MAX_LINES];
  for (uint32_t i = 0; i < c->imports.count; i++) {
    imports[i].name = vy_str_c(c->imports.at[i].name);
    imports[i].text = vy_str_c(c->imports.at[i].values);
  }
  vy_source source = VY_SOURCE_INIT;
  source.name = vy_str_c(c->name);
  source.text.data = c->text;
  source.text.size = c->size;
  source.program = vy_str_c(c->program);
  source.imports = imports;
  source.import_count = c->imports.count;
  return vy_program_parse(context, &source, out, diags);
}

static bool bind_consts(case_running *r) {
  for (uint32_t i = 0; i < r->c->consts.count; i++) {
    const case_pair *pair = &r->c->consts.at[i];
    vy_const_value *v = &r->consts[i];
    memset(v, 0, sizeof *v);
    v->name = vy_str_c(pair->name);
    v->type = VY_TYPE_U32; // of a name that the program lacks
    for (uint32_t k = 0; k < r->info.const_count; k++) {
      vy_const_info info = VY_CONST_INFO_INIT;
      if (vy_program_const(r->program, k, &info) == VY_OK &&
          info.name.size == v->name.size &&
          !memcmp(info.name.data, v->name.data, v->name.size))
        v->type = info.type;
    }
    if (!case_value(pair->values, (vy_type)v->type, &v->bits)) {
      case_blame(r, "bad value for constant %s", pair->name);
      return false;
    }
  }
  return true;
}

static bool read_values(case_running *r, const case_pairs *from,
                        const case_bound *b, case_bytes *out, bool *has) {
  char why[256];
  const char *values = pair_find(from, b->info.name);
  *has = values != NULL;
  if (!values ||
      case_values(values, (vy_type)b->info.type, out, why, sizeof why))
    return true;
  case_blame(r, "%.*s: %s", (int)b->info.name.size, b->info.name.data, why);
  return false;
}

static bool no_strangers(case_running *r, const case_pairs *p) {
  for (uint32_t i = 0; i < p->count; i++) {
    bool found = false;
    for (uint32_t k = 0; k < r->info.param_count; k++)
      found |= pair_find(p, r->params[k].info.name) == p->at[i].values;
    if (!found) {
      case_blame(r, "no parameter %s", p->at[i].name);
      return false;
    }
  }
  return true;
}

// Arguments as host memory; modes change them after.
static bool bind_args(case_running *r) {
  for (uint32_t i = 0; i < r->info.param_count; i++) {
    case_bound *b = &r->params[i];
    b->info = (vy_param_info)VY_PARAM_INFO_INIT;
    if (vy_program_param(r->program, i, &b->info) != VY_OK) {
      case_blame(r, "parameter %u cannot be described", i);
      return false;
    }
    if (!read_values(r, &r->c->ins, b, &b->in, &b->has_in) ||
        !read_values(r, &r->c->outs, b, &b->want, &b->has_want))
      return false;
    if (b->info.access == VY_ACCESS_NONE) {
      uint64_t bits = 0;
      memcpy(&bits, b->in.data ? (void *)b->in.data : (void *)&bits,
             b->in.size < 8 ? b->in.size : 8);
      r->args[i] = vy_arg_bits(VY_ARG_SCALAR, b->info.type, bits, 0, 0);
    } else if (b->info.access == VY_ACCESS_WRITE) {
      const char *n = pair_find(&r->c->lens, b->info.name);
      r->args[i] = n ? vy_arg_length(strtoull(n, NULL, 0)) : vy_arg_none();
    } else if (b->has_in) {
      b->host = case_span_make(b->in.data, b->in.size);
      r->args[i] = vy_arg_host(b->host.data, b->host.size);
    }
  }
  return no_strangers(r, &r->c->ins) && no_strangers(r, &r->c->outs) &&
         no_strangers(r, &r->c->lens) && bind_consts(r);
}

static vy_dispatch_options options_of(const case_file *c, uint32_t flags) {
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  d.label = vy_str_c(c->name);
  d.set_lanes = c->set_lanes;
  d.set_groups = c->set_groups;
  if (c->set_lanes)
    memcpy(d.lanes, c->lanes, sizeof d.lanes);
  if (c->set_groups)
    memcpy(d.groups, c->groups, sizeof d.groups);
  d.iterations = c->iterations;
  d.budget = c->budget                     ? c->budget
             : flags & VY_COMPILE_BUDGETED ? UINT64_C(1) << 40
                                           : 0;
  return d;
}

static vy_compile_options compile_of(case_running *r) {
  vy_compile_options p = VY_COMPILE_OPTIONS_INIT;
  p.flags = r->o->flags;
  if (r->c->strict)
    p.flags |= VY_COMPILE_STRICT;
  if (r->c->budget)
    p.flags |= VY_COMPILE_BUDGETED;
  p.constants = r->consts;
  p.constant_count = r->c->consts.count;
  return p;
}

// The lowered program takes the place of the other; its constants are fixed.
static vy_status lower(case_running *r, vy_compile_options *p) {
  vy_program *lowered = NULL;
  vy_status s = vy_lower(r->program, p, r->o->after, &lowered, &r->diags);
  if (s != VY_OK)
    return s;
  vy_program_release(r->program);
  r->program = lowered;
  p->constants = NULL;
  p->constant_count = 0;
  return vy_program_describe(r->program, &r->info);
}

static vy_status open_all(case_running *r) {
  diags_open(r);
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c(r->o->device ? r->o->device : "reference");
  desc.lane_order = r->o->lane_order;
  desc.order_seed = r->o->order_seed;
  desc.threads = r->o->threads;
  desc.vector_width = r->o->vector_width;
  desc.cpu_features = r->o->cpu_features;
  vy_status s = vy_device_open(r->o->context, &desc, &r->device, &r->diags);
  if (s != VY_OK)
    return s;
  s = case_program(r->c, r->o->context, &r->program, &r->diags);
  if (s != VY_OK)
    return s;
  r->info = (vy_program_info)VY_PROGRAM_INFO_INIT;
  s = vy_program_describe(r->program, &r->info);
  if (s != VY_OK || !bind_args(r))
    return s;
  vy_compile_options p = compile_of(r);
  if (r->o->lowered && (s = lower(r, &p)) != VY_OK)
    return s;
  return vy_compile(r->device, r->program, &p, &r->pipeline, &r->diags);
}

// ---- modes

static vy_status make_outputs(case_running *r, uint32_t items) {
  for (uint32_t k = 0; k < items; k++) {
    vy_status s = vy_outputs_create(r->o->context, r->info.output_count,
                                    &r->outputs[k], &r->diags);
    if (s != VY_OK)
      return s;
  }
  return VY_OK;
}

// Caller's memory for the slots of outputs whose returned size is known.
static vy_status make_slots(case_running *r, bool in_place) {
  for (uint32_t i = 0; i < r->info.param_count; i++) {
    case_bound *b = &r->params[i];
    if (!b->info.output || b->info.has_readback)
      continue;
    bool update = b->info.access == VY_ACCESS_UPDATE;
    if (update ? !b->has_in : !b->has_want)
      continue;
    case_span *s = &b->slot[0];
    if (in_place && update)
      s = &b->host;
    else
      *s = case_span_make(NULL, update ? b->in.size : b->want.size);
    vy_status st = vy_outputs_set(r->outputs[0], b->info.output_index,
                                  VY_SLOT_MEMORY, s->data, s->size);
    if (st != VY_OK)
      return st;
  }
  return VY_OK;
}

// Garbage first: a `write` range must be zeroed by the dispatch.
static vy_status make_resident(case_running *r) {
  for (uint32_t i = 0; i < r->info.param_count; i++) {
    case_bound *b = &r->params[i];
    if (b->info.access == VY_ACCESS_NONE)
      continue;
    bool in = b->info.access != VY_ACCESS_WRITE;
    if (in ? !b->has_in : !b->has_want || b->info.has_readback)
      continue;
    b->size = in ? b->in.size : b->want.size;
    vy_status s =
        vy_buffer_create(r->device, b->size + 2 * GUARD, &b->buffer, &r->diags);
    if (s == VY_OK)
      s = vy_buffer_fill(r->device, b->buffer, 0, b->size + 2 * GUARD,
                         GUARD_BYTE, &r->diags);
    if (s == VY_OK && in && b->size) {
      vy_transfer t = {b->buffer, GUARD, b->size, b->in.data};
      s = vy_buffer_upload(r->device, &t, 1, &r->diags);
    }
    if (s != VY_OK)
      return s;
    r->args[i] = vy_arg_range(b->buffer, GUARD, b->size);
  }
  return VY_OK;
}

static vy_status call(case_running *r) {
  vy_dispatch_options d = options_of(r->c, r->o->flags);
  uint32_t n = r->info.param_count;
  bool batch = r->o->mode == CASE_BATCH;
  vy_status s = make_outputs(r, batch ? BATCH : 1);
  if (s == VY_OK && (r->o->mode == CASE_MEMORY || r->o->mode == CASE_IN_PLACE))
    s = make_slots(r, r->o->mode == CASE_IN_PLACE);
  if (s == VY_OK && r->o->mode == CASE_RESIDENT)
    s = make_resident(r);
  if (s != VY_OK)
    return s;
  if (batch) {
    vy_item items[BATCH];
    for (uint32_t k = 0; k < BATCH; k++) {
      memcpy(r->item_args[k], r->args, sizeof r->args);
      items[k] = (vy_item){r->item_args[k], n, r->outputs[k]};
    }
    return vy_dispatch_batch(r->pipeline, items, BATCH, &d, NULL, &r->diags);
  }
  if (r->o->mode != CASE_PREPARED)
    return vy_dispatch(r->pipeline, r->args, n, &d, r->outputs[0], NULL,
                       &r->diags);
  s = vy_prepare(r->pipeline, r->args, n, &d, r->outputs[0], &r->prepared,
                 &r->diags);
  for (int k = 0; s == VY_OK && k < 2; k++)
    s = vy_prepared_run(r->prepared, NULL, &r->diags);
  return s;
}

static void close_all(case_running *r) {
  for (uint32_t i = 0; i < MAX_PARAMS; i++) {
    case_bound *b = &r->params[i];
    if (b->buffer.id) {
      vy_status s = vy_buffer_free(r->device, b->buffer, &r->diags);
      if (s != VY_OK)
        case_blame(r, "freeing a buffer: %s", vy_status_name(s));
    }
  }
  vy_prepared_release(r->prepared);
  for (uint32_t k = 0; k < BATCH; k++)
    vy_outputs_release(r->outputs[k]);
  vy_pipeline_release(r->pipeline);
  vy_program_release(r->program);
  vy_device_release(r->device);
  for (uint32_t i = 0; i < MAX_PARAMS; i++) {
    case_bound *b = &r->params[i];
    free(b->in.data);
    free(b->want.data);
    free(b->host.block);
    free(b->slot[0].block);
  }
  free(r);
}

static case_running *run_open(const case_file *c, const case_options *o,
                              char *why, size_t why_size) {
  case_running *r = calloc(1, sizeof *r);
  if (!r)
    abort();
  r->c = c;
  r->o = o;
  r->why = why;
  r->why_size = why_size;
  why[0] = 0;
  return r;
}

vy_status case_run(const case_file *c, const case_options *o, char *why,
                   size_t why_size) {
  case_running *r = run_open(c, o, why, why_size);
  vy_status s = open_all(r);
  if (s == VY_OK && !why[0])
    s = call(r);
  if (!why[0]) {
    case_judge_status(r, s);
    if (s == VY_OK && !why[0])
      s = case_judge_outputs(r);
    case_judge_guards(r);
  }
  close_all(r);
  return s;
}

vy_status case_check(const case_file *c, vy_context *context, char *why,
                     size_t why_size) {
  case_options o = {.context = context};
  case_running *r = run_open(c, &o, why, why_size);
  vy_status s = open_all(r);
  if (s == VY_OK && !why[0]) {
    vy_check_report report = VY_CHECK_REPORT_INIT;
    vy_compile_options p = compile_of(r);
    vy_dispatch_options d = options_of(c, 0);
    s = vy_check(context, r->program, &p, r->args, r->info.param_count, &d,
                 &report, &r->diags);
    if ((s == VY_ERROR_CHECK_FAILED) != (report.races != 0))
      case_blame(r, "%s with %llu races", vy_status_name(s),
                 (unsigned long long)report.races);
    // A case that must fail may fail here too, in the same way.
    case_judge_codes(r, c->errors.count && s != VY_OK ? &c->errors : &c->races,
                     VY_SEVERITY_ERROR);
    if (c->clean || c->races.count || c->warnings.count)
      case_judge_codes(r, &c->warnings, VY_SEVERITY_WARNING);
  } else {
    case_judge_status(r, s);
  }
  case_judge_guards(r);
  close_all(r);
  return s;
}
