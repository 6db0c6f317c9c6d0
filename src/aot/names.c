// Names of an object in C: members of the arguments' struct, and the struct's
// layout. A parameter keeps its name unless C or C++ needs it, or another
// member has it.
#include <stdio.h>

#include "aot/aot.h"

// Words that are no names there; sorted as one likes.
static const char *const reserved[] = {
    "alignas",       "alignof",   "and",           "and_eq",    "asm",
    "auto",          "bitand",    "bitor",         "bool",      "break",
    "case",          "catch",     "char",          "class",     "co_await",
    "co_return",     "co_yield",  "compl",         "concept",   "const",
    "const_cast",    "consteval", "constexpr",     "constinit", "continue",
    "decltype",      "default",   "delete",        "do",        "double",
    "dynamic_cast",  "else",      "enum",          "explicit",  "export",
    "extern",        "false",     "float",         "for",       "friend",
    "goto",          "if",        "inline",        "int",       "linux",
    "long",          "mutable",   "namespace",     "new",       "noexcept",
    "not",           "not_eq",    "nullptr",       "operator",  "or",
    "or_eq",         "private",   "protected",     "public",    "register",
    "requires",      "restrict",  "return",        "short",     "signed",
    "sizeof",        "static",    "static_assert", "struct",    "switch",
    "template",      "this",      "thread_local",  "throw",     "true",
    "try",           "typedef",   "typeid",        "typename",  "typeof",
    "typeof_unqual", "union",     "unix",          "unsigned",  "using",
    "virtual",       "void",      "volatile",      "wchar_t",   "while",
    "xor",           "xor_eq",
};

bool vy__aot_is_reserved(const char *name) {
  for (uint32_t i = 0; i < VY__COUNT(reserved); i++)
    if (!strcmp(name, reserved[i]))
      return true;
  return name[0] == '_';
}

static bool is_taken(const vy__aot_names *n, uint32_t count, const char *name) {
  for (uint32_t i = 0; i < count; i++)
    if (!strcmp(n->value[i], name) || !strcmp(n->count[i], name))
      return true;
  return false;
}

void vy__aot_name(const vy__ir *ir, vy__aot_names *n) {
  for (uint32_t i = 0; i < ir->param_count; i++) {
    const vy__param *p = &ir->params[i];
    const char *own = vy__ir_string(ir, p->name);
    const char *before = own[0] == '_' ? "v" : ""; // `_x` is the compiler's
    static const char after[] = "________________________________"
                                "________________________________";
    uint32_t tail = 0;
    do {
      snprintf(n->value[i], VY__AOT_NAME, "%s%.255s%.*s", before, own,
               (int)tail, after);
      snprintf(n->count[i], VY__AOT_NAME, "%s%.255s%.*s_count", before, own,
               (int)tail, after);
      if (!p->access)
        n->count[i][0] = 0;
      tail++;
    } while (vy__aot_is_reserved(n->value[i]) || is_taken(n, i, n->value[i]) ||
             (p->access && is_taken(n, i, n->count[i])));
  }
}

static uint32_t place(uint32_t *size, uint32_t bytes) {
  uint32_t at = (*size + bytes - 1) & ~(bytes - 1);
  *size = at + bytes;
  return at;
}

void vy__aot_layout(const vy__ir *ir, vy__aot_param *slots) {
  uint32_t size = 0;
  for (uint32_t i = 0; i < ir->param_count; i++) {
    const vy__param *p = &ir->params[i];
    slots[i] = (vy__aot_param){0};
    if (p->access) {
      slots[i].value = place(&size, 8);
      slots[i].count = place(&size, 8);
    } else {
      slots[i].value = place(&size, vy__type_bytes((vy_type)p->type));
    }
  }
}
