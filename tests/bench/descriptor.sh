#!/bin/sh
# descriptor.sh BUILD [N]: a 107 MB descriptor of 180,000 Items, read into the model, checked and written, against
# libxml2's and ElementTree's parse and write; N runs of each in turn (5). Then the cost per Item by size.
# Exit 1 when a target is missed: half of libxml2's time, a tenth of ElementTree's, 5 times the file in memory.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: descriptor.sh BUILD [N]}
count=${2:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
bin=$build/tests/bench

python3 "$here/gen_descriptor.py" --systems 36000 "$work/in.ovf"
size=$(stat -c %s "$work/in.ovf")
echo "descriptor: $size bytes, $(grep -c '<Item>' "$work/in.ovf") Items"
"$bin/bench_roundtrip" "$work/in.ovf" "$work/ours.ovf"
cmp "$work/in.ovf" "$work/ours.ovf"
# Each writes a new file: one that is replaced is synced to the disk by ovfkit first, which the peers do not do.
python3 "$here/measure.py" --json "$count" \
    "ovfkit=sh -c 'rm -f $work/ours.ovf; exec $bin/bench_roundtrip $work/in.ovf $work/ours.ovf'" \
    "libxml2=sh -c 'rm -f $work/libxml2.ovf; exec $bin/bench_libxml2 $work/in.ovf $work/libxml2.ovf'" \
    "ElementTree=sh -c 'rm -f $work/elementtree.ovf; exec python3 $here/peer_elementtree.py $work/in.ovf $work/elementtree.ovf'" \
    >"$work/figures"
python3 - "$work/figures" "$size" "$count" <<'PYTHON'
import json, sys
rows, size, count = json.load(open(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
ours = rows["ovfkit"]
print(f"{'':14}{'wall s':>9}{'cpu s':>9}{'MiB':>9}{'mem/file':>10}{'x wall':>9}{'x cpu':>9}   (medians of {count}, in turn)")
for name, row in rows.items():
    print(f"{name:14}{row['wall']:9.3f}{row['cpu']:9.3f}{row['rss'] / 2**20:9.1f}{row['rss'] / size:10.2f}"
          f"{row['wall'] / ours['wall']:9.2f}{row['cpu'] / ours['cpu']:9.2f}")
missed = []
for name, factor in (("libxml2", 2), ("ElementTree", 10)):
    for key in ("wall", "cpu"):
        if rows[name][key] < factor * ours[key]:
            missed.append(f"{name}'s {key} is {rows[name][key] / ours[key]:.2f} times ours, wanted {factor}")
if ours["rss"] > 5 * size:
    missed.append(f"memory is {ours['rss'] / size:.2f} times the file, wanted 5")
print("\n".join("MISSED: " + text for text in missed) or "targets met")
sys.exit(1 if missed else 0)
PYTHON
"$bin/bench_descriptor" --benchmark_min_time=0.2
