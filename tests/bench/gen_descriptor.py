#!/usr/bin/env python3
"""Generate an OVF descriptor to measure with.

gen_descriptor.py --systems N [--wide] OUT   N VirtualSystems of five Items each (36000: 107 MB, 180,000 Items)
                                             --wide: one VirtualSystem with 5 * N Items
Deterministic: the same arguments give the same bytes.
"""
import argparse

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" \
xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" \
xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" \
xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <References>
{files}  </References>
  <DiskSection>
    <Info>Virtual disks</Info>
{disks}  </DiskSection>
  <NetworkSection>
    <Info>Logical networks</Info>
    <Network ovf:name="VM Network">
      <Description>The network of all machines</Description>
    </Network>
  </NetworkSection>
"""

SYSTEM = """{pad}<VirtualSystem ovf:id="vm{n}">
{pad}  <Info>A virtual machine</Info>
{pad}  <Name>machine {n}</Name>
{pad}  <OperatingSystemSection ovf:id="96">
{pad}    <Info>The operating system</Info>
{pad}    <Description>Debian GNU/Linux (64-bit)</Description>
{pad}  </OperatingSystemSection>
{pad}  <VirtualHardwareSection>
{pad}    <Info>Virtual hardware</Info>
{pad}    <System>
{pad}      <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
{pad}      <vssd:InstanceID>0</vssd:InstanceID>
{pad}      <vssd:VirtualSystemIdentifier>machine {n}</vssd:VirtualSystemIdentifier>
{pad}      <vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>
{pad}    </System>
{items}{pad}  </VirtualHardwareSection>
{pad}</VirtualSystem>
"""

ITEM = """{pad}    <Item>
{fields}{pad}    </Item>
"""


def item(pad, fields):
    lines = "".join(f"{pad}      <rasd:{k}>{v}</rasd:{k}>\n" for k, v in fields)
    return ITEM.format(pad=pad, fields=lines)


def items(pad, n, first, disks):
    cpus, mib = 1 + n % 8, 512 * (1 + n % 16)
    return "".join([
        item(pad, [("AllocationUnits", "hertz * 10^6"), ("Description", "Number of virtual processors"),
                   ("ElementName", f"{cpus} virtual CPU(s)"), ("InstanceID", first),
                   ("ResourceType", 3), ("VirtualQuantity", cpus)]),
        item(pad, [("AllocationUnits", "byte * 2^20"), ("Description", "Size of the memory"),
                   ("ElementName", f"{mib}MB of memory"), ("InstanceID", first + 1),
                   ("ResourceType", 4), ("VirtualQuantity", mib)]),
        item(pad, [("Address", 0), ("Description", "SCSI controller of the disks"), ("ElementName", "SCSI Controller 0"),
                   ("InstanceID", first + 2), ("ResourceSubType", "lsilogic"), ("ResourceType", 6)]),
        item(pad, [("AddressOnParent", 0), ("Description", "Hard disk of the machine"), ("ElementName", "Hard Disk 1"),
                   ("HostResource", f"ovf:/disk/vmdisk{n % disks + 1}"), ("InstanceID", first + 3),
                   ("Parent", first + 2), ("ResourceType", 17)]),
        item(pad, [("Address", f"00:50:56:00:{n // 256 % 256:02x}:{n % 256:02x}"), ("AddressOnParent", 7), ("AutomaticAllocation", "true"), ("Connection", "VM Network"),
                   ("Description", "VmxNet3 ethernet adapter on VM Network"), ("ElementName", "Ethernet 1"),
                   ("InstanceID", first + 4), ("ResourceSubType", "VmxNet3"), ("ResourceType", 10)]),
    ])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", type=int, required=True)
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("out")
    args = parser.parse_args()
    disks = min(args.systems, 1000)
    files = "".join(f'    <File ovf:href="disk{i}.vmdk" ovf:id="file{i}" ovf:size="68096"/>\n' for i in range(1, disks + 1))
    rows = "".join(f'    <Disk ovf:capacity="16" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="vmdisk{i}" '
                   f'ovf:fileRef="file{i}" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>\n'
                   for i in range(1, disks + 1))
    with open(args.out, "w", encoding="utf-8", newline="\n") as out:
        out.write(HEAD.format(files=files, disks=rows))
        if args.wide or args.systems == 1:
            body = "".join(items("  ", n, 1 + 5 * n, disks) for n in range(args.systems))
            out.write(SYSTEM.format(pad="  ", n=1, items=body))
        else:
            out.write('  <VirtualSystemCollection ovf:id="all">\n    <Info>Virtual machines</Info>\n')
            for n in range(args.systems):
                out.write(SYSTEM.format(pad="    ", n=n + 1, items=items("    ", n, 1, disks)))
            out.write("  </VirtualSystemCollection>\n")
        out.write("</Envelope>\n")


if __name__ == "__main__":
    main()
