// FNV-1a digests of the outputs of the examples that have no oracle of their
// own, at the sizes that the hosts name. They follow from the models.
#ifndef EXAMPLES_DIGESTS_H
#define EXAMPLES_DIGESTS_H

#define DIGEST_F32 0x21e6af03f1c1aacbu
#define DIGEST_F64 0x35fae39849c58b8bu
#define DIGEST_STENCIL 0xe199ac5291911da9u
#define DIGEST_TRANSPOSE 0xa1384727b5eb5bc8u
#define DIGEST_MULTIPLY 0x561dd621ad697d25u
#define DIGEST_REDUCE 0x10332def85ada1e7u
#define DIGEST_RADIX_SORT 0x396f74fc7a0f89b1u
#define DIGEST_CRC32 0x443db9dfab2f178bu
#define DIGEST_XXH64 0x1a8e05396e61cba5u
#define DIGEST_SHA256 0x48142991df4a96e6u
#define DIGEST_INT4_1 0x831845e94f6dc525u
#define DIGEST_INT4_8 0xb116a37e1416cb25u
#define DIGEST_INT4_64 0x151de02ff72ee525u
#define DIGEST_NBODY 0x1241e54c15aaf67fu

#endif
