// IR -> bytes, and the fingerprint. Strings are interned in one fixed order
// (names of the semantic part first), so that the bytes depend only on what
// the program says, not on how its string pool came to be.
#include "wire/format.h"
#include "wire/wire.h"

// The pool under construction: an open-addressed set of offsets.
typedef struct pool {
  const vy__ir *ir;
  vy__buf bytes;
  uint32_t *slots; // offset + 1; 0: free
  size_t slot_count, used;
  bool failed;
} pool;

static uint32_t hash_string(const char *s, size_t size) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < size; i++)
    h = (h ^ (unsigned char)s[i]) * 16777619u;
  return h ^ h >> 15;
}

static uint32_t *find_slot(const pool *p, const char *s, size_t size) {
  size_t at = hash_string(s, size) & (p->slot_count - 1);
  while (p->slots[at] && strcmp(p->bytes.data + p->slots[at] - 1, s) != 0)
    at = (at + 1) & (p->slot_count - 1);
  return &p->slots[at];
}

static bool grow_pool(pool *p) {
  if (p->used * 2 < p->slot_count)
    return true;
  const vy_allocator *alloc = p->ir->alloc;
  pool wide = *p;
  wide.slot_count = p->slot_count ? p->slot_count * 2 : 64;
  wide.slots = vy__calloc(alloc, wide.slot_count, sizeof *wide.slots);
  if (!wide.slots)
    return false;
  for (size_t i = 0; i < p->slot_count; i++)
    if (p->slots[i]) {
      const char *s = p->bytes.data + p->slots[i] - 1;
      *find_slot(&wide, s, strlen(s)) = p->slots[i];
    }
  vy__free(alloc, p->slots, p->slot_count * sizeof *p->slots);
  *p = wide;
  return true;
}

// Offset in the new pool of the string at `offset` of the program's.
static uint32_t intern(pool *p, uint32_t offset) {
  const char *s = vy__ir_string(p->ir, offset);
  if (!*s || p->failed)
    return 0;
  if (p->bytes.failed || !grow_pool(p)) {
    p->failed = true;
    return 0;
  }
  size_t size = strlen(s);
  uint32_t *slot = find_slot(p, s, size);
  if (!*slot) {
    if (p->bytes.size + size >= UINT32_MAX - 1) {
      p->failed = true;
      return 0;
    }
    *slot = (uint32_t)p->bytes.size + 1;
    p->used++;
    vy__buf_put(&p->bytes, s, size + 1);
  }
  return *slot - 1;
}

static void pool_init(pool *p, const vy__ir *ir) {
  *p = (pool){.ir = ir};
  vy__buf_init(&p->bytes, ir->alloc);
  vy__buf_u8(&p->bytes, 0);
}

static void pool_free(pool *p) {
  vy__free(p->ir->alloc, p->slots, p->slot_count * sizeof *p->slots);
  vy__buf_free(&p->bytes);
}

static void put_rows(vy__buf *out, const void *rows, size_t count,
                     size_t size) {
  if (count)
    vy__buf_put(out, rows, count * size);
}

static void put_params(const vy__ir *ir, pool *p, vy__buf *out) {
  for (uint32_t i = 0; i < ir->param_count; i++) {
    vy__param row = ir->params[i];
    row.name = intern(p, row.name);
    vy__buf_put(out, &row, sizeof row);
  }
}

static void put_consts(const vy__ir *ir, pool *p, vy__buf *out) {
  for (uint32_t i = 0; i < ir->const_count; i++) {
    vy__const row = ir->consts[i];
    row.name = intern(p, row.name);
    vy__buf_put(out, &row, sizeof row);
  }
}

// The pool holds exactly the semantic names afterwards.
static void put_semantic(const vy__ir *ir, pool *p, vy__buf *out) {
  uint32_t head[VY__HEAD_WORDS] = {0};
  head[VY__HEAD_NAME] = intern(p, ir->name);
  for (uint32_t i = 0; i < ir->param_count; i++)
    intern(p, ir->params[i].name);
  for (uint32_t i = 0; i < ir->const_count; i++)
    intern(p, ir->consts[i].name);
  head[VY__HEAD_USES_GROUPS] = ir->uses_groups;
  head[VY__HEAD_DIMENSIONS] = ir->dimensions;
  memcpy(head + VY__HEAD_DOMAIN, ir->domain, sizeof ir->domain);
  memcpy(head + VY__HEAD_GROUP, ir->group, sizeof ir->group);
  uint32_t at = VY__HEAD_COUNTS;
#define A(array, count, bytes, limit) head[at++] = ir->count;
  VY__WIRE_ARRAYS(A)
#undef A
  head[VY__HEAD_STRINGS] = (uint32_t)p->bytes.size;
  for (uint32_t i = 0; i < VY__HEAD_WORDS; i++)
    vy__buf_u32(out, head[i]);
  put_params(ir, p, out);
  put_rows(out, ir->fields, ir->field_count, sizeof *ir->fields);
  put_consts(ir, p, out);
  put_rows(out, ir->tables, ir->table_count, sizeof *ir->tables);
  put_rows(out, ir->table_bits, ir->table_bit_count, sizeof *ir->table_bits);
  put_rows(out, ir->vars, ir->var_count, sizeof *ir->vars);
  put_rows(out, ir->privates, ir->private_count, sizeof *ir->privates);
  put_rows(out, ir->groups, ir->group_count, sizeof *ir->groups);
  put_rows(out, ir->sizes, ir->size_count, sizeof *ir->sizes);
  put_rows(out, ir->values, ir->value_count, sizeof *ir->values);
  put_rows(out, ir->stmts, ir->stmt_count, sizeof *ir->stmts);
  put_rows(out, p->bytes.data, p->bytes.size, 1);
}

static void put_versions(vy__buf *out) {
  vy__buf_put(out, vy__wire_magic, sizeof vy__wire_magic);
  vy__buf_u32(out, VY__WIRE_FORMAT);
  vy__buf_u32(out, VY__WIRE_SEMANTICS);
}

static void put_names(const vy__ir *ir, pool *p, vy__buf *out) {
#define D(array, count)                                                        \
  for (uint32_t i = 0; i < ir->count; i++)                                     \
    vy__buf_u32(out, intern(p, ir->array[i]));
  VY__WIRE_NAME_ARRAYS(D)
#undef D
}

static void put_positions(const vy__ir *ir, vy__buf *out) {
#define D(array, count) put_rows(out, ir->array, ir->count, sizeof(vy__pos));
  VY__WIRE_POS_ARRAYS(D)
#undef D
}

static void put_files(const vy__ir *ir, pool *p, vy__buf *out) {
  for (uint32_t i = 0; i < ir->file_count; i++) {
    vy__buf_u32(out, intern(p, ir->files[i]));
    vy__buf_u32(out, intern(p, ir->file_texts[i]));
  }
}

static uint64_t padded(uint64_t size) { return (size + 7) & ~(uint64_t)7; }

// Header, section table and sections, each at a multiple of 8.
static void put_file(vy__buf *out, const vy__buf *const *sections,
                     uint32_t count) {
  uint64_t first = padded(VY__WIRE_HEADER + (uint64_t)count * VY__WIRE_ENTRY);
  uint64_t total = first;
  for (uint32_t i = 0; i < count; i++)
    total += padded(sections[i]->size);
  put_versions(out);
  vy__buf_u32(out, count);
  vy__buf_u32(out, 0);
  vy__buf_u64(out, total);
  for (uint32_t i = 0; i < count; i++) {
    vy__buf_u32(out, i + 1);
    vy__buf_u32(out, 0);
    vy__buf_u64(out, first);
    vy__buf_u64(out, sections[i]->size);
    first += padded(sections[i]->size);
  }
  static const char zeros[8] = {0};
  for (uint32_t i = 0; i < count; i++) {
    size_t size = sections[i]->size;
    put_rows(out, sections[i]->data, size, 1);
    put_rows(out, zeros, (size_t)(padded(size) - size), 1);
  }
}

bool vy__wire_encode(const vy__ir *ir, uint32_t flags, vy__buf *out) {
  bool debug = ir->has_debug && !(flags & VY_ENCODE_STRIP);
  vy__buf part[VY__WIRE_TAGS];
  const vy__buf *sections[VY__WIRE_TAGS];
  for (int i = 0; i < VY__WIRE_TAGS; i++) {
    vy__buf_init(&part[i], ir->alloc);
    sections[i] = &part[i];
  }
  pool p;
  pool_init(&p, ir);
  put_semantic(ir, &p, &part[VY__WIRE_SEMANTIC - 1]);
  size_t shared = p.bytes.size;
  if (debug) {
    put_names(ir, &p, &part[VY__WIRE_NAMES - 1]);
    put_positions(ir, &part[VY__WIRE_POSITIONS - 1]);
    put_files(ir, &p, &part[VY__WIRE_FILES - 1]);
  }
  bool ok = !p.failed && !p.bytes.failed;
  if (ok && debug)
    put_rows(&part[VY__WIRE_STRINGS - 1], p.bytes.data + shared,
             p.bytes.size - shared, 1);
  for (int i = 0; i < VY__WIRE_TAGS; i++)
    ok = ok && !part[i].failed;
  if (ok)
    put_file(out, sections, debug ? VY__WIRE_TAGS : 1);
  for (int i = 0; i < VY__WIRE_TAGS; i++)
    vy__buf_free(&part[i]);
  pool_free(&p);
  return ok && !out->failed;
}

bool vy__wire_fingerprint(const vy__ir *ir, vy_hash *out) {
  vy__buf bytes;
  vy__buf_init(&bytes, ir->alloc);
  pool p;
  pool_init(&p, ir);
  put_versions(&bytes);
  put_semantic(ir, &p, &bytes);
  bool ok = !bytes.failed && !p.failed && !p.bytes.failed;
  if (ok)
    *out = vy__hash_bytes(bytes.data, bytes.size);
  pool_free(&p);
  vy__buf_free(&bytes);
  return ok;
}
