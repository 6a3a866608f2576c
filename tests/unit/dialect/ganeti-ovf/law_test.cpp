#include "catch.hpp"

#include "unit/descriptor/corpus_law.hpp"
#include "unit/descriptor/field_law.hpp"
#include "unit/descriptor/fixtures.hpp"
#include "unit/descriptor/plain_dialect.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_ganeti_ovf;
}

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_ganeti_ovf;

namespace {

constexpr std::string_view section = R"(  <gnt:GanetiSection>
    <gnt:Version>0</gnt:Version>
    <gnt:AutoBalance>True</gnt:AutoBalance>
    <gnt:DiskTemplate>plain</gnt:DiskTemplate>
    <gnt:Tags>web shop</gnt:Tags>
    <gnt:OperatingSystem>
      <gnt:Name>debootstrap+default</gnt:Name>
      <gnt:Parameters>
        <gnt:dhcp>yes</gnt:dhcp>
      </gnt:Parameters>
    </gnt:OperatingSystem>
    <gnt:Hypervisor>
      <gnt:Name>kvm</gnt:Name>
      <gnt:Parameters>
        <gnt:acpi>True</gnt:acpi>
        <gnt:disk_type>paravirtual</gnt:disk_type>
      </gnt:Parameters>
    </gnt:Hypervisor>
    <gnt:Network>
      <gnt:Nic ovf:name="bridged0">
        <gnt:Mode>bridged</gnt:Mode>
        <gnt:MACAddress>aa:00:00:11:22:33</gnt:MACAddress>
        <gnt:IPAddress>None</gnt:IPAddress>
        <gnt:Link>br0</gnt:Link>
        <gnt:Net>None</gnt:Net>
      </gnt:Nic>
      <gnt:Nic ovf:name="routed1">
        <gnt:Mode>routed</gnt:Mode>
        <gnt:MACAddress>aa:00:00:11:22:34</gnt:MACAddress>
        <gnt:IPAddress>192.0.2.7</gnt:IPAddress>
        <gnt:Link>100</gnt:Link>
        <gnt:Net>lan</gnt:Net>
      </gnt:Nic>
    </gnt:Network>
  </gnt:GanetiSection>
)";

std::string nic(std::string_view id, std::string_view network, std::string_view mac) {
    return "      <Item>\n        <rasd:Address>" + std::string(mac) + "</rasd:Address>\n        <rasd:Connection>" +
           std::string(network) + "</rasd:Connection>\n        <rasd:ElementName>" + std::string(network) +
           "</rasd:ElementName>\n        <rasd:InstanceID>" + std::string(id) +
           "</rasd:InstanceID>\n        <rasd:ResourceType>10</rasd:ResourceType>\n      </Item>\n";
}

std::string exported(std::string_view with) {
    return R"(<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:gnt="http://ganeti">
  <References>
    <File ovf:href="disk0.raw" ovf:size="1073741824" ovf:id="file0"/>
    <File ovf:href="disk1.raw" ovf:size="1073741824" ovf:id="file2"/>
    <File ovf:href="disk2.raw" ovf:id="file3"/>
    <File ovf:href="vm.nvram" ovf:id="file1"/>
  </References>
  <DiskSection>
    <Info>Virtual disk information</Info>
    <Disk ovf:capacity="1073741824" ovf:diskId="disk0" ovf:fileRef="file0" ovf:format="http://en.wikipedia.org/wiki/Byte"/>
    <Disk ovf:capacity="1073741824" ovf:diskId="disk2" ovf:format="http://en.wikipedia.org/wiki/Byte"/>
  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="bridged0"/>
    <Network ovf:name="routed1"/>
  </NetworkSection>
)" + std::string(with) +
           R"(  <VirtualSystem ovf:id="shop">
    <Info>A virtual machine</Info>
    <Name>shop.example.org</Name>
    <OperatingSystemSection ovf:id="0">
      <Info>Installed guest operating system</Info>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware requirements</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemType>ganeti-ovf</vssd:VirtualSystemType>
      </System>
      <Item>
        <rasd:ElementName>2 virtual CPU(s)</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>2</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>1024MB of memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>1024</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:ElementName>scsi_controller0</rasd:ElementName>
        <rasd:InstanceID>3</rasd:InstanceID>
        <rasd:ResourceSubType>lsilogic</rasd:ResourceSubType>
        <rasd:ResourceType>6</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:ElementName>disk0</rasd:ElementName>
        <rasd:HostResource>ovf:/disk/disk0</rasd:HostResource>
        <rasd:InstanceID>4</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
      </Item>
)" + nic("5", "bridged0", "aa:00:00:11:22:33") +
           nic("6", "routed1", "aa:00:00:11:22:34") + R"(    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
)";
}

int score(const std::string& text) {
    Diagnostics diagnostics;
    return dialect_ganeti_ovf.detect(*detail::XmlDocument::parse("t", text, diagnostics));
}

std::string with_balloon(std::string_view word) {
    return replaced(exported(section), "        <gnt:acpi>",
                    "        <gnt:balloon>" + std::string(word) + "</gnt:balloon>\n        <gnt:acpi>");
}

}  // namespace

TEST_CASE("Ganeti's documents are told by their section, their namespace or their type") {
    CHECK(score(exported(section)) == 90);
    CHECK(score(exported("")) == 70);
    CHECK(score(replaced(full_descriptor(), "vmx-13", "ganeti-ovf")) == 70);
    CHECK(score(full_descriptor()) == 0);
    CHECK(load(dialect_ganeti_ovf, exported(section)).envelope.producer == "Ganeti");
}

TEST_CASE("Ganeti's document read and updated with what was read is not edited") {
    for (const std::string& text : {exported(section), exported(""), with_balloon("none"), with_balloon("virtio")}) {
        const Loaded loaded = load(dialect_ganeti_ovf, text);
        CHECK_FALSE(loaded.diagnostics.has_errors());
        const Changed result = change(dialect_ganeti_ovf, text, loaded.envelope);
        CHECK_FALSE(result.edited);
        CHECK(result.notes.empty());
    }
}

TEST_CASE("every field of Ganeti's OVF can be changed and reads back") {
    check_every_field(dialect_ganeti_ovf, exported(section));
    check_every_field(dialect_ganeti_ovf, exported(""));
}

TEST_CASE("all three states of the balloon come back in Ganeti's OVF") {
    for (const std::string& text : {exported(section), exported("")})
        check_balloon(dialect_ganeti_ovf, text, load(dialect_ganeti_ovf, text));
    // The hvparam stays where it says all there is.
    Envelope wanted = load(dialect_ganeti_ovf, with_balloon("virtio")).envelope;
    CHECK(wanted.systems[0].hardware.balloon.state == BalloonState::enabled);
    wanted.systems[0].hardware.balloon = {};
    wanted.systems[0].hardware.balloon.state = BalloonState::disabled;
    CHECK(change(dialect_ganeti_ovf, with_balloon("virtio"), wanted).bytes == with_balloon("none"));
    wanted.systems[0].hardware.balloon.model = BalloonModel::xen;
    const Changed item = change(dialect_ganeti_ovf, with_balloon("virtio"), wanted);
    CHECK(item.bytes.find("<gnt:balloon>") == std::string::npos);
    CHECK(item.again.hardware().balloon.model == BalloonModel::xen);
    wanted.systems[0].hardware.balloon = {};
    const Changed none = change(dialect_ganeti_ovf, with_balloon("virtio"), wanted);
    CHECK(none.again.hardware().balloon == MemoryBalloon{});
    CHECK(load(dialect_ganeti_ovf, with_balloon("maybe")).has("ganeti-ovf-balloon-ignored"));
}

TEST_CASE("settings are edited, added and taken out where they stand") {
    Envelope wanted = load(dialect_ganeti_ovf, exported(section)).envelope;
    std::vector<Parameter>& parameters = wanted.systems[0].parameters;
    for (Parameter& p : parameters)
        if (p.key == "disk_type") p.value = "scsi";
    std::erase_if(parameters, [](const Parameter& p) { return p.key == "tags" || p.key == "dhcp"; });
    parameters.push_back({"ganeti.hv", "boot_order", "disk"});
    Nic& nic = wanted.systems[0].hardware.nics[1];
    nic.ip = "192.0.2.8";
    const Changed changed = change(dialect_ganeti_ovf, exported(section), wanted);
    INFO(changed.bytes);
    CHECK(differences(wanted, changed.again.envelope) == "");
    CHECK(changed.bytes.find("<gnt:boot_order>disk</gnt:boot_order>") != std::string::npos);
    CHECK(changed.bytes.find("gnt:Tags") == std::string::npos);
    // A key that is no element's name is kept otherwise.
    parameters.push_back({"ganeti.hv", "a b><x/>", "1"});
    const Changed odd = change(dialect_ganeti_ovf, exported(section), wanted);
    CHECK(odd.bytes.find("<gnt:a b") == std::string::npos);
    CHECK(without_new_labels(differences(wanted.systems[0].hardware, odd.again.hardware())) == "");
    CHECK(odd.again.envelope.systems[0].parameters.size() == parameters.size());
}

TEST_CASE("NICs added, moved and removed keep what Ganeti says of them") {
    Envelope wanted = load(dialect_ganeti_ovf, exported(section)).envelope;
    auto& nics = wanted.systems[0].hardware.nics;
    nics.erase(nics.begin());
    const Changed fewer = change(dialect_ganeti_ovf, exported(section), wanted);
    CHECK(differences(wanted, fewer.again.envelope) == "");
    Nic added;
    added.info.id = "7";
    added.info.name = "third";
    added.network = "routed1";
    added.ip = "192.0.2.9";
    added.info.parameters.push_back({"ganeti", "mode", "routed"});
    nics.insert(nics.begin(), added);
    const Changed more = change(dialect_ganeti_ovf, fewer.bytes, wanted);
    INFO(more.bytes);
    CHECK(differences(wanted, more.again.envelope) == "");
}

TEST_CASE("a new descriptor has a section, before the VM") {
    Envelope wanted = load(dialect_ganeti_ovf, exported(section)).envelope;
    const Changed made = create(dialect_ganeti_ovf, wanted);
    INFO(made.bytes);
    wanted.ovf_version = made.again.envelope.ovf_version;
    CHECK(without_new_labels(differences(wanted, made.again.envelope)) == "");
    CHECK(made.notes.empty());
    CHECK(made.bytes.find("<NetworkSection>") < made.bytes.find("<gnt:GanetiSection>"));
    CHECK(made.bytes.find("</gnt:GanetiSection>") < made.bytes.find("<VirtualSystem "));
    CHECK(made.bytes.find("<gnt:Net>None</gnt:Net>") != std::string::npos);
    CHECK(score(made.bytes) == 90);
    const Changed bare = create(dialect_ganeti_ovf, load(plain_dialect(), full_descriptor()).envelope);
    CHECK(bare.bytes.find("<gnt:Net>None</gnt:Net>") != std::string::npos);
}

TEST_CASE("the laws hold for every real descriptor") { check_corpus(dialect_ganeti_ovf); }
