#!/bin/bash
# Installs into a fresh prefix, builds the sample by find_package and by pkg-config against it, and runs it.
# usage: run.sh SOURCE_DIR BUILD_DIR [other]     other: build the other kind of library (shared or static) first
set -euo pipefail
source_dir=$1 build=$2 kind=${3:-this}
here=$source_dir/tests/install
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

shared=$(sed -n 's/^BUILD_SHARED_LIBS:BOOL=//p' "$build/CMakeCache.txt")
sanitize=$(sed -n 's/^OVFKIT_SANITIZE:STRING=//p' "$build/CMakeCache.txt")
if [[ $kind == other ]]; then
  [[ $shared == ON ]] && shared=OFF || shared=ON
  cmake -S "$source_dir" -B "$build/other-kind" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DBUILD_SHARED_LIBS="$shared" \
    -DBUILD_TESTING=OFF -DOVFKIT_SAMPLES=OFF >"$scratch/log" || { cat "$scratch/log"; exit 1; }
  cmake --build "$build/other-kind" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
  build=$build/other-kind sanitize=""
fi
prefix=$scratch/prefix
DESTDIR='' cmake --install "$build" --prefix "$prefix" >"$scratch/installed"

# What is installed is a list, not an accident.
(cd "$prefix" && find . -type f -o -type l | sed 's|^\./||; s|lib/[a-z0-9_-]*-linux-gnu[a-z0-9]*/|lib/|' | sort) >"$scratch/files"
expected=(bin/ovfkit include/ovfkit/{convert,diagnostic,diff,document,edit,environment,error,export,export_package,import,limits,loss,model,output,ovfkit,package,progress,roundtrip,validate,version}.hpp
  lib/cmake/ovfkit/{ovfkitConfig,ovfkitConfigVersion,ovfkitTargets}.cmake lib/pkgconfig/ovfkit.pc
  share/bash-completion/completions/ovfkit share/man/man1/ovfkit.1)
for file in "${expected[@]}"; do
  grep -qx "$file" "$scratch/files" || { echo "not installed: $file"; exit 1; }
done
extra=$(grep -vxF "$(printf '%s\n' "${expected[@]}")" "$scratch/files" | grep -vE '^lib/(libovfkit\.(a|so.*)|cmake/ovfkit/ovfkitTargets-[a-z]+\.cmake)$' || true)
[[ -z $extra ]] || { echo "installed too: $extra"; exit 1; }

libdir=$(dirname "$(find "$prefix" -name 'libovfkit.*' | head -n 1)")
export PKG_CONFIG_PATH=$libdir/pkgconfig LD_LIBRARY_PATH=$libdir
flags=()
[[ -z $sanitize ]] || flags=("-fsanitize=$sanitize")

cmake -S "$here/consumer" -B "$scratch/consumer" -DCMAKE_PREFIX_PATH="$prefix" -DSAMPLE="$source_dir/samples/balloon.cpp" \
  -DCMAKE_CXX_FLAGS="${flags[*]}" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
cmake --build "$scratch/consumer" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
bash "$here/sample.sh" "$source_dir" "$scratch/consumer/balloon"

static=()
[[ $shared == ON ]] || static=(--static)
read -ra package < <(pkg-config "${static[@]}" --cflags --libs ovfkit)
g++ -std=c++20 "${flags[@]}" "$source_dir/samples/balloon.cpp" -o "$scratch/balloon" "${package[@]}"
bash "$here/sample.sh" "$source_dir" "$scratch/balloon"

if [[ $shared == ON ]]; then
  # Hidden visibility: nothing of the inside, nothing of a third party.
  leaked=$(nm -DC --defined-only "$libdir/libovfkit.so" | cut -d' ' -f3- | grep -E '^(ovfkit::detail|pugi|fmt|nlohmann)::' || true)
  [[ -z $leaked ]] || { echo "exported: $leaked"; exit 1; }
fi
"$prefix/bin/ovfkit" version
