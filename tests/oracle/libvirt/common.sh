# Sourced by the scripts of this folder. $samples: the libvirt_samples program; $work: a folder that goes away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
samples=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/ovfkit-libvirt.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
failures=0

skip() { echo "SKIPPED: $*"; exit 77; }
need() { for tool; do command -v "$tool" >/dev/null 2>&1 || skip "$tool is not installed"; done; }
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
finish() { echo "$*"; [ "$failures" = 0 ] || { echo "$failures failures"; exit 1; }; }

# embed: prepares the private root of the embedded QEMU driver and defines `v`, which runs virsh on it.
# As root without a libvirt-qemu user (the driver insists on one) virsh runs as nobody.
embed() {
    need virsh qemu-system-x86_64
    root=$work/root
    mkdir -p "$root/etc"
    cat > "$root/etc/qemu.conf" <<C
stdio_handler = "file"
security_driver = "none"
dynamic_ownership = 0
remember_owner = 0
namespaces = []
cgroup_controllers = []
C
    as="env HOME=$root XDG_RUNTIME_DIR=$root XDG_CACHE_HOME=$root/cache XDG_CONFIG_HOME=$root/config"
    if [ "$(id -u)" = 0 ]; then
        # Privileged, the driver insists on a libvirt-qemu user. As nobody it does not; network admin in a network
        # of its own lets it make the tap devices that a command line names.
        need setpriv unshare
        chown -R 65534:65534 "$root"
        as="setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps +net_admin --ambient-caps +net_admin $as"
        ! unshare -n true 2>/dev/null || as="unshare -n $as"
    fi
    uri="qemu:///embed?root=$root"
    v version >/dev/null 2>"$work/err" || { cat "$work/err"; skip "virsh has no embedded QEMU driver (libvirt-daemon-driver-qemu)"; }
}
v() { $as virsh -q -c "$uri" "$@"; }

# native XML: the QEMU command line in $work/argv, or an error in $work/err. Only root can have tap devices made:
# for others the NICs are left out.
native() {
    text=$1
    if [ "$(id -u)" != 0 ]; then
        text=$work/native.xml
        sed '/<interface /,/<\/interface>/d' "$1" > "$text"
    fi
    v domxml-to-native qemu-argv "$text" >"$work/argv" 2>"$work/err"
}
