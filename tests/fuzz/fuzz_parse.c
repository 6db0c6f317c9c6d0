// Any bytes as program text: parse, and what parses must print, encode and
// compile without a fault.
#include <stdlib.h>

#include <vyre/vyre.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(vy_context *context, vy_program *program) {
  size_t bytes = 0;
  vy_program *again = NULL;
  if (vy_program_encode(program, 0, NULL, 0, &bytes) != VY_OK)
    return;
  void *wire = malloc(bytes ? bytes : 1);
  // What one end writes the other must read.
  if (wire && (vy_program_encode(program, 0, wire, bytes, &bytes) != VY_OK ||
               vy_program_decode(context, wire, bytes, &again, NULL) != VY_OK))
    abort();
  free(wire);
  vy_program_release(again);
  if (vy_program_print(program, NULL, 0, &bytes) != VY_OK)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  vy_context *context = NULL;
  vy_program *program = NULL;
  vy_diag records[16];
  char text[4096], line[512];
  vy_diags diags = VY_DIAGS_INIT;
  diags.records = records;
  diags.capacity = 16;
  diags.text = text;
  diags.text_capacity = sizeof text;
  vy_source source = VY_SOURCE_INIT;
  source.text.data = (const char *)data;
  source.text.size = size;
  if (vy_context_create(NULL, &context, NULL) != VY_OK)
    return 0;
  vy_status status = vy_program_parse(context, &source, &program, &diags);
  // An error says so, and only then.
  if ((status == VY_OK) != (diags.errors == 0) ||
      (status == VY_OK) != !!program)
    abort();
  for (uint32_t i = 0; i < diags.count; i++)
    vy_diag_format(&records[i], line, sizeof line);
  if (program)
    use(context, program);
  vy_program_release(program);
  vy_context_release(context);
  return 0;
}
