// The ways that Vyre computes a job: its programs compiled for a device, its
// inputs resident there, and a chain of dispatches.
#include "harness.h"

static vy_diag records[16];
static char text[16384];
static vy_diags diags;

static vy_diags *fresh(void) {
  diags = (vy_diags)VY_DIAGS_INIT;
  diags.records = records;
  diags.capacity = sizeof records / sizeof records[0];
  diags.text = text;
  diags.text_capacity = sizeof text;
  return &diags;
}

static char *read_file(const char *file, size_t *size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", EXAMPLES_DIR, file);
  FILE *f = fopen(path, "rb");
  if (!f)
    fail("%s cannot be read", path);
  char *bytes = take(1 << 17);
  *size = fread(bytes, 1, 1 << 17, f);
  fclose(f);
  return bytes;
}

static vy_pipeline *compile(side *s, const program_ref *ref) {
  vy_source source = VY_SOURCE_INIT;
  char *bytes = read_file(ref->file, &source.text.size);
  source.text.data = bytes;
  source.name = vy_str_c(ref->file);
  source.program = vy_str_c(ref->name);
  vy_program *program = NULL;
  check_vy(vy_program_parse(s->job->bench->context, &source, &program, fresh()),
           &diags, ref->file);
  free(bytes);
  vy_pipeline *pipeline = NULL;
  double start = now_ns();
  check_vy(vy_compile(s->device, program, NULL, &pipeline, fresh()), &diags,
           ref->name);
  s->job->compile_ns += (uint64_t)(now_ns() - start);
  vy_program_release(program);
  return pipeline;
}

static void upload(side *s) {
  vy_transfer t[MAX_BUFFERS];
  size_t count = 0;
  for (uint32_t i = 0; i < MAX_BUFFERS; i++) {
    const memory *m = &s->job->memory[i];
    if (m->data && m->size)
      t[count++] =
          (vy_transfer){s->buffer[i], 0, m->size, (void *)(uintptr_t)m->data};
  }
  check_vy(vy_buffer_upload(s->device, t, count, fresh()), &diags, "upload");
}

static side *open_side(job *j, vy_device *device) {
  side *s = take(sizeof *s);
  s->job = j;
  s->device = device;
  for (uint32_t i = 0; i < MAX_PROGRAMS && j->programs[i].file; i++)
    s->pipeline[i] = compile(s, &j->programs[i]);
  for (uint32_t i = 0; i < MAX_BUFFERS; i++)
    if (j->memory[i].size)
      check_vy(
          vy_buffer_create(device, j->memory[i].size, &s->buffer[i], fresh()),
          &diags, "buffer");
  upload(s);
  return s;
}

static void record(side *s, uint32_t pipeline, const vy_arg *args,
                   size_t count) {
  if (s->step_count == MAX_STEPS)
    fail("%s: too long a chain", s->job->id);
  step *p = &s->steps[s->step_count++];
  p->pipeline = pipeline;
  p->arg_count = count;
  memcpy(p->args, args, count * sizeof *args);
}

static void submit(side *s, const step *p, vy_ticket **ticket) {
  vy_item item = {p->args, p->arg_count, NULL};
  check_vy(vy_submit(s->pipeline[p->pipeline], &item, 1, NULL, NULL, 0, ticket,
                     fresh()),
           &diags, s->job->programs[p->pipeline].name);
}

// As one writes it for a device beside the host: what comes next does not wait.
static void queue(side *s, uint32_t pipeline, const vy_arg *args,
                  size_t count) {
  step p = {.pipeline = pipeline, .arg_count = count};
  memcpy(p.args, args, count * sizeof *args);
  vy_ticket_release(s->last);
  submit(s, &p, &s->last);
}

static void settle(side *s) {
  if (s->last)
    check_vy(vy_wait(s->last, UINT64_MAX, NULL, fresh()), &diags, "wait");
  vy_ticket_release(s->last);
  s->last = NULL;
}

static void dispatch(side *s, uint32_t pipeline, const vy_arg *args,
                     size_t count) {
  vy_timing timing = VY_TIMING_INIT;
  check_vy(vy_dispatch(s->pipeline[pipeline], args, count, NULL, NULL,
                       s->timed ? &timing : NULL, fresh()),
           &diags, s->job->programs[pipeline].name);
  s->device_ns += (double)timing.device_ns;
  s->untimed |= !(timing.present & VY_TIMING_DEVICE);
}

void side_run(side *s, uint32_t pipeline, const vy_arg *args, size_t count) {
  if (count > MAX_ARGS)
    fail("%s: too many arguments", s->job->id);
  if (s->job->bench->gpu && !s->timed)
    queue(s, pipeline, args, count);
  else
    dispatch(s, pipeline, args, count);
  if (s->recording)
    record(s, pipeline, args, count);
}

vy_arg side_range(const side *s, uint32_t buffer, uint64_t size) {
  return vy_arg_range(s->buffer[buffer], 0, size);
}

vy_arg side_arg(const side *s, uint32_t buffer) {
  return side_range(s, buffer, s->job->memory[buffer].size);
}

static void download(side *s, uint32_t buffer, uint64_t offset, uint64_t size,
                     void *to) {
  vy_transfer t = {s->buffer[buffer], offset, size, to};
  if (size)
    check_vy(vy_buffer_download(s->device, &t, 1, fresh()), &diags, "download");
}

uint32_t side_u32(side *s, uint32_t buffer, uint64_t offset) {
  uint32_t v;
  download(s, buffer, offset, 4, &v);
  return v;
}

void side_set_u32(side *s, uint32_t buffer, uint32_t value) {
  vy_transfer t = {s->buffer[buffer], 0, 4, &value};
  check_vy(vy_buffer_upload(s->device, &t, 1, fresh()), &diags, "upload");
}

void side_copy(side *s, uint32_t from, uint32_t to, uint64_t size) {
  check_vy(vy_buffer_copy(s->device, s->buffer[from], 0, s->buffer[to], 0, size,
                          fresh()),
           &diags, "copy");
}

void side_result(side *s, uint32_t buffer, uint64_t size) {
  if (s->result_count == MAX_RESULTS)
    fail("%s: too many results", s->job->id);
  s->results[s->result_count++] = (result){buffer, size};
}

// ---- ways

typedef struct vyre_way {
  side *side;
  void (*chain)(side *s);
  bool shared; // the side belongs to another way
} vyre_way;

static void resident(void *state) {
  vyre_way *v = state;
  v->side->result_count = 0;
  v->chain(v->side);
  settle(v->side);
}

static size_t fetch(void *state) {
  vyre_way *v = state;
  size_t at = 0;
  for (uint32_t i = 0; i < v->side->result_count; i++) {
    result r = v->side->results[i];
    if (at + r.size <= v->side->job->out_capacity)
      download(v->side, r.buffer, 0, r.size, v->side->job->out + at);
    at += r.size;
  }
  return at;
}

static void with_transfers(void *state) {
  vyre_way *v = state;
  upload(v->side);
  resident(v);
  fetch(v);
}

// Time on the device, of all dispatches.
static double device_time(void *state) {
  vyre_way *v = state;
  side *s = v->side;
  s->timed = true;
  s->untimed = false;
  s->device_ns = 0;
  resident(v);
  s->timed = false;
  return s->untimed ? -1 : s->device_ns;
}

// Chains one after the other, of which only the last is waited for.
static double submit_chains(side *s, uint32_t times) {
  vy_ticket *ticket = NULL;
  double start = now_ns();
  for (uint32_t i = 0; i < times; i++)
    for (uint32_t k = 0; k < s->step_count; k++) {
      vy_ticket_release(ticket);
      submit(s, &s->steps[k], &ticket);
    }
  check_vy(vy_wait(ticket, UINT64_MAX, NULL, fresh()), &diags, "wait");
  double took = now_ns() - start;
  vy_ticket_release(ticket);
  return took;
}

// A chain's share of many without waits between them. (Words that a chain
// reads back are the same in each.)
static double stream_time(void *state) {
  vyre_way *v = state;
  side *s = v->side;
  if (!s->step_count) {
    s->recording = true;
    resident(v);
    s->recording = false;
  }
  double once = submit_chains(s, 1);
  uint32_t times = stream_times(once, s->step_count);
  return submit_chains(s, times) / times;
}

static void close_way(void *state) {
  vyre_way *v = state;
  side *s = v->side;
  if (!v->shared) {
    for (uint32_t i = 0; i < MAX_BUFFERS; i++)
      if (s->buffer[i].id)
        check_vy(vy_buffer_free(s->device, s->buffer[i], fresh()), &diags,
                 "free");
    for (uint32_t i = 0; i < MAX_PROGRAMS; i++)
      vy_pipeline_release(s->pipeline[i]);
    free(s);
  }
  free(v);
}

static way *add(job *j, const char *name, uint32_t threads, side *s,
                void (*chain)(side *s), void (*run)(void *state), bool shared) {
  vyre_way *v = take(sizeof *v);
  *v = (vyre_way){s, chain, shared};
  way *w = job_way(j, name, threads, true);
  w->state = v;
  w->run = run;
  w->output = fetch;
  w->close = close_way;
  return w;
}

static void add_clocks(job *j, side *s, void (*chain)(side *s)) {
  way *device = add(j, "vyre device", 1, s, chain, resident, true);
  device->measure = device_time;
  device->clock = "device";
  // A chain that copies back to back would work on what the last one left.
  if (j->copies)
    return;
  way *stream = add(j, "vyre stream", 1, s, chain, resident, true);
  stream->measure = stream_time;
  stream->clock = "stream";
}

void job_vyre(job *j, void (*chain)(side *s)) {
  bench *b = j->bench;
  // In the order in which they are closed: a shared side goes last.
  if (b->one) {
    side *one = open_side(j, b->one);
    add(j, "vyre", 1, one, chain, resident, false);
  }
  if (b->old && j->flops > 0)
    add(j, "vyre, SSE4", 1, open_side(j, b->old), chain, resident, false);
  j->compile_ns = 0;
  side *all = open_side(j, b->all);
  if (!b->verify) {
    way *w = add(j, "vyre+transfers", b->device_threads, all, chain,
                 with_transfers, true);
    w->most = b->gpu ? 5 : 0;
    if (b->gpu)
      add_clocks(j, all, chain);
  }
  add(j, "vyre", b->device_threads, all, chain, resident, false);
}
