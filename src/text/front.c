// Names, files and errors of one parse.
#include "text/front.h"

#include <stdarg.h>
#include <stdio.h>

bool vy__front_init(vy__front *f, vy_context *context, const vy_source *source,
                    vy_diags *diags) {
  *f = (vy__front){.context = context,
                   .alloc = &context->alloc,
                   .diags = diags,
                   .source = source};
  f->decl_tail = &f->decls;
  vy__arena_init(&f->arena, f->alloc);
  f->atom_capacity = 1024;
  f->atoms = vy__calloc(f->alloc, f->atom_capacity, sizeof(*f->atoms));
  if (!f->atoms) {
    f->atom_capacity = 0;
    vy__front_oom(f);
  }
  return !f->halt;
}

void vy__front_free(vy__front *f) {
  vy__free(f->alloc, f->atoms, f->atom_capacity * sizeof(*f->atoms));
  vy__free(f->alloc, f->files, f->file_capacity * sizeof(*f->files));
  vy__free(f->alloc, f->edges, f->edge_capacity * sizeof(*f->edges));
  vy__arena_free(&f->arena);
}

static vy_str line_text(vy_str text, uint32_t line) {
  const char *p = text.data, *end = text.data + text.size;
  for (uint32_t at = 1; at < line && p < end; at++) {
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    p = newline ? newline + 1 : end;
  }
  const char *stop = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
  if (!stop)
    stop = end;
  if (stop > p && stop[-1] == '\r')
    stop--;
  return (vy_str){p, (size_t)(stop - p)};
}

static bool is_new(vy__front *f, vy__pos pos, vy__err code) {
  for (uint32_t i = 0; i < f->errors; i++)
    if (f->seen[i].code == (uint32_t)code && f->seen[i].pos.file == pos.file &&
        f->seen[i].pos.line == pos.line && f->seen[i].pos.column == pos.column)
      return false;
  return true;
}

void vy__error(vy__front *f, vy__pos pos, vy__err code, const char *format,
               ...) {
  if (f->halt || !is_new(f, pos, code))
    return;
  vy__where where = {0};
  if (pos.file && pos.file <= f->file_count) {
    const vy__file *file = &f->files[pos.file - 1];
    where = (vy__where){file->name, line_text(file->text, pos.line), pos.line,
                        pos.column};
  }
  char message[768];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  vy_status status = vy__fail(f->diags, &where, code, "%s", message);
  if (f->status == VY_OK)
    f->status = status;
  f->seen[f->errors].code = (uint32_t)code;
  f->seen[f->errors].pos = pos;
  if (++f->errors == VY__MAX_TEXT_ERRORS)
    f->halt = true;
}

void vy__front_oom(vy__front *f) {
  if (f->status != VY_ERROR_OUT_OF_HOST_MEMORY)
    f->status = vy__fail_oom(f->diags, "parsing the program");
  f->halt = true;
}

void *vy__new(vy__front *f, size_t count, size_t size) {
  size_t bytes;
  void *p = NULL;
  if (vy__mul_size(count, size, &bytes))
    p = vy__arena_alloc(&f->arena, bytes ? bytes : 1);
  if (!p)
    vy__front_oom(f);
  return p;
}

static uint64_t hash_word(vy_str word) { // FNV-1a
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < word.size; i++)
    h = (h ^ (unsigned char)word.data[i]) * 0x100000001b3u;
  return h ^ h >> 32;
}

static void grow_atoms(vy__front *f) {
  size_t capacity = f->atom_capacity * 2;
  vy__atom **atoms = vy__calloc(f->alloc, capacity, sizeof(*atoms));
  if (!atoms)
    return; // longer chains, nothing worse
  for (size_t i = 0; i < f->atom_capacity; i++)
    for (vy__atom *a = f->atoms[i], *next; a; a = next) {
      next = a->chain;
      vy__atom **slot = &atoms[a->hash & (capacity - 1)];
      a->chain = *slot;
      *slot = a;
    }
  vy__free(f->alloc, f->atoms, f->atom_capacity * sizeof(*f->atoms));
  f->atoms = atoms;
  f->atom_capacity = capacity;
}

vy__atom *vy__intern(vy__front *f, vy_str word) {
  uint64_t hash = hash_word(word);
  for (vy__atom *a = f->atoms[hash & (f->atom_capacity - 1)]; a; a = a->chain)
    if (a->hash == hash && vy__str_eq(a->text, word))
      return a;
  vy__atom *a = vy__new(f, 1, sizeof(*a));
  if (!a)
    return NULL;
  uint32_t lanes = 0;
  a->text = word; // source texts outlive the parse
  a->hash = hash;
  a->token = (uint8_t)vy__keyword(word);
  if (a->token == VY__TOK_NAME) {
    a->type = (uint8_t)vy__builtin_type(word, &lanes);
    a->lanes = (uint8_t)lanes;
    if (a->type != VY_TYPE_NONE)
      a->token = VY__TOK_TYPE;
    a->op = (uint16_t)vy__builtin_op(word);
  }
  if (++f->atom_count > f->atom_capacity)
    grow_atoms(f);
  vy__atom **slot = &f->atoms[hash & (f->atom_capacity - 1)];
  a->chain = *slot;
  *slot = a;
  return a;
}

uint32_t vy__add_file(vy__front *f, vy_str name, vy_str text) {
  if (!vy__grow(f->alloc, (void **)&f->files, &f->file_capacity,
                (size_t)f->file_count + 1, sizeof(*f->files))) {
    vy__front_oom(f);
    return VY__NONE;
  }
  f->files[f->file_count] = (vy__file){.name = name, .text = text};
  return f->file_count++;
}

void vy__add_edge(vy__front *f, const vy__import_edge *edge) {
  if (vy__grow(f->alloc, (void **)&f->edges, &f->edge_capacity,
               (size_t)f->edge_count + 1, sizeof(*f->edges)))
    f->edges[f->edge_count++] = *edge;
  else
    vy__front_oom(f);
}
