// Arguments for a random program, from a seed, and one run on them.
#include <stdlib.h>
#include <string.h>

#include "support/numbers.h"
#include "support/random_program.h"
#include "validate/validate.h"

enum { LONGEST = 97 };

// `first`: there is no other of that type before.
static uint64_t scalar_bits(uint32_t type, bool first, uint64_t *rng) {
  uint64_t v = numbers_next(rng), small = v >> 40 & 63;
  switch ((vy_type)type) {
  case VY_TYPE_U32: // also the number of lanes, or of rows of them
    if (!first)
      return small & 15;
    return v & 7 ? small : v >> 40 & 511;
  case VY_TYPE_I32:
    return v & 1 ? (uint32_t)(small - 20) : (uint32_t)v;
  case VY_TYPE_U64:
    return v & 1 ? small : v;
  case VY_TYPE_F32:
    return numbers_float(23, 8, v & 1 ? 4 : 127, rng);
  default:
    return numbers_float(52, 11, v & 1 ? 4 : 1023, rng);
  }
}

// Small numbers among the elements, so that they serve as indices.
static void fill(uint8_t *p, uint64_t count, uint32_t size, uint64_t *rng) {
  for (uint64_t i = 0; i < count; i++) {
    uint64_t v = numbers_next(rng);
    if (v & 1)
      v = v >> 50 & 31;
    for (uint32_t k = 0; k < size; k++)
      p[i * size + k] = (uint8_t)(k < 8 ? v >> 8 * k : 0);
  }
}

// Often what whole groups or vectors of lanes come to, or one beside it.
static uint64_t some_length(uint64_t *rng) {
  static const uint64_t ends[] = {1, 4, 16, 32, 48, 64, 96, 128, 144, 192};
  uint64_t v = numbers_next(rng), kind = v >> 60;
  if (kind < 2)
    return v % (8 * LONGEST);
  if (kind < 6)
    return ends[v % (sizeof ends / sizeof *ends)] + (v >> 32) % 3 - 1;
  return v % LONGEST;
}

// What a dispatch measures, as far as it is made.
typedef struct measures {
  uint64_t scalars[RANDOM_PARAMS], lengths[RANDOM_PARAMS];
} measures;

static bool some_scalar(random_arguments *a, uint32_t i, uint32_t type,
                        measures *m, uint64_t *rng) {
  bool first = true;
  for (uint32_t k = 0; k < i; k++)
    first =
        first && !(a->args[k].kind == VY_ARG_SCALAR && a->args[k].type == type);
  m->scalars[i] = scalar_bits(type, first, rng);
  a->args[i] = vy_arg_bits(VY_ARG_SCALAR, type, m->scalars[i], 0, 0);
  return true;
}

static bool argument(const vy_program *program, uint32_t i, random_arguments *a,
                     measures *m, uint64_t *rng) {
  vy_param_info info = VY_PARAM_INFO_INIT;
  if (vy_program_param(program, i, &info) != VY_OK)
    return false;
  a->outputs += info.output;
  if (info.access == VY_ACCESS_NONE)
    return some_scalar(a, i, info.type, m, rng);
  uint64_t length = some_length(rng);
  const vy__size_env env = {.scalars = m->scalars, .lengths = m->lengths};
  if (info.sized && vy__size_eval(&program->ir, program->ir.params[i].length,
                                  &env, &length) != VY__SIZE_OK)
    return false;
  m->lengths[i] = length;
  if (info.access == VY_ACCESS_WRITE) {
    a->args[i] = info.sized ? vy_arg_none() : vy_arg_length(length);
    return true;
  }
  uint64_t size = length * info.element_size;
  a->memory[i] = malloc(size + 1);
  if (!a->memory[i])
    return false;
  fill(a->memory[i], length, info.element_size, rng);
  a->args[i] = vy_arg_host(a->memory[i], size);
  return true;
}

bool random_arguments_make(const vy_program *program, uint64_t seed,
                           random_arguments *out) {
  uint64_t rng = seed ^ 0xa46;
  vy_program_info info = VY_PROGRAM_INFO_INIT;
  measures m = {{0}, {0}};
  memset(out, 0, sizeof *out);
  if (vy_program_describe(program, &info) != VY_OK ||
      info.param_count > RANDOM_PARAMS)
    return false;
  out->count = info.param_count;
  bool ok = true;
  for (uint32_t i = 0; ok && i < out->count; i++)
    ok = argument(program, i, out, &m, &rng);
  return ok;
}

void random_arguments_free(random_arguments *a) {
  for (uint32_t i = 0; i < RANDOM_PARAMS; i++)
    free(a->memory[i]);
}

static void take_outputs(const vy_outputs *outputs, random_result *r) {
  for (uint32_t i = 0; i < vy_outputs_count(outputs); i++)
    r->size += vy_outputs_size(outputs, i);
  r->bytes = malloc(r->size + 1);
  if (!r->bytes)
    abort();
  size_t at = 0;
  for (uint32_t i = 0; i < vy_outputs_count(outputs); i++) {
    size_t size = vy_outputs_size(outputs, i);
    if (size)
      memcpy(r->bytes + at, vy_outputs_data(outputs, i), size);
    at += size;
  }
}

static vy_status dispatch(vy_device *device, vy_program *program,
                          const random_arguments *a, vy_outputs *outputs,
                          uint32_t flags, uint64_t budget, vy_diags *diags) {
  vy_compile_options compile = VY_COMPILE_OPTIONS_INIT;
  compile.flags = flags;
  vy_pipeline *pipeline = NULL;
  vy_status s = vy_compile(device, program, &compile, &pipeline, diags);
  if (s != VY_OK)
    return s;
  vy_dispatch_options options = VY_DISPATCH_OPTIONS_INIT;
  options.budget = budget;
  s = vy_dispatch(pipeline, a->args, a->count, &options, outputs, NULL, diags);
  vy_pipeline_release(pipeline);
  return s;
}

random_result random_run(vy_device *device, vy_program *program, uint64_t seed,
                         uint32_t flags, uint64_t budget) {
  random_result r = {.status = VY_ERROR_INVALID_ARGUMENT};
  random_arguments a;
  vy_context *context = NULL;
  vy_outputs *outputs = NULL;
  const bool ok = random_arguments_make(program, seed, &a);
  vy_diag record;
  vy_diags diags = VY_DIAGS_INIT;
  diags.records = &record;
  diags.capacity = 1;
  diags.text = r.message;
  diags.text_capacity = sizeof r.message - 1;
  if (ok && vy_context_create(NULL, &context, NULL) == VY_OK &&
      vy_outputs_create(context, a.outputs, &outputs, NULL) == VY_OK) {
    r.status = dispatch(device, program, &a, outputs, flags, budget, &diags);
    char text[sizeof r.message] = "";
    if (diags.count)
      memcpy(text, record.message.data, record.message.size);
    memcpy(r.message, text, sizeof text);
    if (r.status == VY_OK)
      take_outputs(outputs, &r);
  }
  vy_outputs_release(outputs);
  vy_context_release(context);
  random_arguments_free(&a);
  return r;
}

void random_result_free(random_result *r) {
  free(r->bytes);
  memset(r, 0, sizeof *r);
}

bool random_same(const random_result *a, const random_result *b) {
  return a->status == b->status && !strcmp(a->message, b->message) &&
         a->size == b->size &&
         (!a->size || !memcmp(a->bytes, b->bytes, a->size));
}
