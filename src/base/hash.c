// BLAKE2b-256 by libsodium's generichash. sodium_init is not called: it only
// chooses a faster implementation and seeds a random generator that this
// library does not use, and it may abort the process where there is no source
// of randomness.
#include <sodium/crypto_generichash.h>

#include "base/base.h"

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(vy__hasher),
               "room for libsodium's state");
_Static_assert(_Alignof(crypto_generichash_state) <= _Alignof(vy__hasher),
               "alignment of libsodium's state");

static crypto_generichash_state *state_of(vy__hasher *h) {
  return (crypto_generichash_state *)(void *)h->state;
}

// These fail for wrong lengths only; the lengths are constants here.
void vy__hash_init(vy__hasher *h) {
  (void)crypto_generichash_init(state_of(h), NULL, 0, sizeof(vy_hash));
}

void vy__hash_update(vy__hasher *h, const void *data, size_t size) {
  if (size)
    (void)crypto_generichash_update(state_of(h), data, size);
}

vy_hash vy__hash_final(vy__hasher *h) {
  vy_hash out = {{0}};
  (void)crypto_generichash_final(state_of(h), out.bytes, sizeof out.bytes);
  return out;
}

vy_hash vy__hash_bytes(const void *data, size_t size) {
  vy__hasher h;
  vy__hash_init(&h);
  vy__hash_update(&h, data, size);
  return vy__hash_final(&h);
}

void vy__hash_hex(const vy_hash *h, char out[65]) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < sizeof h->bytes; i++) {
    out[2 * i] = digits[h->bytes[i] >> 4];
    out[2 * i + 1] = digits[h->bytes[i] & 15];
  }
  out[64] = 0;
}
