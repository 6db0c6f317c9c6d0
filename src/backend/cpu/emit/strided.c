// Loads of every k-th word: a field of an array of structs, or an index that
// grows by more than one. The words between are read as whole vectors, which
// the loads of other fields share, and the wanted ones are picked out.
#include "backend/cpu/emit/memory.h"

enum { MOST_WORDS = 16 }; // between lanes, for which picking beats gathering

// Words from one lane's to the next's; 0: not such an access.
static uint32_t words_apart(const vy__flow *f, const vy__place *p,
                            const vy__lane_value *index) {
  if (!index->scalar || index->stride < 1 || p->is_private || f->strict ||
      p->bytes < 4 || p->stride % p->bytes || p->field % p->bytes)
    return 0;
  if (index->stride > 1 && p->stride != p->bytes)
    return 0;
  uint64_t words = (uint64_t)index->stride * (p->stride / p->bytes);
  return words > 1 && words <= MOST_WORDS ? (uint32_t)words : 0;
}

bool vy__is_strided(const vy__flow *f, const vy__place *p,
                    const vy__lane_value *index) {
  return words_apart(f, p, index) != 0;
}

// Lane j gets word j * apart + first of the vectors from `at` on.
static LLVMValueRef pick(vy__flow *f, LLVMTypeRef words, LLVMValueRef at,
                         uint32_t bytes, uint32_t apart, uint32_t first) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t w = f->e->width;
  LLVMValueRef out = NULL;
  for (uint32_t r = 0; r < apart; r++) {
    LLVMValueRef mask[64];
    bool any = false;
    for (uint32_t j = 0; j < w; j++) {
      uint32_t word = j * apart + first;
      bool here = word / w == r;
      any = any || here;
      mask[j] = vy__i32(f, here ? w + word % w : j);
    }
    if (!any)
      continue;
    LLVMValueRef v = vy__load_raw(
        f, words, vy__ptr_add(f, at, vy__i64(f, (uint64_t)r * w * bytes)), 1);
    out = LLVMBuildShuffleVector(b, out ? out : LLVMGetPoison(words), v,
                                 LLVMConstVector(mask, w), "");
  }
  return out;
}

LLVMValueRef vy__load_strided(vy__flow *f, uint32_t value, const vy__place *p,
                              vy_type type, const vy__lane_value *index) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t apart = words_apart(f, p, index);
  LLVMTypeRef words =
      vy__vector_of(f, LLVMIntTypeInContext(f->e->context, 8 * p->bytes));
  // Elements that the vectors cover; those of a struct are whole ones.
  uint32_t count = f->e->width * (uint32_t)index->stride;
  LLVMBasicBlockRef in = vy__flow_block(f, "strided"),
                    out = vy__flow_block(f, "edge"),
                    join = vy__flow_block(f, "loaded");
  LLVMValueRef inside =
      index->stride == 1 && vy__all_inside(f, value)
          ? LLVMConstInt(vy__t1(f), 1, 0)
          : vy__window_inside(f, p, type, index->scalar, count);
  LLVMBuildCondBr(b, inside, in, out);
  LLVMPositionBuilderAtEnd(b, in);
  LLVMValueRef at = LLVMBuildMul(b, vy__index64(f, type, index->scalar),
                                 vy__i64(f, p->stride), "");
  at = vy__ptr_add(f, p->start, at);
  LLVMValueRef quick = pick(f, words, at, p->bytes, apart, p->field / p->bytes);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, out);
  LLVMValueRef slow =
      vy__window_slowly(f, p, type, index->scalar, index->stride);
  out = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, join);
  LLVMPositionBuilderAtEnd(b, join);
  LLVMValueRef raw = LLVMBuildPhi(b, words, "");
  LLVMAddIncoming(raw, (LLVMValueRef[]){quick, slow},
                  (LLVMBasicBlockRef[]){in, out}, 2);
  return raw;
}
