#!/usr/bin/env bash
# Every libvirt text of the corpus: libvirt's own schema, and its QEMU driver (embedded: no daemon, no KVM).
dir=$1
[ -d "$dir" ] || { echo "SKIPPED: no texts at $dir (no corpus)"; exit 77; }
# shellcheck source=tests/oracle/libvirt/common.sh
. "$(dirname "$0")/../oracle/libvirt/common.sh" "$dir"
need xmllint
rng=/usr/share/libvirt/schemas/domain.rng
[ -f "$rng" ] || skip "$rng is not installed"
mkdir "$work/texts"
cp "$dir"/*.xml "$work/texts/"
files=("$work"/texts/*.xml)
total=${#files[@]}
echo "texts: $total"
[ "$total" -gt 0 ] || fail "no text at all"

xmllint --noout --nonet --relaxng "$rng" "${files[@]}" >"$work/schema.log" 2>&1 || true
valid=$(grep -c ' validates$' "$work/schema.log" || true)
echo "schema: $valid of $total valid"
[ "$valid" = "$total" ] || { fail "schema"; grep -v ' validates$' "$work/schema.log" | head -40; }

embed
# One virsh process for all: a command a line, markers in between.
for f in "${files[@]}"; do
  echo "echo ==== $f"
  echo "domxml-to-native qemu-argv --xml $f"
done >"$work/commands"
v <"$work/commands" >"$work/driver.log" 2>&1 || true
# What the text says of the balloon is what QEMU gets.
python3 - "$work/driver.log" "$total" <<'P' || fail "embedded QEMU driver"
import re, sys
name, accepted, wrong, on, off = None, 0, 0, 0, 0
for line in open(sys.argv[1], errors="replace"):
    marker = re.match(r"==== (\S+\.xml)", line)
    if marker:
        name = marker.group(1)
    elif line.startswith("error"):
        print(name.rsplit("/", 1)[-1] if name else "", line.strip())
    elif re.search(r"-name '?guest=", line) and name:
        accepted += 1
        model = re.search(r"<memballoon model='([^']+)'", open(name).read())
        device = '"driver":"virtio-balloon' in line
        on, off = on + device, off + (not device)
        if model is None or device != (model.group(1) != "none"):
            wrong += 1
            print("balloon differs:", name, model, device)
print(f"embedded QEMU driver: {accepted} of {sys.argv[2]} accepted")
print(f"balloon device: {on} with, {off} without, {wrong} other than the text says")
sys.exit(0 if not wrong and accepted == int(sys.argv[2]) else 1)
P
finish "libvirt takes what the corpus became"
