#include "catch.hpp"
#include "convert/account.hpp"
#include "systems.hpp"

using namespace ovfkit;
using namespace samples;

TEST_CASE("is_loss counts what is gone or changed, not labels, defaults or what travels along") {
    LossReport report;
    CHECK_FALSE(report.is_loss());
    report.rows.push_back({"a", 1, Fate::origin, "r", "", false, ""});
    report.rows.push_back({"a", 1, Fate::defaulted, "r", "", false, ""});
    report.rows.push_back({"a", 1, Fate::dropped, "r", "", true, ""});
    CHECK_FALSE(report.is_loss());
    report.rows.push_back({"a", 1, Fate::approximated, "r", "", false, ""});
    CHECK(report.is_loss());
}

TEST_CASE("a password never stands in a report") {
    Envelope envelope = machine();
    Product product;
    Property property;
    property.key = "admin";
    property.type = "string";
    property.value = "hunter2-secret";
    property.password = true;
    product.properties.push_back(property);
    envelope.systems.front().products.push_back(product);
    for (const Format& format : formats()) {
        if (!format.can_write || format.is_dialect) continue;
        const Translation text = to(envelope, std::string(format.id));
        CHECK(render_json(text.report).find("hunter2") == std::string::npos);
        CHECK(has_row(text.report, "products[].properties[].value"));
    }
}

TEST_CASE("a password that reads back otherwise has a row, and is not shown in it") {
    Envelope wanted = machine();
    Property property;
    property.key = "admin";
    property.value = "hunter2-secret";
    property.password = true;
    wanted.systems.front().products.emplace_back().properties.push_back(property);
    Envelope written = wanted;
    CHECK(detail::account_dialect(wanted, written, {}, {}, {}).empty());
    written.systems.front().products.front().properties.front().value = "hunter3-secret";
    LossReport report;
    report.rows = detail::account_dialect(wanted, written, {}, {}, {});
    CHECK(has_row(report, "products[].properties[].value"));
    CHECK(render_json(report).find("hunter") == std::string::npos);
}

TEST_CASE("what the model has no field for is named with path and line") {
    const std::string bytes = to(machine(), "dmtf").files.front().bytes;
    std::string odd = bytes;
    const auto at = odd.find("</VirtualHardwareSection>");
    REQUIRE(at != std::string::npos);
    odd.insert(at, "<x:Thing xmlns:x='urn:example:x' x:level='high'>seven</x:Thing>");
    Diagnostics diagnostics;
    ReadOptions options;
    options.unmapped = true;
    WriteOptions write;
    write.carry_origin = false;
    const Source source = Source::parse("odd.ovf", odd, options, diagnostics);
    const LossReport report = translate(source, "libvirt", write, diagnostics).front().report;
    const auto row = std::find_if(report.rows.begin(), report.rows.end(), [](const LossRow& r) { return r.detail.find("seven") != std::string::npos; });
    REQUIRE(row != report.rows.end());
    CHECK(row->detail.find("high") != std::string::npos);
    CHECK(row->line > 1);
    CHECK(row->path.find("Thing") != std::string::npos);
    CHECK(row->rule == "convert-value-unmapped");
    CHECK(row->fate == Fate::dropped);
}

TEST_CASE("an unknown section that must be understood stops a translation to a platform, not one to OVF") {
    std::string bytes = to(machine(), "dmtf").files.front().bytes;
    const auto at = bytes.rfind("</VirtualSystem>");
    REQUIRE(at != std::string::npos);
    bytes.insert(at, "<x:OddSection xmlns:x='urn:example:x'><Info>odd</Info><x:Value>1</x:Value></x:OddSection>");
    ReadOptions options;
    options.unmapped = true;
    Diagnostics diagnostics;
    const Source source = Source::parse("odd.ovf", bytes, options, diagnostics);
    REQUIRE_FALSE(diagnostics.has_errors());
    CHECK(translate(source, "ovf", {}, diagnostics).front().files.front().bytes == bytes);
    try {
        Diagnostics found;
        translate(source, "libvirt", {}, found);
        FAIL("accepted");
    } catch (const InputError& error) {
        CHECK(error.diagnostic().rule == "convert-part-required");
        CHECK(error.diagnostic().failure == Failure::refused);
        CHECK(error.diagnostic().where.line > 1);
    }
    WriteOptions lenient;
    lenient.lenient = true;
    Diagnostics found;
    CHECK(translate(source, "libvirt", lenient, found).size() == 1);
}

TEST_CASE("a device that must be understood stops a translation to a platform") {
    Envelope envelope = machine();
    OtherDevice device;
    device.info.id = "77";
    device.resource_type = 1;
    device.model = "acme.quantum";
    device.required = true;
    envelope.systems.front().hardware.others.push_back(device);
    Diagnostics diagnostics;
    try {
        translate(Source::of(envelope), "libvirt", {}, diagnostics);
        FAIL("accepted");
    } catch (const InputError& error) {
        CHECK(error.diagnostic().rule == "convert-device-required");
    }
    envelope.systems.front().hardware.others.front().required = false;
    Diagnostics found;
    const auto text = translate(Source::of(envelope), "libvirt", {}, found);
    CHECK(has_row(text.front().report, "others[].model"));
}

TEST_CASE("what is not understood and speaks of a password is named without its value, in reports and differences") {
    const auto domain = [](const std::string& secret) {
        return "<domain type='kvm'><name>web</name><memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>"
               "<devices><graphics type='vnc' port='-1' passwd='" + secret + "'/><graphics type='spice' port='-1' passwd='" + secret + "'/>"
               "<memballoon model='virtio'/></devices></domain>";
    };
    const auto source = [](const std::string& name, const std::string& bytes) {
        Diagnostics diagnostics;
        ReadOptions options;
        options.unmapped = true;
        return Source::parse(name, bytes, options, diagnostics);
    };
    const Source first = source("a.xml", domain("hunter2")), second = source("b.xml", domain("hunter3"));
    Diagnostics found;
    for (const std::string to : {"dmtf", "kubevirt", "ganeti-hvparams"}) {
        const LossReport report = translate(first, to, {}, found).front().report;
        CHECK(render_json(report).find("hunter") == std::string::npos);
        CHECK(render_text(report, true).find("hunter") == std::string::npos);
        CHECK(render_json(report).find("(secret)") != std::string::npos);
    }
    const Diff apart = diff(first, second);
    CHECK(render_json(apart).find("hunter") == std::string::npos);
    CHECK(render_text(apart, true).find("hunter") == std::string::npos);
    for (const Diagnostic& diagnostic : found.all()) CHECK(diagnostic.message.find("hunter") == std::string::npos);
}

TEST_CASE("oVirt's first-start secrets do not reach a report") {
    std::string bytes = to(machine(), "ovirt").files.front().bytes;
    const auto at = bytes.find("</Content>");
    REQUIRE(at != std::string::npos);
    bytes.insert(at, "<VmInit ovf:hostname=\"web\" ovf:rootPassword=\"hunter2\" ovf:adminPassword=\"hunter3\" ovf:userName=\"root\"/>");
    Diagnostics found;
    ReadOptions options;
    options.unmapped = true;
    const Source source = Source::parse("vm.ovf", bytes, options, found);
    for (const std::string platform : {"libvirt", "ganeti", "vdsm"})
        for (const Translation& text : translate(source, platform, {}, found)) {
            CHECK(render_json(text.report).find("hunter") == std::string::npos);
            CHECK(render_json(text.report).find("adminPassword") != std::string::npos);
            for (const OutputFile& file : text.files) CHECK((file.secret || file.bytes.find("hunter") == std::string::npos));
        }
    for (const Diagnostic& diagnostic : found.all()) CHECK(render_text(diagnostic).find("hunter") == std::string::npos);
}
