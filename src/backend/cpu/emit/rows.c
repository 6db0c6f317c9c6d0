// The lanes of a `lanes` program: rows of them, vector by vector. Full vectors
// of launches whose facts hold go first; then what is left, and with stretches
// (stretch.c) both by turns.
#include "backend/cpu/emit/flow.h"

typedef struct row {
  LLVMValueRef at, stop; // slot of the linear lane; where the row ends
  LLVMValueRef x, y, z;  // of the row's first lane, i64
  LLVMValueRef from;     // the row's first lane, linear
} row;

static void flat_lanes(vy__flow *f, const row *r, LLVMValueRef at) {
  LLVMBuilderRef b = f->top;
  LLVMValueRef x = LLVMBuildAdd(b, r->x, LLVMBuildSub(b, at, r->from, ""), "");
  LLVMValueRef scalars[] = {x, r->y, r->z};
  for (uint32_t d = 0; d < 3; d++) {
    LLVMValueRef lane = LLVMBuildTrunc(b, scalars[d], vy__t32(f), "");
    if (LLVMIsAInstruction(lane)) // no lane's number is larger
      LLVMSetNUW(lane, 1);
    f->lane[d] =
        (vy__lane_value){.scalar = lane, .stride = d == 0, .no_wrap = true};
  }
  if (f->strict || f->budgeted) {
    LLVMValueRef all = vy__splat(b, at, f->e->width);
    all = LLVMBuildAdd(b, all, vy__iota(f, vy__t64(f), 1), "");
    LLVMBuildStore(b, all, f->linear_slot);
  }
}

// Lanes at, at + 1, ... of a row; with `some`, those below r->stop.
static void flat_vector(vy__flow *f, const row *r, bool some) {
  LLVMBuilderRef b = f->e->builder;
  LLVMBasicBlockRef top = vy__flow_block(f, "vector"),
                    start = vy__flow_block(f, "lanes");
  vy__frame body = {.kind = VY__FRAME_BODY,
                    .exit = vy__flow_block(f, "lanes_done")};
  LLVMBuildBr(b, top);
  LLVMPositionBuilderAtEnd(f->top, top);
  f->stamp++;
  LLVMValueRef at = LLVMBuildLoad2(f->top, vy__t64(f), r->at, "");
  f->stretch.at = at;
  flat_lanes(f, r, at);
  vy__flow_open_vector(f);
  f->mask = NULL;
  if (some && f->e->width > 1) {
    LLVMValueRef left = LLVMBuildSub(f->top, r->stop, at, "");
    LLVMValueRef m =
        LLVMBuildICmp(f->top, LLVMIntULT, vy__iota(f, vy__t64(f), 1),
                      vy__splat(f->top, left, f->e->width), "");
    f->mask =
        f->mask_bits > 1 ? LLVMBuildSExt(f->top, m, vy__mask_type(f), "") : m;
  }
  if (f->alive)
    LLVMBuildStore(f->top, LLVMConstAllOnes(vy__mask_type(f)), f->alive);
  vy__schedule_range(&f->schedule, 0, f->ir->stmt_count, NULL, 0, f->stays);
  LLVMPositionBuilderAtEnd(b, start);
  f->frame = &body;
  if (vy__flow_stmts(f, 0, f->ir->stmt_count))
    LLVMBuildBr(b, body.exit);
  LLVMBuildBr(f->top, start);
  LLVMPositionBuilderAtEnd(b, body.exit);
  f->frame = NULL;
}

// while (at + (some ? 1 : W) <= stop) { vector; at += W; }
static void flat_loop(vy__flow *f, const row *r, bool some) {
  LLVMBuilderRef b = f->e->builder;
  LLVMBasicBlockRef head = vy__flow_block(f, "head"),
                    body = vy__flow_block(f, "go"),
                    done = vy__flow_block(f, "through");
  LLVMBuildBr(b, head);
  LLVMPositionBuilderAtEnd(b, head);
  LLVMValueRef at = LLVMBuildLoad2(b, vy__t64(f), r->at, "");
  LLVMValueRef left = LLVMBuildSub(b, r->stop, at, "");
  LLVMValueRef c = LLVMBuildICmp(b, LLVMIntUGE, left,
                                 vy__i64(f, some ? 1 : f->e->width), "");
  LLVMBuildCondBr(b, c, body, done);
  LLVMPositionBuilderAtEnd(b, body);
  flat_vector(f, r, some);
  // The last vector may be short: `at` ends at `stop`.
  at = LLVMBuildLoad2(b, vy__t64(f), r->at, "");
  left = LLVMBuildSub(b, r->stop, at, "");
  LLVMValueRef w = vy__i64(f, f->e->width);
  LLVMValueRef by = w;
  if (some)
    by = LLVMBuildSelect(b, LLVMBuildICmp(b, LLVMIntULT, left, w, ""), left, w,
                         "");
  LLVMBuildStore(b, LLVMBuildAdd(b, at, by, ""), r->at);
  LLVMBuildBr(b, head);
  LLVMPositionBuilderAtEnd(b, done);
}

static LLVMValueRef less_of(vy__flow *f, LLVMValueRef x, LLVMValueRef y) {
  LLVMBuilderRef b = f->e->builder;
  return LLVMBuildSelect(b, LLVMBuildICmp(b, LLVMIntULT, x, y, ""), x, y, "");
}

// A stretch, then the vector in which it ends, and so on.
static void in_stretches(vy__flow *f, const row *r) {
  LLVMBuilderRef b = f->e->builder;
  LLVMBasicBlockRef head = vy__flow_block(f, "stretch"),
                    body = vy__flow_block(f, "open"),
                    done = vy__flow_block(f, "row_done");
  LLVMBuildBr(b, head);
  LLVMPositionBuilderAtEnd(b, head);
  LLVMValueRef at = LLVMBuildLoad2(b, vy__t64(f), r->at, "");
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, at, r->stop, ""), body, done);
  LLVMPositionBuilderAtEnd(b, body);
  LLVMPositionBuilderAtEnd(f->top, body);
  f->stamp++;
  flat_lanes(f, r, at);
  LLVMValueRef all = LLVMBuildLoad2(b, vy__t1(f), f->all_slot, "");
  LLVMValueRef lanes =
      less_of(f, vy__stretch_open(f, at), LLVMBuildSub(b, r->stop, at, ""));
  row part = *r;
  part.stop = LLVMBuildSelect(b, all, LLVMBuildAdd(b, at, lanes, ""), at, "");
  f->fast = f->stretch.on = true;
  flat_loop(f, &part, false);
  f->fast = f->stretch.on = false;
  at = LLVMBuildLoad2(b, vy__t64(f), r->at, "");
  part.stop = LLVMBuildAdd(b, at, vy__i64(f, f->e->width), "");
  part.stop =
      LLVMBuildSelect(b, all, less_of(f, part.stop, r->stop), r->stop, "");
  flat_loop(f, &part, true);
  LLVMBuildBr(b, head);
  LLVMPositionBuilderAtEnd(b, done);
}

static void fast_then_rest(vy__flow *f, const row *r) {
  LLVMBuilderRef b = f->e->builder;
  if (f->stretch.count) {
    in_stretches(f, r);
    return;
  }
  LLVMBasicBlockRef fast = vy__flow_block(f, "fast"),
                    rest = vy__flow_block(f, "rest"),
                    done = vy__flow_block(f, "row_done");
  LLVMValueRef all = LLVMBuildLoad2(b, vy__t1(f), f->all_slot, "");
  LLVMBuildCondBr(b, all, fast, rest);
  LLVMPositionBuilderAtEnd(b, fast);
  f->fast = true;
  flat_loop(f, r, false);
  // One by one, no lane is left over, and what the rest needs need not be in
  // registers meanwhile.
  LLVMBuildBr(b, f->e->width > 1 ? rest : done);
  LLVMPositionBuilderAtEnd(b, rest);
  f->fast = false;
  flat_loop(f, r, true);
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, done);
}

void vy__flow_rows(vy__flow *f, LLVMValueRef begin, LLVMValueRef end) {
  LLVMBuilderRef b = f->e->builder;
  row r = {.at = vy__flow_alloca(f, vy__t64(f), "at")};
  LLVMBuildStore(b, begin, r.at);
  if (f->ir->dimensions == 1) {
    r.stop = end;
    r.x = r.from = begin;
    r.y = r.z = vy__i64(f, 0);
    fast_then_rest(f, &r);
    LLVMBuildRetVoid(b);
    return;
  }
  LLVMBasicBlockRef next = vy__flow_block(f, "next_row"),
                    body = vy__flow_block(f, "row"),
                    done = vy__flow_block(f, "done");
  LLVMValueRef nx = vy__flow_lanes(f, 0), ny = vy__flow_lanes(f, 1);
  LLVMBuildBr(b, next);
  LLVMPositionBuilderAtEnd(b, next);
  r.from = LLVMBuildLoad2(b, vy__t64(f), r.at, "");
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, r.from, end, ""), body, done);
  LLVMPositionBuilderAtEnd(b, body);
  LLVMValueRef line = LLVMBuildUDiv(b, r.from, nx, "");
  r.x = LLVMBuildURem(b, r.from, nx, "");
  r.y = LLVMBuildURem(b, line, ny, "");
  r.z = LLVMBuildUDiv(b, line, ny, "");
  LLVMValueRef stop = LLVMBuildAdd(b, r.from, LLVMBuildSub(b, nx, r.x, ""), "");
  r.stop = LLVMBuildSelect(b, LLVMBuildICmp(b, LLVMIntULT, stop, end, ""), stop,
                           end, "");
  fast_then_rest(f, &r);
  LLVMBuildBr(b, next);
  LLVMPositionBuilderAtEnd(b, done);
  LLVMBuildRetVoid(b);
}
