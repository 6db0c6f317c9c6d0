// Writes a relocatable x86-64 ELF object: one section of code, one of
// addresses, one of zeros, with their symbols and relocations.
#include <elf.h>

#include "aot/aot.h"

// Sections of the file, in order; the first three are vy__elf_section's.
enum {
  NONE,
  TEXT,
  ADDRESSES,
  ZEROS,
  RELA_TEXT,
  RELA_ADDRESSES,
  SYMBOLS,
  STRINGS,
  NAMES,
  STACK_NOTE,
  SECTIONS,
};

static const char section_names[] = "\0.text\0.data.rel.ro\0.bss\0.rela.text\0"
                                    ".rela.data.rel.ro\0.symtab\0.strtab\0"
                                    ".shstrtab\0.note.GNU-stack";

uint32_t vy__elf_symbol_add(vy__elf *e, const char *name, uint32_t section,
                            uint64_t value, uint64_t size) {
  e->symbols[e->symbol_count] = (vy__elf_symbol){name, section, value, size};
  return e->symbol_count++;
}

void vy__elf_relocate(vy__elf *e, uint32_t section, uint64_t offset,
                      uint32_t symbol, uint32_t type, int64_t addend) {
  e->relocations[e->relocation_count++] =
      (vy__elf_relocation){section, offset, symbol, type, addend};
}

static void align(vy__buf *out, size_t to) {
  while (out->size % to && !out->failed)
    vy__buf_u8(out, 0);
}

static void write_relocations(const vy__elf *e, uint32_t section,
                              vy__buf *out) {
  for (uint32_t i = 0; i < e->relocation_count; i++) {
    const vy__elf_relocation *r = &e->relocations[i];
    // The null symbol comes before ours.
    Elf64_Rela rela = {.r_offset = r->offset,
                       .r_info = ELF64_R_INFO((uint64_t)r->symbol + 1, r->type),
                       .r_addend = r->addend};
    if (r->section == section)
      vy__buf_put(out, &rela, sizeof rela);
  }
}

static Elf64_Sym symbol_of(const vy__elf_symbol *s, uint32_t name) {
  Elf64_Sym sym = {.st_name = name,
                   .st_shndx = (uint16_t)s->section,
                   .st_value = s->value,
                   .st_size = s->size};
  if (!s->name)
    sym.st_info = ELF64_ST_INFO(STB_LOCAL, STT_SECTION);
  else if (s->section == VY__ELF_UNDEFINED)
    sym.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE);
  else
    sym.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
  return sym;
}

// Number of local symbols, the null one included.
static uint32_t write_symbols(const vy__elf *e, vy__buf *out,
                              vy__buf *strings) {
  Elf64_Sym none = {0};
  uint32_t locals = 1;
  vy__buf_put(out, &none, sizeof none);
  vy__buf_u8(strings, 0);
  for (uint32_t i = 0; i < e->symbol_count; i++) {
    const vy__elf_symbol *s = &e->symbols[i];
    Elf64_Sym sym = symbol_of(s, s->name ? (uint32_t)strings->size : 0);
    if (s->name)
      vy__buf_put(strings, s->name, strlen(s->name) + 1);
    else
      locals++;
    vy__buf_put(out, &sym, sizeof sym);
  }
  return locals;
}

static uint32_t name_at(uint32_t section) {
  uint32_t at = 0;
  while (section-- > 0)
    at += (uint32_t)strlen(section_names + at) + 1;
  return at;
}

typedef struct image {
  vy__buf *out;
  size_t start; // of the object in `out`
  Elf64_Shdr sections[SECTIONS];
} image;

static void open_section(image *m, uint32_t i, uint32_t type, uint64_t flags,
                         size_t alignment, uint64_t entry) {
  align(m->out, alignment);
  m->sections[i] = (Elf64_Shdr){.sh_name = name_at(i),
                                .sh_type = type,
                                .sh_flags = flags,
                                .sh_offset = m->out->size - m->start,
                                .sh_addralign = alignment,
                                .sh_entsize = entry};
}

static void close_section(image *m, uint32_t i) {
  m->sections[i].sh_size = m->out->size - m->start - m->sections[i].sh_offset;
}

static void write_contents(const vy__elf *e, image *m) {
  open_section(m, TEXT, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 64, 0);
  vy__buf_put(m->out, e->text.data, e->text.size);
  close_section(m, TEXT);
  open_section(m, ADDRESSES, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
  for (uint64_t i = 0; i < e->addresses; i++)
    vy__buf_u8(m->out, 0);
  close_section(m, ADDRESSES);
  open_section(m, ZEROS, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
  m->sections[ZEROS].sh_size = e->zeros;
  static const uint8_t related[][2] = {{RELA_TEXT, TEXT},
                                       {RELA_ADDRESSES, ADDRESSES}};
  for (uint32_t i = 0; i < 2; i++) {
    uint32_t at = related[i][0];
    open_section(m, at, SHT_RELA, SHF_INFO_LINK, 8, sizeof(Elf64_Rela));
    m->sections[at].sh_link = SYMBOLS;
    m->sections[at].sh_info = related[i][1];
    write_relocations(e, related[i][1], m->out);
    close_section(m, at);
  }
}

static void write_tables(const vy__elf *e, image *m) {
  vy__buf strings;
  vy__buf_init(&strings, m->out->alloc);
  open_section(m, SYMBOLS, SHT_SYMTAB, 0, 8, sizeof(Elf64_Sym));
  m->sections[SYMBOLS].sh_link = STRINGS;
  m->sections[SYMBOLS].sh_info = write_symbols(e, m->out, &strings);
  close_section(m, SYMBOLS);
  open_section(m, STRINGS, SHT_STRTAB, 0, 1, 0);
  vy__buf_put(m->out, strings.data, strings.size);
  m->out->failed |= strings.failed;
  vy__buf_free(&strings);
  close_section(m, STRINGS);
  open_section(m, NAMES, SHT_STRTAB, 0, 1, 0);
  vy__buf_put(m->out, section_names, sizeof section_names);
  close_section(m, NAMES);
  open_section(m, STACK_NOTE, SHT_PROGBITS, 0, 1, 0); // no executable stack
}

void vy__elf_write(const vy__elf *e, vy__buf *out) {
  image m = {.out = out, .start = out->size};
  Elf64_Ehdr head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
                                 ELFDATA2LSB, EV_CURRENT},
                     .e_type = ET_REL,
                     .e_machine = EM_X86_64,
                     .e_version = EV_CURRENT,
                     .e_ehsize = sizeof head,
                     .e_shentsize = sizeof(Elf64_Shdr),
                     .e_shnum = SECTIONS,
                     .e_shstrndx = NAMES};
  vy__buf_put(out, &head, sizeof head);
  write_contents(e, &m);
  write_tables(e, &m);
  align(out, 8);
  head.e_shoff = out->size - m.start;
  vy__buf_put(out, m.sections, sizeof m.sections);
  out->failed |= e->text.failed;
  if (!out->failed)
    memcpy(out->data + m.start, &head, sizeof head);
}
