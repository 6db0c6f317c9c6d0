// Programs from files: FILE[:PROGRAM], text with the imports it reaches, or
// wire bytes (.vyb). An import that cannot be read is left out: the parser
// then reports it with the position of its import statement.
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// No program is as large; whatever is larger need not be read to the end for
// the library to refuse it.
enum { MOST = (64 << 20) + 1 };

typedef struct loaded {
  vy_import *imports; // names and texts owned
  size_t count, room;
  const char *importer; // name of the file being searched
} loaded;

// `path` as seen from the folder of `importer`, without "." and "x/..".
static char *resolve(const char *importer, vy_str path) {
  const char *slash = strrchr(importer, '/');
  size_t folder = slash ? (size_t)(slash - importer) + 1 : 0;
  if (path.size && path.data[0] == '/')
    folder = 0;
  char *all =
      cli_format("%.*s%.*s", (int)folder, importer, (int)path.size, path.data);
  char *out = cli_alloc(strlen(all) + 2);
  size_t n = 0, kept = 0; // kept: parts that ".." may take back
  if (*all == '/')
    out[n++] = '/';
  for (char *part = all; *part;) {
    size_t length = strcspn(part, "/");
    bool dot = length == 1 && part[0] == '.';
    bool up = length == 2 && part[0] == '.' && part[1] == '.';
    if (up && kept) {
      kept--;
      while (n && out[n - 1] == '/')
        n--;
      while (n && out[n - 1] != '/')
        n--;
    } else if (length && !dot) {
      memcpy(out + n, part, length);
      n += length;
      out[n++] = '/';
      kept += up ? 0 : 1;
    }
    part += length;
    part += *part == '/';
  }
  if (n > 1 && out[n - 1] == '/')
    n--;
  out[n] = 0;
  free(all);
  return out;
}

static void found(void *user, vy_str path) {
  loaded *l = user;
  char *name = resolve(l->importer, path);
  for (size_t i = 0; i < l->count; i++)
    if (!strcmp(l->imports[i].name.data, name)) {
      free(name);
      return;
    }
  size_t size;
  char *text = (char *)cli_read_file(name, MOST, &size);
  if (!text) {
    free(name);
    return;
  }
  if (l->count == l->room) {
    l->room = l->room ? l->room * 2 : 16;
    l->imports = cli_grow(l->imports, l->room * sizeof *l->imports);
  }
  l->imports[l->count].name = vy_str_c(name);
  l->imports[l->count].text.data = text;
  l->imports[l->count++].text.size = size;
}

static vy_status parse_text(cli_session *s, const char *name,
                            const char *program, vy_str text) {
  loaded l = {NULL, 0, 0, name};
  vy_status status = vy_source_imports(text, found, &l);
  for (size_t i = 0; status == VY_OK && i < l.count; i++) {
    vy_str import = l.imports[i].text; // l.imports may move in the call
    l.importer = l.imports[i].name.data;
    status = vy_source_imports(import, found, &l);
  }
  if (status == VY_OK) {
    vy_source source = VY_SOURCE_INIT;
    source.name = vy_str_c(name);
    source.text = text;
    source.program = vy_str_c(program);
    source.imports = l.imports;
    source.import_count = l.count;
    status = vy_program_parse(s->context, &source, &s->program, &s->diags);
  }
  for (size_t i = 0; i < l.count; i++) {
    free((char *)l.imports[i].name.data);
    free((char *)l.imports[i].text.data);
  }
  free(l.imports);
  return status;
}

static cli_exit specialise_program(cli_session *s) {
  vy_const_value *values = NULL;
  cli_exit code = cli_constants(s, &values);
  if (code == CLI_OK && s->options.consts.count) {
    vy_program *special = NULL;
    code = cli_exit_of(vy_program_specialize(
        s->program, values, s->options.consts.count, &special, &s->diags));
    if (code == CLI_OK) {
      vy_program_release(s->program);
      s->program = special;
    }
  }
  free(values);
  return code;
}

cli_exit cli_load(cli_session *s, bool specialise) {
  char *name = cli_format("%s", s->options.operand);
  const char *program = NULL;
  size_t size = 0;
  unsigned char *data = cli_read_file(name, MOST, &size);
  char *colon = strrchr(name, ':');
  if (!data && colon) {
    *colon = 0;
    program = colon + 1;
    data = cli_read_file(name, MOST, &size);
  }
  if (!data) {
    cli_exit code = cli_error(s, "%s: %s", name, strerror(errno));
    free(name);
    return code;
  }
  vy_status status;
  vy_str text = {(const char *)data, size};
  if (cli_has_suffix(name, ".vyb"))
    status = vy_program_decode(s->context, data, size, &s->program, &s->diags);
  else
    status = parse_text(s, name, program, text);
  free(data);
  cli_exit code = cli_exit_of(status);
  if (code == CLI_OK && specialise)
    code = specialise_program(s);
  s->info = (vy_program_info)VY_PROGRAM_INFO_INIT;
  if (code == CLI_OK)
    code = cli_exit_of(vy_program_describe(s->program, &s->info));
  vy_str is = s->info.name;
  if (code == CLI_OK && program && *program && cli_has_suffix(name, ".vyb") &&
      (strlen(program) != is.size || memcmp(program, is.data, is.size)))
    code = cli_error(s, "%s holds program %.*s, not %s", name, (int)is.size,
                     is.data, program);
  free(name);
  return code;
}
