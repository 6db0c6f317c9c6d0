// Random programs as batches, of arguments that have nothing to do with each
// other: against the same batch on the reference device.
#include "conformance/conformance.h"
#include "support/random_program.h"

enum { PROGRAMS = 60, ITEMS = 5 };

static const random_options kinds[] = {
    {RANDOM_ABREAST, 0},
    {RANDOM_ALL & ~RANDOM_GROUPS, 20},
    {RANDOM_ABREAST, 0},
    {RANDOM_WINDOWS | RANDOM_GROUPS | RANDOM_FLOATS, 6},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct batch {
  random_arguments args[ITEMS];
  vy_outputs *outputs[ITEMS];
} batch;

static void run(fixture *f, vy_device *device, vy_program *p, uint64_t seed,
                batch *b) {
  vy_compile_options o = VY_COMPILE_OPTIONS_INIT;
  vy_pipeline *pipeline = NULL;
  vy_item items[ITEMS];
  for (uint32_t i = 0; i < ITEMS; i++) {
    random_arguments *a = &b->args[i];
    assert_true(random_arguments_make(p, ITEMS * seed + i, a));
    expect_ok(f, vy_outputs_create(f->context, a->outputs, &b->outputs[i],
                                   &f->diags));
    items[i] = (vy_item){a->args, a->count, b->outputs[i]};
  }
  expect_ok(f, vy_compile(device, p, &o, &pipeline, &f->diags));
  expect_ok(f,
            vy_dispatch_batch(pipeline, items, ITEMS, NULL, NULL, &f->diags));
  vy_pipeline_release(pipeline);
}

static void drop(batch *b) {
  for (uint32_t i = 0; i < ITEMS; i++) {
    vy_outputs_release(b->outputs[i]);
    random_arguments_free(&b->args[i]);
  }
}

static bool same(const vy_outputs *a, const vy_outputs *b) {
  bool is = vy_outputs_count(a) == vy_outputs_count(b);
  for (uint32_t i = 0; is && i < vy_outputs_count(a); i++) {
    uint64_t size = vy_outputs_size(a, i);
    is = size == vy_outputs_size(b, i) &&
         (!size ||
          !memcmp(vy_outputs_data(a, i), vy_outputs_data(b, i), (size_t)size));
  }
  return is;
}

static void random_batches(void **state) {
  fixture *f = *state;
  vy_device *reference = NULL;
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  d.name = vy_str_c("reference");
  expect_ok(f, vy_device_open(f->context, &d, &reference, &f->diags));
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    vy_program *p = NULL;
    batch ours, theirs;
    assert_true(random_program(f->context, seed, &kinds[seed % KINDS], &p));
    run(f, f->device, p, seed, &ours);
    run(f, reference, p, seed, &theirs);
    for (uint32_t i = 0; i < ITEMS; i++)
      if (!same(ours.outputs[i], theirs.outputs[i]))
        fail_msg("seed %u, item %u", (unsigned)seed, i);
    drop(&ours);
    drop(&theirs);
    vy_program_release(p);
  }
  vy_device_release(reference);
}

static const struct CMUnitTest tests[] = {
    CASE(random_batches),
};
GROUP(batches_random);
