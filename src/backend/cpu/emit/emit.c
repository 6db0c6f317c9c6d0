// The module's door: one program to one form of machine code. Each emission
// has an LLVM context of its own, so that any number may run at once.
#include <llvm-c/Analysis.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdio.h>

#include "backend/cpu/emit/emitter.h"
#include "semantics/semantics.h"

// What LLVM does beyond src/lower: stack slots to registers, and what that
// opens up. No loop is unrolled or vectorised: lanes are vectors already.
#define PASSES_WITH(LOOPS)                                                     \
  "function(sroa,early-cse,instcombine<max-iterations=1;no-verify-fixpoint>,"  \
  "simplifycfg,loop-mssa(licm<allowspeculation>" LOOPS "),"                    \
  "early-cse<memssa>,instsimplify,dce)"
static const char PASSES[] = PASSES_WITH("");
// Loops over single lanes, once with locks and once without.
static const char PASSES_APART[] =
    PASSES_WITH(",simple-loop-unswitch<nontrivial>");

enum { MOST_LANES = 32 }; // of a vector of values

typedef struct target_row {
  const char *cpu, *features, *vectors;
  uint8_t width, narrow; // lanes, by default and for values of 64 bits
} target_row;

// By vy__kernel_isa.
static const target_row targets[] = {
    [VY__ISA_SSE4] = {"x86-64-v2", "", "128", 4, 4},
    [VY__ISA_AVX2] = {"x86-64-v3", "", "256", 8, 8},
    [VY__ISA_AVX512] = {"x86-64-v4", "-prefer-256-bit", "512", 16, 16},
};

static void start_llvm(void) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
}

static vy_status trouble(vy_diags *diags, const char *what, char *text) {
  vy_status s =
      vy__fail(diags, NULL, VY__E_UNSUPPORTED, "the code generator: %s: %.200s",
               what, text ? text : "no reason given");
  LLVMDisposeMessage(text);
  return s;
}

// ---- the parts of an emission

static void add_attribute(vy__emit *e, LLVMValueRef fn, const char *key,
                          const char *value) {
  LLVMAttributeRef a = LLVMCreateStringAttribute(
      e->context, key, (unsigned)strlen(key), value, (unsigned)strlen(value));
  LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex, a);
}

static void add_flag(vy__emit *e, LLVMValueRef fn, const char *name) {
  unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
  LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex,
                          LLVMCreateEnumAttribute(e->context, kind, 0));
}

void vy__emit_attributes(vy__emit *e, LLVMValueRef function, bool aside) {
  const target_row *t = &targets[e->isa];
  add_attribute(e, function, "target-cpu", t->cpu);
  if (t->features[0])
    add_attribute(e, function, "target-features", t->features);
  add_attribute(e, function, "prefer-vector-width", t->vectors);
  add_attribute(e, function, "min-legal-vector-width", t->vectors);
  add_attribute(e, function, "no-builtins", "");
  add_flag(e, function, "nounwind");
  if (!aside) {
    LLVMSetVisibility(function, LLVMHiddenVisibility);
    return;
  }
  add_flag(e, function, "noinline");
  add_flag(e, function, "cold");
  LLVMSetLinkage(function, LLVMInternalLinkage);
}

static vy_status make_machine(vy__emit *e) {
  const target_row *t = &targets[e->isa];
  LLVMTargetRef target;
  char *text = NULL, *triple = LLVMGetDefaultTargetTriple();
  if (LLVMGetTargetFromTriple(triple, &target, &text)) {
    LLVMDisposeMessage(triple);
    return trouble(e->diags, "no target", text);
  }
  e->machine = LLVMCreateTargetMachine(target, triple, t->cpu, t->features,
                                       LLVMCodeGenLevelDefault, LLVMRelocPIC,
                                       LLVMCodeModelSmall);
  LLVMSetTarget(e->module, triple);
  LLVMDisposeMessage(triple);
  if (!e->machine)
    return trouble(e->diags, "no target machine", NULL);
  LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(e->machine);
  LLVMSetModuleDataLayout(e->module, layout);
  LLVMDisposeTargetData(layout);
  return VY_OK;
}

// Do values of 64 bits outweigh the others?
static bool is_wide(const vy_program *p) {
  uint32_t wide = 0, narrow = 0;
  for (uint32_t i = 0; i < p->ir.value_count; i++) {
    const vy__value *v = &p->ir.values[i];
    vy_type t = (vy_type)v->type;
    if (p->value_uniform[i] || vy__op_row(v->op)->effect == VY__EFFECT_LEAF)
      continue;
    if (vy__op_row(v->op)->sig == VY__SIG_CMP)
      t = (vy_type)p->ir.values[v->a[0]].type;
    if (t == VY_TYPE_I64 || t == VY_TYPE_U64 || t == VY_TYPE_F64)
      wide++;
    else if (t != VY_TYPE_NONE && t != VY_TYPE_BOOL)
      narrow++;
  }
  return wide > narrow;
}

static void choose_shape(vy__emit *e) {
  const target_row *t = &targets[e->isa];
  bool wide = is_wide(e->program);
  e->width = e->job->width ? e->job->width : wide ? t->narrow : t->width;
  vy__abreast abreast =
      e->job->width || e->job->flags ? VY__SOME_ABREAST : vy__lanes_abreast(e);
  if (abreast == VY__MANY_ABREAST)
    e->width = MOST_LANES;
  const uint32_t *g = e->program->group_size;
  // Rows of a group that are as wide as a vector keep their indices even.
  while (!e->job->width && g[1] * g[2] > 1 && e->width > 4 && g[0] % e->width &&
         g[0] % 4 == 0)
    e->width /= 2;
  if ((e->job->flags & VY_COMPILE_BUDGETED) && e->width < 8)
    e->width = 8; // the bits of lanes that have ended fill whole bytes
  if (abreast == VY__ONE_ABREAST)
    e->width = 1;
  if (e->width == 1 && vy__meets(e->program))
    e->width = 4;
  e->mask_bits = e->isa == VY__ISA_AVX512 || e->width == 1 ? 1 : wide ? 64 : 32;
}

static vy_status check(vy__emit *e) {
  char *text = NULL;
  if (LLVMVerifyModule(e->module, LLVMReturnStatusAction, &text))
    return trouble(e->diags, "wrong code", text);
  LLVMDisposeMessage(text);
  return VY_OK;
}

static vy_status optimize(vy__emit *e) {
  LLVMPassBuilderOptionsRef o = LLVMCreatePassBuilderOptions();
  const char *passes = e->width == 1 && e->locks ? PASSES_APART : PASSES;
  LLVMErrorRef error = LLVMRunPasses(e->module, passes, e->machine, o);
  LLVMDisposePassBuilderOptions(o);
  if (!error)
    return VY_OK;
  char *text = LLVMGetErrorMessage(error);
  vy_status s = vy__fail(e->diags, NULL, VY__E_UNSUPPORTED,
                         "the code generator: passes: %.200s", text);
  LLVMDisposeErrorMessage(text);
  return s;
}

static vy_status copy_out(vy__emit *e, const void *from, size_t size,
                          uint8_t **out, size_t *out_size) {
  uint8_t *p = vy__alloc(e->job->alloc, size ? size : 1);
  if (!p)
    return vy__fail_oom(e->diags, "emitted code");
  memcpy(p, from, size);
  *out = p;
  *out_size = size;
  return VY_OK;
}

static vy_status give_text(vy__emit *e, uint8_t **out, size_t *size) {
  char *text = LLVMPrintModuleToString(e->module);
  vy_status s = copy_out(e, text, strlen(text), out, size);
  LLVMDisposeMessage(text);
  return s;
}

static vy_status give_code(vy__emit *e, vy__kernel_info *info, uint8_t **out,
                           size_t *size) {
  LLVMMemoryBufferRef memory = NULL;
  char *text = NULL;
  bool assembly = e->job->form == VY__EMIT_ASM;
  if (LLVMTargetMachineEmitToMemoryBuffer(
          e->machine, e->module, assembly ? LLVMAssemblyFile : LLVMObjectFile,
          &text, &memory))
    return trouble(e->diags, "no object", text);
  const uint8_t *bytes = (const uint8_t *)LLVMGetBufferStart(memory);
  size_t n = LLVMGetBufferSize(memory);
  vy_status s = e->job->form == VY__EMIT_BLOB
                    ? vy__object_flatten(e->job->alloc, bytes, n, "kernel",
                                         info, out, size, e->diags)
                    : copy_out(e, bytes, n, out, size);
  LLVMDisposeMemoryBuffer(memory);
  return s;
}

static vy_status produce(vy__emit *e, vy__kernel_info *info, uint8_t **out,
                         size_t *size) {
  VY_TRY(make_machine(e));
  choose_shape(e);
  if (!vy__flow_emit(e, info))
    return vy__fail_oom(e->diags, "the code generator");
  info->helpers = e->uses_helpers;
  VY_TRY(check(e));
  if (e->job->optimize)
    VY_TRY(optimize(e));
  return e->job->form == VY__EMIT_LLVM ? give_text(e, out, size)
                                       : give_code(e, info, out, size);
}

static void be_quiet(LLVMDiagnosticInfoRef info, void *user) {
  (void)info, (void)user;
}

static vy_status emit(const vy__emit_job *job, uint8_t **out, size_t *size,
                      vy__kernel_info *info, vy_diags *diags) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start_llvm);
  vy__kernel_info own = {0};
  vy__emit e = {.job = job,
                .lowered = job->lowered,
                .program = job->lowered->program,
                .ir = &job->lowered->program->ir,
                .isa = job->isa,
                .diags = diags};
  if (job->isa < VY__ISA_SSE4 || job->isa > VY__ISA_AVX512)
    return vy__fail_argument(diags, "no code can be made for this processor");
  e.context = LLVMContextCreate();
  LLVMContextSetDiagnosticHandler(e.context, be_quiet, NULL);
  e.module = LLVMModuleCreateWithNameInContext("vyre", e.context);
  e.builder = LLVMCreateBuilderInContext(e.context);
  vy__fp_state fp; // for whatever LLVM folds with the host's floats
  vy__fp_pin(&fp);
  vy_status s = produce(&e, &own, out, size);
  vy__fp_restore(&fp);
  if (s == VY_OK && info)
    *info = own;
  LLVMDisposeBuilder(e.builder);
  LLVMDisposeModule(e.module);
  if (e.machine)
    LLVMDisposeTargetMachine(e.machine);
  LLVMContextDispose(e.context);
  return s;
}

__attribute__((visibility("default"))) extern const vy__emitter vyre_emitter;
const vy__emitter vyre_emitter = {
    .version = VY_VERSION,
    .abi = VY__KERNEL_ABI,
    .emit = emit,
    .build = vy__build_id,
};
