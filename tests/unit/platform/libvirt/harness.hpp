#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <pugixml.hpp>

#include "catch.hpp"
#include "model/leaf.hpp"
#include "systems.hpp"

namespace ovfkit::detail {
extern const Platform platform_libvirt;
}

namespace harness {

using namespace ovfkit;
using Options = std::map<std::string, std::string, std::less<>>;

/// What write() made of the first system.
struct Output {
    std::string text, file;
    std::vector<detail::LossNote> notes;
    std::vector<std::pair<std::string, std::string>> ids;
    std::vector<Diagnostic> diagnostics;
    bool origin_carried = false;
    pugi::xml_document xml;

    [[nodiscard]] std::string at(const char* xpath) const {
        const pugi::xpath_node node = xml.select_node(xpath);
        return node.attribute() ? node.attribute().value() : node.node().text().get();
    }
    [[nodiscard]] std::size_t count(const char* xpath) const { return xml.select_nodes(xpath).size(); }
    /// The note of that rule (and field); nullptr when there is none.
    [[nodiscard]] const detail::LossNote* note(std::string_view rule, std::string_view field = {}) const {
        for (const detail::LossNote& n : notes)
            if (n.rule == rule && (field.empty() || n.field == field)) return &n;
        return nullptr;
    }
    [[nodiscard]] const Diagnostic* finding(std::string_view rule) const {
        for (const Diagnostic& d : diagnostics)
            if (d.rule == rule) return &d;
        return nullptr;
    }
    [[nodiscard]] bool has_errors() const {
        return std::any_of(diagnostics.begin(), diagnostics.end(),
                           [](const Diagnostic& d) { return d.severity == Severity::error; });
    }
    [[nodiscard]] std::string id(std::string_view mine) const {
        for (const auto& [a, b] : ids)
            if (a == mine) return b;
        return {};
    }
};

inline Output write(const Envelope& envelope, const Options& options = {}, std::string_view origin = {},
                    BalloonState balloon = BalloonState::enabled, std::size_t system = 0) {
    Diagnostics diagnostics;
    WriteOptions write_options;
    write_options.balloon_default = balloon;
    for (const auto& [key, value] : options)
        write_options.options[key.find('.') == std::string::npos ? "libvirt." + key : key] = value;
    detail::WriteContext context{diagnostics, write_options, origin, origin.empty() ? "" : "source.ovf"};
    detail::Written written = detail::platform_libvirt.write("libvirt", envelope, envelope.systems.at(system), context);
    Output out;
    out.text = written.files.at(0).bytes;
    out.file = written.files.at(0).name;
    out.notes = std::move(written.notes);
    out.ids = std::move(written.ids);
    out.diagnostics = diagnostics.all();
    out.origin_carried = written.origin_carried;
    REQUIRE(out.xml.load_string(out.text.c_str()));
    return out;
}

struct Input {
    Envelope envelope;
    detail::Carried carried;
    std::vector<Diagnostic> diagnostics;

    [[nodiscard]] const VirtualSystem& system() const { return envelope.systems.at(0); }
    [[nodiscard]] const Hardware& hardware() const { return system().hardware; }
    [[nodiscard]] const Diagnostic* finding(std::string_view rule) const {
        for (const Diagnostic& d : diagnostics)
            if (d.rule == rule) return &d;
        return nullptr;
    }
    [[nodiscard]] bool clean() const { return diagnostics.empty(); }
    [[nodiscard]] std::string unmapped() const {
        std::string out;
        for (const Unmapped& u : envelope.unmapped) out += u.path + " " + u.value + "\n";
        return out;
    }
};

inline Input read(const std::string& text) {
    Diagnostics diagnostics;
    ReadOptions options;
    options.unmapped = true;
    detail::ReadContext context{diagnostics, options};
    Input in;
    in.envelope = detail::platform_libvirt.read("libvirt", "vm.xml", text, context, in.carried);
    in.diagnostics = diagnostics.all();
    return in;
}

/// A domain of 512 MiB with `devices` inside, `more` beside them.
inline std::string domain(const std::string& devices, const std::string& more = {}, const std::string& type = "kvm") {
    return "<domain type='" + type +
           "'>\n<name>vm</name>\n<memory unit='KiB'>524288</memory>\n<vcpu>1</vcpu>\n"
           "<os><type arch='x86_64' machine='pc'>hvm</type></os>\n" +
           more + "<devices>\n" + devices + "\n</devices>\n</domain>\n";
}

/// What is written reads back without a finding.
inline Input reread(const Output& out) {
    Input in = read(out.text);
    CAPTURE(out.text);
    for (const Diagnostic& d : in.diagnostics) UNSCOPED_INFO(render_text(d));
    CHECK(in.clean());
    CHECK(in.unmapped().empty());
    return in;
}

}  // namespace harness
