#include <array>

#include "catch.hpp"

#include <ovfkit/error.hpp>

#include "descriptor/layout.hpp"
#include "unit/descriptor/fixtures.hpp"
#include "unit/descriptor/plain_dialect.hpp"

using namespace ovfkit;
using namespace ovfkit::test;

namespace {

std::string with_items(std::string_view items, std::string_view envelope = "") {
    return std::string(head_1) + std::string(envelope) +
           R"(<VirtualSystem ovf:id="v"><Info/><VirtualHardwareSection><Info/>
)" + std::string(items) +
           "</VirtualHardwareSection></VirtualSystem></Envelope>";
}

constexpr std::string_view options = R"(<DeploymentOptionSection><Info/>
<Configuration ovf:id="small"><Label>S</Label><Description>small</Description></Configuration>
<Configuration ovf:id="large" ovf:default="true"><Label>L</Label><Description>large</Description></Configuration>
<Configuration ovf:id="huge"><Label>H</Label><Description>huge</Description></Configuration>
</DeploymentOptionSection>)";

std::string memory(std::string_view attributes, std::string_view id, unsigned mib) {
    return "<Item" + std::string(attributes) +
           "><rasd:AllocationUnits>byte * "
           "2^20</rasd:AllocationUnits><rasd:ElementName>m</rasd:ElementName><rasd:InstanceID>" +
           std::string(id) + "</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>" +
           std::to_string(mib) + "</rasd:VirtualQuantity></Item>\n";
}

std::uint64_t mib_of(const std::string& text, std::string_view configuration = "") {
    ReadOptions read_options;
    read_options.configuration = configuration;
    const Loaded loaded = load(plain_dialect(), text, read_options);
    INFO(loaded.rules());
    return loaded.hardware().memory.boot_bytes.value_or(0) >> 20;
}

}  // namespace

TEST_CASE("the configuration in effect: the wanted one, else the default, else the first") {
    const std::string items = memory("", "1", 100) + memory(" ovf:configuration=\"large huge\"", "1", 200) +
                              memory(" ovf:configuration=\"huge\"", "1", 300);
    const std::string text = with_items(items, options);
    CHECK(mib_of(text) == 200);
    CHECK(mib_of(text, "small") == 100);
    CHECK(mib_of(text, "large") == 200);
    CHECK(mib_of(text, "huge") == 300);
    CHECK_THROWS_AS(mib_of(text, "hug"), UsageError);
    CHECK_THROWS_AS(mib_of(with_items(items), "small"), UsageError);
    CHECK(load(plain_dialect(), text).envelope.configuration == "large");
    CHECK(load(plain_dialect(), text).rules() == "");

    const std::string first = replaced(text, " ovf:default=\"true\"", "");
    CHECK(load(plain_dialect(), first).envelope.configuration == "small");
}

TEST_CASE("a configured Item overrides only what it says, wherever it stands") {
    const std::string override_only =
        "<Item "
        "ovf:configuration=\"large\"><rasd:InstanceID>1</rasd:InstanceID><rasd:VirtualQuantity>64</"
        "rasd:VirtualQuantity></Item>\n";
    for (const std::string& items : {memory("", "1", 100) + override_only, override_only + memory("", "1", 100)}) {
        const Loaded loaded = load(plain_dialect(), with_items(items, options));
        INFO(loaded.rules());
        CHECK(loaded.hardware().memory.info.name == "m");
    }
    const std::string text = with_items(memory("", "1", 100) + override_only, options);
    CHECK(mib_of(text) == 64);
    // The edit goes to the Item that counts.
    Envelope wanted = load(plain_dialect(), text).envelope;
    wanted.systems[0].hardware.memory.boot_bytes = 128ULL << 20;
    const Changed changed = change(plain_dialect(), text, wanted);
    CHECK(changed.again.envelope == wanted);
    CHECK(changed.bytes == replaced(text, ">64<", ">128<"));
    ReadOptions small;
    small.configuration = "small";
    CHECK(load(plain_dialect(), changed.bytes, small).hardware().memory.boot_bytes == 100ULL << 20);
}

TEST_CASE("the id of a configuration without the ovf prefix is read as meant") {
    const Loaded loaded = load(
        plain_dialect(),
        with_items(memory(" configuration=\"large\"", "1", 5) + memory(" configuration=\"small\"", "2", 6), options));
    CHECK(loaded.hardware().memory.boot_bytes == 5ULL << 20);
    CHECK(loaded.has("ovf-attribute-unprefixed"));
}

TEST_CASE("ranges are no hardware, unless nothing else is there") {
    const std::string range = memory(" ovf:bound=\"min\"", "1", 50) + memory(" ovf:bound=\"max\"", "1", 900);
    CHECK(mib_of(with_items(memory("", "1", 100) + range)) == 100);
    CHECK(mib_of(with_items(range + memory("", "1", 100))) == 100);
    CHECK(mib_of(with_items(memory(" ovf:bound=\"min\"", "7", 50) + memory("", "1", 100))) == 100);
    CHECK(mib_of(with_items(memory(" ovf:bound=\"normal\"", "1", 100) + range)) == 100);
    const Loaded lone = load(plain_dialect(), with_items(range));
    CHECK(lone.hardware().memory.boot_bytes == 50ULL << 20);
    CHECK(lone.has("ovf-bound-only"));
    CHECK(load(plain_dialect(), with_items(memory(" ovf:bound=\"max\"", "1", 900))).has("ovf-bound-normal-missing"));
    // By the unprefixed attribute as well.
    CHECK(mib_of(with_items(memory("", "1", 100) + memory(" bound=\"max\"", "1", 900))) == 100);
    CHECK_FALSE(load(plain_dialect(), with_items(memory("", "1", 100) + range)).has("ovf-memory-several"));
}

TEST_CASE("ranges are checked against each other and against the normal amount") {
    const auto rules = [](const std::string& items) { return load(plain_dialect(), with_items(items)).rules(); };
    const std::string normal = memory("", "1", 100);
    const std::string low = memory(" ovf:bound=\"min\"", "1", 50), high = memory(" ovf:bound=\"max\"", "1", 900);
    CHECK(rules(normal + low + high) == "");
    CHECK(rules(normal + low) == "");
    CHECK(rules(normal + high) == "");
    CHECK(rules(normal + low + low) == "ovf-bound-duplicate ");
    CHECK(rules(normal + high + high) == "ovf-bound-duplicate ");
    CHECK(rules(normal + memory(" ovf:bound=\"min\"", "1", 101)) == "ovf-bound-outside ");
    CHECK(rules(normal + memory(" ovf:bound=\"max\"", "1", 99)) == "ovf-bound-outside ");
    CHECK(rules(normal + memory(" ovf:bound=\"min\"", "1", 60) + memory(" ovf:bound=\"max\"", "1", 40)).find("ovf-bound-reversed") !=
          std::string::npos);
    // In the unit each gives: 1 GiB is above 100 MiB.
    CHECK(rules(normal + replaced(memory(" ovf:bound=\"max\"", "1", 1), "2^20", "2^30")) == "");
    CHECK(rules(normal + replaced(low, ">50<", ">5.5<")) == "ovf-number-invalid ");
    // An override of a range is no second one.
    const std::string own = memory(" ovf:bound=\"min\" ovf:configuration=\"large\"", "1", 70);
    CHECK(load(plain_dialect(), with_items(normal + low + own, options)).rules() == "");
}

TEST_CASE("what is not in effect is set aside in one piece, with its reason") {
    const std::string text = with_items(memory("", "1", 100) + memory(" ovf:configuration=\"huge\"", "1", 300) +
                                            memory(" ovf:bound=\"min\"", "1", 50),
                                        options);
    const Loaded loaded = load(plain_dialect(), text, {}, true);
    const detail::Element section = detail::parts_of(detail::envelope_parts(*loaded.document).systems.at(0)).hardware.at(0);
    std::string found;
    for (detail::Element item = section.first(); item; item = item.next())
        if (const auto* aside = loaded.document->aside(item)) found += std::string(aside->rule) + ": " + aside->why + "\n";
    CHECK(found ==
          "ovf-configuration-other: Item '1' is of the configuration 'huge', which is not in effect: AllocationUnits "
          "'byte * 2^20', ElementName 'm', ResourceType '4', VirtualQuantity '300'\n"
          "ovf-bound-range: range: min of Item '1': AllocationUnits 'byte * 2^20', ElementName 'm', ResourceType '4', "
          "VirtualQuantity '50'\n");
}

TEST_CASE("of alternative hardware the best for the target is read, and edited") {
    const auto alternative = [](std::string_view type, unsigned mib) {
        return "<VirtualHardwareSection><Info/><System><vssd:VirtualSystemType>" + std::string(type) +
               "</vssd:VirtualSystemType></System>" + memory("", "1", mib) + "</VirtualHardwareSection>";
    };
    const std::string text = std::string(head_1) + R"(<VirtualSystem ovf:id="v"><Info/>)" + alternative("odd-1", 1) +
                             alternative("vmx-07, vmx-08", 2) + alternative("virtualbox-2.2", 3) + alternative("xen-3", 4) +
                             alternative("kvm", 5) + "</VirtualSystem></Envelope>";
    const auto chosen = [&](std::vector<std::string_view> families) {
        Diagnostics diagnostics;
        const auto document = detail::XmlDocument::parse("x", text, diagnostics);
        detail::ReadContext context{diagnostics, {}, families};
        return detail::read_envelope(*document, context).systems.at(0).hardware.memory.boot_bytes.value_or(0) >> 20;
    };
    CHECK(chosen({}) == 2);
    CHECK(chosen({"kvm", "vmx-"}) == 5);
    CHECK(chosen({"xen-"}) == 4);
    CHECK(chosen({"virtualbox-"}) == 3);
    CHECK(chosen({"none-such"}) == 2);

    Diagnostics diagnostics;
    const auto document = detail::XmlDocument::parse("x", text, diagnostics);
    document->trace(true);
    const std::array<std::string_view, 1> families{"kvm"};
    const ReadOptions read_options;
    detail::ReadContext context{diagnostics, read_options, families};
    const Envelope have = detail::read_envelope(*document, context);
    const auto& parts = detail::parts_of(detail::envelope_parts(*document).systems.at(0));
    REQUIRE(document->aside(parts.hardware[0]) != nullptr);
    CHECK(document->aside(parts.hardware[0])->rule == "ovf-hardware-alternative");
    Envelope wanted = have;
    wanted.systems[0].hardware.memory.boot_bytes = 9ULL << 20;
    std::vector<detail::LossNote> notes;
    const WriteOptions write_options;
    detail::WriteContext write{diagnostics, write_options, {}, {}};
    update_plain(*document, have, wanted, write, notes);
    CHECK(document->bytes() == replaced(text, ">5</rasd:VirtualQuantity>", ">9</rasd:VirtualQuantity>"));
}

TEST_CASE("Items of one id are told apart, unless something points at them") {
    const std::string nic =
        "<Item><rasd:ElementName>n</rasd:ElementName><rasd:InstanceID>10</rasd:InstanceID><rasd:ResourceType>10</"
        "rasd:ResourceType></Item>";
    const Loaded loaded = load(plain_dialect(), with_items(nic + nic + nic));
    REQUIRE(loaded.hardware().nics.size() == 3);
    CHECK(loaded.hardware().nics[0].info.id == "10");
    CHECK(loaded.hardware().nics[1].info.id == "10#2");
    CHECK(loaded.hardware().nics[2].info.id == "10#3");
    CHECK_FALSE(loaded.diagnostics.has_errors());
    Envelope wanted = loaded.envelope;
    wanted.systems[0].hardware.nics[1].model = "e1000";
    const Changed changed = change(plain_dialect(), with_items(nic + nic + nic), wanted);
    CHECK(changed.again.envelope == wanted);
}

TEST_CASE("an override that is optional and says no device is left out") {
    const std::string odd = "<Item ovf:required=\"false\"><rasd:InstanceID>4</rasd:InstanceID></Item>";
    const Loaded loaded = load(plain_dialect(), with_items(odd + memory("", "1", 100)));
    CHECK(loaded.rules() == "");
    CHECK(loaded.hardware().others.empty());
}

TEST_CASE("many Items: found by id, no faster growth than their number") {
    std::string items;
    for (int i = 0; i < 3000; ++i)
        items += "<Item><rasd:InstanceID>" + std::to_string(i) + "</rasd:InstanceID><rasd:Parent>" +
                 (i == 0 ? std::string{} : std::to_string(i / 2)) + "</rasd:Parent><rasd:ResourceType>" +
                 (i < 1500 ? "6" : "17") + "</rasd:ResourceType></Item>\n";
    const Loaded loaded = load(plain_dialect(), with_items(items));
    CHECK(loaded.rules() == "");
    REQUIRE(loaded.hardware().drives.size() == 1500);
    CHECK(loaded.hardware().drives[1499].controller == "1499");
}

TEST_CASE("a Configuration without an id, or with one that another has, is malformed") {
    const std::string text = with_items(memory("", "1", 100), options);
    CHECK(load(plain_dialect(), text).rules() == "");
    for (const char* id : {"ovf:id=\"large\"", "ovf:id=\"\""}) {
        const Loaded loaded = load(plain_dialect(), replaced(text, "ovf:id=\"huge\"", id));
        CHECK(loaded.has("ovf-configuration-duplicate"));
        CHECK(loaded.diagnostics.failure() == Failure::malformed);
        CHECK(loaded.envelope.configurations.size() == 2);
    }
}
