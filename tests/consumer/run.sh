#!/bin/bash
# Programs outside the tree use the installed package: C and C++, through
# CMake and through pkg-config. usage: run.sh BUILD
set -eu
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >/dev/null
cp "$here/CMakeLists.txt" "$here/saxpy.c" "$here/saxpy.cpp" "$work/"
cd "$work"

cmake -S . -B by-cmake -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build by-cmake >/dev/null
by-cmake/saxpy_c
by-cmake/saxpy_cpp

pc=$(find "$work/prefix" -name vyre.pc)
export PKG_CONFIG_PATH=${pc%/*}
libs=$(pkg-config --variable=libdir vyre)
# shellcheck disable=SC2046
cc -std=c17 -Wall -Wextra -Werror -pedantic saxpy.c -o by-pkg-c \
  $(pkg-config --cflags --libs vyre)
# shellcheck disable=SC2046
c++ -std=c++17 -Wall -Wextra -Werror -pedantic saxpy.cpp -o by-pkg-cpp \
  $(pkg-config --cflags --libs vyre)
LD_LIBRARY_PATH=$libs ./by-pkg-c
LD_LIBRARY_PATH=$libs ./by-pkg-cpp

# An object made ahead of time, with libvyre-rt.
if "$work/prefix/bin/vyre" devices | grep -q '^cpu  *available'; then
  cat >total.vy <<'END'
program total(x: read u32[], sum: write u32[1]) {
    group 64;
    groups 1;
    var v = 0u;
    if (lane < len(x)) { v = x[lane]; }
    let all = group_reduce_add(v);
    if (lane == 0) { sum[0] = all; }
}
END
  cat >total.c <<'END'
#include "total.h"
int main(void) {
  uint32_t x[3] = {1, 2, 39}, sum = 0;
  total_args args = {.x = x, .x_count = 3, .sum = &sum, .sum_count = 1};
  return total_run(&args, NULL) != VYRE_OK || sum != 42;
}
END
  VYRE_CACHE=off "$work/prefix/bin/vyre" compile total.vy --aot total.o \
    --header total.h >/dev/null
  # shellcheck disable=SC2046
  cc -std=c17 -Wall -Wextra -Werror -pedantic total.c total.o -o ahead \
    $(pkg-config --libs vyre-rt)
  LD_LIBRARY_PATH=$libs ./ahead
fi

# The same version everywhere.
version=$(pkg-config --modversion vyre)
[ "$("$work/prefix/bin/vyre" --version)" = "vyre $version" ]
grep -qF "\"$version\"" \
  "$(find "$work/prefix" -name vyre-config-version.cmake)"
# The page that errors of the grammar speak of.
[ -n "$(find "$work/prefix" -path '*/doc/vyre/docs/language.md')" ]
echo "version $version"
