#pragma once

#include <string>
#include <string_view>

/// Hand-written descriptors: one of each version, with a device of every class.
namespace ovfkit::test {

inline constexpr std::string_view head_1 =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:ovfkit="urn:ovfkit:hardware:1">
)";

/// OVF 1.1 with everything in it.
inline std::string full_descriptor() {
    return std::string(head_1) + R"(  <References>
    <File ovf:id="file1" ovf:href="disk1.vmdk" ovf:size="1000"/>
    <File ovf:id="file2" ovf:href="install.iso" ovf:size="2000"/>
    <File ovf:id="file3" ovf:href="vm.nvram"/>
  </References>
  <DiskSection>
    <Info>Virtual disks</Info>
    <Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="10" ovf:capacityAllocationUnits="byte * 2^30" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized" ovf:populatedSize="900"/>
    <Disk ovf:diskId="disk2" ovf:capacity="4096"/>
  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="lan">
      <Description>The inner network</Description>
    </Network>
    <Network ovf:name="wan"/>
  </NetworkSection>
  <VirtualSystem ovf:id="web">
    <Info>A virtual machine</Info>
    <Name>Web server</Name>
    <OperatingSystemSection ovf:id="96" ovf:version="12" vmw:osType="debian12_64Guest">
      <Info>The guest</Info>
      <Description>Debian 12</Description>
    </OperatingSystemSection>
    <ProductSection ovf:class="com.example">
      <Info>The product</Info>
      <Product>Shop</Product>
      <Vendor>Example</Vendor>
      <Version>1.2</Version>
      <Category>Network</Category>
      <Property ovf:key="address" ovf:type="string" ovf:userConfigurable="true" ovf:value="10.0.0.1">
        <Label>Address</Label>
      </Property>
      <Property ovf:key="secret" ovf:type="string" ovf:password="true" ovf:value="hunter2"/>
    </ProductSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>web</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>
      </System>
      <Item>
        <rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>
        <rasd:Description>Number of virtual CPUs</rasd:Description>
        <rasd:ElementName>4 virtual CPUs</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:Reservation>500</rasd:Reservation>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>4</rasd:VirtualQuantity>
        <vmw:CoresPerSocket ovf:required="false">2</vmw:CoresPerSocket>
      </Item>
      <Item>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>2048 MB of memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:Limit>4096</rasd:Limit>
        <rasd:Reservation>512</rasd:Reservation>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>2048</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:ElementName>IDE 0</rasd:ElementName>
        <rasd:InstanceID>3</rasd:InstanceID>
        <rasd:ResourceType>5</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:ElementName>SCSI 0</rasd:ElementName>
        <rasd:InstanceID>4</rasd:InstanceID>
        <rasd:ResourceSubType>someother, lsilogic</rasd:ResourceSubType>
        <rasd:ResourceType>6</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:ElementName>USB</rasd:ElementName>
        <rasd:InstanceID>5</rasd:InstanceID>
        <rasd:ResourceSubType>vmware.usb.xhci</rasd:ResourceSubType>
        <rasd:ResourceType>23</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AddressOnParent>0</rasd:AddressOnParent>
        <rasd:ElementName>Disk 1</rasd:ElementName>
        <rasd:HostResource>ovf:/disk/disk1</rasd:HostResource>
        <rasd:InstanceID>6</rasd:InstanceID>
        <rasd:Parent>4</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
      </Item>
      <Item ovf:required="false">
        <rasd:AddressOnParent>1</rasd:AddressOnParent>
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:ElementName>CD 1</rasd:ElementName>
        <rasd:HostResource>ovf:/file/file2</rasd:HostResource>
        <rasd:InstanceID>7</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>15</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:Address>52:54:00:00:00:01</rasd:Address>
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:Connection>lan</rasd:Connection>
        <rasd:ElementName>NIC 1</rasd:ElementName>
        <rasd:InstanceID>8</rasd:InstanceID>
        <rasd:ResourceSubType>VmxNet3 E1000</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
        <vmw:Config ovf:required="false" vmw:key="wakeOnLanEnabled" vmw:value="true"/>
      </Item>
      <Item ovf:required="false">
        <rasd:ElementName>Serial 1</rasd:ElementName>
        <rasd:InstanceID>9</rasd:InstanceID>
        <rasd:ResourceType>21</rasd:ResourceType>
      </Item>
      <Item ovf:required="false">
        <rasd:ElementName>Parallel 1</rasd:ElementName>
        <rasd:InstanceID>10</rasd:InstanceID>
        <rasd:ResourceType>22</rasd:ResourceType>
      </Item>
      <Item ovf:required="false">
        <rasd:ElementName>Video card</rasd:ElementName>
        <rasd:InstanceID>11</rasd:InstanceID>
        <rasd:ResourceType>24</rasd:ResourceType>
        <vmw:Config ovf:required="false" vmw:key="videoRamSizeInKB" vmw:value="8192"/>
        <vmw:Config ovf:required="false" vmw:key="numDisplays" vmw:value="1"/>
        <vmw:Config ovf:required="false" vmw:key="enable3DSupport" vmw:value="false"/>
      </Item>
      <Item ovf:required="false">
        <rasd:ElementName>Sound</rasd:ElementName>
        <rasd:InstanceID>12</rasd:InstanceID>
        <rasd:ResourceSubType>ensoniq1371</rasd:ResourceSubType>
        <rasd:ResourceType>35</rasd:ResourceType>
      </Item>
      <Item ovf:required="false">
        <rasd:ElementName>Watchdog</rasd:ElementName>
        <rasd:InstanceID>13</rasd:InstanceID>
        <rasd:OtherResourceType>watchdog</rasd:OtherResourceType>
        <rasd:ResourceSubType>i6300esb</rasd:ResourceSubType>
        <rasd:ResourceType>1</rasd:ResourceType>
        <ovfkit:Device ovf:required="false" option="reset"/>
      </Item>
      <Item ovf:required="false">
        <rasd:ElementName>RNG</rasd:ElementName>
        <rasd:InstanceID>14</rasd:InstanceID>
        <rasd:OtherResourceType>rng</rasd:OtherResourceType>
        <rasd:ResourceSubType>virtio</rasd:ResourceSubType>
        <rasd:ResourceType>1</rasd:ResourceType>
      </Item>
      <Item ovf:required="false">
        <rasd:ElementName>TPM</rasd:ElementName>
        <rasd:InstanceID>15</rasd:InstanceID>
        <rasd:ResourceSubType>vmware.vtpm</rasd:ResourceSubType>
        <rasd:ResourceType>1</rasd:ResourceType>
      </Item>
      <Item ovf:required="false">
        <rasd:ElementName>Console</rasd:ElementName>
        <rasd:InstanceID>16</rasd:InstanceID>
        <rasd:OtherResourceType>graphics</rasd:OtherResourceType>
        <rasd:ResourceSubType>vnc</rasd:ResourceSubType>
        <rasd:ResourceType>1</rasd:ResourceType>
        <ovfkit:Device ovf:required="false" listen="127.0.0.1" port="5901"/>
      </Item>
      <Item ovf:required="false">
        <rasd:ElementName>VMCI</rasd:ElementName>
        <rasd:InstanceID>17</rasd:InstanceID>
        <rasd:ResourceSubType>vmware.vmci</rasd:ResourceSubType>
        <rasd:ResourceType>1</rasd:ResourceType>
      </Item>
      <Item ovf:required="false">
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:Description>Memory balloon device</rasd:Description>
        <rasd:ElementName>memballoon</rasd:ElementName>
        <rasd:InstanceID>18</rasd:InstanceID>
        <rasd:OtherResourceType>memballoon</rasd:OtherResourceType>
        <rasd:ResourceSubType>virtio</rasd:ResourceSubType>
        <rasd:ResourceType>1</rasd:ResourceType>
      </Item>
      <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>
      <vmw:Config ovf:required="false" vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>
      <vmw:Config ovf:required="false" vmw:key="cpuHotAddEnabled" vmw:value="true"/>
      <vmw:ExtraConfig ovf:required="false" vmw:key="nvram" vmw:value="ovf:/file/file3"/>
      <vmw:ExtraConfig ovf:required="false" vmw:key="disk.EnableUUID" vmw:value="TRUE"/>
      <ovfkit:Hardware ovf:required="false" uuid="11111111-2222-3333-4444-555555555555" clock="utc" machine="q35" arch="x86_64" boot="disk cdrom"/>
    </VirtualHardwareSection>
    <AnnotationSection>
      <Info>A note</Info>
      <Annotation>Runs the shop</Annotation>
    </AnnotationSection>
    <EulaSection>
      <Info>Licence</Info>
      <License>Do what you like</License>
    </EulaSection>
  </VirtualSystem>
</Envelope>
)";
}

/// The 0.9 form: sections by xsi:type, InstanceId, Caption first, no ElementName.
inline std::string old_descriptor() {
    return R"(<?xml version="1.0"?>
<ovf:Envelope xmlns:ovf="http://www.vmware.com/schema/ovf/1/envelope" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ovf:version="0.9">
  <ovf:References>
    <ovf:File ovf:href="disk.vmdk" ovf:id="file1"/>
  </ovf:References>
  <ovf:Section xsi:type="ovf:DiskSection_Type">
    <ovf:Info>Disks</ovf:Info>
    <ovf:Disk ovf:capacity="1073741824" ovf:diskId="d1" ovf:fileRef="file1" ovf:format="http://www.vmware.com/specifications/vmdk.html#sparse"/>
  </ovf:Section>
  <ovf:Section xsi:type="ovf:NetworkSection_Type">
    <ovf:Info>Networks</ovf:Info>
    <ovf:Network ovf:name="bridged"/>
  </ovf:Section>
  <ovf:Content ovf:id="old" xsi:type="ovf:VirtualSystem_Type">
    <ovf:Info>A virtual machine</ovf:Info>
    <ovf:Section xsi:type="ovf:OperatingSystemSection_Type" ovf:id="107">
      <ovf:Info>Guest</ovf:Info>
    </ovf:Section>
    <ovf:Section xsi:type="ovf:VirtualHardwareSection_Type">
      <ovf:Info>Hardware</ovf:Info>
      <ovf:System>
        <vssd:InstanceId>0</vssd:InstanceId>
        <vssd:VirtualSystemType>vmx-04</vssd:VirtualSystemType>
      </ovf:System>
      <ovf:Item>
        <rasd:Caption>1 virtual CPU</rasd:Caption>
        <rasd:InstanceId>1</rasd:InstanceId>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>1</rasd:VirtualQuantity>
      </ovf:Item>
      <ovf:Item>
        <rasd:Caption>512 MB of memory</rasd:Caption>
        <rasd:InstanceId>2</rasd:InstanceId>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits>
        <rasd:Reservation>512</rasd:Reservation>
      </ovf:Item>
      <ovf:Item>
        <rasd:Caption>scsi0</rasd:Caption>
        <rasd:InstanceId>3</rasd:InstanceId>
        <rasd:ResourceType>6</rasd:ResourceType>
        <rasd:ResourceSubType>buslogic</rasd:ResourceSubType>
        <rasd:BusNumber>1</rasd:BusNumber>
      </ovf:Item>
      <ovf:Item>
        <rasd:Caption>disk1</rasd:Caption>
        <rasd:InstanceId>4</rasd:InstanceId>
        <rasd:ResourceType>17</rasd:ResourceType>
        <rasd:HostResource>/disk/d1</rasd:HostResource>
        <rasd:Parent>3</rasd:Parent>
        <rasd:AddressOnParent>0</rasd:AddressOnParent>
      </ovf:Item>
      <ovf:Item>
        <rasd:Caption>ethernet0</rasd:Caption>
        <rasd:InstanceId>5</rasd:InstanceId>
        <rasd:ResourceType>10</rasd:ResourceType>
        <rasd:ResourceSubType>PCNet32</rasd:ResourceSubType>
        <rasd:Connection>bridged</rasd:Connection>
      </ovf:Item>
    </ovf:Section>
    <ovf:Section xsi:type="ovf:AnnotationSection_Type" ovf:required="false">
      <ovf:Info>Note</ovf:Info>
      <ovf:Annotation>From long ago</ovf:Annotation>
    </ovf:Section>
  </ovf:Content>
</ovf:Envelope>
)";
}

/// OVF 2 as VirtualBox writes it: StorageItem, EthernetPortItem, no ElementName.
inline std::string new_descriptor() {
    return R"(<?xml version="1.0"?>
<Envelope ovf:version="2.0" xml:lang="en-US" xmlns="http://schemas.dmtf.org/ovf/envelope/2" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/2" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:epasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_EthernetPortAllocationSettingData.xsd" xmlns:sasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_StorageAllocationSettingData.xsd">
  <References>
    <File ovf:href="d.vmdk" ovf:id="file1"/>
  </References>
  <DiskSection>
    <Info>Disks</Info>
    <Disk ovf:capacity="8589934592" ovf:diskId="vmdisk1" ovf:fileRef="file1"/>
  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="NAT"/>
  </NetworkSection>
  <VirtualSystem ovf:id="ubuntu">
    <Info>A virtual machine</Info>
    <VirtualHardwareSection>
      <Info>Hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemType>virtualbox-2.2</vssd:VirtualSystemType>
      </System>
      <Item>
        <rasd:Caption>1 virtual CPU</rasd:Caption>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>1</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>512</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:InstanceID>5</rasd:InstanceID>
        <rasd:ResourceSubType>AHCI</rasd:ResourceSubType>
        <rasd:ResourceType>20</rasd:ResourceType>
      </Item>
      <StorageItem>
        <sasd:AddressOnParent>0</sasd:AddressOnParent>
        <sasd:Caption>disk1</sasd:Caption>
        <sasd:HostResource>/disk/vmdisk1</sasd:HostResource>
        <sasd:InstanceID>8</sasd:InstanceID>
        <sasd:Parent>5</sasd:Parent>
        <sasd:ResourceType>17</sasd:ResourceType>
      </StorageItem>
      <EthernetPortItem>
        <epasd:AutomaticAllocation>true</epasd:AutomaticAllocation>
        <epasd:Connection>NAT</epasd:Connection>
        <epasd:InstanceID>10</epasd:InstanceID>
        <epasd:ResourceSubType>E1000</epasd:ResourceSubType>
        <epasd:ResourceType>10</epasd:ResourceType>
      </EthernetPortItem>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
)";
}

}  // namespace ovfkit::test
