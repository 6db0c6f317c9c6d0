// Reads one JSON document from stdin and prints what a path names in it:
// members and array indices separated by dots ("runs.0.device"); the empty
// path is the document. Strings are printed bare, everything else as JSON.
// Fails when stdin is not exactly one document or the path leads nowhere.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *step(json_t *at, const char *name, size_t size) {
  char key[256];
  if (size >= sizeof key)
    return NULL;
  memcpy(key, name, size);
  key[size] = 0;
  if (json_is_array(at))
    return json_array_get(at, strtoul(key, NULL, 10));
  return json_object_get(at, key);
}

int main(int argc, char **argv) {
  json_error_t error;
  json_t *root = json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);
  if (!root) {
    fprintf(stderr, "no JSON: %s (line %d)\n", error.text, error.line);
    return 1;
  }
  json_t *at = root;
  for (const char *path = argc > 1 ? argv[1] : ""; at && *path;) {
    size_t n = strcspn(path, ".");
    at = step(at, path, n);
    path += n;
    path += *path == '.';
  }
  if (!at) {
    fprintf(stderr, "nothing at %s\n", argv[1]);
    json_decref(root);
    return 1;
  }
  if (json_is_string(at)) {
    puts(json_string_value(at));
  } else {
    char *text = json_dumps(at, JSON_ENCODE_ANY | JSON_COMPACT);
    puts(text ? text : "");
    free(text);
  }
  json_decref(root);
  return 0;
}
