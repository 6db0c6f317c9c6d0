// Judging what ran: outputs, guards round all buffers, status and diagnostics.
#include "support/case_run.h"

static bool guards_whole(const unsigned char *block, size_t lead, size_t size) {
  for (size_t i = 0; i < lead; i++)
    if (block[i] != GUARD_BYTE)
      return false;
  for (size_t i = 0; i < GUARD; i++)
    if (block[lead + size + i] != GUARD_BYTE)
      return false;
  return true;
}

static bool span_whole(const case_span *s) {
  return !s->block || guards_whole(s->block, GUARD + 1, s->size);
}

static void compare(case_running *r, const case_bound *b, const void *got,
                    uint64_t size) {
  if (!b->has_want || r->c->racy)
    return;
  if (size != b->want.size) {
    case_blame(r, "%.*s: %llu bytes returned, %zu expected",
               (int)b->info.name.size, b->info.name.data,
               (unsigned long long)size, b->want.size);
    return;
  }
  const unsigned char *g = got;
  uint32_t step = b->info.type ? vy_type_size((vy_type)b->info.type) : 1;
  for (size_t i = 0; i + step <= size; i += step)
    if (memcmp(g + i, b->want.data + i, step)) {
      uint64_t have = 0, want = 0;
      memcpy(&have, g + i, step);
      memcpy(&want, b->want.data + i, step);
      case_blame(r, "%.*s: at byte %zu (element %zu): bits %llx, expected %llx",
                 (int)b->info.name.size, b->info.name.data, i,
                 i / (b->info.element_size ? b->info.element_size : 1),
                 (unsigned long long)have, (unsigned long long)want);
      return;
    }
}

static vy_status judge_resident(case_running *r, case_bound *b) {
  size_t all = (size_t)b->size + 2 * GUARD;
  case_span got = case_span_make(NULL, all);
  vy_transfer t = {b->buffer, 0, all, got.data};
  vy_status s = vy_buffer_download(r->device, &t, 1, &r->diags);
  if (s == VY_OK && !guards_whole(got.data, GUARD, (size_t)b->size))
    case_blame(r, "%.*s: bytes outside the resident range were written",
               (int)b->info.name.size, b->info.name.data);
  if (s == VY_OK && b->info.output && !b->info.has_readback)
    compare(r, b, got.data + GUARD, b->size);
  if (s == VY_OK && !b->info.output &&
      memcmp(got.data + GUARD, b->in.data, (size_t)b->size))
    case_blame(r, "%.*s: a resident `read` buffer changed",
               (int)b->info.name.size, b->info.name.data);
  free(got.block);
  return s;
}

vy_status case_judge_outputs(case_running *r) {
  for (uint32_t i = 0; i < r->info.param_count; i++) {
    case_bound *b = &r->params[i];
    if (b->buffer.id) {
      vy_status s = judge_resident(r, b);
      if (s != VY_OK)
        return s;
    } else if (b->info.output) {
      for (uint32_t k = 0; k < BATCH && r->outputs[k]; k++)
        compare(r, b, vy_outputs_data(r->outputs[k], b->info.output_index),
                vy_outputs_size(r->outputs[k], b->info.output_index));
    }
  }
  return VY_OK;
}

void case_judge_guards(case_running *r) {
  for (uint32_t i = 0; i < r->info.param_count && i < MAX_PARAMS; i++) {
    const case_bound *b = &r->params[i];
    if (!span_whole(&b->host) || !span_whole(&b->slot[0]))
      case_blame(r, "%.*s: guard bytes were written", (int)b->info.name.size,
                 b->info.name.data);
    bool in_place = r->o->mode == CASE_IN_PLACE && b->info.output;
    if (b->host.block && !in_place &&
        memcmp(b->host.data, b->in.data, b->in.size))
      case_blame(r, "%.*s: the input was written", (int)b->info.name.size,
                 b->info.name.data);
  }
}

void case_judge_codes(case_running *r, const case_codes *want,
                      uint32_t severity) {
  bool seen[CASE_MAX_CODES] = {false};
  for (uint32_t i = 0; i < r->diags.count; i++) {
    const vy_diag *d = &r->records[i];
    bool found = false;
    if (d->severity != severity)
      continue;
    for (uint32_t k = 0; k < want->count; k++)
      if (want->at[k] == d->code)
        found = seen[k] = true;
    if (!found) {
      char text[1024];
      vy_diag_format(d, text, sizeof text);
      case_blame(r, "not expected: %s", text);
    }
  }
  for (uint32_t k = 0; k < want->count; k++)
    if (!seen[k])
      case_blame(r, "VY%04u expected, not reported", want->at[k]);
}

void case_judge_status(case_running *r, vy_status s) {
  case_codes want = r->c->errors;
  uint32_t flags = r->o->flags | (r->c->strict ? VY_COMPILE_STRICT : 0u);
  if (!want.count && r->c->bounds && flags & VY_COMPILE_STRICT)
    want.at[want.count++] = 700;
  if (want.count && s == VY_OK)
    case_blame(r, "VY%04u expected, but it ran", want.at[0]);
  if (s != VY_OK && !r->diags.errors)
    case_blame(r, "%s without a diagnostic", vy_status_name(s));
  case_judge_codes(r, &want, VY_SEVERITY_ERROR);
}
