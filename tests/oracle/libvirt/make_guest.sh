#!/bin/sh
# make_guest.sh DIR: a guest for balloon_guest.sh, DIR/vmlinuz and DIR/initrd.gz, from Debian's cloud kernel (27 MB,
# downloaded with apt-get, not installed) and busybox. Its init loads the balloon's driver and says GUEST-READY.
set -eu
dir=$(mkdir -p "$1" && cd "$1" && pwd)
tree=$dir/tree
rm -rf "$tree"
mkdir -p "$tree/bin" "$tree/proc" "$tree/modules" "$dir/kernel"
package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
(cd "$dir" && apt-get -qq download "$package")
dpkg-deb --fsys-tarfile "$dir/$package"_*.deb | tar -x -C "$dir/kernel" --wildcards './boot/vmlinuz-*' './lib/modules/*/kernel/drivers/virtio/virtio*.ko'
mv "$dir"/kernel/boot/vmlinuz-* "$dir/vmlinuz"
cp "$dir"/kernel/lib/modules/*/kernel/drivers/virtio/virtio*.ko "$tree/modules"
cp "$(command -v busybox)" "$tree/bin/busybox"
cat > "$tree/init" <<'I'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
# Without depmod: once more for every level of dependencies.
for round in 1 2 3 4 5; do for module in /modules/*.ko; do $b insmod $module 2>/dev/null; done; done
echo GUEST-READY
while :; do $b grep MemTotal /proc/meminfo; $b sleep 1; done
I
chmod 755 "$tree/init"
(cd "$tree" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) > "$dir/initrd.gz"
rm -rf "$tree" "$dir/kernel"
