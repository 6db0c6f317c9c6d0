// Reading cases: directive lines, the files they name, the list of the corpus.
#include "support/case.h"

#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool say(char *why, size_t size, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  vsnprintf(why, size, format, ap);
  va_end(ap);
  return false;
}

static char *copy_text(const char *s, size_t n) {
  char *p = malloc(n + 1);
  if (!p)
    abort();
  if (n)
    memcpy(p, s, n);
  p[n] = 0;
  return p;
}

static char *read_text(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f)
    return NULL;
  char *text = NULL;
  size_t n = 0, room = 0;
  for (;;) {
    if (n == room) {
      room = room ? room * 2 : 4096;
      text = realloc(text, room + 1);
      if (!text)
        abort();
    }
    size_t got = fread(text + n, 1, room - n, f);
    if (!got)
      break;
    n += got;
  }
  fclose(f);
  text[n] = 0;
  *size = n;
  return text;
}

// Append to the entry of that name, or make one.
static bool add_pair(case_pairs *p, const char *name, size_t n,
                     const char *values) {
  for (uint32_t i = 0; i < p->count; i++) {
    case_pair *at = &p->at[i];
    if (strlen(at->name) == n && !memcmp(at->name, name, n)) {
      size_t old = strlen(at->values), more = strlen(values);
      at->values = realloc(at->values, old + more + 2);
      if (!at->values)
        abort();
      at->values[old] = ' ';
      memcpy(at->values + old + 1, values, more + 1);
      return true;
    }
  }
  if (p->count == CASE_MAX_LINES)
    return false;
  p->at[p->count].name = copy_text(name, n);
  p->at[p->count].values = copy_text(values, strlen(values));
  p->count++;
  return true;
}

static void free_pairs(case_pairs *p) {
  for (uint32_t i = 0; i < p->count; i++) {
    free(p->at[i].name);
    free(p->at[i].values);
  }
  p->count = 0;
}

// "NAME: rest" or "NAME = rest".
static bool take_pair(case_pairs *p, const char *rest, char separator) {
  const char *end = strchr(rest, separator);
  if (!end)
    return false;
  size_t n = (size_t)(end - rest);
  while (n && rest[n - 1] == ' ')
    n--;
  for (end++; *end == ' ';)
    end++;
  return n && add_pair(p, rest, n, end);
}

static bool take_number(const char *rest, uint64_t *out) {
  char *end;
  if (!isdigit((unsigned char)*rest))
    return false;
  *out = strtoull(rest, &end, 0);
  return !*end;
}

static bool take_extent(const char *rest, uint64_t out[3]) {
  out[0] = out[1] = out[2] = 1;
  for (int i = 0; i < 3; i++) {
    char *end;
    if (!isdigit((unsigned char)*rest))
      return false;
    out[i] = strtoull(rest, &end, 0);
    if (!*end)
      return true;
    if (*end != ',')
      return false;
    for (rest = end + 1; *rest == ' ';)
      rest++;
  }
  return false;
}

static bool take_code(case_codes *codes, const char *rest) {
  if (strncmp(rest, "VY", 2) || strlen(rest) != 6 ||
      codes->count == CASE_MAX_CODES)
    return false;
  uint32_t code = 0;
  for (int i = 2; i < 6; i++) {
    if (!isdigit((unsigned char)rest[i]))
      return false;
    code = code * 10 + (uint32_t)(rest[i] - '0');
  }
  codes->at[codes->count++] = code;
  return true;
}

static bool take_import(case_file *c, const char *rest, const char *folder) {
  const char *close = *rest == '"' ? strchr(rest + 1, '"') : NULL;
  if (!close || close[1] != ':')
    return false;
  const char *file = close + 2;
  while (*file == ' ')
    file++;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, file);
  size_t size;
  char *text = read_text(path, &size);
  if (!text)
    return false;
  bool ok = add_pair(&c->imports, rest + 1, (size_t)(close - rest - 1), text);
  free(text);
  return ok;
}

// One directive: the word, and what follows its ':' or blank.
static bool directive(case_file *c, const char *line, const char *folder) {
  static const struct {
    const char *word;
    size_t flag;
  } flags[] = {{"strict", offsetof(case_file, strict)},
               {"clean", offsetof(case_file, clean)},
               {"bounds", offsetof(case_file, bounds)},
               {"racy", offsetof(case_file, racy)}};
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
    if (!strcmp(line, flags[i].word)) {
      *(bool *)((char *)c + flags[i].flag) = true;
      return true;
    }
  size_t n = strcspn(line, ": ");
  const char *rest = line + n;
  bool colon = *rest == ':';
  rest += strspn(rest, ": ");
#define WORD(w) (n == sizeof(w) - 1 && !memcmp(line, w, n))
  uint64_t number;
  if (!colon && WORD("in"))
    return take_pair(&c->ins, rest, ':');
  if (!colon && WORD("out"))
    return take_pair(&c->outs, rest, ':');
  if (!colon && WORD("len"))
    return take_pair(&c->lens, rest, ':');
  if (!colon && WORD("const"))
    return take_pair(&c->consts, rest, '=');
  if (!colon && WORD("import"))
    return take_import(c, rest, folder);
  if (!colon)
    return false;
  if (WORD("lanes"))
    return c->set_lanes = take_extent(rest, c->lanes);
  if (WORD("groups"))
    return c->set_groups = take_extent(rest, c->groups);
  if (WORD("error"))
    return take_code(&c->errors, rest);
  if (WORD("race"))
    return take_code(&c->races, rest);
  if (WORD("warning"))
    return take_code(&c->warnings, rest);
  if (WORD("budget"))
    return take_number(rest, &c->budget);
  if (WORD("iterations") && take_number(rest, &number)) {
    c->iterations = (uint32_t)number;
    return true;
  }
  if (WORD("program") && !c->program) {
    c->program = copy_text(rest, strlen(rest));
    return true;
  }
#undef WORD
  return false;
}

bool case_parse(case_file *c, const char *name, const char *text, size_t size,
                const char *folder, char *why, size_t why_size) {
  memset(c, 0, sizeof *c);
  c->name = copy_text(name, strlen(name));
  c->text = copy_text(text, size);
  c->size = size;
  if (why_size)
    why[0] = 0;
  const char *at = c->text;
  for (uint32_t number = 1; *at; number++) {
    size_t n = strcspn(at, "\n");
    size_t skip = strspn(at, " \t");
    bool blank = skip >= n;
    if (!blank && strncmp(at + skip, "//", 2))
      break;
    if (!blank && at[skip + 2] == '!') {
      const char *from = at + skip + 3;
      from += strspn(from, " ");
      size_t length = (size_t)(at + n - from);
      while (length && isspace((unsigned char)from[length - 1]))
        length--;
      char *line = copy_text(from, length);
      bool ok = directive(c, line, folder);
      if (!ok)
        say(why, why_size, "%s:%u: bad directive: %s", name, number, line);
      free(line);
      if (!ok)
        return false;
    }
    at += n;
    at += *at == '\n';
  }
  return true;
}

bool case_load(case_file *c, const char *path, char *why, size_t why_size) {
  memset(c, 0, sizeof *c);
  size_t size;
  char *text = read_text(path, &size);
  if (!text)
    return say(why, why_size, "%s: cannot be read", path);
  const char *slash = strrchr(path, '/');
  char *folder =
      slash ? copy_text(path, (size_t)(slash - path)) : copy_text(".", 1);
  bool ok = case_parse(c, path, text, size, folder, why, why_size);
  free(folder);
  free(text);
  return ok;
}

void case_free(case_file *c) {
  free(c->name);
  free(c->text);
  free(c->program);
  free_pairs(&c->ins);
  free_pairs(&c->outs);
  free_pairs(&c->lens);
  free_pairs(&c->consts);
  free_pairs(&c->imports);
  memset(c, 0, sizeof *c);
}

// ---- the list

typedef struct list {
  char **at;
  size_t count, room;
} list;

static void walk(list *l, const char *folder) {
  DIR *d = opendir(folder);
  if (!d)
    return;
  for (struct dirent *e; (e = readdir(d));) {
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
    size_t n = strlen(e->d_name);
    if (e->d_name[0] == '.' || stat(path, &st))
      continue;
    if (S_ISDIR(st.st_mode)) {
      if (strcmp(e->d_name, "lib"))
        walk(l, path);
    } else if (n > 3 && !strcmp(e->d_name + n - 3, ".vy")) {
      if (l->count == l->room) {
        l->room = l->room ? l->room * 2 : 64;
        l->at = realloc(l->at, l->room * sizeof *l->at);
        if (!l->at)
          abort();
      }
      l->at[l->count++] = copy_text(path, strlen(path));
    }
  }
  closedir(d);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

char **case_list(const char *folder, size_t *count) {
  list l = {NULL, 0, 0};
  walk(&l, folder);
  if (l.count)
    qsort(l.at, l.count, sizeof *l.at, by_name);
  *count = l.count;
  return l.at;
}

void case_list_free(char **paths, size_t count) {
  for (size_t i = 0; i < count; i++)
    free(paths[i]);
  free(paths);
}
