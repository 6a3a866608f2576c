#!/bin/bash
# The main job on a fresh Debian 12: an oVirt descriptor becomes libvirt XML that libvirt accepts and Ganeti parameters
# that Ganeti accepts, its balloon right, and comes back byte for byte; an OVA with a disk inside becomes a machine of both
# with the same disk. Exits with an error at the first thing that is not so.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
# shellcheck source=tests/packages.sh
source tests/packages.sh
install_packages "${build_packages[@]}" "${oracle_packages[@]}"

build=${OVFKIT_BUILD:-build}
if [[ ! -x $build/tools/ovfkit ]]; then
  echo "building (a few minutes) ..."
  mkdir -p "$build"
  cmake -S . -B "$build" -G Ninja -DBUILD_TESTING=OFF >"$build/configure.log" || { cat "$build/configure.log"; exit 1; }
  cmake --build "$build" -j "$(nproc)" --target ovfkit_tool >"$build/build.log" || { tail -n 50 "$build/build.log"; exit 1; }
fi
PATH=$(cd "$build" && pwd)/tools:$PATH

# The embedded QEMU driver: libvirt's own code, without a daemon.
set -- none
# shellcheck source=tests/oracle/libvirt/common.sh
source tests/oracle/libvirt/common.sh
embed
# shellcheck disable=SC2154 # $work is made by common.sh
cd "$work"

step() { printf '\n== %s\n' "$*"; }
run() { echo "\$ $*"; "$@"; }

libvirt_takes() {  # XML
  virt-xml-validate "$1" domain >valid 2>&1 || { cat valid; exit 1; }
  chmod a+r "$1"
  native "$work/$1" || { cat err; exit 1; }
  printf '  valid by libvirt %s'"'"'s schema; its QEMU driver starts it with: %s\n' "$(virsh --version)" \
    "$(tr ' ' '\n' <argv | grep -o '{"driver":"virtio-balloon[^,]*' | cut -d'"' -f4 || echo 'no balloon device')"
}

ganeti_takes() {  # config.ini
  PYTHONPATH=$top/tests/oracle/ganeti /usr/bin/python3 - "$1" <<'P'
import sys
import gnt
checked = gnt.check(gnt.from_config_ini(open(sys.argv[1], encoding="utf-8").read()), gnt.Cluster(), True)
beparams = checked["beparams"]
print(f"  accepted by Ganeti {gnt.C.RELEASE_VERSION}: maxmem {beparams['maxmem']} MiB, minmem {beparams['minmem']} MiB, "
      f"kvm gets {' '.join(gnt.balloons(gnt.kvm_argv(checked))) or 'no balloon device'}")
P
}

there_and_back() {  # DESCRIPTOR NAME
  run ovfkit balloon get "$1"
  run ovfkit convert -q "$1" --to libvirt -O libvirt.type=qemu -o "$2.xml"
  libvirt_takes "$2.xml"
  run ovfkit convert -q "$1" --to ganeti -O ganeti.os=debootstrap+default -o "$2/"
  ganeti_takes "$2/config.ini"
  run ovfkit convert -q "$2.xml" --to ovf -o "$2-from-libvirt.ovf"
  run ovfkit convert -q "$2/config.ini" --to ovf -o "$2-from-ganeti.ovf"
  cmp "$1" "$2-from-libvirt.ovf"
  cmp "$1" "$2-from-ganeti.ovf"
  echo "  both are the first bytes again"
}

step "A mail server, exported by oVirt 4.5, its memory balloon on"
cp "$top/samples/ovirt-4.5-enabled.ovf" mail.ovf
there_and_back mail.ovf mail

step "The same with the balloon off"
run ovfkit balloon set disabled mail.ovf -o still.ovf
diff mail.ovf still.ovf || true
there_and_back still.ovf still

step "Switched off in libvirt, brought back to oVirt"
sed "s/<memballoon model='virtio'/<memballoon model='none'/" mail.xml >edited.xml
run ovfkit convert -q edited.xml --to ovf -o edited.ovf
diff mail.ovf edited.ovf || true
run ovfkit balloon get edited.ovf

same_disk() {  # FORMAT IMAGE
  qemu-img compare -f raw -F "$1" forge.raw "$2"
}

step "An OVA as VirtualBox makes it, with a real disk inside, becomes machines"
mkdir forge
cp "$top/samples/virtualbox-enabled.ovf" forge/forge.ovf
truncate -s 20G forge.raw
PATH=$PATH:/sbin:/usr/sbin mke2fs -q -t ext4 -O ^has_journal -d "$top/samples" forge.raw
qemu-img convert -f raw -O vmdk -o subformat=streamOptimized forge.raw forge/forge-disk001.vmdk
run ovfkit pack forge -o forge.ova
run ovfkit verify forge.ova
run ovfkit import -q forge.ova --to libvirt -O libvirt.type=qemu -o forge-libvirt
chmod a+rx forge-libvirt
libvirt_takes forge-libvirt/forge.xml
qemu-img check -q forge-libvirt/forge-disk1.qcow2
same_disk qcow2 forge-libvirt/forge-disk1.qcow2
run ovfkit import -q forge.ova --to ganeti -O ganeti.os=debootstrap+default -o forge-ganeti
ganeti_takes forge-ganeti/config.ini
same_disk raw forge-ganeti/forge-disk1.raw

step "And back: the libvirt domain and its disk as an OVA"
run ovfkit export -q forge-libvirt/forge.xml --to virtualbox -o back.ova
run ovfkit verify back.ova
run ovfkit import -q back.ova --to libvirt --disk-format raw -o back
same_disk raw back/*-disk1.raw
run ovfkit balloon get back.ova

step "What Ganeti cannot hold of it is listed, with its line"
ovfkit convert mail.ovf --to ganeti -O ganeti.os=debootstrap+default --no-origin -o - 2>&1 >/dev/null | head -n 8 | cut -c1-150
printf '\nAll as it should be.\n'
