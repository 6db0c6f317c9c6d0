#!/bin/bash
# Objects compiled ahead of time, in hosts that link with them and, where a
# program needs it, libvyre-rt: in C and C++, as any kind of executable. Their
# bits are those of the reference device.
# usage: run.sh VYRE SOURCE LIBVYRE_RT.SO LIBVYRE_RT.A
set -eu
vyre=$1 source=$2 shared=$3 static=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export VYRE_CACHE=off

if ! "$vyre" devices | grep -q '^cpu  *available'; then
  echo "not run: the cpu device is not available"
  exit 77
fi

fail() {
  echo "FAILED: $*"
  exit 1
}

ahead() { # NAME PROGRAM [OPTION...]
  local name=$1 program=$2
  shift 2
  "$vyre" compile "$program" --aot "$name.o" --header "$name.h" \
    --name "$name" "$@" >/dev/null
}
examples=$source/examples
cp "$source"/tests/aot/*.vy .
ahead saxpy "$examples/hello/hello.vy"
ahead mandelbrot "$examples/mandelbrot/mandelbrot.vy:mandelbrot_f64"
ahead fire "$examples/rules/rules.vy:count"
ahead outside outside.vy --strict --budget 100000

ahead names names.vy
ahead rest rest.vy

# What a plain program needs is its object.
for name in saxpy mandelbrot names outside; do
  [ -z "$(nm -u "$name.o")" ] || fail "$name.o needs $(nm -u "$name.o")"
done
nm -u fire.o | awk '$2 != "malloc" && $2 != "free"' | grep . &&
  fail "fire.o needs more than the C library"
nm -u rest.o | grep -q vyre_rt_helpers || fail "rest.o needs no libvyre-rt"

# libvyre-rt is small and needs the C library only.
for library in "$shared" "$static"; do
  [ "$(stat -Lc %s "$library")" -le 2097152 ] || fail "$library is too large"
done
ldd "$shared" | grep -vE 'libc\.so|ld-linux|linux-vdso' &&
  fail "$shared needs more than the C library"
nm -D --defined-only "$shared" | awk '$2 != "A"' | grep -v ' vyre_rt_' &&
  fail "$shared exports more than it should"

run() { # -D reference, output to a file
  "$vyre" run "$@" -D reference >/dev/null 2>&1
}
compare() {
  run "$examples/hello/hello.vy" --in a=2.5 --in x=saxpy.x --in y=saxpy.y \
    --out y=want
  cmp saxpy.out want
  run "$examples/mandelbrot/mandelbrot.vy:mandelbrot_f64" --in w=211 \
    --in h=97 --out steps=want
  cmp mandelbrot.out want
  run "$examples/rules/rules.vy:count" --in rules=fire.rules \
    --in facts=fire.facts --in file_size=100 --in entropy=5 --out counts=want \
    --out fired=want2
  cmp fire.out want
  cmp fire.out2 want2
  run rest.vy --in x=rest.x --in by=0.7 --out y=want
  cmp rest.out want
  run names.vy --in int=11 --in class=-3 --in x=names.x --in x_count=77 \
    --in mixed=names.mixed --in more=names.more --in on=true --out mixed=want \
    --out template=want2
  cmp names.out want
  cmp names.out2 want2
}

objects="saxpy.o mandelbrot.o fire.o names.o outside.o rest.o"
warnings="-Wall -Wextra -Werror -pedantic"
cp "$source/tests/aot/host.c" host.c
cp host.c host.cpp
ln -s "$shared" libvyre-rt.so
ln -s "$shared" "$(objdump -p "$shared" | awk '/SONAME/ { print $2 }')"

link="-L. -lvyre-rt"
build() { # NAME COMPILER FLAGS LIBRARY
  local name=$1 compiler=$2 flags=$3 library=$4
  # shellcheck disable=SC2086
  $compiler $warnings $flags $objects $library -o "$name" ||
    fail "$name does not link"
  rm -f ./*.out
  LD_LIBRARY_PATH=$work ./"$name" || fail "$name"
  compare || fail "$name: other bits than the reference"
  echo "$name: fine"
}
build c-shared cc "-std=c17 -O2 host.c" "$link"
build c-static-rt cc "-std=c11 host.c" "$static"
build c-no-pie cc "-std=c17 -no-pie host.c" "$link"
build c-static cc "-std=c17 -static host.c" "$static"
build cpp c++ "-std=c++11 host.cpp" "$link"
if command -v clang >/dev/null; then
  build clang clang "-std=c17 -O2 host.c" "$link"
fi
ldd c-shared | grep -vE 'libvyre-rt|libc\.so|ld-linux|linux-vdso' &&
  fail "c-shared needs more"

# Without libvyre-rt, only the program that says so is missing something.
cat >alone.c <<'END'
#include "saxpy.h"
int main(void) {
  float x[3] = {1, 2, 3}, y[3] = {10, 20, 30};
  saxpy_args args = {.a = 2, .x = x, .x_count = 3, .y = y, .y_count = 3};
  return saxpy_run(&args, NULL) != VYRE_OK || y[2] != 36;
}
END
# shellcheck disable=SC2086
cc -std=c17 $warnings alone.c saxpy.o -o alone
./alone || fail "alone"
grep -q 'and no library' saxpy.h || fail "saxpy.h asks for a library"
grep -q 'libvyre-rt' rest.h || fail "rest.h asks for no library"
echo "all passed"
