// Untrusted bytes -> canonical IR. Sizes and counts are checked against the
// limits and the input's length before anything is allocated; every id is
// checked before anything follows it; at the end the program is encoded again
// and must give the same bytes, so that there is one form of each program.
#include "wire/format.h"
#include "wire/wire.h"

typedef struct reader {
  const unsigned char *bytes;
  size_t size;
  vy_diags *diags;
  // Sections by tag - 1.
  struct {
    const unsigned char *at;
    size_t size;
  } part[VY__WIRE_TAGS];
  uint32_t section_count;
} reader;

static vy_status read_header(reader *r) {
  const unsigned char *p = r->bytes;
  if (r->size < VY__WIRE_HEADER || memcmp(p, vy__wire_magic, 8) != 0)
    return vy__fail(r->diags, NULL, VY__E_WIRE_MAGIC,
                    "%zu bytes that are not a Vyre wire program", r->size);
  if (r->size > VY__MAX_WIRE)
    return vy__fail(r->diags, NULL, VY__E_WIRE_LIMIT,
                    "a wire program has at most %d bytes, this one has %zu",
                    VY__MAX_WIRE, r->size);
  uint32_t format = vy__get_u32(p + 8), semantics = vy__get_u32(p + 12);
  if (format != VY__WIRE_FORMAT || semantics != VY__WIRE_SEMANTICS)
    return vy__fail(r->diags, NULL, VY__E_WIRE_VERSION,
                    "wire format %u with semantics version %u; this library "
                    "reads format %d with version %d",
                    format, semantics, VY__WIRE_FORMAT, VY__WIRE_SEMANTICS);
  if (vy__get_u64(p + 24) != r->size)
    return vy__fail(r->diags, NULL, VY__E_WIRE_SECTION,
                    "the header says %llu bytes, %zu were given",
                    (unsigned long long)vy__get_u64(p + 24), r->size);
  r->section_count = vy__get_u32(p + 16);
  if (r->section_count != 1 && r->section_count != VY__WIRE_TAGS)
    return vy__fail(r->diags, NULL, VY__E_WIRE_SECTION,
                    "%u sections; a program has 1 or, with its debug "
                    "sections, %d",
                    r->section_count, VY__WIRE_TAGS);
  return VY_OK;
}

static vy_status read_sections(reader *r) {
  size_t table = VY__WIRE_HEADER + r->section_count * (size_t)VY__WIRE_ENTRY;
  uint64_t next = (table + 7) & ~(uint64_t)7;
  if (table > r->size)
    return vy__fail(r->diags, NULL, VY__E_WIRE_SECTION,
                    "the section table needs %zu bytes, %zu were given", table,
                    r->size);
  for (uint32_t i = 0; i < r->section_count; i++) {
    const unsigned char *entry =
        r->bytes + VY__WIRE_HEADER + i * (size_t)VY__WIRE_ENTRY;
    uint32_t tag = vy__get_u32(entry), flags = vy__get_u32(entry + 4);
    uint64_t at = vy__get_u64(entry + 8), size = vy__get_u64(entry + 16);
    if (tag != i + 1 || flags)
      return vy__fail(r->diags, NULL, VY__E_WIRE_SECTION,
                      "section %u has tag %u and flags %u, not %u and 0", i,
                      tag, flags, i + 1);
    if (at != next || at > r->size || size > r->size - at)
      return vy__fail(r->diags, NULL, VY__E_WIRE_SECTION,
                      "section %u is %llu bytes at %llu, of %zu bytes", i,
                      (unsigned long long)size, (unsigned long long)at,
                      r->size);
    r->part[i].at = r->bytes + at;
    r->part[i].size = (size_t)size;
    next = (at + size + 7) & ~(uint64_t)7;
  }
  if (next != r->size)
    return vy__fail(r->diags, NULL, VY__E_WIRE_SECTION,
                    "the sections end at %llu, the bytes at %zu",
                    (unsigned long long)next, r->size);
  return VY_OK;
}

// Are all counts within their limits, and does the section hold exactly them?
static vy_status read_counts(reader *r, const uint32_t *head) {
  static const struct {
    const char *name;
    uint32_t bytes, limit;
  } rows[] = {
#define A(array, count, bytes, limit) {#count, bytes, limit},
      VY__WIRE_ARRAYS(A)
#undef A
  };
  uint64_t need = VY__HEAD_WORDS * 4 + (uint64_t)head[VY__HEAD_STRINGS];
  for (size_t i = 0; i < VY__COUNT(rows); i++) {
    uint32_t count = head[VY__HEAD_COUNTS + i];
    if (count > rows[i].limit)
      return vy__fail(r->diags, NULL, VY__E_WIRE_LIMIT,
                      "%s is %u, at most %u is possible", rows[i].name, count,
                      rows[i].limit);
    need += (uint64_t)count * rows[i].bytes;
  }
  if (need != r->part[0].size)
    return vy__fail(r->diags, NULL, VY__E_WIRE_SECTION,
                    "the semantic section has %zu bytes, its counts need %llu",
                    r->part[0].size, (unsigned long long)need);
  return VY_OK;
}

// Copy `count` rows to a new array and move on. The program's capacities are
// in the order of ir.c; a program is never grown after decoding but freed by
// capacity, so each array goes through the same functions as everyone's.
static bool take(const vy_allocator *alloc, void *array, uint32_t count,
                 size_t size, const unsigned char **at) {
  void *rows = NULL;
  if (count) {
    rows = vy__calloc(alloc, count, size);
    if (!rows)
      return false;
    memcpy(rows, *at, count * size);
    *at += count * size;
  }
  memcpy(array, &rows, sizeof rows);
  return true;
}

// An IR whose arrays are plain blocks, each as long as its count.
static void free_raw(vy__ir *raw) {
#define A(array, count, bytes, limit)                                          \
  vy__free(raw->alloc, raw->array, (size_t)raw->count *bytes);
  VY__WIRE_ARRAYS(A)
#undef A
#define D(array, count)                                                        \
  vy__free(raw->alloc, raw->array, raw->count * sizeof *raw->array);
  VY__WIRE_NAME_ARRAYS(D)
  VY__WIRE_POS_ARRAYS(D)
  D(files, file_count)
  D(file_texts, file_count)
  D(strings, string_size)
#undef D
}

static vy_status read_semantic(reader *r, vy__ir *raw) {
  if (r->part[0].size < VY__HEAD_WORDS * 4)
    return vy__fail(r->diags, NULL, VY__E_WIRE_SECTION,
                    "the semantic section has %zu bytes, its head needs %d",
                    r->part[0].size, VY__HEAD_WORDS * 4);
  const unsigned char *at = r->part[0].at;
  uint32_t head[VY__HEAD_WORDS];
  memcpy(head, at, sizeof head);
  at += sizeof head;
  VY_TRY(read_counts(r, head));
  raw->name = head[VY__HEAD_NAME];
  raw->uses_groups = head[VY__HEAD_USES_GROUPS];
  raw->dimensions = head[VY__HEAD_DIMENSIONS];
  memcpy(raw->domain, head + VY__HEAD_DOMAIN, sizeof raw->domain);
  memcpy(raw->group, head + VY__HEAD_GROUP, sizeof raw->group);
  bool ok = true;
  uint32_t word = VY__HEAD_COUNTS;
#define A(array, count, bytes, limit)                                          \
  ok = ok && take(raw->alloc, &raw->array, head[word], bytes, &at);            \
  raw->count = ok ? head[word++] : 0;
  VY__WIRE_ARRAYS(A)
#undef A
  // Both parts of the pool, as one.
  size_t first = head[VY__HEAD_STRINGS];
  size_t rest = r->part[VY__WIRE_STRINGS - 1].size;
  if (!ok || first + rest == 0)
    return ok ? vy__fail(r->diags, NULL, VY__E_WIRE_RANGE,
                         "the string pool is empty")
              : vy__fail_oom(r->diags, "a wire program");
  raw->strings = vy__calloc(raw->alloc, first + rest, 1);
  if (!raw->strings)
    return vy__fail_oom(r->diags, "a wire program");
  raw->string_size = (uint32_t)(first + rest);
  memcpy(raw->strings, at, first);
  if (rest)
    memcpy(raw->strings + first, r->part[VY__WIRE_STRINGS - 1].at, rest);
  return VY_OK;
}

static vy_status read_files(reader *r, vy__ir *raw) {
  size_t size = r->part[VY__WIRE_FILES - 1].size;
  const unsigned char *at = r->part[VY__WIRE_FILES - 1].at;
  if (size % 8)
    return vy__fail(r->diags, NULL, VY__E_WIRE_SECTION,
                    "the files section has %zu bytes, not a multiple of 8",
                    size);
  uint32_t count = (uint32_t)(size / 8);
  if (count > VY__MAX_IMPORTS + 1)
    return vy__fail(r->diags, NULL, VY__E_WIRE_LIMIT,
                    "%u files, at most %d are possible", count,
                    VY__MAX_IMPORTS + 1);
  if (!count)
    return VY_OK;
  raw->files = vy__calloc(raw->alloc, count, sizeof *raw->files);
  raw->file_texts = vy__calloc(raw->alloc, count, sizeof *raw->file_texts);
  raw->file_count = count;
  if (!raw->files || !raw->file_texts)
    return vy__fail_oom(r->diags, "a wire program");
  for (uint32_t i = 0; i < count; i++) {
    raw->files[i] = vy__get_u32(at + (size_t)i * 8);
    raw->file_texts[i] = vy__get_u32(at + (size_t)i * 8 + 4);
  }
  return VY_OK;
}

static vy_status read_debug(reader *r, vy__ir *raw) {
  uint64_t names = 0, positions = 0;
#define D(array, count) names += (uint64_t)raw->count * 4;
  VY__WIRE_NAME_ARRAYS(D)
#undef D
#define D(array, count) positions += (uint64_t)raw->count * sizeof(vy__pos);
  VY__WIRE_POS_ARRAYS(D)
#undef D
  if (r->part[VY__WIRE_NAMES - 1].size != names ||
      r->part[VY__WIRE_POSITIONS - 1].size != positions)
    return vy__fail(r->diags, NULL, VY__E_WIRE_SECTION,
                    "names and positions have %zu and %zu bytes, the "
                    "program needs %llu and %llu",
                    r->part[VY__WIRE_NAMES - 1].size,
                    r->part[VY__WIRE_POSITIONS - 1].size,
                    (unsigned long long)names, (unsigned long long)positions);
  raw->has_debug = true;
  bool ok = true;
  const unsigned char *at = r->part[VY__WIRE_NAMES - 1].at;
#define D(array, count)                                                        \
  ok = ok && take(raw->alloc, &raw->array, raw->count, sizeof *raw->array, &at);
  VY__WIRE_NAME_ARRAYS(D)
  at = r->part[VY__WIRE_POSITIONS - 1].at;
  VY__WIRE_POS_ARRAYS(D)
#undef D
  return ok ? read_files(r, raw) : vy__fail_oom(r->diags, "a wire program");
}

// The canonical form of `raw`, if encoding that gives the same bytes.
static vy_status canonical(reader *r, const vy__ir *raw, vy__ir *out) {
  vy__ir ir;
  if (!vy__ir_canonicalize(raw, &ir))
    return vy__fail_oom(r->diags, "a wire program");
  vy__buf again;
  vy__buf_init(&again, raw->alloc);
  vy_status status = VY_OK;
  if (!vy__wire_encode(&ir, 0, &again))
    status = vy__fail_oom(r->diags, "a wire program");
  else if (again.size != r->size ||
           memcmp(again.data, r->bytes, again.size) != 0)
    status = vy__fail(r->diags, NULL, VY__E_WIRE_NOT_CANONICAL,
                      "encoding the program again gives other bytes");
  vy__buf_free(&again);
  if (status == VY_OK)
    *out = ir;
  else
    vy__ir_free(&ir);
  return status;
}

vy_status vy__wire_decode(const vy_allocator *alloc, const void *bytes,
                          size_t size, vy__ir *out, vy_diags *diags) {
  reader r = {.bytes = bytes, .size = size, .diags = diags};
  VY_TRY(read_header(&r));
  VY_TRY(read_sections(&r));
  vy__ir raw;
  vy__ir_init(&raw, alloc, false);
  vy_status status = read_semantic(&r, &raw);
  if (status == VY_OK && r.section_count > 1)
    status = read_debug(&r, &raw);
  if (status == VY_OK)
    status = vy__wire_check(&raw, diags);
  if (status == VY_OK)
    status = canonical(&r, &raw, out);
  free_raw(&raw);
  return status;
}
