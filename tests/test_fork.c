// A process that forks: in the child, devices of the parent give errors and
// are released without hanging; a device of its own works.
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/conformance.h"

typedef struct parents {
  vy_pipeline *pipeline;
  vy_prepared *prepared;
  vy_sequence *sequence, *unfinished;
  vy_ticket *ticket, *flying;
  vy_outputs *outputs;
  vy_buffer buffer;
} parents;

static const uint32_t x[] = {1, 2, 3}, y[] = {4, 5, 6};

// Exit codes tell the parent which line went wrong.
#define MUST(condition)                                                        \
  do {                                                                         \
    if (!(condition))                                                          \
      _exit(__LINE__ % 250 + 1);                                               \
  } while (0)
#define REFUSED(call)                                                          \
  MUST((call) == VY_ERROR_DEVICE_LOST && f->records[0].code == 809 &&          \
       (f->diags.count = 0, f->diags.errors = 0, true))

static void use_parents(fixture *f, const parents *p) {
  vy_pipeline *pipeline = NULL;
  vy_prepared *prepared = NULL;
  vy_buffer b;
  uint64_t size;
  uint32_t done;
  vy_outputs *o = make_outputs(f, 1);
  vy_diags *d = &f->diags;
  vy_transfer t = {p->buffer, 0, 4, &done};
  vy_arg args[] = {vy_arg_u32(2), HOST(x), HOST(y)};
  REFUSED(vy_compile(f->device, f->programs[0], NULL, &pipeline, d));
  REFUSED(vy_dispatch(p->pipeline, args, 3, NULL, o, NULL, d));
  REFUSED(vy_prepare(p->pipeline, args, 3, NULL, o, &prepared, d));
  REFUSED(vy_prepared_run(p->prepared, NULL, d));
  REFUSED(vy_prepared_set(p->prepared, 0, args, d));
  REFUSED(vy_buffer_create(f->device, 4, &b, d));
  REFUSED(vy_buffer_free(f->device, p->buffer, d));
  REFUSED(vy_buffer_size(f->device, p->buffer, &size, d));
  REFUSED(vy_buffer_fill(f->device, p->buffer, 0, 4, 0, d));
  REFUSED(vy_buffer_upload(f->device, &t, 1, d));
  REFUSED(vy_buffer_download(f->device, &t, 1, d));
  REFUSED(vy_wait(p->flying, UINT64_MAX, NULL, d));
  REFUSED(vy_wait(p->ticket, 0, NULL, d));
  MUST(vy_poll(p->flying, &done) == VY_ERROR_DEVICE_LOST);
  vy_sequence *s = NULL;
  vy_ticket *ticket = NULL;
  REFUSED(vy_sequence_create(f->device, &s, d));
  MUST(vy_sequence_repeat_end(p->unfinished) == VY_SEQUENCE_NONE);
  REFUSED(vy_sequence_finish(p->unfinished, d));
  REFUSED(vy_sequence_replay(p->sequence, NULL, NULL, d));
  REFUSED(vy_sequence_submit(p->sequence, NULL, NULL, 0, &ticket, d));
}

static void use_own(fixture *f, const char *device) {
  vy_device *own = NULL;
  vy_pipeline *pipeline = NULL;
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c(device);
  vy_arg args[] = {vy_arg_u32(2), HOST(x), HOST(y)};
  vy_outputs *o = make_outputs(f, 1);
  vy_status opened = vy_device_open(f->context, &desc, &own, &f->diags);
  if (!strncmp(device, "cuda", 4)) { // the driver serves one process
    MUST(opened == VY_ERROR_DEVICE_UNAVAILABLE);
    return;
  }
  MUST(opened == VY_OK);
  MUST(vy_compile(own, f->programs[0], NULL, &pipeline, NULL) == VY_OK);
  MUST(vy_dispatch(pipeline, args, 3, NULL, o, NULL, NULL) == VY_OK);
  MUST(*(const uint32_t *)vy_outputs_data(o, 0) == 6);
  vy_pipeline_release(pipeline);
  vy_device_release(own);
}

static void release(fixture *f, const parents *p) {
  vy_ticket_release(p->ticket);
  vy_ticket_release(p->flying);
  vy_prepared_release(p->prepared);
  vy_sequence_release(p->sequence);
  vy_sequence_release(p->unfinished);
  vy_outputs_release(p->outputs);
  vy_pipeline_retain(p->pipeline);
  vy_pipeline_release(p->pipeline);
  vy_pipeline_release(p->pipeline);
  vy_device_release(f->device);
}

static void prepare(fixture *f, parents *p) {
  vy_arg args[] = {vy_arg_u32(2), HOST(x), HOST(y)};
  p->pipeline = make_pipeline(f, saxpy_text, 0);
  p->outputs = make_outputs(f, 1);
  p->buffer = make_buffer(f, x, sizeof x);
  vy_item item = {args, 3, make_outputs(f, 1)}, late = {args, 3, NULL};
  late.outputs = make_outputs(f, 1);
  expect_ok(f, vy_prepare(p->pipeline, args, 3, NULL, p->outputs, &p->prepared,
                          &f->diags));
  expect_ok(f, vy_sequence_create(f->device, &p->unfinished, &f->diags));
  expect_ok(f, vy_sequence_create(f->device, &p->sequence, &f->diags));
  (void)vy_sequence_fill(p->sequence, vy_arg_buffer(p->buffer), 0);
  expect_ok(f, vy_sequence_finish(p->sequence, &f->diags));
  expect_ok(f, vy_submit(p->pipeline, &item, 1, NULL, NULL, 0, &p->ticket,
                         &f->diags));
  expect_ok(f, vy_submit(p->pipeline, &late, 1, NULL, &p->ticket, 1, &p->flying,
                         &f->diags));
}

static void child_gets_errors(void **state) {
  fixture *f = *state;
  parents p;
  prepare(f, &p);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    alarm(60); // hanging ends the child
    use_parents(f, &p);
    use_own(f, conformance_device);
    release(f, &p);
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  // The parent's own go on.
  expect_ok(f, vy_prepared_run(p.prepared, NULL, &f->diags));
  expect_slot(p.outputs, 0, 6, 9, 12);
  expect_ok(f, vy_wait(p.flying, UINT64_MAX, NULL, &f->diags));
  vy_ticket_release(p.ticket);
  vy_ticket_release(p.flying);
  vy_prepared_release(p.prepared);
  expect_ok(f, vy_sequence_replay(p.sequence, NULL, NULL, &f->diags));
  vy_sequence_release(p.sequence);
  vy_sequence_release(p.unfinished);
}

static int run(void) {
  const struct CMUnitTest tests[] = {CASE(child_gets_errors)};
  return cmocka_run_group_tests_name(conformance_device, tests, NULL, NULL);
}

int main(int argc, char **argv) { return conformance_main(argc, argv, run); }
