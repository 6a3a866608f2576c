#!/usr/bin/env python3
"""Disk images that qemu-img writes, read by us; what we write, compared and checked by qemu-img; what refers to other files,
refused.  usage: compare.py DISK_CONVERT"""
import os
import random
import shutil
import subprocess
import sys
import tempfile

program = os.path.abspath(sys.argv[1])
if shutil.which("qemu-img") is None:
    print("SKIP: no qemu-img")
    sys.exit(77)
os.chdir(tempfile.mkdtemp(prefix="ovfkit-disk-"))
MIB = 1 << 20
wrong = []
count = 0


def qemu(*arguments):
    return subprocess.run(["qemu-img", *arguments], capture_output=True, text=True, check=False)


def ours(*arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=300, check=False)


def expect(what, good, detail=""):
    global count
    count += 1
    if not good:
        wrong.append(f"{what}: {detail}")


def disk(name, size, pieces):
    """pieces: how many runs of data and zeros of up to 300 KiB; -1: full."""
    rng = random.Random(name)
    with open(name, "wb") as out:
        if pieces < 0:
            while out.tell() < size:
                out.write(rng.randbytes(8192) + b"text " * 8192)
        for _ in range(pieces):
            out.seek(rng.randrange(0, max(1, size - 300000)) // 512 * 512)
            out.write(rng.choice([rng.randbytes(rng.randrange(1, 300000)), b"abc" * 50000, bytes(100000)])[: size - out.tell()])
        out.truncate(size)


def same(what, raw, made, form):
    done = qemu("compare", "-f", "raw", "-F", form, raw, made)
    expect(what, done.returncode == 0, done.stdout + done.stderr)


DISKS = {"partial.raw": (9 * MIB + 5 * 512, 30), "empty.raw": (3 * MIB, 0), "full.raw": (7 * MIB + 65536 + 512, -1), "tiny.raw": (4096, 1),
         "sector.raw": (512, -1), "wide.raw": (1500 * MIB, 25)}
SOURCES = [("raw", []), ("vmdk", ["subformat=streamOptimized"]), ("vmdk", ["subformat=monolithicSparse"]), ("qcow2", []),
           ("qcow2", ["compat=0.10"]), ("qcow2", ["cluster_size=512"]), ("qcow2", ["cluster_size=2M"]), ("qcow2", ["lazy_refcounts=on", "preallocation=metadata"])]
PACKED = [("qcow2", ["cluster_size=64k"]), ("qcow2", ["cluster_size=2M"]), ("qcow2", ["cluster_size=4k", "compression_type=zstd"]),
          ("qcow2", ["compression_type=zstd"])]
for raw, (size, pieces) in DISKS.items():
    disk(raw, size, pieces)
    for form, options, packed in [(*s, False) for s in SOURCES] + [(*s, True) for s in PACKED]:
        if size > 100 * MIB and "cluster_size=512" in options:
            continue
        image = "image." + form
        arguments = [word for option in options for word in ("-o", option)] + (["-c"] if packed else [])
        done = qemu("convert", "-f", "raw", "-O", form, *arguments, raw, image)
        expect("qemu-img " + " ".join(arguments), done.returncode == 0, done.stderr)
        what = f"{raw} as {form} {options} {'packed' if packed else ''}"
        for out in ("raw", "qcow2", "vmdk"):
            done = ours(form, image, out, "made." + out, *(["stream=1"] if "subformat=streamOptimized" in options and out == "qcow2" else []))
            expect(f"{what} to {out}", done.returncode == 0, done.stderr)
            same(f"{what} to {out}", raw, "made." + out, out)
            if out == "qcow2":
                done = qemu("check", "-f", "qcow2", "made.qcow2")
                expect(f"{what}: qemu-img check", done.returncode == 0 and "No errors" in done.stdout, done.stdout + done.stderr)
        os.unlink(image)

# Holes stay holes, and what is huge and empty is quick.
with open("huge.raw", "wb") as out:
    out.truncate(2 << 40)
    out.seek(1 << 40)
    out.write(b"data" * 20000)
for out in ("raw", "qcow2", "vmdk"):
    done = ours("raw", "huge.raw", out, "made." + out)
    expect(f"2 TiB to {out}", done.returncode == 0, done.stderr)
    expect(f"2 TiB to {out} is sparse", os.stat("made." + out).st_blocks * 512 < 8 * MIB, str(os.stat("made." + out)))
    info = qemu("info", "-f", out, "made." + out).stdout
    expect(f"2 TiB to {out}: size", "2199023255552" in info, info)

# Helpers, each in every sandbox that is there.
disk("whole.raw", 8 * MIB, 20)
for family, form, options in (("vhd", "vpc", ["force_size=on"]), ("vhd", "vpc", ["subformat=fixed", "force_size=on"]), ("vhdx", "vhdx", []), ("vdi", "vdi", [])):
    qemu("convert", "-f", "raw", "-O", form, *[word for option in options for word in ("-o", option)], "whole.raw", "image." + form)
    # As a member of an archive, too: at an offset, with something behind it.
    with open("image." + form, "rb") as image, open("archive", "wb") as archive:
        content = image.read()
        archive.write(b"x" * 1536 + content + b"y" * 1024)
    for sandbox in ("auto", "bwrap", "landlock", "none"):
        if sandbox == "bwrap" and subprocess.run(["bwrap", "--ro-bind", "/", "/", "--unshare-all", "true"], check=False, capture_output=True).returncode != 0 if shutil.which("bwrap") else sandbox == "bwrap":
            print("SKIP: bubblewrap does not work here")
            continue
        for out in ("raw", "qcow2"):
            for source in (["image." + form], ["archive", "offset=1536", f"size={len(content)}"]):
                shutil.rmtree("folder", ignore_errors=True)
                os.mkdir("folder")
                done = ours(family, source[0], out, "folder", f"helper={sandbox}", *source[1:])
                if sandbox == "landlock" and "disk-sandbox-missing" in done.stderr:
                    print("SKIP: no Landlock")
                    continue
                expect(f"{form} {options} {source} by helper in {sandbox}", done.returncode == 0, done.stderr)
                same(f"{form} {options} {source} by helper in {sandbox}", "whole.raw", "folder/disk", out)

# What names another file, or would lose something.
qemu("create", "-f", "qcow2", "-b", os.path.abspath("whole.raw"), "-F", "raw", "backing.qcow2")
qemu("create", "-f", "qcow2", "-o", "data_file=data.bin", "data.qcow2", "8M")
qemu("create", "-f", "qcow2", "-o", "extended_l2=on", "extended.qcow2", "8M")
qemu("create", "-f", "qcow2", "snapshot.qcow2", "8M")
qemu("snapshot", "-c", "one", "snapshot.qcow2")
for kind in ("monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat"):
    qemu("create", "-f", "vmdk", "-o", f"subformat={kind}", kind + ".vmdk", "8M")
for image in ("backing.qcow2", "data.qcow2", "extended.qcow2", "snapshot.qcow2", "monolithicFlat.vmdk", "twoGbMaxExtentSparse.vmdk", "twoGbMaxExtentFlat.vmdk"):
    done = ours(image.split(".")[1], image, "raw", "refused.raw")
    expect(image, done.returncode == 4, f"{done.returncode} {done.stderr}")
qemu("create", "-f", "vdi", "parent.vdi", "8M")
with open("parent.vdi", "r+b") as out:
    out.seek(76)
    out.write(b"\4")
with open("image.vhdx", "r+b") as out:  # HasParent in the file parameters, wherever they are
    content = out.read()
    at = content.index(bytes.fromhex("3767A1CA36FA434DB3B633F0AA44E76B"))
    base = content.index(b"metadata")
    where = base + int.from_bytes(content[at + 16 : at + 20], "little")
    out.seek(where + 4)
    out.write(b"\2")
for family, image in (("vdi", "parent.vdi"), ("vhdx", "image.vhdx")):
    done = ours(family, image, "raw", "folder", "helper=auto")
    expect(image, done.returncode == 4 and "disk-reference-refused" in done.stderr, f"{done.returncode} {done.stderr}")

shutil.rmtree(os.getcwd())
print(f"{count} checks")
print("\n".join(wrong))
sys.exit(1 if wrong or count < 300 else 0)
