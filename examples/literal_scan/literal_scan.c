// W1, literal scan: find 16 literals in generated text. The host builds the
// Aho-Corasick automaton over byte classes; two dispatches and a prefix sum
// give every match in order. Checked against a plain search, and at 4 MiB
// against the oracle.
#include "common.h"

enum { LITERALS = 16, CHUNK = 4096, MAX_STATES = 512, MAX_CLASSES = 128 };

static const char *const literals[LITERALS] = {
    "AKIA",
    "ghp_",
    "Authorization: Bearer ",
    "password=",
    "api_key",
    "secret=",
    "BEGIN RSA PRIVATE KEY",
    "BEGIN OPENSSH PRIVATE KEY",
    "eval(",
    "strcpy(",
    "memcpy(",
    "TODO:",
    "unsafe {",
    "__attribute__((",
    "container_of(",
    "ioread32(",
};

typedef struct match {
  uint32_t start, literal;
} match;

typedef struct automaton {
  uint8_t class[256];
  uint32_t classes, states, overlap;
  uint16_t next[MAX_STATES * MAX_CLASSES];
  uint8_t found[MAX_STATES];
  uint16_t also[MAX_STATES];
  uint32_t lengths[LITERALS];
} automaton;

static uint32_t plant(uint8_t *text, uint64_t size) {
  uint32_t planted = 0;
  for (uint64_t i = 0; i < size; i++)
    text[i] = (uint8_t)(33 + mix((uint32_t)i) % 90);
  for (uint32_t p = 0; p < LITERALS; p++) {
    size_t n = strlen(literals[p]);
    for (uint64_t at = 17 + 113 * p; at + n <= size; at += 8191 + 271 * p)
      if (at % 32) {
        memcpy(text + at, literals[p], n);
        planted++;
      }
  }
  return planted;
}

// The trie, with byte classes: bytes that no literal has share class 0.
static void build_trie(automaton *a) {
  a->classes = 1;
  a->states = 1;
  for (uint32_t p = 0; p < LITERALS; p++)
    for (const char *c = literals[p]; *c; c++)
      if (!a->class[(uint8_t)*c])
        a->class[(uint8_t)*c] = (uint8_t)a->classes++;
  for (uint32_t p = 0; p < LITERALS; p++) {
    uint32_t s = 0;
    for (const char *c = literals[p]; *c; c++) {
      uint16_t *to = &a->next[s * a->classes + a->class[(uint8_t)*c]];
      if (!*to)
        *to = (uint16_t)a->states++;
      s = *to;
    }
    a->found[s] = (uint8_t)(p + 1);
    a->lengths[p] = (uint32_t)strlen(literals[p]);
    if (a->lengths[p] - 1 > a->overlap)
      a->overlap = a->lengths[p] - 1;
  }
}

// Breadth first: complete the transitions, and link each state to the
// longest shorter literal that ends in it.
static void build(automaton *a) {
  uint16_t fail[MAX_STATES] = {0}, queue[MAX_STATES];
  uint32_t head = 0, tail = 0;
  build_trie(a);
  for (uint32_t c = 0; c < a->classes; c++)
    if (a->next[c])
      queue[tail++] = a->next[c];
  while (head < tail) {
    uint32_t s = queue[head++], f = fail[s];
    if (!a->found[s]) {
      a->found[s] = a->found[f];
      a->also[s] = a->also[f];
    } else {
      a->also[s] = (uint16_t)f;
    }
    for (uint32_t c = 0; c < a->classes; c++) {
      uint16_t *to = &a->next[s * a->classes + c];
      uint16_t back = a->next[f * a->classes + c];
      if (*to) {
        fail[*to] = back;
        queue[tail++] = *to;
      } else {
        *to = back;
      }
    }
  }
}

// The model: try every literal at every place, in the order of the kernel: by
// where a match ends, the longest first.
static uint32_t search(const uint8_t *text, uint64_t size, match *out) {
  uint32_t order[LITERALS], n = 0;
  for (uint32_t p = 0; p < LITERALS; p++) {
    uint32_t at = p;
    for (; at && strlen(literals[order[at - 1]]) < strlen(literals[p]); at--)
      order[at] = order[at - 1];
    order[at] = p;
  }
  for (uint64_t end = 1; end <= size; end++)
    for (uint32_t k = 0; k < LITERALS; k++) {
      const char *literal = literals[order[k]];
      size_t length = strlen(literal);
      if (literal[length - 1] == (char)text[end - 1] && length <= end &&
          !memcmp(text + end - length, literal, length))
        out[n++] = (match){(uint32_t)(end - length), order[k]};
    }
  return n;
}

static uint32_t find(example *e, const automaton *a, const uint8_t *text,
                     uint64_t size, match **out) {
  vy_pipeline *count =
      example_pipeline(e, "literal_scan/literal_scan.vy", "count");
  vy_pipeline *collect =
      example_pipeline(e, "literal_scan/literal_scan.vy", "collect");
  uint64_t chunks = (size + CHUNK - 1) / CHUNK;
  vy_buffer on_device = example_upload(e, text, size);
  vy_buffer places = example_buffer(e, (size + 31) / 32 * 4);
  vy_buffer counts = example_buffer(e, chunks * 4);
  vy_arg class = vy_arg_host(a->class, 256);
  vy_arg next = vy_arg_host(a->next, a->states * a->classes * 2);
  vy_arg found = vy_arg_host(a->found, a->states);
  vy_arg also = vy_arg_host(a->also, a->states * 2);

  vy_arg first[] = {vy_arg_buffer(on_device),
                    class,
                    vy_arg_u32(a->classes),
                    next,
                    found,
                    also,
                    vy_arg_u32(CHUNK),
                    vy_arg_u32(a->overlap),
                    vy_arg_buffer(places),
                    vy_arg_buffer(counts)};
  example_run(e, count, first, 10);
  vy_buffer offsets = example_prefix_sum(e, counts, chunks);
  uint32_t *ends = example_alloc((chunks + 1) * 4);
  example_download(e, offsets, ends, (chunks + 1) * 4);
  uint32_t total = ends[chunks];
  free(ends);

  vy_buffer matches = example_buffer(e, total * sizeof(match));
  vy_arg second[] = {vy_arg_buffer(on_device),
                     class,
                     vy_arg_u32(a->classes),
                     next,
                     found,
                     also,
                     vy_arg_host(a->lengths, LITERALS * 4),
                     vy_arg_u32(CHUNK),
                     vy_arg_u32(a->overlap),
                     vy_arg_buffer(places),
                     vy_arg_buffer(offsets),
                     vy_arg_buffer(matches)};
  example_run(e, collect, second, 12);
  *out = example_alloc(total * sizeof(match));
  example_download(e, matches, *out, total * sizeof(match));

  example_free(e, matches);
  example_free(e, offsets);
  example_free(e, counts);
  example_free(e, places);
  example_free(e, on_device);
  vy_pipeline_release(count);
  vy_pipeline_release(collect);
  return total;
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "literal_scan", argc, argv);
  uint64_t size = example_size(&e, 128 << 10, 4 << 20);
  uint8_t *text = example_alloc(size);
  automaton *a = example_alloc(sizeof *a);
  uint32_t planted = plant(text, size);
  build(a);
  match *got, *want = example_alloc(size * sizeof *want);
  uint32_t n = find(&e, a, text, size, &got);
  example_equal(&e, "matches", n, search(text, size, want));
  example_same(&e, "matches", got, want, n * sizeof *want, sizeof *want);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < n; i++)
    sum += (uint64_t)got[i].start * (got[i].literal + 1);
  if (size == 4 << 20) {
    example_equal(&e, "FNV-1a of the text", fnv1a64(text, size),
                  0x7df2b85f289d00d9);
    example_equal(&e, "planted", planted, 6253);
    example_equal(&e, "matches", n, 6164);
    example_equal(&e, "sum of start*(p+1)", sum, 103105853753);
  }
  printf("%llu bytes, %u literals planted, %u matches, sum %llu\n",
         (unsigned long long)size, planted, n, (unsigned long long)sum);
  free(got);
  free(want);
  free(a);
  free(text);
  return example_close(&e);
}
