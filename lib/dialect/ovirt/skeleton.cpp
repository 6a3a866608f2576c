#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/xml_writer.hpp"
#include "dialect/ovirt/balloon.hpp"
#include "dialect/ovirt/disks.hpp"
#include "dialect/ovirt/form.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

constexpr std::array<OptionSpec, 2> option_specs{
    {{"version", "3.0|3.1|3.2|3.3|3.4|3.5|3.6|4.0|4.1|4.2|4.3|4.4|4.5", "4.5",
      "engine version to write for; 4.4 means 4.4.6 or later"},
     {"flavour", "export|ova", "export",
      "export domain and OVF_STORE, or the descriptor of an engine OVA (4.2 and later)"}}};

constexpr std::string_view ovirt_uri = "http://www.ovirt.org/ovf";

/// What the engine's DB option VdcVersion says, which is not its own version.
std::string vdc_version(Level level) {
    if (level >= 404) return "4.4.0.0";
    if (level >= 401) return "4.1.0.0";
    return fmt::format("{}.{}.0.0", level / 100, level % 100);
}

std::string cluster_version(Level level) {
    return level == 405 ? "4.7" : fmt::format("{}.{}", level / 100, level % 100);
}

class Skeleton {
public:
    Skeleton(const Envelope& wanted, Level level, bool ova) : wanted_(wanted), level_(level), ova_(ova) {}

    std::string text() {
        envelope();
        w_.leaf("References", "");
        networks();
        section("DiskSection", [&] { w_.leaf("Info", "List of Virtual Disks"); });
        for (const VirtualSystem& system : wanted_.systems) virtual_system(system);
        w_.close();
        return w_.text();
    }

private:
    void envelope() {
        // The engine's reader knows exactly these prefixes. Its OVA reader cuts xmlns="..." out with a pattern that
        // must not meet the end of the tag: the default namespace is never the last attribute.
        const std::string ovf = std::string(uri_of(Ns::ovf)) + (ova_ ? "" : "/");
        XmlWriter::Attributes attributes{{"xmlns:ovf", ovf},
                                         {"xmlns:rasd", std::string(uri_of(Ns::rasd))},
                                         {"xmlns:vssd", std::string(uri_of(Ns::vssd))},
                                         {"xmlns:xsi", std::string(uri_of(Ns::xsi))}};
        if (ova_) {
            attributes.emplace_back("xmlns", ovf);
            attributes.emplace_back("xmlns:ovirt", std::string(ovirt_uri));
        } else {
            attributes.emplace_back("ovf:version", vdc_version(level_));
        }
        w_.open("ovf:Envelope", attributes);
    }

    template <class Body>
    void section(std::string_view name, Body body, XmlWriter::Attributes attributes = {}) {
        const std::string type = fmt::format("ovf:{}_Type", name);
        if (!ova_) attributes.emplace_back("xsi:type", type);
        w_.open(ova_ ? name : "Section", attributes);
        body();
        w_.close();
    }

    void networks() {
        if (level_ < level_allocated)
            return section("NetworkSection", [&] {
                w_.leaf("Info", "List of networks");
                w_.leaf("Network", "", {{"ovf:name", "Network 1"}});
            });
        w_.open("NetworkSection");
        w_.leaf("Info", "List of networks");
        w_.close();
    }

    void virtual_system(const VirtualSystem& system) {
        const std::string uuid = seed_of(system);
        if (ova_)
            w_.open("VirtualSystem", {{"ovf:id", uuid}});
        else
            w_.open("Content", {{"ovf:id", "out"}, {"xsi:type", "ovf:VirtualSystem_Type"}});
        w_.leaf("Name", "");
        w_.leaf("Description", "");
        if (level_ >= 400) w_.leaf("ClusterCompatibilityVersion", cluster_version(level_));
        w_.leaf("VmType", "1");
        if (level_ >= level_flag) w_.leaf("BalloonEnabled", "false");
        w_.leaf("TemplateId", zero_uuid);
        if (!ova_) w_.leaf("TemplateName", "Blank");
        w_.leaf("IsInitilized", "true");  // spelled so in the engine
        w_.leaf("Origin", "3");
        operating_system(uuid);
        section("VirtualHardwareSection", [&] { hardware(uuid); });
        w_.close();
    }

    void operating_system(const std::string& uuid) {
        XmlWriter::Attributes attributes{{"ovf:id", ova_ ? std::string("1") : uuid}};
        if (ova_) attributes.emplace_back("ovirt:id", "0");
        attributes.emplace_back("ovf:required", "false");
        section(
            "OperatingSystemSection",
            [&] {
                w_.leaf("Info", "Guest Operating System");
                w_.leaf("Description", ova_ ? "" : "other");
            },
            attributes);
    }

    void hardware(const std::string& uuid) {
        w_.leaf("Info", level_ < 400 ? "0 CPU, 0 Memeory" : "0 CPU, 0 Memory");
        w_.open("System");
        w_.leaf("vssd:VirtualSystemType", "ENGINE " + vdc_version(level_));
        w_.close();
        if (level_ < level_flag) return;
        // From 4.4.6 on the device always exists; BalloonEnabled says whether it is used.
        Form form;
        form.flavour = ova_ ? Flavour::ova : Flavour::exported;
        form.upper_id = ova_;
        write(balloon_item({}, new_balloon_id(uuid), form));
    }

    void write(const Fragment& fragment) {
        const std::string name = (fragment.ns == Ns::rasd ? "rasd:" : "") + fragment.local;
        if (fragment.children.empty()) return w_.leaf(name, fragment.text);
        w_.open(name);
        for (const Fragment& child : fragment.children) write(child);
        w_.close();
    }

    const Envelope& wanted_;
    Level level_;
    bool ova_;
    XmlWriter w_;
};

}  // namespace

std::span<const OptionSpec> options() { return option_specs; }

std::string skeleton(const Envelope& wanted, WriteContext& context) {
    Level level = level_from(context.option("ovirt", option_specs, "version"));
    if (level == 0) level = 405;
    const bool ova = context.option("ovirt", option_specs, "flavour") == "ova";
    if (ova && level < level_allocated) {
        report(context.diagnostics, "ovirt-ova-version", Location{"-O ovirt.version", 0, 0},
               fmt::format("oVirt {}.{} has no OVAs: write for 4.2 or later, or with -O ovirt.flavour=export",
                           level / 100, level % 100),
               Failure::refused);
        level = level_allocated;
    }
    // Written with the engine's quotes; no value here holds either kind.
    std::string text = Skeleton(wanted, level, ova).text();
    std::replace(text.begin(), text.end(), '\'', '"');
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text;
}

}  // namespace ovfkit::detail::ovirt
