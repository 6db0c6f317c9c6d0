// Kernels of the runtime's own, for what is decided on the device: whether the
// steps of a repeat run again, and how many lanes an item has.
#include "backend/cuda/cuda.h"

#define HEAD ".version 7.1\n.target sm_70\n.address_size 64\n"

// vy_begin(handle, state): a run of a repeat begins, its first pass is due.
// vy_again(handle, element, state, most): a pass has ended; is there another?
// State: passes of this run (u32), the element after the last (u32), passes of
// all runs (u64).
static const char repeats[] = HEAD
    ".extern .func cudaGraphSetConditional(.param .b64 h, .param .b32 v);\n"
    ".visible .entry " VY__CUDA_BEGIN_ENTRY
    "(.param .u64 handle, .param .u64 state)\n"
    "{\n"
    ".reg .b64 h, s; .reg .b32 one, zero;\n"
    "ld.param.u64 h, [handle];\n"
    "ld.param.u64 s, [state];\n"
    "mov.b32 zero, 0;\n"
    "mov.b32 one, 1;\n"
    "st.global.b32 [s], zero;\n"
    "{ .param .b64 p; .param .b32 q;\n"
    "st.param.b64 [p], h; st.param.b32 [q], one;\n"
    "call.uni cudaGraphSetConditional, (p, q); }\n"
    "ret;\n"
    "}\n"
    ".visible .entry " VY__CUDA_AGAIN_ENTRY
    "(.param .u64 handle, .param .u64 element, .param .u64 state, "
    ".param .u32 most)\n"
    "{\n"
    ".reg .b64 h, e, s, all; .reg .b32 v, n, m; .reg .pred more;\n"
    "ld.param.u64 h, [handle];\n"
    "ld.param.u64 e, [element];\n"
    "ld.param.u64 s, [state];\n"
    "ld.param.u32 m, [most];\n"
    "ld.global.b32 v, [e];\n"
    "ld.global.b32 n, [s];\n"
    "ld.global.b64 all, [s+8];\n"
    "add.u32 n, n, 1;\n"
    "add.u64 all, all, 1;\n"
    "st.global.b32 [s], n;\n"
    "st.global.b32 [s+4], v;\n"
    "st.global.b64 [s+8], all;\n"
    "setp.lt.u32 more, n, m;\n"
    "setp.ne.and.u32 more, v, 0, more;\n"
    "selp.b32 v, 1, 0, more;\n"
    "{ .param .b64 p; .param .b32 q;\n"
    "st.param.b64 [p], h; st.param.b32 [q], v;\n"
    "call.uni cudaGraphSetConditional, (p, q); }\n"
    "ret;\n"
    "}\n";

// vy_count(record, count, seen, most, lanes, block): x of the record's domain
// is the u32 at `count`, `most` at most; a unit of it is `lanes` lanes, of
// which `block` are a block. What was read goes to `seen`.
static const char counts[] =
    HEAD ".visible .entry " VY__CUDA_COUNT_ENTRY
         "(.param .u64 record, .param .u64 count, .param .u64 seen, "
         ".param .u64 most, .param .u64 lanes, .param .u64 block)\n"
         "{\n"
         ".reg .b64 r, c, s, m, l, b, n, k; .reg .b32 v;\n"
         "ld.param.u64 r, [record];\n"
         "ld.param.u64 c, [count];\n"
         "ld.param.u64 s, [seen];\n"
         "ld.param.u64 m, [most];\n"
         "ld.param.u64 l, [lanes];\n"
         "ld.param.u64 b, [block];\n"
         "ld.global.b32 v, [c];\n"
         "st.global.b32 [s], v;\n"
         "cvt.u64.u32 n, v;\n"
         "min.u64 n, n, m;\n"
         "mul.lo.u64 n, n, l;\n"
         "st.global.b64 [r], n;\n"
         "add.u64 k, n, b;\n"
         "sub.u64 k, k, 1;\n"
         "div.u64 k, k, b;\n"
         "st.global.b64 [r+24], k;\n"
         "ret;\n"
         "}\n";

// Load what is not loaded yet, under the mutex of the auxiliary stream.
static int load(vy__cuda *d, const char *text, vy__cu_module *module) {
  int r = *module ? VY__CU_OK : d->cu->module_load(module, text);
  if (r != VY__CU_OK)
    *module = NULL;
  return r;
}

bool vy__cuda_has_repeats(vy__cuda *d) {
  const vy__cu *cu = d->cu;
  vy__cuda_helpers *h = &d->helpers;
  if (!d->tuning.device_repeats || !cu->graph_add_node ||
      !cu->conditional_create || cu->version < VY__CU_HAS_REPEATS)
    return false;
  vy__mutex_lock(&d->aux_mutex);
  if (h->repeats_state == VY__CUDA_UNKNOWN) {
    int r = load(d, repeats, &h->repeats);
    if (r == VY__CU_OK)
      r = cu->module_function(&h->begin, h->repeats, VY__CUDA_BEGIN_ENTRY);
    if (r == VY__CU_OK)
      r = cu->module_function(&h->again, h->repeats, VY__CUDA_AGAIN_ENTRY);
    h->repeats_state = r == VY__CU_OK ? VY__CUDA_THERE : VY__CUDA_NOT_THERE;
  }
  bool there = h->repeats_state == VY__CUDA_THERE;
  vy__mutex_unlock(&d->aux_mutex);
  return there;
}

void vy__cuda_refuse_repeats(vy__cuda *d) {
  vy__mutex_lock(&d->aux_mutex);
  d->helpers.repeats_state = VY__CUDA_NOT_THERE;
  vy__mutex_unlock(&d->aux_mutex);
}

vy_status vy__cuda_count_function(vy__cuda *d, vy__cu_function *out) {
  vy__cuda_helpers *h = &d->helpers;
  int r = VY__CU_OK;
  vy__mutex_lock(&d->aux_mutex);
  if (!h->count) {
    r = load(d, counts, &h->counts);
    if (r == VY__CU_OK)
      r = d->cu->module_function(&h->count, h->counts, VY__CUDA_COUNT_ENTRY);
    if (r != VY__CU_OK)
      h->count = NULL;
  }
  *out = h->count;
  vy__mutex_unlock(&d->aux_mutex);
  return vy__cu_status(r);
}

vy__cuda_counting vy__cuda_count_of(const struct vy__code *code,
                                    const vy__launch_item *item) {
  const vy_program *p = code->program;
  uint64_t size = p->group_size[0] ? p->group_size[0] : 1;
  return (vy__cuda_counting){
      .count = item->count->at + item->count_offset,
      .most = item->count_most,
      .lanes = p->ir.uses_groups ? size : 1,
      .block = code->info.span[0] ? code->info.span[0] : 1,
  };
}

void vy__cuda_count_bound(vy__launch_item *item, const struct vy__code *code) {
  if (item->count)
    vy__launch_count(item, code->program,
                     item->count_most < UINT32_MAX ? (uint32_t)item->count_most
                                                   : UINT32_MAX);
}

void vy__cuda_helpers_free(vy__cuda *d) {
  if (d->helpers.repeats)
    (void)d->cu->module_unload(d->helpers.repeats);
  if (d->helpers.counts)
    (void)d->cu->module_unload(d->helpers.counts);
}
