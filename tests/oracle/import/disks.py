#!/usr/bin/env python3
"""Packages that other programs made, imported: every disk is identical to its source for qemu-img, libvirt's schema takes the
XML and Ganeti's own reader the folder.  usage: disks.py OVFKIT"""
import gzip
import itertools
import os
import re
import shutil
import subprocess

from making import MIB, TOOL, Disk, check, descriptor, finish, identical, make_disk, manifest, must, need, ovfkit, parts_of, put, run, scratch, split, stream_vmdk, system

need("qemu-img", "tar", "bsdtar", "gzip", "bzip2")
FOLDER = os.path.dirname(os.path.abspath(__file__))
SCHEMA = shutil.which("virt-xml-validate")
folder = scratch()


def ganeti_reads(path):
    """The folder, as `gnt-backup import` sees it; None without Ganeti."""
    code = ("import json, sys, gnt\ncheck = gnt.check(gnt.from_config_ini(open(sys.argv[1]).read()), gnt.Cluster(), True)\n"
            "print(json.dumps([disk['size'] for disk in check['disks']]))")
    done = run("/usr/bin/python3", "-c", code, path, env={"PYTHONPATH": os.path.join(FOLDER, "..", "ganeti"), "PATH": os.environ["PATH"]})
    return None if done.returncode == 77 else done


if SCHEMA is None:
    print("SKIP: virt-xml-validate is not installed: libvirt's schema is not asked")
GANETI = os.path.exists("/usr/share/ganeti/default")
if not GANETI:
    print("SKIP: Ganeti is not installed: its reader is not asked")

RAW = {"partial": (9 * MIB + 5 * 512, 30), "empty": (3 * MIB, 0), "full": (4 * MIB + 65536 + 512, -1), "sector": (512, -1)}
for name, (size, runs) in RAW.items():
    make_disk(name + ".raw", size, runs)


def qemu_made(raw, path, form, *options):
    must("qemu-img", "convert", "-f", "raw", "-O", form, *[word for option in options for word in ("-o", option)], raw, path)
    return path


def image(raw, kind, path):
    """An image of that kind; gives the word for its format."""
    if kind == "raw":
        shutil.copy(raw, path)
        return "raw"
    if kind.startswith("grain"):
        stream_vmdk(raw, path, int(kind[5:]), footer=kind != "grain16")
        return "vmdk"
    form, *options = {"stream": ("vmdk", "subformat=streamOptimized"), "sparse": ("vmdk", "subformat=monolithicSparse"), "qcow2": ("qcow2",),
                      "old": ("qcow2", "compat=0.10"), "vhd": ("vpc", "force_size=on"), "vdi": ("vdi",), "vhdx": ("vhdx",)}[kind]
    qemu_made(raw, path, form, *options)
    return {"vpc": "vhd", "vdi": "http://forum.innotek.de/viewtopic.php?p=9524#9524"}.get(form, "vhd" if form == "vhdx" else "sparse" if kind == "sparse" else form)


ENDS = {"raw": "raw", "qcow2": "qcow2", "old": "qcow2", "vhd": "vhd", "vdi": "vdi", "vhdx": "vhdx"}


def package(name, raws, kinds, variant=""):
    """A folder with a descriptor, its images and a manifest."""
    os.mkdir(name)
    disks = []
    for i, (raw, kind) in enumerate(zip(raws, itertools.cycle(kinds))):
        href = f"disk{i}.{ENDS.get(kind, 'vmdk')}"
        path = f"{name}/{href}"
        form = image(raw + ".raw", kind, path)
        if variant == "gzip":
            with open(path, "rb") as plain, gzip.open(path + ".gz", "wb", 1) as packed:
                shutil.copyfileobj(plain, packed)
            os.replace(path + ".gz", path)
        if variant == "chunks":
            split(path, 300000)
        disks.append(Disk(raw + ".raw", href, form, "gzip" if variant == "gzip" else "", 300000 if variant == "chunks" else 0))
    here = os.getcwd()
    os.chdir(name)
    for disk in disks:
        disk.raw = os.path.join(here, disk.raw)
    text = descriptor(disks, system("web", disks))
    names = ["vm.ovf", *[part for disk in disks for part in parts_of(disk)]]
    put("vm.ovf", text)
    put("vm.mf", manifest([(n, open(n, "rb").read()) for n in names]))
    os.chdir(here)
    return disks, [names[0], "vm.mf", *names[1:]]


def archive(maker, name, names):
    ova = f"{name}-{re.sub('[^a-z0-9]', '', maker)}.ova"
    if maker == "ovfkit":
        done = ovfkit("pack", name, "-o", ova)
        check(done.returncode == 0, f"pack {name}", done)
    elif maker.startswith("tar"):
        must("tar", "--format=" + maker[4:], "-cf", ova, "-C", name, *names)
    elif maker.startswith("bsdtar"):
        must("bsdtar", "--no-read-sparse", "--format", maker[7:], "-cf", ova, "-C", name, *names)
    else:
        must("tar", "--format=ustar", "-cf", "plain.ova", "-C", name, *names)
        with open(ova, "wb") as out:
            subprocess.run([maker, "-c", "plain.ova"], stdout=out, check=True)
    return ova


def imported(what, source, disks, to, form, *more, stdin=None):
    shutil.rmtree("out", ignore_errors=True)
    with open(stdin or os.devnull, "rb") as stream:
        done = ovfkit("import", source, "-o", "out", "--to", to, "-q", *(["--disk-format", form] if to != "ganeti" else []), *more, stdin=stream)
    check(done.returncode == 0 and not done.stderr, what, done)
    if done.returncode != 0:
        return
    made = sorted(name for name in os.listdir("out") if re.search(r"-disk\d+\.", name))
    check(len(made) == len(disks), f"{what}: {made}")
    for disk, name in zip(disks, made):
        identical(what, disk.raw, "out/" + name, form)
    if to == "libvirt":
        xml = open("out/web.xml", encoding="utf-8").read()
        check(re.findall(r"<source file='([^']*)'/>", xml) == [os.path.abspath("out/" + name) for name in made], f"{what}: sources in {xml}")
        check(xml.count(f"<driver name='qemu' type='{form}'") == len(disks), f"{what}: drivers in {xml}")
        if SCHEMA:
            valid = run(SCHEMA, "out/web.xml", "domain")
            check(valid.returncode == 0, f"{what}: schema", valid)
    elif GANETI:
        read = ganeti_reads("out/config.ini")
        sizes = "[" + ", ".join(str(-(-os.path.getsize(disk.raw) // MIB)) for disk in disks) + "]"
        check(read.returncode == 0 and read.stdout.decode().strip() == sizes, f"{what}: Ganeti reads {read.stdout.decode()}, not {sizes}", read)
        config = open("out/config.ini", encoding="utf-8").read()
        check(re.findall(r"disk\d+_dump = (.*)", config) == made, f"{what}: dumps in {config}")
        check(all(os.path.getsize("out/" + name) % MIB == 0 for name in made), f"{what}: dumps of whole MiB")


TARGETS = [("libvirt", "qcow2"), ("libvirt", "raw"), ("ganeti", "raw")]

# Every kind of image, one disk and several, as a folder and as our own OVA.
ALL = ["partial", "empty", "full", "sector"]
for kind in ("stream", "sparse", "qcow2", "old", "raw", "grain8", "grain16", "grain64", "grain256", "grain2048"):
    disks, names = package(kind, ALL, [kind])
    ova = archive("ovfkit", kind, names)
    for to, form in TARGETS:
        imported(f"{kind} to {to} {form}", ova, disks, to, form)
    imported(f"{kind} folder", kind, disks, "libvirt", "qcow2")
    # Of a stream only what needs no second look can be had without a copy; all of it must come right.
    imported(f"{kind} from standard input", "-", disks, "libvirt", "raw", stdin=ova)

# What qemu-img converts for us.
for kind in ("vhd", "vdi", "vhdx"):
    disks, names = package(kind, ["partial", "empty"], [kind])
    ova = archive("ovfkit", kind, names)
    for to, form in TARGETS:
        imported(f"{kind} to {to} {form}", ova, disks, to, form, "--lenient")
    imported(f"{kind} from standard input", "-", disks, "libvirt", "qcow2", "--lenient", stdin=ova)

# Every maker of archives.
disks, names = package("mixed", ["partial", "full", "empty"], ["stream", "raw", "qcow2"])
for maker in ("tar ustar", "tar gnu", "tar pax", "tar v7", "bsdtar ustar", "bsdtar pax", "bsdtar gnutar", "ovfkit", "gzip", "bzip2"):
    ova = archive(maker, "mixed", names)
    for to, form in TARGETS:
        imported(f"{maker} to {to} {form}", ova, disks, to, form)
    imported(f"{maker} from standard input", "-", disks, "libvirt", "qcow2", stdin=ova)

# A file with holes becomes a sparse member, which no other reader of OVAs takes.
with open("mixed/hole", "wb") as out:
    out.truncate(8 * MIB)
    out.write(b"end")
if run("bsdtar", "--format", "pax", "-cf", "sparse.ova", "-C", "mixed", "vm.ovf", "hole").returncode == 0 and b"GNU.sparse" in open("sparse.ova", "rb").read(1 << 20):
    done = ovfkit("import", "sparse.ova", "-o", "refused", "--to", "libvirt", "-q")
    check(done.returncode == 4 and b"sparse" in done.stderr and not os.path.exists("refused"), "a sparse member is refused", done)
else:
    print("SKIP: no sparse members are made on this file system")

# Compressed members and split ones.
for variant in ("gzip", "chunks"):
    for kinds in (["stream"], ["raw"], ["qcow2", "sparse"]):
        name = f"{variant}-{kinds[0]}"
        disks, names = package(name, ["partial", "full", "sector"], kinds, variant)
        ova = archive("tar ustar", name, names)
        for source, stream in ((ova, None), (name, None), ("-", ova)):
            for to, form in TARGETS:
                imported(f"{name} {source} to {to} {form}", source, disks, to, form, stdin=stream)
disks, names = package("split", ["full"], ["stream"])
must(TOOL, "pack", "split", "--chunk-size", "100000", "-o", "split.ova")
imported("split by pack", "split.ova", disks, "libvirt", "qcow2")

finish()
