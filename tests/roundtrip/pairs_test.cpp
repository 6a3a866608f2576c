// From every dialect to every other, by the registry: read2(create2(read1(s))) == read1(s) but for what the report names.
#include "catch.hpp"
#include "roundtrip/flat.hpp"
#include "systems.hpp"
#include "where.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

using namespace ovfkit;

namespace {

std::vector<std::filesystem::path> sample_files() {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source_folder() / "samples")) {
        const std::string extension = entry.path().extension().string();
        if (extension == ".ovf" || extension == ".xml" || extension == ".ini") out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// nullopt: refused, which is said.
std::optional<Translation> converted(const Source& source, std::string_view to, const WriteOptions& options = {}) {
    Diagnostics diagnostics;
    try {
        auto all = translate(source, to, options, diagnostics);
        REQUIRE(all.size() == 1);
        return all.front();
    } catch (const InputError& error) {
        CHECK(find_rule(error.diagnostic().rule) != nullptr);
        return std::nullopt;
    }
}

Source parsed(const std::string& name, const std::string& bytes, const std::string& format) {
    ReadOptions options;
    options.from = format;
    options.unmapped = true;
    Diagnostics diagnostics;
    Source out = Source::parse(name, bytes, options, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all())
        if (diagnostic.severity == Severity::error) FAIL_CHECK(name << ": " << diagnostic.rule << ": " << diagnostic.message);
    return out;
}

void check_silent(const Envelope& before, const Envelope& now, const LossReport& report) {
    for (const flat::Difference& d : flat::silent(before, now, report))
        FAIL_CHECK(d.place << " (" << d.key << ") '" << d.before << "' became '" << d.now << "' and no row says so");
    CHECK(before.systems.size() == now.systems.size());
}

}  // namespace

TEST_CASE("every sample from every dialect to every other: what comes out is what was said, or is named") {
    std::size_t pairs = 0;
    const auto files = sample_files();
    REQUIRE(files.size() >= 10);
    for (const auto& path : files) {
        Diagnostics diagnostics;
        ReadOptions read;
        read.unmapped = true;
        const Source source = Source::load(path.string(), read, diagnostics);
        for (const Format& first : formats()) {
            if (!first.is_dialect || !first.can_write) continue;
            WriteOptions anew;
            anew.split = source.envelope().systems.size() > 1;
            if (anew.split) anew.vm = source.envelope().systems.front().id;
            INFO(path.filename().string() << " as " << first.id);
            const auto start = converted(source, first.id, anew);
            if (!start) continue;
            const Source one = parsed("first.ovf", start->files.front().bytes, std::string(first.id));
            for (const Format& second : formats()) {
                if (!second.is_dialect || !second.can_write || second.id == first.id) continue;
                INFO("to " << second.id);
                const auto end = converted(one, second.id);
                if (!end) continue;
                const Source two = parsed("second.ovf", end->files.front().bytes, std::string(second.id));
                check_silent(one.envelope(), two.envelope(), end->report);
                ++pairs;
            }
        }
    }
    WARN(pairs << " conversions of " << files.size() << " samples");
    CHECK(pairs > 50);
}

TEST_CASE("every sample to every version of every dialect and back") {
    for (const auto& path : sample_files()) {
        Diagnostics diagnostics;
        ReadOptions read;
        read.unmapped = true;
        const Source source = Source::load(path.string(), read, diagnostics);
        for (const Format& format : formats()) {
            if (!format.is_dialect || !format.can_write) continue;
            for (const OptionSpec& spec : format.options) {
                if (spec.key != "version") continue;
                std::string_view values = spec.values;
                while (!values.empty()) {
                    const std::string version(values.substr(0, values.find('|')));
                    values.remove_prefix(std::min(values.size(), version.size() + 1));
                    WriteOptions options;
                    options.options[std::string(format.id) + ".version"] = version;
                    options.split = source.envelope().systems.size() > 1;
                    if (options.split) options.vm = source.envelope().systems.front().id;
                    INFO(path.filename().string() << " as " << format.id << " " << version);
                    const auto made = converted(source, format.id, options);
                    if (!made) continue;
                    const Source there = parsed("there.ovf", made->files.front().bytes, std::string(format.id));
                    CHECK((there.envelope().ovf_version == version || format.id != "dmtf"));
                    const auto back = converted(there, format.id);
                    REQUIRE(back);
                    CHECK(back->files.front().bytes == made->files.front().bytes);
                    Envelope said = source.envelope();
                    if (options.split) continue;
                    check_silent(said, there.envelope(), made->report);
                }
            }
        }
    }
}

TEST_CASE("OVF 1.x becomes 2.x and 0.9 with the elements and namespaces of those, and comes back") {
    Diagnostics diagnostics;
    const Source source = Source::load((source_folder() / "samples" / "dmtf-enabled.ovf").string(), {}, diagnostics);
    WriteOptions options;
    options.options["dmtf.version"] = "2.0";
    const std::string two = translate(source, "dmtf", options, diagnostics).front().files.front().bytes;
    CHECK(two.find("http://schemas.dmtf.org/ovf/envelope/2") != std::string::npos);
    CHECK(two.find("<StorageItem>") != std::string::npos);
    CHECK(two.find("<EthernetPortItem>") != std::string::npos);
    CHECK(two.find("sasd:") != std::string::npos);
    CHECK(two.find("epasd:") != std::string::npos);
    options.options["dmtf.version"] = "0.9";
    const std::string old = translate(source, "dmtf", options, diagnostics).front().files.front().bytes;
    CHECK(old.find("http://www.vmware.com/schema/ovf/1/envelope") != std::string::npos);
    CHECK(old.find("ovf:VirtualSystem_Type") != std::string::npos);
    options.options["dmtf.version"] = "1.1";
    for (const std::string& text : {two, old}) {
        const Source there = parsed("there.ovf", text, "dmtf");
        const Translation back = translate(there, "dmtf", options, diagnostics).front();
        const Envelope now = parsed("back.ovf", back.files.front().bytes, "dmtf").envelope();
        CHECK(now.ovf_version == "1.1");
        check_silent(there.envelope(), now, back.report);
        CHECK(now.systems.front().hardware.balloon.state == BalloonState::enabled);
    }
}

TEST_CASE("what a dialect has to say where the source says nothing is named, and is no loss") {
    const Translation made = samples::to(samples::machine(), "vmware");
    const auto row = std::find_if(made.report.rows.begin(), made.report.rows.end(), [](const LossRow& r) { return r.field == "system_type"; });
    REQUIRE(row != made.report.rows.end());
    CHECK(row->rule == "convert-field-defaulted");
    CHECK(row->fate == Fate::defaulted);
    CHECK_FALSE(made.report.is_loss());
}

TEST_CASE("an option of another dialect asks for that dialect") {
    Diagnostics diagnostics;
    const Source source = Source::load((source_folder() / "samples" / "vmware-disabled.ovf").string(), {}, diagnostics);
    WriteOptions options;
    options.options["dmtf.version"] = "2.0";
    const Translation two = translate(source, "ovf", options, diagnostics).front();
    CHECK(two.report.target == "dmtf");
    CHECK(two.files.front().bytes.find("<StorageItem>") != std::string::npos);
    options.options.clear();
    options.options["libvirt.type"] = "qemu";
    CHECK(translate(source, "ovf", options, diagnostics).front().files.front().bytes == source.bytes());
}

TEST_CASE("what ovfkit does not know is dropped and named, or carried over as it stands") {
    std::ifstream in(source_folder() / "samples" / "dmtf-enabled.ovf", std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    bytes.insert(bytes.find("<Envelope ") + 10, "xmlns:acme=\"urn:acme\" acme:build=\"7\" ");
    bytes.insert(bytes.find("</VirtualSystem>"),
                 "  <acme:RackSection ovf:required=\"false\"><Info>Where it stands</Info><acme:Rack row='3'>B &amp; C</acme:Rack></acme:RackSection>\n  ");
    bytes.insert(bytes.find("</VirtualHardwareSection>"), "  <acme:Fan ovf:required=\"false\">2</acme:Fan>\n    ");
    bytes.insert(bytes.find("<File ") + 6, "acme:tier=\"gold\" ");
    const Source source = parsed("acme.ovf", bytes, "");
    const char* const texts[] = {"acme:RackSection", "row='3'", "B &amp; C", "<acme:Fan", "acme:tier=\"gold\"", "acme:build=\"7\""};
    for (const char* to : {"vmware", "dmtf"}) {
        for (const bool keep : {false, true}) {
            INFO(to << (keep ? " keeping" : ""));
            Diagnostics diagnostics;
            WriteOptions options;
            options.keep_foreign = keep;
            options.options["dmtf.version"] = "2.0";
            const Translation made = translate(source, to, options, diagnostics).front();
            const std::string& text = made.files.front().bytes;
            for (const char* part : texts) {
                INFO(part);
                CHECK((text.find(part) != std::string::npos) == keep);
            }
            const auto is_acme = [](const LossRow& row) {
                return row.rule == "convert-value-unmapped" &&
                       (row.path.find("acme:") != std::string::npos || row.detail.find("build") != std::string::npos || row.detail.find("tier") != std::string::npos);
            };
            const auto rows = std::count_if(made.report.rows.begin(), made.report.rows.end(), is_acme);
            if (keep)
                CHECK(rows == 0);
            else
                CHECK(rows >= 4);
            const Source again = parsed("again.ovf", text, to);
            CHECK(again.envelope().systems.front().hardware.memory.boot_bytes == source.envelope().systems.front().hardware.memory.boot_bytes);
            // It need not be understood, so a platform takes it.
            CHECK(converted(again, "libvirt"));
        }
    }
}
