// Vyre: programs. A program is one compute kernel, immutable and validated,
// independent of devices. It comes from text, from wire bytes or from the
// builder, and the same program has the same fingerprint from all three.
// Part of <vyre/vyre.h>.
#ifndef VYRE_PROGRAM_H
#define VYRE_PROGRAM_H

#include <vyre/core.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vy_program vy_program;

// Scalar types. Numbers are stable and equal those of the wire format.
typedef enum vy_type {
  VY_TYPE_NONE = 0,
  VY_TYPE_BOOL = 1,
  VY_TYPE_I32 = 2,
  VY_TYPE_U32 = 3,
  VY_TYPE_I64 = 4,
  VY_TYPE_U64 = 5,
  VY_TYPE_F32 = 6,
  VY_TYPE_F64 = 7,
  VY_TYPE_I8 = 8, // from here on: in storage only
  VY_TYPE_U8 = 9,
  VY_TYPE_I16 = 10,
  VY_TYPE_U16 = 11,
  VY_TYPE_F16 = 12,
  VY_TYPE_BF16 = 13,
} vy_type;

// Name as written in programs ("u32"); "none" for others.
VY_API const char *vy_type_name(vy_type type);
// Bytes in memory (bool: 1, as a constant or scalar only); 0 for others.
VY_API uint32_t vy_type_size(vy_type type);

// A named text: an import given to the parser.
typedef struct vy_import {
  vy_str name; // path as the importing file names it, joined to that file's
               // folder and normalised ("lib/a.vy"), or just as written there
  vy_str text;
} vy_import;

typedef struct vy_source {
  size_t struct_size;
  vy_str name;    // file name for diagnostics; empty: "<text>"
  vy_str text;    // the program file, UTF-8
  vy_str program; // which program of the file; empty: the only one
  const vy_import *imports;
  size_t import_count;
} vy_source;

#define VY_SOURCE_INIT                                                         \
  { sizeof(vy_source), {NULL, 0}, {NULL, 0}, {NULL, 0}, NULL, 0 }

// Parse and validate. All errors of the file are reported at once. The text
// is copied as far as diagnostics need it. Errors: INVALID_PROGRAM,
// INVALID_ARGUMENT, OUT_OF_HOST_MEMORY.
VY_API VY_NODISCARD vy_status vy_program_parse(vy_context *context,
                                               const vy_source *source,
                                               vy_program **out,
                                               vy_diags *diags);

// Call `found` with the path of each import statement of `text`, in order, as
// written there (views into `text`). Nothing is checked beyond that.
VY_API VY_NODISCARD vy_status vy_source_imports(
    vy_str text, void (*found)(void *user, vy_str path), void *user);

// Decode wire bytes and validate. Never trusts its input: time and memory
// grow with `size` only. Errors: INVALID_PROGRAM, OUT_OF_HOST_MEMORY.
VY_API VY_NODISCARD vy_status vy_program_decode(vy_context *context,
                                                const void *bytes, size_t size,
                                                vy_program **out,
                                                vy_diags *diags);

enum {
  VY_ENCODE_STRIP = 1, // leave out names of locals, positions and source
};

// Encode as wire bytes, canonically. *size receives the bytes needed; they
// are written only if `capacity` suffices (else OUTPUT_TOO_SMALL when buffer
// is not NULL, VY_OK when it is).
VY_API VY_NODISCARD vy_status vy_program_encode(const vy_program *program,
                                                uint32_t flags, void *buffer,
                                                size_t capacity, size_t *size);

// Print as text that parses to the same fingerprint, with no zero at its end.
// Sizes as for encode.
VY_API VY_NODISCARD vy_status vy_program_print(const vy_program *program,
                                               char *buffer, size_t capacity,
                                               size_t *size);

VY_API vy_program *vy_program_retain(vy_program *program);
VY_API void vy_program_release(vy_program *program);

// BLAKE2b-256 of the semantic section of the wire form.
VY_API vy_hash vy_program_fingerprint(const vy_program *program);

typedef enum vy_access {
  VY_ACCESS_NONE = 0,   // a scalar
  VY_ACCESS_READ = 1,   // in
  VY_ACCESS_WRITE = 2,  // out, zero on entry
  VY_ACCESS_UPDATE = 3, // in and out
} vy_access;

typedef struct vy_param_info {
  size_t struct_size;
  vy_str name;
  uint32_t access;       // vy_access
  uint32_t type;         // vy_type: of a scalar, or of a one-field element
                         // (several fields: VY_TYPE_NONE)
  uint32_t element_size; // bytes of an element; 0 for a scalar
  uint32_t field_count;  // scalars of an element
  uint32_t sized;        // 1: the program gives the length
  uint32_t output;       // 1: write or update
  uint32_t output_index; // place among the outputs
  uint32_t has_readback; // 1: a readback range narrows what returns
} vy_param_info;
#define VY_PARAM_INFO_INIT                                                     \
  { sizeof(vy_param_info), {NULL, 0}, 0, 0, 0, 0, 0, 0, 0, 0 }

// One scalar of a buffer element: where it lies in the element's C layout.
typedef struct vy_field_info {
  size_t struct_size;
  uint32_t type;   // vy_type
  uint32_t offset; // bytes from the element's start
  vy_str name;     // "position.x"; empty when there is none or not known
} vy_field_info;
#define VY_FIELD_INFO_INIT                                                     \
  {                                                                            \
    sizeof(vy_field_info), 0, 0, { NULL, 0 }                                   \
  }

typedef struct vy_const_info {
  size_t struct_size;
  vy_str name;
  uint32_t type; // vy_type
  uint32_t reserved;
  uint64_t default_bits; // little-endian bits of the value
} vy_const_info;
#define VY_CONST_INFO_INIT                                                     \
  { sizeof(vy_const_info), {NULL, 0}, 0, 0, 0 }

enum {
  VY_DETERMINISTIC = 0,              // proved free of races
  VY_DETERMINISTIC_IF_RACE_FREE = 1, // one result for every run without races
  VY_ORDER_DEPENDENT = 2,            // the order of lanes can show
};

typedef struct vy_program_info {
  size_t struct_size;
  vy_str name;
  uint32_t param_count;
  uint32_t const_count;
  uint32_t output_count; // write and update parameters
  uint32_t dimensions;   // 1 to 3
  uint32_t uses_groups;  // 1: the domain is `groups`
  uint32_t determinism;  // VY_DETERMINISTIC...
  uint32_t value_count;
  uint32_t statement_count;
} vy_program_info;
#define VY_PROGRAM_INFO_INIT                                                   \
  { sizeof(vy_program_info), {NULL, 0}, 0, 0, 0, 0, 0, 0, 0, 0 }

// Facts about a program; views live as long as the program.
VY_API VY_NODISCARD vy_status vy_program_describe(const vy_program *program,
                                                  vy_program_info *out);
VY_API VY_NODISCARD vy_status vy_program_param(const vy_program *program,
                                               uint32_t index,
                                               vy_param_info *out);
// Scalar `field` of the elements of buffer parameter `param`.
VY_API VY_NODISCARD vy_status vy_program_field(const vy_program *program,
                                               uint32_t param, uint32_t field,
                                               vy_field_info *out);
VY_API VY_NODISCARD vy_status vy_program_const(const vy_program *program,
                                               uint32_t index,
                                               vy_const_info *out);

// Append one note per statement that makes the program order-dependent, or
// that kept it from being proved race-free, each with its position.
VY_API VY_NODISCARD vy_status
vy_program_explain_determinism(const vy_program *program, vy_diags *diags);

// A value for a specialization constant.
typedef struct vy_const_value {
  vy_str name;
  uint64_t bits; // the value's bits, as vy_arg_f32 and friends make them
  uint32_t type; // vy_type; must be the constant's
  uint32_t reserved;
} vy_const_value;

// A new program with these constants fixed (values replaced everywhere) and
// validated again; the others stay constants. A constant that the program
// declares and never uses is unknown. Errors: INVALID_ARGUMENT (unknown name,
// wrong type, given twice), INVALID_PROGRAM.
VY_API VY_NODISCARD vy_status
vy_program_specialize(vy_program *program, const vy_const_value *values,
                      size_t count, vy_program **out, vy_diags *diags);

#ifdef __cplusplus
}
#endif
#endif
