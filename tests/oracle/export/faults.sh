#!/bin/bash
# faults.sh OVFKIT: an export that fails, is killed or runs out of space leaves nothing; what must not be read is refused.
set -euo pipefail
ovfkit=${1:?usage: faults.sh OVFKIT}
for tool in qemu-img python3 timeout; do
    command -v "$tool" >/dev/null || { echo "SKIP: no $tool"; exit 77; }
done
work=$(mktemp -d "${TMPDIR:-/var/tmp}/ovfkit-export-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir in out
python3 -c "
import random
random.seed(3)
open('in/disk.raw', 'wb').write(b''.join(random.randbytes(40000) + bytes(25536) for _ in range(256)))"
domain() {
    echo "<domain type='kvm'><name>web</name><memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='x86_64'>hvm</type></os><devices>$1</devices></domain>"
}
disk() { echo "<disk type='${3:-file}' device='disk'><driver name='qemu' type='$2'/><source ${4:-file}='$1'/><target dev='sda' bus='sata'/></disk>"; }
domain "$(disk disk.raw raw)" >in/web.xml

refused() {  # EXIT TEXT COMMAND...
    local want=$1 text=$2 status=0
    shift 2
    "$@" >stdout 2>stderr || status=$?
    if [[ $status != "$want" ]] || ! grep -q -- "$text" stderr || [[ -n $(ls -A out) ]]; then
        echo "FAILED ($status, wanted $want with '$text'): $*"
        cat stderr
        ls -lA out
        exit 1
    fi
}
export_of() { "$ovfkit" export "$1" -o out/x.ova "${@:2}"; }

# Killed at any moment: nothing, or all of it.
for delay in 0.02 0.05 0.1 0.2 0.4; do
    timeout -s KILL $delay "$ovfkit" export in/web.xml -q --level small -o out/x.ova 2>/dev/null || true
    if [[ -e out/x.ova ]]; then "$ovfkit" verify out/x.ova >/dev/null; fi
    timeout -s TERM $delay "$ovfkit" export in/web.xml -q --level small --force -o out/x.ova 2>/dev/null || true
    if [[ -e out/x.ova ]]; then "$ovfkit" verify out/x.ova >/dev/null && rm out/x.ova; fi
    if [[ -n $(ls -A out) ]]; then echo "left behind:"; ls -lA out; exit 1; fi
done

# What must not be read.
domain "$(disk /dev/zero raw)" >in/device.xml
refused 4 export-source-refused export_of in/device.xml
domain "$(disk none.raw raw)" >in/none.xml
refused 6 "No such file" export_of in/none.xml
domain "<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='rbd' name='pool/disk'/><target dev='sda' bus='sata'/></disk>" >in/network.xml
refused 4 export-source-missing export_of in/network.xml
qemu-img create -q -f qcow2 -b disk.raw -F raw in/over.qcow2
domain "$(disk over.qcow2 qcow2)" >in/over.xml
refused 4 disk-reference-refused export_of in/over.xml
qemu-img convert -f raw -O qcow2 in/disk.raw in/disk.qcow2
domain "$(disk disk.qcow2 raw)" >in/raw.xml
refused 4 disk-raw-ambiguous export_of in/raw.xml
domain "$(disk disk.raw qcow2)" >in/magic.xml
refused 3 disk-format-mismatch export_of in/magic.xml

# A running machine has it open.
if command -v qemu-io >/dev/null; then
    mkfifo held
    qemu-io -f raw in/disk.raw <held >/dev/null &
    exec 3>held
    sleep 1
    refused 4 export-source-in-use export_of in/web.xml
    exec 3>&-
    wait $!
fi

# It grows while it is read.
(for _ in $(seq 200); do printf x >>in/disk.raw; sleep 0.02; done) &
writer=$!
refused 6 "while it was read" export_of in/web.xml --level small
kill $writer 2>/dev/null || true
wait $writer 2>/dev/null || true

# No room: a file system of a few sizes, in a name space of our own.
if unshare -rm true 2>/dev/null; then
    for size in 64k 1m 5m; do
        unshare -rm bash -euc "
            mount -t tmpfs -o size=$size none out
            status=0
            '$ovfkit' export in/web.xml -q -o out/x.ova 2>stderr || status=\$?
            test \$status = 6 || { echo \"status \$status with $size\"; cat stderr; exit 1; }
            test -z \"\$(ls -A out)\""
    done
else
    echo "SKIP: no name spaces for a full file system; the rest was checked"
    exit 77
fi
echo "nothing half-written"
