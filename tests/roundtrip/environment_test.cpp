// Properties for one run, texts in a language, the OVF environment and its image.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <ovfkit/environment.hpp>
#include <ovfkit/error.hpp>

#include "catch.hpp"
#include "systems.hpp"

using namespace ovfkit;

namespace {

constexpr std::string_view head = R"(<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xml:lang="en-US">
<References><File ovf:id="de" ovf:href="messages.xml"/><File ovf:id="out" ovf:href="sub/messages.xml"/></References>
)";

constexpr std::string_view hardware =
    R"(<VirtualHardwareSection ovf:transport="iso com.vmware.guestInfo"><Info/></VirtualHardwareSection>)";

std::string vm(const std::string& id, const std::string& properties) {
    return "<VirtualSystem ovf:id=\"" + id + "\"><Info/>" + properties + std::string(hardware) + "</VirtualSystem>\n";
}

std::string product(const std::string& name, const std::string& properties) {
    return "<ProductSection ovf:class=\"" + name + "\"><Info/>" + properties + "</ProductSection>\n";
}

std::string property(const std::string& key, const std::string& rest) {
    return "<Property ovf:key=\"" + key + "\" ovf:type=\"string\" ovf:userConfigurable=\"true\" " + rest + "/>\n";
}

std::string shop() {
    return std::string(head) + R"(<VirtualSystemCollection ovf:id="all"><Info/>)" +
           product("all", property("domain", "ovf:value=\"example.org\"") + property("mail", "ovf:value=\"x&amp;y\"")) +
           vm("web", product("web", property("name", "ovf:value=\"www.${all.domain}\"") +
                                        property("domain", "ovf:value=\"${domain}\""))) +
           vm("db", product("db", property("name", "ovf:value=\"db.${all.domain}\"") +
                                      property("secret", "ovf:password=\"true\" ovf:qualifiers=\"MinLen(1)\""))) +
           R"(<VirtualSystemCollection ovf:id="inner"><Info/>)" + product("inner", property("depth", "ovf:value=\"2\"")) +
           vm("deep", "") + "</VirtualSystemCollection></VirtualSystemCollection></Envelope>";
}

struct Made {
    Diagnostics diagnostics;
    Environment environment;
    [[nodiscard]] bool has(std::string_view rule) const {
        const auto& all = diagnostics.all();
        return std::any_of(all.begin(), all.end(), [&](const Diagnostic& d) { return d.rule == rule; });
    }
};

Made make(const std::string& text, const std::string& name, const ReadOptions& read = {}, bool image = false) {
    Made out;
    const Source source = Source::parse("x.ovf", text, read, out.diagnostics);
    EnvironmentOptions options;
    options.vm = name;
    options.kind = "Test";
    options.image = image;
    out.environment = environment(source, options, out.diagnostics);
    return out;
}

ReadOptions with(const std::string& key, const std::string& value) {
    ReadOptions out;
    out.properties[key] = value;
    return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("an environment: own properties, the collection's, an Entity for each sibling") {
    const Made made = make(shop(), "web", with("db.secret", "s3cret"));
    CHECK(made.environment.vm == "web");
    CHECK(made.environment.secret);
    CHECK(made.environment.transports == std::vector<std::string>{"iso", "com.vmware.guestInfo"});
    CHECK(made.diagnostics.all().empty());
    CHECK(made.environment.xml == R"(<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns='http://schemas.dmtf.org/ovf/environment/1' xmlns:oe='http://schemas.dmtf.org/ovf/environment/1' oe:id='web'>
  <PlatformSection>
    <Kind>Test</Kind>
    <Locale>en-US</Locale>
  </PlatformSection>
  <PropertySection>
    <Property oe:key='web.name' oe:value='www.example.org'/>
    <Property oe:key='web.domain' oe:value='example.org'/>
    <Property oe:key='all.domain' oe:value='example.org'/>
    <Property oe:key='all.mail' oe:value='x&amp;y'/>
  </PropertySection>
  <Entity oe:id='db'>
    <PropertySection>
      <Property oe:key='db.name' oe:value='db.example.org'/>
      <Property oe:key='db.secret' oe:value='s3cret'/>
    </PropertySection>
  </Entity>
  <Entity oe:id='inner'>
    <PropertySection>
      <Property oe:key='inner.depth' oe:value='2'/>
    </PropertySection>
  </Entity>
</Environment>
)");
    // Of the collection around it only.
    const Made deep = make(shop(), "deep");
    CHECK(deep.environment.xml.find("inner.depth") != std::string::npos);
    CHECK(deep.environment.xml.find("all.domain") == std::string::npos);
    CHECK_FALSE(deep.environment.secret);
}

TEST_CASE("what an environment cannot be made of") {
    CHECK(make(shop(), "web").has("env-property-unset"));
    const std::string secret = with("db.secret", "s").properties.begin()->second;
    CHECK(make(replaced(shop(), "${all.domain}", "${nowhere}"), "web", with("db.secret", secret)).has("env-property-undefined"));
    CHECK(make(replaced(shop(), "ovf:value=\"www.${all.domain}\"", "ovf:value=\"www.${all.domain}\" ovf:qualifiers=\"MaxLen(4)\""), "web",
               with("db.secret", secret))
              .has("env-property-invalid"));
    CHECK(make(replaced(shop(), " ovf:transport=\"iso com.vmware.guestInfo\"", ""), "web", with("db.secret", secret)).has("env-transport-none"));
    CHECK(make(replaced(shop(), "iso com.vmware", "com.vmware"), "web", with("db.secret", secret), true).has("env-transport-other"));
    CHECK_FALSE(make(replaced(shop(), "iso com.vmware", "com.vmware"), "web", with("db.secret", secret)).has("env-transport-other"));
    CHECK_THROWS_AS(make(shop(), ""), UsageError);
    CHECK_THROWS_AS(make(shop(), "wbe"), UsageError);
    Diagnostics diagnostics;
    CHECK_THROWS_AS(environment(Source::of(samples::machine()), {}, diagnostics), UsageError);
}

TEST_CASE("a property for one run must be there, one, and of its type") {
    const std::string text = shop();
    for (const char* key : {"nam", "name", "web.nam", ""}) CHECK_THROWS_AS(make(text, "web", with(key, "x")), UsageError);
    try {
        make(text, "web", with("web.nam", "x"));
    } catch (const UsageError& error) {
        CHECK(std::string(error.what()).find("did you mean 'web.name'?") != std::string::npos);
    }
    try {
        make(text, "web", with("name", "x"));
    } catch (const UsageError& error) {
        CHECK(std::string(error.what()).find("web.name") != std::string::npos);
        CHECK(std::string(error.what()).find("db.name") != std::string::npos);
    }
    const std::string typed = replaced(text, "ovf:key=\"mail\" ovf:type=\"string\"", "ovf:key=\"mail\" ovf:type=\"uint8\"");
    CHECK_THROWS_AS(make(typed, "web", with("mail", "300")), UsageError);
    CHECK(make(replaced(text, "ovf:userConfigurable=\"true\"", ""), "deep", with("all.domain", "x")).has("ovf-property-fixed"));
    // A platform's text has none.
    Diagnostics diagnostics;
    CHECK_THROWS_AS(Source::parse("x.xml", "<domain type='kvm'><name>x</name></domain>", with("a", "b"), diagnostics), UsageError);
}

TEST_CASE("texts in another language: inline, from a file beside the descriptor, or as they stand") {
    const std::string strings = R"(<Strings xml:lang="de"><Msg ovf:msgid="n">Netz</Msg></Strings>
<Strings xml:lang="fr-FR" ovf:fileRef="de"/><Strings xml:lang="es" ovf:fileRef="out"/><Strings xml:lang="it" ovf:fileRef="none"/></Envelope>)";
    const std::string text = std::string(head) +
                             R"(<NetworkSection><Info/><Network ovf:name="a"><Description ovf:msgid="n">Net</Description></Network>
<Network ovf:name="b"><Description ovf:msgid="e"/></Network></NetworkSection>)" + vm("x", "") +
                             R"(<Strings xml:lang="en-US"><Msg ovf:msgid="e">Filled</Msg><Msg ovf:msgid="n">English</Msg></Strings>)" + strings;
    const auto folder = std::filesystem::temp_directory_path() / ("ovfkit-strings-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "messages.xml")
        << R"(<Strings xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><Msg ovf:msgid="n">Reseau</Msg></Strings>)";
    struct Said {
        std::string first, second, rules;
    };
    const auto said = [&](const std::string& lang, bool beside) {
        ReadOptions options;
        options.lang = lang;
        if (beside) options.folder = folder.string();
        Diagnostics diagnostics;
        const Source source = Source::parse("x.ovf", text, options, diagnostics);
        Said out{source.envelope().networks.at(0).description, source.envelope().networks.at(1).description, {}};
        for (const Diagnostic& d : diagnostics.all()) out.rules += d.rule + " ";
        // The bytes do not depend on the language.
        Diagnostics quiet;
        CHECK(translate(source, "ovf", {}, quiet).front().files.front().bytes == text);
        return out;
    };
    CHECK(said("", false).first == "Net");
    CHECK(said("", false).second == "Filled");
    CHECK(said("de-AT", false).first == "Netz");
    CHECK(said("de_DE.UTF-8", false).first == "Netz");
    CHECK(said("de", false).second == "Filled");
    CHECK(said("en-US", false).first == "English");
    CHECK(said("fr", true).first == "Reseau");
    CHECK(said("fr-FR", true).rules.empty());
    CHECK(said("fr-FR", false).rules == "ovf-strings-missing ");
    CHECK(said("es", true).rules == "ovf-strings-missing ");
    CHECK(said("it", true).rules == "ovf-strings-missing ");
    CHECK(said("ja", true).rules == "ovf-strings-language ");
    CHECK(said("ja", true).first == "Net");

    // An edit of a translated text stays.
    ReadOptions german;
    german.lang = "de";
    Diagnostics diagnostics;
    Document document = Document::parse("x.ovf", text, diagnostics);
    Envelope wanted = read(document, diagnostics, german);
    wanted.networks[0].description = "Neu";
    (void)update(document, wanted, diagnostics, german);
    CHECK(document.bytes() == replaced(text, R"(<Description ovf:msgid="n">Net<)", "<Description>Neu<"));
    std::filesystem::remove_all(folder);
}

TEST_CASE("the texts of an Item are shown in another language, too") {
    const std::string text =
        std::string(head) +
        R"(<VirtualSystem ovf:id="x"><Info/><VirtualHardwareSection><Info/><Item xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName ovf:msgid="m">memory</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>64</rasd:VirtualQuantity></Item></VirtualHardwareSection></VirtualSystem><Strings xml:lang="de"><Msg ovf:msgid="m">Speicher</Msg></Strings></Envelope>)";
    ReadOptions german;
    german.lang = "de";
    Diagnostics diagnostics;
    Document document = Document::parse("x.ovf", text, diagnostics);
    CHECK(read(document, diagnostics).systems.at(0).hardware.memory.info.name == "memory");
    Envelope wanted = read(document, diagnostics, german);
    CHECK(wanted.systems.at(0).hardware.memory.info.name == "Speicher");
    wanted.systems[0].hardware.memory.info.name = "RAM";
    (void)update(document, wanted, diagnostics, german);
    CHECK(document.bytes() == replaced(text, "<rasd:ElementName ovf:msgid=\"m\">memory<", "<rasd:ElementName>RAM<"));
}

TEST_CASE("an image: the same bytes for the same input, its size a whole number of sectors") {
    const std::string xml(5000, 'x');
    const std::string image = environment_image(xml, 0);
    CHECK(image == environment_image(xml, 0));
    CHECK(image != environment_image(xml, 86400));
    CHECK(image.size() % 2048 == 0);
    CHECK(image.compare(16 * 2048 + 1, 5, "CD001") == 0);
    CHECK(image.compare(16 * 2048 + 813, 16, "1970010100000000") == 0);
    CHECK(environment_image(xml, 951782400).compare(16 * 2048 + 813, 16, "2000022900000000") == 0);
    CHECK(environment_image(xml, 4107542399).compare(16 * 2048 + 813, 16, "2100022823595900") == 0);
    CHECK(environment_image(xml, ~std::uint64_t{0}).compare(16 * 2048 + 813, 16, "2155123123595900") == 0);
    CHECK(image.find(xml) == 26 * 2048);
}
