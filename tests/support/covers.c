#include "support/covers.h"

#include <stdlib.h>
#include <string.h>

// f(i) is what element i should be.
#define HEAD(type)                                                             \
  "fn f(i: u32) -> u32 { return i * 2654435761u + 77u; }\n"                    \
  "program p(n: u32, m: u32, x: read u32[], y: write " type "[]) {\n"
#define LANES HEAD("u32") "  lanes 1;\n"
#define ROWS HEAD("u32") "  lanes 1, 1;\n"
#define GROUPS HEAD("u32") "  group 8;\n  groups 1;\n"
#define TILES HEAD("u32") "  group 4, 2;\n  groups 1, 1;\n"

const cover_case cover_cases[] = {
    {"-,-,-", LANES "  y[lane] = f(lane); }\n"},
    {"-,-,-", LANES "  y[u64(lane)] = f(lane); }\n"},
    {"-,-,-", LANES "  y[i64(lane)] = f(lane); }\n"},
    {"-,-,-", HEAD("u8") "  lanes 1;\n  y[lane] = f(lane); }\n"},
    {"-,-,-", HEAD("u64") "  lanes 1;\n  y[lane] = u64(f(lane)) << 9; }\n"},
    {"-,-,-", HEAD("bf16") "  lanes 1;\n  y[lane] = f32(f(lane)); }\n"},
    {"-,-,-", LANES "  if (x[lane] > 9u) { y[lane] = f(lane); }\n"
                    "  else { y[lane] = 5u; } }\n"},
    {"-,-,-",
     LANES "  if (x[lane] > 9u) {\n"
           "    if (x[lane] > 200u) { y[lane] = 1u; } else { y[lane] = 2u; }\n"
           "  } else { y[lane] = 5u; } }\n"},
    {"-,-,-", LANES "  var s = 0u;\n"
                    "  for i in 0u .. x[lane] % 7u {\n"
                    "    s += i; if (s > 9u) { break; } }\n"
                    "  y[lane] = s; }\n"},
    {"-,-,-", LANES "  y[lane] = 3u; if (lane % 3u == 1u) { return; }\n"
                    "  y[lane] = f(lane); }\n"},
    {"-,-,-", LANES "  y[lane ^ 1u] = 3u; y[lane] = 3u; }\n"},
    {"-,len(x),-", LANES "  if (lane < len(x)) { y[lane] = f(lane); } }\n"},
    {"-,len(x),-",
     LANES "  if (u64(lane) < len64(x)) { y[lane] = f(lane); } }\n"},
    {"-,len(y),-", LANES "  if (len(y) > lane) { y[lane] = f(lane); } }\n"},
    {"-,n,-", LANES "  if (lane < n) { y[lane] = f(lane); } }\n"},
    {"-,40,-", LANES "  if (lane < 40u) { y[lane] = f(lane); } }\n"},
    {"-,n,-", LANES "  if (lane < n) { if (x[lane] > 9u) { y[lane] = 7u; }\n"
                    "    else { y[lane] = f(lane); } } }\n"},
    {"-,-,-", GROUPS "  y[lane] = f(lane); }\n"},
    {"-,n,-", GROUPS "  let s = group_scan_incl_add(x[lane]);\n"
                     "  if (lane < n) { y[lane] = s; } }\n"},
    {"n,-,-", ROWS "  y[lane.y * n + lane.x] = f(lane.y * n + lane.x); }\n"},
    {"n,-,-", ROWS "  y[lane.x + n * lane.y] = f(lane.y * n + lane.x); }\n"},
    {"lanes.0,-,-", ROWS "  let i = lane.y * num_lanes.x + lane.x;\n"
                         "  y[i] = f(i); }\n"},
    {"len(x),-,-", ROWS "  let i = lane.y * len(x) + lane.x;\n"
                        "  y[i] = f(i); }\n"},
    {"16,-,-", ROWS "  let i = lane.y * 16u + lane.x; y[i] = f(i); }\n"},
    {"n,-,-", ROWS
     "  let i = u64(lane.y) * u64(n) + u64(lane.x); y[i] = f(u32(i)); }\n"},
    {"n,-,-", ROWS "  let i = lane.y * n + lane.x; y[u64(i)] = f(i); }\n"},
    {"n,-,-", ROWS "  let i = lane.x + n * lane.y; y[i64(i)] = f(i); }\n"},
    {"n,-,-", ROWS "  let i = lane.y * n + lane.x;\n"
                   "  if (i % 5u == 2u) { y[i] = 1u; } else { y[i] = f(i); } "
                   "}\n"},
    {"n,n,m", ROWS "  let i = lane.y * n + lane.x;\n"
                   "  if (lane.x < n && lane.y < m) { y[i] = f(i); } }\n"},
    {"n,n,m", ROWS "  let i = lane.y * n + lane.x;\n"
                   "  if (lane.y < m) { if (lane.x < n) { y[i] = f(i); } } "
                   "}\n"},
    {"n,-,m", ROWS "  let i = lane.y * n + lane.x;\n"
                   "  if (lane.y < m) { y[i] = f(i); } }\n"},
    {"n,m,-", ROWS "  let i = lane.y * n + lane.x;\n"
                   "  if (lane.x < m) { y[i] = f(i); } }\n"},
    {"-,n,-", LANES "  if (x[lane] > 9u) { y[lane] = 1u; }\n"
                    "  else { if (lane < n) { y[lane] = 2u; } } }\n"},
    {"-,n,-", LANES "  if (x[lane] > 9u) { if (lane < n) { y[lane] = 1u; } }\n"
                    "  else { if (n > lane) { y[lane] = 2u; } } }\n"},
    {"-,-,-*2", LANES "  y[lane * 2u] = f(lane); y[lane * 2u + 1u] = 4u; }\n"},
    {"-,-,-*3", LANES "  unroll for k in 0u .. 3u {\n"
                      "    y[2u - k + lane * 3u] = f(lane) + k; } }\n"},
    {"-,n,-*4", LANES "  unroll for k in 0u .. 4u {\n"
                      "    let i = 4u * lane + k;\n"
                      "    if (i < n) { y[i] = f(i); } } }\n"},
    {"-,n,-*4",
     LANES "  if (x[lane] > 9u) {\n"
           "    unroll for k in 0u .. 4u { y[4u * lane + k] = k; }\n"
           "  } else {\n"
           "    unroll for k in 0u .. 4u {\n"
           "      if (4u * lane + k < n) { y[4u * lane + k] = 9u; } } } }\n"},
    {"n,-,-*4", ROWS "  unroll for k in 0u .. 4u {\n"
                     "    let i = (4u * lane.y + k) * n + lane.x;\n"
                     "    y[i] = f(i); } }\n"},
    {"n,n,m*3",
     ROWS "  unroll for k in 0u .. 3u {\n"
          "    let r = lane.y * 3u + k;\n"
          "    if (lane.x < n && r < m) { y[lane.x + n * r] = f(r); } } }\n"},
    {"n,-,m*2", ROWS "  unroll for k in 0u .. 2u {\n"
                     "    let r = lane.y * 2u + k;\n"
                     "    let i = lane.x + r * n;\n"
                     "    if (m > r) { y[i] = f(i); } } }\n"},
    {"n,n,m*3",
     TILES "  unroll for k in 0u .. 3u {\n"
           "    let r = lane.y * 3u + k;\n"
           "    if (lane.x < n && r < m) { y[lane.x + n * r] = f(r); } } }\n"},
    {"n,-,-", TILES "  y[lane.y * n + lane.x] = f(lane.y * n + lane.x); }\n"},
    {"-,-,-/8", GROUPS "  let s = group_reduce_add(x[lane]);\n"
                       "  if (local == 0) { y[group_id] = s; } }\n"},
    {"-,n,-/8",
     GROUPS "  if (group_id < n) { y[group_id] = f(group_id); } }\n"},
    {"-,n,-/8", GROUPS "  let s = group_reduce_add(x[lane]);\n"
                       "  if (0u == local) {\n"
                       "    if (group_id < n) { y[group_id] = s; } } }\n"},
    {"-,-,-", GROUPS "  let i = 8u * group_id + local; y[i] = f(i); }\n"},
    {"-,-,-*4", GROUPS "  unroll for k in 0u .. 4u {\n"
                       "    let i = 32u * group_id + 4u * local + k;\n"
                       "    y[i] = f(i); } }\n"},
    {"-,-,-*2", GROUPS "  unroll for k in 0u .. 2u {\n"
                       "    let i = 16u * group_id + 8u * k + local;\n"
                       "    y[i] = f(i); } }\n"},
    {"-,-,-*3", GROUPS "  unroll for k in 0u .. 3u {\n"
                       "    let i = lane + group_id * 16u + 8u * (2u - k);\n"
                       "    y[i] = f(i); } }\n"},
    {"-,n,-*4", GROUPS "  unroll for k in 0u .. 4u {\n"
                       "    let i = (group_id << 5u) + k / 2u * 16u\n"
                       "        + 2u * local + k % 2u;\n"
                       "    if (i < n) { y[i] = f(i); } } }\n"},
    {"-,n,-*4",
     GROUPS "  let first = 32u * group_id + local;\n"
            "  if (x[group_id] > 9u) {\n"
            "    unroll for k in 0u .. 4u { y[first + 8u * k] = k; }\n"
            "  } else {\n"
            "    unroll for k in 0u .. 4u {\n"
            "      if (first + 8u * k < n) { y[first + 8u * k] = 9u; } } } "
            "}\n"},
    {"-,-,-@n", GROUPS "  for b in 0u .. n {\n"
                       "    let i = 8u * (n * group_id + b) + local;\n"
                       "    y[i] = f(i); } }\n"},
    {"-,-,-@3", GROUPS "  for b in 0u .. 3u {\n"
                       "    let i = 8u * (group_id * 3u + b) + local;\n"
                       "    if (i > 70u) { continue; }\n"
                       "    y[i] = f(i); }\n"
                       "  for b in 0u .. 3u {\n"
                       "    let i = 8u * (group_id * 3u + b) + local;\n"
                       "    let s = group_scan_incl_add(x[i]);\n"
                       "    y[i] = s; } }\n"},
    {"-,len(y),-*4@n",
     GROUPS "  for b in 0u .. n {\n"
            "    let block = n * group_id + b;\n"
            "    let first = 32u * block + 4u * local;\n"
            "    let s = group_reduce_add(x[first]);\n"
            "    if (block < len(y) / 32u) {\n"
            "      unroll for k in 0u .. 4u { y[first + k] = s + k; }\n"
            "    } else {\n"
            "      unroll for k in 0u .. 4u {\n"
            "        if (first + k < len(y)) { y[first + k] = k; } } } } }\n"},
    {"-,-,-@3", GROUPS "  for b in 0u .. 3u {\n"
                       "    let i = local + 24u * group_id + (b << 3u);\n"
                       "    y[i] = f(i); } }\n"},
    {"-,-,-*2@n", GROUPS "  for b in 0u .. n {\n"
                         "    let first = 16u * (n * group_id + b) + local;\n"
                         "    unroll for k in 0u .. 2u {\n"
                         "      y[first + 8u * k] = f(first) + k; } } }\n"},
    {"-,n,-", GROUPS "  let i = 8u * group_id + local;\n"
                     "  if (i < n) { y[i] = f(i); } }\n"},
    // Near misses.
    {"", GROUPS "  for b in 0u .. 2u {\n"
                "    y[local + 24u * group_id + (b << 3u)] = 3u; } }\n"},
    {"", GROUPS "  for b in 0u .. 3u {\n"
                "    y[local + 25u * group_id + (b << 3u)] = 3u; } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    y[local + 8u * (m * group_id) + 4u * b] = 3u; } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    y[local + 8u * (m * group_id + group_id + b)] = 3u; } "
                "}\n"},
    {"", GROUPS "  for b in 0u .. m { for c in 0u .. m {\n"
                "    y[local + 8u * (m * group_id + b + c)] = 3u; } } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    unroll for k in 0u .. 2u {\n"
                "      y[16u * (m * group_id + b) + 7u * k + local] = 3u; } } "
                "}\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    y[24u * group_id + 8u * k + local] = 3u; } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    y[16u * group_id + 7u * k + local] = 3u; } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    y[16u * group_id + 8u * k + local + 1u] = 3u; } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 3u {\n"
                "    y[24u * group_id + 8u * k + 2u * local] = 3u; } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    y[20u * group_id + 8u * k + local] = 3u; } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    if (16u * group_id + local < n) {\n"
                "      y[16u * group_id + 8u * k + local] = 3u; } } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    if (local == 0) {\n"
                "      y[16u * group_id + 8u * k + local] = 3u; } } }\n"},
    {"", GROUPS "  let i = 9u * group_id + local; y[i] = f(i); }\n"},
    {"", GROUPS "  let i = 8u * local + group_id; y[i] = f(i); }\n"},
    {"", GROUPS "  for b in 1u .. m {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. m step 2u {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. 2u {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    let i = 8u * (m * local + b) + group_id;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    let i = 4u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); if (b == 1u) { break; } } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); if (local == 1u) { return; } } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    if (local == b) { continue; }\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. m { for c in 0u .. m {\n"
                "    let i = 8u * (m * group_id + c) + local;\n"
                "    if (b > n) { y[i] = f(i); } } } }\n"},
    {"", GROUPS "  for b in 0u .. m { for c in 0u .. m {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } } }\n"},
    {"", LANES "  if (x[lane] > 9u) { y[lane] = f(lane); } }\n"},
    {"", LANES "  if (lane > n) { y[lane] = f(lane); } }\n"},
    {"", LANES "  if (lane <= n) { y[lane] = f(lane); } }\n"},
    {"", LANES "  if (lane < n || x[lane] > 9u) { y[lane] = 1u; } }\n"},
    {"", LANES "  if (lane < n && x[lane] > 9u) { y[lane] = 1u; } }\n"},
    {"", LANES "  if (lane < n) { if (lane < m) { y[lane] = 1u; } } }\n"},
    {"", LANES "  if (lane < x[0u]) { y[lane] = 1u; } }\n"},
    {"", LANES "  if (lane < n) { y[lane] = 1u; } else { y[lane + 1u] = 1u; } "
               "}\n"},
    {"", LANES "  if (x[lane] > 9u) { if (lane < m) { y[lane] = 1u; } }\n"
               "  else { if (lane < n) { y[lane] = 2u; } } }\n"},
    {"", LANES "  for i in 0u .. x[lane] % 3u { y[lane] = f(lane) * i; } }\n"},
    {"", LANES "  var i = 0u;\n"
               "  while (i < n % 3u) { y[lane] = f(lane); i += 1u; } }\n"},
    {"", LANES "  if (lane % 3u == 1u) { return; } y[lane] = f(lane); }\n"},
    {"", LANES "  for i in 0u .. n { if (x[i] == lane) { return; } }\n"
               "  y[lane] = f(lane); }\n"},
    {"", LANES "  y[lane + 1u] = f(lane); }\n"},
    {"", LANES "  y[lane * 2u] = 4u; y[lane * 2u + 2u] = 4u; }\n"},
    {"", LANES "  y[lane * 2u + 1u] = f(lane); }\n"},
    {"", LANES "  y[lane * 65u] = f(lane); }\n"},
    {"", LANES "  y[n * lane] = f(lane); y[n * lane + 1u] = 4u; }\n"},
    {"", LANES "  unroll for k in 0u .. 4u {\n"
               "    if (lane < n) { y[4u * lane + k] = k; } } }\n"},
    {"", LANES "  unroll for k in 0u .. 2u {\n"
               "    if (4u * lane + k < n) { y[4u * lane + k] = k; }\n"
               "    if (4u * lane + k + 2u < m) { y[4u * lane + k + 2u] = k; }"
               " } }\n"},
    {"", ROWS "  unroll for k in 0u .. 3u {\n"
              "    let i = (4u * lane.y + k) * n + lane.x;\n"
              "    y[i] = f(i); } }\n"},
    {"", ROWS "  unroll for k in 0u .. 4u {\n"
              "    let i = (4u * lane.y + k) * n + lane.x;\n"
              "    if (lane.y < m) { y[i] = f(i); } } }\n"},
    {"", ROWS "  unroll for k in 0u .. 2u {\n"
              "    let r = lane.y * 2u + k;\n"
              "    let i = lane.x + r * n;\n"
              "    if (r < m + k) { y[i] = f(i); } } }\n"},
    {"", ROWS "  unroll for k in 0u .. 2u {\n"
              "    let r = lane.x * 2u + k;\n"
              "    y[lane.x + r * n] = f(r); } }\n"},
    {"", GROUPS "  if (local == 1) { y[group_id] = 3u; } }\n"},
    {"", GROUPS "  if (local < n) { y[group_id] = 3u; } }\n"},
    {"", GROUPS "  if (lane == 0) { y[group_id] = 3u; } }\n"},
    {"", GROUPS "  y[group_id + 1u] = 3u; }\n"},
    {"", GROUPS "  if (lane < n) { y[group_id] = 3u; } }\n"},
    {"", LANES "  y[lane ^ n] = 1u; }\n"},
    {"", LANES "  y[num_lanes - 1u - lane] = 1u; }\n"},
    {"", HEAD("i32") "  lanes 1;\n  y[i32(lane) - 3] = i32(f(lane)); }\n"},
    {"", HEAD("u8") "  lanes 1;\n  store_u32(y, 4u * lane, f(lane)); }\n"},
    {"", GROUPS "  y[local] = f(local); }\n"},
    {"", GROUPS "  if (group_id > 0u) { y[lane] = f(lane); } }\n"},
    {"", ROWS "  y[lane.x] = f(lane.x); }\n"},
    {"", ROWS "  let i = lane.x * n + lane.y; y[i] = f(i); }\n"},
    {"", ROWS "  let i = lane.y * n + lane.x + 1u; y[i] = f(i); }\n"},
    {"", ROWS "  let i = lane.y * x[0u] + lane.x; y[i] = f(i); }\n"},
    {"", ROWS "  let i = lane.y * n + lane.x;\n"
              "  if (lane.x > 0u && lane.y < m) { y[i] = f(i); } }\n"},
    // Something reads the buffer.
    {"", LANES "  y[lane] = f(lane); y[lane] = y[lane] + 1u; }\n"},
    {"", LANES "  let before = y[lane]; y[lane] = max(f(lane), before); }\n"},
    {"", LANES "  y[lane] = 3u; atomic_add(y, lane, 1u); }\n"},
    {"", LANES "  atomic_store(y, lane, f(lane)); }\n"},
};

const uint32_t cover_case_count = sizeof cover_cases / sizeof *cover_cases;

enum { TIMES = 3 }; // of what is stored several times, or about that

// Elements that so many lanes store.
static uint32_t scaled(const char *covers, uint32_t lanes) {
  const char *by = strpbrk(covers, "*/");
  lanes *= strchr(covers, '@') ? TIMES : 1;
  if (!by)
    return lanes;
  uint32_t n = (uint32_t)strtoul(by + 1, NULL, 10);
  return *by == '*' ? lanes * n : lanes / n;
}

cover_launch cover_launch_of(const cover_case *c, uint32_t turn) {
  static const uint32_t sizes[][2] = {{0, 3}, {1, 1}, {16, 3}, {40, 2}};
  const bool rows = strstr(c->text, "lanes 1, 1") != NULL;
  const bool groups = strstr(c->text, "groups 1") != NULL;
  const bool tiles = strstr(c->text, "groups 1, 1") != NULL;
  const uint32_t x = sizes[turn / 9][0], y = sizes[turn / 9][1];
  const uint32_t w = tiles ? 4 * x : groups ? 8 * x : x, h = tiles ? 2 * y : y;
  const uint32_t lanes = rows || tiles ? w * h : w;
  const uint32_t n = turn % 3 + (strchr(c->covers, '@') ? TIMES
                                 : rows || tiles        ? w
                                                 : scaled(c->covers, lanes));
  const uint32_t length = scaled(c->covers, lanes) + turn % 9 / 3;
  return (cover_launch){.groups = groups,
                        .domain = {groups ? x : w,
                                   rows    ? h
                                   : tiles ? y
                                           : 1,
                                   1},
                        .n = n - (n > 1),
                        .m = h,
                        .length = length - (length > 1)};
}
