// Bad input: every finding of the reader that no other test names.
#include "support.hpp"

using namespace ovirt_test;

namespace {

Parsed with_items(const std::string& items) {
    Export text;
    text.items = items;
    return parse(text.text());
}

Parsed with_general(const std::string& general) {
    Export text;
    text.general = general;
    return parse(text.text());
}

std::string nic(std::string_view children) {
    return "<Item><rasd:InstanceId>5</rasd:InstanceId><rasd:ResourceType>10</rasd:ResourceType>" +
           std::string(children) + "</Item>";
}

}  // namespace

TEST_CASE("numbers of the processor Item") {
    const std::string text = Export{}.text();
    const Parsed none = parse(replaced(text, "<rasd:num_of_sockets>2<", "<rasd:num_of_sockets>0<"));
    CHECK(none.reports("ovirt-cpu-count-invalid"));
    CHECK(none.found.has_errors());
    const Parsed many = parse(replaced(text, "<rasd:cpu_per_socket>1<", "<rasd:cpu_per_socket>4096<"));
    CHECK(many.reports("ovirt-cpu-count-invalid"));
    const Parsed conflict = parse(replaced(text, "</rasd:cpu_per_socket>",
                                           "</rasd:cpu_per_socket><rasd:VirtualQuantity>5</rasd:VirtualQuantity>"));
    CHECK(conflict.reports("ovirt-cpu-count-conflict"));
    CHECK(conflict.hardware().cpu.count == 2U);
    const Parsed garbage = parse(replaced(text, "<rasd:num_of_sockets>2<", "<rasd:num_of_sockets>two<"));
    CHECK(garbage.reports("ovf-number-invalid"));
    const Parsed quantity = parse(replaced(text, "<rasd:num_of_sockets>2</rasd:num_of_sockets>",
                                           "<rasd:VirtualQuantity>3</rasd:VirtualQuantity>"));
    CHECK(quantity.hardware().cpu.count == 3U);
}

TEST_CASE("the memory Item") {
    const std::string text = Export{}.text();
    for (const std::string_view word : {"", "-1", "1e3", "0", "99999999999999999999"}) {
        INFO(word);
        const Parsed read =
            parse(replaced(text, "<rasd:VirtualQuantity>1024<", "<rasd:VirtualQuantity>" + std::string(word) + "<"));
        CHECK(read.reports("ovirt-memory-invalid"));
        CHECK(read.found.has_errors());
    }
    const Parsed units = parse(replaced(text, "MegaBytes", "GigaBytes"));
    CHECK(units.reports("ovirt-memory-units-ignored"));
    CHECK(units.hardware().memory.boot_bytes == 1ULL << 30);
    CHECK_FALSE(parse(replaced(text, "MegaBytes", "byte * 2^20")).reports("ovirt-memory-units-ignored"));
}

TEST_CASE("a VM without processors or memory") {
    const std::string text = Export{}.text();
    const std::size_t begin = text.find("<Item>"), end = text.find("</Item>") + 7;
    CHECK(parse(text.substr(0, begin) + text.substr(end)).reports("ovirt-hardware-incomplete"));
}

TEST_CASE("general data") {
    CHECK(with_general("<BiosType>7</BiosType>").reports("ovirt-bios-type-unknown"));
    CHECK(with_general("<BiosType>7</BiosType>").hardware().firmware == Firmware::bios);
    CHECK(with_general("<default_boot_sequence>15</default_boot_sequence>").reports("ovirt-boot-sequence-unknown"));
    CHECK(with_general("<default_boot_sequence>6</default_boot_sequence>").hardware().boot ==
          std::vector<std::string>{"cdrom", "network", "disk"});
    CHECK(with_general("<MinAllocatedMem>lots</MinAllocatedMem>").reports("ovf-number-invalid"));
    CHECK(with_general("<UseHostCpu>true</UseHostCpu>").hardware().cpu.model == "host-passthrough");
    CHECK(with_general("<CustomCpuName>hostModel</CustomCpuName>").hardware().cpu.model == "host-model");
    CHECK(with_general("<TimeZone>Etc/GMT</TimeZone>").system().clock == "utc");
    const Parsed machine =
        with_general("<CustomEmulatedMachine>pc-q35-rhel8.6.0</CustomEmulatedMachine><BiosType>2</BiosType>");
    CHECK(machine.hardware().machine == "pc-q35-rhel8.6.0");
    CHECK(machine.hardware().secure_boot == false);
    const Parsed defaults = with_general("<Origin>3</Origin><IsStateless>False</IsStateless><Origin>0</Origin>");
    REQUIRE(defaults.system().parameters.size() == 1);  // what is always so is not kept as a setting
    CHECK(defaults.system().parameters[0].value == "0");
}

TEST_CASE("NICs") {
    CHECK(with_items(nic("<rasd:MACAddress>00-11-22-33-44-55</rasd:MACAddress>")).reports("ovirt-mac-invalid"));
    CHECK(with_items(nic("<rasd:MACAddress>AA:BB:CC:DD:EE:FF</rasd:MACAddress>")).hardware().nics.at(0).mac ==
          "aa:bb:cc:dd:ee:ff");
    const Parsed unknown = with_items(nic("<rasd:ResourceSubType>17</rasd:ResourceSubType>"));
    CHECK(unknown.reports("ovirt-nic-type-unknown"));
    CHECK(unknown.hardware().nics.at(0).model == "virtio");
    const std::vector<std::pair<std::string, std::string>> words{
        {"0", "rtl8139"},         {"1", "rtl8139"}, {"2", "e1000"},     {"4", "spapr-vlan"},
        {"5", "pci-passthrough"}, {"6", "e1000e"},  {"E1000", "e1000"}, {"pci-passthorugh", "pci-passthrough"}};
    for (const auto& [word, model] : words) {
        const Parsed read = with_items(nic("<rasd:ResourceSubType>" + word + "</rasd:ResourceSubType>"));
        CHECK(read.hardware().nics.at(0).model == model);
        // Both rtl8139 types stay apart.
        if (word.size() == 1) CHECK(holds(create(read.envelope).bytes, "<rasd:ResourceSubType>" + word + "<"));
    }
}

TEST_CASE("devices that are not complete") {
    const std::string begin =
        "<Item><rasd:ResourceType>0</rasd:ResourceType><rasd:InstanceId>55550000-0000-4000-8000-000000000001</"
        "rasd:InstanceId>";
    CHECK(with_items(begin + "<Device>virtio</Device></Item>").reports("ovirt-device-incomplete"));
    CHECK(with_items(begin + "<Type>channel</Type></Item>").reports("ovirt-device-incomplete"));
    const Parsed rng = with_items(begin + "<Type>rng</Type><Device>virtio</Device></Item>");
    CHECK(rng.reports("ovirt-rng-source-missing"));
    CHECK(rng.hardware().rngs.size() == 1);
    CHECK(holds(create(rng.envelope).bytes, "<source>urandom</source>"));
    const Parsed usb = with_items(
        "<Item><rasd:InstanceId>3</rasd:InstanceId><rasd:ResourceType>23</rasd:ResourceType><rasd:UsbPolicy>maybe</"
        "rasd:UsbPolicy></Item>");
    CHECK(usb.reports("ovirt-usb-policy-unknown"));
    const Parsed nested = with_items(
        begin +
        "<Type>hostdev</Type><Device>hostdev</Device><SpecParams><a><b>1</b><c>2</c></a><d/></SpecParams></Item>");
    REQUIRE(nested.hardware().others.size() == 1);
    CHECK(nested.hardware().others[0].info.parameters.size() == 2);
    CHECK(create(nested.envelope).read.hardware().others == nested.hardware().others);
}

TEST_CASE("disks that lead nowhere") {
    Export text;
    text.disks = "<Disk ovf:size=\"1\"/>";
    CHECK(parse(text.text()).reports("ovirt-disk-incomplete"));
    text.disks = "<Disk ovf:diskId=\"x\" ovf:size=\"1\" ovf:fileRef=\"nowhere/x\"/>";
    const Parsed missing = parse(text.text());
    CHECK(missing.reports("ovirt-disk-file-missing"));
    CHECK(missing.found.failure() == Failure::malformed);
    text.disks.clear();
    text.items =
        "<Item><rasd:InstanceId>x</rasd:InstanceId><rasd:ResourceType>17</rasd:ResourceType><rasd:HostResource>a/b</"
        "rasd:HostResource></Item>";
    CHECK(parse(text.text()).reports("ovirt-disk-item-dangling"));
}

TEST_CASE("more disks and Items than allowed") {
    Limits limits;
    limits.files = 2;
    limits.items = 3;
    Diagnostics found;
    Export text;
    for (int i = 0; i < 3; ++i) {
        text.disks += "<Disk ovf:diskId=\"d" + std::to_string(i) + "\" ovf:size=\"1\"/>";
        text.items += nic("");
    }
    const auto document = detail::XmlDocument::parse("t", text.text(), found, limits);
    const ReadOptions options;
    detail::ReadContext context{found, options};
    const Envelope envelope = detail::dialect_ovirt.read(*document, context);
    CHECK(envelope.disks.size() == 2);
    CHECK(found.failure() == Failure::refused);
    std::size_t reports = 0;
    for (const Diagnostic& diagnostic : found.all()) reports += diagnostic.rule == "ovf-limit-exceeded" ? 1U : 0U;
    CHECK(reports == 2);
}

TEST_CASE("an envelope without a VM, and other producers' files") {
    Diagnostics found;
    const std::string head =
        "<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" "
        "xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\" "
        "xmlns:rasd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData\">";
    const auto score = [&](const std::string& text) {
        return detail::dialect_ovirt.detect(*detail::XmlDocument::parse("t", text, found));
    };
    CHECK(parse(head + "</Envelope>").reports("ovirt-system-missing"));
    CHECK(score(head + "</Envelope>") == 0);
    CHECK(score("<domain/>") == 0);
    CHECK(
        score(head +
              "<VirtualSystem ovf:id=\"v\"><VirtualHardwareSection><Item><rasd:InstanceID>1</rasd:InstanceID>"
              "<rasd:ResourceType>3</rasd:ResourceType></Item></VirtualHardwareSection></VirtualSystem></Envelope>") ==
        0);
    CHECK(score("<Envelope xmlns=\"http://www.vmware.com/schema/ovf/1/envelope\" "
                "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
                "<Content xsi:type=\"VirtualSystem_Type\"/></Envelope>") == 0);
}

TEST_CASE("every value of the fixtures is taken or left to the report, never both") {
    // Elements with text that a translation must name: what the model does not hold.
    const auto untaken = [](std::string_view name) {
        const Parsed read = parse(fixture(name), true);
        std::vector<std::string> out;
        const std::function<void(detail::Element)> walk = [&](detail::Element element) {
            for (detail::Element child = element.first(); child; child = child.next()) {
                if (!child.first() && !child.text().empty() && !read.xml->taken(child.raw().internal_object()) &&
                    child.local() != "Info")
                    out.emplace_back(child.local());
                walk(child);
            }
        };
        walk(read.xml->root());
        return out;
    };
    CHECK(untaken("ova-4.5.ovf") == std::vector<std::string>{"ClusterCompatibilityVersion"});
    CHECK(untaken("hybrid-v2v.ovf").empty());
    CHECK(untaken("export-3.0.ovf").empty());
    const std::vector<std::string> modern = untaken("export-4.5.ovf");
    CHECK(std::count(modern.begin(), modern.end(), "cpuIdList") == 1);
    CHECK(std::count(modern.begin(), modern.end(), "UsbPolicy") == 0);
}
