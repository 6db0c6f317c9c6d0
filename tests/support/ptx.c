// See ptx.h.
#include "support/ptx.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/cuda/ptx.h"

// ---- emitting

static bool is_expansion(const vy__ir *ir, const vy__value *v) {
  switch (v->op) {
  case VY__OP_DIV:
  case VY__OP_REM:
  case VY__OP_SQRT:
    return true;
  case VY__OP_CONVERT:
    return vy__is_float((vy_type)v->type) ||
           vy__is_float((vy_type)ir->values[v->a[0]].type);
  default:
    return false;
  }
}

static uint32_t features(const vy__ir *ir) {
  uint32_t has = 0;
  for (uint32_t i = 0; i < ir->value_count; i++) {
    const vy__value *v = &ir->values[i];
    if (v->op == VY__OP_FMA)
      has |= PTX_HAS_FMA;
    if (is_expansion(ir, v))
      has |= PTX_HAS_EXPANSION;
  }
  return has;
}

ptx_module ptx_emit(vy_program *program, uint32_t flags, uint32_t sm) {
  ptx_module m = {0};
  vy_program *fixed = NULL;
  vy__lowered lowered;
  vy__cuda_info info;
  char *text = NULL;
  size_t size = 0;
  assert_int_equal(vy_program_specialize(program, NULL, 0, &fixed, NULL),
                   VY_OK);
  assert_int_equal(
      vy__lower(fixed, flags | VY__PTX_LOWER, NULL, &lowered, NULL), VY_OK);
  const vy__ptx_job job = {
      .lowered = &lowered, .alloc = lowered.alloc, .flags = flags, .sm = sm};
  assert_int_equal(vy__ptx_emit(&job, &text, &size, &info, NULL), VY_OK);
  assert_int_equal(strlen(text), size);
  m.text = malloc(size + 1);
  assert_non_null(m.text);
  memcpy(m.text, text, size + 1);
  m.size = size;
  m.has = features(&lowered.program->ir);
  vy__free(lowered.alloc, text, size + 1);
  vy__lowered_free(&lowered);
  vy_program_release(fixed);
  return m;
}

void ptx_free(ptx_module *m) {
  free(m->text);
  *m = (ptx_module){0};
}

// ---- reading

static bool has_part(const char *word, size_t size, const char *part) {
  const size_t n = strlen(part);
  for (size_t i = 0; i + n <= size; i++)
    if (!memcmp(word + i, part, n) &&
        (i + n == size || word[i + n] == '.' || part[n - 1] == '.'))
      return true;
  return false;
}

static bool rounds(const char *word, size_t size) {
  static const char *const names[] = {"add.", "sub.", "mul.", "div.",
                                      "fma.", "mad.", "sqrt."};
  if (!has_part(word, size, ".f32") && !has_part(word, size, ".f64"))
    return false;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strncmp(word, names[i], strlen(names[i])))
      return true;
  return false;
}

static bool word_is_wrong(const ptx_module *m, const char *word, size_t size) {
  // (From neg.s32 on: see ops.def.)
  static const char *const never[] = {".ftz",     ".approx", ".full",
                                      ".sat.f32", "neg.s32", ".sat.s32",
                                      ".s64.u32"};
  for (size_t i = 0; i < sizeof never / sizeof *never; i++)
    if (has_part(word, size, never[i]))
      return true;
  if (rounds(word, size) && !has_part(word, size, ".rn"))
    return true;
  const bool fused = (!strncmp(word, "fma.", 4) || !strncmp(word, "mad.", 4)) &&
                     rounds(word, size);
  return fused && !(m->has & PTX_HAS_FMA);
}

const char *ptx_inexact(const ptx_module *m) {
  for (const char *line = m->text; *line;) {
    const char *at = line + strspn(line, " \t{");
    if (*at == '@')
      at += strcspn(at, " \n");
    at += strspn(at, " ");
    if (word_is_wrong(m, at, strcspn(at, " \t\n;")))
      return line;
    line += strcspn(line, "\n");
    line += *line == '\n';
  }
  return NULL;
}

// ---- many as one

static void put(ptx_batch *b, const char *text, size_t size) {
  if (b->size + size + 1 > b->room) {
    b->room = 2 * (b->size + size + 1);
    b->text = realloc(b->text, b->room);
    assert_non_null(b->text);
  }
  memcpy(b->text + b->size, text, size);
  b->size += size;
  b->text[b->size] = 0;
}

static bool all_digits(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isdigit((unsigned char)s[i]))
      return false;
  return n > 0;
}

// Is the word a name of the module, not of a function?
static bool is_global(const char *word, size_t n) {
  static const char *const names[] = {"vy_one",  "vy_many", "report",
                                      "rem_f32", "rem_f64", "scratch"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (n == strlen(names[i]) && !memcmp(word, names[i], n))
      return true;
  return (*word == 't' || *word == 'g') && all_digits(word + 1, n - 1);
}

static bool is_letter(char c) {
  return isalnum((unsigned char)c) || c == '_' || c == '%';
}

static const char *after_head(const char *text) {
  for (uint32_t lines = 0; lines < 3; lines++)
    text += strcspn(text, "\n") + 1;
  return text;
}

void ptx_add(ptx_batch *b, const char *name, const ptx_module *m) {
  char number[32];
  const char *from = after_head(m->text);
  if (!b->size)
    put(b, m->text, (size_t)(from - m->text));
  put(b, "// ", 3);
  put(b, name, strcspn(name, "\n"));
  put(b, "\n", 1);
  const size_t n = (size_t)snprintf(number, sizeof number, "_%u", b->count++);
  while (*from) {
    size_t size = 0;
    if (!is_letter(*from)) {
      put(b, from++, 1);
      continue;
    }
    while (is_letter(from[size]))
      size++;
    put(b, from, size);
    if (is_global(from, size))
      put(b, number, n);
    from += size;
  }
}

void ptx_batch_free(ptx_batch *b) {
  free(b->text);
  *b = (ptx_batch){.sm = b->sm};
}

bool ptx_write(const ptx_batch *b, const char *path) {
  FILE *f = fopen(path, "w");
  if (!f)
    return false;
  const bool ok = fwrite(b->text, 1, b->size, f) == b->size;
  return fclose(f) == 0 && ok;
}

// ---- assembling

#ifndef VYRE_PTXAS
#define VYRE_PTXAS ""
#endif

bool ptx_can_assemble(void) { return VYRE_PTXAS[0] != 0; }

uint32_t ptx_oldest(void) {
  uint32_t oldest = UINT32_MAX;
  char line[512];
  FILE *help = popen("'" VYRE_PTXAS "' --help", "r");
  assert_non_null(help);
  while (fgets(line, sizeof line, help))
    for (const char *at = line; (at = strstr(at, "'sm_")); at++) {
      const uint32_t sm = (uint32_t)atoi(at + 4);
      if (sm >= VY__PTX_SM_MIN && sm < oldest)
        oldest = sm;
    }
  pclose(help);
  assert_true(oldest < UINT32_MAX);
  return oldest;
}

// The name of the module that a line is in.
static void print_name(const ptx_batch *b, const char *message) {
  const char *at = strstr(message, ", line "), *name = NULL, *line = b->text;
  for (int n = at ? atoi(at + 7) : 0; n > 0 && *line; n--) {
    if (!strncmp(line, "// ", 3))
      name = line;
    line += strcspn(line, "\n") + 1;
  }
  fprintf(stderr, "%s", message);
  if (name)
    fprintf(stderr, "  in %.*s\n", (int)strcspn(name + 3, "\n"), name + 3);
}

enum { MESSAGES = 8 };

static bool finished(const ptx_batch *b, FILE *assembler) {
  char line[1024];
  uint32_t lines = 0;
  while (fgets(line, sizeof line, assembler))
    if (lines++ < MESSAGES)
      print_name(b, line);
  return pclose(assembler) == 0 && lines == 0;
}

uint32_t ptx_assemble(const ptx_batch *batches, uint32_t count) {
  enum { MOST = 16 };
  FILE *running[MOST] = {0};
  char folder[] = "/tmp/vyre-ptx-XXXXXX", path[64], command[1024];
  uint32_t failures = 0;
  assert_true(count <= MOST);
  assert_non_null(mkdtemp(folder));
  for (uint32_t i = 0; i < count; i++) {
    if (!batches[i].count)
      continue;
    snprintf(path, sizeof path, "%s/%u.ptx", folder, i);
    assert_true(ptx_write(&batches[i], path));
    snprintf(command, sizeof command,
             "'%s' -arch=sm_%u -o '%s/%u.cubin' '%s' 2>&1", VYRE_PTXAS,
             batches[i].sm, folder, i, path);
    running[i] = popen(command, "r");
    assert_non_null(running[i]);
  }
  for (uint32_t i = 0; i < count; i++)
    if (running[i])
      failures += !finished(&batches[i], running[i]);
  for (uint32_t i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%s/%u.ptx", folder, i);
    remove(path);
    snprintf(path, sizeof path, "%s/%u.cubin", folder, i);
    remove(path);
  }
  rmdir(folder);
  return failures;
}
