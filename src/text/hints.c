// Names of other languages. A function has an entry if the language has the
// same thing under another name, or has none on purpose.
#include "text/hints.h"

typedef struct hint {
  const char *name, *fix;
} hint;

static const char *find(const hint *rows, size_t count, vy_str name) {
  for (size_t i = 0; i < count; i++)
    if (vy__str_eq(name, vy_str_c(rows[i].name)))
      return rows[i].fix;
  return NULL;
}

static const hint types[] = {
    {"int", "write `i32`"},       {"int32_t", "write `i32`"},
    {"int32", "write `i32`"},     {"uint", "write `u32`"},
    {"unsigned", "write `u32`"},  {"uint32_t", "write `u32`"},
    {"uint32", "write `u32`"},    {"long", "write `i64`"},
    {"int64_t", "write `i64`"},   {"int64", "write `i64`"},
    {"uint64_t", "write `u64`"},  {"uint64", "write `u64`"},
    {"size_t", "write `u64`"},    {"usize", "write `u64`"},
    {"float", "write `f32`"},     {"double", "write `f64`"},
    {"half", "write `f16`"},      {"char", "write `i8` or `u8`"},
    {"int8_t", "write `i8`"},     {"uint8_t", "write `u8`"},
    {"byte", "write `u8`"},       {"short", "write `i16`"},
    {"int16_t", "write `i16`"},   {"uint16_t", "write `u16`"},
    {"vec2", "write `f32x2`"},    {"vec3", "write `f32x3`"},
    {"vec4", "write `f32x4`"},    {"float2", "write `f32x2`"},
    {"float3", "write `f32x3`"},  {"float4", "write `f32x4`"},
    {"ivec2", "write `i32x2`"},   {"ivec3", "write `i32x3`"},
    {"ivec4", "write `i32x4`"},   {"int2", "write `i32x2`"},
    {"int3", "write `i32x3`"},    {"int4", "write `i32x4`"},
    {"uvec2", "write `u32x2`"},   {"uvec3", "write `u32x3`"},
    {"uvec4", "write `u32x4`"},   {"uint2", "write `u32x2`"},
    {"uint3", "write `u32x3`"},   {"uint4", "write `u32x4`"},
    {"double2", "write `f64x2`"}, {"double3", "write `f64x3`"},
    {"double4", "write `f64x4`"}};

// Functions whose results differ from library to library.
#define INEXACT                                                                \
  "write it with exact operations, as it is to be rounded: + - * / sqrt fma "  \
  "(docs/language.md, Exact results)"

static const hint functions[] = {
    {"sin", INEXACT},
    {"cos", INEXACT},
    {"tan", INEXACT},
    {"asin", INEXACT},
    {"acos", INEXACT},
    {"atan", INEXACT},
    {"atan2", INEXACT},
    {"sinh", INEXACT},
    {"cosh", INEXACT},
    {"tanh", INEXACT},
    {"exp", INEXACT},
    {"exp2", INEXACT},
    {"log", INEXACT},
    {"log2", INEXACT},
    {"log10", INEXACT},
    {"pow", INEXACT},
    {"cbrt", INEXACT},
    {"hypot", INEXACT},
    {"rsqrt", "write 1.0 / sqrt(x)"},
    {"inversesqrt", "write 1.0 / sqrt(x)"},
    {"fabs", "write abs(x)"},
    {"sqrtf", "write sqrt(x)"},
    {"fmin", "write min(a, b)"},
    {"fmax", "write max(a, b)"},
    {"fmod", "write x % y"},
    {"mad", "write fma(a, b, c)"},
    {"clamp", "write min(max(x, lo), hi)"},
    {"mix", "write fma(t, b - a, a), or as it is to be rounded"},
    {"lerp", "write fma(t, b - a, a), or as it is to be rounded"},
    {"dot", "write the sum of its products, as it is to be rounded"},
    {"length", "write sqrt of the sum of its squares; len(x) is of a buffer"},
    {"round", "write round_even(x)"},
    {"rint", "write round_even(x)"},
    {"sizeof", "write len(x): elements, not bytes"},
    {"atomicAdd", "write atomic_add(buffer, index, value)"},
    {"syncthreads", "write `barrier;`"},
    {"__syncthreads", "write `barrier;`"},
    {"printf", "write what is of interest into a buffer"}};

const char *vy__type_hint(vy_str name) {
  return find(types, VY__COUNT(types), name);
}

const char *vy__function_hint(vy_str name) {
  const char *type = vy__type_hint(name); // float(3)
  return type ? type : find(functions, VY__COUNT(functions), name);
}
