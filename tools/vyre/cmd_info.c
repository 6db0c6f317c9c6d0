// vyre devices and vyre explain.
#include "cli.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static json_t *json_device(const vy_device_info *d) {
  json_t *o = json_object();
  json_object_set_new(o, "name", json_string(d->name));
  json_object_set_new(o, "available", json_boolean(d->available));
  json_object_set_new(o, "reason", cli_json_str(vy_str_c(d->reason)));
  json_object_set_new(o, "driver", json_string(d->driver));
  json_object_set_new(o, "evidence", json_string(d->evidence));
  json_object_set_new(o, "legalised", json_string(d->legalised));
  json_object_set_new(o, "hidden", json_boolean(d->hidden));
  json_object_set_new(o, "lanes", json_integer(d->lanes));
  json_object_set_new(o, "threads", json_integer(d->threads));
  json_object_set_new(o, "memory", json_integer((json_int_t)d->memory));
  json_object_set_new(o, "device_time", json_boolean(d->device_time));
  json_object_set_new(o, "live_ring", json_boolean(d->live_ring));
  return o;
}

// Below one another, in the third column.
static void show_lines(const char *text) {
  for (const char *end; *text; text = *end ? end + 1 : end) {
    end = text + strcspn(text, "\n");
    printf(" %.*s\n", (int)(end - text), text);
    if (*end)
      printf("%-12s %-13s", "", "");
  }
}

cli_exit cli_devices(cli_session *s) {
  s->result = json_array();
  vy_device_info d = VY_DEVICE_INFO_INIT;
  for (uint32_t i = 0; vy_device_enumerate(i, &d) == VY_OK; i++) {
    json_array_append_new(s->result, json_device(&d));
    if (!s->options.json) {
      printf("%-12s %-13s", d.name,
             d.available ? "available" : "not available");
      show_lines(d.available ? d.driver : d.reason);
      if (d.evidence[0])
        printf("%-12s %-13s evidence: %s\n", "", "", d.evidence);
      if (d.hidden)
        printf("%-12s %-13s never part of auto or verify\n", "", "");
    }
    d = (vy_device_info)VY_DEVICE_INFO_INIT;
  }
  return CLI_OK;
}

// ---- explain

static const char *page_of(uint32_t code) {
  for (const cli_page *p = cli_pages; p->code; p++)
    if (p->code == code)
      return p->text;
  return NULL;
}

// "VY0312", "vy312", "312" or a row's name.
static bool matches(const char *operand, const vy_error_info *e) {
  if (!strcasecmp(operand, e->name))
    return true;
  const char *digits = operand + (strncasecmp(operand, "VY", 2) ? 0 : 2);
  char *end;
  return isdigit((unsigned char)*digits) &&
         strtoul(digits, &end, 10) == e->code && !*end;
}

static json_t *json_error_row(const vy_error_info *e) {
  char code[16];
  snprintf(code, sizeof code, "VY%04u", e->code);
  json_t *o = json_object();
  json_object_set_new(o, "code", json_string(code));
  json_object_set_new(o, "name", json_string(e->name));
  json_object_set_new(o, "status",
                      json_string(vy_status_name((vy_status)e->status)));
  json_object_set_new(o, "summary", json_string(e->summary));
  json_object_set_new(o, "fix", json_string(e->fix));
  return o;
}

static void explain_one(cli_session *s, const vy_error_info *e) {
  const char *page = page_of(e->code);
  json_object_update_new(s->result, json_error_row(e));
  json_object_set_new(s->result, "page",
                      page ? json_string(page) : json_null());
  if (s->options.json)
    return;
  if (page)
    fputs(page, stdout);
  else
    printf("# VY%04u %s\n\n%s\n\nFix: %s\n", e->code, e->name, e->summary,
           e->fix);
}

cli_exit cli_explain(cli_session *s) {
  const char *operand = s->options.operand;
  s->result = operand ? json_object() : json_array();
  for (uint32_t i = 0; i < vy_error_count(); i++) {
    vy_error_info e;
    if (vy_error_at(i, &e) != VY_OK)
      continue;
    if (operand && matches(operand, &e)) {
      explain_one(s, &e);
      return CLI_OK;
    }
    if (!operand) {
      json_array_append_new(s->result, json_error_row(&e));
      if (!s->options.json)
        printf("VY%04u %-28s %s\n", e.code, e.name, e.summary);
    }
  }
  if (!operand)
    return CLI_OK;
  return cli_usage(s, "no error '%s'; `vyre explain` lists them all", operand);
}
