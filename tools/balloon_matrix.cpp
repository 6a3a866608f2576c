#include "balloon_matrix.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include <ovfkit/convert.hpp>
#include <ovfkit/error.hpp>

namespace ovfkit::tool {

namespace {

/// One row: what is said of the balloon, and which member of the model shows whether it arrived.
struct Case {
    std::string_view title;
    std::string_view subtype;     ///< rasd:ResourceSubType of the Item; empty: no Item
    std::string_view attributes;  ///< of ovfkit:Balloon
    bool (*same)(const MemoryBalloon& a, const MemoryBalloon& b);
};

bool same_state(const MemoryBalloon& a, const MemoryBalloon& b) { return a.state == b.state; }
bool same_model(const MemoryBalloon& a, const MemoryBalloon& b) { return a.state == b.state && a.model == b.model; }
bool same_deflate(const MemoryBalloon& a, const MemoryBalloon& b) { return a.autodeflate == b.autodeflate; }
bool same_reporting(const MemoryBalloon& a, const MemoryBalloon& b) {
    return a.free_page_reporting == b.free_page_reporting;
}
bool same_period(const MemoryBalloon& a, const MemoryBalloon& b) {
    return a.stats_period_seconds == b.stats_period_seconds;
}

constexpr std::array cases{
    Case{"unspecified", "", "", same_state},
    Case{"disabled", "none", "", same_state},
    Case{"enabled", "virtio", "", same_state},
    Case{"model virtio", "virtio", "", same_model},
    Case{"model virtio-transitional", "virtio-transitional", "", same_model},
    Case{"model virtio-non-transitional", "virtio-non-transitional", "", same_model},
    Case{"model xen", "xen", "", same_model},
    Case{"model vmware", "vmware", "", same_model},
    Case{"model hyperv", "hyperv", "", same_model},
    Case{"model virtualbox", "virtualbox", "", same_model},
    Case{"autodeflate on", "virtio", R"(autodeflate="true")", same_deflate},
    Case{"autodeflate off", "virtio", R"(autodeflate="false")", same_deflate},
    Case{"free page reporting on", "virtio", R"(freePageReporting="true")", same_reporting},
    Case{"free page reporting off", "virtio", R"(freePageReporting="false")", same_reporting},
    Case{"statistics period", "virtio", R"(statsPeriodSeconds="5")", same_period},
};

/// A machine of 512 MiB in standard OVF, with the balloon entry of DESIGN's canonical form.
std::string descriptor(const Case& x) {
    std::string item;
    if (!x.subtype.empty()) {
        const std::string extra =
            x.attributes.empty() ? "" : fmt::format(R"(<ovfkit:Balloon ovf:required="false" {}/>)", x.attributes);
        item = fmt::format(
            R"(<Item ovf:required="false"><rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>)"
            R"(<rasd:Description>Memory balloon device</rasd:Description><rasd:ElementName>memballoon</rasd:ElementName>)"
            R"(<rasd:InstanceID>3</rasd:InstanceID><rasd:OtherResourceType>memballoon</rasd:OtherResourceType>)"
            R"(<rasd:ResourceSubType>{}</rasd:ResourceSubType><rasd:ResourceType>1</rasd:ResourceType>{}</Item>)",
            x.subtype, extra);
    }
    return fmt::format(
        R"(<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" )"
        R"(xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:ovfkit="urn:ovfkit:hardware:1">
<References/><VirtualSystem ovf:id="vm"><Info>A machine</Info><Name>vm</Name><VirtualHardwareSection><Info>Hardware</Info>
<Item><rasd:ElementName>cpu</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType>)"
        R"(<rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
<Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>memory</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID>)"
        R"(<rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
{}</VirtualHardwareSection></VirtualSystem></Envelope>)",
        item);
}

bool mentions_balloon(const LossRow& row) {
    const auto has = [](std::string_view text) { return text.find("balloon") != std::string_view::npos; };
    return has(row.path) || has(row.rule) || has(row.detail);
}

std::string cell(const Case& x, const Format& format) {
    Diagnostics diagnostics;
    ReadOptions read;
    read.unmapped = true;
    WriteOptions write;
    write.carry_origin = false;
    const Source source = Source::parse("matrix.ovf", descriptor(x), read, diagnostics);
    std::vector<Translation> results;
    try {
        results = translate(source, format.id, write, diagnostics);
    } catch (const InputError&) {
        return "refused";
    }
    const LossReport& report = results.at(0).report;
    const auto row = std::find_if(report.rows.begin(), report.rows.end(), mentions_balloon);
    const std::string reported = row == report.rows.end() ? "" : std::string(to_string(row->fate));
    if (!format.can_read) return reported.empty() ? "written" : reported;

    ReadOptions again;
    again.from = format.id;
    Diagnostics ignored;
    const Source back =
        Source::parse("matrix" + std::string(format.extension), results.at(0).files.at(0).bytes, again, ignored);
    const MemoryBalloon& sent = source.envelope().systems.at(0).hardware.balloon;
    const MemoryBalloon& came = back.envelope().systems.at(0).hardware.balloon;
    if (x.same(sent, came)) return reported.empty() || reported == "defaulted" ? "carried" : reported;
    return reported.empty() ? "LOST" : reported;
}

}  // namespace

std::string balloon_matrix() {
    std::string out = "| balloon |", rule = "|---|";
    for (const Format& format : formats())
        if (format.can_write) out += fmt::format(" {} |", format.id), rule += "---|";
    out += "\n" + rule + "\n";
    for (const Case& x : cases) {
        out += fmt::format("| {} |", x.title);
        for (const Format& format : formats())
            if (format.can_write) out += fmt::format(" {} |", cell(x, format));
        out += '\n';
    }
    return out;
}

}  // namespace ovfkit::tool
