// The rules of lib/convert, each by what gives it.
#include "catch.hpp"
#include "systems.hpp"

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
