#!/bin/bash
# Makes the guest of the balloon test: a kernel out of Debian's package and an init that loads the balloon's driver.
# Nothing is installed.  usage: guest.sh FOLDER     (gets vmlinuz and initrd.gz)
set -euo pipefail
mkdir -p "$1"
out=$(cd "$1" && pwd)
[[ -s $out/vmlinuz && -s $out/initrd.gz ]] && exit 0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
chmod 755 .
apt-get -qq -o APT::Sandbox::User=root download "$package"
mkdir kernel
dpkg-deb --fsys-tarfile linux-image-*.deb | tar -C kernel -xf - --wildcards './boot/vmlinuz-*' './lib/modules/*/kernel/drivers/virtio/*'

mkdir -p root/{bin,proc,sys,dev,modules}
cp "$(command -v busybox)" root/bin/busybox
ln -s busybox root/bin/sh
for module in virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_balloon; do
  find kernel -name "$module.ko*" -exec cp {} root/modules/ \;
done
cat >root/init <<'I'
#!/bin/sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
# In any order, until what one module needs of another is there.
for pass in 1 2 3 4; do for module in /modules/*; do /bin/busybox insmod "$module" 2>/dev/null; done; done
echo GUEST-READY
while :; do /bin/busybox grep MemTotal /proc/meminfo; /bin/busybox sleep 1; done
I
chmod +x root/init
(cd root && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >initrd.gz
cp kernel/boot/vmlinuz-* "$out/vmlinuz"
cp initrd.gz "$out/initrd.gz"
