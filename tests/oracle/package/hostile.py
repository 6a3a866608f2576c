#!/usr/bin/env python3
"""Packages that are wrong on purpose: refused by name, with the right exit code, and nothing of them is written.  usage: hostile.py OVFKIT"""
import gzip
import os
import tarfile

from common import *

folder = scratch()
OVF = descriptor()
GOOD = manifest([("vm.ovf", OVF), ("disk1.vmdk", DISK)])
put("canary/secret", b"SECRET-CANARY")


def link(name, target, kind):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def of(mf, base="vm.mf", disk=DISK, ovf=OVF):
    return archive(("vm.ovf", ovf), (base, mf), ("disk1.vmdk", disk))


ROOT = archive(("vm.ovf", OVF), ("disk1.vmdk", DISK))
# rule, exit code, bytes (or None: prepared below), further arguments of verify
CASES = [
    ("package-archive-malformed", 3, b"", []),
    ("package-archive-malformed", 3, b"PK\3\4" + b"\0" * 600, []),
    ("package-archive-truncated", 3, ROOT[:60000], []),
    ("package-compression-damaged", 3, gzip.compress(ROOT)[:-10], []),
    ("package-size-exceeded", 4, archive(("vm.ovf", OVF), ("vm.cert", b"x" * 70000), ("disk1.vmdk", DISK)), []),
    ("package-members-exceeded", 4, archive(("vm.ovf", OVF), *((f"m{i}", b"") for i in range(1100))), []),
    ("package-name-unsafe", 4, archive(("vm.ovf", OVF), ("../evil", b"x")), []),
    ("package-name-unsafe", 4, archive(("vm.ovf", OVF), ("/evil", b"x")), []),
    ("package-type-refused", 4, archive(("vm.ovf", OVF), link("disk1.vmdk", "../canary/secret", tarfile.SYMTYPE)), []),
    ("package-type-refused", 4, archive(("vm.ovf", OVF), link("disk1.vmdk", "../canary/secret", tarfile.LNKTYPE)), []),
    ("package-type-refused", 4, archive(("vm.ovf", OVF), link("disk1.vmdk", "", tarfile.FIFOTYPE)), []),
    ("package-member-duplicate", 4, archive(("vm.ovf", OVF), ("disk1.vmdk", DISK), ("disk1.vmdk", b"x")), []),
    ("package-descriptor-missing", 3, archive(("disk1.vmdk", DISK)), []),
    ("ovf-href-unsafe", 4, archive(("vm.ovf", descriptor([("f", "../canary/secret", None, "")]))), []),
    ("package-href-unsafe", 4, archive(("vm.ovf", descriptor([("f", "vm.ovf", None, "")]))), []),
    ("package-file-missing", 3, archive(("vm.ovf", OVF)), []),
    ("package-file-size", 5, archive(("vm.ovf", descriptor([("f", "disk1.vmdk", 12345, "")])), ("disk1.vmdk", DISK)), []),
    ("package-file-chunks", 3, archive(("vm.ovf", descriptor([("f", "disk1.vmdk", len(DISK), ' ovf:chunkSize="70000"')])),
                                       ("disk1.vmdk.000000000", DISK[:60000]), ("disk1.vmdk.000000001", DISK[60000:])), []),
    ("package-manifest-missing", 5, ROOT, ["--require-manifest"]),
    ("package-manifest-malformed", 5, of(GOOD + b"garbage line\n"), []),
    ("package-manifest-malformed", 5, of(b""), []),
    ("package-manifest-malformed", 5, of(GOOD.replace(b"SHA256(vm.ovf)= ", b"SHA256(vm.ovf)= ab")), []),
    ("package-manifest-malformed", 5, of(b"SHA256(" + b"A" * 70000 + b")= 00\n"), []),
    ("package-manifest-malformed", 5, of(GOOD + b"SHA256(vm.mf)= " + b"0" * 64 + b"\n"), []),
    ("package-manifest-malformed", 5, of(b"\n" * 3000 + GOOD), []),
    ("package-manifest-algorithm", 5, of(manifest([("vm.ovf", OVF), ("disk1.vmdk", DISK)], "MD5")), []),
    ("package-manifest-duplicate", 5, of(GOOD + b"SHA256(disk1.vmdk)= " + b"0" * 64 + b"\n"), []),
    ("package-manifest-absent", 5, of(GOOD + b"SHA256(ghost.iso)= " + b"0" * 64 + b"\n"), []),
    ("package-manifest-absent", 5, of(GOOD + b"SHA256(../canary/secret)= " + b"0" * 64 + b"\n"), []),
    ("package-manifest-unlisted", 5, of(manifest([("vm.ovf", OVF)])), []),
    ("package-manifest-unlisted", 5, of(manifest([("disk1.vmdk", DISK)])), []),
    ("package-digest-differs", 5, of(GOOD, disk=DISK[:-1] + b"x"), []),
    ("package-digest-differs", 5, of(manifest([("vm.ovf", b"x"), ("disk1.vmdk", DISK)])), []),
    ("package-signature-missing", 5, of(GOOD), ["--require-signature"]),
]
for number, (rule, code, data, more) in enumerate(CASES):
    path = put(f"in/{number}.ova", data)
    result = ovfkit("verify", path, *more)
    check(result.returncode == code and f"[{rule}]".encode() in result.stderr, f"verify: {rule} ({number})", result)
    result = ovfkit("unpack", path, "-o", "out", *more)
    check(result.returncode == code and not os.path.exists("out"), f"unpack: {rule} ({number})", result)
    result = ovfkit("pack", path, "-o", "out.ova", *more)
    check(result.returncode in (code, 2) and not os.path.exists("out.ova"), f"pack: {rule} ({number})", result)
    check([x for x in os.listdir(".") if x.startswith(".")] == [], f"nothing temporary is left: {rule}")

# What is odd passes with a warning.
WARNED = [
    ("package-archive-end", ROOT[:ROOT.rindex(DISK[-1:]) + 1].ljust(-(-(ROOT.rindex(DISK[-1:]) + 1) // 512) * 512, b"\0"), []),
    ("package-archive-trailing", ROOT + b"more", []),
    ("package-name-case", archive(("vm.ovf", OVF), ("disk1.vmdk", DISK), ("DISK1.vmdk", b"x")), []),
    ("package-descriptor-late", archive(("disk1.vmdk", DISK), ("vm.ovf", OVF)), []),
    ("package-file-size", archive(("vm.ovf", descriptor([("f", "disk1.vmdk", 12345, "")])), ("disk1.vmdk", DISK)), ["--lenient"]),
    ("package-file-unreferenced", archive(("vm.ovf", OVF), ("vm.mf", GOOD), ("disk1.vmdk", DISK), ("extra", b"x")), []),
    ("package-manifest-spelling", of(GOOD.replace(b"SHA256", b"SHA2-256")), []),
    ("package-manifest-weak", of(manifest([("vm.ovf", OVF), ("disk1.vmdk", DISK)], "SHA1")), []),
    ("package-manifest-name", of(GOOD, base="other.mf"), []),
    ("package-manifest-repeated", of(GOOD + GOOD), []),
]
for rule, data, more in WARNED:
    result = ovfkit("verify", put("in/warned.ova", data), *more)
    check(result.returncode == 0 and f"[{rule}]".encode() in result.stderr, f"warning: {rule}", result)

# A manifest written another way that means the same.
other = GOOD.decode().replace("SHA256(", "sha256 (").replace(")= ", ") =").upper().replace("VM.OVF", "vm.ovf").replace("DISK1.VMDK", "disk1.vmdk").replace("\n", "\r\n")
check(ovfkit("verify", put("in/other.ova", of(other.encode())), "--require-manifest").returncode == 0, "CRLF, blanks and upper case in a manifest")

# A folder: nothing outside of it is read, no link followed.
put("pkg/vm.ovf", OVF)
os.symlink("../canary/secret", "pkg/disk1.vmdk")
result = ovfkit("verify", "pkg")
check(result.returncode == 4 and b"[package-type-refused]" in result.stderr, "a link in a folder", result)
os.unlink("pkg/disk1.vmdk")
os.mkfifo("pkg/disk1.vmdk")
check(ovfkit("verify", "pkg", timeout=20).returncode == 4, "a FIFO in a folder")
os.unlink("pkg/disk1.vmdk")
put("pkg/disk1.vmdk", DISK)
put("pkg/vm.mf", GOOD.replace(b"disk1.vmdk)= ", b"disk1.vmdk)= 00")[:-3] + b"\n")
check(ovfkit("verify", "pkg").returncode == 5, "a wrong digest in a folder")
put("pkg/vm.mf", GOOD)
check(ovfkit("verify", "pkg/vm.ovf", "--require-manifest").returncode == 0, "a folder that is right")

# Members keep no mode of the archive.
info = tarfile.TarInfo("disk1.vmdk")
info.mode, info.size = 0o6777, len(DISK)
raw = io.BytesIO()
with tarfile.open(fileobj=raw, mode="w") as tar:
    head = tarfile.TarInfo("vm.ovf")
    head.size = len(OVF)
    tar.addfile(head, io.BytesIO(OVF))
    tar.addfile(info, io.BytesIO(DISK))
ovfkit("unpack", put("in/mode.ova", raw.getvalue()), "-o", "mode")
check(os.stat("mode/disk1.vmdk").st_mode & 0o7111 == 0, "no mode is taken from the archive")
finish()
