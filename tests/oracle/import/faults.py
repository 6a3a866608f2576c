#!/usr/bin/env python3
"""An import that is killed, interrupted, without room or with a package that changes: its folder is whole or not there.
usage: faults.py OVFKIT"""
import json
import os
import random
import shutil
import signal
import subprocess
import time

from making import MIB, TOOL, Disk, check, descriptor, finish, identical, manifest, must, need, ovfkit, put, run, scratch, system

need("qemu-img")
folder = scratch()
here = os.getcwd()

# Three disks of 48 MiB that do not compress.
disks = []
os.mkdir("big")
for i, form in enumerate(("vmdk", "raw", "qcow2")):
    rng = random.Random(i)
    with open(f"{i}.raw", "wb") as out:
        for _ in range(48):
            out.write(rng.randbytes(MIB))
    options = ["-o", "subformat=streamOptimized"] if form == "vmdk" else []
    must("qemu-img", "convert", "-f", "raw", "-O", form, *options, f"{i}.raw", f"big/{i}.{form}")
    disks.append(Disk(os.path.join(here, f"{i}.raw"), f"{i}.{form}", form, ident=f"d{i}"))
os.chdir("big")
put("vm.ovf", descriptor(disks, system("web", disks)))
names = ["vm.ovf", *[disk.href for disk in disks]]
put("vm.mf", manifest([(name, open(name, "rb").read()) for name in names]))
os.chdir(here)
must("tar", "--format=ustar", "-cf", "big.ova", "-C", "big", "vm.ovf", "vm.mf", *names[1:])
start = time.monotonic()
done = ovfkit("import", "big.ova", "-o", "whole", "--to", "libvirt", "-q")
whole = time.monotonic() - start
check(done.returncode == 0, "whole", done)
listing = sorted(os.listdir("whole"))


def leftovers(where="."):
    return [name for name in os.listdir(where) if name.startswith(".") or name == "out"]


def is_whole(what):
    check(sorted(os.listdir("out")) == listing, f"{what}: {os.listdir('out')}")
    for disk, name in zip(disks, [name for name in listing if name.endswith("qcow2")]):
        identical(what, disk.raw, "out/" + name, "qcow2")
    shutil.rmtree("out")


# At random moments.
rng = random.Random(int(os.environ.get("SEED", "1")))
ended = {"whole": 0, "nothing": 0}
for turn in range(24):
    before = leftovers()
    number = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[turn % 4]
    stdin = open("big.ova", "rb") if turn % 3 == 0 else subprocess.DEVNULL
    child = subprocess.Popen([TOOL, "import", "-" if turn % 3 == 0 else "big.ova", "-o", "out", "--to", "libvirt", "-q"], stdin=stdin,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(rng.uniform(0.0, whole * 1.1))
    child.send_signal(number)
    said = child.stderr.read().decode("utf-8", "replace")
    child.wait()
    what = f"turn {turn}, signal {number.name}"
    if child.returncode == 0 or os.path.exists("out"):
        ended["whole"] += 1
        is_whole(what)
        continue
    ended["nothing"] += 1
    check(child.returncode == -number, f"{what}: exit {child.returncode} {said}")
    if number != signal.SIGKILL:
        check(set(leftovers()) <= set(before), f"{what} leaves {leftovers()}")
# The next run clears up after the killed.
done = ovfkit("import", "big.ova", "-o", "out", "--to", "libvirt", "-q")
check(done.returncode == 0 and leftovers() == ["out"], f"what the killed left is gone: {leftovers()}", done)
is_whole("after all")
print(f"killed and interrupted: {ended['whole']} were whole, {ended['nothing']} left nothing")

# An old folder is replaced whole, or stays.
shutil.copytree("whole", "old")
put("old/web.xml", b"old")
child = subprocess.Popen([TOOL, "import", "big.ova", "-o", "old", "--to", "libvirt", "-q", "--force"], stdout=subprocess.DEVNULL)
time.sleep(whole / 3)
child.kill()
child.wait()
text = open("old/web.xml", "rb").read()
shutil.rmtree(next((name for name in leftovers() if name.startswith(".old")), "none"), ignore_errors=True)
check(sorted(os.listdir("old")) == listing and (text == b"old") == (child.returncode != 0), "a killed --force leaves the old folder")

# No room: seen before, or while writing where nobody can know it.
if os.geteuid() == 0:
    os.mkdir("small")
    mounted = run("mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", "small")
else:
    mounted = None
if mounted is not None and mounted.returncode == 0:
    try:
        done = ovfkit("import", "big.ova", "-o", "small/out", "--to", "libvirt", "-q")
        check(done.returncode == 6 and not os.listdir("small"), f"no room, known before: {os.listdir('small')}", done)
        check(b"20971520 left" in done.stderr, "no room, known before: the message", done)
        for to in ("libvirt", "ganeti"):
            with open("big.ova", "rb") as stream:
                done = ovfkit("import", "-", "-o", "small/out", "--to", to, "-q", stdin=stream)
            check(done.returncode == 6 and not os.listdir("small"), f"no room, found out ({to}): {os.listdir('small')}", done)
            check(b"o space left" in done.stderr, "no room, found out: the message", done)
        # What does not say how much it is: zeros in the tables, data in the grains.
        done = ovfkit("import", "big/vm.ovf", "-o", "small/out", "--to", "ganeti", "-q")
        check(done.returncode == 6 and not os.listdir("small"), f"no room for a folder: {os.listdir('small')}", done)
    finally:
        must("umount", "small")
else:
    print("SKIP: no tmpfs can be mounted here: a full disk was not tried")

# A package that is cut off, or changed in the middle, names the member and where.
size = os.path.getsize("big.ova")
for at, what in ((size - 30 * MIB, "cut in the last disk"), (10 * MIB, "cut in the first")):
    must("cp", "big.ova", "cut.ova")
    os.truncate("cut.ova", at)
    for stdin in (False, True):
        with open("cut.ova", "rb") as stream:
            done = ovfkit("import", "-" if stdin else "cut.ova", "-o", "out", "--to", "libvirt", "-q", stdin=stream)
        check(done.returncode in (3, 5) and not leftovers(), f"{what}: {leftovers()}", done)
with open("cut.ova", "wb") as out, open("big.ova", "rb") as source:
    data = bytearray(source.read())
    at = data.index(b"KDMV") + 20 * MIB
    data[at:at + 64] = bytes(64)
    out.write(data)
for stdin in (False, True):
    with open("cut.ova", "rb") as stream:
        done = ovfkit("import", "-" if stdin else "cut.ova", "-o", "out", "--to", "libvirt", "-q", stdin=stream)
    check(done.returncode in (3, 5) and b"0.vmdk" in done.stderr and not leftovers(), f"changed in the middle: {leftovers()}", done)
# Without a manifest the damage itself is what is seen: the member, and where in it.
os.unlink("big/vm.mf")
with open("big/0.vmdk", "r+b") as out:
    out.seek(20 * MIB)
    out.write(b"spoiled!" * 50)
done = ovfkit("import", "big", "-o", "out", "--to", "libvirt", "-q")
check(done.returncode == 5 and b"0.vmdk" in done.stderr and b" at byte 20" in done.stderr and not leftovers(), "damage is said with its offset", done)

# Programs can follow.
done = ovfkit("import", "big.ova", "-o", "out", "--to", "libvirt", "--progress=json", "-q")
lines = [json.loads(line) for line in done.stderr.splitlines()]
check(done.returncode == 0 and len(lines) >= 2, "--progress=json", done)
check(all(set(line) == {"done", "total"} and line["done"] <= line["total"] for line in lines), f"--progress=json: {lines}")
check(lines == sorted(lines, key=lambda line: line["done"]) and lines[-1]["done"] == lines[-1]["total"] > 140 * MIB, f"--progress=json: {lines}")
is_whole("with progress")

# Two runs on one output: one of them wins, whole.
both = [subprocess.Popen([TOOL, "import", "big.ova", "-o", "out", "--to", "libvirt", "-q"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
codes = sorted(child.wait() for child in both)
check(codes == [0, 6], f"two runs on one output: {codes}")
is_whole("two runs on one output")
check(not leftovers(), f"two runs on one output leave {leftovers()}")

finish()
