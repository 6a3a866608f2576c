"""More hostile inputs: manifests, disk images, texts that want to be more than text, platform texts."""
import struct
import zlib

import forge
from cases import Case, archive, descriptor
from forge import BASE, O, PASSWORD, marker, ova, ovf, member, package, qcow2, vmdk, vmdk_text, with_item

GRAIN = bytes(65536)


def manifests():
    right = forge.digests([("vm.ovf", BASE), ("disk1.vmdk", vmdk())])
    lines = right.splitlines(keepends=True)
    bad = {"disk": lines[0] + lines[1].replace("= ", "= 0")[:-2] + "\n", "descriptor": lines[0][:-2] + ("0\n" if lines[0][-2] != "0" else "1\n") + lines[1], "missing": lines[0],
           "ghost": right + "SHA256(ghost.vmdk)= " + "a" * 64 + "\n", "conflict": right + lines[1][:-3] + "00\n", "md5": right.replace("SHA256", "MD5"), "garbage": right + "what is this\n",
           "short": right[:-9] + "\n", "hex": right[:-2] + "g\n", "up": right + "SHA256(../outside/secret)= " + "a" * 64 + "\n", "absolute": right + "SHA256(" + O + "/secret)= " + "a" * 64 + "\n",
           "long": right + "SHA256(" + "a" * 5000 + ")= " + "a" * 64 + "\n", "nul": right + "\0\n", "empty": "", "escape": right + "SHA256(\x1b[2J)= " + "a" * 64 + "\n"}
    for name, text in bad.items():
        yield archive("mf-" + name, "digest", package(manifest=text))
    yield archive("mf-many", "digest", package(manifest="\n" * 3000 + right))
    yield archive("mf-huge", "archive", package(manifest=right + "\n" * (1 << 21)))
    yield archive("mf-sha1", "accept", package(manifest=forge.digests([("vm.ovf", BASE), ("disk1.vmdk", vmdk())], "sha1")))
    yield archive("cert-alone", "digest", ova(member("vm.ovf", BASE), member("vm.cert", "SHA256(vm.mf)= 00\n"), member("disk1.vmdk", vmdk())))
    for name, text in {"garbage": "what\n", "empty": "", "no-certificate": "SHA256(vm.mf)= " + "ab" * 256 + "\n", "cut": "SHA256(vm.mf)= " + "ab" * 256 + "\n-----BEGIN CERTIFICATE-----\nMIID\n",
                       "key": "SHA256(vm.mf)= " + "ab" * 256 + "\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}.items():
        yield archive("cert-" + name, "digest", ova(member("vm.ovf", BASE), member("vm.mf", right), member("vm.cert", text), member("disk1.vmdk", vmdk())))


def disk(name, image, expect="disk", **changes):
    yield descriptor("vmdk-" + name, expect, BASE, disk=image, **changes)


def vmdks():
    grain = zlib.compress(GRAIN)
    images = {
        "flat": vmdk(vmdk_text(kind="monolithicFlat", extent='RW 2048 FLAT "' + O + '/secret" 0')), "flat-text": vmdk_text(kind="monolithicFlat", extent='RW 2048 FLAT "' + O + '/secret" 0').encode(),
        "extent": vmdk(vmdk_text(extent='RW 2048 FLAT "' + O + '/secret" 0')), "extents": vmdk(vmdk_text(extent='RW 2048 SPARSE "disk1.vmdk"\nRW 2048 SPARSE "' + O + '/secret"')),
        "extent-path": vmdk(vmdk_text(extent='RW 2048 SPARSE "../outside/secret"')), "device": vmdk(vmdk_text(kind="fullDevice", extent='RW 2048 FLAT "/dev/sda" 0')),
        "parent": vmdk(vmdk_text(more='parentFileNameHint="' + O + '/secret"').replace("parentCID=ffffffff", "parentCID=12345678")), "kind-missing": vmdk(vmdk_text().replace("createType", "#")),
        "kind-twice": vmdk(vmdk_text(more='createType="monolithicFlat"')), "line": vmdk(vmdk_text(more="!include " + O + "/secret")),
        "magic": vmdk(header={"magic": b"KDMX"}), "version": vmdk(header={"version": 9}), "newline": vmdk(header={"newlines": b"\n \n\n"}), "descriptor-away": vmdk(header={"at": 1 << 40}),
        "descriptor-long": vmdk(header={"size": 1 << 55}), "grain-0": vmdk(header={"grain": 0}), "grain-odd": vmdk(header={"grain": 100}), "grain-huge": vmdk(header={"grain": 1 << 62}),
        "entries": vmdk(header={"entries": 1 << 31}), "capacity-0": vmdk(header={"capacity": 0}), "capacity-huge": vmdk(header={"capacity": 1 << 55}), "compression": vmdk(header={"compression": 7}),
        "footer": vmdk(footer={"capacity": 4096}), "footer-again": vmdk(footer={"directory": 0xFFFFFFFFFFFFFFFF}), "footer-away": vmdk(footer={"directory": 1 << 50}),
        "beyond": vmdk(grains=[(4096, grain, None)]), "beyond-far": vmdk(grains=[(0xFFFFFFFFFFFFFF80, grain, None)]), "unaligned": vmdk(grains=[(7, grain, None)]),
        "twice": vmdk(grains=[(0, grain, None), (0, grain, None)]), "bomb": vmdk(grains=[(0, zlib.compress(bytes(64 << 20)), None)]), "short": vmdk(grains=[(0, zlib.compress(bytes(600)), None)]),
        "damaged": vmdk(grains=[(0, b"no zlib here" * 9, None)]), "checksum": vmdk(grains=[(0, grain[:-1] + b"\x55", None)]), "size": vmdk(grains=[(0, grain, 0xFFFFFFF0)]),
        "table": vmdk(table=lambda entries: [0xFFFFFF] + entries[1:]), "directory": vmdk(directory=0x7FFFFFFF), "end": vmdk(end=False)[:-512], "cut": vmdk()[:66000], "cut-header": vmdk()[:300],
        "empty": b"", "text": b"#!/bin/sh\n" + bytes(2000), "qcow2": qcow2(), "marker": vmdk()[:-2048] + marker(1, 77) + vmdk()[-2048:]}
    for name, image in images.items():
        yield descriptor("vmdk-" + name, "disk", BASE, disk=image)
        if name in ("flat", "bomb", "cut", "footer"):
            yield archive("vmdk-" + name, "disk", package(disk=image))


def qcow2s():
    text = BASE.replace("http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized", "http://www.gnome.org/~markmc/qcow-image-format.html").replace("disk1.vmdk", "disk1.qcow2")
    name = O.encode() + b"/secret"
    data_file = struct.pack(">II", 0x44415441, len(name)) + forge.pad(name, 8) + bytes(8)
    images = {"backing": forge.pad(qcow2(backing=(2048, len(name)))[:2048] + name, 4096) + qcow2()[4096:], "data": qcow2(incompatible=4, extensions=data_file), "unknown": qcow2(incompatible=1 << 40),
              "bits-0": qcow2(bits=0), "bits-63": qcow2(bits=63), "size": qcow2(size=1 << 63), "l1": qcow2(l1_size=1 << 30), "l1-away": qcow2(l1_at=(1 << 64) - 512), "crypt": qcow2(crypt=2),
              "snapshots": qcow2(snapshots=1 << 30), "version": qcow2(version=9), "order": qcow2(order=63), "cut": qcow2()[:9000]}
    for case, image in images.items():
        yield Case("ovf-qcow2-" + case, "ovf", "disk", {"vm.ovf": text, "disk1.qcow2": image}, "vm.ovf")
    yield Case("ovf-raw-qcow2", "ovf", "disk", {"vm.ovf": text.replace("http://www.gnome.org/~markmc/qcow-image-format.html", "raw").replace("disk1.qcow2", "disk1.raw"), "disk1.raw": qcow2()}, "vm.ovf")


def texts():
    names = {"dash": "-rf", "comma": "a,driver=x", "dollar": "$(touch pwned)", "tick": "`touch pwned`", "semicolon": "a;touch pwned", "quote": "a'b", "slash": "../../pwned", "dot": "..", "percent": "%s%n%n",
             "braces": "{0}{1:99999}", "ini": "%(x)s", "bidi": "a\u202eb", "zero": "a\u200bb", "c1": "a\u0085b", "long": "n" * 4000, "blank": "   ", "line": "a&#10;[instance]&#10;b=c", "xml": "&lt;/name&gt;&lt;x/&gt;",
             "cdata": "]]&gt;&lt;x/&gt;"}
    for name, text in names.items():
        yield descriptor("name-" + name, "safe", ovf((">web<", f">{text}<"), ('ovf:id="vm1"', f'ovf:id="{text}"')))
        yield descriptor("network-" + name, "safe", BASE.replace('"lan"', f'"{text}"').replace(">lan<", f">{text}<"))
    yield descriptor("mac", "meaning", ovf(("<rasd:AutomaticAllocation>", "<rasd:Address>00:50:56:00:00:01'/&gt;&lt;x/&gt;</rasd:Address><rasd:AutomaticAllocation>")))
    yield descriptor("password", "safe", ovf(("    <VirtualHardwareSection>", f'    <ProductSection><Info/><Property ovf:key="k" ovf:type="string" ovf:password="true" ovf:value="{PASSWORD}"/></ProductSection>\n    <VirtualHardwareSection>')))
    yield descriptor("iso-path", "meaning", with_item("      <Item><rasd:AddressOnParent>1</rasd:AddressOnParent><rasd:ElementName>cd</rasd:ElementName><rasd:HostResource>" + O + "/secret</rasd:HostResource>"
                                                      "<rasd:InstanceID>9</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>15</rasd:ResourceType></Item>\n"))


DOMAIN = """<domain type='kvm'>
  <name>web</name>
  <memory unit='MiB'>512</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disk1.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <graphics type='vnc' port='-1' passwd='%s'/>
    <memballoon model='virtio'/>
  </devices>
</domain>
""" % PASSWORD
INI = """[export]
version = 0
timestamp = 1700000000
source = node1
os = debootstrap
compression = none

[instance]
name = web
maxmem = 512
minmem = 256
memory = 512
vcpus = 2
disk_template = plain
hypervisor = kvm
nic_count = 0
disk0_ivname = disk/0
disk0_dump = disk0.raw
disk0_size = 1
disk_count = 1

[hypervisor]

[backend]

[os]
"""


def changed(text, old, new):
    if old not in text:
        raise AssertionError(f"not in the text: {old}")
    return text.replace(old, new, 1)


def domains():
    def case(name, expect, text):
        return Case("libvirt-" + name, "libvirt", expect, {"web.xml": text, "disk1.qcow2": qcow2()}, "web.xml")
    yield case("plain", "safe", DOMAIN)
    yield case("doctype", "document", "<!DOCTYPE domain [<!ENTITY x SYSTEM 'file://" + O + "/secret'>]>" + DOMAIN)
    yield case("two", "document", DOMAIN + DOMAIN)
    yield case("utf8", "document", DOMAIN.encode().replace(b"web", b"w\xffb"))
    yield case("deep", "document", changed(DOMAIN, "<devices>", "<devices>" + "<a>" * 5000))
    for name, old, new in [("memory", "512</memory>", "18446744073709551615</memory>"), ("memory-unit", "'MiB'", "'parsec'"), ("memory-negative", ">512<", ">-512<"), ("cpus", ">2</vcpu>", ">4294967298</vcpu>"),
                           ("cpus-0", ">2</vcpu>", ">0</vcpu>"), ("balloons", "<memballoon", "<memballoon model='none'/><memballoon"), ("balloon", "'virtio'/>\n  </dev", "'magic'/>\n  </dev")]:
        yield case(name, "text", changed(DOMAIN, old, new))
    yield case("name", "safe", changed(DOMAIN, ">web<", ">../../pwned<"))


def instances():
    def case(name, expect, text):
        return Case("ganeti-" + name, "ganeti", expect, {"config.ini": text, "disk0.raw": bytes(1 << 20)}, "config.ini")
    yield case("plain", "safe", INI)
    for name, old, new in [("key-twice", "vcpus = 2", "vcpus = 2\nvcpus = 3"), ("section-twice", "[os]", "[os]\n[instance]"), ("loop", "name = web", "name = %(other)s\nother = %(name)s"),
                           ("nul", "web", "w\0b"), ("escape", "web", "w\x1b[2J"), ("line", "web", "w" * 70000)]:
        yield case(name, "document", changed(INI, old, new))
    for name, old, new in [("nics", "nic_count = 0", "nic_count = 99999"), ("nics-negative", "nic_count = 0", "nic_count = -1"), ("disks", "disk_count = 1", "disk_count = 9"),
                           ("disks-words", "disk_count = 1", "disk_count = many"), ("size", "disk0_size = 1", "disk0_size = 18446744073709551615"), ("dump-up", "= disk0.raw", "= ../outside/secret"),
                           ("dump-absolute", "= disk0.raw", "= " + O + "/secret"), ("memory", "maxmem = 512", "maxmem = -512"), ("memory-order", "minmem = 256", "minmem = 1024")]:
        yield case(name, "text", changed(INI, old, new))
    yield case("dump-dash", "safe", changed(INI, "= disk0.raw", "= -rf"))
    yield case("kernel", "safe", changed(INI, "[hypervisor]", "[hypervisor]\nkernel_path = " + O + "/secret"))
    yield case("utf8", "document", INI.encode().replace(b"web", b"w\xffb"))
