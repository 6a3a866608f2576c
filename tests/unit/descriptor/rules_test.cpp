#include "catch.hpp"

#include <ovfkit/error.hpp>

#include "descriptor/item.hpp"
#include "descriptor/layout.hpp"
#include "unit/descriptor/fixtures.hpp"
#include "unit/descriptor/plain_dialect.hpp"

using namespace ovfkit;
using namespace ovfkit::test;

namespace {

/// A change to the full fixture and the one rule it must give.
struct Case {
    const char* rule;
    const char* from;
    const char* to;
};

constexpr const char* cpu_item = "<rasd:ResourceType>3</rasd:ResourceType>";
constexpr const char* whole_balloon_type = "<rasd:OtherResourceType>memballoon</rasd:OtherResourceType>";

const Case cases[] = {
    // envelope
    {"ovf-namespace-unknown",
     "xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\"",
     "xmlns=\"http://example.com/other\" xmlns:ovf=\"http://example.com/other\""},
    {"ovf-system-id-missing", "<VirtualSystem ovf:id=\"web\">", "<VirtualSystem>"},
    {"ovf-encrypted", "  <DiskSection>", "  <EncryptionSection><Info/></EncryptionSection><DiskSection>"},
    // references
    {"ovf-file-incomplete", "ovf:id=\"file1\" ovf:href=\"disk1.vmdk\"", "ovf:id=\"file1\""},
    {"ovf-file-duplicate", "<File ovf:id=\"file3\"",
     "<File ovf:id=\"file2\" ovf:href=\"again\"/><File ovf:id=\"file3\""},
    {"ovf-href-unsafe", "disk1.vmdk", "../disk1.vmdk"},
    {"ovf-href-unsafe", "disk1.vmdk", "a/%2e%2E/b"},
    {"ovf-href-unsafe", "disk1.vmdk", "/etc/passwd"},
    {"ovf-href-unsafe", "disk1.vmdk", "http://example.com/x"},
    {"ovf-href-unsafe", "disk1.vmdk", "C:x"},
    {"ovf-href-unsafe", "disk1.vmdk", "a\\b"},
    {"ovf-href-unsafe", "disk1.vmdk", "%0a"},
    {"ovf-href-unsafe", "disk1.vmdk", "-rf"},
    {"ovf-number-invalid", "ovf:size=\"1000\"", "ovf:size=\"-1\""},
    {"ovf-file-dangling", "ovf:fileRef=\"file1\"", "ovf:fileRef=\"nofile\""},
    // disks
    {"ovf-disk-incomplete", "<Disk ovf:diskId=\"disk2\" ", "<Disk "},
    {"ovf-disk-duplicate", "<Disk ovf:diskId=\"disk2\" ", "<Disk ovf:diskId=\"disk1\" "},
    {"ovf-disk-capacity-missing", "ovf:capacity=\"4096\"", ""},
    {"ovf-number-invalid", "ovf:capacity=\"4096\"", "ovf:capacity=\"-9223372036854775809\""},
    {"ovf-number-invalid", "ovf:capacity=\"10\"", "ovf:capacity=\"9223372036854775807\""},
    {"ovf-unit-unknown", "byte * 2^30", "fortnight"},
    {"ovf-property-undefined", "ovf:capacity=\"4096\"", "ovf:capacity=\"${nothing}\""},
    {"ovf-number-invalid", "ovf:capacity=\"4096\"", "ovf:capacity=\"${com.example.address}\""},
    {"ovf-disk-dangling", "ovf:capacity=\"4096\"", "ovf:capacity=\"4096\" ovf:parentRef=\"disk9\""},
    {"ovf-disk-cycle", "ovf:capacity=\"4096\"", "ovf:capacity=\"4096\" ovf:parentRef=\"disk2\""},
    {"ovf-disk-dangling", "ovf:/disk/disk1", "ovf:/disk/disk9"},
    {"ovf-disk-dangling", "ovf:/disk/disk1", "somewhere.vmdk"},
    {"ovf-file-dangling", "ovf:/file/file2", "ovf:/file/file9"},
    {"ovf-disk-capacity-zero", "ovf:capacity=\"4096\"", "ovf:capacity=\"0\""},
    {"ovf-disk-populated-exceeds", "ovf:capacity=\"4096\"", "ovf:capacity=\"4096\" ovf:populatedSize=\"4097\""},
    {"ovf-disk-format-missing", "ovf:capacity=\"4096\"", "ovf:capacity=\"4096\" ovf:fileRef=\"file3\""},
    {"ovf-disk-parent-format", "ovf:capacity=\"4096\"", "ovf:capacity=\"4096\" ovf:parentRef=\"disk1\""},
    {"ovf-disk-order", "ovf:capacity=\"10\"", "ovf:capacity=\"10\" ovf:parentRef=\"disk2\""},
    {"ovf-section-misplaced", "<OperatingSystemSection", "<NetworkSection><Info/><Network ovf:name=\"x\"/></NetworkSection><OperatingSystemSection"},
    {"ovf-section-misplaced", "<OperatingSystemSection", "<ResourceAllocationSection><Info/></ResourceAllocationSection><OperatingSystemSection"},
    {"ovf-section-misplaced", "  <DiskSection>", "  <VirtualHardwareSection><Info/></VirtualHardwareSection><DiskSection>"},
    {"ovf-product-duplicate", "    <VirtualHardwareSection>", "    <ProductSection ovf:class=\"com.example\"/><VirtualHardwareSection>"},
    // networks
    {"ovf-network-duplicate", "<Network ovf:name=\"wan\"/>", "<Network ovf:name=\"lan\"/>"},
    {"ovf-network-undeclared", "<rasd:Connection>lan<", "<rasd:Connection>dmz<"},
    {"ovf-mac-invalid", "52:54:00:00:00:01", "52:54:00:00:00"},
    // products
    {"ovf-property-duplicate", "ovf:key=\"secret\"", "ovf:key=\"address\""},
    {"ovf-property-incomplete", "ovf:key=\"secret\"", "ovf:key=\"\""},
    {"ovf-property-type-unknown", "ovf:type=\"string\" ovf:userConfigurable", "ovf:type=\"ip:lan\" ovf:userConfigurable"},
    {"ovf-property-type-unknown", "ovf:type=\"string\" ovf:userConfigurable", "ovf:type=\"String\" ovf:userConfigurable"},
    {"ovf-property-value-invalid", "ovf:type=\"string\" ovf:userConfigurable", "ovf:type=\"uint8\" ovf:userConfigurable"},
    {"ovf-property-value-invalid", "ovf:password=\"true\"", "ovf:password=\"true\" ovf:qualifiers=\"MinLen(9)\""},
    {"ovf-property-qualifier-invalid", "ovf:password=\"true\"", "ovf:password=\"true\" ovf:qualifiers=\"MinLen(x)\""},
    {"ovf-property-qualifier-invalid", "ovf:password=\"true\"", "ovf:password=\"true\" ovf:qualifiers=\"ValueMap{\""},
    {"ovf-boolean-invalid", "ovf:userConfigurable=\"true\"", "ovf:userConfigurable=\"perhaps\""},
    // items
    {"ovf-item-id-missing", "<rasd:InstanceID>9</rasd:InstanceID>", ""},
    {"ovf-item-duplicate", "<rasd:InstanceID>9</rasd:InstanceID>", "<rasd:InstanceID>10</rasd:InstanceID>"},
    {"ovf-item-ambiguous", "<rasd:InstanceID>9</rasd:InstanceID>", "<rasd:InstanceID>3</rasd:InstanceID>"},
    {"ovf-item-type-missing", cpu_item, ""},
    {"ovf-number-invalid", cpu_item, "<rasd:ResourceType>65536</rasd:ResourceType>"},
    {"ovf-parent-dangling", "<rasd:Parent>4</rasd:Parent>", "<rasd:Parent>44</rasd:Parent>"},
    {"ovf-parent-unfit", "<rasd:Parent>4</rasd:Parent>", "<rasd:Parent>1</rasd:Parent>"},
    {"ovf-number-invalid", "<rasd:AddressOnParent>0</rasd:AddressOnParent>", "<rasd:AddressOnParent>-1</rasd:AddressOnParent>"},
    {"ovf-host-path", "ovf:/file/file2", "/dev/cdrom"},
    {"ovf-mac-unsafe", "52:54:00:00:00:01", "52:54:00:00:00:01'/&gt;"},
    {"ovf-address-unknown", "<rasd:AddressOnParent>0</rasd:AddressOnParent>",
     "<rasd:AddressOnParent>{type=drive}</rasd:AddressOnParent>"},
    {"ovf-number-invalid", "<rasd:AddressOnParent>0</rasd:AddressOnParent>",
     "<rasd:AddressOnParent>4096</rasd:AddressOnParent>"},
    {"ovf-attribute-unprefixed", "<Item ovf:required=\"false\">", "<Item required=\"false\">"},
    {"ovf-bound-invalid", "<Item ovf:required=\"false\">", "<Item ovf:bound=\"maybe\">"},
    {"ovf-bound-only", "<Item ovf:required=\"false\">", "<Item ovf:bound=\"min\">"},
    {"ovf-bound-normal-missing", "<Item ovf:required=\"false\">", "<Item ovf:bound=\"max\">"},
    // processors and memory
    {"ovf-cpu-range", "<rasd:VirtualQuantity>4</rasd:VirtualQuantity>",
     "<rasd:VirtualQuantity>0</rasd:VirtualQuantity>"},
    {"ovf-cpu-range", "<rasd:VirtualQuantity>4</rasd:VirtualQuantity>",
     "<rasd:VirtualQuantity>4097</rasd:VirtualQuantity>"},
    {"ovf-number-invalid", "<rasd:VirtualQuantity>4</rasd:VirtualQuantity>",
     "<rasd:VirtualQuantity>four</rasd:VirtualQuantity>"},
    {"ovf-cpu-topology", "<rasd:VirtualQuantity>4</rasd:VirtualQuantity>",
     "<rasd:VirtualQuantity>5</rasd:VirtualQuantity>"},
    {"ovf-cpu-unit-missing", "<rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>", ""},
    {"ovf-cpu-several", "<rasd:ResourceType>22</rasd:ResourceType>", cpu_item},
    {"ovf-memory-several", "<rasd:ResourceType>22</rasd:ResourceType>",
     "<rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>7</rasd:VirtualQuantity>"},
    {"ovf-memory-unit-missing", "<rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>", ""},
    {"ovf-unit-unknown", "<rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>",
     "<rasd:AllocationUnits>hertz</rasd:AllocationUnits>"},
    {"ovf-memory-zero", "<rasd:VirtualQuantity>2048</rasd:VirtualQuantity>",
     "<rasd:VirtualQuantity>0</rasd:VirtualQuantity>"},
    {"ovf-memory-range", "<rasd:VirtualQuantity>2048</rasd:VirtualQuantity>",
     "<rasd:VirtualQuantity>16777217</rasd:VirtualQuantity>"},
    {"ovf-number-invalid", "<rasd:VirtualQuantity>2048</rasd:VirtualQuantity>",
     "<rasd:VirtualQuantity>99999999999999999999</rasd:VirtualQuantity>"},
    {"ovf-number-invalid", "<rasd:VirtualQuantity>2048</rasd:VirtualQuantity>",
     "<rasd:VirtualQuantity>18446744073709551615</rasd:VirtualQuantity>"},
    {"ovf-memory-limit-below", "<rasd:Limit>4096</rasd:Limit>", "<rasd:Limit>128</rasd:Limit>"},
    {"ovf-memory-reservation-only", "<rasd:VirtualQuantity>2048</rasd:VirtualQuantity>", ""},
    // the balloon
    {"balloon-duplicate", "<rasd:OtherResourceType>rng</rasd:OtherResourceType>",
     "<rasd:OtherResourceType>Balloon</rasd:OtherResourceType>"},
    {"balloon-form-unusual", whole_balloon_type, ""},
    {"balloon-model-unknown", "memballoon</rasd:OtherResourceType>\n        <rasd:ResourceSubType>virtio<",
     "memballoon</rasd:OtherResourceType>\n        <rasd:ResourceSubType>rubber<"},
    {"balloon-extension-conflict", whole_balloon_type,
     "<rasd:OtherResourceType>memballoon</rasd:OtherResourceType><ovfkit:Balloon ovf:required=\"false\" "
     "model=\"xen\"/>"},
    {"balloon-extension-conflict", whole_balloon_type,
     "<rasd:OtherResourceType>memballoon</rasd:OtherResourceType><ovfkit:Balloon ovf:required=\"false\" "
     "state=\"disabled\"/>"},
    {"ovf-extension-invalid", "port=\"5901\"", "port=\"many\""},
};

const Diagnostic* find(const Loaded& loaded, std::string_view rule) {
    for (const Diagnostic& diagnostic : loaded.diagnostics.all())
        if (diagnostic.rule == rule) return &diagnostic;
    return nullptr;
}

}  // namespace

TEST_CASE("the full fixture has nothing wrong with it") {
    CHECK(load(plain_dialect(), full_descriptor()).rules() == "");
}

TEST_CASE("each mistake is found, named and placed") {
    for (const Case& one : cases) {
        const Loaded loaded = load(plain_dialect(), replaced(full_descriptor(), one.from, one.to));
        INFO(one.rule << " by " << one.to << " gave " << loaded.rules());
        const Diagnostic* found = find(loaded, one.rule);
        REQUIRE(found != nullptr);
        CHECK(found->where.line > 1);
        const Rule* rule = find_rule(one.rule);
        REQUIRE(rule != nullptr);
        CHECK(found->severity == rule->severity);
        CHECK((found->failure == Failure::none) == (rule->severity != Severity::error));
        CHECK(found->message.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("what is unsafe or not to be read is refused, what is wrong is malformed") {
    const auto failure = [](std::string_view from, std::string_view to) {
        return load(plain_dialect(), replaced(full_descriptor(), from, to)).diagnostics.failure();
    };
    CHECK(failure("disk1.vmdk", "../disk1.vmdk") == Failure::refused);
    CHECK(failure("  <DiskSection>", "  <EncryptionSection><Info/></EncryptionSection><DiskSection>") ==
          Failure::refused);
    CHECK(failure("ovf:fileRef=\"file1\"", "ovf:fileRef=\"nofile\"") == Failure::malformed);
    CHECK(failure("<rasd:Connection>lan<", "<rasd:Connection>dmz<") == Failure::none);
}

TEST_CASE("parts that are missing altogether") {
    const std::string empty = R"(<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"><References/></Envelope>)";
    CHECK(load(plain_dialect(), empty).has("ovf-system-missing"));
    CHECK(load(plain_dialect(), "<domain/>").has("ovf-envelope-missing"));
    const Loaded bare =
        load(plain_dialect(),
             R"(<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"><VirtualSystem id="a"/></Envelope>)");
    CHECK(bare.has("ovf-hardware-missing"));
    CHECK(bare.envelope.systems.at(0).id == "a");

    std::string no_references = full_descriptor();
    const auto begin = no_references.find("  <References>"), end = no_references.find("</References>");
    no_references.erase(begin, end + 13 - begin);
    CHECK(load(plain_dialect(), no_references).has("ovf-references-missing"));
}

TEST_CASE("two VMs of one id, and a balloon Item that says nothing") {
    const std::string two =
        R"(<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
<VirtualSystemCollection ovf:id="c"><Info/><VirtualSystem ovf:id="a"/><VirtualSystem ovf:id="a"/></VirtualSystemCollection></Envelope>)";
    const Loaded loaded = load(plain_dialect(), two);
    CHECK(loaded.has("ovf-system-duplicate"));
    REQUIRE(loaded.envelope.systems.size() == 2);
    CHECK(loaded.envelope.systems[0].id == "a");
    CHECK(loaded.envelope.systems[1].id == "a#2");

    std::string silent =
        replaced(full_descriptor(),
                 "memballoon</rasd:OtherResourceType>\n        <rasd:ResourceSubType>virtio</rasd:ResourceSubType>",
                 "memballoon</rasd:OtherResourceType>");
    CHECK(load(plain_dialect(), silent).hardware().balloon.state == BalloonState::enabled);
    const auto last = silent.rfind("<rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>");
    silent.erase(last, 57);
    const Loaded unclear = load(plain_dialect(), silent);
    CHECK(unclear.has("balloon-state-unclear"));
    CHECK(unclear.hardware().balloon.state == BalloonState::unspecified);
}

TEST_CASE("a NetworkSection without networks, and an Item with a property of its own making") {
    std::string text = full_descriptor();
    const auto begin = text.find("    <Network ovf:name=\"lan\">"), end = text.find("  </NetworkSection>");
    text.erase(begin, end - begin);
    CHECK(load(plain_dialect(), text).has("ovf-network-missing"));

    const auto aside = [](const std::string& attribute) {
        const Loaded loaded =
            load(plain_dialect(),
                 replaced(full_descriptor(), cpu_item, std::string(cpu_item) + "<rasd:Colour" + attribute + ">red</rasd:Colour>"),
                 {}, true);
        CHECK(loaded.rules() == "");
        detail::Element item = detail::parts_of(detail::envelope_parts(*loaded.document).systems.at(0)).hardware.at(0).first();
        while (!is_item(item)) item = item.next();
        const auto* found = loaded.document->aside(detail::read_item(item).extra(detail::Ns::rasd, "Colour"));
        REQUIRE(found != nullptr);
        CHECK(found->rule == "ovf-item-child-unknown");
        return found->required;
    };
    CHECK(aside(""));
    CHECK(aside(" ovf:required=\"true\""));
    CHECK_FALSE(aside(" ovf:required=\"false\""));
}

TEST_CASE("limits hold") {
    ReadOptions options;
    options.limits.items = 5;
    CHECK(load(plain_dialect(), full_descriptor(), options).has("ovf-limit-exceeded"));
    options = {};
    options.limits.files = 2;
    CHECK(load(plain_dialect(), full_descriptor(), options).has("ovf-limit-exceeded"));
    options = {};
    options.limits.properties = 1;
    CHECK(load(plain_dialect(), full_descriptor(), options).has("ovf-limit-exceeded"));
    options = {};
    options.limits.name_bytes = 40;
    const Loaded named =
        load(plain_dialect(), replaced(full_descriptor(), "disk1.vmdk", std::string(41, 'd')), options);
    CHECK(named.has("ovf-name-long"));
    CHECK(named.diagnostics.failure() == Failure::refused);
    options = {};
    options.limits.collection_depth = 1;
    std::string deep = replaced(
        full_descriptor(), "<VirtualSystem ovf:id=\"web\">",
        "<VirtualSystemCollection ovf:id=\"a\"><VirtualSystemCollection ovf:id=\"b\"><VirtualSystem ovf:id=\"web\">");
    deep = replaced(deep, "</VirtualSystem>", "</VirtualSystem></VirtualSystemCollection></VirtualSystemCollection>");
    CHECK(load(plain_dialect(), deep, options).has("ovf-limit-exceeded"));
    CHECK_FALSE(load(plain_dialect(), deep).has("ovf-limit-exceeded"));
}

TEST_CASE("several alternative hardware sections") {
    const std::string other =
        R"(<VirtualHardwareSection><Info/><System><vssd:VirtualSystemType>odd-1</vssd:VirtualSystemType></System></VirtualHardwareSection>
    <VirtualHardwareSection>)";
    const Loaded loaded = load(plain_dialect(), replaced(full_descriptor(), "<VirtualHardwareSection>", other));
    CHECK(loaded.has("ovf-hardware-several"));
    CHECK(loaded.message("ovf-hardware-several").find("'odd-1'") != std::string::npos);
    CHECK(loaded.hardware().system_type == "vmx-13");
    CHECK(loaded.hardware().cpu.count == 4U);
}

TEST_CASE("a capacity that is a property without a value") {
    const std::string text = replaced(replaced(full_descriptor(), "ovf:value=\"10.0.0.1\"", ""), "ovf:capacity=\"4096\"",
                                      "ovf:capacity=\"${address}\"");
    const Loaded loaded = load(plain_dialect(), text);
    CHECK(loaded.rules() == "ovf-property-unset ");
    CHECK(loaded.diagnostics.failure() == Failure::malformed);
    ReadOptions given;
    given.properties["com.example.address"] = "5";
    CHECK(load(plain_dialect(), text, given).envelope.disks[1].capacity_bytes == 5U);
    given.properties = {{"address", "6"}};
    CHECK(load(plain_dialect(), text, given).envelope.disks[1].capacity_bytes == 6U);
}

TEST_CASE("a capacity that is a property is not overwritten, and a product of several VMs needs a collection") {
    const std::string text = replaced(full_descriptor(), "ovf:value=\"10.0.0.1\"", "ovf:value=\"77\"");
    const std::string by_property = replaced(text, "ovf:capacity=\"4096\"", "ovf:capacity=\"${com.example.address}\"");
    Loaded loaded = load(plain_dialect(), by_property);
    CHECK(loaded.rules() == "");
    CHECK(loaded.envelope.disks[1].capacity_bytes == 77U);
    CHECK(loaded.envelope.disks[1].capacity_property == "com.example.address");
    Envelope wanted = loaded.envelope;
    wanted.disks[1].capacity_bytes = 78;
    const Changed changed = change(plain_dialect(), by_property, wanted);
    REQUIRE(changed.notes.size() == 1);
    CHECK(changed.notes[0].rule == "ovf-disk-capacity-property");
    CHECK(changed.bytes == by_property);

    wanted = loaded.envelope;
    wanted.products.emplace_back();
    wanted.products[0].product = "Suite";
    const Changed product = change(plain_dialect(), by_property, wanted);
    REQUIRE(product.notes.size() == 1);
    CHECK(product.notes[0].rule == "ovf-collection-missing");
}
