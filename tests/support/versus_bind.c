// See versus_bind.h.
#include "support/versus_bind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static vy_param_info param(const versus_bound *b, uint32_t i) {
  vy_param_info p = VY_PARAM_INFO_INIT;
  assert_int_equal(vy_program_param(b->call->program, i, &p), VY_OK);
  return p;
}

// Resident; `write` ones start as garbage.
static void move_in(versus_bound *b, uint32_t i, uint64_t size) {
  vy_arg *a = &b->args[i];
  const bool in = a->kind == VY_ARG_HOST;
  const uint64_t whole = size + 2 * VERSUS_MARGIN;
  vy_buffer *to = &b->buffers[i];
  assert_int_equal(vy_buffer_create(b->device, whole, to, NULL), VY_OK);
  assert_int_equal(vy_buffer_fill(b->device, *to, 0, whole, 0xA5, NULL), VY_OK);
  vy_transfer t = {*to, VERSUS_MARGIN, size,
                   (void *)(uintptr_t)(in ? a->u.data : NULL)};
  if (in && size)
    assert_int_equal(vy_buffer_upload(b->device, &t, 1, NULL), VY_OK);
  *a = vy_arg_range(*to, VERSUS_MARGIN, size);
}

// Between guard pages, inputs read-only; every other `update` in place.
static void guard(versus_bound *b, uint32_t i, const vy_param_info *p,
                  uint64_t size) {
  vy_arg *a = &b->args[i];
  const bool end = b->call->mode == VERSUS_GUARDED_END,
             in_place = p->output && i % 2 == 0;
  void *slot = NULL;
  if (a->kind == VY_ARG_HOST) {
    b->in[i] = guarded_make(a->u.data, (size_t)a->size, end);
    *a = vy_arg_host(b->in[i].data, a->size);
    if (in_place)
      slot = b->in[i].data;
    else
      guarded_protect(&b->in[i]);
  }
  if (!p->output || p->has_readback)
    return;
  if (!slot) {
    b->slots[i] = guarded_make(NULL, (size_t)size, end);
    slot = b->slots[i].data;
  }
  assert_int_equal(
      vy_outputs_set(b->outputs, p->output_index, VY_SLOT_MEMORY, slot, size),
      VY_OK);
}

void versus_bind(versus_bound *b, vy_context *context, vy_device *device,
                 const versus_call *call, const vy_outputs *expected) {
  memset(b, 0, sizeof *b);
  b->device = device;
  b->call = call;
  vy_program_info info = VY_PROGRAM_INFO_INIT;
  assert_int_equal(vy_program_describe(call->program, &info), VY_OK);
  assert_int_equal(
      vy_outputs_create(context, info.output_count, &b->outputs, NULL), VY_OK);
  assert_true(call->arg_count <= VERSUS_ARGS);
  memcpy(b->args, call->args, call->arg_count * sizeof *b->args);
  for (uint32_t i = 0; expected && i < call->arg_count; i++) {
    const vy_param_info p = param(b, i);
    if (p.access == VY_ACCESS_NONE)
      continue;
    const uint64_t size = b->args[i].kind == VY_ARG_HOST
                              ? b->args[i].size
                              : vy_outputs_size(expected, p.output_index);
    if (call->mode == VERSUS_RESIDENT && !p.has_readback)
      move_in(b, i, size);
    else if (call->mode >= VERSUS_GUARDED_END)
      guard(b, i, &p, size);
  }
}

void versus_unbind(versus_bound *b) {
  for (uint32_t i = 0; i < VERSUS_ARGS; i++) {
    if (b->buffers[i].id)
      assert_int_equal(vy_buffer_free(b->device, b->buffers[i], NULL), VY_OK);
    guarded_free(&b->in[i]);
    guarded_free(&b->slots[i]);
  }
  vy_outputs_release(b->outputs);
}

unsigned char *versus_take(const versus_bound *b, uint32_t index,
                           uint64_t *size) {
  vy_buffer from = {0};
  for (uint32_t i = 0; i < b->call->arg_count; i++) {
    const vy_param_info p = param(b, i);
    if (p.output && p.output_index == index)
      from = b->buffers[i];
  }
  *size = vy_outputs_size(b->outputs, index);
  if (from.id) {
    assert_int_equal(vy_buffer_size(b->device, from, size, NULL), VY_OK);
    *size -= 2 * VERSUS_MARGIN;
  }
  const size_t whole = (size_t)*size + 2 * VERSUS_MARGIN;
  unsigned char *data = malloc(whole);
  assert_non_null(data);
  memset(data, 0xA5, whole);
  vy_transfer t = {from, 0, whole, data};
  if (from.id)
    assert_int_equal(vy_buffer_download(b->device, &t, 1, NULL), VY_OK);
  else if (*size)
    memcpy(data + VERSUS_MARGIN, vy_outputs_data(b->outputs, index),
           (size_t)*size);
  return data;
}
