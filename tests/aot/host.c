// A host of ahead-of-time objects, as C and as C++, that knows their headers
// only. It writes what it gave and what it got to files, for the reference
// device to judge, and checks what a run says when something is wrong.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fire.h"
#include "mandelbrot.h"
#include "names.h"
#include "outside.h"
#include "rest.h"
#include "saxpy.h"

enum { N = 1000, WIDTH = 211, HEIGHT = 97, RULES = 700, FACTS = 64 };

static int failures;

static void expect(int ok, const char *what) {
  if (!ok) {
    fprintf(stderr, "FAILED: %s\n", what);
    failures++;
  }
}

static void write_file(const char *name, const void *data, size_t size) {
  FILE *file = fopen(name, "wb");
  expect(file && fwrite(data, 1, size, file) == size && !fclose(file), name);
}

static uint32_t next(uint32_t *state) {
  return *state = *state * 1664525u + 1013904223u;
}

// ---- nothing but the object

static void saxpy(void) {
  static float x[N], y[N];
  saxpy_args args;
  vyre_run how;
  uint32_t state = 1;
  for (int i = 0; i < N; i++) {
    x[i] = (float)next(&state) / 3.0f;
    y[i] = (float)next(&state) / 7.0f;
  }
  write_file("saxpy.x", x, sizeof x);
  write_file("saxpy.y", y, sizeof y);
  memset(&args, 0, sizeof args);
  args.a = 2.5f;
  args.x = x;
  args.x_count = N;
  args.y = y;
  args.y_count = N;
  expect(saxpy_run(&args, NULL) == VYRE_OK, "saxpy");
  write_file("saxpy.out", y, sizeof y);

  memset(&how, 0, sizeof how);
  args.x = y + 1; // overlaps what is written
  args.x_count = N - 1;
  expect(saxpy_run(&args, &how) == VYRE_INVALID_ARGUMENT &&
             how.fault.parameter == 2 &&
             how.fault.status == VYRE_INVALID_ARGUMENT,
         "saxpy: an overlap");
  args.x = NULL;
  expect(saxpy_run(&args, &how) == VYRE_INVALID_ARGUMENT &&
             how.fault.parameter == 1,
         "saxpy: no memory");
  args.x_count = args.y_count = 0;
  args.y = NULL;
  expect(saxpy_run(&args, &how) == VYRE_OK, "saxpy: nothing to do");
  expect(saxpy_run(NULL, &how) == VYRE_INVALID_ARGUMENT, "saxpy: no arguments");
}

// ---- a size that the program gives, and the host's own loop

static uint64_t rounds;

static void backwards(void *user, uint64_t count,
                      void (*body)(void *data, uint64_t index), void *data) {
  rounds += count;
  *(int *)user += 1;
  while (count-- > 0)
    body(data, count);
}

static void mandelbrot(void) {
  mandelbrot_args args;
  vyre_run how;
  int calls = 0;
  memset(&args, 0, sizeof args);
  memset(&how, 0, sizeof how);
  args.w = WIDTH;
  args.h = HEIGHT;
  uint64_t count = mandelbrot_steps_count(&args);
  expect(count == (uint64_t)WIDTH * HEIGHT, "mandelbrot: its size");
  uint32_t *steps = (uint32_t *)malloc(count * sizeof *steps);
  expect(steps != NULL, "memory");
  memset(steps, 0xff, count * sizeof *steps);
  args.steps = steps;
  args.steps_count = count - 1;
  expect(mandelbrot_run(&args, &how) == VYRE_OUTPUT_TOO_SMALL &&
             how.fault.parameter == 2 && how.fault.index == count - 1 &&
             how.fault.length == count,
         "mandelbrot: too small");
  args.steps_count = count;
  how.parallel_for = backwards;
  how.parallel_user = &calls;
  how.threads = 4;
  expect(mandelbrot_run(&args, &how) == VYRE_OK, "mandelbrot");
  expect(calls == 1 && rounds > 1, "mandelbrot: the host's loop");
  write_file("mandelbrot.out", steps, count * sizeof *steps);
  free(steps);
}

// ---- structs, groups and collectives

static void fire(void) {
  static fire_rules rules[RULES];
  static fire_facts facts[FACTS];
  uint32_t state = 3, counts[(RULES + 255) / 256], fired[(RULES + 31) / 32];
  fire_args args;
  for (int i = 0; i < FACTS; i++) {
    facts[i].matched = next(&state) >> 30;
    facts[i].count = next(&state) >> 28;
    facts[i].offset = next(&state) >> 20;
  }
  for (int i = 0; i < RULES; i++) {
    memset(&rules[i], 0, sizeof rules[i]);
    rules[i].a = next(&state) % FACTS;
    rules[i].b = next(&state) % FACTS;
    rules[i].c = next(&state) % FACTS;
    rules[i].d = next(&state) % FACTS;
    rules[i].min_count = next(&state) >> 30;
    rules[i].max_offset = UINT32_MAX;
    rules[i].max_size = UINT32_MAX;
    rules[i].max_entropy = UINT32_MAX;
  }
  write_file("fire.rules", rules, sizeof rules);
  write_file("fire.facts", facts, sizeof facts);
  memset(&args, 0, sizeof args);
  args.rules = rules;
  args.rules_count = RULES;
  args.facts = facts;
  args.facts_count = FACTS;
  args.file_size = 100;
  args.entropy = 5;
  args.fired = fired;
  args.fired_count = sizeof fired / sizeof *fired;
  args.counts = counts;
  args.counts_count = sizeof counts / sizeof *counts;
  expect(fire_run(&args, NULL) == VYRE_OK, "fire");
  write_file("fire.out", counts, sizeof counts);
  write_file("fire.out2", fired, sizeof fired);
}

// ---- needs libvyre-rt

static void rest(void) {
  static double x[N], y[N];
  uint32_t state = 5;
  rest_args args;
  for (int i = 0; i < N; i++)
    x[i] = (double)next(&state) - 2e9;
  write_file("rest.x", x, sizeof x);
  memset(&args, 0, sizeof args);
  args.x = x;
  args.x_count = N;
  args.by = 0.7;
  args.y = y;
  args.y_count = N;
  expect(rest_run(&args, NULL) == VYRE_OK, "rest");
  write_file("rest.out", y, sizeof y);
}

// ---- names that are taken, elements with gaps

static void names(void) {
  static names_mixed mixed[20];
  static names_mixed more[2]; // of another parameter, and the same type
  static float x[60];
  uint16_t out[12];
  names_args args;
  uint32_t state = 9;
  memset(mixed, 0, sizeof mixed);
  for (int i = 0; i < 20; i++) {
    mixed[i].flag = (uint8_t)i;
    mixed[i].at_x = (float)next(&state) / 5.0f;
    mixed[i].class_ = (uint16_t)next(&state);
    mixed[i].half = 0x3c00;
  }
  for (int i = 0; i < 60; i++)
    x[i] = (float)next(&state) / 9.0f;
  write_file("names.x", x, sizeof x);
  write_file("names.mixed", mixed, sizeof mixed);
  memset(&args, 0, sizeof args);
  args.int_ = 11;
  args.class_ = -3;
  args.x = x;
  args.x_count = 20;
  args.x_count_ = 77;
  args.mixed = mixed;
  args.mixed_count = 20;
  more[1].at_x = 0.25f;
  write_file("names.more", more, sizeof more);
  args.more = more;
  args.more_count = 2;
  args.on = true;
  args.template_ = out;
  args.template__count = 12;
  memset(out, 0xab, sizeof out);
  expect(names_run(&args, NULL) == VYRE_OK, "names");
  expect(out[11] == 0xabab, "names: more room than it takes");
  write_file("names.out", mixed, sizeof mixed);
  write_file("names.out2", out, 11 * sizeof *out);
}

// ---- strict bounds and a budget

static void outside(void) {
  uint32_t x[8] = {0};
  outside_args args;
  vyre_run how;
  memset(&args, 0, sizeof args);
  memset(&how, 0, sizeof how);
  args.x = x;
  args.x_count = 8;
  args.at = 3;
  expect(outside_run(&args, &how) == VYRE_OK && x[7] == 1, "outside: inside");
  args.at = 2;
  expect(outside_run(&args, &how) == VYRE_BOUNDS, "outside");
  expect(how.fault.line == 7 && !strcmp(how.fault.file, "outside.vy") &&
             !strcmp(how.fault.memory, "x") && how.fault.parameter == 0 &&
             how.fault.lane == 5 && how.fault.index == 8 &&
             how.fault.length == 8,
         "outside: where");
  args.at = 1000;
  how.domain[0] = 1;
  how.budget = 10;
  expect(outside_run(&args, &how) == VYRE_BUDGET && how.fault.line == 6,
         "outside: the budget");
  args.at = 3;
  how.domain[0] = 0;
  how.domain[1] = 0;
  how.budget = 0;
  expect(outside_run(&args, &how) == VYRE_OK && !how.fault.status,
         "outside: fine again");
}

int main(void) {
  saxpy();
  mandelbrot();
  fire();
  rest();
  names();
  outside();
  return failures != 0;
}
