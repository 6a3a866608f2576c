#!/bin/sh
# Everything that corpus_pairs wrote in the dmtf dialect (1.1) fits the DMTF's own schema.
#   schema.sh FOLDER SCHEMA
set -eu
command -v xmllint >/dev/null 2>&1 || { echo "SKIPPED: xmllint is not installed"; exit 77; }
[ -f "$2" ] || { echo "SKIPPED: the schema is not there"; exit 77; }
[ -d "$1" ] || { echo "SKIPPED: nothing was written"; exit 77; }
count=$(find "$1" -name '*.ovf' | wc -l)
[ "$count" -gt 0 ] || { echo "SKIPPED: nothing was written"; exit 77; }
find "$1" -name '*.ovf' -print0 | xargs -0 xmllint --nonet --noout --schema "$2" >"$1.out" 2>&1 || true
valid=$(grep -c ' validates$' "$1.out" || true)
# A disk whose source names no capacity has none here: the schema wants one, and nobody knows it.
unknown=$(grep 'Schemas validity error' "$1.out" | grep "attribute '{http://schemas.dmtf.org/ovf/envelope/1}capacity' is required but missing" |
  cut -d: -f1 | sort -u | wc -l)
grep -v ' validates$' "$1.out" | grep -v "capacity' is required but missing" | cut -c1-300 | head -40 || true
echo "$valid of $count valid, $unknown with a disk of unknown capacity"
[ "$((valid + unknown))" = "$count" ] && ! grep 'Schemas validity error' "$1.out" | grep -qv "capacity' is required but missing"
