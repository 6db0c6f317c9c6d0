// The fake driver: streams and events. What is enqueued runs while somebody
// waits or asks.
#include "fake_cuda/inside.h"

// ---- streams

fake_handle fake_handles[MOST_HANDLES];
static pthread_cond_t ran = PTHREAD_COND_INITIALIZER;

static uint32_t *word(uint64_t at) { return (uint32_t *)(uintptr_t)at; }

// The kernels that the runtime brings along.
static void help(const op *o) {
  const uint64_t *a = o->args;
  const char *name = o->function->name;
  if (!strcmp(name, "vy_begin")) {
    *word(a[1]) = 0;
    fake_handles[a[0]].value = 1;
  } else if (!strcmp(name, "vy_again")) {
    uint32_t v = *word(a[1]), *state = word(a[2]);
    state[0]++;
    state[1] = v;
    if (++state[2] == 0)
      state[3]++;
    fake_handles[a[0]].value = v && state[0] < (uint32_t)a[3];
  } else {
    uint64_t *record = (uint64_t *)(uintptr_t)a[0];
    uint64_t n = *word(a[1]);
    *word(a[2]) = (uint32_t)n;
    record[0] = (n < a[3] ? n : a[3]) * a[4];
    record[3] = (record[0] + a[5] - 1) / a[5];
  }
}

static void perform(op *o) {
  if (fake_dead && o->what != RECORD)
    return;
  switch (o->what) {
  case COPY:
    memmove(o->to, o->from, o->size);
    break;
  case FILL:
    memset(o->to, (int)o->value, o->size);
    break;
  case FILL_WORDS:
    for (size_t i = 0; i < o->size; i++)
      memcpy(o->to + 4 * i, &o->value, 4);
    break;
  case WRITE:
    __atomic_store_n((uint32_t *)(void *)o->to, o->value, __ATOMIC_RELEASE);
    break;
  case RECORD:
    if (o->ticket > o->event->done)
      o->event->done = o->ticket;
    break;
  case LAUNCH:
    fake_launch_count++;
    if (fake_run_kernel) {
      fake_kernel k = fake_run_kernel;
      pthread_mutex_unlock(&fake_mutex);
      k(&o->launch);
      pthread_mutex_lock(&fake_mutex);
    }
    break;
  case HELPER:
    help(o);
    break;
  case LOOP:
    while (fake_handles[o->handle].value)
      for (int i = 0; i < o->body->node_count; i++)
        perform(o->body->nodes[i]);
    break;
  }
}

void fake_free_op(op *o) {
  if (o->body) {
    for (int i = 0; i < o->body->node_count; i++)
      fake_free_op(o->body->nodes[i]);
    fake_end(o->body);
  }
  free(o->record);
  free(o);
}

// Run the first op of a stream, or wait for who does. False: it is empty.
static bool step(object *s) {
  if (s->running) {
    pthread_cond_wait(&ran, &fake_mutex);
    return true;
  }
  op *o = s->first;
  if (!o)
    return false;
  s->running = true;
  perform(o);
  s->first = o->next;
  if (!s->first)
    s->last = NULL;
  s->running = false;
  fake_free_op(o);
  pthread_cond_broadcast(&ran);
  return true;
}

op *fake_put(object *s, int what) {
  op *o = calloc(1, sizeof *o);
  o->what = what;
  if (s->last)
    s->last->next = o;
  else
    s->first = o;
  s->last = o;
  return o;
}

int fake_stream_create(vy__cu_stream *out, unsigned flags) {
  fake_lock();
  if (!fake_has_context())
    return fake_leave(VY__CU_INVALID_CONTEXT);
  if (flags != VY__CU_STREAM_NON_BLOCKING)
    fake_die("a stream that waits for the default stream");
  *out = (vy__cu_stream)(void *)fake_make(STREAM);
  return fake_leave(0);
}
int fake_stream_destroy(vy__cu_stream s) {
  fake_lock();
  object *o = fake_check(s, STREAM);
  while (step(o))
    ;
  fake_end(o);
  return fake_leave(0);
}
int fake_stream_wait(vy__cu_stream s) {
  fake_lock();
  object *o = fake_check(s, STREAM);
  while (step(o))
    ;
  return fake_leave(0);
}
int fake_stream_query(vy__cu_stream s) {
  fake_lock();
  object *o = fake_check(s, STREAM);
  (void)step(o);
  return fake_leave(o->first ? VY__CU_NOT_READY : 0);
}
int fake_stream_write(vy__cu_stream s, vy__cu_address at, uint32_t value,
                      unsigned flags) {
  if (getenv("FAKE_CUDA_WORDLESS"))
    return 801; // not supported
  fake_lock();
  fake_need_memory((void *)(uintptr_t)at, 4, false);
  op *o = fake_put(fake_check_here(s, STREAM), WRITE);
  o->to = (uint8_t *)(uintptr_t)at;
  o->value = value;
  return fake_leave(flags ? VY__CU_INVALID_VALUE : 0);
}

// ---- events

int fake_event_create(vy__cu_event *out, unsigned flags) {
  fake_lock();
  if (!fake_has_context())
    return fake_leave(VY__CU_INVALID_CONTEXT);
  object *o = fake_make(EVENT);
  o->timed = !(flags & VY__CU_EVENT_NO_TIME);
  *out = (vy__cu_event)(void *)o;
  return fake_leave(0);
}
int fake_event_destroy(vy__cu_event e) {
  fake_lock();
  object *o = fake_check(e, EVENT);
  while (o->done < o->recorded && step(o->stream))
    ;
  fake_end(o);
  return fake_leave(0);
}
int fake_event_record(vy__cu_event e, vy__cu_stream s) {
  fake_lock();
  object *o = fake_check_here(e, EVENT);
  o->stream = fake_check_here(s, STREAM);
  op *p = fake_put(o->stream, RECORD);
  p->event = o;
  p->ticket = ++o->recorded;
  return fake_leave(0);
}
int fake_event_query(vy__cu_event e) {
  fake_lock();
  object *o = fake_check(e, EVENT);
  if (o->done < o->recorded)
    (void)step(o->stream);
  return fake_leave(o->done < o->recorded ? VY__CU_NOT_READY : 0);
}
int fake_event_wait(vy__cu_event e) {
  fake_lock();
  object *o = fake_check(e, EVENT);
  while (o->done < o->recorded && step(o->stream))
    ;
  return fake_leave(0);
}
int fake_event_elapsed(float *ms, vy__cu_event from, vy__cu_event to) {
  fake_lock();
  object *a = fake_check(from, EVENT), *b = fake_check(to, EVENT);
  if (!a->timed || !b->timed || !a->recorded || !b->recorded)
    fake_die("no time was taken");
  *ms = 0.25f;
  return fake_leave(
      a->done < a->recorded || b->done < b->recorded ? VY__CU_NOT_READY : 0);
}
