#!/bin/bash
# A real cluster takes what `ovfkit import` made of an OVA, by the very commands it printed; its instance starts, QEMU itself
# has the memory, processors, disks and balloon of the descriptor, and `gnt-backup export` gives the same disks back,
# which `ovfkit export` makes an OVA of again.
# usage: cluster.sh OVFKIT
set -euo pipefail
ovfkit=$(realpath "$1")
# shellcheck source=tests/oracle/ganeti/cluster_namespace.sh
source "$(dirname "$0")/cluster_namespace.sh"
need qemu-img
cluster_up
cd "$work"

failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
expect() {  # WHAT WANTED GOT
  [[ $2 == "$3" ]] || fail "$1: $3, not $2"
}

mac() { printf 'aa:00:00:%02x:00:00' ${#1}; }

# descriptor NAME
descriptor() {
  cat <<E2
<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
  <References><File ovf:href="root.vmdk" ovf:id="f1"/><File ovf:href="data.qcow2" ovf:id="f2"/></References>
  <DiskSection><Info>disks</Info>
    <Disk ovf:capacity="$(stat -c %s root.raw)" ovf:diskId="root" ovf:fileRef="f1" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
    <Disk ovf:capacity="$(stat -c %s data.raw)" ovf:diskId="data" ovf:fileRef="f2" ovf:format="http://www.gnome.org/~markmc/qcow-image-format.html"/>
  </DiskSection>
  <NetworkSection><Info>networks</Info><Network ovf:name="LAN"/></NetworkSection>
  <VirtualSystem ovf:id="$1"><Info>a machine</Info>
    <VirtualHardwareSection><Info>hardware</Info>
      <Item><rasd:ElementName>cpu</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>3</rasd:VirtualQuantity></Item>
      <Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>memory</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>192</rasd:VirtualQuantity></Item>
      <Item><rasd:ElementName>scsi</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>virtio-scsi</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>
      <Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:ElementName>root</rasd:ElementName><rasd:HostResource>ovf:/disk/root</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
      <Item><rasd:AddressOnParent>1</rasd:AddressOnParent><rasd:ElementName>data</rasd:ElementName><rasd:HostResource>ovf:/disk/data</rasd:HostResource><rasd:InstanceID>5</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
      <Item><rasd:Address>$(mac "$1")</rasd:Address><rasd:Connection>LAN</rasd:Connection><rasd:ElementName>nic</rasd:ElementName><rasd:InstanceID>6</rasd:InstanceID><rasd:ResourceSubType>virtio</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
E2
}

# package NAME STATE: NAME.ova
package() {
  mkdir "$1"
  descriptor "$1" > "plain.ovf"
  "$ovfkit" balloon set "$2" plain.ovf -o "$1/$1.ovf"
  cp root.vmdk data.qcow2 "$1/"
  "$ovfkit" pack "$1" -o "$1.ova"
}

# import NAME OPTION...: by the commands that are printed, as they are printed
import() {
  local name=$1
  shift
  "$ovfkit" import "$name.ova" --to ganeti -O ganeti.disk-template=file -O ganeti.os=noop+default "$@" -o "imported/$name" 2>"$name.report" >"$name.commands" \
    || { cat "$name.report"; fail "import of $name"; return 1; }
  inside timeout 300 sh -e "$work/$name.commands" || { cat "$name.commands" "$work"/node/var/log/ganeti/jobs.log 2>/dev/null | tail -n 20; fail "gnt-backup import of $name"; return 1; }
}

head -c 1048576 /dev/urandom > root.raw
truncate -s 9000448 root.raw  # no whole MiB
head -c 70000 /dev/urandom | dd of=root.raw bs=512 seek=17000 conv=notrunc status=none
truncate -s 4M data.raw
head -c 300000 /dev/urandom | dd of=data.raw bs=4096 seek=700 conv=notrunc status=none
qemu-img convert -f raw -O vmdk -o subformat=streamOptimized root.raw root.vmdk
qemu-img convert -f raw -O qcow2 data.raw data.qcow2
mkdir imported

package steady enabled
import steady
inside timeout 120 gnt-instance start steady || fail "steady does not start"
expect "state of steady" running "$(inside gnt-instance list --no-headers -o status steady)"
expect "balloon of steady" "balloon: actual=192" "$(monitor steady 'info balloon' | tail -n 1)"
expect "memory of steady" "base memory: 201326592" "$(monitor steady 'info memory_size_summary' | head -n 1)"
expect "processors of steady" 3 "$(monitor steady 'info cpus' | grep -c 'CPU #')"
expect "disks of steady" 2 "$(monitor steady 'info block' | grep -c 'instance-disks/steady:[01] (raw)')"
expect "bus of steady" 2 "$(monitor steady 'info qtree' | grep -c 'dev: scsi-hd')"
expect "sizes of steady" "9.0M,4.0M" "$(inside gnt-instance list --no-headers --units=m -o disk.sizes steady | sed 's/\b9\b/9.0M/;s/\b4\b/4.0M/')"
expect "NIC of steady" "$(mac steady)" "$(inside gnt-instance list --no-headers -o nic.mac/0 steady)"
inside gnt-instance shutdown --timeout=0 steady

inside timeout 300 gnt-backup export -n "$node" --noshutdown steady >/dev/null || fail "gnt-backup export of steady"
exported=$work/node/var/lib/ganeti/export/steady
read -r -a dumps <<< "$(sed -n 's/^disk[0-9]*_dump *= *//p' "$exported/config.ini" | tr '\n' ' ')"
expect "exported disks" 2 "${#dumps[@]}"
for i in "${!dumps[@]}"; do
  name=$([[ $i == 0 ]] && echo root || echo data)
  qemu-img compare -q -f raw -F raw "$name.raw" "$exported/${dumps[i]}" || fail "exported disk $i differs"
done
"$ovfkit" balloon get "$exported/config.ini" >back || fail "the export is not read"
grep -q 'enabled' back || fail "the export: $(cat back)"

# And it comes back as an OVA.
"$ovfkit" export "$exported" -q --to dmtf -o back.ova || fail "the export does not become an OVA"
"$ovfkit" verify back.ova >/dev/null || fail "the OVA does not verify"
"$ovfkit" import back.ova -q --to libvirt --disk-format raw -o back-disks >/dev/null || fail "the OVA is not imported"
qemu-img compare -q -f raw -F raw root.raw back-disks/*-disk1.raw && qemu-img compare -q -f raw -F raw data.raw back-disks/*-disk2.raw \
  || fail "the disks that came back differ"
"$ovfkit" balloon get back.ova | grep -q enabled || fail "the balloon that came back"

# Off: stock Ganeti always has the device, so it is held at one size, and that is said; with the wrapper it is gone.
package still disabled
import still
grep -q 'ganeti-balloon' still.report || fail "a balloon that cannot be switched off is not reported"
expect "sizes of still" "192,192" "$(inside gnt-instance list --no-headers --units=m -o be/minmem,be/maxmem --separator=, still)"
inside timeout 120 gnt-instance start still || fail "still does not start"
expect "balloon of still" "balloon: actual=192" "$(monitor still 'info balloon' | tail -n 1)"
inside gnt-instance shutdown --timeout=0 still

echo "Ganeti $(inside gnt-cluster version | sed -n 's/.*Software version: *//p'): imported, started, exported; ${failures} failed"
[[ $failures == 0 ]]
