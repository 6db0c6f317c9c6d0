// W10: CRC-32, XXH64 and SHA-256 of many blobs.
#include "../harness.h"

#include <digests.h>
#include <omp.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_XXHASH
#include <xxhash.h>
#endif
#ifdef HAVE_OPENSSL
#include <openssl/sha.h>
#endif

enum { LONGEST = 64 + 4032, SPARE = 4 };
enum { DATA, OFFSETS, ORDER, OUT, TABLE };

typedef struct data {
  blobs b;
  uint8_t *bytes;
  uint32_t *offsets, *order;
  uint32_t table[8 * 256]; // of PoCL's CRC-32
} data;

static void make_blobs(data *d, uint32_t count) {
  d->offsets = take(((size_t)count + 1) * 4);
  for (uint32_t i = 0; i < count; i++)
    d->offsets[i + 1] = d->offsets[i] + 64 + mix(i) % 4033;
  d->bytes = take((size_t)d->offsets[count] + SPARE);
#pragma omp parallel for
  for (uint32_t i = 0; i < count; i++)
    for (uint32_t at = d->offsets[i]; at < d->offsets[i + 1]; at++)
      d->bytes[at] = (uint8_t)mix(i * 4099 + (at - d->offsets[i]));
  d->b = (blobs){count, d->bytes, d->offsets};
}

static uint32_t length_of(const data *d, uint32_t i) {
  return d->offsets[i + 1] - d->offsets[i];
}

// For the devices: longest first, so that lanes side by side end together.
static void order_blobs(data *d) {
  static uint32_t places[LONGEST + 2];
  memset(places, 0, sizeof places);
  d->order = take((size_t)d->b.count * 4);
  for (uint32_t i = 0; i < d->b.count; i++)
    places[LONGEST + 1 - length_of(d, i)]++;
  for (uint32_t i = 1; i < LONGEST + 2; i++)
    places[i] += places[i - 1];
  for (uint32_t i = 0; i < d->b.count; i++)
    d->order[places[LONGEST - length_of(d, i)]++] = i;
}

static size_t crc32_c(job *j, const baselines *c) {
  c->crc32(&((data *)j->data)->b, (uint32_t *)j->out);
  return j->out_capacity;
}

static size_t xxh64_c(job *j, const baselines *c) {
  c->xxh64(&((data *)j->data)->b, (uint64_t *)j->out);
  return j->out_capacity;
}

static size_t sha256_c(job *j, const baselines *c) {
  c->sha256(&((data *)j->data)->b, j->out);
  return j->out_capacity;
}

static void chain(side *s) {
  vy_arg args[] = {side_arg(s, DATA), side_arg(s, OFFSETS), side_arg(s, ORDER),
                   side_arg(s, OUT)};
  side_run(s, 0, args, 4);
  side_result(s, OUT, s->job->out_capacity);
}

static void chain_cl(cl_side *s) {
  const job *j = cl_job(s);
  cl_value args[] = {cl_buf(DATA), cl_buf(OFFSETS), cl_buf(ORDER), cl_buf(OUT),
                     cl_buf(TABLE)};
  cl_go(s, 0, (cl_range){1, {j->size, 1}, {0, 0}}, args,
        j->memory[TABLE].size ? 5 : 4);
  cl_result(s, OUT, j->out_capacity);
}

// ---- the libraries, a blob a call

typedef void (*hash_one)(const uint8_t *p, uint32_t length, uint8_t *out);

__attribute__((unused)) static size_t library(job *j, hash_one hash,
                                              uint32_t threads) {
  const data *d = j->data;
#pragma omp parallel for schedule(dynamic, 64) num_threads(threads)
  for (uint32_t i = 0; i < d->b.count; i++)
    hash(d->bytes + d->offsets[i], length_of(d, i),
         j->out + (size_t)i * j->element);
  return j->out_capacity;
}

#define LIBRARY(name)                                                          \
  static size_t name##_one(job *j) { return library(j, name, 1); }             \
  static size_t name##_all(job *j) {                                           \
    return library(j, name, j->bench->threads);                                \
  }

#ifdef HAVE_ZLIB
static void zlib_crc(const uint8_t *p, uint32_t length, uint8_t *out) {
  *(uint32_t *)out = (uint32_t)crc32(0, p, length);
}
LIBRARY(zlib_crc)
#endif
#ifdef HAVE_XXHASH
static void xxhash(const uint8_t *p, uint32_t length, uint8_t *out) {
  *(uint64_t *)out = XXH64(p, length, 0);
}
LIBRARY(xxhash)
#endif
#ifdef HAVE_OPENSSL
static void openssl(const uint8_t *p, uint32_t length, uint8_t *out) {
  SHA256(p, length, out);
}
LIBRARY(openssl)
#endif

static void make_table(uint32_t *table) {
  for (uint32_t i = 0; i < 256; i++) {
    table[i] = i;
    for (int k = 0; k < 8; k++)
      table[i] = table[i] & 1 ? (table[i] >> 1) ^ 0xEDB88320u : table[i] >> 1;
  }
  for (uint32_t i = 256; i < 8 * 256; i++)
    table[i] = (table[i - 256] >> 8) ^ table[table[i - 256] & 255];
}

static void open_hash(job *j, const char *name, size_t size, c_run run) {
  data *d = take(sizeof *d);
  j->data = d;
  make_blobs(d, (uint32_t)j->size);
  order_blobs(d);
  job_output(j, j->size * size, size);
  j->bytes = (double)d->offsets[j->size] + (double)j->size * (double)(size + 4);
  j->units = (double)d->offsets[j->size];
  j->unit = "B";
  j->memory[DATA] = (memory){d->bytes, (uint64_t)d->offsets[j->size] + SPARE};
  j->memory[OFFSETS] = (memory){d->offsets, (j->size + 1) * 4};
  j->memory[ORDER] = (memory){d->order, j->size * 4};
  j->memory[OUT] = (memory){NULL, j->size * size};
  if (run == crc32_c) {
    make_table(d->table);
    j->memory[TABLE] = (memory){d->table, sizeof d->table};
  }
  j->programs[0] = (program_ref){"hash/hash.vy", name};
  j->cl_file = "hash.cl";
  j->kernels[0] = name;
  job_c(j, run);
  job_vyre(j, chain);
  job_pocl(j, chain_cl);
}

static void open_crc32(job *j) {
  open_hash(j, "crc32", 4, crc32_c);
#ifdef HAVE_ZLIB
  job_own(j, "zlib", 1, true, zlib_crc_one, NULL);
  job_own(j, "zlib", j->bench->threads, true, zlib_crc_all, NULL);
#endif
}

static void open_xxh64(job *j) {
  open_hash(j, "xxh64", 8, xxh64_c);
#ifdef HAVE_XXHASH
  job_own(j, "xxhash", 1, true, xxhash_one, NULL);
  job_own(j, "xxhash", j->bench->threads, true, xxhash_all, NULL);
#endif
}

static void open_sha256(job *j) {
  open_hash(j, "sha256", 32, sha256_c);
#ifdef HAVE_OPENSSL
  job_own(j, "openssl", 1, true, openssl_one, NULL);
  job_own(j, "openssl", j->bench->threads, true, openssl_all, NULL);
#endif
}

static void oracle_crc32(job *j) {
  job_equal(j, "digest", fnv1a64(j->want, j->want_size), DIGEST_CRC32);
}

static void oracle_xxh64(job *j) {
  job_equal(j, "digest", fnv1a64(j->want, j->want_size), DIGEST_XXH64);
}

static void oracle_sha256(job *j) {
  job_equal(j, "digest", fnv1a64(j->want, j->want_size), DIGEST_SHA256);
}

static void close_blobs(job *j) {
  data *d = j->data;
  free(d->bytes);
  free(d->offsets);
  free(d->order);
}

#define SIZES                                                                  \
  { 256, 1024, 65536, 1 << 20 }

const workload hash_workloads[] = {{"W10-crc32", "CRC-32 of many blobs", SIZES,
                                    open_crc32, oracle_crc32, close_blobs},
                                   {"W10-xxh64", "XXH64 of many blobs", SIZES,
                                    open_xxh64, oracle_xxh64, close_blobs},
                                   {"W10-sha256", "SHA-256 of many blobs",
                                    SIZES, open_sha256, oracle_sha256,
                                    close_blobs},
                                   {NULL, NULL, {0}, NULL, NULL, NULL}};
