#!/usr/bin/env python3
"""Archives of other programs are read, ours by other programs.  usage: archives.py OVFKIT"""
import bz2
import gzip
import hashlib
import json
import lzma
import os
import signal
import subprocess
import tarfile
import time

from common import *

need("tar", "bsdtar", "bzip2", "xz")
folder = scratch()
OVF = descriptor()
MF = manifest([("vm.ovf", OVF), ("disk1.vmdk", DISK)])
put("src/vm.ovf", OVF)
put("src/disk1.vmdk", DISK)

# Ours is read by others, is the same every time, and has the standard's order.
result = ovfkit("pack", "src", "-o", "x.ova")
check(result.returncode == 0 and not result.stderr, "pack a folder", result)
check([name for name, _ in members_of("x.ova")] == ["vm.ovf", "vm.mf", "disk1.vmdk"], "order of the members")
check(dict(members_of("x.ova"))["vm.mf"] == MF, "the manifest is the one expected")
for program in (["tar", "-tvf", "x.ova"], ["bsdtar", "-tvf", "x.ova"]):
    listed = subprocess.run(program, capture_output=True, text=True, check=False)
    check(listed.returncode == 0 and not listed.stderr and listed.stdout.count("-rw-r--r--") == 3, f"{program[0]} lists it", listed)
ovfkit("pack", "src/vm.ovf", "-o", "y.ova")
check(open("x.ova", "rb").read() == open("y.ova", "rb").read(), "the same input gives the same bytes")
ovfkit("pack", "x.ova", "-o", "z.ova")
check(open("x.ova", "rb").read() == open("z.ova", "rb").read(), "packing a package again gives the same bytes")
dated = ovfkit("pack", "src", "-o", "dated.ova", env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
check(dated.returncode == 0 and tarfile.open("dated.ova").getmembers()[0].mtime == 1700000000, "SOURCE_DATE_EPOCH", dated)
piped = subprocess.run(f"'{TOOL}' pack src -o - | cat > piped.ova", shell=True, check=False)
check([name for name, _ in members_of("piped.ova")] == ["vm.ovf", "disk1.vmdk", "vm.mf"], "order of the members in a pipe", None)
check(ovfkit("verify", "piped.ova").returncode == 0, "what came through a pipe verifies")
for algorithm in ("SHA1", "SHA384", "SHA512"):
    ovfkit("pack", "src", "-o", f"{algorithm}.ova", "--digest", algorithm)
    check(dict(members_of(f"{algorithm}.ova"))["vm.mf"] == manifest([("vm.ovf", OVF), ("disk1.vmdk", DISK)], algorithm), f"--digest {algorithm}")
    check(ovfkit("verify", f"{algorithm}.ova").returncode == 0, f"verify {algorithm}")
ovfkit("pack", "src", "-o", "none.ova", "--digest", "none")
check(len(members_of("none.ova")) == 2, "--digest none")

# Nothing is overwritten unasked; the input never.
check(ovfkit("pack", "src", "-o", "x.ova").returncode == 6, "an existing file is not overwritten")
check(ovfkit("pack", "src", "-o", "x.ova", "--force").returncode == 0, "--force")
for output in ("src/disk1.vmdk", "src/new.ova"):
    check(ovfkit("pack", "src", "-o", output, "--force").returncode == 2, f"no output into the input: {output}")
check(ovfkit("pack", "x.ova", "-o", "x.ova", "--force").returncode == 2, "no output over the input")
check(open("src/disk1.vmdk", "rb").read() == DISK, "the input is as it was")

# Others' archives, whole or compressed, from a file and through a pipe.
plain = archive(("vm.ovf", OVF), ("vm.mf", MF), ("disk1.vmdk", DISK))
last = archive(("vm.ovf", OVF), ("disk1.vmdk", DISK), ("vm.mf", MF))
packages = {"ustar": plain, "last": last, "gnu": archive(("vm.ovf", OVF), ("vm.mf", MF), ("disk1.vmdk", DISK), form=tarfile.GNU_FORMAT),
            "pax": archive(("vm.ovf", OVF), ("vm.mf", MF), ("disk1.vmdk", DISK), form=tarfile.PAX_FORMAT), "gz": gzip.compress(plain),
            "bz2": bz2.compress(plain), "xz": lzma.compress(plain), "gz-last": gzip.compress(last)}
put("src/vm.mf", MF)
for form in ("ustar", "gnu", "posix", "v7"):
    packages[f"tar-{form}"] = subprocess.run(["tar", "-C", "src", f"--format={form}", "-cf", "-", "vm.ovf", "vm.mf", "disk1.vmdk"], capture_output=True, check=True).stdout
packages["tar-dot"] = subprocess.run(["tar", "-C", "src", "-cf", "-", "./vm.ovf", "./vm.mf", "./disk1.vmdk"], capture_output=True, check=True).stdout
for form in ("ustar", "pax", "gnutar"):
    packages[f"bsdtar-{form}"] = subprocess.run(["bsdtar", "-C", "src", f"--format={form}", "-cf", "-", "vm.ovf", "vm.mf", "disk1.vmdk"], capture_output=True, check=True).stdout
for name, data in packages.items():
    path = put(f"in/{name}.ova", data)
    result = ovfkit("verify", path, "--require-manifest", "--json")
    found = json.loads(result.stdout or "{}")
    check(result.returncode == 0 and found.get("holds") == "digests" and [m["state"] for m in found["members"]] == ["matches"] * 2, f"verify {name}", result)
    with open(path, "rb") as stream:
        piped = subprocess.run(f"cat | '{TOOL}' verify - --require-manifest", shell=True, stdin=stream, capture_output=True, check=False)
    check(piped.returncode == 0, f"verify {name} through a pipe", piped)
    result = ovfkit("unpack", path, "-o", f"out/{name}") if os.makedirs("out", exist_ok=True) is None else None
    check(result.returncode == 0 and open(f"out/{name}/disk1.vmdk", "rb").read() == DISK and open(f"out/{name}/vm.ovf", "rb").read() == OVF, f"unpack {name}", result)
    result = ovfkit("inspect", path)
    check(result.returncode == 0 and b"512 MiB" in result.stdout, f"inspect {name}", result)
    check(ovfkit("balloon", "get", path).stdout.endswith(b"vm: unspecified\n"), f"balloon get {name}")
with open("in/last.ova", "rb") as stream:
    check(b"512 MiB" in ovfkit("inspect", "-", stdin=stream).stdout, "inspect -")
check(b"SHA256" in ovfkit("inspect", "in/ustar.ova").stdout, "inspect shows the manifest")
check(ovfkit("unpack", "in/ustar.ova", "-o", "out/ustar").returncode == 6, "an existing folder is not overwritten")
check(ovfkit("unpack", "in/ustar.ova", "-o", "out/ustar", "--force").returncode == 0, "unpack --force over what it wrote")
put("out/ustar/precious", b"x")
check(ovfkit("unpack", "in/ustar.ova", "-o", "out/ustar", "--force").returncode == 6 and os.path.exists("out/ustar/precious"), "a folder with other files is not replaced")

# The balloon inside.
result = ovfkit("balloon", "set", "enabled", "in/ustar.ova", "-o", "set.ova")
check(result.returncode == 0, "balloon set on an OVA", result)
check(ovfkit("balloon", "get", "set.ova").stdout.endswith(b"vm: enabled virtio\n"), "and it is set")
check(ovfkit("verify", "set.ova", "--require-manifest").returncode == 0 and dict(members_of("set.ova"))["disk1.vmdk"] == DISK, "and the package is whole")
check(ovfkit("balloon", "set", "enabled", "in/ustar.ova", "--in-place").returncode == 2, "not in place")

# Chunks: made, joined again, and refused when they do not fit.
result = ovfkit("pack", "src", "-o", "chunks.ova", "--chunk-size", "64K")
names = [name for name, _ in members_of("chunks.ova")]
check(result.returncode == 0 and names == ["vm.ovf", "vm.mf", "disk1.vmdk.000000000", "disk1.vmdk.000000001"], f"chunks: {names}", result)
check(b'chunkSize="65536"' in dict(members_of("chunks.ova"))["vm.ovf"], "ovf:chunkSize")
check(ovfkit("verify", "chunks.ova", "--require-manifest").returncode == 0, "verify chunks")
check(subprocess.run(f"cat chunks.ova | '{TOOL}' verify - --require-manifest", shell=True, capture_output=True, check=False).returncode == 0, "verify chunks through a pipe")
check(b"".join(data for name, data in members_of("chunks.ova") if ".0000" in name) == DISK, "the chunks are the file")

# Sizes that ustar cannot say: a sparse disk of 9 GiB is read by all, and split on request.
big = 9 << 30
put("big/vm.ovf", descriptor([("file1", "big.raw", big, "")]))
with open("big/big.raw", "wb") as stream:
    stream.truncate(big)
if os.statvfs(".").f_bavail * os.statvfs(".").f_frsize > 25 << 30 and os.environ.get("OVFKIT_LARGE") == "1":
    result = ovfkit("pack", "big", "-o", "big.ova", "--digest", "none")
    check(result.returncode == 0, "9 GiB", result)
    for program in ("tar", "bsdtar"):
        check(str(big) in subprocess.run([program, "-tvf", "big.ova"], capture_output=True, text=True, check=False).stdout, f"{program} reads 9 GiB")
    check(tarfile.open("big.ova").getmembers()[1].size == big, "tarfile reads 9 GiB")
    check(ovfkit("verify", "big.ova").returncode == 0, "we read 9 GiB")
    os.unlink("big.ova")
else:
    print("SKIP: 9 GiB (OVFKIT_LARGE=1 with 25 GiB free runs it)")

# A signal leaves nothing behind, and what a killed process left goes with the next one.
os.makedirs("kill")
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    process = subprocess.Popen([TOOL, "unpack", "-", "-o", "kill/out"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process.stdin.write(plain[:60000])
    process.stdin.flush()
    for _ in range(500):
        if os.listdir("kill"):
            break
        time.sleep(0.01)
    check(os.listdir("kill") != [], "work has begun")
    process.send_signal(number)
    check(process.wait() == -number and os.listdir("kill") == [], f"{number.name} cleans up: {os.listdir('kill')}")
process = subprocess.Popen([TOOL, "unpack", "-", "-o", "kill/out"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
process.stdin.write(plain[:60000])
process.stdin.flush()
while not os.listdir("kill"):
    time.sleep(0.01)
process.kill()
process.wait()
check(len(os.listdir("kill")) == 1, "a kill leaves the temporary folder")
check(ovfkit("unpack", "in/ustar.ova", "-o", "kill/out").returncode == 0 and os.listdir("kill") == ["out"], "and the next run removes it")
finish()
