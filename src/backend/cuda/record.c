// What a kernel is told about an item, and which items may share a launch.
// Pure: no driver.
#include "backend/cuda/cuda.h"

typedef unsigned __int128 wide;

static bool holds(const vy__fact *f, const vy__launch_item *item) {
  wide sum = f->offset;
  for (uint32_t d = 0; d < 3; d++) {
    if (!item->lanes[d])
      return false;
    sum += (wide)f->scale[d] * (item->lanes[d] - 1);
  }
  return sum < item->binds[f->param].length && sum >> 32 == 0;
}

bool vy__cuda_facts_hold(const vy__fact *facts, uint32_t count,
                         const vy__launch_item *item) {
  for (uint32_t i = 0; i < count; i++)
    if (!holds(&facts[i], item))
      return false;
  return true;
}

bool vy__cuda_is_large(const vy__ir *ir, const vy__launch_item *item) {
  for (uint32_t p = 0; p < ir->param_count; p++)
    if (ir->params[p].access != VY_ACCESS_NONE && item->binds[p].length >> 32)
      return true;
  return false;
}

void vy__cuda_record_head(const struct vy__code *code, const vy__launch *l,
                          const vy__launch_item *item, bool alone,
                          vy__cuda_item *out) {
  const vy__cuda_info *info = &code->info;
  *out = (vy__cuda_item){
      .budget = l->budget ? l->budget : UINT64_MAX,
      .facts =
          alone && vy__cuda_facts_hold(code->facts, info->fact_count, item),
      .large = vy__cuda_is_large(&code->program->ir, item)};
  for (uint32_t d = 0; d < 3; d++) {
    uint64_t size = info->span[d] ? info->span[d] : 1, n = item->lanes[d];
    out->lanes[d] = n;
    out->blocks[d] = n > size ? (n + size - 1) / size : n != 0;
  }
}

uint64_t vy__cuda_blocks(const vy__cuda_item *head) {
  wide all = (wide)head->blocks[0] * head->blocks[1] * head->blocks[2];
  return all > UINT64_MAX ? UINT64_MAX : (uint64_t)all;
}

bool vy__cuda_is_grid(const vy__cuda *d, const vy__cuda_item *head) {
  return head->blocks[0] <= d->grid[0] && head->blocks[1] <= d->grid[1] &&
         head->blocks[2] <= d->grid[2] && !head->large;
}

// ---- items that get in each other's way

// Merge order[lo, mid) and order[mid, hi), which are sorted, by way of `spare`.
static void merge(const vy__cuda_range *r, uint32_t *order, uint32_t *spare,
                  size_t lo, size_t mid, size_t hi) {
  size_t a = lo, b = mid;
  for (size_t k = lo; k < hi; k++) {
    bool left = b == hi || (a < mid && r[order[a]].lo <= r[order[b]].lo);
    spare[k] = order[left ? a++ : b++];
  }
  memcpy(order + lo, spare + lo, (hi - lo) * sizeof *order);
}

// order[0, count): the ranges by where they begin; order[count, 2 * count) is
// room for that. Items mostly come with their memory in order already.
static void sort(const vy__cuda_range *r, size_t count, uint32_t *order) {
  bool sorted = true;
  for (size_t i = 0; i < count; i++) {
    order[i] = (uint32_t)i;
    sorted = sorted && (i == 0 || r[i - 1].lo <= r[i].lo);
  }
  for (size_t width = 1; !sorted && width < count; width *= 2)
    for (size_t lo = 0; lo + width < count; lo += 2 * width) {
      size_t hi = lo + 2 * width < count ? lo + 2 * width : count;
      merge(r, order, order + count, lo, lo + width, hi);
    }
}

// Ranges that overlap, one by one, are a cluster. False: no cluster has two
// items of which one writes.
static bool make_clusters(vy__cuda_range *r, size_t count,
                          const uint32_t *order) {
  uint32_t cluster = 0;
  uint64_t end = 0;
  bool conflict = false, writes = false, several = false;
  for (size_t i = 0; i < count; i++) {
    vy__cuda_range *x = &r[order[i]];
    if (i && x->lo < end) {
      several = several || x->item != r[order[i - 1]].item;
    } else {
      conflict = conflict || (writes && several);
      cluster += i != 0;
      writes = several = false;
    }
    writes = writes || x->writes;
    if (i == 0 || x->hi > end)
      end = x->hi;
    x->cluster = cluster;
  }
  return conflict || (writes && several);
}

void vy__cuda_split(vy__cuda_range *r, size_t count, uint32_t *order,
                    uint32_t first, uint32_t end,
                    void (*group)(void *user, uint32_t first, uint32_t end),
                    void *user) {
  sort(r, count, order);
  if (make_clusters(r, count, order)) {
    // By cluster: 1 + the last item to touch it, to write it.
    uint32_t *touched = order, *written = order + count;
    memset(order, 0, 2 * count * sizeof *order);
    for (size_t i = 0; i < count;) {
      uint32_t item = r[i].item;
      size_t k = i;
      bool apart = true;
      for (; k < count && r[k].item == item; k++) {
        uint32_t last = (r[k].writes ? touched : written)[r[k].cluster];
        apart = apart && last <= first;
      }
      if (!apart) {
        group(user, first, item);
        first = item;
      }
      for (; i < k; i++) {
        touched[r[i].cluster] = item + 1;
        if (r[i].writes)
          written[r[i].cluster] = item + 1;
      }
    }
  }
  if (first < end)
    group(user, first, end);
}
