#!/bin/sh
# libvirt's QEMU driver stores every sample and builds a command line for it; what it dumps reads as the same VM.
. "$(dirname "$0")/common.sh"
embed
"$samples" write "$work/xml" qemu
chmod -R a+rX "$work/xml"
tpm=$($as swtpm socket --tpm2 --print-capabilities 2>/dev/null | grep -c tpm-2.0 || true)
command -v swtpm_setup >/dev/null 2>&1 || tpm=0
spice=$(qemu-system-x86_64 -spice help 2>&1 | grep -c 'not supported\|invalid option\|There is no option group' || true)
count=0
skipped=
for xml in "$work/xml"/*.xml; do
    case $xml in
        *.tpm.xml) [ "$tpm" != 0 ] || { skipped="$skipped $(basename "$xml") (swtpm)"; continue; } ;;
        *.spice.xml) [ "$spice" = 0 ] || { skipped="$skipped $(basename "$xml") (QEMU without SPICE)"; continue; } ;;
    esac
    count=$((count + 1))
    name=$(sed -n 's:.*<name>\(.*\)</name>.*:\1:p' "$xml" | head -1 | sed "s/&lt;/</g;s/&gt;/>/g;s/&quot;/\"/g;s/&apos;/'/g;s/&amp;/\&/g")
    quoted=$(printf '%s' "$name" | sed 's/["\\]/\\&/g')
    if ! v "define $xml; dumpxml --inactive \"$quoted\"" >"$work/dump" 2>"$work/err"; then
        fail "define $(basename "$xml"): $(grep '^error' "$work/err")"
        continue
    fi
    "$samples" same "$xml" "$work/dump" >"$work/out" || { fail "$(basename "$xml") reads otherwise after define and dumpxml"; cat "$work/out"; }
    native "$xml" || fail "command line of $(basename "$xml"): $(grep '^error' "$work/err")"
done
[ -z "$skipped" ] || echo "SKIPPED in part:$skipped"
finish "$count systems stored and translated by the QEMU driver"
