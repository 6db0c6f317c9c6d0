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

# The same version everywhere.
version=$(pkg-config --modversion vyre)
[ "$("$work/prefix/bin/vyre" --version)" = "vyre $version" ]
grep -qF "\"$version\"" \
  "$(find "$work/prefix" -name vyre-config-version.cmake)"
echo "version $version"
