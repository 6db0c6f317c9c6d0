# Sourced by the checks: counts what passes and fails, one log a step in
# build/check/. `finish` prints the summary line and gives the exit code.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
passed=0 failed=0
logs=build/check
mkdir -p "$logs"

# step NAME COMMAND...: one check.
step() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$logs/$name.log" 2>&1 </dev/null; then
    passed=$((passed + 1))
    echo "ok      $name ($((SECONDS - start)) s)"
  else
    failed=$((failed + 1))
    echo "FAILED  $name: $*"
    tail -n 40 "$logs/$name.log" | sed 's/^/    /'
    return 1
  fi
}

# The cases in a log of ctest: cmocka's own counts, else one for a test; none
# for one that says that it was not run, and what it ran besides.
count_cases() {
  awk '
    /^[0-9]+\/[0-9]+ Testing: / { p = f = skipped = 0 }
    match($0, /\[  PASSED  \] [0-9]+ test/) {
      p += substr($0, RSTART + 13) + 0
    }
    match($0, /\[  FAILED  \] [0-9]+ test/) {
      f += substr($0, RSTART + 13) + 0
    }
    /^not run: / { skipped = 1 }
    /^Test Passed\./ { passed += p || skipped ? p : 1 }
    /^Test Failed\.|^Test timed|^Test Timeout|^Unable to find exec/ {
      passed += p
      failed += f ? f : 1
    }
    END { print passed + 0, failed + 0 }' "$1"
}

# suite NAME PRESET [CTEST-OPTION...]: run tests that are built.
suite() {
  local name=$1 preset=$2 start=$SECONDS ok=1 p f
  shift 2
  ctest --test-dir "build/$preset" -j "$(nproc)" --output-on-failure \
    --no-tests=error "$@" >"$logs/$name.log" 2>&1 </dev/null || ok=0
  read -r p f < <(count_cases "build/$preset/Testing/Temporary/LastTest.log")
  [ "$ok" = 1 ] || [ "$f" != 0 ] || f=1
  passed=$((passed + p)) failed=$((failed + f))
  if [ "$f" = 0 ]; then
    echo "ok      $name: $p cases ($((SECONDS - start)) s)"
    sed -n 's/.* Test *#[0-9]*: \([^ ]*\) .*\*\*\*Skipped.*/not run \1/p' \
      "$logs/$name.log"
  else
    echo "FAILED  $name: $f of $((p + f)) cases"
    grep -E '^\[  (ERROR|FAILED)|^\[   LINE|error:|FAILED:|\*\*\*|SUMMARY' \
      "$logs/$name.log" | head -60 | sed 's/^/    /'
    echo "    the whole log: $logs/$name.log"
  fi
}

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
