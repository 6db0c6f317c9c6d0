// Trace events of the Chrome format (a JSON array of complete events), as
// chrome://tracing and Perfetto read them. One event is one write of a line
// built on the stack, so that threads mix whole lines only.
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/trace.h"

struct vy__trace {
  FILE *file;
  vy__mutex mutex;
  uint64_t origin_ns;
  bool any;
};

vy_status vy__trace_open(vy_context *c, const char *path, vy_diags *diags) {
  struct vy__trace *t = vy__calloc(&c->alloc, 1, sizeof *t);
  if (!t)
    return vy__fail_oom(diags, "the trace");
  bool locked = vy__mutex_init(&t->mutex);
  t->file = locked ? fopen(path, "we") : NULL;
  if (!t->file || fputs("[", t->file) < 0) {
    if (t->file)
      fclose(t->file);
    if (locked)
      vy__mutex_destroy(&t->mutex);
    vy__free(&c->alloc, t, sizeof *t);
    return vy__fail(diags, NULL, VY__E_TRACE_FILE,
                    "the trace file \"%s\" cannot be written", path);
  }
  t->origin_ns = vy__now_ns();
  c->trace = t;
  return VY_OK;
}

void vy__trace_close(vy_context *c) {
  struct vy__trace *t = c->trace;
  if (!t)
    return;
  fputs("\n]\n", t->file);
  fclose(t->file);
  vy__mutex_destroy(&t->mutex);
  vy__free(&c->alloc, t, sizeof *t);
  c->trace = NULL;
}

// JSON string body; bytes beyond ASCII pass as they are (UTF-8).
static void escape(vy_str s, char *out, size_t size) {
  size_t n = 0;
  for (size_t i = 0; i < s.size && n + 8 < size; i++) {
    unsigned char ch = (unsigned char)s.data[i];
    if (ch == '"' || ch == '\\' || ch < 0x20)
      n += (size_t)snprintf(out + n, size - n, "\\u%04x", ch);
    else
      out[n++] = (char)ch;
  }
  out[n] = 0;
}

static double microseconds(uint64_t from, uint64_t to) {
  return to > from ? (double)(to - from) / 1000.0 : 0.0;
}

void vy__trace_span(vy_context *c, vy_str name, const char *category,
                    uint32_t track, uint64_t begin_ns, uint64_t end_ns) {
  struct vy__trace *t = c->trace;
  char text[256];
  escape(name, text, sizeof text);
  long thread = track ? (long)track : (long)gettid();
  vy__mutex_lock(&t->mutex);
  fprintf(t->file,
          "%s\n{\"name\":\"%s\",\"cat\":\"%s\",\"ph\":\"X\",\"pid\":%u,"
          "\"tid\":%ld,\"ts\":%.3f,\"dur\":%.3f}",
          t->any ? "," : "", text, category, track ? 2u : 1u, thread,
          microseconds(t->origin_ns, begin_ns),
          microseconds(begin_ns, end_ns));
  t->any = true;
  vy__mutex_unlock(&t->mutex);
}
