#!/usr/bin/env python3
"""Packages of several machines, with delta disks, NVRAM and disks of no size, imported: what is one on the platform is one
file, parents and children are merged, and virsh takes the domains.  usage: machines.py OVFKIT"""
import json
import os
import re
import shutil

from making import MIB, Disk, archive, check, descriptor, finish, identical, make_disk, must, need, ovfkit, put, run, scratch, stream_vmdk, system

need("qemu-img", "qemu-io", "openssl")
folder = scratch()
here = os.getcwd()


def package(name, disks, body, files=""):
    """A folder `name` that holds the images already."""
    os.chdir(name)
    put("vm.ovf", descriptor(disks, body, files))
    os.chdir(here)
    done = ovfkit("pack", name, "-o", name + ".ova")
    check(done.returncode == 0, f"pack {name}", done)
    return name + ".ova"


def imported(what, source, *words, code=0, **more):
    shutil.rmtree("out", ignore_errors=True)
    done = ovfkit("import", source, "-o", "out", "-q", *words, **more)
    check(done.returncode == code, what, done)
    return done


# Two machines; one disk is in both.
os.mkdir("two")
for raw, size in (("a.raw", 3 * MIB), ("b.raw", 2 * MIB + 512), ("c.raw", MIB)):
    make_disk(raw, size, 8)
disks = []
for raw in ("a", "b", "c"):
    stream_vmdk(raw + ".raw", f"two/{raw}.vmdk", 128)
    disks.append(Disk(os.path.join(here, raw + ".raw"), raw + ".vmdk", "vmdk"))
two = package("two", disks, system("web", disks[:2]) + system("db", disks[1:]))
done = imported("two machines", two, "--to", "libvirt")
check(sorted(os.listdir("out")) == ["db-disk2.qcow2", "db.xml", "web-disk1.qcow2", "web-disk2.qcow2", "web.xml"], f"two machines: {os.listdir('out')}")
for raw, name in (("a", "web-disk1"), ("b", "web-disk2"), ("c", "db-disk2")):
    identical("two machines", raw + ".raw", f"out/{name}.qcow2", "qcow2")
check("out/web-disk2.qcow2'" in open("out/db.xml", encoding="utf-8").read(), "two machines: the disk of both is one file")
done = imported("one of two", two, "--to", "libvirt", "--vm", "db")
check(sorted(os.listdir("out")) == ["db-disk1.qcow2", "db-disk2.qcow2", "db.xml"], f"--vm db: {os.listdir('out')}")
identical("one of two", "b.raw", "out/db-disk1.qcow2", "qcow2")
done = imported("none of two", two, "--to", "libvirt", "--vm", "mail", code=2)
check(not os.path.exists("out") and b"mail" in done.stderr, "--vm mail leaves nothing", done)
# An export directory holds one instance: every machine has its own.
done = imported("two machines to Ganeti", two, "--to", "ganeti")
check(sorted(os.listdir("out")) == ["db", "web"], f"two machines to Ganeti: {os.listdir('out')}")
for vm, names in (("web", "ab"), ("db", "bc")):
    config = open(f"out/{vm}/config.ini", encoding="utf-8").read()
    dumps = re.findall(r"disk\d+_dump = (.*)", config)
    check(len(dumps) == 2, f"dumps of {vm}: {config}")
    for raw, dump in zip(names, dumps):
        identical(f"{vm} to Ganeti", raw + ".raw", f"out/{vm}/{dump}", "raw")
check(done.stdout.count(b"gnt-backup import") == 2 and b"--src-dir=/var/lib/ganeti/export/web " in done.stdout, f"commands: {done.stdout.decode()}")

done = imported("two machines to Proxmox", two, "--to", "proxmox", code=2)
check(b"proxmox.vmid" in done.stderr and not os.path.exists("out"), "two machines to Proxmox", done)

# To a dialect: a package again, that imports to the same disks.
for dialect in ("dmtf", "ovirt", "vmware"):
    shutil.rmtree("again", ignore_errors=True)
    imported(f"to {dialect}", two, "--to", dialect, *(["--vm", "web"] if dialect == "ovirt" else []))
    os.rename("out", "again")
    imported(f"from {dialect}", "again", "--to", "libvirt", "--disk-format", "raw")
    made = sorted(name for name in os.listdir("out") if name.endswith(".raw"))
    wanted = {"web-disk1.raw": "a.raw", "web-disk2.raw": "b.raw", "db-disk2.raw": "c.raw"}
    check(set(made) == set(wanted) - ({"db-disk2.raw"} if dialect == "ovirt" else set()), f"from {dialect}: {made}")
    for name in made:
        identical(f"from {dialect}", wanted.get(name, name), "out/" + name, "raw")

# Deltas: a chain of three, and the middle one used by another machine.
for cluster in ("64k", "4k", "2M"):
    shutil.rmtree("chain", ignore_errors=True)
    os.mkdir("chain")
    shutil.copy("a.raw", "layer0.raw")
    must("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "a.raw", "chain/layer0.qcow2")
    changes = {1: ["write -P 17 65536 100000", "write -z 1048576 262144"], 2: ["write -P 34 131072 4096", "write -P 51 3000320 512"]}
    for image in (1, 2):
        must("qemu-img", "create", "-f", "qcow2", "-o", f"cluster_size={cluster}", "-b", f"layer{image - 1}.qcow2", "-F", "qcow2", f"chain/layer{image}.qcow2")
        shutil.copy(f"layer{image - 1}.raw", f"layer{image}.raw")
        for change in changes[image]:
            must("qemu-io", "-f", "qcow2", "-c", change, f"chain/layer{image}.qcow2")
            must("qemu-io", "-f", "raw", "-c", change, f"layer{image}.raw")
    disks = [Disk(os.path.join(here, f"layer{i}.raw"), f"layer{i}.qcow2", "qcow2", parent=f"layer{i - 1}" if i else "") for i in range(3)]
    chain = package("chain", disks, system("web", disks[2:]) + system("db", disks[1:2]))
    for to, form in (("libvirt", "qcow2"), ("libvirt", "raw"), ("ganeti", "raw")):
        what = f"a chain of {cluster} clusters to {to} {form}"
        for source in (chain, "chain", "-"):
            with open(chain, "rb") as stream:
                imported(what, source, "--to", to, *(["--disk-format", form] if to == "libvirt" else []), stdin=stream)
            web, db = ("out/web/", "out/db/") if to == "ganeti" else ("out/", "out/")
            identical(what, "layer2.raw", f"{web}web-disk1.{form}", form)
            identical(what + ", its middle", "layer1.raw", f"{db}db-disk1.{form}", form)
            made = [name for _, _, names in os.walk("out") for name in names if name.endswith((".raw", ".qcow2"))]
            check(len(made) == 2, f"{what}: parents are not there: {made}")
    os.unlink(chain)
# A child that names another parent than the descriptor does is refused.
must("qemu-img", "rebase", "-u", "-f", "qcow2", "-b", "other.qcow2", "-F", "qcow2", "chain/layer2.qcow2")
done = imported("a chain with a foreign parent", package("chain", disks, system("web", disks[2:])), "--to", "libvirt", code=5)
check(b"other.qcow2" in done.stderr and not os.path.exists("out"), "a foreign parent leaves nothing", done)
# A child without parentRef, too.
os.mkdir("orphan")
shutil.copy("chain/layer1.qcow2", "orphan/layer1.qcow2")
lone = [Disk(os.path.join(here, "layer1.raw"), "layer1.qcow2", "qcow2")]
done = imported("a child alone", package("orphan", lone, system("web", lone)), "--to", "libvirt", code=4)
check(b"[disk-" in done.stderr and b"layer1.qcow2" in done.stderr and not os.path.exists("out"), "a child alone is refused by name", done)

# VirtualBox writes a capacity of 0 at times and takes the size from the image: so do we, when asked.
os.mkdir("unsized")
stream_vmdk("b.raw", "unsized/b.vmdk", 128)
unsized = [Disk(os.path.join(here, "b.raw"), "b.vmdk", "vmdk", capacity=0)]
ova = package("unsized", unsized, system("web", unsized))
done = imported("no size", ova, "--to", "libvirt", code=3)
check(b"--lenient" in done.stderr and b"[import-disk-size-missing]" in done.stderr, "no size", done)
for to, name, form in (("libvirt", "web-disk1.qcow2", "qcow2"), ("ganeti", "web-disk1.raw", "raw")):
    imported(f"no size to {to}", ova, "--to", to, "--lenient")
    identical(f"no size to {to}", "b.raw", "out/" + name, form)
check("disk0_size = 3" in open("out/config.ini", encoding="utf-8").read(), "no size: Ganeti learns the image's")
with open(ova, "rb") as stream:
    shutil.rmtree("out", ignore_errors=True)
    done = ovfkit("import", "-", "-o", "out", "--to", "ganeti", "-q", "--lenient", stdin=stream)
check(done.returncode == 0 and "disk0_size = 3" in open("out/config.ini", encoding="utf-8").read(), "no size, from standard input", done)

# NVRAM comes along, and nobody is told that it is what it is not.
os.mkdir("nvram")
stream_vmdk("c.raw", "nvram/c.vmdk", 128)
put("nvram/vm.nvram", b"NVRAM" * 100)
efi = [Disk(os.path.join(here, "c.raw"), "c.vmdk", "vmdk")]
extra = ('<vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>\n'
         '<vmw:ExtraConfig ovf:required="false" vmw:key="nvram" vmw:value="ovf:/file/nv"/>\n')
ova = package("nvram", efi, system("web", efi, extra=extra), '<File ovf:href="vm.nvram" ovf:id="nv" ovf:size="500"/>')
shutil.rmtree("out", ignore_errors=True)
done = ovfkit("import", ova, "-o", "out", "--to", "libvirt")
check(done.returncode == 0, "NVRAM of VMware", done)
check(b"nvram" in done.stderr.lower(), "NVRAM of VMware has a row", done)
check(sorted(os.listdir("out")) == ["web-disk1.qcow2", "web-nvram", "web.xml"], f"NVRAM: {os.listdir('out')}")
check(open("out/web-nvram", "rb").read() == b"NVRAM" * 100, "NVRAM is copied")
check("web-nvram" not in open("out/web.xml", encoding="utf-8").read(), "VMware's NVRAM is not libvirt's")

# An OVA of oVirt: volumes that are called by their UUIDs, `pad` members, an NVRAM that the descriptor's File alone names.
os.mkdir("engine")
samples = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "samples")
text = open(os.path.join(samples, "ovirt-ova-disabled.ovf"), encoding="utf-8").read()
volume = "b1c0a9d8-3d3e-4f63-9c41-7d1f40a11002"
must("qemu-img", "create", "-f", "qcow2", "engine/" + volume, "30G")
must("qemu-io", "-f", "qcow2", "-c", "write -P 5 1G 300000", "engine/" + volume)
must("qemu-img", "convert", "-f", "qcow2", "-O", "raw", "engine/" + volume, "engine.raw")
put("engine/nvram.dat", b"EFI variables")
put("engine/pad", bytes(3072))
size = os.path.getsize("engine/" + volume)
put("engine/vm.ovf", text.replace("1610612736", str(size)).replace(
    "</References>", '<File ovf:href="nvram.dat" ovf:id="4b1e6b52-0000-4000-8000-000000000001" ovf:size="13"/></References>').encode())
put("engine.ova", archive(*[(name, open("engine/" + name, "rb").read()) for name in ("vm.ovf", "pad", volume, "pad", "nvram.dat", "pad")]))
for to, form in (("libvirt", "qcow2"), ("ganeti", "raw")):
    for source in ("engine.ova", "-"):
        with open("engine.ova", "rb") as stream:
            imported(f"an OVA of oVirt to {to}", source, "--to", to, stdin=stream)
        identical(f"an OVA of oVirt to {to}", "engine.raw", f"out/mail-disk1.{form}", form)
        check(open("out/mail-nvram", "rb").read() == b"EFI variables", f"an OVA of oVirt to {to}: NVRAM")
        check(os.stat(f"out/mail-disk1.{form}").st_blocks * 512 < 4 * MIB, f"an OVA of oVirt to {to}: holes stay holes")

# Who signed it is asked before anything has its name.
must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=maker", "-days", "2", "-keyout", "key.pem", "-out", "cert.pem")
done = ovfkit("sign", two, "--key", "key.pem", "--cert", "cert.pem", "-o", "signed.ova")
check(done.returncode == 0, "sign", done)
for source in ("signed.ova", "-"):
    with open("signed.ova", "rb") as stream:
        imported(f"signed by a stranger, {source}", source, "--to", "libvirt", "--require-signature", code=5, stdin=stream)
    check(not os.path.exists("out"), f"signed by a stranger, {source}: nothing is there")
    with open("signed.ova", "rb") as stream:
        done = imported(f"signed, {source}", source, "--to", "libvirt", "--require-signature", "--ca-file", "cert.pem", "--json", stdin=stream)
    check(done.returncode == 0 and json.loads(done.stdout)["holds"] == "trusted-signature", f"signed, {source}: {done.stdout.decode()}")

# virsh defines: its test driver takes the domain, argv only.
if shutil.which("virsh"):
    name = "a'b $(touch pwned)"
    os.mkdir(name)
    done = ovfkit("import", two, "-o", name + "/out", "--to", "libvirt", "--define", "test:///default", "-q")
    check(done.returncode == 0 and not done.stdout and not done.stderr, "--define", done)
    check(not os.path.exists("pwned") and os.path.exists(name + "/out/web.xml"), "--define runs no shell")
    done = ovfkit("import", two, "-o", "undefined", "--to", "libvirt", "--define", "nowhere:///", "-q")
    check(done.returncode == 6 and os.path.exists("undefined/web.xml") and b"web.xml" in done.stderr and b"define" in done.stderr,
          "--define at a connection that is not there", done)
else:
    print("SKIP: virsh is not installed")
done = ovfkit("import", two, "-o", "never", "--to", "libvirt", "--define", "test:///default", "-q", env={"PATH": "/nonexistent"})
check(done.returncode == 6 and b"virsh" in done.stderr, "--define without virsh", done)

finish()
