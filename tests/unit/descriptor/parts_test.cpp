#include "catch.hpp"

#include "descriptor/balloon.hpp"
#include "descriptor/devices.hpp"
#include "descriptor/item.hpp"
#include "descriptor/networks.hpp"
#include "descriptor/references.hpp"
#include "descriptor/spelling.hpp"
#include "unit/descriptor/fixtures.hpp"
#include "unit/descriptor/plain_dialect.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;
using namespace ovfkit::test;

namespace {

std::unique_ptr<XmlDocument> parse(const std::string& text) {
    Diagnostics diagnostics;
    return XmlDocument::parse("t", text, diagnostics);
}

std::string item(std::string_view inside) {
    return R"(<Item xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:ext="urn:x">)" +
           std::string(inside) + "</Item>";
}

}  // namespace

TEST_CASE("an Item's properties by name, whatever the namespace is spelled like; the rest is extra") {
    const auto document =
        parse(item("<rasd:InstanceId>7</rasd:InstanceId><rasd:HostResource>a</rasd:HostResource><rasd:HostResource>b</"
                   "rasd:HostResource>"
                   "<Caption>c</Caption><ext:Parent>no</ext:Parent><rasd:Unknown/><rasd:Weight> 5 </rasd:Weight>"));
    const Item read = read_item(document->root());
    CHECK(read.text(Rasd::InstanceID) == "7");
    CHECK(read.text(Rasd::HostResource) == "a");
    CHECK(read.text(Rasd::Caption) == "c");
    CHECK(read.text(Rasd::Weight) == "5");
    CHECK_FALSE(read.has(Rasd::Parent));
    CHECK(read.extras.size() == 3);
    CHECK(read.required());
}

TEST_CASE("every property has its name, and is found by it") {
    for (std::size_t i = 0; i < rasd_count; ++i) {
        const auto field = static_cast<Rasd>(i);
        const std::string name(name_of(field));
        const auto document = parse(item("<rasd:" + name + ">x</rasd:" + name + ">"));
        CHECK(read_item(document->root()).text(field) == "x");
    }
}

TEST_CASE("a property is set in place, inserted in the schema's order, or taken out") {
    const auto text = item("\n  <rasd:Caption>c</rasd:Caption>\n  <rasd:InstanceID>7</rasd:InstanceID>\n");
    const auto after = [&](Rasd field, std::string_view value) {
        const auto document = parse(text);
        set(*document, read_item(document->root()), field, value);
        return document->bytes();
    };
    CHECK(after(Rasd::Caption, "c") == text);
    CHECK(after(Rasd::Address, "") == text);
    CHECK(after(Rasd::Caption, "d") ==
          item("\n  <rasd:Caption>d</rasd:Caption>\n  <rasd:InstanceID>7</rasd:InstanceID>\n"));
    CHECK(after(Rasd::Caption, "") == item("\n  <rasd:InstanceID>7</rasd:InstanceID>\n"));
    CHECK(after(Rasd::Address, "1") == item("\n  <rasd:Address>1</rasd:Address>\n  <rasd:Caption>c</rasd:Caption>\n  "
                                            "<rasd:InstanceID>7</rasd:InstanceID>\n"));
    CHECK(after(Rasd::Description, "&") ==
          item("\n  <rasd:Caption>c</rasd:Caption>\n  <rasd:Description>&amp;</rasd:Description>\n  "
               "<rasd:InstanceID>7</rasd:InstanceID>\n"));
    CHECK(after(Rasd::Weight, "1") == item("\n  <rasd:Caption>c</rasd:Caption>\n  "
                                           "<rasd:InstanceID>7</rasd:InstanceID>\n  <rasd:Weight>1</rasd:Weight>\n"));
}

TEST_CASE("a new Item has its children in the schema's order") {
    NewItem made;
    made.kind = ItemKind::storage;
    made.required = false;
    made.fields = {{Rasd::ResourceType, "17"}, {Rasd::InstanceID, "3"}, {Rasd::Parent, ""}, {Rasd::Address, "0"}};
    const Fragment fragment = fragment_of(made);
    CHECK(fragment.local == "StorageItem");
    REQUIRE(fragment.children.size() == 3);
    CHECK(fragment.children[0].local == "Address");
    CHECK(fragment.children[0].ns == Ns::sasd);
    CHECK(fragment.children[1].local == "InstanceID");
    CHECK(fragment.children[2].local == "ResourceType");
    REQUIRE(fragment.attributes.size() == 1);
    CHECK(fragment.attributes[0].value == "false");
}

TEST_CASE("sub-types: case does not matter, and of a list the first known one counts") {
    CHECK(neutral_word(WordKind::scsi, "LsiLogicSAS") == "lsisas1068");
    CHECK(neutral_word(WordKind::scsi, "someother, lsilogic") == "lsilogic");
    CHECK(neutral_word(WordKind::scsi, "buslogic,lsilogic") == "buslogic");
    CHECK(neutral_word(WordKind::scsi, "VirtualSCSI") == "vmpvscsi");
    CHECK(neutral_word(WordKind::nic, "VMXNET3 virtio") == "vmxnet3");
    CHECK(neutral_word(WordKind::nic, "invalidResourceSubType") == "invalidResourceSubType");
    CHECK(neutral_word(WordKind::nic, "E10000") == "E10000");
    CHECK_FALSE(is_known(WordKind::nic, "E10000"));
    CHECK(is_known(WordKind::usb, "VMWARE.USB.EHCI"));
    CHECK(controller_of_storage("vmware.sata.ahci") == ControllerType::sata);
    CHECK(controller_of_storage("NVMe") == ControllerType::nvme);
    CHECK(controller_of_storage("VirtioSCSI") == ControllerType::scsi);
    CHECK(controller_of_storage("virtio") == ControllerType::virtio);
    CHECK(controller_of_storage("vmware.nvdimm.controller") == ControllerType::other);
    CHECK(controller_of_storage("") == ControllerType::other);
}

TEST_CASE("what a dialect writes for a word, it reads as that word") {
    const std::pair<WordKind, std::vector<const char*>> all[] = {
        {WordKind::ide, {"piix3", "piix4", "ich6"}},
        {WordKind::scsi,
         {"lsilogic", "lsisas1068", "lsisas1078", "buslogic", "vmpvscsi", "virtio-scsi", "am53c974", "spapr-vscsi"}},
        {WordKind::sata_nvme, {"ahci", "nvme"}},
        {WordKind::usb, {"piix3-uhci", "piix4-uhci", "ich9-ehci1", "qemu-xhci", "nec-xhci", "pci-ohci", "none"}},
        {WordKind::nic,
         {"e1000", "e1000e", "vmxnet", "vmxnet2", "vmxnet3", "pcnet", "flexible", "virtio", "rtl8139", "ne2k_pci",
          "spapr-vlan", "sriov", "pci-passthrough"}},
        {WordKind::sound, {"ac97", "ich6", "ich9", "hda", "sb16", "es1370", "pcspk", "usb"}},
        {WordKind::video, {"vga", "cirrus", "vmvga", "qxl", "virtio", "bochs", "none"}},
        {WordKind::serial, {"pty", "file", "unix", "tcp", "pipe", "device"}},
        {WordKind::parallel, {"file", "device"}},
    };
    for (const auto& [kind, words] : all)
        for (const std::string word : words)
            for (const Speller speller : {Speller::dmtf, Speller::vmware, Speller::virtualbox}) {
                const std::string written = spelled(kind, speller, word);
                INFO(written);
                CHECK(neutral_word(kind, written) == word);
            }
    CHECK(spelled(WordKind::sata_nvme, Speller::vmware, "ahci") == "vmware.sata.ahci");
    CHECK(spelled(WordKind::sata_nvme, Speller::dmtf, "ahci") == "AHCI");
    CHECK(spelled(WordKind::nic, Speller::dmtf, "unheard of") == "unheard of");
}

TEST_CASE("references that stay in the package, and those that do not") {
    for (const char* good : {"disk.vmdk", "sub/disk.vmdk", "sun..vhw-disk1.vmdk", "a b.vmdk", "%41.vmdk", "100%", "./x",
                             "x%zz", "a-b", "..."})
        CHECK(unsafe_href(good) == "");
    for (const char* bad : {"", "..", "../x", "a/../b", "a/..", "/x", "%2Fx", "file:///x", "HTTP://h/x", "c:\\x",
                            "a\\b", "a\nb", "%00", "-x", "%2dx", "%2e%2e/x", "\x7f"})
        CHECK(unsafe_href(bad) != "");
}

TEST_CASE("host resources and MAC addresses in their spellings") {
    for (const char* text : {"ovf:/disk/a b", "/disk/a b", "ovf://disk/a b", "ovf:disk/a b"}) {
        CHECK(parse_host_resource(text).kind == HostResource::Kind::disk);
        CHECK(parse_host_resource(text).id == "a b");
    }
    CHECK(parse_host_resource("ovf:/file/f").kind == HostResource::Kind::file);
    CHECK(parse_host_resource("").kind == HostResource::Kind::none);
    CHECK(parse_host_resource("disk/x").kind == HostResource::Kind::foreign);
    CHECK(parse_host_resource("nonexistent.vmdk").kind == HostResource::Kind::foreign);

    CHECK(normal_mac("52:54:00:AB:CD:EF") == "52:54:00:ab:cd:ef");
    CHECK(normal_mac("52-54-00-ab-cd-ef") == "52:54:00:ab:cd:ef");
    CHECK(normal_mac("525400abcdef") == "52:54:00:ab:cd:ef");
    for (const char* bad :
         {"", "7", "52:54:00:ab:cd", "52:54:00:ab:cd:ef:00", "5:254:00:ab:cd:ef", "52:54:00:ab:cd:eg"})
        CHECK(normal_mac(bad) == "");
}

TEST_CASE("a configuration list is separated by blanks") {
    CHECK(applies("", "a"));
    CHECK(applies("a", "a"));
    CHECK(applies(" b\ta ", "a"));
    CHECK_FALSE(applies("ab", "a"));
    CHECK_FALSE(applies("b", ""));
}

TEST_CASE("the forms of a balloon Item that are read") {
    struct Form {
        const char* inside;
        BalloonState state;
        BalloonModel model;
    };
    const Form forms[] = {
        {"<rasd:OtherResourceType>MemBalloon</rasd:OtherResourceType><rasd:ResourceSubType>virtio-transitional</"
         "rasd:ResourceSubType><rasd:ResourceType>1</rasd:ResourceType>",
         BalloonState::enabled, BalloonModel::virtio_transitional},
        {"<rasd:OtherResourceType>balloon</rasd:OtherResourceType><rasd:ResourceSubType>NONE</"
         "rasd:ResourceSubType><rasd:ResourceType>0</rasd:ResourceType>",
         BalloonState::disabled, BalloonModel::unspecified},
        {"<rasd:OtherResourceType>balloon</rasd:OtherResourceType><rasd:ResourceSubType>vmmemctl</"
         "rasd:ResourceSubType><rasd:ResourceType>1</rasd:ResourceType>",
         BalloonState::enabled, BalloonModel::vmware},
        {"<rasd:AutomaticAllocation>false</rasd:AutomaticAllocation><rasd:OtherResourceType>memballoon</"
         "rasd:OtherResourceType><rasd:ResourceType>1</rasd:ResourceType>",
         BalloonState::disabled, BalloonModel::unspecified},
        {"<rasd:ElementName>memballoon0</rasd:ElementName><rasd:ResourceSubType>xen</"
         "rasd:ResourceSubType><rasd:ResourceType>1</rasd:ResourceType>",
         BalloonState::enabled, BalloonModel::xen},
        {"<rasd:ResourceSubType>virtio-balloon-pci</rasd:ResourceSubType><rasd:ResourceType>1</rasd:ResourceType>",
         BalloonState::enabled, BalloonModel::virtio},
        {"<rasd:ResourceType>0</rasd:ResourceType><Type>balloon</Type><Device>memballoon</"
         "Device><SpecParams><model>virtio</model></SpecParams>",
         BalloonState::enabled, BalloonModel::virtio},
        {"<rasd:ResourceType>0</rasd:ResourceType><Type>balloon</Type><Device>memballoon</"
         "Device><SpecParams><model>none</model></SpecParams>",
         BalloonState::disabled, BalloonModel::unspecified},
        {"<rasd:ResourceType>0</rasd:ResourceType><Type>balloon</Type><Device>memballoon</Device>",
         BalloonState::enabled, BalloonModel::unspecified},
    };
    for (const Form& form : forms) {
        const std::string text = std::string(head_1) +
                                 "<VirtualSystem ovf:id=\"v\"><Info/><VirtualHardwareSection><Info/>\n<Item "
                                 "ovf:required=\"false\"><rasd:InstanceID>1</rasd:InstanceID>" +
                                 form.inside + "</Item>\n</VirtualHardwareSection></VirtualSystem></Envelope>";
        INFO(form.inside);
        const Loaded loaded = load(plain_dialect(), text);
        CHECK(loaded.hardware().balloon.state == form.state);
        CHECK(loaded.hardware().balloon.model == form.model);
        CHECK(loaded.hardware().others.empty());
        CHECK_FALSE(loaded.diagnostics.has_errors());
        // Each form takes every other state in place.
        for (const BalloonState state : {BalloonState::disabled, BalloonState::enabled, BalloonState::unspecified})
            for (const bool attributes : {false, true}) {
                Envelope wanted = loaded.envelope;
                MemoryBalloon& balloon = wanted.systems[0].hardware.balloon;
                balloon.state = state;
                balloon.model = state == BalloonState::enabled ? BalloonModel::xen : BalloonModel::unspecified;
                if (attributes) balloon.autodeflate = true;
                const Changed changed = change(plain_dialect(), text, wanted);
                INFO(changed.bytes);
                CHECK(changed.again.hardware().balloon.state == state);
                CHECK(changed.again.hardware().balloon.model == balloon.model);
                CHECK(changed.again.hardware().balloon.autodeflate == balloon.autodeflate);
            }
    }
}

TEST_CASE("other Items of type 1 and 0 are no balloon") {
    for (const char* inside :
         {"<rasd:ResourceSubType>vmware.vmci</rasd:ResourceSubType><rasd:ResourceType>1</rasd:ResourceType>",
          "<rasd:ElementName>memballoon</rasd:ElementName><rasd:ResourceType>1</rasd:ResourceType>",
          "<rasd:ResourceType>0</rasd:ResourceType><Type>rng</Type><Device>virtio</Device>",
          "<rasd:OtherResourceType>memballoon</rasd:OtherResourceType><rasd:ResourceType>32769</rasd:ResourceType>"}) {
        const std::string text =
            std::string(head_1) +
            "<VirtualSystem "
            "ovf:id=\"v\"><Info/><VirtualHardwareSection><Info/><Item><rasd:InstanceID>1</rasd:InstanceID>" +
            inside + "</Item></VirtualHardwareSection></VirtualSystem></Envelope>";
        const Loaded loaded = load(plain_dialect(), text);
        INFO(inside);
        CHECK(loaded.hardware().balloon == MemoryBalloon{});
        REQUIRE(loaded.hardware().others.size() == 1);
        CHECK(loaded.hardware().others[0].required);
    }
}

TEST_CASE("what an Item says and the model has no field for is not taken, and nothing else") {
    const std::string text = replaced(full_descriptor(), "<rasd:ElementName>Disk 1</rasd:ElementName>",
                                      "<rasd:ConsumerVisibility>3</rasd:ConsumerVisibility><rasd:ElementName>Disk "
                                      "1</rasd:ElementName><rasd:PoolID>p</rasd:PoolID>");
    const Loaded loaded = load(plain_dialect(), text, {}, true);
    std::vector<std::string> left;
    const std::function<void(Element)> walk = [&](Element element) {
        if (!trimmed(element.text()).empty() && !loaded.document->taken(element.raw().internal_object()))
            left.push_back(std::string(element.local()) + " " + std::string(element.text()));
        for (const Attribute& attribute : element.attributes())
            if (!loaded.document->taken(attribute.raw().internal_object()) && attribute.local() != "required")
                left.push_back("@" + std::string(attribute.local()));
        for (Element child = element.first(); child; child = child.next()) walk(child);
    };
    walk(loaded.document->root());
    std::sort(left.begin(), left.end());
    // Labels of sections, what has no field, and the other words of lists of which the model holds one.
    CHECK(left == std::vector<std::string>{"ConsumerVisibility 3", "ElementName Virtual Hardware Family", "Info A note",
                                           "Info A virtual machine", "Info Licence", "Info Networks", "Info The guest",
                                           "Info Virtual disks", "Info Virtual hardware", "PoolID p",
                                           "ResourceSubType VmxNet3 E1000", "ResourceSubType someother, lsilogic"});
}
