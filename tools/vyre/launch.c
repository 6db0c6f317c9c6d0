// One run on one device, and what the options of the command line make of it.
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

vy_dispatch_options cli_dispatch_options(const cli_session *s) {
  const cli_options *o = &s->options;
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  d.label = s->info.name;
  d.set_lanes = o->set_lanes;
  d.set_groups = o->set_groups;
  memcpy(d.lanes, o->lanes, sizeof d.lanes);
  memcpy(d.groups, o->groups, sizeof d.groups);
  d.iterations = o->iterations;
  d.budget = o->budget;
  return d;
}

vy_compile_options cli_compile_options(const cli_session *s,
                                       const vy_const_value *constants) {
  vy_compile_options c = VY_COMPILE_OPTIONS_INIT;
  c.flags = (s->options.strict ? VY_COMPILE_STRICT : 0u) |
            (s->options.budget ? VY_COMPILE_BUDGETED : 0u);
  c.constants = constants;
  c.constant_count = s->options.consts.count;
  return c;
}

cli_exit cli_device_desc(cli_session *s, const char *fallback,
                         vy_device_desc *out) {
  static const struct {
    const char *name;
    uint32_t features;
  } levels[] = {{"baseline", VY_CPU_FEATURES_BASELINE},
                {"avx2", VY_CPU_FEATURES_AVX2},
                {"avx512", VY_CPU_FEATURES_AVX512}};
  const cli_options *o = &s->options;
  *out = (vy_device_desc)VY_DEVICE_DESC_INIT;
  out->threads = o->threads;
  out->vector_width = o->width;
  for (size_t i = 0; o->features && i < sizeof levels / sizeof levels[0]; i++)
    if (!strcmp(o->features, levels[i].name))
      out->cpu_features = levels[i].features;
  if (o->features && !out->cpu_features)
    return cli_usage(s, "--features wants baseline, avx2 or avx512, got '%s'",
                     o->features);
  if (o->width && o->width != 1 &&
      (o->width < 4 || o->width > 32 || (o->width & (o->width - 1))))
    return cli_usage(s, "--width wants 1, 4, 8, 16 or 32, got '%u'", o->width);
  if (!fallback && (o->threads || o->width || o->features))
    fallback = "cpu";
  out->name = vy_str_c(o->device ? o->device : fallback);
  return CLI_OK;
}

// Wait; on a terminal show every half second how long it has been.
static vy_status wait_for(vy_ticket *ticket, vy_timing *timing,
                          vy_diags *diags) {
  if (!isatty(STDERR_FILENO))
    return vy_wait(ticket, UINT64_MAX, timing, diags);
  uint32_t halves = 0;
  vy_status status;
  for (;;) {
    // A time-out is no news: it must leave no diagnostic behind.
    uint32_t done = 0;
    status = vy_poll(ticket, &done);
    if (status == VY_OK && done)
      status = vy_wait(ticket, UINT64_MAX, timing, diags);
    else if (status == VY_OK)
      status = vy_wait(ticket, 500000000, timing, NULL);
    if (status != VY_ERROR_TIMEOUT)
      break;
    halves++;
    fprintf(stderr, "\rrunning: %u.%u s", halves / 2, halves % 2 * 5);
    fflush(stderr);
  }
  if (halves)
    fprintf(stderr, "\r\033[K");
  if (status != VY_OK) // again, for the diagnostics; it does not block now
    status = vy_wait(ticket, UINT64_MAX, timing, diags);
  return status;
}

vy_status cli_run_once(cli_session *s, const vy_device_desc *desc,
                       const cli_bindings *bindings,
                       const vy_compile_options *compile, cli_run_result *out) {
  vy_status status = vy_device_open(s->context, desc, &out->device, &s->diags);
  if (status != VY_OK)
    return status;
  out->info = (vy_device_info)VY_DEVICE_INFO_INIT;
  status = vy_device_describe(out->device, &out->info);
  if (status == VY_OK)
    status =
        vy_compile(out->device, s->program, compile, &out->pipeline, &s->diags);
  if (status == VY_OK)
    status = vy_outputs_create(s->context, s->info.output_count, &out->outputs,
                               &s->diags);
  if (status != VY_OK)
    return status;
  vy_dispatch_options options = cli_dispatch_options(s);
  options.device_times = 1;
  vy_item item = {bindings->args, bindings->count, out->outputs};
  vy_ticket *ticket = NULL;
  out->timing = (vy_timing)VY_TIMING_INIT;
  status =
      vy_submit(out->pipeline, &item, 1, &options, NULL, 0, &ticket, &s->diags);
  if (status == VY_OK && out->info.hidden) // null waits to be let go
    status = vy_null_device_release(out->device, 1);
  if (status == VY_OK)
    status = wait_for(ticket, &out->timing, &s->diags);
  vy_ticket_release(ticket);
  // The command knows no batches: which item failed is no news.
  for (uint32_t i = 0; i < s->diags.count; i++)
    s->diags.records[i].item = UINT32_MAX;
  return status;
}

void cli_run_release(cli_run_result *r) {
  vy_outputs_release(r->outputs);
  vy_pipeline_release(r->pipeline);
  vy_device_release(r->device);
  memset(r, 0, sizeof *r);
}

vy_status cli_digest(cli_session *s, vy_device *device, const void *data,
                     uint64_t size, vy_hash *out) {
  vy_buffer buffer = {0};
  vy_status status = vy_buffer_create(device, size, &buffer, &s->diags);
  if (status != VY_OK)
    return status;
  vy_transfer up = {buffer, 0, size, (void *)(uintptr_t)data};
  if (size)
    status = vy_buffer_upload(device, &up, 1, &s->diags);
  if (status == VY_OK)
    status = vy_buffer_digest(device, buffer, 0, size, out, &s->diags);
  vy_status freed = vy_buffer_free(device, buffer, &s->diags);
  return status == VY_OK ? freed : status;
}
