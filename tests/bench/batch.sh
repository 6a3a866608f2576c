#!/bin/sh
# batch.sh BUILD [N]: N (1000) small descriptors converted to libvirt XML by N processes of ovfkit, against N runs of
# a minimal ElementTree script. Exit 1 when ovfkit is not 12 times faster.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: batch.sh BUILD [N]}
count=${2:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
mkdir "$work/in" "$work/ours" "$work/peer"
python3 "$here/gen_descriptor.py" --systems 1 "$work/one.ovf"
i=0
while [ $i -lt "$count" ]; do
    sed "s/machine 1/machine $i/g" "$work/one.ovf" >"$work/in/$i.ovf"
    i=$((i + 1))
done
cat >"$work/ours.sh" <<SHELL
for f in $work/in/*.ovf; do n=\${f##*/}; $build/tools/ovfkit convert -q "\$f" --to libvirt -o $work/ours/\${n%.ovf}.xml || exit 1; done
SHELL
cat >"$work/peer.sh" <<SHELL
for f in $work/in/*.ovf; do n=\${f##*/}; python3 $here/peer_mapping.py "\$f" $work/peer/\${n%.ovf}.xml || exit 1; done
SHELL
python3 "$here/measure.py" --json 1 "ovfkit=sh $work/ours.sh" "ElementTree=sh $work/peer.sh" >"$work/figures"
python3 - "$work/figures" "$count" <<'PYTHON'
import json, sys
rows, count = json.load(open(sys.argv[1])), int(sys.argv[2])
for name, row in rows.items():
    print(f"{name:14}{row['wall']:9.2f} s for {count} processes, {1000 * row['wall'] / count:.2f} ms each, {row['cpu']:.2f} s of processor")
ratio = rows["ElementTree"]["wall"] / rows["ovfkit"]["wall"]
print(f"ratio {ratio:.1f}, wanted 12")
sys.exit(0 if ratio >= 12 else 1)
PYTHON
