// The object of a program: entries, core, program and kernels laid out as one
// section of code.
#include <elf.h>
#include <stdio.h>

#include "aot/aot.h"
#include "backend/cpu/emit.h"
#include "pipeline/pipeline.h"

enum { PIECE_ALIGN = 64, STACK_SCRATCH = 4096, SYMBOL_SIZE = 640 };

// Symbols of sections, in this order, then what is imported.
enum { ADDRESSES_SYMBOL, ZEROS_SYMBOL };

typedef struct object {
  const vy__aot_job *job;
  vy__elf elf;
  vy__aot_program program;
  uint64_t program_at; // in the code
  vy__aot_names *names;
  char (*symbols)[SYMBOL_SIZE]; // of the entries
  bool needs_helpers, needs_memory;
  vy_diags *diags;
} object;

static uint64_t pad(vy__buf *b, size_t to) {
  while (b->size % to && !b->failed)
    vy__buf_u8(b, 0xcc);
  return b->size;
}

static uint32_t offset(const object *o, uint64_t at) {
  return (uint32_t)(at - o->program_at);
}

// ---- kernels

static vy_status add_kernel(object *o, const vy__emitter *emitter,
                            const vy__lowered *lowered, uint32_t level) {
  vy__kernel_info info;
  uint8_t *blob;
  size_t size;
  vy__emit_job job = {.lowered = lowered,
                      .alloc = o->job->alloc,
                      .flags = o->job->flags,
                      .form = VY__EMIT_BLOB,
                      .isa = level,
                      .optimize = 1};
  VY_TRY(emitter->emit(&job, &blob, &size, &info, o->diags));
  o->program.kernels[level] = offset(o, pad(&o->elf.text, PIECE_ALIGN));
  vy__buf_put(&o->elf.text, blob, size);
  vy__free(o->job->alloc, blob, size);
  o->needs_helpers |= info.helpers != 0;
  o->needs_memory |= info.scratch > STACK_SCRATCH;
  return VY_OK;
}

static vy_status add_kernels(object *o) {
  const vy__emitter *emitter = vy__emitter_get(o->diags);
  if (!emitter)
    return VY_ERROR_DEVICE_UNAVAILABLE;
  vy__lowered lowered;
  VY_TRY(vy__lower(o->job->program, o->job->flags, NULL, &lowered, o->diags));
  vy_status s = VY_OK;
  for (uint32_t i = VY__ISA_SSE4; i <= VY__ISA_AVX512 && s == VY_OK; i++)
    if (o->job->levels >> i & 1)
      s = add_kernel(o, emitter, &lowered, i);
  vy__lowered_free(&lowered);
  return s;
}

// ---- what the core needs to know

static uint32_t put_string(object *o, const char *s) {
  if (!s || !*s)
    return 0;
  uint64_t at = o->elf.text.size;
  vy__buf_put(&o->elf.text, s, strlen(s) + 1);
  return offset(o, at);
}

static const char *memory_name(const vy__ir *ir, const vy__value *v) {
  const uint32_t *names = v->space == VY__SPACE_GROUP     ? ir->group_names
                          : v->space == VY__SPACE_PRIVATE ? ir->private_names
                          : v->space == VY__SPACE_TABLE   ? ir->table_names
                                                          : NULL;
  if (v->space == VY__SPACE_BUFFER || v->space == VY__SPACE_NONE)
    return vy__ir_string(ir, ir->params[v->ref].name);
  return names ? vy__ir_string(ir, names[v->ref]) : "";
}

static vy__aot_place place_of(object *o, const vy__pos *pos) {
  const vy__ir *ir = &o->job->program->ir;
  vy__aot_place p = {.parameter = VY__NONE};
  if (pos && pos->file) {
    p.file = put_string(o, vy__ir_string(ir, ir->files[pos->file - 1]));
    p.line = pos->line;
    p.column = pos->column;
  }
  return p;
}

static void add_access(object *o, uint32_t i, vy__buf *places) {
  const vy__ir *ir = &o->job->program->ir;
  const vy__value *v = &ir->values[i];
  vy__aot_place p = place_of(o, ir->value_pos ? &ir->value_pos[i] : NULL);
  p.kind = VY__FAULT_BOUNDS;
  p.id = i;
  p.memory = put_string(o, memory_name(ir, v));
  if (v->space == VY__SPACE_BUFFER || v->space == VY__SPACE_NONE)
    p.parameter = v->ref;
  vy__buf_put(places, &p, sizeof p);
}

static void add_loop(object *o, uint32_t i, vy__buf *places) {
  const vy__ir *ir = &o->job->program->ir;
  vy__aot_place p = place_of(o, ir->stmt_pos ? &ir->stmt_pos[i] : NULL);
  p.kind = VY__FAULT_BUDGET;
  p.id = i;
  vy__buf_put(places, &p, sizeof p);
}

static void add_places(object *o) {
  const vy__ir *ir = &o->job->program->ir;
  vy__buf places;
  vy__buf_init(&places, o->job->alloc);
  if (o->job->flags & VY_COMPILE_STRICT)
    for (uint32_t i = 0; i < ir->value_count; i++)
      if (vy__op_elements(ir->values[i].op))
        add_access(o, i, &places);
  if (o->job->flags & VY_COMPILE_BUDGETED)
    for (uint32_t i = 0; i < ir->stmt_count; i++)
      if (ir->stmts[i].kind == VY__STMT_FOR ||
          ir->stmts[i].kind == VY__STMT_WHILE)
        add_loop(o, i, &places);
  o->program.places = offset(o, pad(&o->elf.text, 8));
  o->program.place_count = (uint32_t)(places.size / sizeof(vy__aot_place));
  vy__buf_put(&o->elf.text, places.data, places.size);
  o->elf.text.failed |= places.failed;
  vy__buf_free(&places);
}

static uint32_t put_array(object *o, const void *data, size_t size) {
  uint64_t at = pad(&o->elf.text, 8);
  vy__buf_put(&o->elf.text, data, size);
  return offset(o, at);
}

static vy_status add_program(object *o) {
  const vy_program *program = o->job->program;
  const vy__ir *ir = &program->ir;
  vy__aot_program *p = &o->program;
  vy__plan plan;
  if (!vy__plan_init(&plan, program))
    return vy__fail_oom(o->diags, "an object");
  p->param_count = ir->param_count;
  p->uses_groups = ir->uses_groups;
  p->dimensions = ir->dimensions;
  memcpy(p->domain, ir->domain, sizeof p->domain);
  memcpy(p->group_size, program->group_size, sizeof p->group_size);
  p->uses_len = plan.uses_len;
  p->budget = o->job->budget;
  p->size_count = plan.size_count;
  memcpy(p->size_order, plan.size_order, sizeof p->size_order);
  vy__plan_free(&plan);
  o->program_at = pad(&o->elf.text, PIECE_ALIGN);
  vy__buf_put(&o->elf.text, p, sizeof *p); // again when it is complete
  vy__aot_param slots[VY__MAX_PARAMS];
  (void)vy__aot_layout(ir, slots);
  p->params = put_array(o, ir->params, ir->param_count * sizeof *ir->params);
  p->slots = put_array(o, slots, ir->param_count * sizeof *slots);
  p->sizes = put_array(o, ir->sizes, ir->size_count * sizeof *ir->sizes);
  add_places(o);
  return VY_OK;
}

// ---- entries: load what the core takes beside the caller's arguments, and
// go on to it

typedef struct entry {
  uint64_t at;      // in the code
  uint64_t program; // where distances must be set: lea rdx
  uint64_t core;    // jmp
  uint32_t target;  // VY__AOT_CORE_*
} entry;

static void code(object *o, const char *bytes, size_t size) {
  vy__buf_put(&o->elf.text, bytes, size);
}
#define CODE(o, bytes) code(o, bytes, sizeof bytes - 1)

static uint64_t distance(object *o) {
  uint64_t at = o->elf.text.size;
  vy__buf_u32(&o->elf.text, 0);
  return at;
}

static void begin_entry(object *o, entry *e) {
  e->at = pad(&o->elf.text, 16);
  CODE(o, "\xf3\x0f\x1e\xfa"); // endbr64
}

static void end_entry(object *o, entry *e, uint32_t target) {
  CODE(o, "\x48\x8d\x15"); // lea rdx, program
  e->program = distance(o);
  CODE(o, "\xe9"); // jmp core
  e->core = distance(o);
  e->target = target;
}

static void run_entry(object *o, entry *e) {
  begin_entry(o, e);
  CODE(o, "\x48\x8d\x0d"); // lea rcx, imports
  vy__elf_relocate(&o->elf, VY__ELF_TEXT, distance(o), ADDRESSES_SYMBOL,
                   R_X86_64_PC32, -4);
  CODE(o, "\x4c\x8d\x05"); // lea r8, level
  vy__elf_relocate(&o->elf, VY__ELF_TEXT, distance(o), ZEROS_SYMBOL,
                   R_X86_64_PC32, -4);
  end_entry(o, e, VY__AOT_CORE_RUN);
}

static void count_entry(object *o, entry *e, uint32_t param) {
  begin_entry(o, e);
  CODE(o, "\xbe"); // mov esi, param
  vy__buf_u32(&o->elf.text, param);
  end_entry(o, e, VY__AOT_CORE_COUNT);
}

static void set_distance(object *o, uint64_t at, uint64_t to) {
  int32_t d = (int32_t)(int64_t)(to - at - 4);
  if (!o->elf.text.failed)
    memcpy(o->elf.text.data + at, &d, sizeof d);
}

static void name_entry(object *o, const entry *e, uint32_t i,
                       const char *what) {
  snprintf(o->symbols[i], SYMBOL_SIZE, "%.255s_%.352s", o->job->name, what);
  vy__elf_symbol_add(&o->elf, o->symbols[i], VY__ELF_TEXT, e->at,
                     e->core + 4 - e->at);
}

// ---- the whole

static void add_imports(object *o) {
  vy__elf *e = &o->elf;
  e->addresses = sizeof(vy__aot_imports);
  e->zeros = sizeof(uint32_t);
  struct {
    const char *name;
    size_t at;
    bool needed;
  } imports[] = {
      {"vyre_rt_helpers_6", offsetof(vy__aot_imports, helpers),
       o->needs_helpers},
      {"malloc", offsetof(vy__aot_imports, allocate), o->needs_memory},
      {"free", offsetof(vy__aot_imports, release), o->needs_memory}};
  for (uint32_t i = 0; i < VY__COUNT(imports); i++)
    if (imports[i].needed)
      vy__elf_relocate(
          e, VY__ELF_ADDRESSES, imports[i].at,
          vy__elf_symbol_add(e, imports[i].name, VY__ELF_UNDEFINED, 0, 0),
          R_X86_64_64, 0);
}

static vy_status build(object *o) {
  const vy__ir *ir = &o->job->program->ir;
  entry entries[VY__MAX_PARAMS + 1];
  uint32_t params[VY__MAX_PARAMS + 1], count = 1;
  vy__elf_symbol_add(&o->elf, NULL, VY__ELF_ADDRESSES, 0, 0);
  vy__elf_symbol_add(&o->elf, NULL, VY__ELF_ZEROS, 0, 0);
  run_entry(o, &entries[0]);
  for (uint32_t i = 0; i < ir->param_count; i++)
    if (vy__aot_is_counted(&ir->params[i])) {
      params[count] = i;
      count_entry(o, &entries[count++], i);
    }
  uint64_t core = pad(&o->elf.text, PIECE_ALIGN);
  vy__buf_put(&o->elf.text, vy__aot_core, vy__aot_core_size);
  VY_TRY(add_program(o));
  VY_TRY(add_kernels(o));
  for (uint32_t i = 0; i < count; i++) {
    set_distance(o, entries[i].program, o->program_at);
    set_distance(o, entries[i].core, core + entries[i].target);
    name_entry(o, &entries[i], i, i ? o->names->count[params[i]] : "run");
  }
  add_imports(o);
  if (o->elf.text.failed)
    return vy__fail_oom(o->diags, "an object");
  memcpy(o->elf.text.data + o->program_at, &o->program, sizeof o->program);
  return VY_OK;
}

static vy_status make(object *o, vy__buf *out) {
  vy__aot_name(&o->job->program->ir, o->names);
  VY_TRY(build(o));
  vy__elf_write(&o->elf, out);
  return out->failed ? vy__fail_oom(o->diags, "an object") : VY_OK;
}

vy_status vy__aot_object(const vy__aot_job *job, vy__buf *out, bool *needs_rt,
                         vy_diags *diags) {
  const vy_allocator *a = job->alloc;
  vy__arena arena;
  if (!vy__aot_core_size)
    return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                    "this build makes no ahead-of-time objects: it is not for "
                    "x86-64\nFix: use a build for x86-64");
  vy__arena_init(&arena, a);
  object *o = vy__arena_alloc(&arena, sizeof *o);
  if (o) {
    o->names = vy__arena_alloc(&arena, sizeof *o->names);
    o->symbols = vy__arena_alloc(&arena, (VY__MAX_PARAMS + 1) * SYMBOL_SIZE);
  }
  if (!o || !o->names || !o->symbols) {
    vy__arena_free(&arena);
    return vy__fail_oom(diags, "an object");
  }
  o->job = job;
  o->diags = diags;
  vy__buf_init(&o->elf.text, a);
  vy_status s = make(o, out);
  *needs_rt = o->needs_helpers;
  vy__buf_free(&o->elf.text);
  vy__arena_free(&arena);
  return s;
}
