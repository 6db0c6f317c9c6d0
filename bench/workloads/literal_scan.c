// W1: find 16 literals in a text, all matches in order.
#include "../harness.h"

#ifdef HAVE_VECTORSCAN
#include <hs.h>
#endif

enum { LITERALS = 16, CHUNK = 4096 };
enum {
  TEXT,
  CLASS,
  NEXT,
  FOUND,
  ALSO,
  LENGTHS,
  COUNTS,
  OFFSETS,
  MATCHES,
  ENDS,
  PART_SUMS
};

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

typedef struct data {
  automaton a;
  uint8_t *text;
  match *spare;
  uint32_t planted, chunks;
  void *scanners; // Vectorscan's
} data;

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

// The trie over byte classes; bytes that no literal has share class 0.
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

static void build(automaton *a) {
  uint16_t back[512] = {0}, queue[512];
  uint32_t head = 0, tail = 0;
  build_trie(a);
  for (uint32_t c = 0; c < a->classes; c++)
    if (a->next[c])
      queue[tail++] = a->next[c];
  while (head < tail) {
    uint32_t s = queue[head++], f = back[s];
    if (!a->found[s]) {
      a->found[s] = a->found[f];
      a->also[s] = a->also[f];
    } else {
      a->also[s] = (uint16_t)f;
    }
    for (uint32_t c = 0; c < a->classes; c++) {
      uint16_t *to = &a->next[s * a->classes + c];
      if (*to) {
        back[*to] = a->next[f * a->classes + c];
        queue[tail++] = *to;
      } else {
        *to = a->next[f * a->classes + c];
      }
    }
  }
}

static size_t run_c(job *j, const baselines *c) {
  data *d = j->data;
  return sizeof(match) *
         c->literal_scan(&d->a, d->text, j->size, (match *)j->out, d->spare);
}

static void chain(side *s) {
  const data *d = s->job->data;
  vy_arg count[] = {side_arg(s, TEXT),        side_arg(s, CLASS),
                    vy_arg_u32(d->a.classes), side_arg(s, NEXT),
                    side_arg(s, FOUND),       side_arg(s, ALSO),
                    vy_arg_u32(CHUNK),        vy_arg_u32(d->a.overlap),
                    side_arg(s, ENDS),        side_arg(s, COUNTS)};
  side_run(s, 0, count, 10);
  vy_arg parts[] = {side_arg(s, COUNTS), side_arg(s, PART_SUMS)};
  side_run(s, 3, parts, 2);
  vy_arg prefix[] = {side_arg(s, COUNTS), side_arg(s, PART_SUMS),
                     side_arg(s, OFFSETS)};
  side_run(s, 1, prefix, 3);
  uint64_t bytes =
      (uint64_t)side_u32(s, OFFSETS, d->chunks * 4ull) * sizeof(match);
  vy_arg collect[] = {side_arg(s, TEXT),        side_arg(s, CLASS),
                      vy_arg_u32(d->a.classes), side_arg(s, NEXT),
                      side_arg(s, FOUND),       side_arg(s, ALSO),
                      side_arg(s, LENGTHS),     vy_arg_u32(CHUNK),
                      vy_arg_u32(d->a.overlap), side_arg(s, ENDS),
                      side_arg(s, OFFSETS),     side_range(s, MATCHES, bytes)};
  side_run(s, 2, collect, 12);
  side_result(s, MATCHES, bytes);
}

static void chain_cl(cl_side *s) {
  const job *j = cl_job(s);
  const data *d = j->data;
  cl_value count[] = {cl_buf(TEXT),         cl_u32((uint32_t)j->size),
                      cl_buf(CLASS),        cl_u32(d->a.classes),
                      cl_buf(NEXT),         cl_buf(FOUND),
                      cl_buf(ALSO),         cl_u32(CHUNK),
                      cl_u32(d->a.overlap), cl_buf(COUNTS)};
  cl_go(s, 0, (cl_range){1, {d->chunks, 1}, {0, 0}}, count, 10);
  cl_value prefix[] = {cl_buf(COUNTS), cl_u32(d->chunks), cl_buf(OFFSETS)};
  cl_go(s, 1, (cl_range){1, {1, 1}, {1, 1}}, prefix, 3);
  uint64_t bytes =
      (uint64_t)cl_read_u32(s, OFFSETS, d->chunks * 4ull) * sizeof(match);
  cl_value collect[] = {cl_buf(TEXT),    cl_u32((uint32_t)j->size),
                        cl_buf(CLASS),   cl_u32(d->a.classes),
                        cl_buf(NEXT),    cl_buf(FOUND),
                        cl_buf(ALSO),    cl_buf(LENGTHS),
                        cl_u32(CHUNK),   cl_u32(d->a.overlap),
                        cl_buf(OFFSETS), cl_buf(MATCHES)};
  cl_go(s, 2, (cl_range){1, {d->chunks, 1}, {0, 0}}, collect, 12);
  cl_result(s, MATCHES, bytes);
}

// ---- Vectorscan: one scanner a part of the text; a part is scanned from
// `overlap` bytes early, and owns the matches that end in it.
#ifdef HAVE_VECTORSCAN
#include <omp.h>

typedef struct scanner {
  hs_scratch_t *scratch;
  const automaton *a;
  uint64_t from, begin; // of the scanned text, of what it owns
  match *out;
  uint32_t count;
} scanner;

typedef struct scanners {
  hs_database_t *database;
  uint32_t parts;
  scanner part[64];
} scanners;

static int on_match(unsigned id, unsigned long long from, unsigned long long to,
                    unsigned flags, void *user) {
  scanner *s = user;
  (void)from, (void)flags;
  uint64_t end = s->from + to;
  if (end > s->begin || !s->begin)
    s->out[s->count++] = (match){(uint32_t)(end - s->a->lengths[id]), id};
  return 0;
}

static void open_scanners(job *j, uint32_t parts) {
  data *d = j->data;
  if (parts > 64)
    parts = 64;
  scanners *v = take(sizeof *v);
  unsigned ids[LITERALS], flags[LITERALS];
  size_t lengths[LITERALS];
  for (uint32_t p = 0; p < LITERALS; p++) {
    ids[p] = p;
    flags[p] = 0;
    lengths[p] = d->a.lengths[p];
  }
  hs_compile_error_t *error = NULL;
  if (hs_compile_lit_multi(literals, flags, ids, lengths, LITERALS,
                           HS_MODE_BLOCK, NULL, &v->database,
                           &error) != HS_SUCCESS)
    fail("Vectorscan: %s", error->message);
  v->parts = parts;
  for (uint32_t p = 0; p < parts; p++)
    if (hs_alloc_scratch(v->database, &v->part[p].scratch) != HS_SUCCESS)
      fail("Vectorscan: scratch");
  d->scanners = v;
}

static void scan_part(job *j, uint32_t p, uint32_t parts) {
  data *d = j->data;
  scanner *s = &((scanners *)d->scanners)->part[p];
  uint64_t end = j->size * (p + 1) / parts;
  s->a = &d->a;
  s->begin = j->size * p / parts;
  s->from = s->begin > d->a.overlap ? s->begin - d->a.overlap : 0;
  s->out = d->spare + s->begin / 8;
  s->count = 0;
  if (hs_scan(((scanners *)d->scanners)->database,
              (const char *)d->text + s->from, (unsigned)(end - s->from), 0,
              s->scratch, on_match, s) != HS_SUCCESS)
    fail("Vectorscan: scan");
}

static size_t scan_parts(job *j, uint32_t parts) {
  data *d = j->data;
  scanners *v = d->scanners;
  v->parts = parts;
#pragma omp parallel for schedule(static, 1) num_threads(parts)
  for (uint32_t p = 0; p < parts; p++)
    scan_part(j, p, parts);
  return 0;
}

static size_t scan_one(job *j) { return scan_parts(j, 1); }
static size_t scan_all(job *j) {
  return scan_parts(j, j->bench->threads > 64 ? 64 : j->bench->threads);
}

// Vectorscan leaves the order of matches with the same end open: put the
// longest first, outside the timed part.
static size_t in_order(job *j) {
  data *d = j->data;
  scanners *v = d->scanners;
  match *out = (match *)j->out;
  uint32_t n = 0;
  for (uint32_t p = 0; p < v->parts; p++)
    for (uint32_t i = 0; i < v->part[p].count; i++) {
      match m = v->part[p].out[i];
      uint64_t end = m.start + d->a.lengths[m.literal];
      uint32_t at = n++;
      while (at &&
             out[at - 1].start + d->a.lengths[out[at - 1].literal] >= end &&
             (out[at - 1].start > m.start ||
              out[at - 1].start + d->a.lengths[out[at - 1].literal] > end)) {
        out[at] = out[at - 1];
        at--;
      }
      out[at] = m;
    }
  return n * sizeof(match);
}

static void close_scanners(data *d) {
  scanners *v = d->scanners;
  if (!v)
    return;
  for (uint32_t p = 0; p < 64; p++)
    hs_free_scratch(v->part[p].scratch);
  hs_free_database(v->database);
  free(v);
}
#endif

static void open(job *j) {
  data *d = take(sizeof *d);
  j->data = d;
  d->text = take(j->size);
  d->planted = plant(d->text, j->size);
  build(&d->a);
  d->chunks = (uint32_t)((j->size + CHUNK - 1) / CHUNK);
  uint64_t room = j->size / 8 * sizeof(match);
  d->spare = take(room);
  job_output(j, room, sizeof(match));
  j->bytes = (double)j->size;
  j->units = (double)j->size;
  j->unit = "B";
  uint32_t cells = d->a.states * d->a.classes;
  j->memory[TEXT] = (memory){d->text, j->size};
  j->memory[CLASS] = (memory){d->a.class, 256};
  j->memory[NEXT] = (memory){d->a.next, cells * 2};
  j->memory[FOUND] = (memory){d->a.found, d->a.states};
  j->memory[ALSO] = (memory){d->a.also, d->a.states * 2};
  j->memory[LENGTHS] = (memory){d->a.lengths, sizeof d->a.lengths};
  j->memory[COUNTS] = (memory){NULL, d->chunks * 4};
  j->memory[OFFSETS] = (memory){NULL, (d->chunks + 1) * 4};
  j->memory[PART_SUMS] = (memory){NULL, (d->chunks / 1024 + 1) * 4};
  j->memory[MATCHES] = (memory){NULL, room};
  j->memory[ENDS] = (memory){NULL, (j->size + 31) / 32 * 4};
  j->programs[0] = (program_ref){"literal_scan/literal_scan.vy", "count"};
  j->programs[1] = (program_ref){"lib/prefix.vy", "prefix_sum"};
  j->programs[2] = (program_ref){"literal_scan/literal_scan.vy", "collect"};
  j->programs[3] = (program_ref){"lib/prefix.vy", "part_sums"};
  j->cl_file = "scan.cl";
  j->kernels[0] = "literal_count";
  j->kernels[1] = "prefix_sum";
  j->kernels[2] = "literal_collect";
  job_c(j, run_c);
  job_vyre(j, chain);
  job_pocl(j, chain_cl);
#ifdef HAVE_VECTORSCAN
  open_scanners(j, j->bench->threads);
  job_own(j, "vectorscan", 1, true, scan_one, in_order);
  job_own(j, "vectorscan", j->bench->threads, true, scan_all, in_order);
#endif
}

static void oracle(job *j) {
  const data *d = j->data;
  const match *m = (const match *)j->want;
  uint64_t n = j->want_size / sizeof *m, sum = 0;
  for (uint64_t i = 0; i < n; i++)
    sum += (uint64_t)m[i].start * (m[i].literal + 1);
  job_equal(j, "FNV-1a of the text", fnv1a64(d->text, j->size),
            0x7df2b85f289d00d9);
  job_equal(j, "planted", d->planted, 6253);
  job_equal(j, "matches", n, 6164);
  job_equal(j, "sum of start*(p+1)", sum, 103105853753);
}

static void close(job *j) {
  data *d = j->data;
#ifdef HAVE_VECTORSCAN
  close_scanners(d);
#endif
  free(d->text);
  free(d->spare);
}

const workload literal_scan_workloads[] = {
    {"W1",
     "literal scan",
     {128 << 10, 4 << 20, 64 << 20, 256 << 20},
     open,
     oracle,
     close},
    {NULL, NULL, {0}, NULL, NULL, NULL}};
