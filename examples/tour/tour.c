// A tour of the API, one function a topic. The text of docs/api.md quotes the
// parts between [name] and [/name], and a test holds the two equal.
#include "common.h"

#include <pthread.h>

static void expect(example *e, bool is, const char *what) {
  if (!is)
    example_fail(e, "%s", what);
}

static void slots(example *e) {
  vy_pipeline *square = example_pipeline(e, "tour/tour.vy", "square");
  float x[3] = {1, 2, 3}, y[3];
  // [slots]
  vy_outputs *outputs = NULL;
  vy_status status = vy_outputs_create(e->context, 1, &outputs, &e->diags);
  if (status == VY_OK) // without this line the slot grows by itself
    status = vy_outputs_set(outputs, 0, VY_SLOT_MEMORY, y, sizeof y);
  vy_arg args[2] = {vy_arg_host(x, sizeof x), vy_arg_none()};
  if (status == VY_OK)
    status = vy_dispatch(square, args, 2, NULL, outputs, NULL, &e->diags);
  // [/slots]
  example_check(e, status, "slots");
  expect(e, y[2] == 9 && vy_outputs_size(outputs, 0) == sizeof y, "slots");
  vy_outputs_release(outputs);
  vy_pipeline_release(square);
}

static void readback(example *e) {
  vy_pipeline *odd = example_pipeline(e, "tour/tour.vy", "odd");
  uint32_t x[5] = {4, 5, 6, 7, 9};
  vy_outputs *outputs = NULL;
  vy_arg args[3] = {vy_arg_host(x, sizeof x), vy_arg_none(), vy_arg_none()};
  example_check(e, vy_outputs_create(e->context, 2, &outputs, &e->diags), "");
  example_check(e, vy_dispatch(odd, args, 3, NULL, outputs, NULL, &e->diags),
                "readback");
  expect(e, vy_outputs_size(outputs, 1) == 12, "readback");
  vy_outputs_release(outputs);
  vy_pipeline_release(odd);
}

static void batch(example *e) {
  vy_pipeline *saxpy = example_pipeline(e, "tour/tour.vy", "saxpy");
  enum { K = 3 };
  float x[4] = {1, 2, 3, 4}, y[4] = {0, 0, 0, 0};
  vy_outputs *outputs[K] = {NULL};
  vy_status status = VY_OK;
  for (int k = 0; k < K && status == VY_OK; k++)
    status = vy_outputs_create(e->context, 1, &outputs[k], &e->diags);
  // [batch]
  vy_arg args[K][3];
  vy_item items[K];
  for (int k = 0; k < K; k++) {
    args[k][0] = vy_arg_f32((float)k);
    args[k][1] = vy_arg_host(x, sizeof x);
    args[k][2] = vy_arg_host(y, sizeof y);
    items[k] = (vy_item){args[k], 3, outputs[k]};
  }
  if (status == VY_OK)
    status = vy_dispatch_batch(saxpy, items, K, NULL, NULL, &e->diags);
  // [/batch]
  example_check(e, status, "batch");
  const float *last = vy_outputs_data(outputs[2], 0);
  expect(e, last && last[3] == 8, "batch");
  for (int k = 0; k < K; k++)
    vy_outputs_release(outputs[k]);
  vy_pipeline_release(saxpy);
}

static void resident(example *e) {
  vy_pipeline *square = example_pipeline(e, "tour/tour.vy", "square");
  vy_device *device = e->opened;
  float x[4] = {1, 2, 3, 4}, y[4];
  // [resident]
  vy_buffer a = {0}, b = {0}, out = {0};
  vy_status status = vy_buffer_create(device, sizeof x, &a, &e->diags);
  if (status == VY_OK)
    status = vy_buffer_create(device, sizeof x, &b, &e->diags);
  vy_transfer up = {a, 0, sizeof x, x}, down = {a, 0, sizeof y, y};
  if (status == VY_OK)
    status = vy_buffer_upload(device, &up, 1, &e->diags);
  vy_arg there[2] = {vy_arg_buffer(a), vy_arg_buffer(b)};
  vy_arg back[2] = {vy_arg_buffer(b), vy_arg_buffer(a)};
  if (status == VY_OK) // b = a * a, nothing returns to the host
    status =
        vy_dispatch_resident(square, there, 2, NULL, &out, 1, NULL, &e->diags);
  if (status == VY_OK) // a = b * b
    status =
        vy_dispatch_resident(square, back, 2, NULL, &out, 1, NULL, &e->diags);
  if (status == VY_OK)
    status = vy_buffer_download(device, &down, 1, &e->diags);
  // [/resident]
  example_check(e, status, "resident");
  expect(e, out.id == a.id && y[3] == 256, "resident");
  example_free(e, a);
  example_free(e, b);
  // [stale]
  status = vy_buffer_download(device, &down, 1, NULL); // a is freed
  // [/stale]
  expect(e, status == VY_ERROR_STALE_HANDLE, "stale");
  vy_pipeline_release(square);
}

static void tickets(example *e) {
  vy_pipeline *square = example_pipeline(e, "tour/tour.vy", "square");
  float x[4] = {1, 2, 3, 4};
  vy_outputs *outputs = NULL;
  vy_status status = vy_outputs_create(e->context, 1, &outputs, &e->diags);
  // [ticket]
  vy_arg args[2] = {vy_arg_host(x, sizeof x), vy_arg_none()};
  vy_item item = {args, 2, outputs};
  vy_ticket *ticket = NULL;
  if (status == VY_OK)
    status = vy_submit(square, &item, 1, NULL, NULL, 0, &ticket, &e->diags);
  // x and outputs stay borrowed; the calling thread does other things
  if (status == VY_OK)
    status = vy_wait(ticket, UINT64_MAX, NULL, &e->diags);
  vy_ticket_release(ticket);
  // [/ticket]
  example_check(e, status, "ticket");
  const float *y = vy_outputs_data(outputs, 0);
  expect(e, y && y[3] == 16, "ticket");
  vy_outputs_release(outputs);
  vy_pipeline_release(square);
}

static void prepared(example *e) {
  vy_pipeline *saxpy = example_pipeline(e, "tour/tour.vy", "saxpy");
  float x[2] = {1, 2}, y[2] = {10, 20};
  vy_outputs *outputs = NULL;
  vy_status status = vy_outputs_create(e->context, 1, &outputs, &e->diags);
  // [prepared]
  vy_arg args[3] = {vy_arg_f32(1), vy_arg_host(x, sizeof x),
                    vy_arg_host(y, sizeof y)};
  vy_prepared *run = NULL;
  if (status == VY_OK)
    status = vy_prepare(saxpy, args, 3, NULL, outputs, &run, &e->diags);
  for (int i = 0; i < 100 && status == VY_OK; i++) {
    vy_arg a = vy_arg_f32((float)i);
    status = vy_prepared_set(run, 0, &a, &e->diags);
    if (status == VY_OK)
      status = vy_prepared_run(run, NULL, &e->diags);
  }
  vy_prepared_release(run);
  // [/prepared]
  example_check(e, status, "prepared");
  const float *got = vy_outputs_data(outputs, 0);
  expect(e, got && got[1] == 2 * 99 + 20, "prepared");
  vy_outputs_release(outputs);
  vy_pipeline_release(saxpy);
}

static void errors(example *e) {
  // [errors]
  vy_source source = VY_SOURCE_INIT;
  source.name = vy_str_c("wrong.vy");
  source.text = vy_str_c("program p(y: write u32[1]) { lanes 1; y[0] = z; }");
  vy_program *program = NULL;
  vy_status status = vy_program_parse(e->context, &source, &program, &e->diags);
  if (status == VY_ERROR_INVALID_PROGRAM) {
    const vy_diag *first = &e->diags.records[0];
    char text[1024];
    vy_diag_format(first, text, sizeof text); // as people read it
    // programs look at first->code, first->line, first->column
  }
  // [/errors]
  expect(e, status == VY_ERROR_INVALID_PROGRAM && !program, "errors");
  expect(e,
         e->diags.count == 1 && e->diags.records[0].code == 200 &&
             e->diags.records[0].line == 1,
         "the diagnostic");
  e->diags.count = 0;
  e->diags.text_size = 0;
}

// [thread]
// Each thread has its own outputs; the pipeline is shared.
typedef struct job {
  vy_context *context;
  vy_pipeline *pipeline;
  float input;
  vy_status status;
  float result;
} job;

static void *work(void *user) {
  job *j = user;
  vy_outputs *outputs = NULL;
  vy_arg args[2] = {vy_arg_host(&j->input, sizeof j->input), vy_arg_none()};
  j->status = vy_outputs_create(j->context, 1, &outputs, NULL);
  for (int i = 0; i < 10 && j->status == VY_OK; i++)
    j->status = vy_dispatch(j->pipeline, args, 2, NULL, outputs, NULL, NULL);
  if (j->status == VY_OK)
    memcpy(&j->result, vy_outputs_data(outputs, 0), sizeof j->result);
  vy_outputs_release(outputs);
  return NULL;
}
// [/thread]

static void threads(example *e) {
  enum { N = 4 };
  vy_pipeline *square = example_pipeline(e, "tour/tour.vy", "square");
  pthread_t ids[N];
  job jobs[N];
  for (int i = 0; i < N; i++) {
    jobs[i] = (job){e->context, square, (float)i, VY_OK, 0};
    if (pthread_create(&ids[i], NULL, work, &jobs[i]))
      example_fail(e, "no thread");
  }
  for (int i = 0; i < N; i++) {
    pthread_join(ids[i], NULL);
    example_check(e, jobs[i].status, "a thread");
    expect(e, jobs[i].result == (float)(i * i), "a thread's result");
  }
  vy_pipeline_release(square);
}

static void device(example *e) {
  vy_context *context = e->context;
  // [device]
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  vy_device_info info = VY_DEVICE_INFO_INIT;
  vy_device *device = NULL;
  desc.name = vy_str_c("cpu");
  desc.threads = 2;
  vy_status status = vy_device_open(context, &desc, &device, NULL);
  if (status == VY_ERROR_DEVICE_UNAVAILABLE)
    status = vy_device_open(context, NULL, &device, &e->diags);
  if (status == VY_OK) // e.g. "vyre 0.1.0, llvm 19, avx2"
    status = vy_device_describe(device, &info);
  // [/device]
  example_check(e, status, "device");
  printf("device %s: %s\n", info.name, info.driver);
  vy_device_release(device);
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "tour", argc, argv);
  device(&e);
  slots(&e);
  readback(&e);
  batch(&e);
  resident(&e);
  tickets(&e);
  prepared(&e);
  errors(&e);
  threads(&e);
  printf("the tour is over, all went well\n");
  return example_close(&e);
}
