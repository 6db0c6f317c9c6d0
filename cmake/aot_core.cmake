# Builds the runtime inside ahead-of-time objects as one piece of code, and
# writes it to OUT as a C array. It has flags of its own, whatever the build's:
# nothing of it may need a library, a sanitizer or an address.
# Elsewhere than on x86-64 there is none. cmake -DROOT=... -DPROCESSOR=...
# -DCC=... -DOBJCOPY=... -DOUT=... -P aot_core.cmake
cmake_minimum_required(VERSION 3.18)
if(NOT PROCESSOR MATCHES "x86_64|amd64|AMD64")
  file(WRITE "${OUT}" "#include \"aot/aot.h\"

const uint8_t vy__aot_core[] = {0};
const uint32_t vy__aot_core_size = 0;
")
  return()
endif()
set(flags -std=gnu17 -O2 -Wall -Wextra -Werror -ffp-contract=off
    -fno-math-errno -ffreestanding -fPIC -fvisibility=hidden
    -fno-stack-protector -fno-asynchronous-unwind-tables -ffunction-sections
    -fdata-sections -nostdlib -static)
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(result)
    message(FATAL_ERROR "the core of ahead-of-time objects: ${result}")
  endif()
endfunction()
run("${CC}" ${flags} "-I${ROOT}/include" "-I${ROOT}/src"
    "-Wl,--build-id=none,--gc-sections,-T,${ROOT}/src/aot/core/core.ld"
    "${ROOT}/src/aot/core/core.c" "${ROOT}/src/ir/sizes.c"
    "${ROOT}/src/semantics/pinned.c" "${ROOT}/src/backend/cpu/loader.c"
    "${ROOT}/src/backend/cover.c" -lgcc
    -o "${OUT}.elf")
run("${OBJCOPY}" -O binary "${OUT}.elf" "${OUT}.bin")
file(READ "${OUT}.bin" hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)"
       "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "#include \"aot/aot.h\"

const uint8_t vy__aot_core[] = {
${bytes}};
const uint32_t vy__aot_core_size = ${size};
")
