#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/values.hpp"
#include "dialect/ovirt/encode.hpp"
#include "dialect/ovirt/reading.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

void read_usb_policy(ItemView& view, Reading& r) {
    const std::string_view text = view.look("UsbPolicy");
    std::string policy;
    if (equal_nocase(text, "DISABLED"))
        policy = "DISABLED";
    else if (equal_nocase(text, "ENABLED_NATIVE") || equal_nocase(text, "ENABLED_LEGACY") ||
             equal_nocase(text, "Enabled"))
        policy = "ENABLED_NATIVE";
    if (policy.empty()) {
        if (!text.empty())
            report(r.diagnostics, "ovirt-usb-policy-unknown", view.element(),
                   fmt::format("UsbPolicy '{}' is neither DISABLED nor ENABLED_NATIVE", printable(text, 40)));
        return;
    }
    (void)view.take("UsbPolicy");
    (void)view.take("ResourceType");
    (void)view.ref().item.take(Rasd::InstanceID);
    view.take_if("Caption", "USB Controller");
    add_parameter(r.system.parameters, "UsbPolicy", policy);
}

void read_video(ItemView& view, Reading& r) {
    Video video;
    video.model = view.ref().device;
    if (video.model.empty()) {
        if (r.form.level == 300)
            video.model = r.display == "1" ? "qxl" : "cirrus";
        else
            video.model = std::string(display_from(r.display));
    }
    const auto heads = number_of(trimmed(view.find_spec("heads").text()));
    if (heads && *heads > 0) {
        video.heads = heads;
        (void)view.take_spec("heads");
    }
    const auto vram = to_number<std::uint64_t>(trimmed(view.find_spec("vram").text()));
    if (vram && *vram <= max_memory_bytes / 1024) {
        video.vram_bytes = *vram * 1024;
        (void)view.take_spec("vram");
    }
    r.monitors.push_back(view.find("VirtualQuantity"));
    view.leave("VirtualQuantity");  // settle_heads() decides
    view.take_if("SinglePciQxl", "false");
    video.info = view.finish("Graphical Controller", {}, false, r.diagnostics);
    r.hardware().videos.push_back(std::move(video));
}

void settle_heads(Reading& r) {
    std::vector<Video>& videos = r.hardware().videos;
    const auto count = static_cast<std::uint32_t>(videos.size());
    for (std::size_t i = 0; i < videos.size(); ++i) {
        Video& video = videos[i];
        const auto monitors = number_of(r.monitors[i].text());
        if (!monitors) continue;
        // The engine writes the number of all monitors at every card.
        if (!video.heads && *monitors > count) video.heads = *monitors / count;
        const std::uint64_t heads = video.heads.value_or(1);
        if (*monitors == std::max<std::uint64_t>(count, heads) || *monitors == heads * count)
            (void)r.monitors[i].take();
    }
}

void read_graphics(ItemView& view, Reading& r) {
    Graphics graphics;
    graphics.type = view.ref().device.empty() ? "spice" : to_lower(view.ref().device);
    graphics.info = view.finish("Graphical Framebuffer", {}, false, r.diagnostics);
    r.hardware().graphics.push_back(std::move(graphics));
}

void imply_graphics(Reading& r) {
    if (r.hardware().graphics.empty() && !r.display.empty() && r.display != "4") {
        Graphics implied;
        implied.info.id = implied_graphics_id;
        implied.type = r.display == "1" || (r.display == "0" && r.form.level > 300) ? "spice" : "vnc";
        r.hardware().graphics.push_back(std::move(implied));
    }
}

void read_controller(ItemView& view, Reading& r) {
    Controller controller;
    const std::string device = view.ref().device;
    const std::string model(trimmed(view.find_spec("model").text()));
    if (device == "ide") controller.type = ControllerType::ide;
    if (device == "sata") controller.type = ControllerType::sata;
    if (device == "usb") controller.type = ControllerType::usb;
    if (device == "virtio-scsi" || device == "spapr-vscsi" || device == "scsi") {
        controller.type = ControllerType::scsi;
        controller.model = device == "scsi" ? model : device;
    } else if (device == "usb") {
        controller.model = model;
    }
    if (!model.empty() && controller.model == model) (void)view.take_spec("model");
    if (const auto index = number_of(trimmed(view.find_spec("index").text()))) {
        controller.address = index;
        (void)view.take_spec("index");
    }
    controller.info = view.finish({}, {}, false, r.diagnostics);
    r.hardware().controllers.push_back(std::move(controller));
}

void read_serial(ItemView& view, Reading& r) {
    CharacterDevice serial;
    serial.backend = "pty";
    if (java_true(trimmed(view.find_spec("enableSocket").text()))) serial.backend = "unix";
    (void)view.take_spec("enableSocket");
    const bool implied = !view.find_spec("consoleType");  // the engine's own default is virtio
    if (trimmed(view.find_spec("consoleType").text()) == "serial") (void)view.take_spec("consoleType");
    serial.info = view.finish({}, {}, false, r.diagnostics);
    if (implied) add_parameter(serial.info.parameters, "SpecParams/consoleType", "virtio");
    sort_parameters(serial.info.parameters);
    r.hardware().serials.push_back(std::move(serial));
}

void read_sound(ItemView& view, Reading& r) {
    SimpleDevice sound;
    sound.model = view.ref().device;
    sound.info = view.finish({}, {}, true, r.diagnostics);
    r.hardware().sounds.push_back(std::move(sound));
}

void read_watchdog(ItemView& view, Reading& r) {
    SimpleDevice watchdog;
    watchdog.model = std::string(view.take_spec("model"));
    watchdog.option = std::string(view.take_spec("action"));
    if (watchdog.model.empty()) watchdog.model = "i6300esb";
    if (watchdog.option.empty()) watchdog.option = "none";
    watchdog.info = view.finish({}, {}, false, r.diagnostics);
    r.hardware().watchdogs.push_back(std::move(watchdog));
}

void read_rng(ItemView& view, Reading& r) {
    SimpleDevice rng;
    rng.model = view.ref().device;
    const std::string source(trimmed(view.find_spec("source").text()));
    if (source.empty()) {
        report(r.diagnostics, "ovirt-rng-source-missing", view.element(),
               "the rng Item has no SpecParams/source; the engine fails when the VM starts: write "
               "<source>urandom</source>");
    } else {
        rng.option = "/dev/" + source;
        if (!rng_source(rng.option).empty())
            (void)view.take_spec("source");
        else
            rng.option.clear();
    }
    rng.info = view.finish({}, {}, false, r.diagnostics);
    r.hardware().rngs.push_back(std::move(rng));
}

void read_tpm(ItemView& view, Reading& r) {
    SimpleDevice tpm;
    tpm.model = "tpm-crb";  // what the engine always runs, with an emulator of version 2.0
    tpm.option = "2.0";
    tpm.info = view.finish("TPM", {}, false, r.diagnostics);
    r.hardware().tpms.push_back(std::move(tpm));
}

void read_other(ItemView& view, Reading& r) {
    const ItemRef& ref = view.ref();
    OtherDevice device;
    device.resource_type = ref.resource_type;
    device.other_type = ref.type + "/" + ref.device;
    device.required = false;  // the engine keeps what it does not manage
    device.model = std::string(view.take("ResourceSubType"));
    if (ref.type.empty() || ref.device.empty())
        report(r.diagnostics, "ovirt-device-incomplete", view.element(),
               fmt::format("Item '{}' of ResourceType {} has no {}; the engine refuses the whole descriptor",
                           printable(ref.item.text(Rasd::InstanceID), 60), ref.resource_type,
                           ref.type.empty() ? "Type" : "Device"));
    device.info = view.finish({}, {}, false, r.diagnostics);
    r.hardware().others.push_back(std::move(device));
}

}  // namespace ovfkit::detail::ovirt
