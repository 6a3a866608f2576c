#!/bin/bash
# Installs what the tests need on Debian 12, builds, and runs every test. Exits as ctest does; also fails when an oracle
# that was installed here was skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tests/packages.sh
source tests/packages.sh
install_packages "${build_packages[@]}" "${test_packages[@]}" "${oracle_packages[@]}"

build=${OVFKIT_BUILD:-build}
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DOVFKIT_WERROR=ON
cmake --build "$build" -j "$(nproc)"

# The test of a real guest takes its kernel from the archive.
export OVFKIT_GUEST=${OVFKIT_GUEST:-download}
results=$PWD/$build/results.xml
[[ $build == /* ]] && results=$build/results.xml
code=0
ctest --test-dir "$build" --output-on-failure -j "$(nproc)" --output-junit "$results" || code=$?
python3 tests/skipped.py "$results" || code=$((code ? code : 1))
exit "$code"
