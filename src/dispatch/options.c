// Copies of a caller's options, for what runs after the call that gave them.
#include "dispatch/bind.h"

vy_status vy__options_keep(const vy_allocator *alloc,
                           const vy_dispatch_options *from,
                           vy__kept_options *out, vy_diags *diags) {
  *out = (vy__kept_options){.o = VY_DISPATCH_OPTIONS_INIT};
  vy_dispatch_options *o = &out->o;
  if (from)
    VY_TRY(vy__take_struct(o, sizeof *o, from, "vy_dispatch_options", diags));
  o->struct_size = sizeof *o;
  uint32_t n = o->readback_count;
  if ((n && !o->readbacks) || (o->label.size && !o->label.data))
    return vy__fail_argument(diags,
                             "vy_dispatch_options: %s is NULL, its count %zu",
                             n && !o->readbacks ? "readbacks" : "label.data",
                             n && !o->readbacks ? n : o->label.size);
  if (n > VY__MAX_PARAMS)
    return vy__fail(diags, NULL, VY__E_READBACK_OPTION,
                    "%u readback ranges, for at most %d outputs", n,
                    VY__MAX_PARAMS);
  if (o->label.size > sizeof out->label)
    o->label.size = sizeof out->label;
  if (o->label.size)
    memcpy(out->label, o->label.data, o->label.size);
  o->label.data = out->label;
  if (!n)
    return VY_OK;
  out->readbacks = vy__alloc(alloc, n * sizeof *out->readbacks);
  if (!out->readbacks)
    return vy__fail_oom(diags, "readback ranges");
  memcpy(out->readbacks, o->readbacks, n * sizeof *out->readbacks);
  o->readbacks = out->readbacks;
  return VY_OK;
}

void vy__options_drop(const vy_allocator *alloc, vy__kept_options *options) {
  if (options->readbacks)
    vy__free(alloc, options->readbacks,
             options->o.readback_count * sizeof *options->readbacks);
  options->readbacks = NULL;
}
