# Writes OUT, a C file with the id of this build: a hash of the names and
# contents of every source and of SETTINGS (compiler, build type, LLVM). No
# time, no path: equal sources under equal settings give equal ids, anywhere.
# cmake -DROOT=... -DOUT=... -DSETTINGS=... -P build_id.cmake
cmake_minimum_required(VERSION 3.18)
file(GLOB_RECURSE files RELATIVE "${ROOT}" LIST_DIRECTORIES false
     "${ROOT}/src/*" "${ROOT}/include/*")
list(FILTER files INCLUDE REGEX "\\.(c|h|def|inc)$")
list(SORT files)
list(APPEND files CMakeLists.txt)
set(all "${SETTINGS}\n")
foreach(file IN LISTS files)
  file(SHA256 "${ROOT}/${file}" hash)
  string(APPEND all "${file} ${hash}\n")
endforeach()
string(SHA256 id "${all}")
file(WRITE "${OUT}"
     "#include \"base/base.h\"\n\nconst char vy__build_id[] =\n    \"${id}\";\n")
