// The rules of lib/convert, each by what gives it.
#include <filesystem>

#include "catch.hpp"
#include "systems.hpp"
#include "where.hpp"

using namespace ovfkit;
using namespace samples;

namespace {

bool has_rule(const LossReport& report, const std::string& rule) {
    return std::any_of(report.rows.begin(), report.rows.end(), [&](const LossRow& row) { return row.rule == rule; });
}

bool has_rule(const Diagnostics& diagnostics, const std::string& rule) {
    const auto& all = diagnostics.all();
    return std::any_of(all.begin(), all.end(), [&](const Diagnostic& d) { return d.rule == rule; });
}

}  // namespace

TEST_CASE("a field without a place in the target is convert-field-dropped") {
    Envelope envelope = machine();
    envelope.systems.front().eulas.push_back("You may.");
    CHECK(has_rule(to(envelope, "libvirt").report, "convert-field-dropped"));
}

TEST_CASE("what a dialect's own writer made is read as that dialect again") {
    Envelope envelope = machine();
    VirtualSystem& system = envelope.systems.front();
    system.hardware.firmware = Firmware::efi;
    system.hardware.secure_boot = true;
    system.hardware.nvram_file_id = "file1";
    system.hardware.system_type = "vmx-13";
    system.hardware.drives.front().boot_index = 1;
    system.hardware.balloon.state = BalloonState::disabled;
    system.parameters = {{"vmw", "cpuHotAddEnabled", "true"}, {"vmw.extra", "disk.EnableUUID", "TRUE"}, {"ganeti.hv", "acpi", "true"}};
    system.hardware.nics.front().info.parameters = {{"vmw", "wakeOnLanEnabled", "true"}};
    system.os.vmware_type = "debian12_64Guest";
    for (const Format& format : formats()) {
        if (!format.is_dialect || !format.can_write) continue;
        INFO(format.id);
        CHECK(detect("x.ovf", to(envelope, std::string(format.id)).files.front().bytes) == format.id);
    }
}

TEST_CASE("devices that are only put in another order stay where they are, and the report says so") {
    Envelope envelope = machine();
    std::vector<Nic>& nics = envelope.systems.front().hardware.nics;
    nics.push_back(nics.front());
    nics.back().info.id = "6";
    nics.back().mac = "00:50:56:11:22:44";
    for (const std::string id : {"dmtf", "vmware", "ovirt"}) {
        INFO(id);
        const std::string bytes = to(envelope, id).files.front().bytes;
        Diagnostics diagnostics;
        Document document = Document::parse("x.ovf", bytes, diagnostics);
        Envelope wanted = read(document, diagnostics);
        std::vector<Nic>& order = wanted.systems.front().hardware.nics;
        REQUIRE(order.size() == 2);
        std::swap(order[0], order[1]);
        const LossReport report = update(document, wanted, diagnostics);
        CHECK(document.bytes() == bytes);
        CHECK(has_row(report, "nics[].mac"));
        CHECK(has_rule(report, "convert-readback-differs"));
    }
}

TEST_CASE("every sample written as every dialect is detected as that dialect") {
    std::size_t samples = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source_folder() / "samples")) {
        const auto extension = entry.path().extension();
        if (extension != ".ovf" && extension != ".xml") continue;
        Diagnostics diagnostics;
        ReadOptions options;
        options.lenient = true;
        const Source source = Source::load(entry.path().string(), options, diagnostics);
        if (find_format(source.format()) == nullptr) continue;
        ++samples;
        for (const Format& format : formats()) {
            if (!format.is_dialect || !format.can_write) continue;
            INFO(entry.path() << " to " << format.id);
            const auto text = translate(source, format.id, {}, diagnostics).front().files.front().bytes;
            CHECK(detect("x.ovf", text) == format.id);
        }
    }
    CHECK(samples > 10);
}

TEST_CASE("lenient lets wrong content of a platform's text pass with a warning, as of a descriptor, but no refusal") {
    const std::string wrong = "<domain type='kvm'><name>vm</name><memory unit='KiB'>524288</memory><vcpu>1</vcpu>"
                              "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
                              "<devices><memballoon model='virtoi'/></devices></domain>";
    ReadOptions options;
    Diagnostics strict;
    (void)Source::parse("vm.xml", wrong, options, strict);
    CHECK(strict.has_errors());
    options.lenient = true;
    Diagnostics found;
    const Source source = Source::parse("vm.xml", wrong, options, found);
    CHECK_FALSE(found.has_errors());
    CHECK(has_rule(found, "libvirt-balloon-model-unknown"));
    WriteOptions write;
    write.lenient = true;
    CHECK(translate(source, "dmtf", write, found).size() == 1);

    // What is no domain at all stays refused, and so does what is over a limit.
    Diagnostics none;
    CHECK_THROWS_AS(Source::parse("vm.xml", "<domain type='kvm'><name>", options, none), InputError);
    options.limits.files = 0;
    Diagnostics limited;
    (void)Source::parse("x.ovf", to(machine(), "dmtf").files.front().bytes, options, limited);
    CHECK(limited.has_errors());
}

TEST_CASE("an envelope without a machine is convert-system-missing or the dialect's own refusal") {
    Diagnostics diagnostics;
    const Source source = Source::parse("x.ovf", "<Envelope xmlns='http://schemas.dmtf.org/ovf/envelope/1'><References/></Envelope>", {}, diagnostics);
    CHECK(source.envelope().systems.empty());
    CHECK(diagnostics.has_errors());
    CHECK((has_rule(diagnostics, "convert-system-missing") || has_rule(diagnostics, "ovf-system-missing")));
}

TEST_CASE("a companion that is not there is convert-origin-missing and the text alone is used") {
    Diagnostics diagnostics;
    const std::string bytes = to(machine(), "dmtf").files.front().bytes;
    const Source source = Source::parse("in.ovf", bytes, {}, diagnostics);
    const auto text = translate(source, "ganeti", {}, diagnostics).front();
    REQUIRE(text.files.size() == 2);
    const Source back = Source::parse("no-such-folder/config.ini", text.files.front().bytes, {}, diagnostics);
    CHECK(back.carried().empty());
    CHECK(has_rule(diagnostics, "convert-origin-missing"));
}

TEST_CASE("a companion that is no descriptor is convert-origin-unreadable and the text alone is used") {
    Diagnostics diagnostics;
    const Source source = Source::parse("in.ovf", to(machine(), "dmtf").files.front().bytes, {}, diagnostics);
    const auto text = translate(source, "ganeti", {}, diagnostics).front();
    const Source back = Source::parse("config.ini", text.files.front().bytes, {}, diagnostics, "<broken");
    const auto again = translate(back, "dmtf", {}, diagnostics);
    CHECK(has_rule(diagnostics, "convert-origin-unreadable"));
    CHECK(from("dmtf", again.front().files.front().bytes).systems.front().hardware.cpu.count == 2);
}

TEST_CASE("each rule of this layer is in the table with its severity") {
    for (const char* id : {"convert-field-dropped", "convert-value-unmapped", "convert-origin-missing", "convert-origin-unreadable",
                           "convert-edit-unplaced", "convert-readback-differs"}) {
        REQUIRE(find_rule(id) != nullptr);
        CHECK(find_rule(id)->severity == Severity::warning);
    }
    for (const char* id : {"convert-part-required", "convert-device-required", "convert-system-missing", "input-format-unknown"}) {
        REQUIRE(find_rule(id) != nullptr);
        CHECK(find_rule(id)->severity == Severity::error);
    }
}
