#include "dialect/ovirt/balloon.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "dialect/ovirt/disks.hpp"
#include "dialect/ovirt/general.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

/// BalloonEnabled as the engine reads it: nullopt when absent or empty.
std::optional<bool> read_flag(Element system, Diagnostics& diagnostics) {
    const Element element = general_element(system, "BalloonEnabled");
    if (!element) return std::nullopt;
    for (Element other = element.next(); other; other = other.next())
        if (other.local() == "BalloonEnabled" && other.ns() == element.ns())
            report(diagnostics, "ovirt-balloon-flag-duplicate", other, "a second BalloonEnabled is ignored; remove it");
    const std::string_view text = element.text();
    if (trimmed(text).empty()) return std::nullopt;
    (void)element.take();
    if (!equal_nocase(text, "true") && !equal_nocase(text, "false"))
        report(diagnostics, "ovirt-balloon-flag-invalid", element,
               fmt::format("BalloonEnabled '{}' is read as false: only the word true, without blanks, is true; write "
                           "true or false",
                           printable(text, 40)));
    return java_true(text);
}

std::string_view model_text(const ItemRef& ref) {
    for (Element child = ref.item.element.first(); child; child = child.next())
        if (child.local() == "SpecParams")
            for (Element entry = child.first(); entry; entry = entry.next())
                if (entry.local() == "model") return entry.text();
    return {};
}

bool is_managed(const ItemRef& ref) { return equal_nocase(ref.type, "balloon") && ref.device == "memballoon"; }

bool is_none(const ItemRef& ref) { return equal_nocase(trimmed(model_text(ref)), "none"); }

/// One device of several: of those with the same id the last, else the first that runs.
const ItemRef* choose(const std::vector<const ItemRef*>& found, Diagnostics& diagnostics) {
    if (found.empty()) return nullptr;
    if (found.size() == 1) return found.front();
    for (const ItemRef* ref : found)
        if (ref != found.front())
            report(diagnostics, "ovirt-balloon-duplicate", ref->item.element,
                   "the VM has more than one balloon Item, and only one balloon is possible; remove the others");
    const auto id = [](const ItemRef* ref) { return ref->item.text(Rasd::InstanceID); };
    const ItemRef* best = nullptr;
    for (const ItemRef* ref : found)
        if (best == nullptr && is_managed(*ref) && !is_none(*ref)) best = ref;
    if (best == nullptr) best = found.front();
    for (const ItemRef* ref : found)
        if (!id(ref).empty() && id(ref) == id(best)) best = ref;
    return best;
}

/// Switched off, and under a number that every engine passes over.
bool is_hidden(const ItemRef& ref, std::optional<bool> flag) { return flag == false && ref.resource_type != 0; }

void check_names(const ItemRef& ref, bool hidden, Diagnostics& diagnostics) {
    const Element element = ref.item.element;
    if (ref.type.empty() || ref.device.empty())
        report(diagnostics, "ovirt-balloon-incomplete", element,
               fmt::format("the balloon Item has no {}; the engine refuses the whole descriptor: write <{}>{}</{}>",
                           ref.type.empty() ? "Type" : "Device", ref.type.empty() ? "Type" : "Device",
                           ref.type.empty() ? "balloon" : "memballoon", ref.type.empty() ? "Type" : "Device"));
    else if (ref.device != "memballoon" || !equal_nocase(ref.type, "balloon"))
        report(diagnostics, "ovirt-balloon-name", element,
               fmt::format("'{}' '{}' is read as the balloon, but the engine does not manage such a device: write "
                           "balloon, memballoon",
                           printable(ref.type, 40), printable(ref.device, 40)));
    if (hidden) return;
    if (ref.resource_type != 0 || ref.item.text(Rasd::ResourceType).empty())
        report(diagnostics, "ovirt-balloon-resource-type", element,
               fmt::format("a balloon of ResourceType '{}' is ignored by the engine: write 0",
                           printable(ref.item.text(Rasd::ResourceType), 20)));
}

BalloonModel read_model(ItemView& view, Diagnostics& diagnostics) {
    const Element element = view.find_spec("model");
    const std::string_view text = element.text();
    const std::string_view word = trimmed(text);
    if (word.empty()) {
        report(diagnostics, "ovirt-balloon-model-missing", view.element(),
               "the balloon Item has no SpecParams/model; read as virtio, but the engine fails when the VM starts: "
               "write <model>virtio</model>");
        return BalloonModel::virtio;
    }
    if (word.size() != text.size())
        report(diagnostics, "ovirt-balloon-model-blank", element,
               "blanks around the balloon model end up in the VM's definition; remove them");
    if (equal_nocase(word, "none")) {
        (void)view.take_spec("model");
        return BalloonModel::unspecified;
    }
    const auto model = balloon_model_from(word);
    if (!model) {
        report(diagnostics, "ovirt-balloon-model-unknown", element,
               fmt::format("balloon model '{}' is unknown", printable(word, 40)));
        return BalloonModel::unspecified;
    }
    (void)view.take_spec("model");
    return *model;
}

}  // namespace

std::string new_balloon_id(std::string_view seed) { return made_uuid(seed, "memballoon"); }

void read_balloon(Element system, const std::vector<ItemRef>& items, const Form& form, VirtualSystem& out,
                  Diagnostics& diagnostics) {
    MemoryBalloon& balloon = out.hardware.balloon;
    const auto flag = read_flag(system, diagnostics);
    std::vector<const ItemRef*> found;
    for (const ItemRef& ref : items)
        if (ref.kind == Kind::balloon) found.push_back(&ref);
    const ItemRef* ref = choose(found, diagnostics);
    if (ref == nullptr) {
        balloon.state = flag.value_or(false) ? BalloonState::enabled : BalloonState::disabled;
        if (flag.value_or(false))
            report(diagnostics, "ovirt-balloon-device-missing", general_element(system, "BalloonEnabled"),
                   "BalloonEnabled is true without a balloon Item: the VM runs without a balloon until it is edited in "
                   "the engine");
        return;
    }
    const bool hidden = is_hidden(*ref, flag);
    check_names(*ref, hidden, diagnostics);
    const bool none = is_none(*ref);
    ItemView view(*ref);
    balloon.model = read_model(view, diagnostics);
    const std::string_view plugged_text = view.look("IsPlugged");
    const bool plugged = plugged_text.empty() || java_true(plugged_text);
    balloon.info = view.finish({}, {}, true, diagnostics);
    if (!is_uuid(balloon.info.id)) {
        report(diagnostics, "ovirt-balloon-id-invalid", ref->item.element,
               fmt::format("InstanceId '{}' of the balloon is no UUID; the engine needs one",
                           printable(balloon.info.id, 60)));
        balloon.info.id = made_uuid(seed_of(out), "memballoon-read");
    }

    bool enabled = flag.value_or(!none && plugged);
    if (none)
        report(diagnostics, "ovirt-balloon-none-engine-reads-true", ref->item.element,
               fmt::format("the balloon model is none: read as {}, but an engine that finds no BalloonEnabled takes "
                           "the Item as enabled",
                           enabled ? "enabled, as BalloonEnabled says" : "disabled"));
    if (!plugged)
        report(diagnostics, "ovirt-balloon-unplugged", ref->item.element,
               fmt::format("the balloon Item is not plugged: read as {}; the VM runs without a balloon, though an "
                           "engine that finds no "
                           "BalloonEnabled takes the Item as enabled",
                           enabled ? "enabled, as BalloonEnabled says" : "disabled"));
    if (form.level < level_balloon && enabled) {
        report(diagnostics, "ovirt-balloon-version", ref->item.element,
               "a descriptor of version 3.0 cannot have a balloon: read as disabled");
        enabled = false;
    }
    balloon.state = enabled ? BalloonState::enabled : BalloonState::disabled;
    balloon.device_kept = !enabled && !hidden;
}

}  // namespace ovfkit::detail::ovirt
