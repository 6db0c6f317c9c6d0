// See versus.h. What writes cases is in versus_case.c.
#include "support/versus.h"
#include "support/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/versus_bind.h"
#include "support/versus_case.h"

const versus_setting versus_widths[VERSUS_WIDTHS] = {
    {"cpu", 4, 1, 0}, {"cpu", 8, 1, 0}, {"cpu", 16, 1, 0}, {"cpu", 32, 1, 0},
    {"cpu", 1, 1, 0}, {"cpu", 4, 1, 1}, {"cpu", 8, 1, 1},  {"cpu", 16, 1, 1},
    {"cpu", 8, 1, 2}, {"cpu", 4, 1, 2}, {"cpu", 32, 1, 2},
};
const versus_setting versus_threads[VERSUS_THREADS] = {
    {"cpu", 0, 1, 0}, {"cpu", 0, 2, 0}, {"cpu", 0, 8, 0}};

versus_setting versus_of_host(uint32_t turn) {
  return versus_widths[turn % VERSUS_HOST];
}

versus_setting versus_of_baseline(uint32_t turn) {
  return versus_widths[VERSUS_HOST + turn % (VERSUS_WIDTHS - VERSUS_HOST)];
}

enum {
  SHOWN = 20,
  NOT_RUN = 77, // SKIP_RETURN_CODE of tests/CMakeLists.txt
};

// ---- devices

static const char *stand_in(const char *device) {
  const char *other = getenv("VYRE_VERSUS");
  return other && other[0] ? other : device;
}

const char *versus_device_name(const versus_setting *s) {
  return stand_in(s->device);
}

uint32_t versus_features(const versus_setting *s) {
#if defined(__x86_64__)
  if (s->features == VY_CPU_FEATURES_AVX2 && !__builtin_cpu_supports("avx2"))
    return VY_CPU_FEATURES_HOST;
#endif
  return s->features;
}

const char *versus_features_name(const versus_setting *s) {
  static const char *const names[] = {"host", "baseline", "avx2", "avx512"};
  return names[s->features % 4];
}

bool versus_is_other(const versus_setting *s) {
  return strcmp(stand_in(s->device), "cpu") &&
         strcmp(stand_in(s->device), "reference");
}

static bool find(const char *device, vy_device_info *info) {
  *info = (vy_device_info)VY_DEVICE_INFO_INIT;
  for (uint32_t k = 0; vy_device_enumerate(k, info) == VY_OK; k++) {
    if (!strcmp(info->name, stand_in(device)))
      return true;
    *info = (vy_device_info)VY_DEVICE_INFO_INIT;
  }
  return false;
}

bool versus_has(const char *device) {
  vy_device_info info;
  return find(device, &info) && info.available;
}

int versus_missing(const char *device) {
  vy_device_info info;
  if (find(device, &info) && info.available)
    return 0;
  printf("not run: the %s device is not available: %s\n", device, info.reason);
  return NOT_RUN;
}

vy_status versus_device(vy_context *context, const versus_setting *s,
                        vy_device **out, vy_diags *diags) {
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  d.name = vy_str_c(stand_in(s->device));
  if (!strcmp(stand_in(s->device), "reference"))
    d.lane_order = VY_ORDER_REVERSED;
  if (!versus_is_other(s)) {
    d.vector_width = s->vector_width;
    d.threads = s->threads;
  }
  if (!versus_is_other(s))
    d.cpu_features = versus_features(s);
  return vy_device_open(context, &d, out, diags);
}

void versus_open(versus *v, vy_context *context, const versus_setting *settings,
                 uint32_t count) {
  const versus_setting reference = {"reference", 0, 0, 0};
  memset(v, 0, sizeof *v);
  assert_true(count <= VERSUS_MAX);
  if (!versus_has(settings[0].device))
    skip();
  v->settings = settings;
  if (versus_is_other(&settings[0]))
    count = 1;
  v->context = vy_context_retain(context);
  if (!context)
    assert_int_equal(vy_context_create(NULL, &v->context, NULL), VY_OK);
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  d.name = vy_str_c(reference.device);
  assert_int_equal(vy_device_open(v->context, &d, &v->reference, NULL), VY_OK);
  for (; v->count < count; v->count++)
    assert_int_equal(versus_device(v->context, &settings[v->count],
                                   &v->devices[v->count], NULL),
                     VY_OK);
}

void versus_tally(const versus_setting *s, uint32_t runs, uint32_t failures) {
  if (getenv("VYRE_TALLY") && runs)
    printf("tally: width %u, threads %u, %s: %u runs, %u differ\n",
           s->vector_width, s->threads, versus_features_name(s), runs,
           failures);
}

void versus_close(versus *v) {
  for (uint32_t i = 0; i < v->count; i++) {
    versus_tally(&v->settings[i], v->runs / v->count, v->failed[i]);
    vy_device_release(v->devices[i]);
  }
  vy_device_release(v->reference);
  vy_context_release(v->context);
}

vy_program *versus_parse(versus *v, const char *text) {
  return parse_text(v->context, text);
}

// ---- one run

typedef struct result {
  vy_status status;
  versus_bound bound;
  vy_diags diags;
  vy_diag record;
  char text[1024];
} result;

static void run(vy_context *context, vy_device *device, const versus_call *c,
                const vy_outputs *expected, result *r) {
  memset(r, 0, sizeof *r);
  r->diags = (vy_diags)VY_DIAGS_INIT;
  r->diags.records = &r->record;
  r->diags.capacity = 1;
  r->diags.text = r->text;
  r->diags.text_capacity = sizeof r->text;
  vy_compile_options o = VY_COMPILE_OPTIONS_INIT;
  o.flags = c->flags;
  vy_pipeline *p = NULL;
  r->status = vy_compile(device, c->program, &o, &p, &r->diags);
  versus_bind(&r->bound, context, device, c, expected);
  if (r->status == VY_OK)
    r->status = vy_dispatch(p, r->bound.args, c->arg_count, c->options,
                            r->bound.outputs, NULL, &r->diags);
  vy_pipeline_release(p);
}

// ---- comparing

static bool same_output(const result *want, const result *got, uint32_t index,
                        versus_diff *d) {
  uint64_t size = 0;
  unsigned char *data = versus_take(&got->bound, index, &size);
  const unsigned char *w = vy_outputs_data(want->bound.outputs, index);
  d->output = index;
  d->count = d->byte = 0;
  if (size != vy_outputs_size(want->bound.outputs, index))
    d->count = UINT64_MAX;
  else if (size && memcmp(data + VERSUS_MARGIN, w, (size_t)size))
    for (uint64_t i = size; i-- > 0;)
      if (data[VERSUS_MARGIN + i] != w[i]) {
        d->count++;
        d->byte = i;
      }
  for (uint32_t i = 0; i < VERSUS_MARGIN; i++)
    if (data[i] != 0xA5 || data[VERSUS_MARGIN + size + i] != 0xA5)
      d->count = UINT64_MAX - 1;
  free(data);
  return d->count == 0;
}

static bool same_report(const result *want, const result *got) {
  const vy_diag *w = &want->record, *g = &got->record;
  return want->status == got->status &&
         want->diags.errors == got->diags.errors &&
         (!want->diags.errors ||
          (w->code == g->code && w->line == g->line && w->column == g->column &&
           w->message.size == g->message.size &&
           !memcmp(w->message.data, g->message.data, w->message.size)));
}

static void say(char *out, size_t room, const char *format, ...) {
  const size_t n = strlen(out);
  va_list ap;
  va_start(ap, format);
  vsnprintf(out + n, room - n, format, ap);
  va_end(ap);
}

static void say_report(char *out, size_t room, const char *who,
                       const result *r) {
  const int n = r->diags.count ? (int)r->record.message.size : 0;
  say(out, room, "%s: %s, code %u, %u:%u %.*s. ", who,
      vy_status_name(r->status), r->record.code, r->record.line,
      r->record.column, n, n ? r->record.message.data : "");
}

static void say_difference(char *out, size_t room, const result *want,
                           const result *got, const versus_diff *d) {
  uint64_t size = 0, a = 0, b = 0, at = d->byte & ~UINT64_C(7);
  if (d->count >= UINT64_MAX - 1) {
    say(out, room, "output %u: %s", d->output,
        d->count == UINT64_MAX ? "another size" : "bytes outside were written");
    return;
  }
  unsigned char *data = versus_take(&got->bound, d->output, &size);
  const uint64_t left = size - at < 8 ? size - at : 8;
  memcpy(&a, data + VERSUS_MARGIN + at, (size_t)left);
  memcpy(&b, (const char *)vy_outputs_data(want->bound.outputs, d->output) + at,
         (size_t)left);
  free(data);
  say(out, room,
      "output %u: %llu bytes differ, first byte %llu; from byte %llu: %#llx, "
      "expected %#llx",
      d->output, (unsigned long long)d->count, (unsigned long long)d->byte,
      (unsigned long long)at, (unsigned long long)a, (unsigned long long)b);
}

static const char *const modes[VERSUS_MODES] = {"grow", "resident",
                                                "guarded end", "guarded start"};

static void complain(versus *v, const versus_call *c, uint32_t setting,
                     const result *want, const result *got,
                     const versus_diff *d, bool again) {
  char out[2560] = "";
  const versus_setting *s = &v->settings[setting];
  const bool report = !same_report(want, got);
  say(out, sizeof out, "%s on %s, width %u, threads %u, %s features", c->name,
      s->device, s->vector_width, s->threads, versus_features_name(s));
  if (again) {
    if (v->calls_failed <= SHOWN)
      fprintf(stderr, "  also %s\n", out);
    return;
  }
  say(out, sizeof out, ", flags %u, %s: ", c->flags, modes[c->mode]);
  if (report)
    say_report(out, sizeof out, "gave", got);
  if (report)
    say_report(out, sizeof out, "reference", want);
  else
    say_difference(out, sizeof out, want, got, d);
  if (++v->calls_failed <= SHOWN)
    fprintf(stderr, "%s\n", out);
  versus_case_write(c, out, want->status, &want->record, want->bound.outputs,
                    v->calls_failed);
}

bool versus_same(versus *v, const versus_call *c, versus_diff *diff) {
  result *r = calloc(2, sizeof *r), *want = r, *got = r + 1;
  assert_non_null(r);
  versus_diff first = {UINT32_MAX, 0, 0, 0};
  run(v->context, v->reference, c, NULL, want);
  for (uint32_t k = 0; k < v->count; k++) {
    versus_diff d = {k, 0, 0, 0};
    run(v->context, v->devices[k], c,
        want->status == VY_OK ? want->bound.outputs : NULL, got);
    v->runs++;
    bool same = same_report(want, got);
    const uint32_t outputs =
        want->status == VY_OK ? vy_outputs_count(want->bound.outputs) : 0;
    for (uint32_t i = 0; same && i < outputs; i++)
      same = same_output(want, got, i, &d);
    if (!same) {
      v->failures++;
      v->failed[k]++;
      complain(v, c, k, want, got, &d, first.setting != UINT32_MAX);
      if (first.setting == UINT32_MAX)
        first = d;
    }
    versus_unbind(&got->bound);
  }
  versus_unbind(&want->bound);
  free(r);
  if (diff)
    *diff = first;
  return first.setting == UINT32_MAX;
}
