#!/bin/bash
# Runs the sample program and checks all it promises.  usage: sample.sh SOURCE_DIR PROGRAM
set -euo pipefail
source_dir=$1 program=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$program" "$source_dir/samples/dmtf-enabled.ovf" "$scratch/out.ovf" >"$scratch/out.txt" 2>"$scratch/err.txt"

fail() { echo "$1"; cat "$scratch/out.txt" "$scratch/err.txt"; exit 1; }
grep -q "<memballoon model=[\"']none[\"']" "$scratch/out.txt" || fail "no <memballoon model='none'/>"
grep -q '"rows"' "$scratch/out.txt" || fail "no loss report"
# Only lines of the balloon Item may have changed.
changed=$(diff "$source_dir/samples/dmtf-enabled.ovf" "$scratch/out.ovf" | grep '^[<>]' | grep -vciE 'balloon|ResourceSubType|AutomaticAllocation' || true)
[[ $changed == 0 ]] || fail "$changed lines changed that are not the balloon's"
cmp -s "$source_dir/samples/dmtf-enabled.ovf" "$scratch/out.ovf" && fail "nothing changed"
"$program" "$scratch/missing.ovf" "$scratch/x.ovf" 2>/dev/null && fail "a missing file is no error"
echo "the sample works"
