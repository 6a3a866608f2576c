#pragma once

#include <string>
#include <string_view>

#include "model/leaf.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_virtualbox;
}

/// Descriptors in VirtualBox's form, written for these tests.
namespace ovfkit::test {

inline constexpr std::string_view rasd_uri =
    "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";
inline constexpr std::string_view vssd_uri =
    "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData";

/// The parts of vbox:Machine, as text.
struct MachineText {
    std::string attributes = R"(version="1.15-linux" uuid="{6f1f2c57-0f0a-4d0e-8a7c-2f6d5b3e9a10}" name="lab" OSType="Debian_64")";
    std::string cpu = R"(<CPU count="2"><PAE enabled="true"/><LongMode enabled="true"/></CPU>)";
    std::string memory = R"(<Memory RAMSize="1024"/>)";
    std::string guest = R"(<Guest memoryBalloonSize="0"/>)";
    std::string firmware = R"(<Firmware type="EFI"/><Chipset type="ICH9"/><RTC localOrUTC="UTC"/>)";
    std::string boot =
        R"(<Boot><Order position="1" device="DVD"/><Order position="2" device="HardDisk"/><Order position="3" device="None"/></Boot>)";
    std::string display = R"(<Display controller="VMSVGA" VRAMSize="16" monitorCount="2"/>)";
    std::string network =
        R"(<Network><Adapter slot="0" enabled="true" MACAddress="080027A1B2C3" cable="true" type="82540EM"><NAT/></Adapter><Adapter slot="1" enabled="true" MACAddress="080027A1B2C4" type="virtio"><BridgedInterface name="eth0"/></Adapter><Adapter slot="2" enabled="false" MACAddress="080027A1B2C5"/></Network>)";
    std::string ports =
        R"(<UART><Port slot="0" enabled="true" IOBase="0x3f8" IRQ="4" hostMode="HostPipe" path="/run/lab.sock" server="true"/></UART><LPT><Port slot="0" enabled="true" IOBase="0x378" IRQ="7" path="/dev/parport0"/></LPT>)";
    std::string audio = R"(<AudioAdapter controller="HDA" driver="Null" enabled="true"/>)";
    std::string usb =
        R"(<USB><Controllers><Controller name="OHCI" type="OHCI"/><Controller name="EHCI" type="EHCI"/></Controllers></USB>)";
    std::string more = R"(<TrustedPlatformModule type="v2_0" location=""/>)";
    std::string storage =
        R"(<StorageControllers><StorageController name="IDE" type="PIIX4" PortCount="2" useHostIOCache="true" Bootable="true"><AttachedDevice passthrough="false" type="DVD" port="1" device="0"/></StorageController><StorageController name="SATA" type="AHCI" PortCount="1" useHostIOCache="false" Bootable="true"><AttachedDevice type="HardDisk" nonrotational="true" port="0" device="0"><Image uuid="{0f9d9a52-3a39-4c27-9d5a-0b0f9f6a0001}"/></AttachedDevice></StorageController></StorageControllers>)";

    [[nodiscard]] std::string text() const {
        return "    <vbox:Machine ovf:required=\"false\" " + attributes +
               ">\n      <ovf:Info>Complete VirtualBox machine configuration in VirtualBox format</ovf:Info>\n"
               "      <Hardware>\n        " +
               cpu + "\n        " + memory + firmware + boot + "\n        " + display + "\n        " + network +
               "\n        " + ports + audio + usb + guest + more + "\n      </Hardware>\n      " + storage +
               "\n    </vbox:Machine>\n";
    }
};

/// An Item, StorageItem or EthernetPortItem; 1.0 writes everything as Item, with ElementName.
inline std::string vbox_item(int major, std::string_view kind, std::string_view inside, std::string_view caption) {
    const bool two = major == 2;
    const std::string element = two ? std::string(kind) : "Item";
    const std::string p = !two || kind == "Item" ? "rasd" : kind == "StorageItem" ? "sasd" : "epasd";
    std::string out = "      <" + element + ">\n";
    std::string_view rest = inside;
    const auto line = [&](std::string_view name, std::string_view value) {
        out += "        <" + p + ":" + std::string(name) + ">" + std::string(value) + "</" + p + ":" +
               std::string(name) + ">\n";
    };
    bool captioned = false, labelled = major != 1;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(';'), rest.size());
        const std::string_view pair = rest.substr(0, end);
        const auto equal = pair.find('=');
        std::string_view name = pair.substr(0, equal);
        if (!captioned && name > "Caption") line("Caption", caption), captioned = true;
        if (!labelled && name > "ElementName") line("ElementName", caption), labelled = true;
        if (name == "InstanceID" && major == 0) name = "InstanceId";
        line(name, pair.substr(equal + 1));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out + "      </" + element + ">\n";
}

inline std::string vbox_items(int major) {
    return vbox_item(major, "Item", "InstanceID=1;ResourceType=3;VirtualQuantity=2", "2 virtual CPU") +
           vbox_item(major, "Item", "AllocationUnits=MegaBytes;InstanceID=2;ResourceType=4;VirtualQuantity=1024",
                     "1024 MB of memory") +
           vbox_item(major, "Item", "Address=0;InstanceID=3;ResourceSubType=PIIX4;ResourceType=5", "ideController0") +
           vbox_item(major, "Item", "Address=1;InstanceID=4;ResourceSubType=PIIX4;ResourceType=5", "ideController1") +
           vbox_item(major, "Item", "Address=0;InstanceID=5;ResourceSubType=AHCI;ResourceType=20", "sataController0") +
           vbox_item(major, "Item", "Address=0;InstanceID=6;ResourceType=23", "usb") +
           vbox_item(major, "Item", "InstanceID=7;ResourceSubType=ensoniq1371;ResourceType=35", "sound") +
           vbox_item(major, "StorageItem",
                     "AddressOnParent=0;HostResource=/disk/vmdisk1;InstanceID=8;Parent=5;ResourceType=17", "disk1") +
           vbox_item(major, "StorageItem",
                     "AddressOnParent=0;AutomaticAllocation=true;InstanceID=9;Parent=4;ResourceType=15", "cdrom1") +
           vbox_item(major, "EthernetPortItem",
                     "AutomaticAllocation=true;Connection=NAT;InstanceID=10;ResourceSubType=E1000;ResourceType=10",
                     "Ethernet adapter on 'NAT'") +
           vbox_item(major, "EthernetPortItem", "AutomaticAllocation=true;Connection=Bridged;InstanceID=11;ResourceType=10",
                     "Ethernet adapter on 'Bridged'");
}

/// A descriptor of OVF 0.9, 1.0 or 2.0; `machine` is the text of vbox:Machine, or nothing.
inline std::string vbox_descriptor(int major, const std::string& machine = {}, const std::string& items = {}) {
    const bool old = major == 0;
    const std::string envelope = old          ? "http://www.vmware.com/schema/ovf/1/envelope"
                                 : major == 2 ? "http://schemas.dmtf.org/ovf/envelope/2"
                                              : "http://schemas.dmtf.org/ovf/envelope/1";
    const auto open = [&](const std::string& name, const std::string& attributes = {}) {
        if (!old) return "<" + name + attributes + ">";
        const std::string element = name == "VirtualSystem" ? "Content" : "Section";
        return "<" + element + " xsi:type=\"ovf:" + name + "_Type\"" + attributes + ">";
    };
    const auto close = [&](const std::string& name) {
        return "</" + (!old ? name : name == "VirtualSystem" ? std::string("Content") : std::string("Section")) + ">";
    };
    return "<?xml version=\"1.0\"?>\n<Envelope ovf:version=\"" + std::string(old ? "0.9" : major == 2 ? "2.0" : "1.0") +
           "\" xml:lang=\"en-US\" xmlns=\"" + envelope + "\" xmlns:ovf=\"" + envelope + "\" xmlns:rasd=\"" +
           std::string(rasd_uri) + "\" xmlns:vssd=\"" + std::string(vssd_uri) +
           "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"" +
           (machine.empty() ? "" : " xmlns:vbox=\"http://www.virtualbox.org/ovf/machine\"") +
           (major != 2 ? ""
                       : " xmlns:epasd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
                         "CIM_EthernetPortAllocationSettingData.xsd\" xmlns:sasd=\"http://schemas.dmtf.org/wbem/wscim/1/"
                         "cim-schema/2/CIM_StorageAllocationSettingData.xsd\"") +
           ">\n  <References>\n    <File ovf:href=\"lab-disk001.vmdk\" ovf:id=\"file1\"/>\n"
           "    <File ovf:href=\"setup.iso\" ovf:id=\"file2\"/>\n    <File ovf:href=\"vars.fd\" ovf:id=\"file3\"/>\n"
           "  </References>\n  " +
           open("DiskSection") +
           "\n    <Info>List of the virtual disks used in the package</Info>\n"
           "    <Disk ovf:capacity=\"8589934592\" ovf:diskId=\"vmdisk1\" ovf:fileRef=\"file1\" "
           "ovf:format=\"http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized\"" +
           (machine.empty() ? "" : " vbox:uuid=\"0f9d9a52-3a39-4c27-9d5a-0b0f9f6a0001\"") +
           "/>\n    <Disk ovf:capacity=\"1048576\" ovf:diskId=\"disk2\" "
           "ovf:format=\"http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized\"/>\n  " +
           close("DiskSection") + "\n  " + open("NetworkSection") +
           "\n    <Info>Logical networks used in the package</Info>\n    <Network ovf:name=\"NAT\">\n"
           "      <Description>Logical network used by this appliance.</Description>\n    </Network>\n"
           "    <Network ovf:name=\"Bridged\"/>\n  " +
           close("NetworkSection") + "\n  " + open("VirtualSystem", " ovf:id=\"lab\"") +
           "\n    <Info>A virtual machine</Info>\n    " + open("OperatingSystemSection", " ovf:id=\"96\"") +
           "\n      <Info>The kind of installed guest operating system</Info>\n"
           "      <Description>Debian_64</Description>\n" +
           (machine.empty() ? "" : "      <vbox:OSType ovf:required=\"false\">Debian_64</vbox:OSType>\n") + "    " +
           close("OperatingSystemSection") + "\n    " + open("VirtualHardwareSection") +
           "\n      <Info>Virtual hardware requirements for a virtual machine</Info>\n      <System>\n" +
           (old ? "" : "        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>\n") + "        <vssd:" +
           (old ? "InstanceId>0</vssd:InstanceId>" : "InstanceID>0</vssd:InstanceID>") +
           "\n        <vssd:VirtualSystemIdentifier>lab</vssd:VirtualSystemIdentifier>\n"
           "        <vssd:VirtualSystemType>" +
           (old ? "vmx-6" : "virtualbox-2.2") + "</vssd:VirtualSystemType>\n      </System>\n" +
           (items.empty() ? vbox_items(major) : items) + "    " + close("VirtualHardwareSection") + "\n" + machine +
           "  " + close("VirtualSystem") + "\n</Envelope>\n";
}

}  // namespace ovfkit::test
