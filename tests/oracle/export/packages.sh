#!/bin/bash
# packages.sh OVFKIT: machines with disks of every kind are exported; GNU tar, sha256sum, openssl, qemu-img and virt-v2v read
# what came out, and every disk is the source's. Exit 77 without the programs that all of it needs.
set -euo pipefail
ovfkit=${1:?usage: packages.sh OVFKIT}
for tool in qemu-img qemu-io openssl tar sha256sum python3; do
    command -v "$tool" >/dev/null || { echo "SKIP: no $tool"; exit 77; }
done
work=$(mktemp -d "${TMPDIR:-/var/tmp}/ovfkit-export-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 - <<'PYTHON'
import random
random.seed(7)
def fill(name, size, pieces):
    with open(name, "wb") as out:
        out.truncate(size)
        for offset, length in pieces:
            out.seek(offset)
            out.write(random.randbytes(length // 2) + b"x" * (length - length // 2))
fill("sparse.raw", 200 << 20, [(0, 1 << 20), (70 << 20, 300000), ((200 << 20) - 512, 512)])
fill("full.raw", 8 << 20, [(i << 20, 1 << 20) for i in range(8)])
fill("empty.raw", 40 << 20, [])
fill("odd.raw", (5 << 20) + 700, [(0, 5000), (5 << 20, 700)])
PYTHON
qemu-img convert -c -f raw -O qcow2 full.raw packed.qcow2
qemu-img convert -f raw -O qcow2 -o cluster_size=4k sparse.raw small.qcow2
head -c 400000 /dev/zero | tr '\0' i >tools.iso

domain() {  # NAME IMAGE:FORMAT...
    local name=$1 target=a image
    shift
    echo "<domain type='kvm'><name>$name</name><memory unit='MiB'>512</memory><vcpu>2</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>"
    for image in "$@"; do
        echo "<disk type='file' device='disk'><driver name='qemu' type='${image#*:}'/><source file='${image%:*}'/><target dev='sd$target' bus='sata'/></disk>"
        target=$(tr a-y b-z <<<"$target")
    done
    echo "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='$work/tools.iso'/><target dev='sdz' bus='sata'/><readonly/></disk>"
    echo "<controller type='sata' index='0'/><interface type='network'><source network='default'/><model type='virtio'/></interface>"
    echo "<memballoon model='virtio'/></devices></domain>"
}
images=(sparse.raw:raw full.raw:raw empty.raw:raw odd.raw:raw packed.qcow2:qcow2 small.qcow2:qcow2)
domain web "${images[@]}" >web.xml
openssl req -x509 -nodes -sha256 -days 30 -newkey rsa:2048 -keyout key.pem -out crt.pem -subj "/CN=export test" 2>/dev/null

check() {  # FOLDER STEM ALGORITHM: digests, sizes and disks
    python3 - "$@" <<'PYTHON'
import hashlib, os, re, sys, xml.etree.ElementTree as tree
folder, stem, algorithm = sys.argv[1:4]
lines = dict(re.fullmatch(r"\w+\((.*)\)= (\w+)", line).groups() for line in open(f"{folder}/{stem}.mf").read().splitlines())
assert set(lines) | {stem + ".mf"} >= set(os.listdir(folder)) - {stem + ".cert"}, (lines, os.listdir(folder))
for name, digest in lines.items():
    assert hashlib.new(algorithm, open(f"{folder}/{name}", "rb").read()).hexdigest() == digest, name
ovf = "{http://schemas.dmtf.org/ovf/envelope/1}"
root = tree.parse(f"{folder}/{stem}.ovf").getroot()
for file in root.iter(ovf + "File"):
    size = os.path.getsize(f"{folder}/{file.get(ovf + 'href')}")
    assert int(file.get(ovf + "size")) == size, (file.attrib, size)
for disk in root.iter(ovf + "Disk"):
    assert disk.get(ovf + "format").endswith("#streamOptimized"), disk.attrib
    assert int(disk.get(ovf + "populatedSize")) <= int(disk.get(ovf + "capacity")), disk.attrib
PYTHON
    local number=0 image
    for image in "${images[@]}"; do
        number=$((number + 1))
        qemu-img compare -q -f "${image#*:}" -F vmdk "${image%:*}" "$1/$2-disk$number.vmdk"
    done
    cmp tools.iso "$1/$2-cdrom.iso"
    echo "$1: $number disks are the source's"
}

for to in dmtf vmware virtualbox; do
    "$ovfkit" export web.xml -q --to $to --level fast --sign key.pem --cert crt.pem -o $to.ova
    mkdir $to
    tar -xf $to.ova -C $to
    check $to $to sha256
    "$ovfkit" verify $to.ova --ca-file crt.pem --require-signature >/dev/null
done
test "$(tar -tf dmtf.ova | head -3 | xargs)" = "dmtf.ovf dmtf.mf dmtf.cert"
sed -n 's/^SHA256(dmtf.mf)= //p' dmtf/dmtf.cert | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >signature
openssl x509 -in dmtf/dmtf.cert -pubkey -noout >public.pem
openssl dgst -sha256 -verify public.pem -signature signature dmtf/dmtf.mf

# A folder package, with another digest; the same bytes with any number of threads.
"$ovfkit" export web.xml -q --digest SHA512 --level small -o folder/folder.ovf
check folder folder sha512
"$ovfkit" export web.xml -q --level small --jobs 1 -o one.ova
mkdir one && tar -xf one.ova -C one
for number in 1 2 3 4 5 6; do
    python3 - "$number" <<'PYTHON'
import sys
a, b = (open(f"{x}/{x}-disk{sys.argv[1]}.vmdk", "rb").read() for x in ("folder", "one"))
cut = 64 << 10  # behind the descriptor, which names the file
assert a[cut:] == b[cut:]
PYTHON
done
"$ovfkit" export web.xml -q --level small --jobs 4 -o again.ova
mv one.ova first.ova
"$ovfkit" export web.xml -q --level small --jobs 2 -o one.ova
cmp first.ova one.ova

# From a package in another dialect, chunked and compressed files included, and to oVirt, whose disks are qcow2.
"$ovfkit" export dmtf.ova -q --to virtualbox -o back/back.ovf
number=0
for image in "${images[@]}"; do
    number=$((number + 1))
    qemu-img compare -q -f "${image#*:}" -F vmdk "${image%:*}" back/back-disk$number.vmdk
done
"$ovfkit" export web.xml -q --to ovirt -o ovirt.ova
mkdir ovirt && tar -xf ovirt.ova -C ovirt
python3 - "${images[@]}" <<'PYTHON'
import re, subprocess, sys
text = open("ovirt/vm.ovf").read()
names = re.findall(r'<File [^>]*href="([0-9a-f-]{36})"', text)
images = sys.argv[1:]
assert len(names) >= len(images), text
for name, image in zip(names, images):
    path, form = image.split(":")
    subprocess.run(["qemu-img", "compare", "-q", "-f", form, "-F", "qcow2", path, "ovirt/" + name], check=True)
    subprocess.run(["qemu-img", "check", "-q", "-f", "qcow2", "ovirt/" + name], check=True)
PYTHON
"$ovfkit" verify ovirt.ova >/dev/null

# A Ganeti export: config.ini with raw dumps.
mkdir ganeti
cp sparse.raw ganeti/disk0.dump
cat >ganeti/config.ini <<'INI'
[export]
version = 0
timestamp = 1
source = node1
os = noop
compression = none
[instance]
name = web.example.org
maxmem = 512
minmem = 512
vcpus = 1
disk_template = plain
hypervisor = kvm
disk0_dump = disk0.dump
disk0_size = 200
disk0_ivname = disk/0
disk_count = 1
nic_count = 0
tags =
[hypervisor]
[backend]
[os]
INI
"$ovfkit" export ganeti -q -o ganeti.ova
mkdir g && tar -xf ganeti.ova -C g
qemu-img compare -q -f raw -F vmdk sparse.raw g/ganeti-disk1.vmdk
truncate -s 100M ganeti/disk0.dump
status=0
"$ovfkit" export ganeti -q -o short.ova 2>errors || status=$?
test $status = 5 && grep -q export-disk-size-differs errors && test ! -e short.ova

if command -v virt-v2v >/dev/null; then
    for to in dmtf vmware virtualbox; do
        virt-v2v -i ova --print-source $to.ova >source.txt 2>v2v.err || { cat v2v.err; exit 1; }
        grep -q "memory: 536870912" source.txt
        test "$(grep -cE '^[[:space:]]+[0-9]+ \[' source.txt)" = 6
        echo "virt-v2v reads $to.ova"
    done
else
    echo "SKIP: no virt-v2v; the rest was checked"
    exit 77
fi
