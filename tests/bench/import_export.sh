#!/bin/sh
# import_export.sh BUILD [N]: `ovfkit export` and `ovfkit import` of a machine with the 2 GiB disk of disk.sh against what people
# use for it (qemu-img, sha256sum and tar; the best recipe without extraction; Ganeti's ovfconverter; the steps of virt-v2v), N runs of
# each in turn (5), on a Release build. Results are compared by qemu-img. Exit 1 when a target is missed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: import_export.sh BUILD [N]}" && pwd)
count=${2:-5}
ours=$build/tools/ovfkit
work=$(mktemp -d "${TMPDIR:-/var/tmp}/ovfkit-bench-XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
. "$here/disk_image.sh"
cat >vm.xml <<XML
<domain type='kvm'><name>vm</name><memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='x86_64'>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$work/disk.raw'/><target dev='sda' bus='sata'/></disk>
<memballoon model='virtio'/></devices></domain>
XML
pack="qemu-img convert -O vmdk -o subformat=streamOptimized disk.raw peer.vmdk; sha256sum peer.vmdk >peer.sum; tar cf peer.ova peer.vmdk"
python3 "$here/measure.py" --json "$count" "small=$ours export vm.xml -q --force --level small -o small.ova" \
    "balanced=$ours export vm.xml -q --force -o balanced.ova" "fast=$ours export vm.xml -q --force --level fast -o fast.ova" \
    "qemu-img=sh -euc '$pack'" >export.json
for level in small balanced fast; do
    mkdir $level && tar xf $level.ova -C $level
    qemu-img compare -q -f raw -F vmdk disk.raw $level/$level-disk1.vmdk
done

# What is imported is what qemu-img made: a package of its VMDK.
mkdir vm && mv peer.vmdk vm/vm-disk1.vmdk
python3 - <<'PYTHON'
import os, re
size = os.path.getsize("vm/vm-disk1.vmdk")
text = open("small/small.ovf").read().rstrip("\n") + "\n"
text = re.sub(r'ovf:size="\d+"', f'ovf:size="{size}"', text).replace("small-disk1.vmdk", "vm-disk1.vmdk")
open("vm/vm.ovf", "w").write(text)
PYTHON
"$ours" pack vm -o vm.ova
mkdir mf && tar xf vm.ova -C mf vm.mf && sed 's/^SHA256(\(.*\))= \(.*\)$/\2  \1/' mf/vm.mf >vm.sum
offset=$(tar tRf vm.ova | sed -n 's/^block \([0-9]*\): vm-disk1.vmdk$/\1/p')
size=$(stat -c %s vm/vm-disk1.vmdk)
image="json:{\"driver\":\"vmdk\",\"file\":{\"driver\":\"raw\",\"offset\":$(((offset + 1) * 512)),\"size\":$size,\"file\":{\"driver\":\"file\",\"filename\":\"vm.ova\"}}}"
echo "tail -c +$(((offset + 1) * 512 + 1)) vm.ova | head -c $size | openssl dgst -sha256 >/dev/null; qemu-img convert -m 8 -W -O raw '$image' best.raw" >best.sh
echo "rm -rf x peer.raw; mkdir x; tar xf vm.ova -C x; cd x; sha256sum -c --quiet ../vm.sum; qemu-img convert -f vmdk -O raw vm-disk1.vmdk ../peer.raw" >common.sh
echo "rm -f v2v.qcow2; tail -c +$(((offset + 1) * 512 + 1)) vm.ova | head -c $size | sha256sum >/dev/null; qemu-img convert -O qcow2 '$image' v2v.qcow2" >v2v.sh
echo "rm -rf raw; $ours import vm.ova -q --to libvirt --disk-format raw -o raw" >raw.sh
echo "rm -rf qcow2; $ours import vm.ova -q --to libvirt --disk-format qcow2 -o qcow2" >qcow2.sh
set -- "raw=sh -eu raw.sh" "qcow2=sh -eu qcow2.sh" "common=sh -eu common.sh" "best=sh -eu best.sh" "v2v=sh -eu v2v.sh"
if command -v ovfconverter >/dev/null; then
    echo "rm -rf converted; ovfconverter import --output-dir converted --os-type noop --disk-template plain vm.ova" >converter.sh
    if sh -eu converter.sh >converter.log 2>&1; then set -- "$@" "ovfconverter=sh -eu converter.sh"; else echo "SKIP: ovfconverter does not take the package"; fi
else
    echo "SKIP: no ovfconverter"
fi
python3 "$here/measure.py" --json "$count" "$@" >import.json
qemu-img compare -q -f raw -F raw disk.raw raw/*disk1.raw
qemu-img compare -q -f raw -F qcow2 disk.raw qcow2/*disk1.qcow2

python3 - "$size" <<'PYTHON'
import json, os, sys
size = int(sys.argv[1])
missed = []
def table(title, rows, pairs, most):
    print(title)
    for name, row in rows.items():
        print(f"  {name:14}{row['wall']:8.2f} s wall {row['cpu']:8.2f} s cpu {row['rss'] / 2**20:8.1f} MiB")
    for ours, peer, target in pairs:
        if peer not in rows:
            continue
        ratio = rows[peer]["wall"] / rows[ours]["wall"]
        print(f"  {ours} against {peer}: {ratio:.2f} x wall, {rows[peer]['cpu'] / rows[ours]['cpu']:.2f} x cpu (target {target})")
        if ratio < target:
            missed.append(f"{ours} against {peer}: {ratio:.2f}, wanted {target}")
    for ours in {pair[0] for pair in pairs}:
        if rows[ours]["rss"] > most << 20:
            missed.append(f"{ours}: {rows[ours]['rss'] / 2**20:.1f} MiB, wanted {most}")
table("export", json.load(open("export.json")), [("small", "qemu-img", 5), ("fast", "qemu-img", 18)], 32)
for level, most in (("small", 1.0), ("balanced", None), ("fast", 1.12)):
    share = os.path.getsize(f"{level}/{level}-disk1.vmdk") / size
    print(f"  {level}: {share:.3f} of qemu-img's size")
    if most and share > most:
        missed.append(f"{level}: {share:.3f} of qemu-img's size, wanted {most}")
table("import", json.load(open("import.json")),
      [("raw", "common", 3.5), ("raw", "best", 2.8), ("raw", "ovfconverter", 3.3), ("qcow2", "v2v", 3.3)], 48)
print("\n".join("MISSED: " + text for text in missed) or "targets met")
sys.exit(1 if missed else 0)
PYTHON
