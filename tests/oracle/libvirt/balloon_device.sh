#!/bin/sh
# The balloon device of QEMU's command line is there exactly when the source has one.
. "$(dirname "$0")/common.sh"
embed
"$samples" write "$work/xml" qemu
chmod -R a+rX "$work/xml"
# expect SAMPLE DEVICE [more text of its JSON]...
expect() {
    sample=$1 device=$2
    shift 2
    native "$work/xml/$sample.xml" || { fail "$sample: $(grep '^error' "$work/err")"; return; }
    found=$(tr ' ' '\n' <"$work/argv" | grep -o '{"driver":"virtio-balloon[^}]*}' || echo NONE)
    case $found in
        NONE) [ "$device" = NONE ] || fail "$sample: no balloon device" ;;
        *"\"driver\":\"$device\""*) ;;
        *) fail "$sample: $found instead of $device" ;;
    esac
    for text; do case $found in *"$text"*) ;; *) fail "$sample: $found lacks $text" ;; esac done
}
expect minimal virtio-balloon-pci
expect balloon-unspecified virtio-balloon-pci
expect balloon-enabled virtio-balloon-pci
expect balloon-disabled NONE
expect balloon-off-attributes NONE
expect balloon-transitional virtio-balloon-pci-transitional
expect balloon-non-transitional virtio-balloon-pci-non-transitional
expect balloon-vmware virtio-balloon-pci
expect balloon-attributes virtio-balloon-pci '"id":"ua-mb"' '"addr":"0xa"' '"deflate-on-oom":true' '"free-page-reporting":true'
expect balloon-address-pc virtio-balloon-pci '"addr":"0x8"' '"bus":"pci.0"'
expect balloon-address-q35 virtio-balloon-pci '"addr":"0x8"' '"bus":"pcie.0"'
expect isapc NONE
finish "12 balloons compared"
