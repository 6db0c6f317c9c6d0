// Gives every file named (of folders: the files in them) to the fuzz target
// that it is linked with, whole and cut at a few lengths.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return 0;
  uint8_t *data = malloc(1 << 20);
  size_t size = data ? fread(data, 1, 1 << 20, file) : 0;
  fclose(file);
  // A block of exactly that size, so that a sanitizer sees reads beyond it.
  for (size_t part = 0; data && part <= 8; part++) {
    size_t cut = size * part / 8;
    uint8_t *copy = malloc(cut ? cut : 1);
    if (!copy)
      break;
    memcpy(copy, data, cut);
    LLVMFuzzerTestOneInput(copy, cut);
    free(copy);
  }
  free(data);
  return 1;
}

static int replay_all(const char *path) {
  DIR *folder = opendir(path);
  if (!folder)
    return replay(path);
  int count = 0;
  for (struct dirent *e; (e = readdir(folder));) {
    char name[4096];
    if (e->d_name[0] == '.')
      continue;
    snprintf(name, sizeof name, "%s/%s", path, e->d_name);
    count += replay_all(name);
  }
  closedir(folder);
  return count;
}

int main(int argc, char **argv) {
  int count = 0;
  for (int i = 1; i < argc; i++)
    count += replay_all(argv[i]);
  printf("%d inputs\n", count);
  return count == 0;
}
