// vy__text_parse: load files, choose the program, expand it, and check by
// themselves the programs, functions and constants that it does not use, so
// that all errors of a file come in one go.
#include "text/text.h"

#include <stdio.h>

#include "text/expand.h"
#include "text/imports.h"

// "a, b and others", as many as fit.
static void name_programs(const vy__front *f, char *out, size_t size) {
  static const char others[] = " and others";
  size_t n = 0;
  *out = 0;
  for (const vy__decl *d = f->decls; d; d = d->next) {
    if (d->kind != VY__DECL_PROGRAM || d->pos.file != 1)
      continue;
    vy_str name = d->name->text;
    if (n + name.size + sizeof others + 2 > size) {
      memcpy(out + n, others, sizeof others);
      return;
    }
    n += (size_t)snprintf(out + n, size - n, "%s%.*s", n ? ", " : "",
                          (int)name.size, name.data);
  }
}

static vy__decl *choose_program(vy__front *f) {
  vy__decl *found = NULL;
  vy_str want = f->source->program;
  vy__pos pos = {1, 1, 1};
  uint32_t count = 0;
  for (vy__decl *d = f->decls; d; d = d->next) {
    if (d->kind != VY__DECL_PROGRAM || d->pos.file != 1)
      continue;
    if (want.size && !vy__str_eq(want, d->name->text))
      continue;
    count++;
    found = found ? found : d;
  }
  if (count == 1 || f->errors)
    return found;
  char names[256];
  name_programs(f, names, sizeof names);
  if (want.size)
    vy__error(f, pos, VY__E_NO_PROGRAM, "the file has no program `%.*s`%s%s%s",
              (int)(want.size < 100 ? want.size : 100), want.data,
              *names ? "; it has " : "", names,
              *names ? "\nFix: choose one that it has" : "");
  else if (count == 0)
    vy__error(f, pos, VY__E_NO_PROGRAM, "the file has no program");
  else
    vy__error(f, found->pos, VY__E_WHICH_PROGRAM,
              "the file has %u programs (%s), and none is chosen", count,
              names);
  return NULL;
}

static void check_rest(vy__expand *x) {
  vy__front *f = x->front;
  for (vy__decl *d = f->decls; d && !f->halt; d = d->next)
    if (d->kind == VY__DECL_PROGRAM && d->pos.file == 1 && !d->expanded &&
        !d->broken) {
      vy__ir scratch;
      vy__ir_init(&scratch, f->alloc, false);
      vy__expand_program(x, d, &scratch);
      vy__ir_free(&scratch);
    }
  for (vy__decl *d = f->decls; d && !f->halt; d = d->next) {
    if (d->kind == VY__DECL_FN && !d->expanded && !d->broken)
      vy__expand_check(x, d);
    else if (d->kind == VY__DECL_STRUCT)
      vy__ty_struct(x, d);
    else if (d->kind == VY__DECL_CONST || d->kind == VY__DECL_TABLE)
      vy__const_check(x, d);
  }
}

static void add_files(vy__front *f, vy__ir *ir) {
  for (uint32_t i = 0; i < f->file_count && !f->halt; i++)
    if (vy__ir_add_file(ir, f->files[i].name, f->files[i].text) == VY__NONE)
      vy__front_oom(f);
}

static void expand(vy__front *f, vy__ir *ir) {
  vy__expand x;
  vy__expand_init(&x, f);
  vy__decl *program = choose_program(f);
  vy__frame outside = {0};
  x.frame = &outside;
  if (program && !program->broken)
    vy__expand_program(&x, program, ir);
  x.frame = &outside;
  check_rest(&x);
}

vy_status vy__text_parse(vy_context *context, const vy_source *source,
                         vy__ir *out, vy_diags *diags) {
  vy__front *f = vy__alloc(&context->alloc, sizeof(*f));
  if (!f)
    return vy__fail_oom(diags, "parsing the program");
  vy__ir ir;
  vy__ir_init(&ir, &context->alloc, true);
  if (vy__front_init(f, context, source, diags))
    vy__load_files(f);
  if (!f->halt)
    expand(f, &ir);
  if (!f->halt && f->status == VY_OK)
    add_files(f, &ir);
  if (!f->halt && f->status == VY_OK && !vy__ir_canonicalize(&ir, out))
    vy__front_oom(f);
  vy_status status = f->status;
  vy__ir_free(&ir);
  vy__front_free(f);
  vy__free(&context->alloc, f, sizeof(*f));
  return status;
}
