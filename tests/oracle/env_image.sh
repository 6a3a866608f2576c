#!/bin/bash
# The image of an OVF environment as libarchive and cdrkit read it.  usage: env_image.sh TOOL_DIR SAMPLES
# Exit 77: neither of them is here.
set -euo pipefail
PATH=$1:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make() { ovfkit env "$2/dmtf-appliance.ovf" --property hostname=shop.example.org --property admin_password=correct-horse -o "$work/$1"; }
make env.xml "$2"
make env.iso "$2"
seen=0
if command -v bsdtar >/dev/null; then
  seen=1
  [[ $(bsdtar tf "$work/env.iso" | grep -v '^[.]$') == ovf-env.xml ]] || { echo "bsdtar lists something else"; exit 1; }
  bsdtar xOf "$work/env.iso" ovf-env.xml | cmp - "$work/env.xml"
  echo "bsdtar: ovf-env.xml, the same bytes"
fi
if command -v isoinfo >/dev/null; then
  seen=1
  for names in "-R /ovf-env.xml" "-J /ovf-env.xml" " /OVF_ENV.XML;1"; do
    read -ra words <<<"$names"
    isoinfo -i "$work/env.iso" "${words[@]:0:${#words[@]}-1}" -x "${words[-1]}" | cmp - "$work/env.xml"
  done
  isoinfo -d -i "$work/env.iso" | grep -q 'Joliet with UCS level 3 found'
  isoinfo -d -i "$work/env.iso" | grep -q 'Rock Ridge signatures version 1 found'
  echo "isoinfo: by Rock Ridge, Joliet and plain ISO 9660, the same bytes"
fi
((seen)) || { echo "SKIP: neither bsdtar nor isoinfo is installed"; exit 77; }
