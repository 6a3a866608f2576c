#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "dialect/ovirt/balloon.hpp"
#include "dialect/ovirt/disks.hpp"
#include "dialect/ovirt/general.hpp"
#include "dialect/ovirt/spec.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

std::string_view word_of(BalloonModel model) {
    return model == BalloonModel::unspecified ? std::string_view("virtio") : to_string(model);
}

ItemSpec spec_of(const MemoryBalloon& balloon, std::string_view id, std::string_view model) {
    const auto setting = [&](std::string_view key, std::string_view otherwise) {
        const std::string* value = parameter(balloon.info.parameters, key);
        return value != nullptr ? *value : std::string(otherwise);
    };
    ItemSpec spec;
    if (!balloon.info.caption.empty()) spec.rasd("Caption", balloon.info.caption);
    if (!balloon.info.description.empty()) spec.rasd("Description", balloon.info.description);
    if (!balloon.info.name.empty()) spec.rasd("ElementName", balloon.info.name);
    spec.rasd("ResourceType", "0");
    spec.rasd("InstanceID", id);
    spec.plain("Type", "balloon");
    spec.plain("Device", "memballoon");
    spec.rasd("Address", address_to(balloon.info.address));
    spec.plain("BootOrder", "0");
    spec.plain("IsPlugged", setting("IsPlugged", "true"));
    spec.plain("IsReadOnly", setting("IsReadOnly", "true"));
    spec.plain("Alias", balloon.info.alias);
    spec.spec_params.emplace_back("model", model);
    for (const Parameter& entry : balloon.info.parameters)
        if (entry.space == space && entry.key.starts_with("SpecParams/") && entry.key != "SpecParams/model")
            spec.spec_params.emplace_back(entry.key.substr(11), entry.value);
    return spec;
}

class Update {
public:
    Update(XmlDocument& document, Element system, const std::vector<ItemRef>& items, const Form& form,
           const VirtualSystem& have, const VirtualSystem& wanted, const WriteOptions& options,
           std::vector<LossNote>& notes)
        : document_(document),
          system_(system),
          form_(form),
          have_(have.hardware.balloon),
          wanted_(wanted.hardware.balloon),
          options_(options),
          notes_(notes),
          seed_(seed_of(wanted)) {
        for (const ItemRef& ref : items) {
            if (ref.kind == Kind::balloon) balloons_.push_back(ref.item.element);
            if (ref.kind == Kind::balloon && ref.resource_type != 0) hidden_ = true;
            last_item_ = ref.item.element;
        }
    }

    void run() {
        BalloonState state = options_.balloon.value_or(wanted_.state);
        if (state == BalloonState::unspecified) {
            state = options_.balloon_default == BalloonState::disabled ? BalloonState::disabled : BalloonState::enabled;
            note("balloon.state", Fate::defaulted, "balloon-state-defaulted",
                 fmt::format("nothing was said about the balloon, and oVirt cannot leave it open: written as {}",
                             to_string(state)));
        }
        note_attributes();
        if (state == BalloonState::enabled && wanted_.device_kept)
            note("balloon.device_kept", Fate::defaulted, "ovirt-balloon-device-kept",
                 "the device that was kept is in use now");
        if (form_.level < level_balloon) return too_old(state);
        const Element flag = general_element(system_, "BalloonEnabled");
        has_flag_ = flag && !trimmed(flag.text()).empty();
        hidden_ = hidden_ && has_flag_ && !java_true(flag.text());
        if (hidden_)
            from_hiding(flag, state);
        else if (has_flag_)
            with_flag(flag, state);
        else
            by_item(flag, state);
    }

private:
    void note(std::string field, Fate fate, std::string_view rule, std::string detail) {
        notes_.push_back({std::move(field), {}, fate, std::string(rule), std::move(detail)});
    }

    void too_old(BalloonState state) {
        if (balloons_.empty()) without_item();
        if (state == BalloonState::enabled)
            note("balloon.state", Fate::dropped, "ovirt-balloon-version",
                 "oVirt 3.0 has no balloon: the VM gets none; write version 3.1 or later");
        else if (wanted_.device_kept && !have_.device_kept)
            note("balloon.device_kept", Fate::dropped, "ovirt-balloon-device-dropped",
                 "oVirt 3.0 has no balloon device");
    }

    void note_attributes() {
        const auto lost = [&](std::string_view field, std::string detail, Fate fate = Fate::dropped) {
            note("balloon." + std::string(field), fate, "ovirt-balloon-attribute", std::move(detail));
        };
        if (wanted_.autodeflate && wanted_.autodeflate != have_.autodeflate)
            lost("autodeflate", fmt::format("oVirt has no setting for deflating on memory pressure ({})",
                                            *wanted_.autodeflate ? "on" : "off"));
        if (wanted_.free_page_reporting && wanted_.free_page_reporting != have_.free_page_reporting)
            lost("free_page_reporting", fmt::format("oVirt has no setting for free page reporting ({})",
                                                    *wanted_.free_page_reporting ? "on" : "off"));
        if (wanted_.stats_period_seconds && wanted_.stats_period_seconds != have_.stats_period_seconds)
            lost("stats_period_seconds",
                 fmt::format("oVirt always collects balloon statistics every 5 seconds, not every {}",
                             *wanted_.stats_period_seconds),
                 Fate::approximated);
        if (wanted_.model != have_.model && wanted_.model != BalloonModel::virtio &&
            wanted_.model != BalloonModel::unspecified)
            lost("model",
                 fmt::format("oVirt writes virtio: it picks '{}' by itself where a guest needs it, or does not have it",
                             to_string(wanted_.model)),
                 Fate::approximated);
    }

    /// A model other than virtio only stays where it stands already.
    std::string model_for(BalloonState state) const {
        // Without BalloonEnabled any other word would switch it on.
        if (!has_flag_ && state == BalloonState::disabled) return "none";
        if (wanted_.model == have_.model) {
            if (have_.model != BalloonModel::unspecified) return std::string(word_of(have_.model));
            return have_.device_kept && wanted_.device_kept && state == BalloonState::disabled ? "none" : "virtio";
        }
        return "virtio";
    }

    std::string id_to_write() const {
        if (is_uuid(wanted_.info.id)) return wanted_.info.id;
        return made_uuid(seed_, "memballoon-added");
    }

    /// An Item that an edit of ours added: undoing the edit takes it out again.
    [[nodiscard]] bool is_added() const { return have_.info.id == made_uuid(seed_, "memballoon-added"); }

    void with_flag(Element flag, BalloonState state) {
        const bool enabled = state == BalloonState::enabled;
        if (java_true(flag.text()) != enabled) document_.set_text(flag, enabled ? "true" : "false");
        if (balloons_.empty()) {
            if (enabled || wanted_.device_kept)
                add(state);
            else
                without_item();
            return;
        }
        // What a new descriptor of ours begins with stays, as it would in the engine.
        const bool own = have_.info.id == new_balloon_id(seed_);
        const bool drop = !enabled && !wanted_.device_kept && !own && (have_.device_kept || is_added());
        if (drop) {
            erase_all();
            return without_item();
        }
        edit(state);
        if (!enabled && !wanted_.device_kept)
            note("balloon.device_kept", Fate::defaulted, "ovirt-balloon-device-kept",
                 "from 4.4.6 on the device stays for its statistics when the balloon is off");
    }

    void set_resource_type(std::string_view from, std::string_view to) {
        for (const Element& element : balloons_)
            if (const Element type = element.child_lax(Ns::rasd, "ResourceType"); trimmed(type.text()) == from)
                document_.set_text(type, to);
    }

    /// Off, with all that is known of the device kept for the way back.
    void hide(Element flag, BalloonState state) {
        if (flag)
            document_.set_text(flag, "false");
        else
            insert_general(document_, system_, body_element(form_, "BalloonEnabled", "false"));
        has_flag_ = true;
        if (!stays_in_use()) set_resource_type("0", hidden_resource_type);
        edit(state);
    }

    /// On again: without the flag, as it was. Engines that know the flag take the Item as enabled as well.
    void from_hiding(Element flag, BalloonState state) {
        if (state == BalloonState::enabled) {
            document_.erase(flag);
            set_resource_type(hidden_resource_type, "0");
        } else if (stays_in_use()) {
            set_resource_type(hidden_resource_type, "0");
        }
        edit(state);
    }

    /// A device for the statistics of a balloon that is off.
    bool stays_in_use() {
        if (!wanted_.device_kept) return false;
        if (form_.level >= level_flag) return true;
        no_device_kept();
        return false;
    }

    void no_device_kept() {
        note("balloon.device_kept", Fate::dropped, "ovirt-balloon-device-dropped",
             "before 4.4.6 the device's presence means enabled: no device is written for a balloon that is off");
    }

    void by_item(Element flag, BalloonState state) {
        if (state == BalloonState::enabled) {
            if (balloons_.empty())
                add(state);
            else
                edit(state);
            return;
        }
        // Whatever Item stands, this form reads as enabled; model none is only left where it stood.
        if (have_.state == BalloonState::disabled && wanted_.device_kept == have_.device_kept) {
            if (!balloons_.empty())
                edit(state);
            else
                without_item();
            return;
        }
        const bool same = !balloons_.empty() && wanted_.info.id == have_.info.id && !is_added();
        if (same && have_.state == BalloonState::enabled) return hide(flag, state);
        if (!balloons_.empty()) erase_all();
        without_item();
        if (wanted_.device_kept) no_device_kept();
    }

    /// Nothing can be said of a device that is not there.
    void without_item() {
        const DeviceInfo &info = wanted_.info, &old = have_.info;
        const auto lost = [&](std::string_view field, const std::string& now, const std::string& then) {
            if (!now.empty() && (now != then || !balloons_.empty()))
                note("balloon." + std::string(field), Fate::dropped, "ovirt-balloon-device-dropped",
                     "no device is written for a balloon that is off");
        };
        lost("info.address", info.address, old.address);
        lost("info.alias", info.alias, old.alias);
        lost("info.caption", info.caption, old.caption);
        lost("info.description", info.description, old.description);
        lost("info.name", info.name, old.name);
        if (wanted_.model != BalloonModel::unspecified && (wanted_.model != have_.model || !balloons_.empty()))
            note("balloon.model", Fate::defaulted, "ovirt-balloon-device-dropped",
                 "no device is written for a balloon that is off");
    }

    void add(BalloonState state) {
        MemoryBalloon balloon = wanted_;
        const Fragment item = ovirt::fragment_of(spec_of(balloon, id_to_write(), model_for(state)), form_);
        if (last_item_) return document_.insert_after(last_item_, item);
        const SystemParts parts = parts_of(system_);
        if (!parts.hardware.empty()) document_.append(parts.hardware.front(), item);
    }

    void edit(BalloonState state) {
        const Element element = chosen();
        const std::string before =
            have_.model == BalloonModel::unspecified && have_.device_kept ? "none" : std::string(word_of(have_.model));
        const std::string old_id = have_.info.id;
        const std::string id = wanted_.info.id == old_id || !is_uuid(wanted_.info.id) ? old_id : wanted_.info.id;
        MemoryBalloon old = have_, now = wanted_;
        if (now.info.id != old.info.id && now.info == DeviceInfo{})
            now.info = old.info;  // only the state was asked for
        if (state == BalloonState::enabled)
            std::erase_if(now.info.parameters,
                          [](const Parameter& p) { return p.space == space && p.key == "IsPlugged"; });
        std::string model = model_for(state);
        if (state == BalloonState::enabled && model == "none") model = "virtio";
        ItemSpec from = spec_of(old, old_id, before);
        // Without SpecParams/model the engine fails when the VM starts.
        if (state == BalloonState::enabled && !has_model(element)) from.spec_params.front().second.clear();
        apply(document_, element, from, spec_of(now, id, model), form_);
    }

    static bool has_model(Element item) {
        const Element model = item.child_lax(Ns::ovf, "SpecParams").child_lax(Ns::ovf, "model");
        return model && !trimmed(model.text()).empty();
    }

    [[nodiscard]] Element chosen() const {
        const auto same = [&](const Element& element) { return element.offset() == have_.info.origin.offset; };
        const auto found = std::find_if(balloons_.begin(), balloons_.end(), same);
        return found == balloons_.end() ? balloons_.front() : *found;
    }

    void erase_all() {
        for (const Element& element : balloons_) document_.erase(element);
    }

    XmlDocument& document_;
    Element system_;
    const Form& form_;
    const MemoryBalloon& have_;
    const MemoryBalloon& wanted_;
    const WriteOptions& options_;
    std::vector<LossNote>& notes_;
    std::string seed_;
    std::vector<Element> balloons_;
    Element last_item_;
    bool has_flag_ = false;
    bool hidden_ = false;  ///< switched off by an edit of ours
};

}  // namespace

Fragment balloon_item(const MemoryBalloon& balloon, std::string_view id, const Form& form) {
    return ovirt::fragment_of(spec_of(balloon, id, "virtio"), form);
}

void update_balloon(XmlDocument& document, Element system, const std::vector<ItemRef>& items, const Form& form,
                    const VirtualSystem& have, const VirtualSystem& wanted, const WriteOptions& options,
                    std::vector<LossNote>& notes) {
    const bool forced = options.balloon && *options.balloon != have.hardware.balloon.state;
    if (have.hardware.balloon == wanted.hardware.balloon && !forced) return;
    Update(document, system, items, form, have, wanted, options, notes).run();
}

}  // namespace ovfkit::detail::ovirt
