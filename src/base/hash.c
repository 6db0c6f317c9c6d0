// BLAKE2b-256 by libsodium. sodium_init is not needed for correctness (it
// picks faster code and prepares randomness), so no global set-up is done.
#include <sodium.h>

#include "base/base.h"

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(vy__hasher),
               "the hasher holds libsodium's state");

void vy__hash_init(vy__hasher *h) {
  crypto_generichash_init((crypto_generichash_state *)h->state, NULL, 0,
                          sizeof(vy_hash));
}

void vy__hash_update(vy__hasher *h, const void *data, size_t size) {
  crypto_generichash_update((crypto_generichash_state *)h->state, data, size);
}

vy_hash vy__hash_final(vy__hasher *h) {
  vy_hash out;
  crypto_generichash_final((crypto_generichash_state *)h->state, out.bytes,
                           sizeof out.bytes);
  return out;
}

vy_hash vy__hash_bytes(const void *data, size_t size) {
  vy__hasher h;
  vy__hash_init(&h);
  vy__hash_update(&h, data, size);
  return vy__hash_final(&h);
}

void vy__hash_hex(const vy_hash *h, char out[65]) {
  for (int i = 0; i < 32; i++) {
    out[2 * i] = "0123456789abcdef"[h->bytes[i] >> 4];
    out[2 * i + 1] = "0123456789abcdef"[h->bytes[i] & 15];
  }
  out[64] = 0;
}
