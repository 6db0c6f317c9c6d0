#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/parse.h"

vy_program *parse_program(vy_context *context, const char *name, vy_str text) {
  vy_source source = VY_SOURCE_INIT;
  vy_program *p = NULL;
  vy_diag record;
  char room[2048], message[2048] = "";
  vy_diags diags = VY_DIAGS_INIT;
  diags.records = &record;
  diags.capacity = 1;
  diags.text = room;
  diags.text_capacity = sizeof room;
  source.text = text;
  if (name)
    source.name = vy_str_c(name);
  vy_status s = vy_program_parse(context, &source, &p, &diags);
  if (diags.count)
    vy_diag_format(&record, message, sizeof message);
  if (s != VY_OK)
    fail_msg("%s: %s\n%.*s", name ? name : vy_status_name(s), message,
             (int)text.size, text.data);
  return p;
}
