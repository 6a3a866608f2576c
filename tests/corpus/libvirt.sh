#!/usr/bin/env bash
# Every libvirt text of the corpus: libvirt's own schema, and its QEMU driver (embedded: no daemon, no root, no KVM).
set -u
dir=$1
[ -d "$dir" ] || { echo "SKIP: no texts at $dir (no corpus)"; exit 77; }
rng=/usr/share/libvirt/schemas/domain.rng
for need in virsh xmllint qemu-system-x86_64; do
  command -v "$need" >/dev/null || { echo "SKIP: $need is not installed"; exit 77; }
done
[ -f "$rng" ] || { echo "SKIP: $rng is not installed"; exit 77; }
shopt -s nullglob
files=("$dir"/*.xml)
echo "texts: ${#files[@]}"
[ "${#files[@]}" -gt 0 ] || { echo "no text at all"; exit 1; }

bad=0
if ! xmllint --noout --nonet --relaxng "$rng" "${files[@]}" >"$dir/schema.log" 2>&1; then
  bad=1
  grep -v ' validates$' "$dir/schema.log" | head -40
fi
echo "schema: $(grep -c ' validates$' "$dir/schema.log") of ${#files[@]} valid"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/etc"
{
  echo 'stdio_handler = "file"'
  echo 'security_driver = "none"'
  echo 'dynamic_ownership = 0'
  echo 'remember_owner = 0'
  echo 'namespaces = [ ]'
  echo 'cgroup_controllers = [ ]'
  [ "$(id -u)" -eq 0 ] && printf 'user = "root"\ngroup = "root"\n'
} >"$root/etc/qemu.conf"
# One virsh process for all: a command a line, markers in between.
for f in "${files[@]}"; do
  echo "echo ==== $f"
  echo "domxml-to-native qemu-argv --xml $f"
done >"$root/commands"
virsh -q -c "qemu:///embed?root=$root" <"$root/commands" >"$dir/driver.log" 2>&1
accepted=$(grep -c -- '-name guest=' "$dir/driver.log")
echo "embedded QEMU driver: $accepted of ${#files[@]} accepted"
if [ "$accepted" -ne "${#files[@]}" ]; then
  bad=1
  grep -B1 '^error' "$dir/driver.log" | head -60
fi
# What the text says of the balloon is what QEMU gets.
python3 - "$dir/driver.log" <<'P' || bad=1
import re, sys
name, wrong, on, off = None, 0, 0, 0
for line in open(sys.argv[1], errors="replace"):
    if "==== " in line:
        name = line.split("==== ", 1)[1].strip()
    elif "-name guest=" in line and name:
        model = re.search(r"<memballoon model='([^']+)'|<memballoon model=\"([^\"]+)\"", open(name).read())
        model = (model.group(1) or model.group(2)) if model else None
        device = '"driver":"virtio-balloon' in line
        on, off = on + device, off + (not device)
        if model is None or device != (model != "none"):
            wrong += 1
            print("balloon differs:", name, model, device)
print(f"balloon device: {on} with, {off} without, {wrong} other than the text says")
sys.exit(1 if wrong else 0)
P
exit $bad
