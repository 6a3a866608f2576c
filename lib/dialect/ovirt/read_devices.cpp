#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/units.hpp"
#include "descriptor/values.hpp"
#include "dialect/ovirt/devices.hpp"
#include "dialect/ovirt/encode.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

constexpr std::string_view no_date = "1970/01/01 00:00:00";

std::optional<std::uint32_t> number_of(std::string_view text) { return to_number<std::uint32_t>(trimmed(text)); }

std::optional<std::uint32_t> small_number(ItemView& view, std::string_view name, std::uint32_t max,
                                          Diagnostics& diagnostics) {
    const Element element = view.find(name);
    if (!element || trimmed(element.text()).empty()) return std::nullopt;
    const auto value = checked_number<std::uint32_t>(element.text(), element, name, diagnostics, max);
    if (value)
        (void)view.take(name);
    else
        view.leave(name);
    return value;
}

std::optional<std::uint32_t> take_boot_order(ItemView& view) {
    const auto order = number_of(view.look("BootOrder"));
    if (!order || *order == 0) return std::nullopt;
    (void)view.take("BootOrder");
    return order;
}

std::optional<bool> take_flag(ItemView& view, std::string_view name) {
    if (view.look(name).empty()) return std::nullopt;
    return java_true(view.take(name));
}

class Reader {
public:
    Reader(const std::vector<Volume>& volumes, const Envelope& envelope, const Form& form, std::string_view display,
           VirtualSystem& system, Diagnostics& diagnostics)
        : volumes_(volumes),
          envelope_(envelope),
          form_(form),
          display_(display),
          system_(system),
          hardware_(system.hardware),
          diagnostics_(diagnostics) {}

    void read(const ItemRef& ref) {
        if (ref.kind == Kind::balloon || ref.kind == Kind::surplus) return;
        if (ref.kind == Kind::disk && !is_leaf(ref)) return parent_volume(ref);
        ItemView view(ref);
        switch (ref.kind) {
            case Kind::cpu:
                return cpu(view);
            case Kind::memory:
                return memory(view);
            case Kind::disk:
                return disk(view);
            case Kind::cdrom:
                return medium(view, DriveKind::cdrom, "CDROM");
            case Kind::floppy:
                return medium(view, DriveKind::floppy, "Floppy");
            case Kind::nic:
                return nic(view);
            case Kind::usb_policy:
                return usb_policy(view);
            case Kind::video:
                return video(view);
            case Kind::graphics:
                return graphics(view);
            case Kind::controller:
                return controller(view);
            case Kind::serial:
                return serial(view);
            case Kind::sound:
                return sound(view);
            case Kind::watchdog:
                return watchdog(view);
            case Kind::rng:
                return rng(view);
            case Kind::tpm:
                return tpm(view);
            case Kind::other:
                return other(view);
            case Kind::balloon:
            case Kind::surplus:
                return;
        }
    }

    /// Leaves without an Item: LUN disks, and what a hand-made file forgot.
    void bare_disks() {
        for (std::size_t i = 0; i < volumes_.size(); ++i) {
            if (!volumes_[i].leaf || volumes_[i].item != nullptr) continue;
            Drive drive;
            drive.info.id = envelope_.disks[i].id;
            drive.info.origin.offset = volumes_[i].disk.offset();
            drive.disk_id = envelope_.disks[i].id;
            read_drive_attributes(volumes_[i], drive, diagnostics_);
            take_boot(volumes_[i], drive);
            hardware_.drives.push_back(std::move(drive));
        }
    }

    void finish() {
        boot_fallback();
        link_drives();
        if (hardware_.graphics.empty() && !display_.empty() && display_ != "4") {
            Graphics implied;
            implied.info.id = implied_graphics_id;
            implied.type = display_ == "1" || (display_ == "0" && form_.level > 300) ? "spice" : "vnc";
            hardware_.graphics.push_back(std::move(implied));
        }
    }

private:
    const Volume* volume_of(const ItemRef& ref) const {
        const auto found =
            std::find_if(volumes_.begin(), volumes_.end(), [&](const Volume& v) { return v.item == &ref; });
        return found == volumes_.end() ? nullptr : &*found;
    }

    bool is_leaf(const ItemRef& ref) const {
        const Volume* volume = volume_of(ref);
        return volume == nullptr || volume->leaf;
    }

    std::size_t index_of(const Volume& volume) const { return static_cast<std::size_t>(&volume - volumes_.data()); }

    /// A volume below the active one: its place in the chain is VirtualDisk::parent_id.
    void parent_volume(const ItemRef& ref) {
        ItemView view(ref);
        for (const std::string_view name : {"ResourceType", "HostResource", "Type", "Device"}) (void)view.take(name);
        view.take_if("Parent", zero_uuid);
        view.take_if("Template", zero_uuid);
        (void)ref.item.take(Rasd::InstanceID);
        view.take_if("BootOrder", "0");
        for (const std::string_view name : {"IsPlugged", "IsReadOnly"})
            if (java_true(view.look(name)) == (name == "IsPlugged")) (void)view.take(name);
    }

    void cpu(ItemView& view) {
        Cpu& out = hardware_.cpu;
        constexpr std::uint32_t max = max_vcpus;
        out.sockets = small_number(view, "num_of_sockets", max, diagnostics_);
        out.cores = small_number(view, "cpu_per_socket", max, diagnostics_);
        out.threads = small_number(view, "threads_per_cpu", max, diagnostics_);
        out.maximum = small_number(view, "max_num_of_vcpus", max, diagnostics_);
        const auto quantity = number_of(view.look("VirtualQuantity"));
        const std::uint64_t product =
            std::uint64_t{out.sockets.value_or(quantity.value_or(1))} * out.cores.value_or(1) * out.threads.value_or(1);
        if (product == 0 || product > max_vcpus) {
            report(diagnostics_, "ovirt-cpu-count-invalid", view.element(),
                   fmt::format("sockets, cores and threads give {} CPUs; 1 to {} are possible", product, max_vcpus),
                   Failure::malformed);
        } else {
            out.count = static_cast<std::uint32_t>(product);
        }
        if (quantity && out.count && *quantity != *out.count)
            report(diagnostics_, "ovirt-cpu-count-conflict", view.element(),
                   fmt::format("rasd:VirtualQuantity says {} CPUs, the topology {}; the engine goes by the topology",
                               *quantity, *out.count));
        if (quantity && (!out.sockets || quantity == out.count))
            (void)view.take("VirtualQuantity");
        else
            view.leave("VirtualQuantity");
        std::vector<Parameter> kept = std::move(out.info.parameters);
        out.info = view.finish(fmt::format("{} virtual cpu", out.count.value_or(1)), "Number of virtual CPU", false,
                               diagnostics_);
        out.info.parameters.insert(out.info.parameters.end(), kept.begin(), kept.end());
        sort_parameters(out.info.parameters);
    }

    void memory(ItemView& view) {
        Memory& out = hardware_.memory;
        const Element quantity = view.find("VirtualQuantity");
        const auto amount = checked_number<std::uint64_t>(quantity.text(), quantity ? quantity : view.element(),
                                                          "VirtualQuantity", diagnostics_, max_memory_bytes / mebibyte);
        if (amount && *amount > 0) {
            out.boot_bytes = *amount * mebibyte;
            (void)view.take("VirtualQuantity");
        } else {
            view.leave("VirtualQuantity");
            report(diagnostics_, "ovirt-memory-invalid", view.element(),
                   fmt::format("the memory Item has no size in MiB: rasd:VirtualQuantity is '{}'",
                               printable(trimmed(quantity.text()), 40)),
                   Failure::malformed);
        }
        const std::string_view units = view.look("AllocationUnits");
        const auto unit = parse_unit(units);
        if (units.empty() || (unit && unit->base == UnitBase::byte && unit->factor == mebibyte)) {
            (void)view.take("AllocationUnits");
        } else {
            view.leave("AllocationUnits");
            report(
                diagnostics_, "ovirt-memory-units-ignored", view.element(),
                fmt::format("rasd:AllocationUnits '{}' is ignored: oVirt reads memory in MiB", printable(units, 40)));
        }
        out.info = view.finish(fmt::format("{} MB of memory", amount.value_or(0)), "Memory Size", false, diagnostics_);
    }

    void take_boot(const Volume& volume, const Drive& drive) {
        const Attribute boot = volume.disk.attribute_lax(Ns::ovf, "boot");
        if (boot && (!java_true(boot.value()) || drive.boot_index)) (void)boot.take();
    }

    void disk(ItemView& view) {
        Drive drive;
        const Volume* volume = volume_of(view.ref());
        drive.boot_index = take_boot_order(view);
        drive.connected = take_flag(view, "IsPlugged");
        const auto item_read_only = take_flag(view, "IsReadOnly");
        for (const std::string_view name : {"CreationDate", "LastModified", "last_modified_date"})
            view.take_if(name, no_date);
        for (const std::string_view name : {"Template", "StorageId", "StoragePoolId", "Parent"})
            view.take_if(name, zero_uuid);
        std::string caption;
        if (volume != nullptr) {
            const VirtualDisk& disk = envelope_.disks[index_of(*volume)];
            drive.disk_id = disk.id;
            (void)view.take("HostResource");
            if (!disk.parent_id.empty()) (void)view.take("Parent");
        } else {
            view.leave("HostResource");
            report(diagnostics_, "ovirt-disk-item-dangling", view.element(),
                   fmt::format("no Disk belongs to this drive: rasd:HostResource is '{}'",
                               printable(view.ref().item.text(Rasd::HostResource), 100)));
        }
        const std::string_view label = view.look("Caption");
        if (label.starts_with("Drive ") && number_of(label.substr(6))) caption = std::string(label);
        drive.info = view.finish(caption, {}, false, diagnostics_);
        if (volume != nullptr) {
            read_drive_attributes(*volume, drive, diagnostics_);
            take_boot(*volume, drive);
        }
        if (item_read_only && (!drive.read_only || (form_.is_ova() && *item_read_only)))
            drive.read_only = item_read_only;
        if (drive.info.id.empty()) drive.info.id = drive.disk_id;
        hardware_.drives.push_back(std::move(drive));
    }

    void medium(ItemView& view, DriveKind kind, std::string_view caption) {
        Drive drive;
        drive.kind = kind;
        drive.boot_index = take_boot_order(view);
        drive.connected = take_flag(view, "IsPlugged");
        drive.read_only = take_flag(view, "IsReadOnly");
        constexpr std::string_view prefix = "ovf:/file/";
        if (const std::string_view host = view.look("HostResource"); host.starts_with(prefix))
            drive.file_id = std::string(view.take("HostResource").substr(prefix.size()));
        drive.info = view.finish(caption, {}, false, diagnostics_);
        hardware_.drives.push_back(std::move(drive));
    }

    void nic(ItemView& view) {
        Nic nic;
        const std::string_view subtype = view.look("ResourceSubType");
        const NicType* type = nic_type_from(subtype);
        if (type == nullptr) {
            type = nic_type_from("3");
            if (!subtype.empty()) {
                view.leave("ResourceSubType");
                report(diagnostics_, "ovirt-nic-type-unknown", view.element(),
                       fmt::format("rasd:ResourceSubType '{}' is no NIC type of oVirt; the engine takes virtio",
                                   printable(subtype, 40)));
            }
        } else {
            (void)view.take("ResourceSubType");
        }
        nic.model = std::string(type->model);
        nic.network = std::string(view.take("Connection"));
        const auto linked = take_flag(view, "Linked");
        nic.link_up = nic.network.empty() ? std::optional(false) : linked;
        nic.connected = take_flag(view, "IsPlugged");
        nic.boot_index = take_boot_order(view);
        const std::string mac = to_lower(view.look("MACAddress"));
        if (is_mac(mac)) {
            nic.mac = mac;
            (void)view.take("MACAddress");
        } else if (!mac.empty()) {
            view.leave("MACAddress");
            report(diagnostics_, "ovirt-mac-invalid", view.element(),
                   fmt::format("rasd:MACAddress '{}' is not of the form 00:1a:4a:16:01:51", printable(mac, 40)));
        }
        const std::string name(view.take("Name"));
        const std::string element_name(view.take("ElementName"));
        view.take_if("speed", type->speed);
        view.leave("speed");
        if (view.look("OtherResourceType") == nic.network) (void)view.take("OtherResourceType");
        const std::string profile(view.take("OtherResourceType"));
        nic.info = view.finish(implied_nic_caption(nic.network), {}, false, diagnostics_);
        nic.info.name = name.empty() ? element_name : name;
        if (!profile.empty()) add_parameter(nic.info.parameters, "nic.profile", profile);
        if (type->number == "0") add_parameter(nic.info.parameters, "nic.type", "0");
        sort_parameters(nic.info.parameters);
        hardware_.nics.push_back(std::move(nic));
    }

    static bool is_mac(std::string_view text) {
        if (text.size() != 17) return false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i];
            const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            if (i % 3 == 2 ? c != ':' : !hex) return false;
        }
        return true;
    }

    void usb_policy(ItemView& view) {
        const std::string_view text = view.look("UsbPolicy");
        std::string policy;
        if (equal_nocase(text, "DISABLED"))
            policy = "DISABLED";
        else if (equal_nocase(text, "ENABLED_NATIVE") || equal_nocase(text, "ENABLED_LEGACY") ||
                 equal_nocase(text, "Enabled"))
            policy = "ENABLED_NATIVE";
        if (policy.empty()) {
            if (!text.empty())
                report(diagnostics_, "ovirt-usb-policy-unknown", view.element(),
                       fmt::format("UsbPolicy '{}' is neither DISABLED nor ENABLED_NATIVE", printable(text, 40)));
            return;
        }
        (void)view.take("UsbPolicy");
        (void)view.take("ResourceType");
        (void)view.ref().item.take(Rasd::InstanceID);
        view.take_if("Caption", "USB Controller");
        add_parameter(system_.parameters, "UsbPolicy", policy);
    }

    void video(ItemView& view) {
        Video video;
        video.model = view.ref().device;
        if (video.model.empty()) {
            if (form_.level == 300)
                video.model = display_ == "1" ? "qxl" : "cirrus";
            else
                video.model = std::string(display_from(display_));
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
        if (const auto monitors = number_of(view.look("VirtualQuantity"))) {
            (void)view.take("VirtualQuantity");
            monitors_.push_back(*monitors);
        } else {
            view.leave("VirtualQuantity");
            monitors_.push_back(1);
        }
        view.take_if("SinglePciQxl", "false");
        video.info = view.finish("Graphical Controller", {}, false, diagnostics_);
        hardware_.videos.push_back(std::move(video));
    }

    void graphics(ItemView& view) {
        Graphics graphics;
        graphics.type = view.ref().device.empty() ? "spice" : to_lower(view.ref().device);
        graphics.info = view.finish("Graphical Framebuffer", {}, false, diagnostics_);
        hardware_.graphics.push_back(std::move(graphics));
    }

    void controller(ItemView& view) {
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
        controller.info = view.finish({}, {}, false, diagnostics_);
        hardware_.controllers.push_back(std::move(controller));
    }

    void serial(ItemView& view) {
        CharacterDevice serial;
        serial.backend = "pty";
        if (java_true(trimmed(view.find_spec("enableSocket").text()))) serial.backend = "unix";
        (void)view.take_spec("enableSocket");
        const bool implied = !view.find_spec("consoleType");  // the engine's own default is virtio
        if (trimmed(view.find_spec("consoleType").text()) == "serial") (void)view.take_spec("consoleType");
        serial.info = view.finish({}, {}, false, diagnostics_);
        if (implied) add_parameter(serial.info.parameters, "SpecParams/consoleType", "virtio");
        sort_parameters(serial.info.parameters);
        hardware_.serials.push_back(std::move(serial));
    }

    void sound(ItemView& view) {
        SimpleDevice sound;
        sound.model = view.ref().device;
        sound.info = view.finish({}, {}, true, diagnostics_);
        hardware_.sounds.push_back(std::move(sound));
    }

    void watchdog(ItemView& view) {
        SimpleDevice watchdog;
        watchdog.model = std::string(view.take_spec("model"));
        watchdog.option = std::string(view.take_spec("action"));
        if (watchdog.model.empty()) watchdog.model = "i6300esb";
        if (watchdog.option.empty()) watchdog.option = "none";
        watchdog.info = view.finish({}, {}, false, diagnostics_);
        hardware_.watchdogs.push_back(std::move(watchdog));
    }

    void rng(ItemView& view) {
        SimpleDevice rng;
        rng.model = view.ref().device;
        const std::string source(trimmed(view.find_spec("source").text()));
        if (source.empty()) {
            report(diagnostics_, "ovirt-rng-source-missing", view.element(),
                   "the rng Item has no SpecParams/source; the engine fails when the VM starts: write "
                   "<source>urandom</source>");
        } else {
            rng.option = "/dev/" + source;
            if (!rng_source(rng.option).empty())
                (void)view.take_spec("source");
            else
                rng.option.clear();
        }
        rng.info = view.finish({}, {}, false, diagnostics_);
        hardware_.rngs.push_back(std::move(rng));
    }

    void tpm(ItemView& view) {
        SimpleDevice tpm;
        tpm.model = "tpm-crb";  // what the engine always runs, with an emulator of version 2.0
        tpm.option = "2.0";
        tpm.info = view.finish("TPM", {}, false, diagnostics_);
        hardware_.tpms.push_back(std::move(tpm));
    }

    void other(ItemView& view) {
        const ItemRef& ref = view.ref();
        OtherDevice device;
        device.resource_type = ref.resource_type;
        device.other_type = ref.type + "/" + ref.device;
        device.required = false;  // the engine keeps what it does not manage
        device.model = std::string(view.take("ResourceSubType"));
        if (ref.type.empty() || ref.device.empty())
            report(diagnostics_, "ovirt-device-incomplete", view.element(),
                   fmt::format("Item '{}' of ResourceType {} has no {}; the engine refuses the whole descriptor",
                               printable(ref.item.text(Rasd::InstanceID), 60), ref.resource_type,
                               ref.type.empty() ? "Type" : "Device"));
        device.info = view.finish({}, {}, false, diagnostics_);
        hardware_.others.push_back(std::move(device));
    }

    /// Without BootOrder (3.0, virt-v2v) ovf:boot marks the disk to boot from.
    void boot_fallback() {
        for (const Drive& drive : hardware_.drives)
            if (drive.kind == DriveKind::disk && drive.boot_index) return;
        for (Drive& drive : hardware_.drives) {
            if (drive.kind != DriveKind::disk) continue;
            const auto volume = std::find_if(volumes_.begin(), volumes_.end(), [&](const Volume& v) {
                return v.leaf && envelope_.disks[index_of(v)].id == drive.disk_id;
            });
            if (volume == volumes_.end()) continue;
            const Attribute boot = volume->disk.attribute_lax(Ns::ovf, "boot");
            if (!boot || !java_true(boot.value())) continue;
            (void)boot.take();
            drive.boot_index = 1;
            return;
        }
    }

    std::vector<const Controller*> controllers_of(ControllerType type, std::string_view model) const {
        std::vector<const Controller*> out;
        for (const Controller& controller : hardware_.controllers)
            if (controller.type == type && (model.empty() || controller.model == model)) out.push_back(&controller);
        return out;
    }

    /// Controller and unit from the address; the SCSI controller the engine adds by itself.
    void link_drives() {
        for (const Drive& drive : hardware_.drives) {
            if (drive.kind != DriveKind::disk || drive.interface != "scsi") continue;
            const std::string_view model = scsi_model(drive);
            if (!controllers_of(ControllerType::scsi, model).empty()) continue;
            Controller implied;
            implied.info.id = std::string(implied_scsi_id) + (model == "virtio-scsi" ? "" : ":" + std::string(model));
            implied.type = ControllerType::scsi;
            implied.model = std::string(model);
            hardware_.controllers.push_back(std::move(implied));
        }
        for (Drive& drive : hardware_.drives) link(drive);
        for (std::size_t i = 0; i < hardware_.videos.size(); ++i)
            if (!hardware_.videos[i].heads && monitors_[i] > hardware_.videos.size())
                hardware_.videos[i].heads = hardware_.videos.size() == 1
                                                ? monitors_[i]
                                                : monitors_[i] / static_cast<std::uint32_t>(hardware_.videos.size());
    }

    std::string_view scsi_model(const Drive& drive) const {
        for (std::size_t i = 0; i < volumes_.size(); ++i)
            if (envelope_.disks[i].id == drive.disk_id)
                if (const DiskInterface* row =
                        disk_interface_from(trimmed(volumes_[i].disk.attribute_lax(Ns::ovf, "disk-interface").value())))
                    return row->model;
        return "virtio-scsi";
    }

    void link(Drive& drive) {
        const std::string& address = drive.info.address;
        const bool cdrom = drive.kind == DriveKind::cdrom;
        if (drive.kind == DriveKind::floppy) {
            drive.interface = "fdc";
            return;
        }
        if (cdrom) drive.interface = std::string(cdrom_bus(hardware_));
        const bool placed = address_get(address, "type") == "drive";
        const auto unit = number_of(address_get(address, "unit"));
        const std::uint32_t bus = number_of(address_get(address, "bus")).value_or(0);
        std::uint32_t position = number_of(address_get(address, "controller")).value_or(0);
        const auto type = controller_type_from(drive.interface);
        if (!type || drive.interface == "virtio") return;
        const auto controllers =
            controllers_of(*type, *type == ControllerType::scsi && !cdrom ? scsi_model(drive) : std::string_view{});
        const bool ide = drive.interface == "ide" || (cdrom && bus == 1);
        std::uint32_t place = unit.value_or(0);
        if (ide) {
            if (controllers.size() > 1)
                position = bus;
            else
                place += bus * 2;
        }
        if (placed && unit && place <= max_unit) drive.unit = place;
        if (controllers.empty()) return;
        drive.controller = controllers[std::min<std::size_t>(position, controllers.size() - 1)]->info.id;
        drive.interface.clear();
    }

    const std::vector<Volume>& volumes_;
    const Envelope& envelope_;
    const Form& form_;
    std::string_view display_;
    VirtualSystem& system_;
    Hardware& hardware_;
    Diagnostics& diagnostics_;
    std::vector<std::uint32_t> monitors_;
};

}  // namespace

void read_devices(const std::vector<ItemRef>& items, const std::vector<Volume>& volumes, const Envelope& envelope,
                  const Form& form, std::string_view display, VirtualSystem& system, Diagnostics& diagnostics) {
    Reader reader(volumes, envelope, form, display, system, diagnostics);
    std::size_t count = 0;
    for (const ItemRef& ref : items) {
        if (++count > ref.item.element.document()->limits().items) {
            report(
                diagnostics, "ovf-limit-exceeded", ref.item.element,
                fmt::format("the hardware section has more than {} Items", ref.item.element.document()->limits().items),
                Failure::refused);
            break;
        }
        reader.read(ref);
    }
    reader.bare_disks();
    reader.finish();
}

}  // namespace ovfkit::detail::ovirt
