// Trace events as a Chrome JSON array, through a buffer of our own so that
// spans never allocate. Process 1 is the host, a track a thread; process 2
// the devices. After a write error the rest is dropped: tracing must not make
// a dispatch fail.
#define _GNU_SOURCE
#include "base/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct vy__trace {
  vy__mutex mutex;
  int fd;
  bool failed;
  size_t used;
  char data[16384];
};

static void flush(struct vy__trace *t) {
  size_t done = 0;
  while (!t->failed && done < t->used) {
    ssize_t n = write(t->fd, t->data + done, t->used - done);
    if (n > 0)
      done += (size_t)n;
    else if (n == 0 || errno != EINTR)
      t->failed = true;
  }
  t->used = 0;
}

static void put(struct vy__trace *t, const char *data, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (t->used == sizeof t->data)
      flush(t);
    t->data[t->used++] = data[i];
  }
}

// One JSON string. Bytes that are no UTF-8 would spoil the file: anything
// beyond ASCII is written as the code point of the byte.
static void put_string(struct vy__trace *t, vy_str s) {
  put(t, "\"", 1);
  for (size_t i = 0; i < s.size; i++) {
    unsigned char c = (unsigned char)s.data[i];
    char escaped[8];
    if (c == '"' || c == '\\') {
      put(t, (char[]){'\\', (char)c}, 2);
    } else if (c < 0x20 || c >= 0x7f) {
      snprintf(escaped, sizeof escaped, "\\u%04x", c);
      put(t, escaped, 6);
    } else {
      put(t, (const char *)&s.data[i], 1);
    }
  }
  put(t, "\"", 1);
}

static void put_c(struct vy__trace *t, const char *s) { put(t, s, strlen(s)); }

vy_status vy__trace_open(const vy_allocator *a, const char *path,
                         struct vy__trace **out, vy_diags *diags) {
  *out = NULL;
  struct vy__trace *t = vy__calloc(a, 1, sizeof *t);
  if (!t)
    return vy__fail_oom(diags, "the trace");
  t->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (t->fd < 0) {
    int why = errno;
    vy__free(a, t, sizeof *t);
    return vy__fail(diags, NULL, VY__E_TRACE_FILE,
                    "cannot write the trace file %s: error %d (%s)", path, why,
                    strerrorname_np(why) ? strerrorname_np(why) : "unknown");
  }
  if (!vy__mutex_init(&t->mutex)) {
    close(t->fd);
    vy__free(a, t, sizeof *t);
    return vy__fail_oom(diags, "the trace's lock");
  }
  put_c(t, "[{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"tid\":0,"
           "\"args\":{\"name\":\"host\"}},\n"
           "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":2,\"tid\":0,"
           "\"args\":{\"name\":\"devices\"}}");
  *out = t;
  return VY_OK;
}

void vy__trace_close(const vy_allocator *a, struct vy__trace *t) {
  if (!t)
    return;
  put_c(t, "]\n");
  flush(t);
  close(t->fd);
  vy__mutex_destroy(&t->mutex);
  vy__free(a, t, sizeof *t);
}

void vy__trace_span(vy_context *c, vy_str name, const char *category,
                    uint32_t track, uint64_t begin_ns, uint64_t end_ns) {
  struct vy__trace *t = c->trace;
  uint64_t length = end_ns > begin_ns ? end_ns - begin_ns : 0;
  char rest[160];
  snprintf(rest, sizeof rest,
           ",\"ph\":\"X\",\"pid\":%d,\"tid\":%u,\"ts\":%llu.%03u,"
           "\"dur\":%llu.%03u}",
           track ? 2 : 1, track ? track : (uint32_t)gettid(),
           (unsigned long long)(begin_ns / 1000), (unsigned)(begin_ns % 1000),
           (unsigned long long)(length / 1000), (unsigned)(length % 1000));
  vy__mutex_lock(&t->mutex);
  put_c(t, ",\n{\"name\":");
  put_string(t, name);
  put_c(t, ",\"cat\":");
  put_string(t, vy_str_c(category));
  put_c(t, rest);
  vy__mutex_unlock(&t->mutex);
}
