#include "catch.hpp"

#include <ovfkit/error.hpp>

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
    CHECK_FALSE(load(plain_dialect(), with_items(memory("", "1", 100) + range)).has("ovf-memory-several"));
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
                 std::to_string(i / 2) + "</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>\n";
    const Loaded loaded = load(plain_dialect(), with_items(items));
    CHECK(loaded.rules() == "");
    REQUIRE(loaded.hardware().drives.size() == 3000);
    CHECK(loaded.hardware().drives[2999].controller == "1499");
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
