"""What the import tests share: disks with known content, packages of them, and what qemu-img says of the outcome."""
import os
import random
import struct
import subprocess
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "package"))
from common import TOOL, archive, check, finish, manifest, need, ovfkit, put, scratch  # noqa: E402,F401 pylint: disable=unused-import,wrong-import-position

MIB = 1 << 20
FORMATS = {"raw": "http://en.wikipedia.org/wiki/Byte", "qcow2": "http://www.gnome.org/~markmc/qcow-image-format.html",
           "vmdk": "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized",
           "sparse": "http://www.vmware.com/specifications/vmdk.html#sparse",
           "vhd": "http://technet.microsoft.com/en-us/virtualserver/bb676673.aspx"}


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, check=False, **more)


def must(*words, **more):
    done = run(*words, **more)
    if done.returncode != 0:
        raise SystemExit(f"{words}: exit {done.returncode}: {done.stderr.decode('utf-8', 'replace')}")
    return done


def make_disk(name, size, runs):
    """`runs` pieces of data, some of them zeros, at random places; -1: data from end to end."""
    rng = random.Random(name)
    with open(name, "wb") as out:
        while runs < 0 and out.tell() < size:
            out.write((rng.randbytes(8192) + b"text " * 12000)[:size - out.tell()])
        for _ in range(max(runs, 0)):
            out.seek(rng.randrange(0, max(1, size - 300000)) // 512 * 512)
            out.write(rng.choice([rng.randbytes(rng.randrange(1, 300000)), b"abc" * 50000, bytes(100000)])[:size - out.tell()])
        out.truncate(size)
    return name


def stream_vmdk(raw, path, grain_sectors, footer=True):
    """A streamOptimized VMDK with grains of that size, tables behind them, and (as VMware does it) a footer."""
    data = open(raw, "rb").read()
    grain, sectors = grain_sectors * 512, len(data) // 512
    text = (f"# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType=\"streamOptimized\"\n\n"
            f"# Extent description\nRW {sectors} SPARSE \"{os.path.basename(path)}\"\n\n# The Disk Data Base\nddb.adapterType = \"ide\"\n").encode()
    overhead = 128

    def header(gd):
        head = struct.pack("<4sIIQQQQIQQQBccccH", b"KDMV", 3, 0x30001, sectors, grain_sectors, 1, 20, 512, 0, gd, overhead, 0,
                           b"\n", b" ", b"\r", b"\n", 1)
        return head.ljust(512, b"\0")

    out = bytearray((header(0xFFFFFFFFFFFFFFFF) + text.ljust(20 * 512, b"\0")).ljust(overhead * 512, b"\0"))

    def pad():
        out.extend(bytes(-len(out) % 512))

    def marker(value, kind):
        out.extend(struct.pack("<QII", value, 0, kind).ljust(512, b"\0"))

    directory = []
    for table_start in range(0, max(sectors, 1), grain_sectors * 512):
        table = [0] * 512
        for i in range(512):
            lba = table_start + i * grain_sectors
            piece = data[lba * 512:lba * 512 + grain]
            if not piece.strip(b"\0"):
                continue
            table[i] = len(out) // 512
            packed = zlib.compress(piece.ljust(grain, b"\0"))
            out.extend(struct.pack("<QI", lba, len(packed)) + packed)
            pad()
        if not any(table):
            directory.append(0)
            continue
        marker(4, 1)
        directory.append(len(out) // 512)
        out.extend(struct.pack("<512I", *table))
    marker((len(directory) * 4 + 511) // 512, 2)
    gd = len(out) // 512
    out.extend(struct.pack(f"<{len(directory)}I", *directory))
    pad()
    if footer:
        marker(1, 3)
        out.extend(header(gd))
        marker(0, 0)
    else:
        out[:512] = header(gd)
    put(path, bytes(out))
    return path


class Disk:
    def __init__(self, raw, href, form, compression="", chunk=0, capacity=None, parent="", ident=None):
        self.raw, self.href, self.form, self.compression, self.chunk = raw, href, form, compression, chunk
        self.capacity = os.path.getsize(raw) if capacity is None else capacity
        self.parent, self.ident = parent, ident or os.path.basename(href).split(".")[0]


def system(ident, disks, nic="LAN", extra=""):
    item = "<Item>{}<rasd:InstanceID>{}</rasd:InstanceID>{}<rasd:ResourceType>{}</rasd:ResourceType>{}</Item>\n"
    rows = item.format("<rasd:ElementName>cpu</rasd:ElementName>", 1, "", 3, "<rasd:VirtualQuantity>2</rasd:VirtualQuantity>")
    rows += item.format("<rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>memory</rasd:ElementName>", 2, "", 4,
                        "<rasd:VirtualQuantity>256</rasd:VirtualQuantity>")
    rows += item.format("<rasd:ElementName>scsi</rasd:ElementName>", 3, "<rasd:ResourceSubType>virtio-scsi</rasd:ResourceSubType>", 6, "")
    rows += item.format(f"<rasd:Connection>{nic}</rasd:Connection><rasd:ElementName>nic</rasd:ElementName>", 4,
                        "<rasd:ResourceSubType>virtio</rasd:ResourceSubType>", 10, "")
    rows += ('<Item ovf:required="false"><rasd:AutomaticAllocation>true</rasd:AutomaticAllocation><rasd:ElementName>memballoon</rasd:ElementName>'
             "<rasd:InstanceID>5</rasd:InstanceID><rasd:OtherResourceType>memballoon</rasd:OtherResourceType>"
             "<rasd:ResourceSubType>virtio</rasd:ResourceSubType><rasd:ResourceType>1</rasd:ResourceType></Item>\n")
    for i, disk in enumerate(disks):
        rows += (f"<Item><rasd:AddressOnParent>{i}</rasd:AddressOnParent><rasd:ElementName>disk{i}</rasd:ElementName>"
                 f"<rasd:HostResource>ovf:/disk/{disk.ident}</rasd:HostResource><rasd:InstanceID>{10 + i}</rasd:InstanceID>"
                 "<rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>\n")
    return (f'<VirtualSystem ovf:id="{ident}"><Info>a machine</Info><Name>{ident}</Name><VirtualHardwareSection><Info>hardware</Info>\n{rows}{extra}'
            "</VirtualHardwareSection></VirtualSystem>\n")


def descriptor(disks, body, files=""):
    """A descriptor of files that lie in the current folder; `body`: one VirtualSystem or more."""
    rows = ""
    for disk in disks:
        size = sum(os.path.getsize(part) for part in parts_of(disk))
        rows += (f'<File ovf:href="{disk.href}" ovf:id="f-{disk.ident}" ovf:size="{size}"' +
                 (f' ovf:compression="{disk.compression}"' if disk.compression else "") +
                 (f' ovf:chunkSize="{disk.chunk}"' if disk.chunk else "") + "/>\n")
    places = "".join(f'<Disk ovf:capacity="{disk.capacity}" ovf:diskId="{disk.ident}" ovf:fileRef="f-{disk.ident}" '
                     f'ovf:format="{FORMATS.get(disk.form, disk.form)}"' + (f' ovf:parentRef="{disk.parent}"' if disk.parent else "") + "/>\n"
                     for disk in disks)
    if body.count("<VirtualSystem ") > 1:
        body = f'<VirtualSystemCollection ovf:id="all"><Info>all</Info>\n{body}</VirtualSystemCollection>'
    ns = "http://schemas.dmtf.org/ovf/envelope/1"
    return (f'<?xml version="1.0"?>\n<Envelope xmlns="{ns}" xmlns:ovf="{ns}" xmlns:vmw="http://www.vmware.com/schema/ovf" '
            'xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">\n'
            f"<References>{rows}{files}</References>\n<DiskSection><Info>disks</Info>{places}</DiskSection>\n"
            '<NetworkSection><Info>networks</Info><Network ovf:name="LAN"/></NetworkSection>\n'
            f"{body}</Envelope>\n").encode()


def parts_of(disk):
    if not disk.chunk:
        return [disk.href]
    found = sorted(name for name in os.listdir(os.path.dirname(disk.href) or ".") if name.startswith(disk.href + "."))
    return found or [disk.href]


def split(path, chunk):
    """name.000000000 and so on, as DSP0243 7.1 has it."""
    data = open(path, "rb").read()
    for i, at in enumerate(range(0, max(len(data), 1), chunk)):
        put(f"{path}.{i:09d}", data[at:at + chunk])
    os.unlink(path)


def identical(what, raw, made, form):
    done = run("qemu-img", "compare", "-f", "raw", "-F", form, raw, made)
    check(done.returncode == 0, f"{what}: {raw} and {made}: {done.stdout.decode()}", done)
    if form == "qcow2":
        done = run("qemu-img", "check", "-f", "qcow2", made)
        check(done.returncode == 0 and b"No errors" in done.stdout, f"{what}: qemu-img check {made}: {done.stdout.decode()}", done)
