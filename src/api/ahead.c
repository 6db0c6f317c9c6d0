// Ahead-of-time compilation: options, then what src/aot makes of a program.
#include "aot/aot.h"
#include "pipeline/pipeline.h"

struct vy_ahead {
  vy_context *context; // retained
  vy__buf object, header;
};

static bool is_identifier(const char *s) {
  for (const char *c = s; *c; c++)
    if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c == '_' ||
          (c > s && *c >= '0' && *c <= '9')))
      return false;
  return *s && !vy__aot_is_reserved(s);
}

static vy_status check(const vy_ahead_options *o, vy_diags *diags) {
  enum {
    LEVELS = 1 << VY_CPU_FEATURES_BASELINE | 1 << VY_CPU_FEATURES_AVX2 |
             1 << VY_CPU_FEATURES_AVX512
  };
  if (o->levels & ~(uint32_t)LEVELS)
    return vy__fail_argument(diags,
                             "vy_ahead_options: levels is 0x%x; at most 0x%x",
                             o->levels, LEVELS);
  if (o->budget && !(o->flags & VY_COMPILE_BUDGETED))
    return vy__fail(diags, NULL, VY__E_BUDGET_OPTION,
                    "budget is %llu, and VY_COMPILE_BUDGETED is not among the "
                    "flags",
                    (unsigned long long)o->budget);
  if ((!o->name.data && o->name.size) || (!o->file.data && o->file.size))
    return vy__fail_argument(diags,
                             "vy_ahead_options: a string is NULL with a size");
  return VY_OK;
}

// Copies of the strings, zero-terminated, in the arena.
static vy_status take_names(const vy_ahead_options *o, vy__arena *arena,
                            vy__aot_job *job, vy_diags *diags) {
  const vy__ir *ir = &job->program->ir;
  vy_str name = o->name.size ? o->name : vy_str_c(vy__ir_string(ir, ir->name));
  vy_str file = o->file.size ? o->file : vy_str_c("a program text");
  job->name = vy__arena_str(arena, name.data, name.size);
  char *text = vy__arena_str(arena, file.data, file.size);
  if (!job->name || !text)
    return vy__fail_oom(diags, "an object");
  for (char *c = text; *c; c++) // stays in its comment
    if ((unsigned char)*c < ' ' || *c == '\\')
      *c = '?';
  job->file = text;
  if (!is_identifier(job->name) || strlen(job->name) > VY__MAX_NAME)
    return vy__fail_argument(
        diags, "vy_ahead_options: '%.64s' is no name in C\nFix: give a name",
        job->name);
  return VY_OK;
}

static vy_status make(vy_program *fixed, const vy_ahead_options *o,
                      vy_ahead *ahead, vy_diags *diags) {
  enum {
    ALL = 1 << VY__ISA_SSE4 | 1 << VY__ISA_AVX2 | 1 << VY__ISA_AVX512,
  };
  const vy_allocator *a = &ahead->context->alloc;
  vy__arena arena;
  vy__arena_init(&arena, a);
  vy__aot_job job = {.program = fixed,
                     .alloc = a,
                     .flags = o->flags,
                     .levels = o->levels ? o->levels : ALL,
                     .budget = o->budget};
  bool needs_rt = false;
  vy_status s = take_names(o, &arena, &job, diags);
  if (s == VY_OK)
    s = vy__aot_object(&job, &ahead->object, &needs_rt, diags);
  if (s == VY_OK && !vy__aot_header(&job, needs_rt, &ahead->header))
    s = vy__fail_oom(diags, "a header");
  vy__arena_free(&arena);
  return s;
}

static vy_status fix(vy_program *program, const vy_ahead_options *o,
                     vy_program **fixed, vy_diags *diags) {
  uint64_t bits[VY__MAX_CONSTS];
  vy_compile_options given = VY_COMPILE_OPTIONS_INIT, options;
  given.flags = o->flags;
  given.constants = o->constants;
  given.constant_count = o->constant_count;
  VY_TRY(vy__compile_options(&options, &given, diags));
  VY_TRY(vy__resolve_constants(program, &options, bits, diags));
  return vy__fix_constants(program, bits, fixed, diags);
}

vy_status vy_compile_ahead(vy_program *program, const vy_ahead_options *options,
                           vy_ahead **out, vy_diags *diags) {
  vy_ahead_options o = VY_AHEAD_OPTIONS_INIT;
  if (!program || !out)
    return vy__fail_argument(diags, "vy_compile_ahead: %s is NULL",
                             program ? "out" : "program");
  if (options)
    VY_TRY(vy__take_struct(&o, sizeof o, options, "vy_ahead_options", diags));
  VY_TRY(check(&o, diags));
  vy_program *fixed;
  VY_TRY(fix(program, &o, &fixed, diags));
  const vy_allocator *a = &program->context->alloc;
  vy_ahead *ahead = vy__calloc(a, 1, sizeof *ahead);
  vy_status s = VY_OK;
  if (!ahead) {
    s = vy__fail_oom(diags, "an object");
  } else {
    ahead->context = vy_context_retain(program->context);
    vy__buf_init(&ahead->object, a);
    vy__buf_init(&ahead->header, a);
    s = make(fixed, &o, ahead, diags);
  }
  vy_program_release(fixed);
  if (s == VY_OK)
    *out = ahead;
  else
    vy_ahead_release(ahead);
  return s;
}

void vy_ahead_release(vy_ahead *ahead) {
  if (!ahead)
    return;
  vy_context *c = ahead->context;
  vy__buf_free(&ahead->object);
  vy__buf_free(&ahead->header);
  vy__free(&c->alloc, ahead, sizeof *ahead);
  vy_context_release(c);
}

const void *vy_ahead_object(const vy_ahead *ahead, size_t *size) {
  if (size)
    *size = ahead ? ahead->object.size : 0;
  return ahead ? ahead->object.data : NULL;
}

vy_str vy_ahead_header(const vy_ahead *ahead) {
  vy_str none = {NULL, 0};
  return ahead ? (vy_str){ahead->header.data, ahead->header.size} : none;
}
