#!/bin/sh
# Every sample fits libvirt's own schema, for every domain type.
. "$(dirname "$0")/common.sh"
need virt-xml-validate
count=0
for type in qemu kvm test xen; do
    "$samples" write "$work/$type" $type || fail "writing for $type"
    for xml in "$work/$type"/*.xml; do
        count=$((count + 1))
        virt-xml-validate "$xml" domain >"$work/out" 2>&1 || { fail "$type $(basename "$xml")"; cat "$work/out"; }
    done
done
finish "$count texts validated"
