// W1, W3, W4, W12 in OpenCL C, as they run best on PoCL's CPU device: one
// work-item a chunk instead of a group that meets at barriers.
#pragma OPENCL FP_CONTRACT OFF

typedef struct { uint start, literal; } Match;
typedef struct { uint matched, count, offset; } Fact;
typedef struct {
  uint a, b, c, d, min_count, max_offset, min_size, max_size, max_entropy;
} Rule;
typedef struct { uint token, state, score; } Item;
typedef struct { uint index, value; } Kept;

// Exclusive, with the total as one more element; one work-item.
kernel void prefix_sum(global const uint *counts, uint n,
                       global uint *offsets) {
  uint sum = 0;
  for (uint i = 0; i < n; i++) {
    offsets[i] = sum;
    sum += counts[i];
  }
  offsets[n] = sum;
}

kernel void literal_count(global const uchar *text, uint size,
                          global const uchar *class, uint classes,
                          global const ushort *next, global const uchar *found,
                          global const ushort *also, uint chunk, uint overlap,
                          global uint *counts) {
  uint begin = get_global_id(0) * chunk, end = min(begin + chunk, size);
  uint state = 0, n = 0;
  for (uint at = begin > overlap ? begin - overlap : 0; at < begin; at++)
    state = next[state * classes + class[text[at]]];
  for (uint at = begin; at < end; at++) {
    state = next[state * classes + class[text[at]]];
    for (uint s = state; found[s]; s = also[s])
      n++;
  }
  counts[get_global_id(0)] = n;
}

kernel void literal_collect(global const uchar *text, uint size,
                            global const uchar *class, uint classes,
                            global const ushort *next,
                            global const uchar *found,
                            global const ushort *also,
                            global const uint *lengths, uint chunk,
                            uint overlap, global const uint *offsets,
                            global Match *matches) {
  uint begin = get_global_id(0) * chunk, end = min(begin + chunk, size);
  uint state = 0, slot = offsets[get_global_id(0)];
  for (uint at = begin > overlap ? begin - overlap : 0; at < begin; at++)
    state = next[state * classes + class[text[at]]];
  for (uint at = begin; at < end; at++) {
    state = next[state * classes + class[text[at]]];
    for (uint s = state; found[s]; s = also[s]) {
      uint literal = found[s] - 1;
      matches[slot].start = at + 1 - lengths[literal];
      matches[slot++].literal = literal;
    }
  }
}

bool fires(global const Rule *r, global const Fact *facts, uint size,
           uint entropy) {
  return size >= r->min_size && size <= r->max_size &&
         entropy <= r->max_entropy && facts[r->a].matched &&
         facts[r->b].matched && facts[r->c].count >= r->min_count &&
         facts[r->d].offset <= r->max_offset;
}

kernel void rules_count(global const Rule *rules, uint n,
                        global const Fact *facts, uint size, uint entropy,
                        global uint *counts) {
  uint begin = get_global_id(0) * 256, end = min(begin + 256, n), fired = 0;
  for (uint i = begin; i < end; i++)
    fired += fires(rules + i, facts, size, entropy);
  counts[get_global_id(0)] = fired;
}

kernel void rules_collect(global const Rule *rules, uint n,
                          global const Fact *facts, uint size, uint entropy,
                          global const uint *offsets, global uint *ids) {
  uint begin = get_global_id(0) * 256, end = min(begin + 256, n);
  uint slot = offsets[get_global_id(0)];
  for (uint i = begin; i < end; i++)
    if (fires(rules + i, facts, size, entropy))
      ids[slot++] = i;
}

uint filtered(global const Item *item) {
  uint state = item->state, score = item->score;
  uint x = item->token ^ state * 2654435761u;
  return (x & 31) == 0 && score >= 500 + ((state >> 8) & 127) &&
                 ((x >> 5) & 3) == (state & 3)
             ? (x & 0xffff) + score
             : 0;
}

kernel void filter_count(global const Item *items, uint n,
                         global uint *counts) {
  uint begin = get_global_id(0) * 256, end = min(begin + 256, n), keep = 0;
  for (uint i = begin; i < end; i++)
    keep += filtered(items + i) != 0;
  counts[get_global_id(0)] = keep;
}

kernel void filter_collect(global const Item *items, uint n,
                           global const uint *offsets, global Kept *kept) {
  uint begin = get_global_id(0) * 256, end = min(begin + 256, n);
  uint slot = offsets[get_global_id(0)];
  for (uint i = begin; i < end; i++) {
    uint value = filtered(items + i);
    if (value) {
      kept[slot].index = i;
      kept[slot++].value = value;
    }
  }
}

// One work-item a word of the set.
kernel void sweep(global const uint *first, global const uint *targets,
                  global const uint *current, global uint *next,
                  global uint *changed) {
  uint w = get_global_id(0);
  for (uint set = current[w]; set; set &= set - 1) {
    uint node = w * 32 + popcount((set & -set) - 1);
    for (uint e = first[node]; e < first[node + 1]; e++) {
      uint t = targets[e], bit = 1u << (t & 31);
      if (current[t >> 5] & bit)
        continue;
      atomic_or(&next[t >> 5], bit);
      *changed = 1;
    }
  }
}
