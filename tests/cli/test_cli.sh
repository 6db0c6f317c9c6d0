#!/bin/bash
# The command from outside: what it prints, writes and returns.
# usage: test_cli.sh VYRE JSON_QUERY EXAMPLES
set -u
vyre=$1 query=$2 examples=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
export VYRE_CACHE=off

fail() {
  echo "FAILED: $*"
  sed 's/^/  out: /' out
  sed 's/^/  err: /' err
  failures=$((failures + 1))
}

# expect CODE COMMAND...: run it; stdout and stderr go to files.
expect() {
  local want=$1 got
  shift
  "$@" >out 2>err </dev/null
  got=$?
  [ "$got" = "$want" ] || fail "$* gave $got, expected $want"
}

# contains FILE TEXT
contains() { grep -qF -- "$2" "$1" || fail "no '$2' in $1"; }

# json PATH VALUE: stdout is JSON and holds that.
json() {
  local got
  got=$("$query" "$1" <out 2>&1) || fail "json $1: $got"
  [ "$got" = "$2" ] || fail "json $1 is '$got', expected '$2'"
}

# npy FILE DTYPE SHAPE ESCAPED-BYTES: version 1, header padded to 128 bytes.
npy() {
  local head="{'descr': '$2', 'fortran_order': ${5:-False}, 'shape': $3, }"
  {
    printf '\x93NUMPY\x01\x00\x76\x00'
    printf '%-117s\n' "$head"
    printf "$4"
  } >"$1"
}

saxpy="$examples/hello/hello.vy"
one='\x00\x00\x80\x3f' two='\x00\x00\x00\x40' ten='\x00\x00\x20\x41'
npy x.npy '<f4' '(3,)' "$one$two$one"
npy y.npy '<f4' '(3,)' "$ten$ten$two"

# ---- help, version, usage
expect 0 "$vyre" --version
contains out "vyre "
expect 0 "$vyre" --help
for command in devices check run verify emit compile explain; do
  contains out "$command"
  "$vyre" $command --help | grep -q 'examples:' ||
    fail "$command --help has no examples"
done
expect 2 "$vyre"
expect 2 "$vyre" nonsense
expect 2 "$vyre" run
expect 2 "$vyre" run a.vy b.vy
expect 2 "$vyre" run "$saxpy" --nonsense
expect 2 "$vyre" devices --in a=1

# ---- devices
expect 0 "$vyre" devices
contains out reference
expect 0 "$vyre" devices --json
json 0.name cuda:0
contains out '"name": "cpu"'
contains out '"name": "reference"'
json 1.available true

# ---- run: saxpy with two .npy files
args=("$saxpy" --in a=2.5 --in x=x.npy --in y=y.npy)
expect 0 timeout 60 "$vyre" run "${args[@]}" -D null # computes nothing, ends
expect 0 "$vyre" run "${args[@]}" -D reference
contains out "y: f32[3] = 12.5 15 4.5"
contains err "wall"
expect 0 "$vyre" run "${args[@]}" --out y=z.npy
npy want.npy '<f4' '(3,)' '\x00\x00\x48\x41\x00\x00\x70\x41\x00\x00\x90\x40'
cmp -s z.npy want.npy || fail "z.npy differs"
expect 0 "$vyre" run "${args[@]}" --out y=z.raw
tail -c 12 want.npy | cmp -s - z.raw || fail "z.raw differs"
expect 0 "$vyre" run "${args[@]}" --json
json outputs.0.name y
json outputs.0.elements 3
json outputs.0.first '["12.5","15","4.5"]'
json exit 0
json diagnostics '[]'
"$query" timing.wall_ns <out | grep -q '^[0-9]*$' || fail "no wall time"
expect 0 "$vyre" run --in=a=2.5 --in=x=x.npy --in=y=z.raw -Dreference "$saxpy"

# ---- wrong inputs
expect 2 "$vyre" run "$saxpy" --in a=2.5 --in x=x.npy
contains err "--in y=FILE"
expect 2 "$vyre" run "$saxpy" --in a=2.5 --in x=x.npy --json
json exit 2
"$query" error <out | grep -q 'parameter y' || fail "json error"
expect 2 "$vyre" run "$saxpy" --in a=two --in x=x.npy --in y=y.npy
expect 2 "$vyre" run "$saxpy" --in a=-1e39 --in x=x.npy --in y=y.npy
contains err "'-1e39' is no f32"
expect 2 "$vyre" run "$saxpy" --in a=.5e400 --in x=x.npy --in y=y.npy
expect 0 "$vyre" run "$saxpy" --in a=-inf --in x=x.npy --in y=y.npy
contains out "-inf -inf -inf"
expect 0 "$vyre" run "$saxpy" --in a=3.4028234e38 --in x=x.npy --in y=y.npy
expect 2 "$vyre" run "${args[@]}" --in q=1
contains err "no such parameter, but a, x, y"
expect 2 "$vyre" run "${args[@]}" --in a=1
contains err "twice"
expect 2 "$vyre" run "${args[@]}" --out x=x.out
expect 2 "$vyre" run "${args[@]}" --len y=3
expect 2 "$vyre" run "${args[@]}" --lanes 1,,2
expect 2 "$vyre" run "${args[@]}" --const N=4
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=nowhere --in y=y.npy
contains err "--in x: file nowhere: No such file"
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=. --in y=y.npy
contains err "--in x: file .: Is a directory"
expect 1 "$vyre" run nowhere.vy
contains err "nowhere.vy: No such file"
expect 1 "$vyre" check nowhere.vy:p
contains err "nowhere.vy: No such file"
expect 1 "$vyre" run "${args[@]}" --out y=nowhere/z.npy
contains err "nowhere/z.npy: No such file"
# Names that are not UTF-8 do not empty the document.
expect 1 "$vyre" check $'\xff.vy' --json
json error "?.vy: No such file or directory"
cp "$saxpy" $'\xff.vy'
expect 0 "$vyre" emit $'\xff.vy' --target ir --json -o $'\xff.ir'
json file "?.ir"
rm $'\xff.vy' $'\xff.ir'
# What is no program need not be read to its end, nor fit into memory.
truncate -s 1T endless.vy
expect 1 "$vyre" check endless.vy
contains err "VY0106"
rm endless.vy
expect 1 timeout 60 "$vyre" check /dev/zero
contains err "VY0106"
npy wide.npy '<f8' '(1,)' '\0\0\0\0\0\0\0\0'
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=wide.npy --in y=y.npy
contains err "dtype"
npy big.npy '>f4' '(1,)' '\0\0\0\0'
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=big.npy --in y=y.npy
npy column.npy '<f4' '(1, 1)' '\0\0\0\0' True
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=column.npy --in y=y.npy
contains err "Fortran"
npy short.npy '<f4' '(2,)' '\0\0\0\0'
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=short.npy --in y=y.npy
npy minus.npy '<f4' '(-1,)' '\0\0\0\0'
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=minus.npy --in y=y.npy
contains err "its shape is no tuple of sizes"
npy huge.npy '<f4' '(9223372036854775807, 4)' '\0\0\0\0'
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=huge.npy --in y=y.npy
contains err "2^64 values or more"
npy none.npy '<f4' '(9223372036854775807, 0, 4)' ''
expect 0 "$vyre" run "$saxpy" --in a=1 --in x=none.npy --in y=none.npy
contains out "y: f32[0] ="
printf 'not numpy' >fake.npy
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=fake.npy --in y=y.npy
printf 'abc' >odd.raw
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=odd.raw --in y=y.npy
contains err "VY0605"
expect 3 "$vyre" run "${args[@]}" -D cuda:9
expect 3 "$vyre" run "${args[@]}" -D cuda:9 --json
json exit 3

# ---- shapes, structs, bf16, open lengths, constants, domains
cat >shapes.vy <<'END'
struct Pair { a: u32; b: f32; }
const K: u32 = 2;

program vectors(v: read f32x3[], w: write f32x3[len(v)]) {
    lanes len(v);
    w[lane] = v[lane].zyx;
}
program mixed(q: read Pair[], r: write Pair[len(q)]) {
    lanes len(q);
    r[lane].a = q[lane].a + K;
    r[lane].b = -q[lane].b;
}
program brain(h: read bf16[], o: write bf16[]) {
    lanes len(o);
    o[lane] = h[lane] * 2.0;
}
program spin(n: u32, o: write u32[1]) {
    lanes 1;
    var k = 0u;
    while (k < n) { k += 1; }
    o[0] = k;
}
program groups_of(o: write u32[8]) {
    group 2;
    groups 1;
    o[lane] = num_groups;
}
END
npy v.npy '<f4' '(1, 3)' "$one$two$ten"
expect 0 "$vyre" run shapes.vy:vectors --in v=v.npy --out w=w.npy
npy want.npy '<f4' '(1, 3)' "$ten$two$one"
cmp -s w.npy want.npy || fail "w.npy differs"
expect 0 "$vyre" run shapes.vy:vectors --in v=v.npy
contains out "(10, 2, 1)"
npy v4.npy '<f4' '(4,)' "$one$two$ten$one"
expect 1 "$vyre" run shapes.vy:vectors --in v=v4.npy
printf '\x05\0\0\0'"$one" >q.raw
expect 0 "$vyre" run shapes.vy:mixed --in q=q.raw --const K=7
contains out "(12, -1)"
expect 1 "$vyre" run shapes.vy:mixed --in q=q.raw --out r=r.npy
contains err "raw"
npy h.npy '<u2' '(2,)' '\x80\x3f\x00\x40'
expect 0 "$vyre" run shapes.vy:brain --in h=h.npy --len o=2
contains out "o: bf16[2] = 2 4"
expect 2 "$vyre" run shapes.vy:brain --in h=h.npy
contains err "--len o=N"
expect 0 "$vyre" run shapes.vy:groups_of --groups 3
contains out "3 3 3 3 3 3 0 0"
expect 1 "$vyre" run shapes.vy:groups_of --lanes 3
expect 1 "$vyre" run shapes.vy
contains err "VY0124"
expect 1 "$vyre" run shapes.vy:nobody
expect 0 "$vyre" run shapes.vy:spin --in n=5 --budget 100
expect 1 "$vyre" run shapes.vy:spin --in n=500 --budget 100
contains err "VY0701"

# ---- check
expect 0 "$vyre" check "$saxpy"
contains out "fingerprint"
expect 0 "$vyre" check "${args[@]}"
contains out "0 races"
expect 0 "$vyre" check "${args[@]}" --json
json report.races 0
json parameters.1.access read
cat >bad.vy <<'END'
program bad(y: write u32[4]) {
    lanes 4;
    y[lane] = z;
    y[lane] = 1.5f;
}
END
expect 1 "$vyre" check bad.vy
contains err "bad.vy:3"
contains err "bad.vy:4"
contains err "VY0200"
contains err "Fix:"
expect 1 "$vyre" check bad.vy --json
json diagnostics.0.code VY0200
json diagnostics.0.line 3
cat >race.vy <<'END'
program race(y: write u32[1]) {
    lanes 4;
    y[0] = lane;
}
END
expect 1 "$vyre" check race.vy
contains err "VY0900"
contains err "race.vy:3"
expect 1 "$vyre" check race.vy --json
contains out '"severity": "error"'
contains out '"code": "VY0900"'
json report.races 3
printf '%b' "$one" >one.raw
expect 0 "$vyre" check "$saxpy" --in a=1 --in x=one.raw --in y=y.npy
contains err "VY0901"
expect 1 "$vyre" run "$saxpy" --in a=1 --in x=one.raw --in y=y.npy --strict
contains err "VY0700"

# ---- verify
expect 0 "$vyre" verify "${args[@]}" --all
contains out "agree"
contains out "shuffled"
expect 0 "$vyre" verify "${args[@]}" --json
json agree true
json runs.1.order reversed
json difference null
grep -q '"device": "null"' out && fail "null takes part in verify"
expect 1 "$vyre" verify race.vy
contains out "first difference: y[0]"
expect 2 "$vyre" verify "${args[@]}" --all -D reference

# ---- emit, compile
expect 0 "$vyre" emit "$saxpy" --target ir
contains out "program saxpy"
cp out again.vy
expect 0 "$vyre" compile "$saxpy" -o saxpy.vyb --json
first=$("$query" fingerprint <out)
expect 0 "$vyre" compile again.vy -o again.vyb --json
json fingerprint "$first"
expect 0 "$vyre" run saxpy.vyb --in a=2.5 --in x=x.npy --in y=y.npy
contains out "12.5 15 4.5"
expect 0 "$vyre" check saxpy.vyb
expect 0 "$vyre" emit "$saxpy" --target wire -o wire.vyb
cmp -s wire.vyb saxpy.vyb || fail "emit wire and compile differ"
expect 0 "$vyre" emit saxpy.vyb --target ir -o back.vy
expect 0 "$vyre" emit "$saxpy" --target ir --json
json program saxpy
cat >twice.vy <<'END'
program twice(y: write u32[4]) { lanes 4; y[lane] = lane * 8 + (lane * 8 - 0); }
END
expect 0 "$vyre" emit twice.vy --target ir --after fold
contains out "lane * 8u + lane * 8u"
for pass in unroll arrays flatten promote cse refold strength dce checks; do
  expect 0 "$vyre" emit twice.vy --target ir --after "$pass"
done
contains out "v << 3u"
expect 2 "$vyre" emit twice.vy --target ir --after nothing
contains err "no pass"
expect 2 "$vyre" emit "$saxpy"
expect 2 "$vyre" emit "$saxpy" --target spirv
contains err "ir, wire, llvm, asm, ptx"
expect 0 "$vyre" emit "$saxpy" --target ptx
contains out "target sm_70"
contains out "vy_one"
expect 2 "$vyre" emit "$saxpy" --target ptx --features avx2
expect 2 "$vyre" emit "$saxpy" --target ir --features avx2
expect 2 "$vyre" emit "$saxpy" --target ir --strict
expect 2 "$vyre" emit "$saxpy" --target asm --after cse
expect 2 "$vyre" emit "$saxpy" --target asm --features fast
contains err "baseline, avx2 or avx512"
expect 3 "$vyre" emit "$saxpy" --target asm -D reference
contains err "no code of form 'asm'"
contains err "VY0802"
expect 0 "$vyre" emit twice.vy --target ir --after checks --strict
expect 2 "$vyre" emit "$saxpy" --target wire --json
expect 2 "$vyre" compile "$saxpy"
expect 2 "$vyre" compile "$saxpy" -o saxpy.bin
head -c 40 saxpy.vyb >cut.vyb
expect 1 "$vyre" run cut.vyb
expect 1 "$vyre" run shapes.vy:mixed --in q=q.raw --const K=7 --strict \
  --out r=nowhere/r

# ---- the cpu device: its options and its code
if "$vyre" devices | grep -q '^cpu  *available'; then
  expect 0 "$vyre" run "${args[@]}" -D cpu --threads 2 --width 4
  contains out "y: f32[3] = 12.5 15 4.5"
  expect 0 "$vyre" run "${args[@]}" --features baseline --json
  json device cpu
  expect 0 "$vyre" verify "${args[@]}" --features baseline --threads 1
  contains out "agree"
  expect 2 "$vyre" run "${args[@]}" --width 5
  contains err "--width wants 1, 4, 8, 16 or 32, got '5'"
  expect 0 "$vyre" emit "$saxpy" --target llvm --features baseline
  contains out '"target-cpu"="x86-64-v2"'
  expect 0 "$vyre" emit "$saxpy" --target asm --width 4 -o saxpy.s
  contains saxpy.s "kernel:"
  expect 0 "$vyre" emit "$saxpy" --target asm --width 8 -o wide.s --strict
  cmp -s saxpy.s wide.s && fail "options of emit change nothing"
  expect 0 "$vyre" emit shapes.vy:mixed --target llvm --const K=12345 --json
  json target llvm
  "$query" text <out | grep -q 'i32 12345' || fail "the constant is not fixed"
else
  echo "without the cpu device: $("$query" 0.reason <out)"
  expect 3 "$vyre" run "${args[@]}" --width 4
  contains err "'cpu': its module"
  expect 3 "$vyre" emit "$saxpy" --target asm
  contains err "VY0801"
fi
touch empty.so
expect 3 env VYRE_LLVM_MODULE="$work/empty.so" "$vyre" run "${args[@]}" -D cpu
contains err "VY0808"
export VYRE_LLVM_MODULE=$work/nowhere.so
expect 0 "$vyre" devices
contains out "VYRE_LLVM_MODULE names no file"
expect 3 "$vyre" run "${args[@]}" -D cpu
contains err "VY0801"
expect 3 "$vyre" emit "$saxpy" --target llvm
contains err "VYRE_LLVM_MODULE names no file"
expect 0 "$vyre" run "${args[@]}" --json # what is there takes its place
json device reference
unset VYRE_LLVM_MODULE
expect 2 "$vyre" run "${args[@]}" --threads 0
expect 2 "$vyre" run "${args[@]}" --features sse9

# ---- imports, beside the importing file
mkdir -p lib/deep
cat >main.vy <<'END'
import "lib/a.vy";
program p(y: write u32[2]) { lanes 2; y[lane] = f(lane); }
END
cat >lib/a.vy <<'END'
import "deep/b.vy";
import "./deep/../deep/b.vy";
fn f(x: u32) -> u32 { return g(x) + 1; }
END
cat >lib/deep/b.vy <<'END'
fn g(x: u32) -> u32 { return x * 10; }
END
expect 0 "$vyre" run main.vy
contains out "1 11"
expect 0 "$vyre" run ./main.vy
(cd lib && "$vyre" run ../main.vy 2>/dev/null | grep -q '1 11') ||
  fail "imports from another folder"
rm lib/deep/b.vy
expect 1 "$vyre" run main.vy
contains err "VY0120"

# ---- explain
expect 0 "$vyre" explain VY0701
contains out "VY0701"
expect 0 "$vyre" explain 701
expect 0 "$vyre" explain budget
contains out "VY0701"
expect 0 "$vyre" explain
contains out "VY0110"
expect 0 "$vyre" explain VY0701 --json
json name BUDGET
expect 0 "$vyre" explain --json
json 0.code VY0100
expect 2 "$vyre" explain VY9999

# ---- ahead of time (tests/aot links what it writes)
if "$vyre" devices | grep -q '^cpu  *available'; then
  expect 0 "$vyre" compile "$saxpy" --aot a.o --header a.h --name mine --json
  json file a.o
  json header a.h
  json program saxpy
  contains a.h "int mine_run(const mine_args *args, vyre_run *how);"
  expect 1 "$vyre" compile "$saxpy" --aot a.o --header no/such/a.h
  expect 1 "$vyre" compile "$saxpy" --aot a.o --header a.h --name while
fi
expect 2 "$vyre" compile "$saxpy" --aot a.o
expect 2 "$vyre" compile "$saxpy" --header a.h
expect 2 "$vyre" compile "$saxpy" --aot a --header a.h
expect 2 "$vyre" compile "$saxpy" --aot a.o --header a.h -o a.vyb
expect 2 "$vyre" compile "$saxpy" --aot a.o --header a.h -D null
expect 2 "$vyre" compile "$saxpy" -o a.vyb --strict

# ---- the disk cache
export VYRE_CACHE=$work/cache
expect 0 "$vyre" cache
contains out "not used: the folder cannot be opened: ENOENT"
mkdir -m 700 cache
expect 0 "$vyre" cache
contains out "entries  0"
entry=0123456789abcdef
printf 12345 >"cache/$entry$entry$entry$entry"
expect 0 env VYRE_CACHE_SIZE=4K "$vyre" cache --json
json path "$work/cache"
json entries 1
json bytes 5
json limit 4096
json cleared false
expect 0 "$vyre" cache --clear --json
json entries 0
json cleared true
chmod 755 cache
expect 0 "$vyre" cache --json
json usable false
contains out "mode 0755"
expect 0 env VYRE_CACHE=off "$vyre" cache
contains out "off"
expect 0 env VYRE_CACHE=some/folder "$vyre" cache
contains out "off: VYRE_CACHE is neither an absolute path nor"
expect 0 env VYRE_CACHE= HOME= XDG_CACHE_HOME=a "$vyre" cache --json
json usable false
contains out "neither XDG_CACHE_HOME nor HOME"
expect 2 "$vyre" cache --strip

# What is found there needs no compiler: this module would not load.
if "$vyre" devices | grep -q '^cpu  *available'; then
  chmod 700 cache
  : >no-module
  expect 0 "$vyre" run "${args[@]}" -D cpu
  expect 0 env VYRE_LLVM_MODULE="$work/no-module" "$vyre" run "${args[@]}" \
    -D cpu
  expect 3 env VYRE_LLVM_MODULE="$work/no-module" VYRE_CACHE=off "$vyre" run \
    "${args[@]}" -D cpu
fi
export VYRE_CACHE=off

# ---- a trace
expect 0 env VYRE_TRACE=trace.json "$vyre" run "${args[@]}"
"$query" 0.ph <trace.json >out 2>err || fail "trace.json is no JSON"
expect 1 env VYRE_TRACE=nowhere/trace.json "$vyre" run "${args[@]}"
contains err "VY0803"

# ---- output that cannot be written
if [ -e /dev/full ]; then
  for line in devices --help --version 'run --help'; do
    "$vyre" $line >/dev/full 2>err
    [ $? = 1 ] || fail "$line: a full disk goes unnoticed"
  done
fi

[ $failures = 0 ] || exit 1
echo "all passed"
