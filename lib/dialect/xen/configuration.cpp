#include "dialect/xen/configuration.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/checked.hpp"

namespace ovfkit::detail::xen {

namespace {

constexpr std::size_t max_settings = 1024;
constexpr std::string_view element_name = "VirtualSystemOtherConfigurationData";

/// A setting that is a list; XenCenter compares names without case and takes `-` for `_`.
struct ListName {
    std::string_view name, space;
};
constexpr std::array lists{ListName{"HVM_boot_params", boot_space}, ListName{"platform", platform_space}};

bool same_name(std::string_view a, std::string_view b) {
    std::string left = to_lower(a), right = to_lower(b);
    std::replace(left.begin(), left.end(), '-', '_');
    std::replace(right.begin(), right.end(), '-', '_');
    return left == right;
}

std::string_view list_space(std::string_view name) {
    for (const ListName& row : lists)
        if (same_name(name, row.name)) return row.space;
    return {};
}

std::string_view list_name(std::string_view list) {
    for (const ListName& row : lists)
        if (row.space == list) return row.name;
    return {};
}

/// One entry of a list. `bare` has no `=`.
struct Entry {
    std::string_view key, value;
    bool bare = false;
};

std::vector<Entry> entries_of(std::string_view text, std::string_view list) {
    std::vector<Entry> out;
    // Old files give the boot order alone.
    if (list == boot_space && text.find_first_of("=;") == std::string_view::npos && !trimmed(text).empty())
        return {{"order", trimmed(text), true}};
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(';'), text.size());
        const std::string_view word = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty()) continue;
        const std::size_t equal = word.find('=');
        if (equal != std::string_view::npos)
            out.push_back({trimmed(word.substr(0, equal)), trimmed(word.substr(equal + 1))});
        else
            out.push_back({word, {}, true});
    }
    return out;
}

Element value_of(Element setting) { return setting.child_lax(Ns::xenovf, "Value"); }

/// Calls f(setting, name, list); `list` is empty for one that is a parameter as a whole. Of two lists of one name
/// the second is no list.
template <class F>
void for_each_setting(Element section, F&& f) {
    std::set<std::string_view> seen;
    for (Element child = section.first(); child; child = child.next()) {
        if (!child.is_lax(Ns::xenovf, element_name)) continue;
        const std::string_view name = trimmed(child.attribute_lax(Ns::xenovf, "Name").value());
        std::string_view list = list_space(name);
        if (!list.empty() && !seen.insert(list).second) list = {};
        f(child, name, list);
    }
}

using Key = std::pair<std::string_view, std::string_view>;

/// The values wanted for each key, in order.
std::map<Key, std::vector<std::string_view>> by_key(const std::vector<Parameter>& wanted) {
    std::map<Key, std::vector<std::string_view>> out;
    for (const Parameter& parameter : wanted) out[{parameter.space, parameter.key}].push_back(parameter.value);
    return out;
}

class Editor {
public:
    Editor(XmlDocument& document, Element section, const std::vector<Parameter>& wanted)
        : document_(document), section_(section), wanted_(wanted), values_(by_key(wanted)) {}

    void run() {
        for_each_setting(section_, [&](Element setting, std::string_view name, std::string_view list) {
            if (list.empty())
                edit_plain(setting, name);
            else
                edit_list(setting, list);
        });
        add_missing();
    }

private:
    /// The next value wanted for that key; nullopt: no more.
    std::optional<std::string_view> next(Key key) {
        const auto found = values_.find(key);
        std::size_t& used = used_[key];
        if (found == values_.end() || used == found->second.size()) return std::nullopt;
        return found->second[used++];
    }

    void edit_plain(Element setting, std::string_view name) {
        const auto value = next({space, name});
        if (!value) return document_.erase(setting);
        const Element present = value_of(setting);
        if (present && trimmed(present.text()) != *value)
            document_.set_text(present, *value);
        else if (!present && !value->empty())
            document_.append(setting, value_fragment(*value));
    }

    /// Entries keep their places; what is new goes to the end.
    void edit_list(Element setting, std::string_view list) {
        const Element present = value_of(setting);
        const std::string_view text = present.text();
        std::string out;
        bool changed = false;
        const auto entries = entries_of(text, list);
        const bool lone = list == boot_space && entries.size() == 1 && entries.front().bare && !entries.front().value.empty();
        for (const Entry& entry : entries) {
            const auto value = next({list, entry.key});
            changed = changed || !value || *value != entry.value;
            if (value && lone)
                out = *value;
            else if (value)
                add(out, entry.key, *value, entry.bare && value->empty());
        }
        bool grown = false;
        for (const Parameter& parameter : wanted_)
            if (parameter.space == list)
                if (const auto value = fresh(parameter)) {
                    if (!grown && lone && !out.empty()) out = "order=" + out;
                    grown = true;
                    add(out, parameter.key, *value, false);
                }
        done_.insert(list);
        if (!changed && !grown) return;
        if (out.empty()) return document_.erase(setting);
        if (trimmed(text).ends_with(';')) out += ';';
        if (present)
            document_.set_text(present, out);
        else
            document_.append(setting, value_fragment(out));
    }

    static void add(std::string& out, std::string_view key, std::string_view value, bool bare) {
        if (!out.empty()) out += ';';
        out += bare ? std::string(key) : fmt::format("{}={}", key, value);
    }

    /// The value of a parameter that no place of the document has taken: those come in the order of the list.
    std::optional<std::string_view> fresh(const Parameter& parameter) {
        const Key key{parameter.space, parameter.key};
        const std::size_t index = met_[key]++;
        if (index < used_[key]) return std::nullopt;
        used_[key] = index + 1;
        return parameter.value;
    }

    void add_missing() {
        for (const Parameter& parameter : wanted_) {
            if (parameter.space == space) {
                if (const auto value = fresh(parameter)) append(parameter.key, *value);
            } else if (done_.insert(parameter.space).second) {
                std::string text;
                for (const Parameter& other : wanted_)
                    if (other.space == parameter.space) add(text, other.key, other.value, false);
                append(list_name(parameter.space), text);
            }
        }
    }

    static Fragment named(std::string_view local, std::string_view text) {
        Fragment out;
        out.ns = Ns::xenovf;
        out.local = std::string(local);
        out.text = std::string(text);
        return out;
    }
    static Fragment value_fragment(std::string_view text) { return named("Value", text); }

    void append(std::string_view name, std::string_view text) {
        Fragment setting;
        setting.ns = Ns::xenovf;
        setting.local = std::string(element_name);
        setting.attributes.push_back({Ns::none, "Name", std::string(name)});
        setting.children.push_back(named("Info", "XenServer Specific Information"));
        setting.children.push_back(value_fragment(text));
        document_.append(section_, setting);
    }

    XmlDocument& document_;
    Element section_;
    const std::vector<Parameter>& wanted_;
    std::map<Key, std::vector<std::string_view>> values_;
    std::map<Key, std::size_t> used_, met_;
    std::set<std::string_view> done_;
};

}  // namespace

std::vector<Parameter> read_configuration(Element section, Diagnostics& diagnostics) {
    std::vector<Parameter> out;
    std::set<std::string_view> names;
    bool over = false;
    for_each_setting(section, [&](Element setting, std::string_view name, std::string_view list) {
        (void)setting.attribute_lax(Ns::xenovf, "id").take();  // of the setting itself; nothing refers to it
        (void)setting.attribute_lax(Ns::xenovf, "Name").take();
        const Element value = value_of(setting);
        const std::string_view text = trimmed(value.take());
        if (!names.insert(name).second && name != "vgpu")
            report(diagnostics, "xen-data-duplicate", setting,
                   fmt::format("the setting '{}' stands twice, which XenCenter does not import; the first counts",
                               printable(name, 60)));
        const auto entries = list.empty() ? std::vector<Entry>{} : entries_of(text, list);
        if (out.size() + std::max<std::size_t>(entries.size(), 1) > max_settings) {
            if (!over)
                report(diagnostics, "ovf-limit-exceeded", setting,
                       fmt::format("a VM has more than {} settings of XenServer", max_settings), Failure::refused);
            over = true;
            return;
        }
        if (list.empty()) out.push_back({std::string(space), std::string(name), std::string(text)});
        for (const Entry& entry : entries)
            out.push_back({std::string(list), std::string(entry.key), std::string(entry.value)});
    });
    return out;
}

bool is_setting(const Parameter& parameter) {
    const auto plain = [](std::string_view text) { return trimmed(text) == text; };
    if (!plain(parameter.key) || !plain(parameter.value)) return false;
    if (parameter.space == space) return !parameter.key.empty();
    if (list_name(parameter.space).empty() || parameter.key.empty()) return false;
    return parameter.key.find_first_of(";=") == std::string::npos &&
           parameter.value.find(';') == std::string::npos;
}

void update_configuration(XmlDocument& document, Element section, const std::vector<Parameter>& wanted) {
    Diagnostics quiet;
    if (read_configuration(section, quiet) == wanted) return;
    Editor(document, section, wanted).run();
}

}  // namespace ovfkit::detail::xen
