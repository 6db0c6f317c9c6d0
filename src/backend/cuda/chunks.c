// How a large copy is cut into chunks. Pure: no driver.
//
// Chunks are as large as they may be, since each costs the device a pause, but
// for one edge: what comes in begins with small chunks, so that the device
// soon has something to do, and what goes out ends with small ones, so that
// little is left for the host when the device is done.
#include "backend/cuda/cuda.h"

enum { LINE = 64 }; // where chunks begin, if they are not tiny

void vy__cuda_chunks_plan(vy__cuda_chunks *c, uint64_t size, uint64_t chunk,
                          uint64_t least, bool out) {
  uint64_t whole = size / chunk;
  if (least > chunk)
    least = chunk;
  *c = (vy__cuda_chunks){.size = size, .chunk = chunk, .out = out};
  c->unit = least >= 4 * LINE ? LINE : 1; // no chunk is empty then
  if (out) {
    c->edge = whole ? chunk + size % chunk : size;
    c->plain = whole ? whole - 1 : 0;
  } else {
    c->edge = whole ? chunk : size;
    c->plain = (size - c->edge + chunk - 1) / chunk;
  }
  for (c->steps = 1; (c->edge >> (c->steps - 1)) + c->unit - 1 > least;)
    c->steps++;
  c->count = c->plain + c->steps;
}

// Where step `i` of the edge begins in it: halves of halves, at its end if it
// goes out, else at its begin.
static uint64_t bound(const vy__cuda_chunks *c, uint64_t i) {
  if (i == 0 || i == c->steps)
    return i ? c->edge : 0;
  uint64_t at = c->out ? c->edge - (c->edge >> i) : c->edge >> (c->steps - i);
  return at & ~(c->unit - 1);
}

vy__cuda_span vy__cuda_chunk(const vy__cuda_chunks *c, uint64_t i) {
  uint64_t first = c->out ? c->plain : 0; // of the edge
  if (i >= first && i < first + c->steps) {
    uint64_t at = bound(c, i - first), end = bound(c, i - first + 1);
    return (vy__cuda_span){first * c->chunk + at, end - at};
  }
  uint64_t at = c->out ? i * c->chunk : c->edge + (i - c->steps) * c->chunk;
  uint64_t left = c->size - at;
  return (vy__cuda_span){at, left < c->chunk ? left : c->chunk};
}
