// Imports. Texts come from the caller's (name, text) pairs; a path is looked
// for beside the importing file first, then as written. Every text is parsed
// once; the edges are kept and searched for cycles at the end.
#include "text/imports.h"

#include "text/parser.h"

// Append the segments of `path` to those in out[0..*size), resolving . and ..
static void add_segments(char *out, size_t *size, vy_str path) {
  size_t i = 0;
  while (i < path.size) {
    size_t start = i;
    while (i < path.size && path.data[i] != '/')
      i++;
    vy_str part = {path.data + start, i - start};
    i++;
    if (part.size == 0 || vy__str_eq(part, vy_str_c(".")))
      continue;
    size_t cut = *size;
    while (cut > 0 && out[cut - 1] != '/')
      cut--;
    vy_str last = {out + cut, *size - cut};
    if (vy__str_eq(part, vy_str_c("..")) && last.size &&
        !vy__str_eq(last, part)) {
      *size = cut ? cut - 1 : 0;
      continue;
    }
    if (*size && out[*size - 1] != '/')
      out[(*size)++] = '/';
    memcpy(out + *size, part.data, part.size);
    *size += part.size;
  }
}

static vy_str join(vy__front *f, vy_str file, vy_str path) {
  size_t folder = file.size;
  while (folder > 0 && file.data[folder - 1] != '/')
    folder--;
  char *out = vy__new(f, folder + path.size + 2, 1);
  size_t size = 0;
  if (!out)
    return path;
  bool absolute = path.size && path.data[0] == '/';
  if (absolute || (folder && file.data[0] == '/'))
    out[size++] = '/';
  if (!absolute)
    add_segments(out, &size, (vy_str){file.data, folder});
  add_segments(out, &size, path);
  return (vy_str){out, size};
}

static uint32_t find_file(const vy__front *f, vy_str name) {
  for (uint32_t i = 0; i < f->file_count; i++)
    if (vy__str_eq(f->files[i].name, name))
      return i;
  return VY__NONE;
}

// The file that `name` is, added when a pair gives it.
static uint32_t file_of(vy__front *f, vy_str name) {
  uint32_t file = find_file(f, name);
  for (size_t i = 0; file == VY__NONE && i < f->source->import_count; i++)
    if (vy__str_eq(f->source->imports[i].name, name))
      file = vy__add_file(f, f->source->imports[i].name,
                          f->source->imports[i].text);
  return file;
}

static void resolve(vy__front *f, vy__import_edge *edge) {
  edge->to = file_of(f, join(f, f->files[edge->from].name, edge->path));
  if (edge->to == VY__NONE && !f->halt)
    edge->to = file_of(f, edge->path);
  if (edge->to == VY__NONE)
    vy__error(f, edge->pos, VY__E_IMPORT_MISSING,
              "no text is given for import \"%.*s\"",
              (int)(edge->path.size < 200 ? edge->path.size : 200),
              edge->path.data);
  else if (f->file_count > VY__MAX_IMPORTS) {
    vy__error(f, edge->pos, VY__E_IMPORT_LIMIT,
              "more than %d files are imported", VY__MAX_IMPORTS);
    f->halt = true;
  }
}

// ---- cycles

// Drop edges whose end has no way on, until none changes: cycles remain.
static void prune(vy__front *f, bool forward, uint8_t *dead) {
  uint32_t *degree = vy__new(f, f->file_count, sizeof(*degree));
  uint32_t *ready = vy__new(f, f->file_count, sizeof(*ready));
  uint32_t count = 0;
  if (!degree || !ready)
    return;
  for (uint32_t i = 0; i < f->edge_count; i++)
    if (f->edges[i].to != VY__NONE && !dead[i])
      degree[forward ? f->edges[i].from : f->edges[i].to]++;
  for (uint32_t i = 0; i < f->file_count; i++)
    if (degree[i] == 0)
      ready[count++] = i;
  for (uint32_t k = 0; k < count; k++)
    for (uint32_t i = 0; i < f->edge_count; i++) {
      const vy__import_edge *e = &f->edges[i];
      if (e->to == VY__NONE || dead[i] ||
          (forward ? e->to : e->from) != ready[k])
        continue;
      dead[i] = 1;
      uint32_t next = forward ? e->from : e->to;
      if (--degree[next] == 0)
        ready[count++] = next;
    }
}

static void find_cycles(vy__front *f) {
  uint8_t *dead = vy__new(f, f->edge_count, 1);
  if (!dead)
    return;
  prune(f, true, dead);
  prune(f, false, dead);
  for (uint32_t i = 0; i < f->edge_count; i++)
    if (!dead[i] && f->edges[i].to != VY__NONE) {
      vy__error(
          f, f->edges[i].pos, VY__E_IMPORT_CYCLE,
          "import \"%.*s\" leads back to this file",
          (int)(f->edges[i].path.size < 200 ? f->edges[i].path.size : 200),
          f->edges[i].path.data);
      return;
    }
}

void vy__load_files(vy__front *f) {
  vy_str name = f->source->name.size ? f->source->name : vy_str_c("<text>");
  if (vy__add_file(f, name, f->source->text) == VY__NONE)
    return;
  uint32_t edge = 0;
  for (uint32_t i = 0; i < f->file_count && !f->halt; i++) {
    vy__parse_file(f, i + 1);
    for (; edge < f->edge_count && !f->halt; edge++)
      resolve(f, &f->edges[edge]);
  }
  if (!f->halt)
    find_cycles(f);
}

// ---- the public scan, which needs no context

static size_t skip_comment(vy_str t, size_t i) {
  if (t.data[i + 1] == '/') {
    while (i < t.size && t.data[i] != '\n')
      i++;
    return i;
  }
  for (i += 2; i + 1 < t.size; i++)
    if (t.data[i] == '*' && t.data[i + 1] == '/')
      return i + 2;
  return t.size;
}

static bool word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_';
}

vy_status vy_source_imports(vy_str text, void (*found)(void *user, vy_str path),
                            void *user) {
  if (!found || (!text.data && text.size))
    return VY_ERROR_INVALID_ARGUMENT;
  bool import = false; // the last token was the word
  for (size_t i = 0; i < text.size;) {
    char c = text.data[i], next = i + 1 < text.size ? text.data[i + 1] : 0;
    size_t start = i;
    if (c == '/' && (next == '/' || next == '*')) {
      i = skip_comment(text, i);
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      i++;
    } else if (word_char(c)) {
      while (i < text.size && word_char(text.data[i]))
        i++;
      import = vy__str_eq((vy_str){text.data + start, i - start},
                          vy_str_c("import"));
    } else if (c == '"') {
      for (i++; i < text.size && text.data[i] != '"' && text.data[i] != '\n';)
        i++;
      bool closed = i < text.size && text.data[i] == '"';
      if (import && closed)
        found(user, (vy_str){text.data + start + 1, i - start - 1});
      i += closed;
      import = false;
    } else {
      i++;
      import = false;
    }
  }
  return VY_OK;
}
