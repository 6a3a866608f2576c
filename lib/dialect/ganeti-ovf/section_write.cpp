#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "base/checked.hpp"
#include "dialect/ganeti-ovf/section.hpp"

namespace ovfkit::detail::ganeti_ovf {

namespace {

/// Settings with an element of their own, in ovfconverter's order.
struct Row {
    std::string_view space, key, element;
};
constexpr std::array rows{Row{"ganeti.be", "auto_balance", "AutoBalance"}, Row{"ganeti", "disk_template", "DiskTemplate"},
                          Row{"ganeti", "tags", "Tags"}};

/// A name with parameters of its own.
struct Group {
    std::string_view key, space, element;
};
constexpr std::array groups{Group{"os", "ganeti.os", "OperatingSystem"}, Group{"hypervisor", "ganeti.hv", "Hypervisor"}};

constexpr std::array nic_rows{Row{"ganeti", "mode", "Mode"}, Row{"ganeti", "link", "Link"}, Row{"ganeti", "network", "Net"}};

Fragment text(std::string_view local, std::string_view value) {
    Fragment out;
    out.ns = Ns::gnt;
    out.local = std::string(local);
    out.text = std::string(value);
    return out;
}

std::string value_of(const std::vector<Parameter>& parameters, std::string_view space, std::string_view key) {
    for (const Parameter& p : parameters)
        if (p.space == space && p.key == key) return p.value;
    return {};
}

/// A key becomes an element's name.
bool is_name(std::string_view key) {
    const auto letter = [](char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; };
    const auto other = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    return !key.empty() && key.size() <= 100 && letter(key.front()) &&
           std::all_of(key.begin(), key.end(), [&](char c) { return letter(c) || other(c); });
}

bool is_text(std::string_view value) { return !value.empty() && trimmed(value) == value; }

class SectionWriter {
public:
    SectionWriter(XmlDocument& document, Element section, const VirtualSystem& wanted, const VirtualSystem& plain,
                  const std::string& balloon)
        : document_(document), section_(section), wanted_(wanted), plain_(plain), balloon_(balloon) {}

    void edit(const VirtualSystem& have) {
        for (const Row& row : rows) {
            const std::string value = value_of(wanted_.parameters, row.space, row.key);
            edit_text(section_, row.element, value);
        }
        for (const Group& group : groups) edit_group(group);
        edit_nics(have);
    }

    /// A section of its own.
    [[nodiscard]] Fragment make() const {
        Fragment out = text("GanetiSection", "");
        out.children.push_back(text("Version", "0"));
        for (const Row& row : rows)
            if (const std::string value = value_of(wanted_.parameters, row.space, row.key); !value.empty())
                out.children.push_back(text(row.element, value));
        for (const Group& group : groups)
            if (has(group)) out.children.push_back(group_fragment(group));
        if (!wanted_.hardware.nics.empty()) out.children.push_back(network_fragment());
        return out;
    }

    [[nodiscard]] bool says_something() const {
        // NICs of a new descriptor are all named there: importers take what is missing for `auto`.
        const bool fresh = plain_.hardware.nics.empty() && !wanted_.hardware.nics.empty();
        return fresh || has_nics(wanted_) || std::any_of(wanted_.parameters.begin(), wanted_.parameters.end(), is_setting);
    }

private:
    /// Sets, adds or (empty value) takes out the child of that name; of several the first counts.
    void edit_text(Element parent, std::string_view local, const std::string& value) {
        Element found;
        for (Element child = parent.first(); child; child = child.next()) {
            if (child.local() != local || child.ns() != Ns::gnt) continue;
            if (!found) found = child;
            if (value.empty() && !trimmed(child.text()).empty()) document_.erase(child);
        }
        if (value.empty()) return;
        if (!found)
            document_.append(parent, text(local, value));
        else if (trimmed(found.text()) != value)
            document_.set_text(found, value);
    }

    // --------------------------------------------------------------- groups

    [[nodiscard]] std::vector<std::pair<std::string, std::string>> parameters_of(const Group& group) const {
        std::vector<std::pair<std::string, std::string>> out;
        for (const Parameter& p : wanted_.parameters)
            if (p.space == group.space && is_setting(p)) out.emplace_back(p.key, p.value);
        if (group.space == "ganeti.hv" && !balloon_.empty()) out.emplace_back("balloon", balloon_);
        return out;
    }

    [[nodiscard]] bool has(const Group& group) const {
        return !value_of(wanted_.parameters, "ganeti", group.key).empty() || !parameters_of(group).empty();
    }

    static Fragment parameters_fragment(const std::vector<std::pair<std::string, std::string>>& parameters) {
        Fragment out = text("Parameters", "");
        for (const auto& [key, value] : parameters) out.children.push_back(text(key, value));
        return out;
    }

    [[nodiscard]] Fragment group_fragment(const Group& group) const {
        Fragment out = text(group.element, "");
        if (const std::string name = value_of(wanted_.parameters, "ganeti", group.key); !name.empty())
            out.children.push_back(text("Name", name));
        if (const auto parameters = parameters_of(group); !parameters.empty())
            out.children.push_back(parameters_fragment(parameters));
        return out;
    }

    void edit_group(const Group& group) {
        const Element element = section_.child_lax(Ns::gnt, group.element);
        if (!element) {
            if (has(group)) document_.append(section_, group_fragment(group));
            return;
        }
        edit_text(element, "Name", value_of(wanted_.parameters, "ganeti", group.key));
        const auto parameters = parameters_of(group);
        const Element list = element.child_lax(Ns::gnt, "Parameters");
        if (!list) {
            if (!parameters.empty()) document_.append(element, parameters_fragment(parameters));
            return;
        }
        std::set<std::string_view> there;
        for (Element child = list.first(); child; child = child.next()) {
            const auto found = std::find_if(parameters.begin(), parameters.end(),
                                            [&](const auto& p) { return p.first == child.local(); });
            if (!there.insert(child.local()).second || trimmed(child.text()).empty()) continue;
            if (found == parameters.end())
                erase_all(list, child.local());
            else if (trimmed(child.text()) != found->second)
                document_.set_text(child, found->second);
        }
        for (const auto& [key, value] : parameters)
            if (there.count(key) == 0) document_.append(list, text(key, value));
    }

    void erase_all(Element list, std::string_view local) {
        for (Element child = list.first(); child; child = child.next())
            if (child.local() == local) document_.erase(child);
    }

    // ----------------------------------------------------------------- NICs

    static bool has_nics(const VirtualSystem& system) {
        return std::any_of(system.hardware.nics.begin(), system.hardware.nics.end(), [](const Nic& nic) {
            return !nic.ip.empty() || std::any_of(nic.info.parameters.begin(), nic.info.parameters.end(), is_nic_setting);
        });
    }

    /// Every NIC, in order: importers take what is not said for `auto`, and fail on a network of that name.
    [[nodiscard]] Fragment network_fragment() const {
        Fragment out = text("Network", "");
        for (const Nic& nic : wanted_.hardware.nics) {
            Fragment entry = text("Nic", "");
            entry.attributes.push_back({Ns::ovf, "name", nic.network});
            const auto add = [&](std::string_view local, const std::string& value) {
                entry.children.push_back(text(local, value.empty() ? "None" : value));
            };
            const auto set = [&](std::string_view key) { return value_of(nic.info.parameters, "ganeti", key); };
            if (!set("mode").empty()) add("Mode", set("mode"));
            if (!nic.mac.empty()) add("MACAddress", nic.mac);
            add("IPAddress", nic.ip);
            if (!set("link").empty()) add("Link", set("link"));
            add("Net", set("network"));
            out.children.push_back(std::move(entry));
        }
        return out;
    }

    /// The same NICs on the same networks.
    static bool same_nics(const std::vector<Nic>& a, const std::vector<Nic>& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Nic& x, const Nic& y) {
            return x.info.id == y.info.id && x.network == y.network;
        });
    }

    void edit_nics(const VirtualSystem& have) {
        const auto& nics = wanted_.hardware.nics;
        if (have.hardware.nics == nics) return;
        const auto elements = nic_elements(section_, plain_.hardware.nics);
        const bool all = elements.size() == nics.size() &&
                         std::all_of(elements.begin(), elements.end(), [](Element e) { return static_cast<bool>(e); });
        const Element network = section_.child_lax(Ns::gnt, "Network");
        if (!all || !same_nics(have.hardware.nics, nics)) {
            if (!network && !has_nics(wanted_)) return;
            if (network) document_.erase(network);
            if (!nics.empty()) document_.append(section_, network_fragment());
            return;
        }
        for (std::size_t i = 0; i < nics.size(); ++i) edit_nic(elements[i], have.hardware.nics[i], nics[i]);
    }

    void edit_nic(Element element, const Nic& have, const Nic& nic) {
        if (have == nic) return;
        if (have.mac != nic.mac && element.child_lax(Ns::gnt, "MACAddress")) edit_text(element, "MACAddress", nic.mac);
        if (have.ip != nic.ip) edit_text(element, "IPAddress", nic.ip);
        for (const Row& row : nic_rows) {
            const std::string value = value_of(nic.info.parameters, row.space, row.key);
            if (value != value_of(have.info.parameters, row.space, row.key)) edit_text(element, row.element, value);
        }
    }

    XmlDocument& document_;
    Element section_;
    const VirtualSystem& wanted_;
    const VirtualSystem& plain_;
    const std::string& balloon_;
};

}  // namespace

bool is_setting(const Parameter& parameter) {
    if (!is_text(parameter.value)) return false;
    for (const Row& row : rows)
        if (parameter.space == row.space && parameter.key == row.key) return true;
    for (const Group& group : groups) {
        if (parameter.space == "ganeti" && parameter.key == group.key) return true;
        if (parameter.space == group.space && is_name(parameter.key))
            return group.space != "ganeti.hv" || parameter.key != "balloon";
    }
    return false;
}

bool is_nic_setting(const Parameter& parameter) {
    if (!is_text(parameter.value) || equal_nocase(parameter.value, "none") || parameter.value == "auto") return false;
    return std::any_of(nic_rows.begin(), nic_rows.end(), [&](const Row& row) {
        return parameter.space == row.space && parameter.key == row.key;
    });
}

Element balloon_parameter(Element envelope) {
    return envelope.child(Ns::gnt, "GanetiSection")
        .child_lax(Ns::gnt, "Hypervisor")
        .child_lax(Ns::gnt, "Parameters")
        .child_lax(Ns::gnt, "balloon");
}

void update_section(XmlDocument& document, Element envelope, Element before, const VirtualSystem& have,
                    const VirtualSystem& wanted, const VirtualSystem& plain, const std::string& balloon) {
    const Element section = envelope.child(Ns::gnt, "GanetiSection");
    SectionWriter writer(document, section, wanted, plain, balloon);
    if (section) return writer.edit(have);
    if (writer.says_something() && before) document.insert_before(before, writer.make());
}

}  // namespace ovfkit::detail::ganeti_ovf
