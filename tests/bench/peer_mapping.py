#!/usr/bin/env python3
"""peer_mapping.py IN OUT: the least an ElementTree script does to make libvirt XML of a descriptor."""
import sys
import xml.etree.ElementTree as ET

OVF = "{http://schemas.dmtf.org/ovf/envelope/1}"
RASD = "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData}"

root = ET.parse(sys.argv[1]).getroot()
system = root.find(f".//{OVF}VirtualSystem")
domain = ET.Element("domain", type="kvm")
ET.SubElement(domain, "name").text = system.findtext(f"{OVF}Name") or system.get(f"{OVF}id")
devices = ET.Element("devices")
for item in system.iter(f"{OVF}Item"):
    kind = item.findtext(f"{RASD}ResourceType")
    if kind == "3":
        ET.SubElement(domain, "vcpu").text = item.findtext(f"{RASD}VirtualQuantity")
    elif kind == "4":
        ET.SubElement(domain, "memory", unit="MiB").text = item.findtext(f"{RASD}VirtualQuantity")
    elif kind == "17":
        disk = ET.SubElement(devices, "disk", type="file", device="disk")
        ET.SubElement(disk, "source", file=item.findtext(f"{RASD}HostResource"))
        ET.SubElement(disk, "target", dev="sda", bus="scsi")
    elif kind == "10":
        nic = ET.SubElement(devices, "interface", type="network")
        ET.SubElement(nic, "source", network=item.findtext(f"{RASD}Connection"))
ET.SubElement(devices, "memballoon", model="virtio")
domain.append(devices)
ET.ElementTree(domain).write(sys.argv[2], encoding="unicode")
