#pragma once

#include <string>
#include <string_view>

/// Hand-written descriptors in the form of Forklift's generator and of SCVMM.
namespace ovfkit::test::hyperv {

inline std::string drive(std::string_view parent, std::string_view place, std::string_view disk) {
    return "      <Item>\n        <rasd:AddressOnParent>" + std::string(place) +
           "</rasd:AddressOnParent>\n        <rasd:ElementName>Hard Disk</rasd:ElementName>\n        <rasd:HostResource>ovf:/disk/" +
           std::string(disk) + "</rasd:HostResource>\n        <rasd:InstanceID>" + std::string(disk) +
           "</rasd:InstanceID>\n        <rasd:Parent>" + std::string(parent) +
           "</rasd:Parent>\n        <rasd:ResourceType>17</rasd:ResourceType>\n      </Item>\n";
}

inline std::string controller(std::string_view id, std::string_view type, std::string_view address) {
    return "      <Item>\n        <rasd:Address>" + std::string(address) +
           "</rasd:Address>\n        <rasd:ElementName>Controller</rasd:ElementName>\n        <rasd:InstanceID>" +
           std::string(id) + "</rasd:InstanceID>\n        <rasd:ResourceType>" + std::string(type) +
           "</rasd:ResourceType>\n      </Item>\n";
}

inline std::string envelope(std::string_view system, std::string_view items) {
    return R"(<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <References>
    <File ovf:href="os.vhdx" ovf:id="file1" ovf:size="42949672960"/>
    <File ovf:href="data.vhdx" ovf:id="fileB" ovf:size="1000"/>
    <File ovf:href="spare.vhdx" ovf:id="file2"/>
    <File ovf:href="vm.nvram" ovf:id="file3"/>
  </References>
  <DiskSection>
    <Info>Virtual disks</Info>
    <Disk ovf:capacity="42949672960" ovf:capacityAllocationUnits="byte" ovf:diskId="disk1" ovf:fileRef="file1" ovf:format="http://technet.microsoft.com/en-us/library/dd979539.aspx#VHDX"/>
    <Disk ovf:capacity="1073741824" ovf:capacityAllocationUnits="byte" ovf:diskId="diskB" ovf:fileRef="fileB" ovf:format="http://technet.microsoft.com/en-us/library/dd979539.aspx#VHDX"/>
    <Disk ovf:capacity="1073741824" ovf:capacityAllocationUnits="byte" ovf:diskId="disk2"/>
  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="Default Switch"/>
  </NetworkSection>
  <VirtualSystem ovf:id="shop">
    <Info>A Virtual system</Info>
    <Name>shop</Name>
    <OperatingSystemSection ovf:id="1" vmw:osType="windows2019srv_64Guest">
      <Info>The guest</Info>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware requirements</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
)" + std::string(system) +
           R"(      </System>
      <Item>
        <rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>
        <rasd:ElementName>2 virtual CPU(s)</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>2</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>2048MB of memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>2048</rasd:VirtualQuantity>
      </Item>
)" + std::string(items) +
           R"(      <Item>
        <rasd:Address>00:15:5d:01:02:03</rasd:Address>
        <rasd:Connection>Default Switch</rasd:Connection>
        <rasd:ElementName>Network adapter</rasd:ElementName>
        <rasd:InstanceID>9</rasd:InstanceID>
        <rasd:ResourceSubType>E1000</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
)";
}

inline const std::string family = "        <vssd:VirtualSystemType>vmx-07</vssd:VirtualSystemType>\n";

inline std::string generation_1() {
    return envelope(family, controller("3", "5", "0") + controller("4", "5", "1") + drive("3", "0", "disk1") +
                                drive("4", "0", "diskB"));
}
inline std::string generation_2() {
    return envelope(family, controller("3", "6", "0") + drive("3", "0", "disk1") + drive("3", "1", "diskB"));
}

/// SCVMM: it says the generation, and Microsoft's sub-types.
inline std::string scvmm(std::string_view generation) {
    std::string text = envelope("        <vssd:VirtualSystemSubType>Microsoft:Hyper-V:SubType:" + std::string(generation) +
                                    "</vssd:VirtualSystemSubType>\n        <vssd:VirtualSystemType>DMTF:xen:pv</vssd:VirtualSystemType>\n",
                                controller("3", "5", "0") + drive("3", "0", "disk1"));
    for (auto at = text.find("dd979539.aspx#VHDX"); at != std::string::npos; at = text.find("dd979539.aspx#VHDX"))
        text.replace(at, 18, "vhdspec.mspx");
    return text;
}

}  // namespace ovfkit::test::hyperv
