// From an ELF object of one function to a blob. Code and read-only data are
// laid out one after another; what refers from one to another by distance is
// resolved here, and anything else is refused by name, so that a blob never
// needs more than to be mapped. The object is our own emitter's, but every
// number in it is checked all the same.
#include <elf.h>

#include "backend/cpu/emit/emitter.h"

enum { MAX_SECTIONS = 4096, MAX_ALIGN = 4096, CODE_ALIGN = 64 };

typedef struct flat {
  const uint8_t *elf;
  size_t size;
  const Elf64_Shdr *sections; // copied: the object may lie anywhere
  uint64_t *place;            // by section: offset in the blob; 0: left out
  uint32_t count;
  const char *names; // of sections
  uint64_t names_size;
  const uint8_t *symbols;
  uint64_t symbol_count;
  const char *strings; // of symbols
  uint64_t strings_size;
  uint8_t *blob;
  uint64_t blob_size;
  vy_diags *diags;
} flat;

static vy_status damaged(const flat *f, const char *what) {
  return vy__fail(f->diags, NULL, VY__E_UNSUPPORTED,
                  "the emitted object has %s", what);
}

static bool inside(uint64_t size, uint64_t at, uint64_t bytes) {
  return at <= size && bytes <= size - at;
}

// A zero-terminated string of a table, or "?".
static const char *text(const char *table, uint64_t size, uint64_t at) {
  if (!table || at >= size || !memchr(table + at, 0, size - at))
    return "?";
  return table + at;
}

static const char *section_name(const flat *f, uint32_t i) {
  return text(f->names, f->names_size, f->sections[i].sh_name);
}

static Elf64_Sym symbol_at(const flat *f, uint64_t i) {
  Elf64_Sym s;
  memcpy(&s, f->symbols + i * sizeof s, sizeof s);
  return s;
}

static const char *symbol_name(const flat *f, const Elf64_Sym *s) {
  if (ELF64_ST_TYPE(s->st_info) == STT_SECTION && s->st_shndx < f->count)
    return section_name(f, s->st_shndx);
  return text(f->strings, f->strings_size, s->st_name);
}

// ---- reading the tables

static bool is_ours(const Elf64_Ehdr *h) {
  return !memcmp(h->e_ident, ELFMAG, SELFMAG) &&
         h->e_ident[EI_CLASS] == ELFCLASS64 &&
         h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_type == ET_REL &&
         h->e_machine == EM_X86_64 && h->e_shentsize == sizeof(Elf64_Shdr);
}

static bool has_bytes(const flat *f, const Elf64_Shdr *s) {
  return s->sh_type == SHT_NOBITS || s->sh_type == SHT_NULL ||
         inside(f->size, s->sh_offset, s->sh_size);
}

static bool find_symbols(flat *f) {
  for (uint32_t i = 0; i < f->count; i++) {
    const Elf64_Shdr *s = &f->sections[i];
    if (s->sh_type != SHT_SYMTAB)
      continue;
    if (s->sh_entsize != sizeof(Elf64_Sym) || s->sh_link >= f->count)
      return false;
    const Elf64_Shdr *strings = &f->sections[s->sh_link];
    f->symbols = f->elf + s->sh_offset;
    f->symbol_count = s->sh_size / sizeof(Elf64_Sym);
    f->strings = (const char *)f->elf + strings->sh_offset;
    f->strings_size = strings->sh_type == SHT_STRTAB ? strings->sh_size : 0;
    return true;
  }
  return false;
}

static vy_status read_tables(flat *f, vy__arena *arena) {
  Elf64_Ehdr h;
  if (f->size < sizeof h)
    return damaged(f, "no head");
  memcpy(&h, f->elf, sizeof h);
  if (!is_ours(&h) || h.e_shnum == 0 || h.e_shnum > MAX_SECTIONS ||
      h.e_shstrndx >= h.e_shnum ||
      !inside(f->size, h.e_shoff, h.e_shnum * sizeof(Elf64_Shdr)))
    return damaged(f, "a head that is not of an x86-64 ELF object");
  f->count = h.e_shnum;
  Elf64_Shdr *sections = vy__arena_alloc(arena, f->count * sizeof *sections);
  f->place = vy__arena_alloc(arena, f->count * sizeof *f->place);
  if (!sections || !f->place)
    return vy__fail_oom(f->diags, "compiled code");
  memcpy(sections, f->elf + h.e_shoff, f->count * sizeof *sections);
  f->sections = sections;
  for (uint32_t i = 0; i < f->count; i++)
    if (!has_bytes(f, &sections[i]))
      return damaged(f, "a section that ends outside it");
  const Elf64_Shdr *names = &sections[h.e_shstrndx];
  f->names = (const char *)f->elf + names->sh_offset;
  f->names_size = names->sh_type == SHT_STRTAB ? names->sh_size : 0;
  return find_symbols(f) ? VY_OK : damaged(f, "no symbols");
}

// ---- laying out

static bool starts(const char *s, const char *prefix) {
  return !strncmp(s, prefix, strlen(prefix));
}

// Tables for unwinding and notes: nothing that runs looks at them.
static bool is_left_out(const flat *f, uint32_t i) {
  const Elf64_Shdr *s = &f->sections[i];
  return !(s->sh_flags & SHF_ALLOC) || s->sh_size == 0 ||
         s->sh_type == SHT_NOTE || s->sh_type == SHT_X86_64_UNWIND ||
         starts(section_name(f, i), ".eh_frame");
}

static vy_status place_section(flat *f, uint32_t i) {
  const Elf64_Shdr *s = &f->sections[i];
  uint64_t align = s->sh_addralign ? s->sh_addralign : 1;
  bool writable =
      s->sh_flags & SHF_WRITE && !starts(section_name(f, i), ".data.rel.ro");
  if (writable || s->sh_flags & SHF_TLS || s->sh_type != SHT_PROGBITS)
    return vy__fail(f->diags, NULL, VY__E_UNSUPPORTED,
                    "the emitted object has section '%.80s', which is not "
                    "code or constant data",
                    section_name(f, i));
  if (align > MAX_ALIGN || (align & (align - 1)) ||
      s->sh_size > INT32_MAX - f->blob_size - align)
    return damaged(f, "a section that is too large");
  f->blob_size = (f->blob_size + align - 1) & ~(align - 1);
  f->place[i] = f->blob_size;
  f->blob_size += s->sh_size;
  return VY_OK;
}

// Code first, then the rest.
static vy_status lay_out(flat *f) {
  f->blob_size =
      (sizeof(vy__kernel_info) + CODE_ALIGN - 1) / CODE_ALIGN * CODE_ALIGN;
  for (int code = 1; code >= 0; code--)
    for (uint32_t i = 1; i < f->count; i++) {
      bool is_code = f->sections[i].sh_flags & SHF_EXECINSTR;
      if (is_code == (bool)code && !is_left_out(f, i))
        VY_TRY(place_section(f, i));
    }
  return VY_OK;
}

static void copy_sections(const flat *f) {
  for (uint32_t i = 1; i < f->count; i++)
    if (f->place[i])
      memcpy(f->blob + f->place[i], f->elf + f->sections[i].sh_offset,
             f->sections[i].sh_size);
}

// ---- relocations

static vy_status resolve(const flat *f, uint64_t index, uint64_t *at) {
  if (index >= f->symbol_count)
    return damaged(f, "a reference to no symbol");
  Elf64_Sym s = symbol_at(f, index);
  if (s.st_shndx == SHN_UNDEF || s.st_shndx >= f->count ||
      !f->place[s.st_shndx])
    return vy__fail(f->diags, NULL, VY__E_UNSUPPORTED,
                    "the emitted code refers to '%.80s', which is not part of "
                    "it",
                    symbol_name(f, &s));
  if (s.st_value > f->sections[s.st_shndx].sh_size)
    return damaged(f, "a symbol outside its section");
  *at = f->place[s.st_shndx] + s.st_value;
  return VY_OK;
}

static vy_status relocate(const flat *f, uint32_t target, const Elf64_Rela *r) {
  uint32_t type = ELF64_R_TYPE(r->r_info);
  uint64_t bytes = type == R_X86_64_PC64 ? 8 : 4, symbol;
  if (type == R_X86_64_NONE)
    return VY_OK;
  if (type != R_X86_64_PC32 && type != R_X86_64_PLT32 && type != R_X86_64_PC64)
    return vy__fail(f->diags, NULL, VY__E_UNSUPPORTED,
                    "the emitted code has a relocation of type %u in "
                    "'%.80s', which needs an address",
                    type, section_name(f, target));
  if (!inside(f->sections[target].sh_size, r->r_offset, bytes))
    return damaged(f, "a relocation outside its section");
  VY_TRY(resolve(f, ELF64_R_SYM(r->r_info), &symbol));
  uint64_t at = f->place[target] + r->r_offset;
  int64_t distance =
      (int64_t)(symbol + (uint64_t)r->r_addend - at); // wraps as it must
  if (bytes == 4 && (distance < INT32_MIN || distance > INT32_MAX))
    return damaged(f, "a relocation out of reach");
  memcpy(f->blob + at, &distance, bytes);
  return VY_OK;
}

static vy_status relocate_section(const flat *f, const Elf64_Shdr *s) {
  if (s->sh_info >= f->count || !f->place[s->sh_info])
    return VY_OK; // of a section that is left out
  if (s->sh_type == SHT_REL || s->sh_entsize != sizeof(Elf64_Rela))
    return damaged(f, "relocations without addends");
  for (uint64_t k = 0; k < s->sh_size / sizeof(Elf64_Rela); k++) {
    Elf64_Rela r;
    memcpy(&r, f->elf + s->sh_offset + k * sizeof r, sizeof r);
    VY_TRY(relocate(f, s->sh_info, &r));
  }
  return VY_OK;
}

static vy_status relocate_all(const flat *f) {
  for (uint32_t i = 1; i < f->count; i++) {
    const Elf64_Shdr *s = &f->sections[i];
    if (s->sh_type == SHT_RELA || s->sh_type == SHT_REL)
      VY_TRY(relocate_section(f, s));
  }
  return VY_OK;
}

// ---- the whole

static vy_status find_entry(const flat *f, const char *name, uint64_t *entry) {
  for (uint64_t i = 1; i < f->symbol_count; i++) {
    Elf64_Sym s = symbol_at(f, i);
    if (ELF64_ST_TYPE(s.st_info) == STT_FUNC &&
        !strcmp(text(f->strings, f->strings_size, s.st_name), name))
      return resolve(f, i, entry);
  }
  return damaged(f, "no function of the kernel's name");
}

static vy_status flatten(flat *f, vy__arena *arena, const vy_allocator *alloc,
                         const char *symbol, vy__kernel_info *info) {
  VY_TRY(read_tables(f, arena));
  VY_TRY(lay_out(f));
  VY_TRY(find_entry(f, symbol, &info->entry));
  f->blob = vy__calloc(alloc, 1, f->blob_size);
  if (!f->blob)
    return vy__fail_oom(f->diags, "compiled code");
  copy_sections(f);
  VY_TRY(relocate_all(f));
  info->size = f->blob_size;
  info->code = (sizeof *info + CODE_ALIGN - 1) / CODE_ALIGN * CODE_ALIGN;
  memcpy(f->blob, info, sizeof *info);
  return VY_OK;
}

vy_status vy__object_flatten(const vy_allocator *alloc, const uint8_t *elf,
                             size_t elf_size, const char *symbol,
                             vy__kernel_info *info, uint8_t **out,
                             size_t *out_size, vy_diags *diags) {
  flat f = {.elf = elf, .size = elf_size, .diags = diags};
  vy__arena arena;
  vy__arena_init(&arena, alloc);
  vy_status s = flatten(&f, &arena, alloc, symbol, info);
  vy__arena_free(&arena);
  if (s != VY_OK) {
    vy__free(alloc, f.blob, f.blob_size);
    return s;
  }
  *out = f.blob;
  *out_size = f.blob_size;
  return VY_OK;
}
