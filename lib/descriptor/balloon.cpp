#include "descriptor/balloon.hpp"

#include <array>

#include <fmt/format.h>

namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 2> carried{"state", "model"};

struct Alias {
    std::string_view word;
    BalloonModel model;
};
/// Words for the models that other tools or proposals use.
constexpr std::array aliases{Alias{"vmmemctl", BalloonModel::vmware},
                             Alias{"vbox", BalloonModel::virtualbox},
                             Alias{"virtio-balloon", BalloonModel::virtio},
                             Alias{"virtio-balloon-pci", BalloonModel::virtio},
                             Alias{"virtio-balloon-ccw", BalloonModel::virtio},
                             Alias{"virtio-balloon-pci-transitional", BalloonModel::virtio_transitional},
                             Alias{"virtio-balloon-pci-non-transitional", BalloonModel::virtio_non_transitional}};

constexpr std::string_view none = "none";

bool is_none(std::string_view word) {
    return equal_nocase(word, none) || equal_nocase(word, "disabled") || equal_nocase(word, "off");
}

std::optional<BalloonModel> model_of(std::string_view word) {
    if (const auto model = balloon_model_from(word)) return model;
    for (const Alias& alias : aliases)
        if (equal_nocase(word, alias.word)) return alias.model;
    return std::nullopt;
}

bool starts_nocase(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && equal_nocase(text.substr(0, prefix.size()), prefix);
}

std::string_view oword(const EffectiveItem& item, std::string_view name) {
    return trimmed(item.item.extra(Ns::ovf, name).text());
}

bool has_ovirt_form(const EffectiveItem& item) {
    return equal_nocase(oword(item, "Type"), "balloon") || equal_nocase(oword(item, "Device"), "memballoon");
}

bool has_other_type(const EffectiveItem& item) {
    const std::string_view word = item.item.text(Rasd::OtherResourceType);
    return equal_nocase(word, "memballoon") || equal_nocase(word, "balloon");
}

Element ovirt_model(const EffectiveItem& item) {
    return item.item.extra(Ns::ovf, "SpecParams").child_lax(Ns::ovf, "model");
}

/// What the Item says without our own element.
struct Plain {
    BalloonState state = BalloonState::enabled;
    BalloonModel model = BalloonModel::unspecified;
    bool sure = true;  ///< false: nothing but the Item's presence says so
};

void read_word(std::string_view word, Element element, Plain& out, const DecodeContext& context) {
    if (is_none(word)) {
        out.state = BalloonState::disabled;
        (void)element.take();
    } else if (const auto model = model_of(word)) {
        out.model = *model;
        (void)element.take();
    } else {
        report(
            context.diagnostics, "balloon-model-unknown", element,
            fmt::format(
                "the balloon's model is '{}', which is not known; the balloon counts as enabled, its model as not said",
                printable(word, 60)));
    }
}

Plain read_plain(const EffectiveItem& item, const DecodeContext& context) {
    Plain out;
    const Item& fields = item.item;
    if (has_ovirt_form(item)) {
        (void)fields.extra(Ns::ovf, "Type").take();
        (void)fields.extra(Ns::ovf, "Device").take();
        const Element model = ovirt_model(item);
        const std::string_view word = trimmed(model.text());
        out.sure = !word.empty();
        if (!word.empty()) read_word(word, model, out, context);
        return out;
    }
    (void)fields.take(Rasd::OtherResourceType);
    const auto allocated = to_boolean(to_lower(fields.text(Rasd::AutomaticAllocation).substr(0, 6)));
    const std::string_view word = fields.text(Rasd::ResourceSubType);
    if (!word.empty()) {
        read_word(word, fields.get(Rasd::ResourceSubType), out, context);
    } else if (allocated) {
        out.state = *allocated ? BalloonState::enabled : BalloonState::disabled;
    } else {
        out.state = BalloonState::unspecified;
        out.sure = false;
    }
    if (allocated && *allocated == (out.state == BalloonState::enabled)) (void)fields.take(Rasd::AutomaticAllocation);
    return out;
}

void report_conflict(const DecodeContext& context, Element extension, std::string_view what, std::string_view own,
                     std::string_view item) {
    report(context.diagnostics, "balloon-extension-conflict", extension,
           fmt::format("the {} says the balloon's {} is '{}', the Item says '{}'; the first counts", extension.qname(),
                       what, own, item));
}

}  // namespace

bool is_balloon(const EffectiveItem& item) {
    if (item.type != rt_other && item.type != rt_zero) return false;
    if (has_other_type(item) || has_ovirt_form(item)) return true;
    const std::string_view sub_type = item.item.text(Rasd::ResourceSubType);
    if (starts_nocase(sub_type, "virtio-balloon")) return true;
    return starts_nocase(item.item.text(Rasd::ElementName), "memballoon") &&
           (is_none(sub_type) || model_of(sub_type).has_value());
}

MemoryBalloon decode_balloon(const EffectiveItem& item, const DecodeContext& context) {
    MemoryBalloon balloon;
    read_info(item, balloon.info, "Balloon");
    if (!has_other_type(item) && !has_ovirt_form(item))
        report(
            context.diagnostics, "balloon-form-unusual", item.item.element,
            "the Item is read as the memory balloon by its name; give it rasd:OtherResourceType memballoon to be sure");
    const Plain plain = read_plain(item, context);
    balloon.state = plain.state;
    balloon.model = plain.model;
    const Element extension = extension_of(item.item, "Balloon");
    read_extension(extension, balloon, carried, context.diagnostics);
    MemoryBalloon own;
    own.state = plain.state;
    bool has_state = false;
    if (extension) {
        read_extension(extension, own, {}, context.diagnostics);
        has_state = balloon_state_from(extension.attribute_lax(Ns::hardware, "state").value()).has_value();
    }
    if (has_state) {
        if (plain.sure && own.state != plain.state)
            report_conflict(context, extension, "state", to_string(own.state), to_string(plain.state));
        balloon.state = own.state;
    } else if (!plain.sure && plain.state == BalloonState::unspecified) {
        report(context.diagnostics, "balloon-state-unclear", item.item.element,
               "the balloon Item says neither a model nor whether it is there; give it a rasd:ResourceSubType: virtio, "
               "or none");
    }
    if (own.model != BalloonModel::unspecified) {
        if (plain.model != BalloonModel::unspecified && own.model != plain.model)
            report_conflict(context, extension, "model", to_string(own.model), to_string(plain.model));
        balloon.model = own.model;
    }
    return balloon;
}

bool needs_item(const MemoryBalloon& balloon) {
    if (balloon.state != BalloonState::unspecified || balloon.model != BalloonModel::unspecified ||
        !balloon.info.parameters.empty())
        return true;
    ExtensionRows rows;
    extension_rows(balloon, carried, rows);
    for (const auto& row : rows)
        if (!row.second.empty()) return true;
    return false;
}

DeviceRows rows_of(const MemoryBalloon& balloon) {
    DeviceRows rows;
    rows.extension_name = "Balloon";
    rows.required = false;
    const bool enabled = balloon.state == BalloonState::enabled, disabled = balloon.state == BalloonState::disabled;
    rows.add(Rasd::AutomaticAllocation, enabled ? "true" : disabled ? "false" : "");
    rows.add(Rasd::OtherResourceType, "memballoon");
    rows.add(Rasd::ResourceSubType, enabled    ? std::string(to_string(balloon.model))
                                    : disabled ? std::string(none)
                                               : std::string{});
    rows.add(Rasd::ResourceType, std::to_string(rt_other));
    rows.add_info(balloon.info);
    // Who drops foreign elements still knows state and model of an enabled one from the standard's own properties.
    rows.extension.emplace_back("state", enabled || disabled ? "" : "unspecified");
    rows.extension.emplace_back("model", enabled ? "" : std::string(to_string(balloon.model)));
    extension_rows(balloon, carried, rows.extension);
    return rows;
}

void update_balloon(Editing& editing, const EffectiveItem& item, const MemoryBalloon& have,
                    const MemoryBalloon& wanted) {
    XmlDocument& document = editing.document;
    if (!needs_item(wanted)) {
        document.erase(item.item.element);
        for (const Element& further : item.overrides) document.erase(further);
        return;
    }
    DeviceRows before = rows_of(have), after = rows_of(wanted);
    if (!needs_item(have)) before.extension.front().second.clear();  // it says nothing, not even that
    if (!has_ovirt_form(item)) return apply(editing, item, before, after);
    // oVirt's form has its model elsewhere, and no word for the rest of it.
    const auto model_row = [](DeviceRows& rows) -> std::string& { return rows.fields[2].second; };
    if (model_row(before) != model_row(after)) {
        const Element model = ovirt_model(item);
        const Element params = item.item.extra(Ns::ovf, "SpecParams");
        if (model && model_row(after).empty())
            document.erase(model);
        else if (model)
            document.set_text(model, model_row(after));
        else if (params)
            document.append(params, text_fragment(params.ns(), "model", model_row(after)));
        else {
            Fragment added = text_fragment(item.item.extra(Ns::ovf, "Type").ns(), "SpecParams", "");
            added.children.push_back(text_fragment(added.ns, "model", model_row(after)));
            document.append(item.item.element, added);
        }
    }
    for (std::size_t i = 0; i < 4; ++i) before.fields[i].second = after.fields[i].second;
    apply(editing, item, before, after);
}

}  // namespace ovfkit::detail
