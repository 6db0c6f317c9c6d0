// See jit.h.
#include "jit.h"

#include <elf.h>
#include <llvm-c/Analysis.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdio.h>
#include <string.h>

// ---- the module

static const char *const cpus[] = {[VY__ISA_SSE4] = "x86-64-v2",
                                   [VY__ISA_AVX2] = "x86-64-v3",
                                   [VY__ISA_AVX512] = "x86-64-v4"};

bool jit_start(jit *j, vy__kernel_isa isa) {
  LLVMTargetRef target = NULL;
  char *why = NULL, *layout;
  memset(j, 0, sizeof *j);
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  const char *triple = "x86_64-pc-linux-gnu";
  if (LLVMGetTargetFromTriple(triple, &target, &why)) {
    LLVMDisposeMessage(why);
    return false;
  }
  vy__emit *e = &j->e;
  e->isa = isa;
  e->context = LLVMContextCreate();
  e->module = LLVMModuleCreateWithNameInContext("jit", e->context);
  e->builder = LLVMCreateBuilderInContext(e->context);
  e->machine = LLVMCreateTargetMachine(target, triple, cpus[isa], "",
                                       LLVMCodeGenLevelDefault, LLVMRelocPIC,
                                       LLVMCodeModelSmall);
  LLVMTargetDataRef data = LLVMCreateTargetDataLayout(e->machine);
  layout = LLVMCopyStringRepOfTargetData(data);
  LLVMSetTarget(e->module, triple);
  LLVMSetDataLayout(e->module, layout);
  LLVMDisposeMessage(layout);
  LLVMDisposeTargetData(data);
  return true;
}

static LLVMTypeRef longs(vy__emit *e, uint32_t lanes) {
  LLVMTypeRef t = LLVMInt64TypeInContext(e->context);
  return lanes == 1 ? t : LLVMVectorType(t, lanes);
}

// One trip: the operands at element i, the body, the result.
static void element(vy__emit *e, uint32_t lanes, LLVMValueRef i, jit_body body,
                    const void *user) {
  LLVMBuilderRef b = e->builder;
  LLVMValueRef operands[3], place;
  for (unsigned k = 0; k < 3; k++) {
    place = LLVMBuildGEP2(b, longs(e, 1), LLVMGetParam(e->function, k + 1), &i,
                          1, "");
    operands[k] = LLVMBuildLoad2(b, longs(e, lanes), place, "");
    LLVMSetAlignment(operands[k], 8);
  }
  place =
      LLVMBuildGEP2(b, longs(e, 1), LLVMGetParam(e->function, 4), &i, 1, "");
  LLVMValueRef r = body(e, lanes, operands, user);
  LLVMSetAlignment(LLVMBuildStore(b, r, place), 8);
}

void jit_function(jit *j, const char *name, uint32_t lanes, jit_body body,
                  const void *user) {
  vy__emit *e = &j->e;
  LLVMBuilderRef b = e->builder;
  LLVMTypeRef ptr = LLVMPointerTypeInContext(e->context, 0), i64 = longs(e, 1);
  LLVMTypeRef params[] = {ptr, ptr, ptr, ptr, ptr, i64};
  e->function = LLVMAddFunction(
      e->module, name,
      LLVMFunctionType(LLVMVoidTypeInContext(e->context), params, 6, 0));
  vy__emit_attributes(e, e->function, false);
  e->args = LLVMGetParam(e->function, 0);
  e->width = lanes;
  LLVMBasicBlockRef blocks[3];
  for (int i = 0; i < 3; i++)
    blocks[i] = LLVMAppendBasicBlockInContext(e->context, e->function, "");
  LLVMPositionBuilderAtEnd(b, blocks[0]);
  LLVMBuildBr(b, blocks[1]);
  LLVMPositionBuilderAtEnd(b, blocks[1]);
  LLVMValueRef i = LLVMBuildPhi(b, i64, ""), zero = LLVMConstInt(i64, 0, 0);
  element(e, lanes, i, body, user);
  LLVMValueRef next = LLVMBuildAdd(b, i, LLVMConstInt(i64, lanes, 0), "");
  LLVMAddIncoming(i, &zero, &blocks[0], 1);
  LLVMAddIncoming(i, &next, &blocks[1], 1);
  LLVMBuildCondBr(
      b, LLVMBuildICmp(b, LLVMIntULT, next, LLVMGetParam(e->function, 5), ""),
      blocks[1], blocks[2]);
  LLVMPositionBuilderAtEnd(b, blocks[2]);
  LLVMBuildRetVoid(b);
}

// ---- machine code

// The first symbol that the object does not define, or NULL.
static const char *undefined(const char *elf) {
  const Elf64_Ehdr *head = (const void *)elf;
  const Elf64_Shdr *sections = (const void *)(elf + head->e_shoff);
  for (uint32_t s = 0; s < head->e_shnum; s++) {
    if (sections[s].sh_type != SHT_SYMTAB)
      continue;
    const Elf64_Sym *symbols = (const void *)(elf + sections[s].sh_offset);
    const char *names = elf + sections[sections[s].sh_link].sh_offset;
    for (uint64_t i = 1; i < sections[s].sh_size / sizeof *symbols; i++)
      if (symbols[i].st_shndx == SHN_UNDEF)
        return names + symbols[i].st_name;
  }
  return NULL;
}

static const char *said(char *message) {
  static char text[1024];
  snprintf(text, sizeof text, "%s", message);
  LLVMDisposeMessage(message);
  return text;
}

static const char *error(LLVMErrorRef e) {
  static char text[1024];
  if (!e)
    return NULL;
  char *message = LLVMGetErrorMessage(e);
  snprintf(text, sizeof text, "%s", message);
  LLVMDisposeErrorMessage(message);
  return text;
}

static const char *optimize(jit *j, const char *passes) {
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMErrorRef e = LLVMRunPasses(j->e.module, passes, j->e.machine, options);
  LLVMDisposePassBuilderOptions(options);
  return error(e);
}

const char *jit_compile(jit *j, const char *passes) {
  char *why = NULL;
  const char *bad = NULL;
  LLVMMemoryBufferRef object = NULL;
  if (LLVMVerifyModule(j->e.module, LLVMReturnStatusAction, &why))
    return said(why);
  LLVMDisposeMessage(why);
  if (passes && (bad = optimize(j, passes)))
    return bad;
  if (LLVMTargetMachineEmitToMemoryBuffer(j->e.machine, j->e.module,
                                          LLVMObjectFile, &why, &object))
    return said(why);
  const char *symbol = undefined(LLVMGetBufferStart(object));
  if (symbol) {
    static char text[256];
    snprintf(text, sizeof text, "calls %s", symbol);
    LLVMDisposeMemoryBuffer(object);
    return text;
  }
  if ((bad = error(LLVMOrcCreateLLJIT(&j->engine, NULL)))) {
    LLVMDisposeMemoryBuffer(object);
    return bad;
  }
  return error(LLVMOrcLLJITAddObjectFile(
      j->engine, LLVMOrcLLJITGetMainJITDylib(j->engine), object));
}

jit_fn jit_find(jit *j, const char *name) {
  LLVMOrcExecutorAddress address = 0;
  if (error(LLVMOrcLLJITLookup(j->engine, &address, name)))
    return NULL;
  return (jit_fn)(uintptr_t)address;
}

void jit_end(jit *j) {
  if (j->engine)
    LLVMConsumeError(LLVMOrcDisposeLLJIT(j->engine));
  LLVMDisposeTargetMachine(j->e.machine);
  LLVMDisposeBuilder(j->e.builder);
  LLVMDisposeModule(j->e.module);
  LLVMContextDispose(j->e.context);
}
