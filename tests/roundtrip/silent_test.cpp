// Values that were once changed without a trace in the libvirt text or in the report: each with its input.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "systems.hpp"
#include "where.hpp"

using namespace ovfkit;
using namespace samples;

namespace {

std::string fixture(const std::string& path) {
    std::ifstream in(source_folder() / path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// What a user sees of a translation to libvirt.
std::string seen(const std::string& bytes) {
    Diagnostics diagnostics;
    ReadOptions read_options;
    read_options.unmapped = true;
    const Source source = Source::parse("x.ovf", bytes, read_options, diagnostics);
    WriteOptions options;
    options.carry_origin = false;
    std::string out;
    for (const Translation& text : translate(source, "libvirt", options, diagnostics))
        out += text.files.front().bytes + render_json(text.report);
    return out;
}

void check_heard(const std::string& bytes, const std::string& from, const std::string& to) {
    const auto at = bytes.find(from);
    INFO(from << " -> " << to);
    REQUIRE(at != std::string::npos);
    std::string changed = bytes;
    changed.replace(at, from.size(), to);
    CHECK(seen(changed) != seen(bytes));
}

std::string standard(const std::string& items) {
    return R"(<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"><References/>
<VirtualSystem ovf:id="vm"><Info/><VirtualHardwareSection><Info/>
<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
<Item><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
)" + items + "</VirtualHardwareSection></VirtualSystem></Envelope>";
}

}  // namespace

TEST_CASE("another word in Type or Device of an oVirt Item is named") {
    const std::string bytes = fixture("tests/unit/dialect/ovirt/export-3.1.ovf");
    for (const std::string word : {"disk", "interface", "video", "sound"})
        check_heard(bytes, "<Type>" + word + "</Type>", "<Type>" + word + "x</Type>");
    for (const std::string word : {"disk", "bridge", "qxl", "cdrom", "ac97"})
        check_heard(bytes, "<Device>" + word + "</Device>", "<Device>" + word + "x</Device>");
    // The engine compares Type without regard to case.
    const std::string upper = [&] {
        std::string out = bytes;
        return out.replace(out.find("<Type>disk"), 10, "<Type>DISK");
    }();
    CHECK(seen(upper) == seen(bytes));
}

TEST_CASE("BootOrder against ovf:boot of an oVirt disk is named") {
    std::string bytes = fixture("tests/unit/dialect/ovirt/export-3.1.ovf");
    check_heard(bytes, "ovf:boot=\"true\"", "ovf:boot=\"false\"");
    bytes.replace(bytes.find("<BootOrder>1<"), 13, "<BootOrder>0<");
    check_heard(bytes, "<BootOrder>0<", "<BootOrder>1<");
}

TEST_CASE("what an oVirt NIC says twice, or against itself, is named") {
    const std::string bytes = fixture("tests/unit/dialect/ovirt/export-4.5.ovf");
    check_heard(bytes, "<rasd:ElementName>nic1<", "<rasd:ElementName>nic2<");
    const auto nic = bytes.find("<Type>interface");
    REQUIRE(nic != std::string::npos);
    std::string unplugged = bytes;
    unplugged.replace(bytes.find("<IsPlugged>true", nic), 15, "<IsPlugged>false");
    CHECK(seen(unplugged).find("libvirt-nic-connected") != std::string::npos);
    CHECK(seen(unplugged).find("<link state='down'/>") != std::string::npos);
    check_heard(fixture("tests/unit/dialect/ovirt/export-3.6.ovf"), "Linked>false<", "Linked>true<");
}

TEST_CASE("a number of monitors that is not that of the heads is named") {
    check_heard(fixture("tests/unit/dialect/ovirt/export-3.6.ovf"),
                "<rasd:ResourceType>20</rasd:ResourceType>\n        <rasd:VirtualQuantity>2<",
                "<rasd:ResourceType>20</rasd:ResourceType>\n        <rasd:VirtualQuantity>3<");
}

TEST_CASE("IsReadOnly of an oVirt disk against its Disk is named") {
    const std::string bytes = fixture("tests/unit/dialect/ovirt/export-4.5.ovf");
    const auto disk = bytes.find("<Device>disk<");
    std::string changed = bytes;
    changed.replace(bytes.find("<IsReadOnly>false", disk), 17, "<IsReadOnly>true");
    CHECK(seen(changed) != seen(bytes));
}

TEST_CASE("whole GiB of an oVirt disk that contradict its bytes are named") {
    // Up to 4.1 the File has the bytes, and the Disk as many whole GiB.
    check_heard(fixture("tests/unit/dialect/ovirt/export-3.1.ovf"), "ovf:size=\"9\"", "ovf:size=\"11\"");
    const std::string bytes = fixture("tests/unit/dialect/ovirt/hybrid-v2v.ovf");
    check_heard(bytes, "ovf:boot=\"True\"", "ovf:boot=\"Truex\"");
    check_heard(bytes, "ovf:size=\"3\"", "ovf:size=\"4\"");
    check_heard(bytes, "ovf:capacity=\"2684354560\"", "ovf:capacity=\"2684354561\"");
}

TEST_CASE("a processor Item that is taken out is named, although libvirt's default is the same number") {
    const std::string bytes = standard("");
    const auto begin = bytes.find("<Item>"), end = bytes.find("</Item>") + 7;
    check_heard(bytes, bytes.substr(begin, end - begin), "");
}

TEST_CASE("the number of an IDE channel with nothing on it is named") {
    check_heard(standard("<Item><rasd:Address>0</rasd:Address><rasd:InstanceID>3</rasd:InstanceID>"
                         "<rasd:ResourceType>5</rasd:ResourceType></Item>"),
                "Address>0<", "Address>1<");
}

TEST_CASE("a ResourceType that is not the device's own is named") {
    check_heard(standard("<Item ovf:required=\"false\"><rasd:InstanceID>3</rasd:InstanceID>"
                         "<rasd:ResourceSubType>vmware.vtpm</rasd:ResourceSubType>"
                         "<rasd:ResourceType>1</rasd:ResourceType></Item>"),
                "ResourceType>1<", "ResourceType>2<");
    check_heard(standard("<Item ovf:required=\"false\"><rasd:InstanceID>3</rasd:InstanceID>"
                         "<rasd:OtherResourceType>memballoon</rasd:OtherResourceType>"
                         "<rasd:ResourceSubType>virtio</rasd:ResourceSubType>"
                         "<rasd:ResourceType>1</rasd:ResourceType></Item>"),
                "ResourceType>1<", "ResourceType>0<");
}
