// Files and memory of the command.
#include "cli.h"

#include <errno.h>
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

// All of `f`, or `most` bytes of it; 0, or what went wrong.
static int read_all(FILE *f, size_t most, unsigned char **out, size_t *size) {
  struct stat st;
  if (fstat(fileno(f), &st))
    return errno;
  if (S_ISDIR(st.st_mode))
    return EISDIR;
  size_t room = st.st_size > 0 ? (size_t)st.st_size + 1 : 65536;
  for (*size = 0; *size < most; room *= 2) {
    room = room < most ? room : most;
    unsigned char *data = realloc(*out, room + 1);
    if (!data)
      return ENOMEM;
    *out = data;
    *size += fread(data + *size, 1, room - *size, f);
    if (ferror(f))
      return errno;
    data[*size] = 0;
    if (*size < room)
      break;
  }
  return 0;
}

unsigned char *cli_read_file(const char *path, size_t most, size_t *size) {
  unsigned char *data = NULL;
  FILE *f = fopen(path, "rb");
  if (!f)
    return NULL;
  int failed = read_all(f, most, &data, size);
  fclose(f);
  if (!failed)
    return data;
  free(data);
  errno = failed;
  return NULL;
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
  int failed = errno; // the first that failed counts
  if (f && fclose(f) && ok) {
    ok = false;
    failed = errno;
  }
  if (ok && plain && rename(beside, path)) {
    ok = false;
    failed = errno;
  }
  if (!ok && plain && f)
    remove(beside);
  free(beside);
  errno = failed;
  return ok;
}
