#include "dialect/ovirt/spec.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "descriptor/edit.hpp"

namespace ovfkit::detail::ovirt {

namespace {

bool same_name(std::string_view a, std::string_view b) {
    const auto is_id = [](std::string_view name) { return name == "InstanceId" || name == "InstanceID"; };
    return a == b || (is_id(a) && is_id(b));
}

Element child_named(Element parent, std::string_view name) {
    for (Element child = parent.first(); child; child = child.next())
        if (same_name(child.local(), name)) return child;
    return {};
}

Ns namespace_of(const Field& field, const Form& form) { return field.ns == Ns::none ? form.body : field.ns; }

std::string local_of(const Field& field, const Form& form) {
    return field.name == "InstanceID" && !form.upper_id ? std::string("InstanceId") : field.name;
}

/// Adds `a/b` = text below a SpecParams fragment.
void add_path(Fragment& parent, std::string_view path, std::string_view text, const Form& form) {
    const std::size_t slash = path.find('/');
    const std::string_view step = path.substr(0, slash);
    if (slash == std::string_view::npos) {
        parent.children.push_back(body_element(form, step, text));
        return;
    }
    const auto found = std::find_if(parent.children.begin(), parent.children.end(),
                                    [&](const Fragment& f) { return f.local == step; });
    Fragment& child =
        found != parent.children.end() ? *found : parent.children.emplace_back(body_element(form, step, {}));
    add_path(child, path.substr(slash + 1), text, form);
}

Fragment spec_params_of(const std::vector<std::pair<std::string, std::string>>& entries, const Form& form) {
    Fragment out = body_element(form, "SpecParams", {});
    for (const auto& [path, text] : entries) add_path(out, path, text, form);
    return out;
}

Element find_path(Element parent, std::string_view path) {
    while (parent && !path.empty()) {
        const std::size_t slash = path.find('/');
        parent = child_named(parent, path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    }
    return parent;
}

const std::string* value_at(const std::vector<std::pair<std::string, std::string>>& entries, std::string_view path) {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.first == path; });
    return found == entries.end() ? nullptr : &found->second;
}

void set_if_other(XmlDocument& document, Element element, std::string_view text) {
    if (trimmed(element.text()) != text) document.set_text(element, text);
}

void insert_field(XmlDocument& document, Element item, const ItemSpec& wanted, std::size_t index, const Form& form) {
    const Field& field = wanted.fields[index];
    Fragment child = text_fragment(namespace_of(field, form), local_of(field, form), field.text);
    for (std::size_t i = index; i-- > 0;)
        if (const Element earlier = child_named(item, wanted.fields[i].name))
            return document.insert_after(earlier, child);
    if (const Element first = item.first()) return document.insert_before(first, child);
    document.append(item, child);
}

void apply_spec_params(XmlDocument& document, Element item, const ItemSpec& have, const ItemSpec& wanted,
                       const Form& form) {
    if (have.spec_params == wanted.spec_params) return;
    const Element present = child_named(item, "SpecParams");
    if (!present) {
        std::vector<std::pair<std::string, std::string>> added;
        for (const auto& entry : wanted.spec_params)
            if (!entry.second.empty()) added.push_back(entry);
        if (added.empty()) return;
        const Fragment fragment = spec_params_of(added, form);
        if (const Element alias = child_named(item, "Alias"))
            document.insert_after(alias, fragment);
        else
            document.append(item, fragment);
        return;
    }
    bool left = false;
    for (const auto& entry : wanted.spec_params)
        left = left || find_path(present, entry.first) || !entry.second.empty();
    if (!left && wanted.spec_params.empty() && have.spec_params.size() >= 1) {
        bool foreign = false;  // something the model does not hold stays
        for (Element child = present.first(); child; child = child.next())
            foreign = foreign || value_at(have.spec_params, child.local()) == nullptr;
        if (!foreign) return document.erase(present);
    }
    for (const auto& [path, text] : wanted.spec_params) {
        const std::string* before = value_at(have.spec_params, path);
        const Element at = find_path(present, path);
        if (before != nullptr && *before == text) continue;
        if (at) {
            set_if_other(document, at, text);
        } else if (!text.empty()) {
            Fragment holder;
            add_path(holder, path, text, form);
            document.append(present, holder.children.front());
        }
    }
    for (const auto& [path, text] : have.spec_params)
        if (value_at(wanted.spec_params, path) == nullptr)
            if (const Element at = find_path(present, path)) document.erase(at);
}

}  // namespace

const Field* ItemSpec::find(std::string_view name) const {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return same_name(field.name, name); });
    return found == fields.end() ? nullptr : &*found;
}

Fragment fragment_of(const ItemSpec& spec, const Form& form) {
    Fragment out;
    out.ns = form.body;
    out.local = "Item";
    for (const Field& field : spec.fields)
        if (!field.only_present)
            out.children.push_back(text_fragment(namespace_of(field, form), local_of(field, form), field.text));
    if (!spec.spec_params.empty()) out.children.push_back(spec_params_of(spec.spec_params, form));
    return out;
}

void apply(XmlDocument& document, Element item, const ItemSpec& have, const ItemSpec& wanted, const Form& form) {
    for (std::size_t i = 0; i < wanted.fields.size(); ++i) {
        const Field& field = wanted.fields[i];
        const Field* before = have.find(field.name);
        if (before != nullptr && before->text == field.text && (before->implied == field.implied || field.implied))
            continue;
        if (const Element present = child_named(item, field.name))
            set_if_other(document, present, field.text);
        else if (!field.only_present && !field.text.empty())
            insert_field(document, item, wanted, i, form);
    }
    for (const Field& field : have.fields)
        if (wanted.find(field.name) == nullptr)
            if (const Element present = child_named(item, field.name)) document.erase(present);
    apply_spec_params(document, item, have, wanted, form);
}

Fragment fragment_of(std::string_view local, const AttributeSpecs& attributes, const Form& form) {
    Fragment out;
    out.ns = form.body;
    out.local = std::string(local);
    for (const AttributeSpec& attribute : attributes)
        if (!attribute.text.empty() || attribute.empty)
            out.attributes.push_back({Ns::ovf, attribute.name, attribute.text});
    return out;
}

void apply(XmlDocument& document, Element element, const AttributeSpecs& have, const AttributeSpecs& wanted) {
    const auto find = [](const AttributeSpecs& specs, std::string_view name) {
        return std::find_if(specs.begin(), specs.end(), [&](const AttributeSpec& spec) { return spec.name == name; });
    };
    for (const AttributeSpec& attribute : wanted) {
        const auto before = find(have, attribute.name);
        if (before != have.end() && before->text == attribute.text) continue;
        const Attribute present = element.attribute_lax(Ns::ovf, attribute.name);
        if (present && attribute.empty && attribute.text.empty())
            document.set_attribute(element, present.ns(element.raw()), attribute.name, {});
        else
            edit_attribute(document, element, Ns::ovf, attribute.name, attribute.text);
    }
    for (const AttributeSpec& attribute : have)
        if (find(wanted, attribute.name) == wanted.end())
            edit_attribute(document, element, Ns::ovf, attribute.name, {});
}

Fragment body_element(const Form& form, std::string_view local, std::string_view text) {
    return text_fragment(form.body, local, text);
}

}  // namespace ovfkit::detail::ovirt
