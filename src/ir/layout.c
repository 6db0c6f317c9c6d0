// Which layouts are C structs? A struct's end is fixed by its last scalar and
// its alignment, and its alignment by its scalars, however it is nested. So
// for fields i..l-1 taken as members of one struct there is little to know:
// which alignments the last member can have (a bit each), for that decides
// where the next member may start. One table of n*n sets, filled from short
// runs to long ones, answers everything in O(n^3).
#include "ir/layout.h"

static uint32_t log2_of(uint32_t bytes) {
  return (uint32_t)__builtin_ctz(bytes);
}

static uint64_t round_up(uint64_t n, uint32_t log) {
  uint64_t mask = ((uint64_t)1 << log) - 1;
  return (n + mask) & ~mask;
}

static uint32_t scalar_align(const vy__field *f) {
  return log2_of(vy__type_bytes((vy_type)f->type));
}

// log2 of the alignment of a struct of fields i..l-1.
static uint32_t struct_align(const vy__layout *t, uint32_t i, uint32_t l) {
  uint32_t most = 0;
  for (uint32_t k = i; k < l; k++) {
    uint32_t align = scalar_align(&t->fields[k]);
    most = align > most ? align : most;
  }
  return most;
}

static bool aligned(uint64_t offset, uint32_t log) {
  return round_up(offset, log) == offset;
}

// Where the run i..k-1 ends when its last member's alignment is 2^log.
static uint64_t end_of(const vy__layout *t, uint32_t k, uint32_t log) {
  const vy__field *last = &t->fields[k - 1];
  return round_up((uint64_t)last->offset + vy__type_bytes((vy_type)last->type),
                  log);
}

// May a member of alignment 2^log at field k follow the run i..k-1?
static bool follows(const vy__layout *t, uint32_t i, uint32_t k, uint32_t log) {
  uint32_t at = t->fields[k].offset;
  if (!aligned(at, log))
    return false;
  if (k == i)
    return true;
  for (uint32_t last = 0; last < 4; last++)
    if (t->ends[i][k] >> last & 1 && round_up(end_of(t, k, last), log) == at)
      return true;
  return false;
}

static bool is_struct(const vy__layout *t, uint32_t i, uint32_t l,
                      uint32_t log) {
  return t->ends[i][l] && aligned(t->fields[i].offset, log);
}

static void fill(vy__layout *t, uint32_t i, uint32_t l) {
  uint32_t log = scalar_align(&t->fields[l - 1]);
  if (follows(t, i, l - 1, log))
    t->ends[i][l] = (uint8_t)(1u << log);
  for (uint32_t k = l - 1; k > i; k--) {
    uint32_t align = scalar_align(&t->fields[k]);
    log = align > log ? align : log;
    if (is_struct(t, k, l, log) && follows(t, i, k, log))
      t->ends[i][l] |= (uint8_t)(1u << log);
  }
  log = struct_align(t, i, l);
  if (is_struct(t, i, l, log)) // as the only member of a struct
    t->ends[i][l] |= (uint8_t)(1u << log);
}

bool vy__layout_make(vy__layout *t, const vy__field *fields, uint32_t count,
                     uint32_t size) {
  t->fields = fields;
  t->count = count;
  if (!count || count > VY__MAX_FIELDS || fields[0].offset != 0)
    return false;
  for (uint32_t i = 0; i < count; i++)
    if (!vy__type_bytes((vy_type)fields[i].type) ||
        fields[i].offset > VY__MAX_ELEMENT_SIZE)
      return false;
  memset(t->ends, 0, sizeof t->ends);
  for (uint32_t length = 1; length <= count; length++)
    for (uint32_t i = 0; i + length <= count; i++)
      fill(t, i, i + length);
  return t->ends[0][count] &&
         end_of(t, count, struct_align(t, 0, count)) == size;
}

uint32_t vy__layout_last(const vy__layout *t, uint32_t i, uint32_t l,
                         uint32_t *log) {
  uint32_t align = scalar_align(&t->fields[l - 1]);
  uint32_t want = *log; // 4: any
  if ((want == 4 || want == align) && follows(t, i, l - 1, align)) {
    *log = align;
    return l - 1;
  }
  for (uint32_t k = l - 1; k > i; k--) {
    uint32_t a = scalar_align(&t->fields[k]);
    align = a > align ? a : align;
    if ((want == 4 || want == align) && is_struct(t, k, l, align) &&
        follows(t, i, k, align)) {
      *log = align;
      return k;
    }
  }
  *log = struct_align(t, i, l);
  return i;
}

uint32_t vy__layout_before(const vy__layout *t, uint32_t i, uint32_t k,
                           uint32_t log) {
  for (uint32_t last = 0; last < 4; last++)
    if (t->ends[i][k] >> last & 1 &&
        round_up(end_of(t, k, last), log) == t->fields[k].offset)
      return last;
  return 4;
}

bool vy__layout_is_c(const vy__field *fields, uint32_t count, uint32_t size) {
  vy__layout table;
  return vy__layout_make(&table, fields, count, size);
}
