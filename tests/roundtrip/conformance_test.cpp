// The ideas behind the conformance files of VMware's OVF tools, by their names: what such a file gets wrong is refused
// with a rule and a line on the way to a platform, what it shows to be right is accepted.
#include <ovfkit/error.hpp>

#include "catch.hpp"
#include "systems.hpp"

using namespace ovfkit;

namespace {

constexpr std::string_view base = R"(<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:x="urn:example">
  <References>
    <File ovf:id="f1" ovf:href="a.vmdk" ovf:size="4096"/>
    <File ovf:id="f2" ovf:href="b.vmdk" ovf:size="4096"/>
  </References>
  <DiskSection>
    <Info/>
    <Disk ovf:diskId="d1" ovf:fileRef="f1" ovf:capacity="8192" ovf:format="http://example.com/raw"/>
    <Disk ovf:diskId="d2" ovf:fileRef="f2" ovf:capacity="8192" ovf:format="http://example.com/raw"/>
  </DiskSection>
  <NetworkSection>
    <Info/>
    <Network ovf:name="lan"/>
  </NetworkSection>
  <VirtualSystem ovf:id="vm">
    <Info/>
    <ProductSection ovf:class="c">
      <Info/>
      <Property ovf:key="k" ovf:type="string" ovf:value="1"/>
    </ProductSection>
    <VirtualHardwareSection>
      <Info/>
      <System>
        <vssd:ElementName>Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemType>vmx-08</vssd:VirtualSystemType>
      </System>
      <Item>
        <rasd:ElementName>cpu</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>1</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>512</rasd:VirtualQuantity>
      </Item>
      <Item>
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
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
)";

struct Change {
    const char* from;
    const char* to;
};

struct Wrong {
    const char* name;
    const char* rule;
    std::vector<Change> changes;
};

struct Right {
    const char* name;
    std::vector<Change> changes;
    const char* finding = "";  ///< a warning that it gives
};

// Where a change is put in.
constexpr const char* network = "    <Network ovf:name=\"lan\"/>\n";
constexpr const char* hardware = "    <VirtualHardwareSection>";
constexpr const char* product = "    <ProductSection ovf:class=\"c\">";
constexpr const char* last_item = "    </VirtualHardwareSection>";
constexpr const char* memory_type = "<rasd:ResourceType>4</rasd:ResourceType>";
constexpr const char* disk_1 = R"(ovf:capacity="8192" ovf:format="http://example.com/raw"/>
    <Disk)";
constexpr const char* disk_2 = R"(ovf:capacity="8192" ovf:format="http://example.com/raw"/>
  </DiskSection>)";

std::string range(const char* bound, const char* quantity) {
    return std::string("      <Item ovf:bound=\"") + bound +
           "\"><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>m</rasd:ElementName>"
           "<rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>" +
           quantity + "</rasd:VirtualQuantity></Item>\n";
}

std::string with(const std::vector<Change>& changes) {
    std::string text(base);
    for (const Change& change : changes) {
        const auto at = text.find(change.from);
        INFO(change.from);
        REQUIRE(at != std::string::npos);
        text.replace(at, std::string_view(change.from).size(), change.to);
    }
    return text;
}

struct Outcome {
    Diagnostics diagnostics;
    std::string refused_by;
    std::size_t line = 0;
};

Outcome import(const std::string& text, const Limits& limits = {}) {
    Outcome out;
    try {
        ReadOptions options;
        options.unmapped = true;
        options.target = "libvirt";
        options.limits = limits;
        const Source source = Source::parse("x.ovf", text, options, out.diagnostics);
        (void)translate(source, "libvirt", {}, out.diagnostics);
    } catch (const InputError& error) {
        out.refused_by = error.diagnostic().rule;
        out.line = error.diagnostic().where.line;
    }
    return out;
}

std::string errors_of(const Diagnostics& diagnostics) {
    std::string out;
    for (const Diagnostic& d : diagnostics.all())
        if (d.severity == Severity::error) out += d.rule + ": " + d.message + "\n";
    return out;
}

}  // namespace

TEST_CASE("what a conformance file gets wrong is refused with a rule and a line") {
    const std::string two_min = range("min", "256") + range("min", "128") + last_item;
    const std::string two_max = range("max", "1024") + range("max", "2048") + last_item;
    const std::string part_min = range("min", "25.6") + last_item;
    const Wrong cases[] = {
        {"not_in_order_disks", "ovf-disk-order", {{disk_1, "ovf:capacity=\"8192\" ovf:format=\"http://example.com/raw\" ovf:parentRef=\"d2\"/>\n    <Disk"}}},
        {"invalid_delta_reference_disk", "ovf-disk-dangling", {{disk_2, "ovf:capacity=\"8192\" ovf:format=\"http://example.com/raw\" ovf:parentRef=\"d9\"/>\n  </DiskSection>"}}},
        {"delta_disk_other_format", "ovf-disk-parent-format", {{disk_2, "ovf:capacity=\"8192\" ovf:format=\"http://example.com/other\" ovf:parentRef=\"d1\"/>\n  </DiskSection>"}}},
        {"popsize_gt_capacity", "ovf-disk-populated-exceeds", {{"ovf:capacity=\"8192\"", "ovf:capacity=\"8192\" ovf:populatedSize=\"8193\""}}},
        {"negative-size-disk", "ovf-number-invalid", {{"ovf:capacity=\"8192\"", "ovf:capacity=\"-8192\""}}},
        {"negative-out-of-bound-disk", "ovf-number-invalid", {{"ovf:capacity=\"8192\"", "ovf:capacity=\"-99999999999999999999\""}}},
        {"out-of-bounds-disk", "ovf-number-invalid", {{"ovf:capacity=\"8192\"", "ovf:capacity=\"9223372036854775808\""}}},
        {"noninteger_capacity", "ovf-number-invalid", {{"ovf:capacity=\"8192\"", "ovf:capacity=\"81.92\""}}},
        {"undefined_capacity_property", "ovf-property-undefined", {{"ovf:capacity=\"8192\"", "ovf:capacity=\"${size}\""}}},
        {"bad_capacity_unit", "ovf-unit-unknown", {{"ovf:capacity=\"8192\"", "ovf:capacity=\"8192\" ovf:capacityAllocationUnits=\"hertz\""}}},
        {"dup_disk_id", "ovf-disk-duplicate", {{"ovf:diskId=\"d2\"", "ovf:diskId=\"d1\""}}},
        {"dup_file_id", "ovf-file-duplicate", {{"ovf:id=\"f2\"", "ovf:id=\"f1\""}}},
        {"invalid_fileref", "ovf-file-dangling", {{"ovf:fileRef=\"f1\"", "ovf:fileRef=\"f9\""}}},
        {"invalid_disk_hostresource", "ovf-disk-dangling", {{"ovf:/disk/d1", "ovf:/disk/d9"}}},
        {"invalid_parent", "ovf-parent-dangling", {{"<rasd:Parent>3<", "<rasd:Parent>9<"}}},
        {"file_ref_path", "ovf-href-unsafe", {{"a.vmdk", "../a.vmdk"}}},
        {"net_sec_elsewhr", "ovf-section-misplaced", {{product, "<NetworkSection><Info/><Network ovf:name=\"n\"/></NetworkSection>\n    <ProductSection ovf:class=\"c\">"}}},
        {"disk_sec_elsewhr", "ovf-section-misplaced", {{product, "<DiskSection><Info/></DiskSection>\n    <ProductSection ovf:class=\"c\">"}}},
        {"deploy_sec_elsewhr", "ovf-section-misplaced", {{product, "<DeploymentOptionSection><Info/></DeploymentOptionSection>\n    <ProductSection ovf:class=\"c\">"}}},
        {"ras_sec_elsewhr", "ovf-section-misplaced", {{product, "<ResourceAllocationSection><Info/></ResourceAllocationSection>\n    <ProductSection ovf:class=\"c\">"}}},
        {"vhs_elsewhr", "ovf-section-misplaced", {{"  <DiskSection>", "  <VirtualHardwareSection><Info/></VirtualHardwareSection>\n  <DiskSection>"}}},
        {"prop_dup_keys", "ovf-property-duplicate", {{"    </ProductSection>", "      <Property ovf:key=\"k\" ovf:type=\"string\"/>\n    </ProductSection>"}}},
        {"dup_prodsec", "ovf-product-duplicate", {{hardware, "    <ProductSection ovf:class=\"c\"><Info/></ProductSection>\n    <VirtualHardwareSection>"}}},
        {"dup_configuration", "ovf-configuration-duplicate", {{"  <DiskSection>", "  <DeploymentOptionSection><Info/><Configuration ovf:id=\"a\"><Label/><Description/></Configuration><Configuration ovf:id=\"a\"><Label/><Description/></Configuration></DeploymentOptionSection>\n  <DiskSection>"}}},
        {"twomin_bound", "ovf-bound-duplicate", {{last_item, two_min.c_str()}}},
        {"twomax_bound", "ovf-bound-duplicate", {{last_item, two_max.c_str()}}},
        {"noninteger_range", "ovf-number-invalid", {{last_item, part_min.c_str()}}},
        {"maxwith_nonormal", "ovf-bound-normal-missing", {{"      <Item>\n        <rasd:AllocationUnits>", "      <Item ovf:bound=\"max\">\n        <rasd:AllocationUnits>"}}},
        {"noninteger_memory", "ovf-number-invalid", {{">512<", ">51.2<"}}},
        {"zero_cpu", "ovf-cpu-range", {{"<rasd:VirtualQuantity>1<", "<rasd:VirtualQuantity>0<"}}},
        {"no_resourcetype", "ovf-item-type-missing", {{memory_type, ""}}},
        {"child_uitem_req_true", "convert-part-required", {{memory_type, "<rasd:ResourceType>4</rasd:ResourceType><rasd:Unknown ovf:required=\"true\">1</rasd:Unknown>"}}},
        {"child_uitem_req_unspec", "convert-part-required", {{memory_type, "<rasd:ResourceType>4</rasd:ResourceType><rasd:Unknown>1</rasd:Unknown>"}}},
        {"child_usection_req_true", "convert-part-required", {{"  </DiskSection>", "    <UnknownSection ovf:required=\"true\"/>\n  </DiskSection>"}}},
        {"unknown_section_req_true", "convert-part-required", {{hardware, "    <x:FooSection ovf:required=\"true\"><Info/></x:FooSection>\n    <VirtualHardwareSection>"}}},
        {"unknown_section_req_unspec", "convert-part-required", {{hardware, "    <x:FooSection><Info/></x:FooSection>\n    <VirtualHardwareSection>"}}},
        {"unknown_envelope_section", "convert-part-required", {{"  <DiskSection>", "  <x:FooSection><Info/></x:FooSection>\n  <DiskSection>"}}},
        {"unsupported-resourcetype", "convert-device-required", {{"<rasd:ResourceType>6<", "<rasd:ResourceType>30<"}, {"        <rasd:Parent>3</rasd:Parent>\n", ""}}},
        {"encrypted", "ovf-encrypted", {{hardware, "    <EncryptionSection><Info/></EncryptionSection>\n    <VirtualHardwareSection>"}}},
        {"no_vs", "ovf-system-missing", {{"<VirtualSystem ovf:id=\"vm\">", "<x:Nothing ovf:required=\"false\">"}, {"</VirtualSystem>", "</x:Nothing>"}}},
        {"unclosed_element", "xml-tag-mismatch", {{"  </DiskSection>\n", ""}}},
        {"duplicate_attribute", "xml-attribute-duplicate", {{"ovf:id=\"vm\"", "ovf:id=\"vm\" ovf:id=\"vm\""}}},
        {"doctype", "xml-doctype-refused", {{"<Envelope", "<!DOCTYPE Envelope>\n<Envelope"}}},
    };
    for (const Wrong& one : cases) {
        const Outcome outcome = import(with(one.changes));
        INFO(one.name << " gave '" << outcome.refused_by << "'\n" << errors_of(outcome.diagnostics));
        CHECK(outcome.refused_by == one.rule);
        CHECK(outcome.line > 1);
    }
}

TEST_CASE("a descriptor over the limit is refused") {
    Limits limits;
    limits.descriptor_bytes = 1000;
    CHECK(import(std::string(base), limits).refused_by == "input-too-large");
}

TEST_CASE("what a conformance file shows to be right is accepted") {
    const std::string min = range("min", "256") + last_item, max = range("max", "1024") + last_item;
    const std::string both = range("min", "256") + range("max", "1024") + last_item;
    const std::string second = R"(    </VirtualHardwareSection>
    <VirtualHardwareSection><Info/><System><vssd:VirtualSystemType>xen-3</vssd:VirtualSystemType></System></VirtualHardwareSection>)";
    std::vector<Right> cases{
        {"bare_minimal", {}},
        {"minonly_bound", {{last_item, min.c_str()}}},
        {"maxonly_bound", {{last_item, max.c_str()}}},
        {"minmax_bound", {{last_item, both.c_str()}}},
        {"normalexplicit_bound", {{"      <Item>\n        <rasd:AllocationUnits>", "      <Item ovf:bound=\"normal\">\n        <rasd:AllocationUnits>"}}},
        {"valid_multiple_vh", {{last_item, second.c_str()}}, "ovf-hardware-several"},
        {"child_uitem_req_false", {{memory_type, "<rasd:ResourceType>4</rasd:ResourceType><rasd:Unknown ovf:required=\"false\">1</rasd:Unknown>"}}},
        {"child_kitem_req_false", {{memory_type, "<rasd:ResourceType ovf:required=\"false\">4</rasd:ResourceType>"}}},
        {"unknown_section_req_false", {{hardware, "    <x:FooSection ovf:required=\"false\"><Info/></x:FooSection>\n    <VirtualHardwareSection>"}}},
        {"unknown_attribute", {{"<Disk ovf:diskId=\"d2\"", "<Disk x:colour=\"red\" ovf:diskId=\"d2\""}}},
        {"no_fileref", {{" ovf:fileRef=\"f2\"", ""}}},
        {"multiple_prodsec", {{hardware, "    <ProductSection ovf:class=\"c\" ovf:instance=\"2\"><Info/></ProductSection>\n    <VirtualHardwareSection>"}}},
        {"prod_sec_catnprop", {{"      <Property", "      <Category>General</Category>\n      <Property"}}},
        {"item_msgid", {{"<rasd:ElementName>memory<", "<rasd:ElementName ovf:msgid=\"m\">memory<"}}},
        {"internal-bundle", {{"</Envelope>", "  <Strings xml:lang=\"de\"><Msg ovf:msgid=\"m\">Speicher</Msg></Strings>\n</Envelope>"}}},
        {"identity_compression", {{"ovf:size=\"4096\"", "ovf:size=\"4096\" ovf:compression=\"identity\""}}},
        {"gzip_compression", {{"ovf:size=\"4096\"", "ovf:size=\"4096\" ovf:compression=\"gzip\""}}},
        {"chunk001", {{"ovf:size=\"4096\"", "ovf:size=\"4096\" ovf:chunkSize=\"1024\""}}},
        {"ann_sec_valid", {{hardware, "    <AnnotationSection><Info/><Annotation>A note</Annotation></AnnotationSection>\n    <VirtualHardwareSection>"}}},
        {"eula", {{hardware, "    <EulaSection><Info/><License>One</License></EulaSection><EulaSection><Info/><License>Two</License></EulaSection>\n    <VirtualHardwareSection>"}}},
        {"empty_system", {{"        <vssd:ElementName>Family</vssd:ElementName>\n        <vssd:InstanceID>0</vssd:InstanceID>\n        <vssd:VirtualSystemType>vmx-08</vssd:VirtualSystemType>\n", ""}}},
        {"multiple_families", {{">vmx-08<", ">foobar, vmx-08 vmx-09<"}}},
        {"install_startup", {{hardware, "    <InstallSection ovf:initialBootStopDelay=\"0\"><Info/></InstallSection>\n    <VirtualHardwareSection>"}}},
        {"large-disk", {{"ovf:capacity=\"8192\"", "ovf:capacity=\"9223372036854775807\""}}},
        {"parentDisk", {{disk_2, "ovf:capacity=\"8192\" ovf:format=\"http://example.com/raw\" ovf:parentRef=\"d1\"/>\n  </DiskSection>"}}},
        {"disk-capacity-property", {{"ovf:capacity=\"8192\"", "ovf:capacity=\"${c.k}\" ovf:capacityAllocationUnits=\"byte * 2^30\""}}},
        {"deployment-configs", {{"  <DiskSection>", "  <DeploymentOptionSection><Info/><Configuration ovf:id=\"a\"><Label/><Description/></Configuration></DeploymentOptionSection>\n  <DiskSection>"}, {"      <Item>", "      <Item ovf:configuration=\"a b\">"}}},
        {"startup_collection", {{"  <VirtualSystem ovf:id=\"vm\">", "  <VirtualSystemCollection ovf:id=\"all\"><Info/><ResourceAllocationSection><Info/><Item><rasd:InstanceID>9</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType></Item></ResourceAllocationSection><StartupSection><Info/><Item ovf:id=\"vm\" ovf:order=\"1\"/></StartupSection>\n  <VirtualSystem ovf:id=\"vm\">"}, {"  </VirtualSystem>", "  </VirtualSystem></VirtualSystemCollection>"}}},
        {"scale_out", {{hardware, "    <ScaleOutSection ovf:id=\"s\"><Info/><InstanceCount ovf:minimum=\"1\" ovf:default=\"2\" ovf:maximum=\"4\"/></ScaleOutSection>\n    <VirtualHardwareSection>"}}},
        {"placement", {{"  <DiskSection>", "  <PlacementGroupSection ovf:id=\"g\" ovf:policy=\"affinity\"><Info/><Description/></PlacementGroupSection>\n  <DiskSection>"}, {hardware, "    <PlacementSection ovf:group=\"g\"><Info/></PlacementSection>\n    <VirtualHardwareSection>"}}},
        {"environment_files", {{hardware, "    <EnvironmentFilesSection><Info/><File ovf:fileRef=\"f2\" ovf:path=\"setup.cfg\"/></EnvironmentFilesSection>\n    <VirtualHardwareSection>"}}},
        {"boot_device", {{hardware, "    <BootDeviceSection><Info/></BootDeviceSection>\n    <VirtualHardwareSection>"}}},
        {"shared_disk", {{"  <NetworkSection>", "  <SharedDiskSection><Info/><Disk ovf:diskId=\"s1\" ovf:capacity=\"8192\"/></SharedDiskSection>\n  <NetworkSection>"}, {"ovf:/disk/d1", "ovf:/shared/s1"}}},
        // Findings where VMware refuses: real packages are so, and others take them.
        {"no_format", {{" ovf:format=\"http://example.com/raw\"", ""}}, "ovf-disk-format-missing"},
        {"invalid_zero_capacity", {{"ovf:capacity=\"8192\"", "ovf:capacity=\"0\""}}, "ovf-disk-capacity-zero"},
        {"no_net", {{network, ""}}, "ovf-network-missing"},
    };
    for (const char* type : {"uint8", "sint8", "uint16", "sint16", "uint32", "sint32", "uint64", "sint64", "string", "real32", "real64"})
        cases.push_back({"prop_type", {{"ovf:type=\"string\" ovf:value=\"1\"", type}}});
    std::vector<std::string> kept;  // the changes point into it
    for (Right& one : cases) {
        if (std::string_view(one.name) == "prop_type") {
            kept.push_back(std::string("ovf:type=\"") + one.changes[0].to + "\" ovf:value=\"1\"");
            const std::string text = std::string(base).replace(base.find(one.changes[0].from), std::string_view(one.changes[0].from).size(), kept.back());
            const Outcome outcome = import(text);
            INFO(kept.back());
            CHECK(outcome.refused_by.empty());
            CHECK(errors_of(outcome.diagnostics).empty());
            continue;
        }
        const Outcome outcome = import(with(one.changes));
        INFO(one.name << " gave '" << outcome.refused_by << "'\n" << errors_of(outcome.diagnostics));
        CHECK(outcome.refused_by.empty());
        CHECK(errors_of(outcome.diagnostics).empty());
        const auto& all = outcome.diagnostics.all();
        const bool said = std::any_of(all.begin(), all.end(), [&](const Diagnostic& d) { return d.rule == one.finding; });
        CHECK(said == !std::string_view(one.finding).empty());
    }
}

TEST_CASE("the sections of 2.x that are no part of a machine are named in the report") {
    for (const char* section :
         {"<ScaleOutSection ovf:id=\"s\"><Info/><InstanceCount ovf:default=\"2\"/></ScaleOutSection>", "<PlacementSection ovf:group=\"g\"><Info/></PlacementSection>",
          "<EnvironmentFilesSection><Info/><File ovf:fileRef=\"f2\" ovf:path=\"a\"/></EnvironmentFilesSection>",
          "<InstallSection ovf:initialBootStopDelay=\"5\"><Info/></InstallSection>"}) {
        const std::string text = with({{hardware, (std::string(section) + "\n    <VirtualHardwareSection>").c_str()}});
        ReadOptions options;
        options.unmapped = true;
        Diagnostics diagnostics;
        const Source source = Source::parse("x.ovf", text, options, diagnostics);
        const LossReport report = translate(source, "libvirt", {}, diagnostics).at(0).report;
        const std::string name = std::string(section).substr(1, std::string(section).find_first_of(" >") - 1);
        INFO(section);
        CHECK(std::any_of(report.rows.begin(), report.rows.end(), [&](const LossRow& row) { return row.path.find(name) != std::string::npos; }));
        CHECK(translate(source, "ovf", {}, diagnostics).at(0).files.at(0).bytes == text);
    }
}
