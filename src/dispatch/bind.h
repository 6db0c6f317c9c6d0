// Binding: from a caller's arguments to a launch item that is right. All
// checks of section "arguments" live here, once, for every way to dispatch.
// Checking writes nothing and allocates nothing but in growing slots, which
// is a second step, after every item passed.
#ifndef VY__BIND_H
#define VY__BIND_H

#include "dispatch/outputs.h"
#include "pipeline/pipeline.h"

// One output of one item.
typedef struct vy__out {
  vy__slot *slot;  // NULL: nothing returns
  uint64_t lo, hi; // bytes that return; hi - lo <= size
  uint64_t need;   // bytes that the slot must hold
  bool whole;      // all comes to the slot; [lo, hi) is cut out after
  bool late;       // lo and hi come from elements, after the run
  uint64_t element_lo, element_hi; // bytes that late bounds read, if not whole
  uint8_t *staging;                // where those come
  uint64_t staging_size;           // allocated; 0: `small`
  uint8_t small[16];
} vy__out;

// One item's share of a submission. The arrays belong to its block.
typedef struct vy__bound {
  vy_outputs *outputs; // claimed and retained; NULL: none
  vy__launch_item *launch;
  vy__bind *binds;            // by parameter
  uint64_t *scalars;          // by parameter
  uint64_t *lengths;          // by parameter
  vy__buffer_slot **pins;     // by parameter, those of `pinned`
  uint64_t pinned;            // bit p: this item has marked its buffer
  vy__buffer_slot *count_pin; // of the options' count; NULL: none, or marked
                              // by an item before
  vy__out *outs;              // by output; nothing in them unless `returns`
  bool returns;               // something may come back to the host
  uint64_t resident;          // bit p: its argument is a resident buffer
  uint64_t bytes_in, bytes_out;
  // Found after the run: the readback range of `bad_output` is not one.
  uint32_t bad_output; // VY__NONE: all are
  uint32_t bad_why;    // vy__size_result
  uint64_t bad_lo, bad_hi;
} vy__bound;

// All is resident, and nothing returns.
static inline bool vy__bound_is_plain(const vy__bound *item) {
  return !item->outputs && !item->returns && !item->bytes_in;
}

// What binding is done against.
typedef struct vy__binder {
  const vy__plan *plan;
  vy__buffers *buffers; // NULL: no resident arguments
  uint32_t flags;       // VY_COMPILE_*
  vy_dispatch_options options;
  bool counts; // the options say how many lanes or groups
  // By parameter: the resident buffer bound last, which an item of this
  // submission has marked, so that the next need not mark it again; 0: none.
  uint64_t last_id[VY__MAX_PARAMS];
  vy__buffer_slot *last_slot[VY__MAX_PARAMS];
  vy__buffer_slot *count_slot; // likewise of options.count
  // What the next item is compared with: one of this submission that was bound
  // in full, has resident buffers only, and returns nothing; NULL: none.
  const vy__bound *like;
  const vy_arg *like_args;
  bool like_apart; // its buffers are different ones
  bool last_same;  // the item bound last has the same scalars as `like`
} vy__binder;

// Nothing is bound, claimed or found yet. The arrays are there.
static inline void vy__bound_clear(vy__bound *item) {
  vy__launch_item *l = item->launch;
  l->alike = 0;
  l->count = NULL;
  l->fault = (vy__fault){0};
  item->pinned = item->resident = 0;
  item->returns = false;
  item->count_pin = NULL;
  item->outputs = NULL;
  item->bytes_in = item->bytes_out = 0;
  item->bad_output = VY__NONE;
}

// Take a caller's options over the defaults and check them against the plan.
vy_status vy__binder_init(vy__binder *b, const vy__plan *plan,
                          vy__buffers *buffers, uint32_t flags,
                          const vy_dispatch_options *options, vy_diags *diags);

// Check and bind one item. `item` is prepared (vy__bound_clear), its `outputs`
// claimed. On failure the caller unpins.
vy_status vy__bind_item(vy__binder *b, vy__bound *item, const vy_arg *args,
                        size_t arg_count, vy_diags *diags);
// The parts of it.
vy_status vy__bind_args(vy__binder *b, vy__bound *item, const vy_arg *args,
                        vy_diags *diags);
vy_status vy__bind_lengths(const vy__binder *b, vy__bound *item,
                           const vy_arg *args, vy_diags *diags);
vy_status vy__bind_domain(vy__binder *b, vy__bound *item, vy_diags *diags);
vy_status vy__bind_outputs(const vy__binder *b, vy__bound *item,
                           const vy_arg *args, vy_diags *diags);
vy_status vy__bind_aliases(const vy__binder *b, const vy__bound *item,
                           vy_diags *diags);

// Second step: make room in the slots of one item (true: enough memory), then
// for all items either take the room over and point the binds at it, or not.
bool vy__bind_grow(const vy__plan *plan, const vy_allocator *alloc,
                   vy__bound *item);
void vy__bind_commit(const vy__plan *plan, vy__bound *item);
void vy__bind_abandon(const vy__plan *plan, vy__bound *item);
// Frees what bind_grow allocated beyond slots.
void vy__bind_finish(const vy__plan *plan, const vy_allocator *alloc,
                     vy__bound *item);

// After the run: late bounds, cutting out, sizes of slots. False when a
// range is not one (item->bad_output).
bool vy__bind_return(const vy__plan *plan, vy__bound *item);

// Options that outlive the call that gave them, with what they point to.
typedef struct vy__kept_options {
  vy_dispatch_options o;
  vy_readback *readbacks;
  char label[64];
} vy__kept_options;
// On failure there is nothing to drop.
vy_status vy__options_keep(const vy_allocator *alloc,
                           const vy_dispatch_options *from,
                           vy__kept_options *out, vy_diags *diags);
void vy__options_drop(const vy_allocator *alloc, vy__kept_options *options);

// Mark the buffer `id`; check that bytes [offset, offset + size) lie in it.
vy_status vy__pin_range(vy__buffers *buffers, uint64_t id, uint64_t offset,
                        uint64_t size, const char *what, vy__buffer_slot **out,
                        vy_diags *diags);
// The same of an argument that must be a resident range; *size is that of the
// range.
vy_status vy__pin_arg(vy__buffers *buffers, const vy_arg *arg, const char *what,
                      vy__buffer_slot **out, uint64_t *size, vy_diags *diags);
// And of one that must start, at a multiple of 4, with a u32.
vy_status vy__pin_u32(vy__buffers *buffers, const vy_arg *arg, const char *what,
                      vy__buffer_slot **out, vy_diags *diags);
// "HOST"; "?" for what is no kind.
const char *vy__arg_kind_name(uint32_t kind);

// "argument 2 'x'", for messages.
typedef struct vy__arg_name {
  char text[80];
} vy__arg_name;
vy__arg_name vy__name_param(const vy__plan *plan, uint32_t param);
// Evaluate a size; failing names the expression and what it is for: `what`,
// or parameter `param` when that is NULL.
vy_status vy__eval_size(const vy__plan *plan, const vy__bound *item,
                        uint32_t node, const char *what, uint32_t param,
                        uint64_t *out, vy_diags *diags);

#endif
