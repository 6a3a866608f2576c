"""Descriptors, archives and disk images, byte by byte, so that they may be wrong in any way."""
import gzip
import hashlib
import os
import struct
import zlib

CANARY = b"CANARY-51b0-stays-where-it-is"
PASSWORD = "sw0rdf1sh-61c2"
O = os.environ.get("OVFKIT_OUTSIDE", "/outside")  # the folder that nothing may be read from or written to
SECTOR = 512

BASE = """<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" \
xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" \
xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <References>
    <File ovf:id="file1" ovf:href="disk1.vmdk"/>
  </References>
  <DiskSection>
    <Info>disks</Info>
    <Disk ovf:diskId="d1" ovf:fileRef="file1" ovf:capacity="1048576" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
  </DiskSection>
  <NetworkSection>
    <Info>networks</Info>
    <Network ovf:name="lan"/>
  </NetworkSection>
  <VirtualSystem ovf:id="vm1">
    <Info>machine</Info>
    <Name>web</Name>
    <OperatingSystemSection ovf:id="96">
      <Info>os</Info>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>hardware</Info>
      <System>
        <vssd:ElementName>family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemType>vmx-10</vssd:VirtualSystemType>
      </System>
      <Item>
        <rasd:ElementName>cpu</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>2</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>512</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:ElementName>scsi</rasd:ElementName>
        <rasd:InstanceID>3</rasd:InstanceID>
        <rasd:ResourceSubType>lsilogic</rasd:ResourceSubType>
        <rasd:ResourceType>6</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AddressOnParent>0</rasd:AddressOnParent>
        <rasd:ElementName>disk</rasd:ElementName>
        <rasd:HostResource>ovf:/disk/d1</rasd:HostResource>
        <rasd:InstanceID>4</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:Connection>lan</rasd:Connection>
        <rasd:ElementName>nic</rasd:ElementName>
        <rasd:InstanceID>5</rasd:InstanceID>
        <rasd:ResourceSubType>E1000</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
"""
BALLOON = """      <Item ovf:required="false">
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:ElementName>memballoon</rasd:ElementName>
        <rasd:InstanceID>%d</rasd:InstanceID>
        <rasd:OtherResourceType>memballoon</rasd:OtherResourceType>
        <rasd:ResourceSubType>virtio</rasd:ResourceSubType>
        <rasd:ResourceType>1</rasd:ResourceType>
      </Item>
"""
LAST_ITEM = "    </VirtualHardwareSection>"


def ovf(*changes):
    """BASE with parts replaced; every part must be there."""
    text = BASE
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"not in the descriptor: {old}")
        text = text.replace(old, new, 1)
    return text


def href(name):
    return ovf(('ovf:href="disk1.vmdk"', f'ovf:href="{name}"'))


def with_item(text):
    return ovf((LAST_ITEM, text + LAST_ITEM))


# ---------------------------------------------------------------------------------------------------------- archives
def tar_header(name, size, kind=b"0", size_field=None, link=b"", mode=b"0000644", prefix=b"", checksum=None):
    name = name if isinstance(name, bytes) else name.encode()
    block = bytearray(SECTOR)
    block[0:len(name[:100])] = name[:100]
    block[100:107] = mode
    block[108:115] = block[116:123] = b"0000000"
    field = b"%011o" % size if size_field is None else size_field
    block[124:124 + len(field)] = field
    block[136:147] = b"00000000000"
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[157:157 + len(link)] = link
    block[257:265] = b"ustar\x0000"
    block[345:345 + len(prefix)] = prefix
    block[148:156] = b"%06o\0 " % (sum(block) if checksum is None else checksum)
    return bytes(block)


def pad(data, unit=SECTOR):
    return data + bytes(-len(data) % unit)


def member(name, data=b"", **how):
    data = data.encode() if isinstance(data, str) else data
    return tar_header(name, len(data), **how) + pad(data)


def pax(kind, *records):
    """A pax header; a record is a text `key=value`, or bytes taken as they are."""
    out = b""
    for record in records:
        if isinstance(record, str):
            body = b" " + record.encode() + b"\n"
            length = len(body) + 1
            while len(str(length)) + len(body) != length:
                length += 1
            record = str(length).encode() + body
        out += record
    return member("PaxHeader", out, kind=kind)


END = bytes(2 * SECTOR)


def ova(*parts, end=END):
    return b"".join(parts) + end


def digests(files, algorithm="sha256"):
    return "".join(f"{algorithm.upper()}({name})= {hashlib.new(algorithm, data.encode() if isinstance(data, str) else data).hexdigest()}\n" for name, data in files)


def package(descriptor=BASE, disk=None, manifest=None, before=b"", between=b"", after=b"", end=END):
    """vm.ovf, vm.mf and disk1.vmdk with members put in."""
    disk = vmdk() if disk is None else disk
    texts = member("vm.ovf", descriptor) + (b"" if manifest is None else member("vm.mf", manifest))
    return ova(before, texts, between, member("disk1.vmdk", disk), after, end=end)


# -------------------------------------------------------------------------------------------------------------- VMDK
def vmdk_header(capacity=2048, grain=128, version=3, flags=0x30001, magic=b"KDMV", at=1, size=20, entries=512, directory=0xFFFFFFFFFFFFFFFF,
                compression=1, newlines=b"\n \r\n"):
    return struct.pack("<4sIIQQQQIQQQB4sH433s", magic, version, flags, capacity, grain, at, size, entries, 0, directory, 128, 0, newlines,
                       compression, b"")


def vmdk_text(capacity=2048, kind="streamOptimized", extent=None, more=""):
    extent = extent if extent is not None else f'RW {capacity} SPARSE "disk1.vmdk"'
    return f"""# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="{kind}"

{extent}
{more}
ddb.adapterType = "lsilogic"
"""


def marker(sectors, kind):
    return struct.pack("<QII", sectors, 0, kind) + bytes(496)


def vmdk(text=None, header=None, footer=None, grains=None, table=None, directory=None, tail=b"", end=True, capacity=2048, grain=128):
    """A streamOptimized image. `header`, `footer`: fields to change; `grains`: (sector, packed, size) of each."""
    if grains is None:
        grains = [(0, zlib.compress(b"ovfkit" * 4096 + bytes(grain * SECTOR - 24576)), None)]
    text = (vmdk_text(capacity) if text is None else text).encode()
    fields = {"capacity": capacity, "grain": grain, **(header or {})}
    out = pad(vmdk_header(**fields) + pad(text, 20 * SECTOR), 128 * SECTOR)
    entries = [0] * 512
    for sector, packed, size in grains:
        if sector // grain < 512:
            entries[sector // grain] = len(out) // SECTOR
        out += pad(struct.pack("<QI", sector, len(packed) if size is None else size) + packed)
    at_table = len(out) // SECTOR + 1
    out += marker(4, 1) + struct.pack("<512I", *(table(entries) if table else entries))
    at_directory = len(out) // SECTOR + 1
    out += marker(1, 2) + pad(struct.pack("<I", at_table if directory is None else directory))
    out += marker(1, 3) + vmdk_header(**{**fields, "directory": at_directory, **(footer or {})})
    return out + (bytes(SECTOR) if end else b"") + tail


# ------------------------------------------------------------------------------------------------------------- qcow2
def qcow2(size=1 << 20, bits=12, version=3, backing=(0, 0), incompatible=0, crypt=0, l1_size=1, l1_at=None, snapshots=0, order=4, extensions=b"", content=b"ovfkit" * 600):
    cluster = 1 << min(max(bits, 9), 21)
    header = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", version, backing[0], backing[1], bits, size, crypt, l1_size,
                         cluster if l1_at is None else l1_at, 2 * cluster, 1, snapshots, 0, incompatible, 0, 0, order, 104)
    out = pad(header + (extensions or struct.pack(">II", 0, 0)), cluster)
    out += pad(struct.pack(">Q", 4 * cluster | 1 << 63), cluster)
    out += pad(struct.pack(">Q", 3 * cluster), cluster)
    out += pad(struct.pack(">6H", *[1] * 6), cluster)
    out += pad(struct.pack(">Q", 5 * cluster | 1 << 63), cluster)
    return out + pad(content[:cluster], cluster)


def gz(data):
    return gzip.compress(data, mtime=0)
