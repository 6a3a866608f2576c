# shellcheck shell=bash
# Sourced by cluster.sh: a Ganeti cluster of one node in namespaces of its own, that goes away with the script.
# $work: a folder for all that its daemons write. `inside CMD...` runs a command on the node.

skip() { echo "SKIP: $*"; exit 77; }
need() { local tool; for tool; do command -v "$tool" >/dev/null 2>&1 || skip "$tool is not installed"; done; }

node=node1.cluster.test
holder=

inside() { nsenter -t "$holder" --net --mount --uts --pid -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"; }

# What the node sees of the file system: its own state, its own name.
node_script() {
  cat <<E2
set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for folder in var/lib/ganeti var/log/ganeti run/ganeti srv/ganeti root/.ssh etc/ganeti; do
  mkdir -p "$work/node/\$folder" "/\$folder"
  mount --bind "$work/node/\$folder" "/\$folder"
done
hostname $node
printf '127.0.0.1 localhost\n192.0.2.1 $node node1\n192.0.2.2 cluster.test\n' > "$work/hosts"
mount --bind "$work/hosts" /etc/hosts
ip link set lo up
ip link add br0 type bridge
ip address add 192.0.2.1/24 dev br0
ip link set br0 up
touch "$work/ready"
while :; do sleep 3600 & wait; done
E2
}

# An OS definition that copies disks and does nothing else.
os_definition() {
  local os=$work/node/srv/ganeti/os/noop script
  mkdir -p "$os" "$work/node/srv/ganeti/files"
  echo 20 > "$os/ganeti_api_version"
  echo default > "$os/variants.list"
  : > "$os/parameters.list"
  for script in create rename verify; do printf '#!/bin/sh\nexit 0\n' > "$os/$script"; done
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nexec dd of="$IMPORT_DEVICE" bs=1M conv=notrunc\n' > "$os/import"
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nexec dd if="$EXPORT_DEVICE" bs=1M\n' > "$os/export"
  chmod 755 "$work"/node/srv/ganeti{,/os,/files} "$os" "$os"/{create,rename,verify,import,export}
}

cluster_down() {
  [[ -z $holder ]] || kill -KILL "$holder" 2>/dev/null || true  # the first process of the node: all others go with it
  wait 2>/dev/null || true
  rm -rf "$work"
}

cluster_up() {
  need gnt-cluster gnt-backup unshare nsenter ip qemu-system-x86_64
  [[ $(id -u) == 0 ]] || skip "a cluster needs root"
  unshare --net --mount --uts --pid --fork true 2>/dev/null || skip "no namespaces can be made here"
  # Its paths go into sockets, which have to be short.
  work=$(mktemp -d /var/tmp/gnt.XXXXXX)
  trap cluster_down EXIT
  chmod 755 "$work"
  mkdir -p "$work/node/etc"
  cp -a /etc/ganeti "$work/node/etc/"
  echo /srv/ganeti/files > "$work/node/etc/ganeti/file-storage-paths"
  os_definition
  node_script > "$work/node.sh"
  unshare --net --mount --uts --pid --fork --kill-child bash "$work/node.sh" > "$work/node.log" 2>&1 &
  local shell=$! turn
  for ((turn = 0; turn < 100; turn++)); do
    [[ ! -e $work/ready ]] || break
    kill -0 "$shell" 2>/dev/null || skip "no node can be made here: $(tail -n 1 "$work/node.log")"
    sleep 0.1
  done
  holder=$(cat "/proc/$shell/task/$shell/children")
  holder=${holder%% *}
  [[ -e $work/ready && -n $holder ]] || skip "the node did not come up: $(tail -n 1 "$work/node.log")"
  inside /usr/lib/ganeti/ensure-dirs --full-run
  inside timeout 120 gnt-cluster init --enabled-hypervisors=kvm --enabled-disk-templates=file,diskless \
    --file-storage-dir=/srv/ganeti/files --no-ssh-init --no-etc-hosts --master-netdev=br0 \
    --nic-parameters mode=bridged,link=br0 -H kvm:kernel_path= cluster.test \
    || { tail -n 5 "$work"/node/var/log/ganeti/*.log; echo "FAILED: gnt-cluster init"; exit 1; }
  inside gnt-cluster modify --ipolicy-vcpu-ratio 64 --ipolicy-bounds-specs \
    min:disk-size=1,cpu-count=1,disk-count=0,memory-size=1,nic-count=0,spindle-use=1/max:disk-size=65536,cpu-count=16,disk-count=16,memory-size=65536,nic-count=8,spindle-use=16 >/dev/null
}

# INSTANCE COMMAND: what QEMU itself says.
monitor() {
  inside /usr/bin/python3 - "/run/ganeti/kvm-hypervisor/ctrl/$1.monitor" "$2" <<'P'
import socket, sys
with socket.socket(socket.AF_UNIX) as monitor:
    monitor.settimeout(30)
    monitor.connect(sys.argv[1])
    said = b""
    while said.count(b"(qemu) ") < 1:
        said += monitor.recv(4096)
    monitor.sendall(sys.argv[2].encode() + b"\n")
    said = b""
    while not said.endswith(b"(qemu) "):
        said += monitor.recv(4096)
print(said.decode().replace("\r", "").split("\n", 1)[1].rsplit("(qemu) ", 1)[0], end="")
P
}
