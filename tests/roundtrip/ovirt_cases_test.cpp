// The cases of oVirt's balloon as other platforms get them: exactly one decision, and the right one.
#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "systems.hpp"
#include "where.hpp"

using namespace ovfkit;
using namespace samples;

namespace {

std::string fixture(const std::string& name) {
    std::ifstream in(source_folder() / "tests/unit/dialect/ovirt" / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

/// The balloon Item of a fixture, whole.
std::string item_of(const std::string& text) {
    const auto word = text.find("<Type>balloon</Type>");
    REQUIRE(word != std::string::npos);
    const auto begin = text.rfind("<Item>", word), end = text.find("</Item>", word) + 7;
    return text.substr(begin, end - begin);
}

std::string libvirt(const std::string& bytes) {
    Diagnostics diagnostics;
    WriteOptions options;
    options.carry_origin = false;
    options.lenient = true;
    const Source source = Source::parse("x.ovf", bytes, {}, diagnostics);
    return translate(source, "libvirt", options, diagnostics).front().files.front().bytes;
}

void check_libvirt(const std::string& bytes, const std::string& model) {
    const std::string text = libvirt(bytes);
    const auto at = text.find("<memballoon model='" + model + "'");
    CHECK(at != std::string::npos);
    CHECK(text.find("<memballoon", text.find("<memballoon") + 1) == std::string::npos);
}

}  // namespace

TEST_CASE("oVirt's balloon in libvirt: off is model none, on is virtio, never two") {
    check_libvirt(fixture("export-3.0.ovf"), "none");    // 1
    check_libvirt(fixture("export-3.1.ovf"), "virtio");  // 2
    check_libvirt(fixture("export-4.5.ovf"), "none");    // 5
    check_libvirt(fixture("ova-4.5.ovf"), "virtio");     // 6
    const std::string plain = fixture("export-4.3.ovf");
    const std::string item = item_of(plain);
    check_libvirt(with(plain, item, with(item, "<model>virtio</model>", "<model>none</model>")), "none");            // 3
    check_libvirt(with(plain, item, with(item, "<IsPlugged>true</IsPlugged>", "<IsPlugged>false</IsPlugged>")), "none");  // 13
    const std::string other = with(item, "InstanceId>51a7", "InstanceId>61a7");
    check_libvirt(with(plain, item, item + other), "virtio");  // 11
    check_libvirt(with(plain, item, ""), "none");
}

TEST_CASE("oVirt's balloon in Ganeti: off is minmem at maxmem, or balloon=none where the cluster has it") {
    const auto hvparams = [](const std::string& bytes) {
        Diagnostics diagnostics;
        WriteOptions options;
        options.options["ganeti.profile"] = "balloon-hvparam";
        options.lenient = true;
        const Source source = Source::parse("x.ovf", bytes, {}, diagnostics);
        return translate(source, "ganeti-hvparams", options, diagnostics).front().files.front().bytes;
    };
    CHECK(hvparams(fixture("export-3.0.ovf")).find("\"balloon\": \"none\"") != std::string::npos);
    CHECK(hvparams(fixture("export-4.5.ovf")).find("\"balloon\": \"none\"") != std::string::npos);
    CHECK(hvparams(fixture("ova-4.5.ovf")).find("\"balloon\": \"virtio\"") != std::string::npos);
}
