#include "convert/unmapped.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <ovfkit/diagnostic.hpp>

#include "base/checked.hpp"
#include "base/printable.hpp"

namespace ovfkit::detail {

namespace {

/// Sections of DSP0243 1.x and 2.x, and those of vendors that only say how to place or deploy a VM.
constexpr std::array<std::string_view, 36> known_sections{
    "References", "DiskSection", "NetworkSection", "AnnotationSection", "ProductSection", "EulaSection",
    "OperatingSystemSection", "VirtualHardwareSection", "InstallSection", "StartupSection", "ResourceAllocationSection",
    "DeploymentOptionSection", "ScaleOutSection", "PlacementGroupSection", "PlacementSection", "SharedDiskSection",
    "EnvironmentFilesSection", "BootDeviceSection", "Section", "Strings", "IpAssignmentSection",
    "TagBasedPlacementGroupSection", "TagBasedPlacementSection", "StorageGroupSection", "StorageSection", "BootOrderSection",
    "vServiceDependencySection", "CpuCompatibilitySection", "MigrationUpgradeRequisitesSection", "VirtualDeviceGroupSection",
    "GuestCustomizationSection", "NetworkConfigSection", "CustomizationSection", "NetworkConnectionSection",
    "LeaseSettingsSection", "GanetiSection"};

constexpr std::array<std::string_view, 8> label_elements{"Info", "Caption", "Description", "ElementName", "Label", "Category", "Msg", "Notes"};

/// Attributes that carry structure, not a value of the machine.
bool is_structural(const Attribute& attribute) {
    const std::string_view local = attribute.local();
    return local == "required" || local == "msgid" || attribute.qname() == "xsi:type" || attribute.qname() == "xsi:schemaLocation";
}

bool is_content(Element element) {
    const std::string_view name = element.local();
    return name == "VirtualSystem" || name == "VirtualSystemCollection" || name == "Content";
}

/// What is below a VirtualSystemCollection and in none of its systems is the envelope's.
bool is_system(Element element) { return is_content(element) && element.local() != "VirtualSystemCollection"; }

bool is_container(Element element) { return is_content(element) || element.local() == "Envelope"; }

bool must_be_understood(Element section) {
    const std::string_view required = section.attribute_lax(Ns::ovf, "required").value();
    return required.empty() || to_boolean(trimmed(required)).value_or(true);
}

class Walk {
public:
    explicit Walk(const XmlDocument& document) : document_(document) {}

    std::vector<Unmapped> run() {
        visit(document_.root(), {}, false);
        return std::move(out_);
    }

private:
    /// Returns whether anything at or below the element was taken.
    bool visit(Element element, const std::string& system, bool skip_section_test) {
        const std::string id = is_system(element) ? std::string(element.attribute_lax(Ns::ovf, "id").value()) : system;
        if (const XmlDocument::Aside* aside = document_.aside(element)) {
            add(element, id, aside->why);
            out_.back().rule = aside->rule;
            out_.back().required = aside->required;
            return true;
        }
        bool taken = document_.taken(element.raw().internal_object());
        bool attribute_taken = false;
        std::string value;
        for (const Attribute& attribute : element.attributes()) {
            if (document_.taken(attribute.raw().internal_object())) {
                attribute_taken = true;
                continue;
            }
            if (is_structural(attribute)) continue;
            value += (value.empty() ? "@" : " @") + std::string(attribute.local()) + "='" + std::string(attribute.value()) + "'";
        }
        if (!taken) {
            const std::string_view text = trimmed(element.text());
            if (!text.empty()) value += (value.empty() ? "'" : " '") + std::string(text) + "'";
        }
        const bool section = !skip_section_test && element.parent() && is_container(element.parent()) && !is_container(element);
        std::size_t slot = out_.size();
        if (!value.empty()) add(element, id, std::move(value));
        bool below = false;
        for (Element child = element.first(); child; child = child.next()) below = visit(child, id, section) || below;
        taken = taken || attribute_taken || below;
        if (!taken && (section ? is_unknown_section(element) && must_be_understood(element) : insists(element))) {
            if (slot == out_.size() || out_[slot].origin.offset != element.offset())
                out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(slot), entry(element, id, std::string(element.qname())));
            out_[slot].required = true;
        }
        return taken;
    }

    /// A part of a section that says itself that it must be understood. Items are devices, and judged as such.
    static bool insists(Element element) {
        const std::string_view required = element.attribute_lax(Ns::ovf, "required").value();
        return to_boolean(trimmed(required)).value_or(false) && !is_container(element) &&
               !element.local().ends_with("Item") && element.ns() != Ns::none;
    }

    /// In a foreign namespace, or in OVF's with a name no version of the standard has.
    static bool is_unknown_section(Element element) {
        const Ns ns = element.ns();
        if (ns == Ns::none) return false;  // oVirt's general data
        return std::find(known_sections.begin(), known_sections.end(), element.local()) == known_sections.end() &&
               (ns != Ns::ovf || element.local().ends_with("Section"));
    }

    Unmapped entry(Element element, const std::string& system, std::string value) const {
        Unmapped out{system, document_.path_of(element), std::move(value), false, false, {element.offset()}, {}};
        out.label = std::find(label_elements.begin(), label_elements.end(), element.local()) != label_elements.end();
        return out;
    }

    void add(Element element, const std::string& system, std::string value) { out_.push_back(entry(element, system, std::move(value))); }

    const XmlDocument& document_;
    std::vector<Unmapped> out_;
};

/// A switch and the name of a configuration are none, whatever they are about.
bool is_plain(std::string_view value) {
    if (value == "'true'" || value == "'false'") return true;
    return value.starts_with("@configuration='") && std::count(value.begin(), value.end(), '\'') == 2;
}

}  // namespace

std::vector<Unmapped> unmapped_values(const XmlDocument& document) { return Walk(document).run(); }

std::string shown(const Unmapped& part) {
    if (is_plain(part.value)) return part.value;
    return speaks_of_secret(part.path) || speaks_of_secret(part.value) ? "(secret)" : part.value;
}

}  // namespace ovfkit::detail
