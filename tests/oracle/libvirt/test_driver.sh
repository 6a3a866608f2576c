#!/bin/sh
# libvirt's test driver stores every sample, and what it dumps reads as the same VM.
. "$(dirname "$0")/common.sh"
need virsh
"$samples" write "$work/xml" test
count=0
for xml in "$work/xml"/*.xml; do
    count=$((count + 1))
    name=$(sed -n 's:.*<name>\(.*\)</name>.*:\1:p' "$xml" | head -1 | sed "s/&lt;/</g;s/&gt;/>/g;s/&quot;/\"/g;s/&apos;/'/g;s/&amp;/\&/g")
    if ! virsh -q -c test:///default "define $xml; dumpxml --inactive \"$(printf '%s' "$name" | sed 's/["\\]/\\&/g')\"" >"$work/dump" 2>"$work/err"; then
        fail "define $(basename "$xml"): $(grep '^error' "$work/err")"
        continue
    fi
    "$samples" same "$xml" "$work/dump" >"$work/out" || { fail "$(basename "$xml") reads otherwise after define and dumpxml"; cat "$work/out"; }
done
finish "$count systems stored by the test driver"
