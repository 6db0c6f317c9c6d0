// See world.h.
#include "fake_cuda/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

const fake_control *fake;

static const char add_text[] =
    "program add(a: u32, x: read u32[], y: write u32[len(x)]) {\n"
    "  lanes len(x);\n"
    "  y[lane] = x[lane] + a;\n"
    "}\n";
static const char bump_text[] = "program bump(y: update u32[]) {\n"
                                "  lanes len(y);\n"
                                "  y[lane] = y[lane] + 1u;\n"
                                "}\n";
// One off n[0].
static const char tick_text[] = "program tick(n: update u32[]) {\n"
                                "  lanes 1;\n"
                                "  n[0] = n[0] - 1u;\n"
                                "}\n";

void clear_diags(world *w) {
  w->diags = (vy_diags)VY_DIAGS_INIT;
  w->diags.records = w->records;
  w->diags.capacity = 8;
  w->diags.text = w->text;
  w->diags.text_capacity = sizeof w->text;
}

vy_status compile(world *w, const char *text, vy_pipeline **out) {
  vy_source source = VY_SOURCE_INIT;
  vy_program *p = NULL;
  source.text = vy_str_c(text);
  vy_status s = vy_program_parse(w->context, &source, &p, &w->diags);
  if (s == VY_OK)
    s = vy_compile(w->device, p, NULL, out, &w->diags);
  vy_program_release(p);
  return s;
}

vy_status open_named(world *w, const char *name, const char *cache) {
  vy_context_desc c = VY_CONTEXT_DESC_INIT;
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  clear_diags(w);
  c.allocator = heap_allocator(&w->heap);
  c.cache_path = cache;
  d.name = vy_str_c(name);
  vy_status s = vy_context_create(&c, &w->context, &w->diags);
  return s == VY_OK ? vy_device_open(w->context, &d, &w->device, &w->diags) : s;
}

void shut(world *w) {
  vy_sequence_release(w->sequence);
  for (int i = 0; i < BATCH; i++)
    vy_outputs_release(w->outputs[i]);
  vy_pipeline_release(w->add);
  vy_pipeline_release(w->bump);
  vy_pipeline_release(w->tick);
  vy_device_release(w->device);
  vy_context_release(w->context);
  if (!heap_is_clean(&w->heap))
    fail_msg("host memory is left, or was given back wrong");
  if (fake->live())
    fail_msg("%u objects of the driver are left", fake->live());
}

#define TRY(expr)                                                              \
  do {                                                                         \
    vy_status try_status = (expr);                                             \
    if (try_status != VY_OK)                                                   \
      return try_status;                                                       \
  } while (0)

// Twice: tick n; bump y; while n is not 0. Then y is copied to x.
static vy_status record(world *w) {
  vy_arg n = vy_arg_buffer(w->n), y = vy_arg_buffer(w->y), x;
  x = vy_arg_buffer(w->x);
  TRY(vy_sequence_create(w->device, &w->sequence, &w->diags));
  (void)vy_sequence_repeat_begin(w->sequence, n, 10);
  (void)vy_sequence_dispatch(w->sequence, w->tick, &n, 1, NULL,
                             VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(w->sequence, w->bump, &y, 1, NULL,
                             VY_SEQUENCE_NONE);
  (void)vy_sequence_repeat_end(w->sequence);
  (void)vy_sequence_copy(w->sequence, y, x);
  vy_arg from_binding[3] = {vy_arg_u32(5), vy_arg_binding(0), vy_arg_none()};
  (void)vy_sequence_dispatch(w->sequence, w->add, from_binding, 3, NULL, 0);
  return vy_sequence_finish(w->sequence, &w->diags);
}

vy_status set_up(world *w) {
  TRY(compile(w, add_text, &w->add));
  TRY(compile(w, bump_text, &w->bump));
  TRY(compile(w, tick_text, &w->tick));
  TRY(vy_buffer_create(w->device, N * 4, &w->x, &w->diags));
  TRY(vy_buffer_create(w->device, N * 4, &w->y, &w->diags));
  TRY(vy_buffer_create(w->device, 4, &w->n, &w->diags));
  for (int i = 0; i < BATCH; i++)
    TRY(vy_outputs_create(w->context, 1, &w->outputs[i], &w->diags));
  TRY(record(w));
  w->ready = true;
  return VY_OK;
}

// ---- one of everything, each checked

uint32_t host_in[LARGE];

static void is(bool ok, const char *what) {
  if (!ok)
    fail_msg("%s: wrong results", what);
}

static bool all_sums(const vy_outputs *o, uint32_t count, uint32_t a) {
  const uint32_t *y = vy_outputs_data(o, 0);
  if (vy_outputs_size(o, 0) != count * 4)
    return false;
  for (uint32_t i = 0; i < count; i++)
    if (y[i] != host_in[i] + a)
      return false;
  return true;
}

static vy_status borrowed(world *w, uint32_t count) {
  vy_arg args[3] = {vy_arg_u32(3), vy_arg_host(host_in, count * 4),
                    vy_arg_none()};
  TRY(vy_dispatch(w->add, args, 3, NULL, w->outputs[0], NULL, &w->diags));
  is(all_sums(w->outputs[0], count, 3), "borrowed");
  return VY_OK;
}

static vy_status timed(world *w) {
  vy_timing t = VY_TIMING_INIT;
  vy_arg args[3] = {vy_arg_u32(4), vy_arg_host(host_in, N * 4), vy_arg_none()};
  TRY(vy_dispatch(w->add, args, 3, NULL, w->outputs[0], &t, &w->diags));
  is(all_sums(w->outputs[0], N, 4), "timed");
  is(!(t.present & VY_TIMING_DEVICE) == !t.device_ns, "times");
  return VY_OK;
}

// Ends with y[i] = i + 2.
static vy_status resident(world *w) {
  vy_transfer up = {w->y, 0, N * 4, host_in};
  vy_arg args[3] = {vy_arg_u32(1), vy_arg_buffer(w->y), vy_arg_buffer(w->x)};
  vy_arg bump = vy_arg_buffer(w->y);
  uint32_t back[N];
  vy_transfer down = {w->y, 0, N * 4, back};
  TRY(vy_buffer_upload(w->device, &up, 1, &w->diags));
  TRY(vy_dispatch(w->add, args, 3, NULL, NULL, NULL, &w->diags));
  TRY(vy_buffer_copy(w->device, w->x, 0, w->y, 0, N * 4, &w->diags));
  TRY(vy_dispatch(w->bump, &bump, 1, NULL, NULL, NULL, &w->diags));
  TRY(vy_buffer_download(w->device, &down, 1, &w->diags));
  for (uint32_t i = 0; i < N; i++)
    is(back[i] == host_in[i] + 2, "resident");
  return VY_OK;
}

static vy_status batch(world *w) {
  vy_arg args[BATCH][3];
  vy_item items[BATCH];
  for (uint32_t i = 0; i < BATCH; i++) {
    args[i][0] = vy_arg_u32(i);
    args[i][1] = vy_arg_host(host_in, (i + 1) * 64);
    args[i][2] = vy_arg_none();
    items[i] = (vy_item){args[i], 3, w->outputs[i]};
  }
  TRY(vy_dispatch_batch(w->add, items, BATCH, NULL, NULL, &w->diags));
  for (uint32_t i = 0; i < BATCH; i++)
    is(all_sums(w->outputs[i], (i + 1) * 16, i), "batch");
  return VY_OK;
}

// Two in flight; the second sees what the first wrote.
static vy_status submitted(world *w) {
  vy_arg bump = vy_arg_buffer(w->y);
  vy_item item = {&bump, 1, NULL};
  vy_ticket *a = NULL, *b = NULL, *c = NULL;
  uint32_t before, after;
  vy_transfer first = {w->y, 8, 4, &before}, last = {w->y, 8, 4, &after};
  TRY(vy_buffer_download(w->device, &first, 1, &w->diags));
  vy_status s = vy_submit(w->bump, &item, 1, NULL, NULL, 0, &a, &w->diags);
  if (s == VY_OK)
    s = vy_submit(w->bump, &item, 1, NULL, NULL, 0, &b, &w->diags);
  if (s == VY_OK)
    s = vy_submit(w->bump, &item, 1, NULL, &a, 1, &c, &w->diags);
  vy_ticket *all[] = {a, b, c};
  for (int i = 0; i < 3; i++) {
    vy_status t = all[i] ? vy_wait(all[i], UINT64_MAX, NULL, &w->diags) : VY_OK;
    s = s == VY_OK ? t : s;
    vy_ticket_release(all[i]);
  }
  TRY(s);
  TRY(vy_buffer_download(w->device, &last, 1, &w->diags));
  is(after == before + 3, "submitted");
  return VY_OK;
}

static vy_status sequence(world *w) {
  uint32_t four = 4, before, after, copied;
  vy_transfer set = {w->n, 0, 4, &four}, first = {w->y, 40, 4, &before};
  vy_transfer last[2] = {{w->y, 40, 4, &after}, {w->x, 40, 4, &copied}};
  vy_arg in = vy_arg_host(host_in, 64);
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = &in;
  b.arg_count = 1;
  b.outputs = w->outputs;
  b.output_count = 1;
  TRY(vy_buffer_upload(w->device, &set, 1, &w->diags));
  TRY(vy_buffer_download(w->device, &first, 1, &w->diags));
  TRY(vy_sequence_replay(w->sequence, &b, NULL, &w->diags));
  TRY(vy_buffer_download(w->device, last, 2, &w->diags));
  is(after == before + 4 && copied == after, "sequence");
  is(all_sums(w->outputs[0], 16, 5), "output of a sequence");
  return VY_OK;
}

vy_status everything(world *w) {
  TRY(borrowed(w, N));
  TRY(borrowed(w, LARGE));
  TRY(timed(w));
  TRY(resident(w));
  TRY(batch(w));
  TRY(submitted(w));
  return sequence(w);
}
