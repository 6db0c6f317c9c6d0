#!/bin/bash
# Every C block of docs/api.md is, line for line, the part of an example that
# its comment names. usage: test_snippets.sh SOURCE_DIR
set -u
cd "$1" || exit 1
awk '
  function part(file, name,   line, on, text) {
    text = ""; on = 0
    while ((getline line < file) > 0) {
      bare = line; sub(/^ +/, "", bare)
      if (bare == "// [/" name "]") on = 0
      if (on) text = text line "\n"
      if (bare == "// [" name "]") on = 1
    }
    close(file)
    return text
  }
  /^<!-- examples\// {
    file = $2; name = $0
    sub(/^[^[]*\[/, "", name); sub(/\] -->$/, "", name)
    named = 1; next
  }
  /^```c$/ {
    if (!named) { print "line " NR ": a block without a source"; bad = 1 }
    inside = 1; text = ""; next
  }
  /^```$/ && inside {
    inside = 0; blocks++
    if (named && (text == "" || text != part(file, name))) {
      print "line " NR ": differs from " file " [" name "]"; bad = 1
    }
    named = 0; next
  }
  inside { text = text $0 "\n" }
  END {
    if (blocks < 8) { print "only " blocks + 0 " blocks"; bad = 1 }
    exit bad
  }
' docs/api.md
