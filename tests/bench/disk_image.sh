# Sourced by disk.sh and import_export.sh: makes disk.raw in the current folder, 2 GiB of ext4 with about 1 GiB of files of /usr.
# shellcheck shell=sh
for tool in mke2fs qemu-img tar sha256sum; do
    command -v "$tool" >/dev/null || { echo "SKIP: no $tool"; exit 77; }
done
mkdir tree
python3 - <<'PYTHON'
import os, shutil
left = 1050 << 20
for top in ("/usr/bin", "/usr/lib", "/usr/share/locale", "/usr/share/doc", "/usr/share"):
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            if left <= 0 or os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > 80 << 20 or os.path.exists("tree" + path):
                continue
            os.makedirs("tree" + folder, exist_ok=True)
            shutil.copyfile(path, "tree" + path)
            left -= os.path.getsize(path)
PYTHON
truncate -s 2G disk.raw
mke2fs -q -t ext4 -d tree disk.raw
rm -rf tree
