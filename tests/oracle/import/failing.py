#!/usr/bin/env python3
"""An import whose every system call fails once, or is its last: exit 6 and nothing, or a whole folder.
usage: failing.py OVFKIT PRELOADED_LIBRARY"""
import errno
import os
import shutil
import sys

from making import MIB, Disk, check, descriptor, finish, identical, make_disk, manifest, must, need, ovfkit, put, scratch, stream_vmdk, system

need("qemu-img", "tar")
LIBRARY = os.path.abspath(sys.argv[2])
folder = scratch()
here = os.getcwd()
os.mkdir("small")
disks = []
for raw, size in (("a.raw", MIB + 512), ("b.raw", 200000 // 512 * 512)):
    make_disk(raw, size, 3)
stream_vmdk("a.raw", "small/a.vmdk", 128)
must("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "b.raw", "small/b.qcow2")
disks = [Disk(os.path.join(here, "a.raw"), "a.vmdk", "vmdk"), Disk(os.path.join(here, "b.raw"), "b.qcow2", "qcow2")]
os.chdir("small")
put("vm.ovf", descriptor(disks, system("web", disks)))
names = ["vm.ovf", "a.vmdk", "b.qcow2"]
put("vm.mf", manifest([(name, open(name, "rb").read()) for name in names]))
os.chdir(here)
must("tar", "--format=ustar", "-cf", "small.ova", "-C", "small", "vm.ovf", "vm.mf", "a.vmdk", "b.qcow2")
os.mkdir("work")
os.chdir("work")
LISTING = ["web-disk1.qcow2", "web-disk2.qcow2", "web.xml"]


def run(kind, number, code, source, replace=False):
    """Whether it came to that call. A process that was killed leaves its folder under another name; the next takes it away."""
    if os.path.exists("../mark"):
        os.unlink("../mark")
    env = dict(os.environ, LD_PRELOAD=LIBRARY, OVFKIT_FAIL=f"{kind}:{number}:{code}", OVFKIT_FAIL_MARK="../mark")
    if replace:
        os.mkdir("out")
        for name in LISTING:
            put("out/" + name, b"old")
    with open("../small.ova", "rb") as stream:
        done = ovfkit("import", "-" if source == "-" else "../" + source, "-o", "out", "--to", "libvirt", "-q",
                      *(["--force"] if replace else []), stdin=stream, env=env)
    hit = os.path.exists("../mark")
    what = f"{source}{' replaced' if replace else ''}: {kind} {number} {errno.errorcode.get(code, 'killed')}"
    old = replace and all(open("out/" + name, "rb").read() == b"old" for name in LISTING)
    check(not replace or os.path.exists("out"), f"{what}: neither the old nor the new folder", done)
    if old:
        check(done.returncode != 0, what, done)
        shutil.rmtree("out")
    elif os.path.exists("out"):
        check(sorted(os.listdir("out")) == LISTING, f"{what}: {os.listdir('out')}", done)
        for raw, name in (("../a.raw", "out/web-disk1.qcow2"), ("../b.raw", "out/web-disk2.qcow2")):
            identical(what, raw, name, "qcow2")
    if code == 0:
        check(done.returncode == (-9 if hit else 0), what, done)
        for name in os.listdir("."):
            if name != "out":
                shutil.rmtree(name)
    elif done.returncode == 0:
        # Only what is of no consequence may fail and be passed over.
        check(os.path.exists("out") and (not hit or kind in ("close", "sync")), f"{what}: nobody noticed", done)
        check(os.listdir(".") == ["out"], f"{what}: {os.listdir('.')}", done)
    else:
        check(hit and done.returncode == 6 and done.stderr and not os.listdir("."), f"{what}: {os.listdir('.')}", done)
    shutil.rmtree("out", ignore_errors=True)
    return hit


if not run("write", 1, errno.EIO, "small.ova"):
    print("SKIP: the library is not taken (a sanitizer, or a static build)")
    sys.exit(77)
for source in ("small.ova", "-", "small"):
    for kind in ("write", "read", "sync", "size", "name", "close", "open"):
        for code in (errno.ENOSPC if kind in ("write", "size", "name", "open") else errno.EIO, 0):
            number = 1
            while run(kind, number, code, source) and number < 150:
                number += 1
            check(number > 1, f"{source}: {kind}: no such call is made")
for kind in ("write", "sync", "name"):
    for code in (errno.EIO, 0):
        number = 1
        while run(kind, number, code, "small.ova", True) and number < 150:
            number += 1
        check(number > 1, f"replaced: {kind}: no such call is made")
finish()
