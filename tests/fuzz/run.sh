#!/bin/bash
# Fuzzes with clang's libFuzzer and both sanitizers, pugixml compiled in the same way; what breaks is left in OUT/TARGET.
# Mend the code, and keep the input in tests/fuzz/regress/TARGET: every test run replays it.
# usage: run.sh [--minutes N] [--jobs N] [--out DIR] [TARGET...]     needs clang and libclang-rt-14-dev
set -euo pipefail
cd "$(dirname "$0")/../.."
minutes=1 jobs=1 out=build-fuzz/found
while [[ ${1:-} == --* ]]; do
  case $1 in
    --minutes) minutes=$2 ;;
    --jobs) jobs=$2 ;;
    --out) out=$2 ;;
    *) sed -n 2,4p "$0"; exit 2 ;;
  esac
  shift 2
done
command -v clang++ >/dev/null || { echo "SKIP: there is no clang++"; exit 77; }

# Debian's package has no source of pugixml to compile: the source package has, checked by apt as every package is.
source=build-fuzz/pugixml
if [[ ! -e $source/pugixml.cpp ]]; then
  mkdir -p "$source/apt/partial"
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main" >"$source/sources.list"
  options=(-qq -o "Dir::Etc::sourcelist=$PWD/$source/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$PWD/$source/apt"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
  (cd "$source" && apt-get "${options[@]}" update && apt-get "${options[@]}" source --download-only pugixml &&
    tar xf pugixml_*.orig.tar.* --strip-components=2 --wildcards '*/src/*')
fi
cmake --preset fuzz -DOVFKIT_PUGIXML_SOURCE="$PWD/$source" >/dev/null
cmake --build --preset fuzz -j "$(nproc)"
python3 tests/fuzz/seeds.py "$PWD" build-fuzz/seeds

targets=("$@")
((${#targets[@]})) || for program in build-fuzz/tests/fuzz/fuzz_*; do targets+=("${program##*fuzz_}"); done
code=0
for target in "${targets[@]}"; do
  mkdir -p "$out/$target" "build-fuzz/corpus/$target"
  printf '%-12s ' "$target"
  log=$out/$target.log
  "build-fuzz/tests/fuzz/fuzz_$target" -max_total_time=$((minutes * 60)) -max_len=131072 -rss_limit_mb=1024 -malloc_limit_mb=256 -timeout=10 -fork="$jobs" \
    -dict=tests/fuzz/ovf.dict -artifact_prefix="$out/$target/" -print_final_stats=1 \
    "build-fuzz/corpus/$target" "build-fuzz/seeds/$target" "tests/fuzz/regress/$target" >"$log" 2>&1 || code=1
  grep -E '^#[0-9]+' "$log" | tail -n 1 || tail -n 1 "$log"
done
find "$out" -type f ! -name '*.log' -exec echo broken: {} +
exit "$code"
