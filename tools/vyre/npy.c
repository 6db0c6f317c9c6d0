// NumPy's .npy: versions 1 to 3, C order, little-endian scalars; any rank is
// flattened. The header is a Python literal; only the three keys that the
// format has are looked at, and anything else is refused with the reason.
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";

// The dtype of a scalar, without its byte-order sign. bf16 has none of its
// own and travels as u2.
static const char *dtype_of(uint32_t type) {
  switch (type) {
  case VY_TYPE_I32:
    return "i4";
  case VY_TYPE_U32:
    return "u4";
  case VY_TYPE_I64:
    return "i8";
  case VY_TYPE_U64:
    return "u8";
  case VY_TYPE_F32:
    return "f4";
  case VY_TYPE_F64:
    return "f8";
  case VY_TYPE_I8:
    return "i1";
  case VY_TYPE_U8:
    return "u1";
  case VY_TYPE_I16:
    return "i2";
  case VY_TYPE_U16:
  case VY_TYPE_BF16:
    return "u2";
  case VY_TYPE_F16:
    return "f2";
  default:
    return NULL;
  }
}

// What follows 'key': in the header; NULL when it is not there.
static const char *member(const char *head, const char *key) {
  char quoted[32];
  snprintf(quoted, sizeof quoted, "'%s'", key);
  const char *at = strstr(head, quoted);
  if (!at)
    return NULL;
  at += strlen(quoted);
  at += strspn(at, " ");
  return *at == ':' ? at + 1 + strspn(at + 1, " ") : NULL;
}

// Product of a shape tuple; what is wrong with it, or NULL.
static const char *shape(const char *at, uint64_t *count) {
  if (!at || *at++ != '(')
    return "its header has no shape";
  bool huge = false, zero = false;
  *count = 1;
  for (;;) {
    at += strspn(at, " ,");
    if (*at == ')')
      break;
    if (*at < '0' || *at > '9')
      return "its shape is no tuple of sizes";
    char *end;
    errno = 0;
    uint64_t n = strtoull(at, &end, 10);
    zero |= n == 0;
    huge |= errno || __builtin_mul_overflow(*count, n, count);
    at = end;
  }
  if (zero)
    *count = 0;
  return huge && !zero ? "its shape has 2^64 values or more" : NULL;
}

static bool check_dtype(const char *descr, const cli_element *e, char **error) {
  const char *want = dtype_of(e->type);
  if (!descr || *descr != '\'') {
    *error = cli_format("its dtype is structured; save the raw bytes with "
                        "tofile() instead");
    return false;
  }
  if (!want) {
    *error = cli_format("its elements mix types; use a raw file");
    return false;
  }
  char order = descr[1];
  const char *have = descr + 2;
  bool little = order == '<' || order == '|' || order == '=';
  if (!little || strncmp(have, want, 2) || have[2] != '\'') {
    *error = cli_format("its dtype is %.*s, the parameter is %s ('%s%s')",
                        (int)strcspn(descr + 1, "'") + 2, descr,
                        vy_type_name((vy_type)e->type),
                        want[1] == '1' ? "|" : "<", want);
    return false;
  }
  return true;
}

// The header text and where the data begins.
static char *header(const unsigned char *file, size_t size, size_t *begin) {
  if (size < 10 || memcmp(file, magic, 6) || file[6] < 1 || file[6] > 3)
    return NULL;
  size_t wide = file[6] == 1 ? 2 : 4, n = 0;
  if (size < 8 + wide)
    return NULL;
  for (size_t i = 0; i < wide; i++)
    n |= (size_t)file[8 + i] << (8 * i);
  if (n > size - 8 - wide)
    return NULL;
  *begin = 8 + wide + n;
  return cli_format("%.*s", (int)n, (const char *)file + 8 + wide);
}

const unsigned char *cli_npy_data(const unsigned char *file, size_t size,
                                  const cli_element *element, size_t *data_size,
                                  char **error) {
  size_t begin;
  char *head = header(file, size, &begin);
  if (!head) {
    *error = cli_format("it is not a .npy file of version 1 to 3");
    return NULL;
  }
  const char *fortran = member(head, "fortran_order");
  uint64_t count = 0, bytes = 0;
  const char *bad = NULL;
  if (!check_dtype(member(head, "descr"), element, error)) {
    // said
  } else if ((bad = shape(member(head, "shape"), &count))) {
    *error = cli_format("%s", bad);
  } else if (!fortran || strncmp(fortran, "False", 5)) {
    *error = cli_format("it is in Fortran order; save "
                        "numpy.ascontiguousarray(a)");
  } else if (count % element->fields) {
    *error = cli_format("its %llu values are no whole number of elements of "
                        "%u",
                        (unsigned long long)count, element->fields);
  } else if (__builtin_mul_overflow(count, vy_type_size((vy_type)element->type),
                                    &bytes) ||
             bytes != size - begin) {
    *error = cli_format("its header promises %llu values, the file holds %zu "
                        "bytes of data",
                        (unsigned long long)count, size - begin);
  }
  free(head);
  *data_size = size - begin;
  return *error ? NULL : file + begin;
}

char *cli_npy_header(const cli_element *e, uint64_t size, size_t *head_size,
                     char **error) {
  const char *dtype = dtype_of(e->type);
  if (!dtype) {
    *error = cli_format("elements that mix types cannot stand in a .npy; use "
                        "another file name for raw bytes");
    return NULL;
  }
  uint64_t n = e->size ? size / e->size : 0;
  char shape_text[64];
  if (e->fields == 1)
    snprintf(shape_text, sizeof shape_text, "(%llu,)", (unsigned long long)n);
  else
    snprintf(shape_text, sizeof shape_text, "(%llu, %u)", (unsigned long long)n,
             e->fields);
  char *text = cli_format("{'descr': '%s%s', 'fortran_order': False, 'shape': "
                          "%s, }",
                          dtype[1] == '1' ? "|" : "<", dtype, shape_text);
  // Magic, version and length take 10 bytes; all of it a multiple of 64.
  size_t length = strlen(text), total = (10 + length + 1 + 63) / 64 * 64;
  char *head = cli_alloc(total);
  memset(head, ' ', total);
  memcpy(head, magic, 6);
  head[6] = 1;
  head[7] = 0;
  head[8] = (char)((total - 10) & 255);
  head[9] = (char)((total - 10) >> 8);
  memcpy(head + 10, text, length);
  head[total - 1] = '\n';
  free(text);
  *head_size = total;
  return head;
}
