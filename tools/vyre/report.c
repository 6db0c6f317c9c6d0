// Telling people and programs what happened: diagnostics, errors of the
// command itself, exit codes, JSON.
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void say(cli_session *s, const char *format, va_list ap) {
  va_list again;
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, format, ap);
  char *text = cli_alloc((size_t)n + 1);
  vsnprintf(text, (size_t)n + 1, format, again);
  va_end(again);
  if (s->options.json) {
    if (!json_is_object(s->result)) {
      json_decref(s->result);
      s->result = json_object();
    }
    json_object_set_new(s->result, "error", cli_json_str(vy_str_c(text)));
  } else {
    fprintf(stderr, "vyre: %s\n", text);
  }
  free(text);
}

cli_exit cli_usage(cli_session *s, const char *format, ...) {
  cli_show_diags(s);
  va_list ap;
  va_start(ap, format);
  say(s, format, ap);
  va_end(ap);
  if (!s->options.json)
    fprintf(stderr, "Run `vyre %s --help` for usage and examples.\n",
            s->command->name);
  return CLI_USAGE;
}

cli_exit cli_error(cli_session *s, const char *format, ...) {
  cli_show_diags(s);
  va_list ap;
  va_start(ap, format);
  say(s, format, ap);
  va_end(ap);
  return CLI_FAILED;
}

void cli_show_diags(cli_session *s) {
  if (s->options.json)
    return;
  for (; s->shown < s->diags.count; s->shown++) {
    const vy_diag *d = &s->diags.records[s->shown];
    size_t n = vy_diag_format(d, NULL, 0);
    char *text = cli_alloc(n + 1);
    vy_diag_format(d, text, n + 1);
    fputs(text, stderr);
    if (n && text[n - 1] != '\n')
      fputc('\n', stderr);
    free(text);
  }
  if (s->diags.dropped)
    fprintf(stderr, "vyre: %u more diagnostics are not shown\n",
            s->diags.dropped);
  s->diags.dropped = 0;
}

cli_exit cli_exit_of(vy_status status) {
  switch (status) {
  case VY_OK:
    return CLI_OK;
  case VY_ERROR_DEVICE_UNAVAILABLE:
  case VY_ERROR_DEVICE_LOST:
  case VY_ERROR_OUT_OF_DEVICE_MEMORY:
  case VY_ERROR_UNSUPPORTED:
    return CLI_DEVICE;
  default:
    return CLI_FAILED;
  }
}

// Text of a diagnostic may quote bytes of a file that are not UTF-8; those
// are shown as '?', so that a document always comes out.
json_t *cli_json_str(vy_str s) {
  json_t *v = json_stringn(s.data ? s.data : "", s.size);
  if (v)
    return v;
  char *clean = cli_alloc(s.size + 1);
  for (size_t i = 0; i < s.size; i++)
    clean[i] = (unsigned char)s.data[i] < 0x80 && s.data[i] ? s.data[i] : '?';
  v = json_stringn(clean, s.size);
  free(clean);
  return v;
}

static json_t *json_diag(const vy_diag *d) {
  static const char *const severities[] = {"error", "warning", "note"};
  char code[16];
  snprintf(code, sizeof code, "VY%04u", d->code);
  json_t *o = json_object();
  json_object_set_new(o, "code", json_string(code));
  json_object_set_new(
      o, "severity",
      json_string(d->severity < 3 ? severities[d->severity] : "error"));
  json_object_set_new(o, "status",
                      json_string(vy_status_name((vy_status)d->status)));
  json_object_set_new(o, "message", cli_json_str(d->message));
  json_object_set_new(o, "fix", cli_json_str(d->fix));
  if (d->line) {
    json_object_set_new(o, "file", cli_json_str(d->file));
    json_object_set_new(o, "line", json_integer(d->line));
    json_object_set_new(o, "column", json_integer(d->column));
    json_object_set_new(o, "source", cli_json_str(d->source));
  }
  if (d->log.size)
    json_object_set_new(o, "log", cli_json_str(d->log));
  return o;
}

json_t *cli_json_diags(const vy_diags *diags) {
  json_t *a = json_array();
  for (uint32_t i = 0; i < diags->count; i++)
    json_array_append_new(a, json_diag(&diags->records[i]));
  return a;
}

void cli_hex(const vy_hash *hash, char out[65]) {
  for (int i = 0; i < 32; i++)
    snprintf(out + 2 * i, 3, "%02x", hash->bytes[i]);
}
