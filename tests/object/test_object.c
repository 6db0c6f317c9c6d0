// Objects to blobs: a small object made by hand, what must be refused in it,
// and every damage of one byte: it never reads or writes outside.
#include <elf.h>

#include "backend/cpu/emit/emitter.h"
#include "conformance/conformance.h"

// Where code begins: behind the info, at the next multiple of 64.
enum { CODE = (sizeof(vy__kernel_info) + 63) / 64 * 64 };

enum { TEXT = 1, RODATA, RELA, SYMTAB, STRTAB, SECTIONS };
enum { CODE_SIZE = 24, DATA_SIZE = 8, REFERENCE = 5 };

static const char strings[] = "\0kernel\0other\0.text\0.rodata\0.rela\0.data";

// An object with `kernel` in .text, which refers to .rodata by distance.
typedef struct object {
  Elf64_Ehdr head;
  Elf64_Shdr sections[SECTIONS];
  Elf64_Rela rela[1];
  Elf64_Sym symbols[4];
  uint8_t code[CODE_SIZE], data[DATA_SIZE];
  char strings[sizeof strings];
} object;

#define SECTION(i, section_name, section_type, section_flags, what)            \
  o->sections[i] = (Elf64_Shdr) {                                              \
    .sh_name = name_at(section_name), .sh_type = section_type,                 \
    .sh_flags = section_flags, .sh_offset = offsetof(object, what),            \
    .sh_size = sizeof o->what, .sh_addralign = 8                               \
  }

static uint32_t name_at(const char *name) {
  for (uint32_t i = 1; i < sizeof strings; i++)
    if (!strcmp(strings + i, name))
      return i;
  return 0;
}

static void make(object *o) {
  memset(o, 0, sizeof *o);
  memcpy(o->head.e_ident, ELFMAG, SELFMAG);
  o->head.e_ident[EI_CLASS] = ELFCLASS64;
  o->head.e_ident[EI_DATA] = ELFDATA2LSB;
  o->head.e_type = ET_REL;
  o->head.e_machine = EM_X86_64;
  o->head.e_shentsize = sizeof(Elf64_Shdr);
  o->head.e_shnum = SECTIONS;
  o->head.e_shstrndx = STRTAB;
  o->head.e_shoff = offsetof(object, sections);
  SECTION(TEXT, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code);
  SECTION(RODATA, ".rodata", SHT_PROGBITS, SHF_ALLOC, data);
  SECTION(RELA, ".rela", SHT_RELA, 0, rela);
  SECTION(SYMTAB, "", SHT_SYMTAB, 0, symbols);
  SECTION(STRTAB, "", SHT_STRTAB, 0, strings);
  o->sections[RELA].sh_info = TEXT;
  o->sections[RELA].sh_entsize = sizeof(Elf64_Rela);
  o->sections[SYMTAB].sh_link = STRTAB;
  o->sections[SYMTAB].sh_entsize = sizeof(Elf64_Sym);
  o->rela[0] = (Elf64_Rela){REFERENCE, ELF64_R_INFO(2, R_X86_64_PC32), -4 + 2};
  o->symbols[1] = (Elf64_Sym){.st_name = name_at("kernel"),
                              .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                              .st_shndx = TEXT};
  o->symbols[2] = (Elf64_Sym){.st_info = ELF64_ST_INFO(STB_LOCAL, STT_SECTION),
                              .st_shndx = RODATA};
  o->symbols[3] = (Elf64_Sym){.st_name = name_at("other"),
                              .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC)};
  memset(o->code, 0x90, sizeof o->code);
  memset(o->data, 0x11, sizeof o->data);
  memcpy(o->strings, strings, sizeof strings);
}

static vy_status flatten(fixture *f, const void *elf, size_t size,
                         vy__kernel_info *info, uint8_t **out,
                         size_t *out_size) {
  *info = (vy__kernel_info){.grain = 1};
  *out = NULL;
  return vy__object_flatten(&vy__default_allocator, elf, size, "kernel", info,
                            out, out_size, &f->diags);
}

static void resolves_distances(void **state) {
  fixture *f = *state;
  object o;
  vy__kernel_info info;
  uint8_t *blob;
  size_t size;
  make(&o);
  expect_ok(f, flatten(f, &o, sizeof o, &info, &blob, &size));
  assert_int_equal(info.size, size);
  assert_int_equal(info.code, CODE);
  assert_int_equal(info.entry, CODE);
  assert_memory_equal(blob, &info, sizeof info);
  uint64_t data = CODE + CODE_SIZE;
  assert_int_equal(size, data + DATA_SIZE);
  assert_memory_equal(blob + data, o.data, DATA_SIZE);
  // The reference lies before the next instruction, and means data + 2.
  uint64_t next = info.code + REFERENCE + 4;
  assert_int_equal(next + vy__get_u32(blob + info.code + REFERENCE), data + 2);
  vy__free(&vy__default_allocator, blob, size);
}

static void refuses_what_needs_an_address(void **state) {
  fixture *f = *state;
  object o;
  vy__kernel_info info;
  uint8_t *blob;
  size_t size;
#define REFUSED(change, says)                                                  \
  do {                                                                         \
    make(&o);                                                                  \
    o.change;                                                                  \
    vy_status s_ = flatten(f, &o, sizeof o, &info, &blob, &size);              \
    expect_says(f, says);                                                      \
    expect_code(f, s_, VY_ERROR_UNSUPPORTED, 802);                             \
  } while (0)
  REFUSED(rela[0].r_info = ELF64_R_INFO(3, R_X86_64_PLT32), "'other'");
  REFUSED(rela[0].r_info = ELF64_R_INFO(2, R_X86_64_64), "type 1");
  REFUSED(rela[0].r_info = ELF64_R_INFO(2, R_X86_64_GOTPCREL), "type 9");
  REFUSED(rela[0].r_info = ELF64_R_INFO(9, R_X86_64_PC32), "no symbol");
  REFUSED(rela[0].r_offset = CODE_SIZE - 3, "outside its section");
  REFUSED(rela[0].r_addend = INT64_C(1) << 40, "out of reach");
  REFUSED(sections[RODATA].sh_name = name_at(".data");
          o.sections[RODATA].sh_flags |= SHF_WRITE, "'.data'");
  REFUSED(sections[RODATA].sh_type = SHT_NOBITS, "'.rodata'");
  REFUSED(sections[RODATA].sh_flags |= SHF_TLS, "'.rodata'");
  REFUSED(sections[RODATA].sh_addralign = 24, "too large");
  REFUSED(sections[RODATA].sh_size = sizeof o, "ends outside");
  REFUSED(sections[RELA].sh_type = SHT_REL, "addends");
  REFUSED(symbols[1].st_name = 0, "kernel's name");
  REFUSED(symbols[1].st_value = CODE_SIZE + 1, "outside its section");
  REFUSED(head.e_machine = EM_386, "x86-64");
  REFUSED(sections[SYMTAB].sh_type = SHT_PROGBITS, "no symbols");
}

// From a block of just its size, so that a sanitizer sees what is outside.
static void try_it(fixture *f, const void *bytes, size_t size) {
  vy__kernel_info info;
  uint8_t *blob = NULL;
  size_t blob_size = 0;
  uint8_t *copy = malloc(size ? size : 1);
  memcpy(copy, bytes, size);
  f->diags.count = f->diags.errors = 0;
  vy_status s = flatten(f, copy, size, &info, &blob, &blob_size);
  free(copy);
  assert_true(s == VY_OK || s == VY_ERROR_UNSUPPORTED);
  assert_int_equal(s == VY_OK, blob != NULL);
  if (blob)
    assert_true(info.size == blob_size && info.entry < blob_size);
  vy__free(&vy__default_allocator, blob, blob_size);
  f->diags.count = f->diags.errors = 0;
}

static void survives_any_damage(void **state) {
  static const uint8_t bits[] = {0x01, 0x02, 0x04, 0x08, 0x10,
                                 0x20, 0x40, 0x80, 0xff};
  fixture *f = *state;
  object o;
  for (size_t i = 0; i < sizeof o; i++)
    for (size_t k = 0; k < sizeof bits; k++) {
      make(&o);
      ((uint8_t *)&o)[i] ^= bits[k];
      try_it(f, &o, sizeof o);
    }
  make(&o);
  for (size_t size = 0; size < sizeof o; size++)
    try_it(f, &o, size);
}

static int open_fixture(void **state) {
  *state = fixture_new("reference");
  return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_fixture, fixture_close)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(resolves_distances),
      TEST(refuses_what_needs_an_address),
      TEST(survives_any_damage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
