// Files and memory of the command.
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void *cli_grow(void *p, size_t size) {
  p = realloc(p, size ? size : 1);
  if (!p) {
    fprintf(stderr, "vyre: out of memory\n");
    exit(CLI_FAILED);
  }
  return p;
}

void *cli_alloc(size_t size) {
  return memset(cli_grow(NULL, size), 0, size ? size : 1);
}

char *cli_format(const char *format, ...) {
  va_list ap, again;
  va_start(ap, format);
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, format, ap);
  char *text = cli_alloc((size_t)n + 1);
  vsnprintf(text, (size_t)n + 1, format, again);
  va_end(again);
  va_end(ap);
  return text;
}

bool cli_has_suffix(const char *path, const char *suffix) {
  size_t n = strlen(path), m = strlen(suffix);
  return n >= m && !strcmp(path + n - m, suffix);
}

unsigned char *cli_read_file(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f)
    return NULL;
  struct stat st;
  if (fstat(fileno(f), &st) || S_ISDIR(st.st_mode)) {
    fclose(f);
    return NULL;
  }
  size_t room = st.st_size > 0 ? (size_t)st.st_size + 1 : 65536, n = 0;
  unsigned char *data = cli_grow(NULL, room + 1);
  for (size_t got; (got = fread(data + n, 1, room - n, f)) > 0;) {
    n += got;
    if (n == room) {
      room *= 2;
      data = cli_grow(data, room + 1);
    }
  }
  bool failed = ferror(f);
  fclose(f);
  if (failed) {
    free(data);
    return NULL;
  }
  data[n] = 0;
  *size = n;
  return data;
}

static bool put(FILE *f, const void *data, size_t size) {
  return !size || fwrite(data, 1, size, f) == size;
}

// A path that is no plain file (a pipe, /dev/stdout) is written as it is.
bool cli_write_file(const char *path, const void *head, size_t head_size,
                    const void *data, size_t size) {
  struct stat st;
  bool plain = stat(path, &st) || S_ISREG(st.st_mode);
  char *beside = plain ? cli_format("%s.tmp%ld", path, (long)getpid())
                       : cli_format("%s", path);
  FILE *f = fopen(beside, "wb");
  bool ok = f && put(f, head, head_size) && put(f, data, size);
  if (f)
    ok = !fclose(f) && ok;
  if (ok && plain)
    ok = !rename(beside, path);
  if (!ok && plain)
    remove(beside);
  free(beside);
  return ok;
}
