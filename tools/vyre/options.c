// The command line. One table of options; each command names those it takes.
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind { FLAG, TEXT, PAIR, NUMBER, COUNT, EXTENT } kind;

typedef struct option {
  const char *name;  // without dashes
  const char *alias; // short form, or NULL
  kind kind;
  size_t at;         // offset in cli_options
  const char *value; // what the value is called
} option;

#define AT(member) offsetof(cli_options, member)
static const option options[] = {
    {"help", "h", FLAG, AT(help), NULL},
    {"json", NULL, FLAG, AT(json), NULL},
    {"strict", NULL, FLAG, AT(strict), NULL},
    {"all", NULL, FLAG, AT(all), NULL},
    {"strip", NULL, FLAG, AT(strip), NULL},
    {"clear", NULL, FLAG, AT(clear), NULL},
    {"device", "D", TEXT, AT(device), "DEVICE"},
    {"target", NULL, TEXT, AT(target), "TARGET"},
    {"after", NULL, TEXT, AT(after), "PASS"},
    {"output", "o", TEXT, AT(output), "FILE"},
    {"aot", NULL, TEXT, AT(aot), "FILE.o"},
    {"header", NULL, TEXT, AT(header), "FILE.h"},
    {"name", NULL, TEXT, AT(name), "NAME"},
    {"in", NULL, PAIR, AT(ins), "NAME=VALUE or NAME=FILE"},
    {"out", NULL, PAIR, AT(outs), "NAME=FILE"},
    {"len", NULL, PAIR, AT(lens), "NAME=N"},
    {"const", NULL, PAIR, AT(consts), "NAME=VALUE"},
    {"lanes", NULL, EXTENT, AT(lanes), "N[,N[,N]]"},
    {"groups", NULL, EXTENT, AT(groups), "N[,N[,N]]"},
    {"budget", NULL, NUMBER, AT(budget), "a number from 1 on"},
    {"iterations", NULL, COUNT, AT(iterations), "a number from 1 on"},
    {"threads", NULL, COUNT, AT(threads), "a number from 1 on"},
    {"width", NULL, COUNT, AT(width), "1, 4, 8, 16 or 32"},
    {"features", NULL, TEXT, AT(features), "LEVEL"},
};

static const option *find(const char *name, size_t n, bool is_short) {
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
    const char *have = is_short ? options[i].alias : options[i].name;
    if (have && strlen(have) == n && !memcmp(have, name, n))
      return &options[i];
  }
  return NULL;
}

static bool accepted(const cli_command *c, const option *o) {
  char word[32];
  snprintf(word, sizeof word, " %s ", o->name);
  return !strcmp(o->name, "help") || !strcmp(o->name, "json") ||
         strstr(c->accepts, word);
}

// Decimal or 0x; no sign, no blanks.
static bool number(const char *text, char **end, uint64_t *out) {
  if (!isdigit((unsigned char)*text))
    return false;
  errno = 0;
  *out = strtoull(text, end, text[0] == '0' && text[1] == 'x' ? 16 : 10);
  return !errno;
}

static bool extent(const char *text, uint64_t out[3]) {
  out[0] = out[1] = out[2] = 1;
  for (int i = 0; i < 3; i++) {
    char *end;
    if (!number(text, &end, &out[i]))
      return false;
    if (!*end)
      return true;
    if (*end != ',')
      return false;
    text = end + 1;
  }
  return false;
}

static bool pair(cli_pairs *pairs, const char *text, char **error) {
  const char *equals = strchr(text, '=');
  if (!equals || equals == text)
    return false;
  vy_str name = {text, (size_t)(equals - text)};
  for (uint32_t i = 0; i < pairs->count; i++)
    if (pairs->at[i].name.size == name.size &&
        !memcmp(pairs->at[i].name.data, name.data, name.size)) {
      *error = cli_format("'%.*s' is given twice", (int)name.size, name.data);
      return false;
    }
  if (pairs->count == CLI_MAX_PAIRS) {
    *error = cli_format("more than %d of one option", CLI_MAX_PAIRS);
    return false;
  }
  pairs->at[pairs->count].name = name;
  pairs->at[pairs->count++].value = equals + 1;
  return true;
}

static bool set(cli_options *out, const option *o, const char *value,
                char **error) {
  char *at = (char *)out + o->at, *end;
  uint64_t n;
  bool ok = true;
  switch (o->kind) {
  case FLAG:
    *(bool *)at = true;
    break;
  case TEXT:
    *(const char **)at = value;
    break;
  case PAIR:
    ok = pair((cli_pairs *)at, value, error);
    break;
  case EXTENT:
    ok = extent(value, (uint64_t *)at);
    *(o->at == AT(lanes) ? &out->set_lanes : &out->set_groups) = true;
    break;
  case NUMBER:
    ok = number(value, &end, &n) && !*end && n;
    if (ok)
      *(uint64_t *)at = n;
    break;
  case COUNT:
    ok = number(value, &end, &n) && !*end && n && n <= UINT32_MAX;
    if (ok)
      *(uint32_t *)at = (uint32_t)n;
    break;
  }
  if (!ok && !*error)
    *error = cli_format("--%s wants %s, got '%s'", o->name, o->value, value);
  return ok;
}

// One word that starts with '-'; *i moves on when its value is the next word.
static bool take_option(const cli_command *c, int argc, char **argv, int *i,
                        cli_options *out, char **error) {
  const char *word = argv[*i];
  bool is_short = word[1] != '-';
  const char *name = word + (is_short ? 1 : 2), *value = NULL;
  size_t n = strcspn(name, "=");
  if (is_short && n > 1) { // -Dreference
    n = 1;
    value = name + 1;
  } else if (name[n]) {
    value = name + n + 1;
  }
  const option *o = find(name, n, is_short);
  if (!o || !accepted(c, o)) {
    *error = cli_format("no option '%.*s' for `vyre %s`",
                        (int)(n + (size_t)(name - word)), word, c->name);
    return false;
  }
  if (o->kind == FLAG && value) {
    *error = cli_format("--%s takes no value", o->name);
    return false;
  }
  if (o->kind != FLAG && !value) {
    if (*i + 1 >= argc) {
      *error = cli_format("--%s wants %s", o->name, o->value);
      return false;
    }
    value = argv[++*i];
  }
  return set(out, o, value, error);
}

bool cli_parse(const cli_command *command, int argc, char **argv,
               cli_options *out, char **error) {
  bool words = true; // options may still come
  for (int i = 2; i < argc; i++)
    if (!strcmp(argv[i], "--json"))
      out->json = true; // so that an error before it is JSON too
  for (int i = 2; i < argc; i++) {
    if (words && !strcmp(argv[i], "--")) {
      words = false;
    } else if (words && argv[i][0] == '-' && argv[i][1]) {
      if (!take_option(command, argc, argv, &i, out, error))
        return false;
    } else if (!command->operand || out->operand) {
      *error = cli_format("'%s' is one argument too many", argv[i]);
      return false;
    } else {
      out->operand = argv[i];
    }
  }
  if (out->help || out->operand || !command->operand ||
      command->operand_optional)
    return true;
  *error = cli_format("%s is missing", command->operand);
  return false;
}
