// Local names, and the two counters that bound an expansion.
//
// Every atom points at its innermost local; leaving a scope restores what it
// hid. A name of another frame (the caller's) is hidden but not in the way.
#include "text/expand.h"

void vy__scope_leave(vy__expand *x, vy__sym *mark) {
  for (; x->syms != mark; x->syms = x->syms->previous)
    x->syms->atom->sym = x->syms->outer;
}

vy__sym *vy__scope_find(const vy__expand *x, const vy__atom *name) {
  vy__sym *s = name->sym;
  return s && s->frame == x->frame->id ? s : NULL;
}

vy__sym *vy__scope_add(vy__expand *x, vy__atom *name, vy__pos pos,
                       vy__sym_kind kind) {
  const vy__sym *other = vy__scope_find(x, name);
  if (other || name->decl) {
    vy__pos at = other ? other->pos : name->decl->pos;
    vy__error(x->front, pos, VY__E_DUPLICATE_NAME,
              "`%.*s` is declared in line %u%s already, and no name may hide "
              "another",
              VY__NAME(name), at.line,
              at.file != pos.file ? " of another file" : "");
  }
  vy__sym *s = vy__new(x->front, 1, sizeof(*s));
  if (!s)
    return NULL;
  s->kind = (uint8_t)kind;
  s->what = "a value";
  s->ty = &x->error;
  s->atom = name;
  s->pos = pos;
  s->frame = x->frame->id;
  s->outer = name->sym;
  s->previous = x->syms;
  name->sym = s;
  return x->syms = s;
}

void vy__limit(vy__expand *x, vy__pos pos, const char *what, uint32_t limit) {
  vy__error(x->front, pos, VY__E_EXPANSION_LIMIT,
            "expanded, the program has more than %u %s", limit, what);
  x->front->halt = true;
}

bool vy__enter(vy__expand *x, vy__pos pos) {
  x->depth++;
  if (x->front->halt)
    return false;
  if (x->depth > VY__MAX_DEPTH)
    vy__limit(x, pos, "levels of blocks, calls and expressions", VY__MAX_DEPTH);
  else if (++x->steps > VY__MAX_STEPS)
    vy__limit(x, pos, "statements and operations", VY__MAX_STEPS);
  return !x->front->halt;
}
