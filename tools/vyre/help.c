// The commands and what `--help` says of them.
#include "cli.h"

#include <string.h>

#define JSON_OPTION                                                            \
  "  --json                one JSON document on stdout instead of text\n"      \
  "  -h, --help            this text\n"
#define INPUT_OPTIONS                                                          \
  "  --in NAME=VALUE       value of a scalar parameter\n"                      \
  "  --in NAME=FILE        contents of a `read` or `update` buffer: .npy, "    \
  "or\n"                                                                       \
  "                        raw little-endian bytes under any other name\n"     \
  "  --len NAME=N          elements of a `write` whose length is open\n"       \
  "  --lanes N[,N[,N]]     lanes instead of the program's own\n"               \
  "  --groups N[,N[,N]]    groups instead of the program's own\n"              \
  "  --const NAME=VALUE    fix a specialization constant\n"                    \
  "  --iterations N        runs over the same buffers\n"                       \
  "  --strict              report the first access outside its buffer\n"       \
  "  --budget N            stop a lane or group after N loop steps\n"
#define CPU_OPTIONS                                                            \
  "  --threads N           cpu: threads that share a large dispatch\n"         \
  "  --width N             cpu: lanes of a vector, 1, 4, 8, 16 or 32\n"        \
  "  --features LEVEL      cpu: instructions of baseline, avx2 or avx512\n"
#define CPU_NAMES " device threads width features "
#define INPUT_NAMES " in len lanes groups const iterations strict budget "
#define FILE_TEXT                                                              \
  "FILE is a program text (.vy) or a compiled one (.vyb). PROGRAM names one\n" \
  "of several programs of a text.\n"

static const cli_command commands[] = {
    {"devices", "list the devices and say why one is not available",
     "usage: vyre devices [--json]\n\n" JSON_OPTION "\nexamples:\n"
     "  vyre devices\n"
     "  vyre devices --json | jq -r '.[] | select(.available) | .name'\n",
     " ", NULL, false, cli_devices},
    {"check", "validate; with inputs also look for races",
     "usage: vyre check FILE[:PROGRAM] [options]\n\n" FILE_TEXT
     "Without inputs the program is parsed, validated and classified. With\n"
     "inputs it is run on the reference device, lanes forward, reversed and\n"
     "shuffled, to find races (errors), accesses out of bounds, unwritten\n"
     "outputs and order dependence (warnings).\n\n" INPUT_OPTIONS JSON_OPTION
     "\nexamples:\n"
     "  vyre check saxpy.vy\n"
     "  vyre check saxpy.vy --in a=2 --in x=x.npy --in y=y.npy\n",
     INPUT_NAMES, "FILE", false, cli_check},
    {"run", "run a program once",
     "usage: vyre run FILE[:PROGRAM] [options]\n\n" FILE_TEXT
     "Outputs go to the files of --out; those without one are printed, their\n"
     "first elements. The timing is printed on stderr.\n\n"
     "  -D, --device DEVICE   without it the first of `vyre devices` that is\n"
     "                        available\n" CPU_OPTIONS INPUT_OPTIONS
     "  --out NAME=FILE       where an output goes: .npy, or raw bytes under\n"
     "                        any other name\n" JSON_OPTION "\nexamples:\n"
     "  vyre run saxpy.vy --in a=2.5 --in x=x.npy --in y=y.npy --out "
     "y=z.npy\n"
     "  vyre run filter.vy -D reference --lanes 1048576 --len out=1048576\n",
     INPUT_NAMES CPU_NAMES "out ", "FILE", false, cli_run},
    {"verify", "run on every device and compare the bits",
     "usage: vyre verify FILE[:PROGRAM] [--all | -D DEVICE] "
     "[options]\n\n" FILE_TEXT
     "Runs on the reference device in three lane orders and on every other\n"
     "device that is available (--all, the default) or on one (-D). Prints\n"
     "the digests of the outputs side by side, and the first difference.\n\n"
     "  --all                 every device that is available here\n"
     "  -D, --device DEVICE   this one and the reference only\n" CPU_OPTIONS
         INPUT_OPTIONS JSON_OPTION "\nexamples:\n"
     "  vyre verify saxpy.vy --all --in a=2.5 --in x=x.npy --in y=y.npy\n"
     "  vyre verify saxpy.vy --features avx2 --in a=2.5 --in x=x.npy --in "
     "y=y.npy\n",
     INPUT_NAMES CPU_NAMES "all ", "FILE", false, cli_verify},
    {"emit", "print a program in another form",
     "usage: vyre emit FILE[:PROGRAM] --target ir|wire|llvm|asm|ptx "
     "[options]\n\n" FILE_TEXT "ir is the expanded program as text, wire its "
     "bytes; they need no device.\n"
     "llvm and asm are the code that the cpu device runs, as LLVM IR after "
     "its\n"
     "passes and as assembly; ptx is the code for NVIDIA GPUs, from sm_70 on\n"
     "or for the one that -D names.\n\n"
     "  --target TARGET       ir, wire, llvm, asm or ptx\n"
     "  --after PASS          ir, wire: as it is after this pass of lowering:\n"
     "                        fold, unroll, arrays, flatten, promote, cse,\n"
     "                        refold, strength, dce, checks\n"
     "  -o, --output FILE     write there instead of to stdout\n"
     "  --const NAME=VALUE    fix a specialization constant first\n"
     "  --strip               wire: leave out names, positions and source\n"
     "  --strict, --budget N  as of vyre run: they change the code\n"
     "  -D, --device DEVICE   llvm, asm: cpu, the only one that has them; "
     "ptx:\n"
     "                        cuda:N, or without it no device is "
     "needed\n" CPU_OPTIONS JSON_OPTION "\nexamples:\n"
     "  vyre emit saxpy.vy --target ir\n"
     "  vyre emit saxpy.vy --target ir --after cse\n"
     "  vyre emit saxpy.vy --target asm --features avx2\n"
     "  vyre emit saxpy.vyb --target ir -o saxpy.vy\n",
     " target after output const strip strict budget " CPU_NAMES, "FILE", false,
     cli_emit},
    {"compile", "write a program as wire bytes (.vyb), or as object and header",
     "usage: vyre compile FILE[:PROGRAM] -o FILE.vyb [options]\n"
     "       vyre compile FILE[:PROGRAM] --aot FILE.o --header FILE.h "
     "[options]\n\n" FILE_TEXT
     "With --aot: an x86-64 object with the program's code for several levels\n"
     "of instructions, and a C header that declares how to run it.\n\n"
     "  -o, --output FILE     the file to write; its name ends in .vyb\n"
     "  --const NAME=VALUE    fix a specialization constant first\n"
     "  --strip               leave out names, positions and source\n"
     "  --aot FILE.o          the object to write\n"
     "  --header FILE.h       its header\n"
     "  --name NAME           what its names in C begin with; without it the\n"
     "                        program's name\n"
     "  --strict              report the first access outside its buffer\n"
     "  --budget N            stop a lane or group after N loop steps\n"
     "  -D, --device DEVICE   cpu, the only one so far\n" JSON_OPTION
     "\nexamples:\n"
     "  vyre compile saxpy.vy -o saxpy.vyb\n"
     "  vyre compile kernels.vy:blur --const RADIUS=3 -o blur3.vyb\n"
     "  vyre compile saxpy.vy --aot saxpy.o --header saxpy.h\n",
     " output const strip aot header name strict budget device ", "FILE", false,
     cli_compile},
    {"cache", "show or clear the disk cache of compiled code",
     "usage: vyre cache [--clear]\n\n"
     "Shows where compiled code is kept on disk, and how much of it. The\n"
     "environment variable VYRE_CACHE names another folder, or is `off`;\n"
     "VYRE_CACHE_SIZE bounds it (bytes, or with K, M or G).\n\n"
     "  --clear               remove every entry\n" JSON_OPTION "\nexamples:\n"
     "  vyre cache\n"
     "  vyre cache --clear\n",
     " clear ", NULL, false, cli_cache},
    {"explain", "explain an error code, with examples",
     "usage: vyre explain [CODE]\n\n"
     "CODE is written VY0312, 312 or by name. Without it all codes are "
     "listed.\n\n" JSON_OPTION "\nexamples:\n"
     "  vyre explain VY0600\n"
     "  vyre explain --json\n",
     " ", "CODE", true, cli_explain},
};

const cli_command *cli_command_at(uint32_t index) {
  return index < sizeof commands / sizeof commands[0] ? &commands[index] : NULL;
}

const cli_command *cli_command_find(const char *name) {
  const cli_command *c;
  for (uint32_t i = 0; (c = cli_command_at(i)); i++)
    if (!strcmp(c->name, name))
      return c;
  return NULL;
}

void cli_print_help(const cli_command *command) {
  if (command) {
    printf("vyre %s: %s\n\n%s", command->name, command->summary, command->help);
    return;
  }
  printf("Vyre runs compute programs, with the same bits on every device.\n\n"
         "usage: vyre COMMAND [options]\n\ncommands:\n");
  for (uint32_t i = 0; (command = cli_command_at(i)); i++)
    printf("  %-10s %s\n", command->name, command->summary);
  printf("  %-10s %s\n", "--version", "print the version");
  printf("\n`vyre COMMAND --help` shows options and examples. Exit codes: 0 "
         "fine, 1 errors,\nraces or differing bits, 2 usage, 3 device.\n\n"
         "examples:\n"
         "  vyre run saxpy.vy --in a=2.5 --in x=x.npy --in y=y.npy\n"
         "  vyre verify saxpy.vy --all --in a=2.5 --in x=x.npy --in y=y.npy\n");
}
