// Running cases: parse, bind, dispatch one way or another, judge. Every
// buffer given to Vyre lies between guard bytes, at odd addresses on the host.
#include "support/case.h"
#include "support/case_values.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 256, GUARD_BYTE = 0xA5, MAX_PARAMS = 64, BATCH = 3 };

// Host memory between guards; data is at an odd address.
typedef struct span {
  unsigned char *block, *data;
  size_t size;
} span;

typedef struct bound {
  vy_param_info info;
  case_bytes in;   // scalar or contents
  case_bytes want; // an `out` line
  bool has_in, has_want;
  span host;        // a copy of `in`, given to Vyre
  span slot[BATCH]; // caller's slots
  vy_buffer buffer; // resident, GUARD bytes larger at both ends
  uint64_t size;    // resident bytes
} bound;

typedef struct run {
  const case_file *c;
  const case_options *o;
  char *why;
  size_t why_size;
  vy_device *device;
  vy_program *program;
  vy_pipeline *pipeline;
  vy_outputs *outputs[BATCH];
  vy_prepared *prepared;
  vy_program_info info;
  bound params[MAX_PARAMS];
  vy_arg args[MAX_PARAMS];
  vy_arg item_args[BATCH][MAX_PARAMS];
  vy_const_value consts[CASE_MAX_LINES];
  vy_diags diags;
  vy_diag records[32];
  char text[16384];
} run;

static void blame(run *r, const char *format, ...) {
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

static span span_make(const void *data, size_t size) {
  span s;
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

static bool guards_whole(const unsigned char *block, size_t lead, size_t size) {
  for (size_t i = 0; i < lead; i++)
    if (block[i] != GUARD_BYTE)
      return false;
  for (size_t i = 0; i < GUARD; i++)
    if (block[lead + size + i] != GUARD_BYTE)
      return false;
  return true;
}

static bool span_whole(const span *s) {
  return !s->block || guards_whole(s->block, GUARD + 1, s->size);
}

static const char *pair_find(const case_pairs *p, vy_str name) {
  for (uint32_t i = 0; i < p->count; i++)
    if (strlen(p->at[i].name) == name.size &&
        !memcmp(p->at[i].name, name.data, name.size))
      return p->at[i].values;
  return NULL;
}

// ---- setting up

static void diags_open(run *r) {
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

static bool bind_consts(run *r) {
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
      blame(r, "bad value for constant %s", pair->name);
      return false;
    }
  }
  return true;
}

static bool read_values(run *r, const case_pairs *from, const bound *b,
                        case_bytes *out, bool *has) {
  char why[256];
  const char *values = pair_find(from, b->info.name);
  *has = values != NULL;
  if (!values ||
      case_values(values, (vy_type)b->info.type, out, why, sizeof why))
    return true;
  blame(r, "%.*s: %s", (int)b->info.name.size, b->info.name.data, why);
  return false;
}

static bool no_strangers(run *r, const case_pairs *p) {
  for (uint32_t i = 0; i < p->count; i++) {
    bool found = false;
    for (uint32_t k = 0; k < r->info.param_count; k++)
      found |= pair_find(p, r->params[k].info.name) == p->at[i].values;
    if (!found) {
      blame(r, "no parameter %s", p->at[i].name);
      return false;
    }
  }
  return true;
}

// Arguments as host memory; modes change them after.
static bool bind_args(run *r) {
  for (uint32_t i = 0; i < r->info.param_count; i++) {
    bound *b = &r->params[i];
    b->info = (vy_param_info)VY_PARAM_INFO_INIT;
    if (vy_program_param(r->program, i, &b->info) != VY_OK) {
      blame(r, "parameter %u cannot be described", i);
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
      b->host = span_make(b->in.data, b->in.size);
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

static vy_compile_options compile_of(run *r) {
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
static vy_status lower(run *r, vy_compile_options *p) {
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

static vy_status open_all(run *r) {
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

static vy_status make_outputs(run *r, uint32_t items) {
  for (uint32_t k = 0; k < items; k++) {
    vy_status s = vy_outputs_create(r->o->context, r->info.output_count,
                                    &r->outputs[k], &r->diags);
    if (s != VY_OK)
      return s;
  }
  return VY_OK;
}

// Caller's memory for the slots of outputs whose returned size is known.
static vy_status make_slots(run *r, bool in_place) {
  for (uint32_t i = 0; i < r->info.param_count; i++) {
    bound *b = &r->params[i];
    if (!b->info.output || b->info.has_readback)
      continue;
    bool update = b->info.access == VY_ACCESS_UPDATE;
    if (update ? !b->has_in : !b->has_want)
      continue;
    span *s = &b->slot[0];
    if (in_place && update)
      s = &b->host;
    else
      *s = span_make(NULL, update ? b->in.size : b->want.size);
    vy_status st = vy_outputs_set(r->outputs[0], b->info.output_index,
                                  VY_SLOT_MEMORY, s->data, s->size);
    if (st != VY_OK)
      return st;
  }
  return VY_OK;
}

// Garbage first: a `write` range must be zeroed by the dispatch.
static vy_status make_resident(run *r) {
  for (uint32_t i = 0; i < r->info.param_count; i++) {
    bound *b = &r->params[i];
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

static vy_status call(run *r) {
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

// ---- judging

static void compare(run *r, const bound *b, const void *got, uint64_t size) {
  if (!b->has_want || r->c->racy)
    return;
  if (size != b->want.size) {
    blame(r, "%.*s: %llu bytes returned, %zu expected", (int)b->info.name.size,
          b->info.name.data, (unsigned long long)size, b->want.size);
    return;
  }
  const unsigned char *g = got;
  uint32_t step = b->info.type ? vy_type_size((vy_type)b->info.type) : 1;
  for (size_t i = 0; i + step <= size; i += step)
    if (memcmp(g + i, b->want.data + i, step)) {
      uint64_t have = 0, want = 0;
      memcpy(&have, g + i, step);
      memcpy(&want, b->want.data + i, step);
      blame(r, "%.*s: at byte %zu (element %zu): bits %llx, expected %llx",
            (int)b->info.name.size, b->info.name.data, i,
            i / (b->info.element_size ? b->info.element_size : 1),
            (unsigned long long)have, (unsigned long long)want);
      return;
    }
}

static vy_status judge_resident(run *r, bound *b) {
  size_t all = (size_t)b->size + 2 * GUARD;
  span got = span_make(NULL, all);
  vy_transfer t = {b->buffer, 0, all, got.data};
  vy_status s = vy_buffer_download(r->device, &t, 1, &r->diags);
  if (s == VY_OK && !guards_whole(got.data, GUARD, (size_t)b->size))
    blame(r, "%.*s: bytes outside the resident range were written",
          (int)b->info.name.size, b->info.name.data);
  if (s == VY_OK && b->info.output && !b->info.has_readback)
    compare(r, b, got.data + GUARD, b->size);
  if (s == VY_OK && !b->info.output &&
      memcmp(got.data + GUARD, b->in.data, (size_t)b->size))
    blame(r, "%.*s: a resident `read` buffer changed", (int)b->info.name.size,
          b->info.name.data);
  free(got.block);
  return s;
}

static vy_status judge_outputs(run *r) {
  for (uint32_t i = 0; i < r->info.param_count; i++) {
    bound *b = &r->params[i];
    if (b->buffer.id) {
      vy_status s = judge_resident(r, b);
      if (s != VY_OK)
        return s;
    } else if (b->info.output) {
      for (uint32_t k = 0; k < BATCH && r->outputs[k]; k++)
        compare(r, b, vy_outputs_data(r->outputs[k], b->info.output_index),
                vy_outputs_size(r->outputs[k], b->info.output_index));
    }
  }
  return VY_OK;
}

static void judge_guards(run *r) {
  for (uint32_t i = 0; i < r->info.param_count && i < MAX_PARAMS; i++) {
    const bound *b = &r->params[i];
    if (!span_whole(&b->host) || !span_whole(&b->slot[0]))
      blame(r, "%.*s: guard bytes were written", (int)b->info.name.size,
            b->info.name.data);
    bool in_place = r->o->mode == CASE_IN_PLACE && b->info.output;
    if (b->host.block && !in_place &&
        memcmp(b->host.data, b->in.data, b->in.size))
      blame(r, "%.*s: the input was written", (int)b->info.name.size,
            b->info.name.data);
  }
}

// Exactly the codes of `want` are among the records of that severity.
static void judge_codes(run *r, const case_codes *want, uint32_t severity) {
  bool seen[CASE_MAX_CODES] = {false};
  for (uint32_t i = 0; i < r->diags.count; i++) {
    const vy_diag *d = &r->records[i];
    bool found = false;
    if (d->severity != severity)
      continue;
    for (uint32_t k = 0; k < want->count; k++)
      if (want->at[k] == d->code)
        found = seen[k] = true;
    if (!found) {
      char text[1024];
      vy_diag_format(d, text, sizeof text);
      blame(r, "not expected: %s", text);
    }
  }
  for (uint32_t k = 0; k < want->count; k++)
    if (!seen[k])
      blame(r, "VY%04u expected, not reported", want->at[k]);
}

static void judge_status(run *r, vy_status s) {
  case_codes want = r->c->errors;
  uint32_t flags = r->o->flags | (r->c->strict ? VY_COMPILE_STRICT : 0u);
  if (!want.count && r->c->bounds && flags & VY_COMPILE_STRICT)
    want.at[want.count++] = 700;
  if (want.count && s == VY_OK)
    blame(r, "VY%04u expected, but it ran", want.at[0]);
  if (s != VY_OK && !r->diags.errors)
    blame(r, "%s without a diagnostic", vy_status_name(s));
  judge_codes(r, &want, VY_SEVERITY_ERROR);
}

static void close_all(run *r) {
  for (uint32_t i = 0; i < MAX_PARAMS; i++) {
    bound *b = &r->params[i];
    if (b->buffer.id) {
      vy_status s = vy_buffer_free(r->device, b->buffer, &r->diags);
      if (s != VY_OK)
        blame(r, "freeing a buffer: %s", vy_status_name(s));
    }
  }
  vy_prepared_release(r->prepared);
  for (uint32_t k = 0; k < BATCH; k++)
    vy_outputs_release(r->outputs[k]);
  vy_pipeline_release(r->pipeline);
  vy_program_release(r->program);
  vy_device_release(r->device);
  for (uint32_t i = 0; i < MAX_PARAMS; i++) {
    bound *b = &r->params[i];
    free(b->in.data);
    free(b->want.data);
    free(b->host.block);
    free(b->slot[0].block);
  }
  free(r);
}

static run *run_open(const case_file *c, const case_options *o, char *why,
                     size_t why_size) {
  run *r = calloc(1, sizeof *r);
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
  run *r = run_open(c, o, why, why_size);
  vy_status s = open_all(r);
  if (s == VY_OK && !why[0])
    s = call(r);
  if (!why[0]) {
    judge_status(r, s);
    if (s == VY_OK && !why[0])
      s = judge_outputs(r);
    judge_guards(r);
  }
  close_all(r);
  return s;
}

vy_status case_check(const case_file *c, vy_context *context, char *why,
                     size_t why_size) {
  case_options o = {.context = context};
  run *r = run_open(c, &o, why, why_size);
  vy_status s = open_all(r);
  if (s == VY_OK && !why[0]) {
    vy_check_report report = VY_CHECK_REPORT_INIT;
    vy_compile_options p = compile_of(r);
    vy_dispatch_options d = options_of(c, 0);
    s = vy_check(context, r->program, &p, r->args, r->info.param_count, &d,
                 &report, &r->diags);
    if ((s == VY_ERROR_CHECK_FAILED) != (report.races != 0))
      blame(r, "%s with %llu races", vy_status_name(s),
            (unsigned long long)report.races);
    // A case that must fail may fail here too, in the same way.
    judge_codes(r, c->errors.count && s != VY_OK ? &c->errors : &c->races,
                VY_SEVERITY_ERROR);
    if (c->clean || c->races.count || c->warnings.count)
      judge_codes(r, &c->warnings, VY_SEVERITY_WARNING);
  } else {
    judge_status(r, s);
  }
  judge_guards(r);
  close_all(r);
  return s;
}
