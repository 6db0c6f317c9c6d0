// IR -> text that parses to the same semantic part: statements, in the order
// they stand. What is declared where is planned first (print_plan.c).
#include "text/print.h"

static void line(vy__print *p) {
  for (uint32_t i = 0; i <= p->indent; i++)
    vy__buf_str(p->out, "    ");
}

static void put_lets(vy__print *p, uint32_t stmt) {
  const vy__ir *ir = p->ir;
  for (uint32_t i = p->first_var[stmt]; i != VY__NONE; i = p->next_var[i]) {
    line(p);
    vy__buf_printf(p->out, "var %s: %s;\n", p->var_names[i],
                   vy__type_name((vy_type)ir->vars[i]));
  }
  for (uint32_t i = p->first_let[stmt]; i != VY__NONE; i = p->next_let[i]) {
    const vy__value *v = &ir->values[i];
    line(p);
    vy__buf_printf(p->out, "let %s", p->names[i]);
    if (v->op == VY__OP_CONST && !vy__print_finite((vy_type)v->type, v->imm))
      vy__buf_printf(p->out, ": %s", vy__type_name((vy_type)v->type));
    vy__buf_str(p->out, " = ");
    vy__print_compute(p, i);
    vy__buf_str(p->out, ";\n");
  }
}

static void put_exec(vy__print *p, uint32_t stmt) {
  uint32_t id = p->ir->stmts[stmt].a;
  const vy__value *v = &p->ir->values[id];
  line(p);
  if (p->is_let[id])
    vy__buf_printf(p->out, "let %s = ", p->names[id]);
  else if (v->op == VY__OP_VAR_SET && p->var_set[v->ref] &&
           p->var_place[v->ref] == stmt)
    vy__buf_str(p->out, "var ");
  vy__print_compute(p, id);
  vy__buf_str(p->out, ";\n");
}

static void open_block(vy__print *p) {
  vy__buf_str(p->out, " {\n");
  p->indent++;
}

static void close_block(vy__print *p) {
  p->indent--;
  line(p);
  vy__buf_str(p->out, "}");
}

// `else if`: when the ELSE holds nothing but one IF.
static bool is_else_if(const vy__print *p, uint32_t stmt) {
  const vy__ir *ir = p->ir;
  uint32_t next = stmt + 1;
  if (ir->stmts[next].kind != VY__STMT_IF || p->first_let[next] != VY__NONE ||
      p->first_var[next] != VY__NONE)
    return false;
  uint32_t end = p->match[next];
  if (ir->stmts[end].kind == VY__STMT_ELSE)
    end = p->match[end];
  return end + 1 == p->match[stmt];
}

static void put_if(vy__print *p, uint32_t stmt) {
  const vy__ir *ir = p->ir;
  bool joined = stmt && ir->stmts[stmt - 1].kind == VY__STMT_ELSE &&
                is_else_if(p, stmt - 1);
  if (!joined)
    line(p);
  vy__buf_str(p->out, "if (");
  vy__print_value(p, ir->stmts[stmt].a);
  vy__buf_str(p->out, ")");
  open_block(p);
}

static void put_while(vy__print *p, uint32_t *stmt) {
  line(p);
  vy__buf_str(p->out, "while");
  if (!p->simple[*stmt]) {
    open_block(p); // the condition's statements, up to COND
    return;
  }
  *stmt = p->match[*stmt];
  vy__buf_str(p->out, " (");
  vy__print_value(p, p->ir->stmts[*stmt].a);
  vy__buf_str(p->out, ")");
  open_block(p);
}

static void put_cond(vy__print *p, uint32_t stmt) {
  close_block(p);
  vy__buf_str(p->out, " (");
  vy__print_value(p, p->ir->stmts[stmt].a);
  vy__buf_str(p->out, ")");
  open_block(p);
}

static void put_for(vy__print *p, const vy__stmt *s) {
  line(p);
  vy__buf_printf(p->out, "for %s in ", p->names[s->a]);
  vy__print_value(p, s->b);
  vy__buf_str(p->out, " .. ");
  vy__print_value(p, s->c);
  vy__buf_str(p->out, " step ");
  vy__print_value(p, s->d);
  open_block(p);
}

static void put_array(vy__print *p, uint32_t id) {
  const vy__array *a = &p->ir->privates[id];
  line(p);
  vy__buf_printf(p->out, "var %s: %s[", p->private_names[id],
                 vy__type_name((vy_type)a->type));
  vy__print_size(p, a->length, 0);
  vy__buf_str(p->out, "];\n");
}

static void put_end(vy__print *p, uint32_t stmt) {
  const vy__ir *ir = p->ir;
  uint32_t opener = p->match[stmt], middle = p->match[opener];
  bool of_else = ir->stmts[opener].kind == VY__STMT_IF && middle != stmt;
  if (of_else && is_else_if(p, middle))
    return; // the inner END closed it
  close_block(p);
  vy__buf_str(p->out, "\n");
}

static void put_word(vy__print *p, const char *word) {
  line(p);
  vy__buf_str(p->out, word);
}

static void put_stmt(vy__print *p, uint32_t *at) {
  const vy__ir *ir = p->ir;
  const vy__stmt *s = &ir->stmts[*at];
  switch ((vy__stmt_kind)s->kind) {
  case VY__STMT_EXEC:
    put_exec(p, *at);
    break;
  case VY__STMT_IF:
    put_if(p, *at);
    break;
  case VY__STMT_ELSE:
    close_block(p);
    vy__buf_str(p->out, " else");
    if (is_else_if(p, *at))
      vy__buf_str(p->out, " ");
    else
      open_block(p);
    break;
  case VY__STMT_WHILE:
    put_while(p, at);
    break;
  case VY__STMT_COND:
    put_cond(p, *at);
    break;
  case VY__STMT_FOR:
    put_for(p, s);
    break;
  case VY__STMT_BLOCK:
    put_word(p, "block");
    open_block(p);
    break;
  case VY__STMT_END:
    put_end(p, *at);
    break;
  case VY__STMT_BREAK:
    put_word(p, "break;\n");
    break;
  case VY__STMT_CONTINUE:
    put_word(p, "continue;\n");
    break;
  case VY__STMT_LEAVE:
    put_word(p, "leave;\n");
    break;
  case VY__STMT_RETURN: // a bare last one adds nothing to the IR
    put_word(p, *at + 1 == ir->stmt_count ? "{ return; }\n" : "return;\n");
    break;
  case VY__STMT_ARRAY:
    put_array(p, s->a);
    break;
  }
}

bool vy__text_print(const vy__ir *ir, vy__buf *out) {
  vy__print p = {.ir = ir, .out = out};
  vy__arena_init(&p.arena, ir->alloc);
  bool ok = vy__print_plan(&p);
  if (ok)
    vy__print_head(&p);
  for (uint32_t i = 0; ok && !p.failed && i < ir->stmt_count; i++) {
    put_lets(&p, i);
    put_stmt(&p, &i);
  }
  vy__buf_str(out, "}\n");
  ok = ok && !p.failed && !out->failed;
  vy__arena_free(&p.arena);
  return ok;
}
