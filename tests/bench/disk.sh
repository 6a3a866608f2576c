#!/bin/sh
# disk.sh BUILD [N]: import and export of a 2 GiB disk (ext4 with about 1 GiB of files of /usr) against tar, sha256sum and
# qemu-img, N runs of each in turn (5), on a Release build. Then the memory of sparse disks of 1 and 8 TiB.
# Exit 1 when a target is missed: import 3.5 times as fast, export 5 times at no larger a size and 18 times at 1.12 of it;
# memory 48 MiB for import, 32 MiB for export, 8 MiB more for the sparse ones. Results are compared by qemu-img.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: disk.sh BUILD [N]}" && pwd)
count=${2:-5}
ours=$build/tests/oracle/disk/disk_convert
work=$(mktemp -d "${TMPDIR:-/var/tmp}/ovfkit-disk-XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"

. "$here/disk_image.sh"
qemu-img convert -O vmdk -o subformat=streamOptimized disk.raw so.vmdk
sha256sum so.vmdk >so.sum
tar cf vm.ova --format=ustar so.vmdk
size=$(stat -c %s so.vmdk)

import_peer="rm -rf x peer.raw; mkdir x; tar xf vm.ova -C x; cd x; sha256sum -c --quiet ../so.sum; qemu-img convert -f vmdk -O raw so.vmdk ../peer.raw"
import_ours="rm -f ours.raw; $ours vmdk vm.ova raw ours.raw offset=512 size=$size stream=1 digest=1"
python3 "$here/measure.py" --json "$count" "ours=sh -euc '$import_ours'" "peer=sh -euc '$import_peer'" >import.json
export_peer="qemu-img convert -O vmdk -o subformat=streamOptimized disk.raw peer.vmdk; sha256sum peer.vmdk; tar cf peer.ova peer.vmdk"
python3 "$here/measure.py" --json "$((count / 2 + 1))" "small=$ours raw disk.raw vmdk small.vmdk level=small digest=out" \
    "fast=$ours raw disk.raw vmdk fast.vmdk level=fast digest=out" "peer=sh -euc '$export_peer'" >export.json
qemu-img compare -q -f raw -F raw disk.raw ours.raw
for level in small fast; do qemu-img compare -q -f raw -F vmdk disk.raw $level.vmdk; done

for tib in 1 8; do
    python3 -c "
import os
with open('sparse.raw', 'wb') as out:
    out.truncate($tib << 40)
    for i in range(64):
        out.seek(i * (($tib << 40) // 64))
        out.write(os.urandom(1 << 20))"
    python3 "$here/measure.py" --json 1 "export=$ours raw sparse.raw vmdk sparse.vmdk" "import=$ours vmdk sparse.vmdk raw made.raw stream=1" >sparse$tib.json
    rm -f made.raw
done
python3 - "$size" <<'PYTHON'
import json, os, sys
size = int(sys.argv[1])
read = lambda name: json.load(open(name))
missed = []
def show(what, ours, peer, factor, most):
    ratio = peer["wall"] / ours["wall"]
    print(f"{what:14} {ours['wall']:7.2f} s wall {ours['cpu']:7.2f} s cpu {ours['rss'] / 2**20:6.1f} MiB;  peer {peer['wall']:7.2f} {peer['cpu']:7.2f};  "
          f"{ratio:5.2f} x wall {peer['cpu'] / ours['cpu']:5.2f} x cpu")
    if ratio < factor:
        missed.append(f"{what}: {ratio:.2f} times, wanted {factor}")
    if ours["rss"] > most << 20:
        missed.append(f"{what}: {ours['rss'] / 2**20:.1f} MiB, wanted {most}")
rows = read("import.json")
show("import", rows["ours"], rows["peer"], 3.5, 48)
plain_import = rows["ours"]["rss"]
rows = read("export.json")
show("export small", rows["small"], rows["peer"], 5, 32)
show("export fast", rows["fast"], rows["peer"], 18, 32)
for level, most in (("small", 1.0), ("fast", 1.12)):
    share = os.path.getsize(level + ".vmdk") / size
    print(f"{level}: {share:.3f} of qemu-img's size")
    if share > most:
        missed.append(f"{level}: {share:.3f} of qemu-img's size, wanted {most}")
for tib in (1, 8):
    sparse = read(f"sparse{tib}.json")
    print(f"sparse {tib} TiB: import {sparse['import']['rss'] / 2**20:.1f} MiB, export {sparse['export']['rss'] / 2**20:.1f} MiB")
    for what, plain in (("import", plain_import), ("export", rows["small"]["rss"])):
        if sparse[what]["rss"] > plain + (8 << 20):
            missed.append(f"{what} of {tib} TiB: {sparse[what]['rss'] / 2**20:.1f} MiB")
print("\n".join("MISSED: " + text for text in missed) or "targets met")
sys.exit(1 if missed else 0)
PYTHON
