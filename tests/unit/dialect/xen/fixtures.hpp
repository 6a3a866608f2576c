#pragma once

#include <string>
#include <string_view>

/// Hand-written descriptors in the forms of XenCenter and of Xen Orchestra.
namespace ovfkit::test::xen {

inline constexpr std::string_view head =
    R"(<?xml version="1.0" encoding="utf-16"?>
<ovf:Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:xenovf="http://schemas.citrix.com/ovf/envelope/1" xml:lang="en-US" xenovf:Name="appliance" xenovf:id="e1" xenovf:version="1.0.0">
)";

inline std::string setting(std::string_view name, std::string_view value) {
    return "      <xenovf:VirtualSystemOtherConfigurationData id=\"g1\" Name=\"" + std::string(name) +
           "\">\n        <xenovf:Info>XenServer Specific Information</xenovf:Info>\n        <xenovf:Value>" +
           std::string(value) + "</xenovf:Value>\n      </xenovf:VirtualSystemOtherConfigurationData>\n";
}

inline std::string cpu(std::string_view count, std::string_view limit = "100000", std::string_view id = "c1") {
    return "      <ovf:Item>\n        <rasd:AllocationUnits>Processor Cores</rasd:AllocationUnits>\n"
           "        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>\n"
           "        <rasd:ConsumerVisibility>0</rasd:ConsumerVisibility>\n        <rasd:ElementName>Processor</rasd:ElementName>\n"
           "        <rasd:InstanceID>" +
           std::string(id) + "</rasd:InstanceID>\n        <rasd:Limit>" + std::string(limit) +
           "</rasd:Limit>\n        <rasd:MappingBehavior>0</rasd:MappingBehavior>\n"
           "        <rasd:ResourceType>3</rasd:ResourceType>\n        <rasd:VirtualQuantity>" +
           std::string(count) + "</rasd:VirtualQuantity>\n        <rasd:Weight>100</rasd:Weight>\n      </ovf:Item>\n";
}

inline std::string memory(std::string_view mebibytes, std::string_view limit = "128", std::string_view id = "2") {
    return "      <ovf:Item>\n        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>\n"
           "        <rasd:ElementName>Memory</rasd:ElementName>\n        <rasd:InstanceID>" +
           std::string(id) + "</rasd:InstanceID>\n        <rasd:Limit>" + std::string(limit) +
           "</rasd:Limit>\n        <rasd:ResourceSubType>Machine Memory</rasd:ResourceSubType>\n"
           "        <rasd:ResourceType>4</rasd:ResourceType>\n        <rasd:VirtualQuantity>" +
           std::string(mebibytes) + "</rasd:VirtualQuantity>\n        <rasd:Weight>0</rasd:Weight>\n      </ovf:Item>\n";
}

inline std::string disk(std::string_view id, std::string_view slot) {
    const std::string name(id);
    return "      <ovf:Item>\n        <rasd:AddressOnParent>" + std::string(slot) +
           "</rasd:AddressOnParent>\n        <rasd:AllocationUnits>Disk</rasd:AllocationUnits>\n"
           "        <rasd:Caption>Hard Disk Image</rasd:Caption>\n        <rasd:Connection>" +
           name + ",device=" + std::string(slot) +
           "</rasd:Connection>\n        <rasd:ElementName>Hard Disk Image</rasd:ElementName>\n"
           "        <rasd:HostResource>ovf:/disk/" +
           name + "</rasd:HostResource>\n        <rasd:InstanceID>" + name +
           "</rasd:InstanceID>\n        <rasd:Limit>1</rasd:Limit>\n"
           "        <rasd:ResourceSubType>Virtual Hard Disk Image</rasd:ResourceSubType>\n"
           "        <rasd:ResourceType>19</rasd:ResourceType>\n        <rasd:VirtualQuantity>1</rasd:VirtualQuantity>\n"
           "        <rasd:Weight>100</rasd:Weight>\n      </ovf:Item>\n";
}

inline const std::string cd =
    "      <ovf:Item ovf:required=\"false\">\n        <rasd:Connection>device=3</rasd:Connection>\n"
    "        <rasd:ElementName>CD/DVD ROM Drive</rasd:ElementName>\n        <rasd:InstanceID>cd1</rasd:InstanceID>\n"
    "        <rasd:ResourceType>16</rasd:ResourceType>\n      </ovf:Item>\n";

inline const std::string nic =
    "      <ovf:Item>\n        <rasd:Address>0e-11-22-33-44-55</rasd:Address>\n        <rasd:Connection>net1</rasd:Connection>\n"
    "        <rasd:ElementName>Network</rasd:ElementName>\n        <rasd:InstanceID>n1</rasd:InstanceID>\n"
    "        <rasd:ResourceType>10</rasd:ResourceType>\n      </ovf:Item>\n";

inline std::string system(std::string_view id, std::string_view type, std::string_view items) {
    return "  <ovf:VirtualSystem ovf:id=\"" + std::string(id) + "\">\n    <ovf:Info>XenOVF Generated</ovf:Info>\n    <ovf:Name>" +
           std::string(id) +
           " server</ovf:Name>\n    <ovf:OperatingSystemSection ovf:id=\"96\">\n      <ovf:Info>The guest</ovf:Info>\n"
           "    </ovf:OperatingSystemSection>\n    <ovf:VirtualHardwareSection xenovf:Id=\"h1\">\n      <ovf:Info>Hardware</ovf:Info>\n"
           "      <ovf:System>\n        <vssd:Caption>Xen Virtual Machine</vssd:Caption>\n"
           "        <vssd:Description>Sells things</vssd:Description>\n        <vssd:ElementName>shop</vssd:ElementName>\n"
           "        <vssd:InstanceID>0</vssd:InstanceID>\n        <vssd:VirtualSystemType>" +
           std::string(type) + "</vssd:VirtualSystemType>\n      </ovf:System>\n" + std::string(items) +
           "    </ovf:VirtualHardwareSection>\n  </ovf:VirtualSystem>\n";
}

inline const std::string parts =
    R"(  <ovf:References>
    <ovf:File ovf:id="disk1" ovf:href="disk1.vhd" ovf:size="1000"/>
    <ovf:File ovf:id="disk2" ovf:href="disk2.vhd" ovf:size="2000"/>
    <ovf:File ovf:id="disk3" ovf:href="disk3.vhd" ovf:size="2000"/>
    <ovf:File ovf:id="file3" ovf:href="vm.nvram"/>
  </ovf:References>
  <ovf:DiskSection>
    <ovf:Info>Disks</ovf:Info>
    <ovf:Disk xenovf:isBootable="true" ovf:diskId="disk1" ovf:fileRef="disk1" ovf:capacity="8589934592" ovf:format="http://www.microsoft.com/technet/virtualserver/downloads/vhdspec.mspx"/>
    <ovf:Disk xenovf:isBootable="false" ovf:diskId="disk2" ovf:fileRef="disk2" ovf:capacity="1073741824" ovf:format="http://www.microsoft.com/technet/virtualserver/downloads/vhdspec.mspx"/>
    <ovf:Disk ovf:diskId="disk3" ovf:fileRef="disk3" ovf:capacity="1073741824" ovf:format="http://www.microsoft.com/technet/virtualserver/downloads/vhdspec.mspx"/>
  </ovf:DiskSection>
  <ovf:NetworkSection>
    <ovf:Info>Networks</ovf:Info>
    <ovf:Network ovf:name="net1">
      <ovf:Description>Pool-wide network 0</ovf:Description>
    </ovf:Network>
  </ovf:NetworkSection>
)";

/// A whole envelope around `content`: VirtualSystems, or a collection of them.
inline std::string envelope(std::string_view content) {
    return std::string(head) + parts + std::string(content) + "</ovf:Envelope>\n";
}

inline std::string hvm_bios() {
    return envelope(system("shop", "hvm-3.0-unknown",
                           disk("disk1", "0") + cpu("2", "4") + memory("2048") + nic +
                               setting("HVM_boot_params", "order=dcn") + setting("HVM_boot_policy", "BIOS order") +
                               setting("platform", "nx=true;acpi=1;apic=true;pae=true;viridian=true")));
}

/// UEFI with secure boot and a virtual TPM, two disks and a CD drive.
inline std::string hvm_uefi() {
    return envelope(system("shop", "hvm-3.0-unknown",
                           disk("disk1", "0") + disk("disk3", "1") + cd + cpu("4", "4") + memory("4096") + nic +
                               setting("HVM_boot_params", "order=cdn;firmware=uefi") +
                               setting("HVM_boot_policy", "BIOS order") +
                               setting("platform", "nx=true;secureboot=true;vtpm=true;cores-per-socket=2;videoram=8;") +
                               setting("NVRAM", "EFI-variables=AAAA=;x=1") + setting("vgpu", "GPU_types={a};") +
                               setting("vgpu", "GPU_types={b};")));
}

inline std::string pv_pygrub() {
    return envelope(system("shop", "xen-3.0-unknown",
                           disk("disk1", "0") + cpu("1") + memory("256") + setting("platform", "nx=false;acpi=true;") +
                               setting("PV_bootloader", "pygrub") + setting("PV-args", "quiet console=hvc0")));
}

/// Two VMs with their order of start; the second has Items that add up and a disk of Microsoft's older schema.
inline std::string appliance() {
    const std::string old_disk =
        "      <ovf:Item>\n        <rasd:Caption>Hard Disk Image</rasd:Caption>\n        <rasd:HostResource>ovf:/disk/disk2</rasd:HostResource>\n"
        "        <rasd:InstanceID>d2</rasd:InstanceID>\n        <rasd:ResourceType>21</rasd:ResourceType>\n      </ovf:Item>\n";
    return envelope(
        "  <ovf:StartupSection>\n    <ovf:Info>Order</ovf:Info>\n    <ovf:Item ovf:id=\"front\" ovf:order=\"1\" ovf:startDelay=\"5\"/>\n"
        "  </ovf:StartupSection>\n  <ovf:VirtualSystemCollection ovf:id=\"both\">\n  <ovf:Info>Both</ovf:Info>\n" +
        system("front", "hvm-3.0-unknown", disk("disk1", "0") + cpu("1") + memory("512") + setting("HVM-boot-params", "dnc")) +
        system("back", "hvm-3.0-unknown",
               old_disk + cpu("1", "100000", "c1") + cpu("2", "6", "c2") + memory("256") + memory("128", "128", "m2")) +
        "  </ovf:VirtualSystemCollection>\n");
}

/// Xen Orchestra: VMware's form, bytes for memory, names for ids, four places on one IDE controller.
inline std::string orchestra() {
    const auto drive = [](std::string_view place, std::string_view id) {
        return "      <Item>\n        <rasd:AddressOnParent>" + std::string(place) +
               "</rasd:AddressOnParent>\n        <rasd:ElementName>Hard Disk</rasd:ElementName>\n        <rasd:HostResource>ovf:/disk/" +
               std::string(id) + "</rasd:HostResource>\n        <rasd:InstanceID>" + std::string(id) +
               "</rasd:InstanceID>\n        <rasd:Parent>3</rasd:Parent>\n        <rasd:ResourceType>17</rasd:ResourceType>\n      </Item>\n";
    };
    const auto controller = [](std::string_view address, std::string_view id) {
        return "      <Item>\n        <rasd:Address>" + std::string(address) +
               "</rasd:Address>\n        <rasd:ElementName>VirtualIDEController</rasd:ElementName>\n        <rasd:InstanceID>" +
               std::string(id) + "</rasd:InstanceID>\n        <rasd:ResourceType>5</rasd:ResourceType>\n      </Item>\n";
    };
    return R"(<?xml version="1.0" encoding="UTF-8"?>
<!--Generated by Xen Orchestra-->
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <References>
    <File ovf:href="a.vmdk" ovf:id="file1" ovf:size="1000"/>
    <File ovf:href="b.vmdk" ovf:id="fileB" ovf:size="1000"/>
    <File ovf:href="c.vmdk" ovf:id="file2" ovf:size="1000"/>
    <File ovf:href="d.vmdk" ovf:id="file3" ovf:size="1000"/>
  </References>
  <DiskSection>
    <Info>Disks</Info>
    <Disk ovf:capacity="1073741824" ovf:capacityAllocationUnits="byte" ovf:diskId="disk1" ovf:fileRef="file1" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
    <Disk ovf:capacity="1073741824" ovf:capacityAllocationUnits="byte" ovf:diskId="disk2"/>
    <Disk ovf:capacity="1073741824" ovf:capacityAllocationUnits="byte" ovf:diskId="disk3" ovf:fileRef="fileB" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="Pool-wide network 0"/>
  </NetworkSection>
  <VirtualSystem ovf:id="shop">
    <Info>A virtual machine</Info>
    <Name>shop</Name>
    <OperatingSystemSection ovf:id="36" vmw:osType="other26xLinux64Guest">
      <Info>The guest</Info>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>shop</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>vmx-11</vssd:VirtualSystemType>
      </System>
      <Item>
        <rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>
        <rasd:ElementName>2 virtual CPU(s)</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>2</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>byte</rasd:AllocationUnits>
        <rasd:ElementName>Memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>2147483648</rasd:VirtualQuantity>
      </Item>
)" + controller("0", "3") +
           controller("1", "4") + drive("0", "disk1") + drive("2", "disk3") + R"(      <Item>
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:Connection>Pool-wide network 0</rasd:Connection>
        <rasd:ElementName>Network adapter</rasd:ElementName>
        <rasd:InstanceID>nic0</rasd:InstanceID>
        <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
)";
}

}  // namespace ovfkit::test::xen
