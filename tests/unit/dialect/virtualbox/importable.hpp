#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <pugixml.hpp>

/// What VirtualBox refuses in a descriptor, by the rules of its own reader (ovfreader.cpp, Settings.cpp); nothing of
/// ovfkit is in it. Names count by their local part, as there.
namespace ovfkit::test {

class ImportCheck {
public:
    /// What it would refuse, a line each; empty: it takes the descriptor.
    static std::string refusals(const std::string& text) {
        pugi::xml_document document;
        if (!document.load_buffer(text.data(), text.size())) return "not well-formed\n";
        ImportCheck check;
        check.envelope(document.document_element());
        return check.out_;
    }

private:
    static std::string_view local(pugi::xml_node node) {
        const std::string_view name = node.name();
        const auto colon = name.find(':');
        return colon == std::string_view::npos ? name : name.substr(colon + 1);
    }
    static std::string attribute(pugi::xml_node node, std::string_view wanted) {
        for (const pugi::xml_attribute& a : node.attributes()) {
            std::string_view name = a.name();
            if (const auto colon = name.find(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
            if (name == wanted) return a.value();
        }
        return {};
    }
    static pugi::xml_node child(pugi::xml_node node, std::string_view wanted) {
        for (const pugi::xml_node& c : node.children())
            if (local(c) == wanted) return c;
        return {};
    }
    /// What a section is: by name, or by xsi:type in 0.9.
    static std::string meaning(pugi::xml_node node) {
        const std::string_view name = local(node);
        if (name != "Section" && name != "Content") return std::string(name);
        std::string type = attribute(node, "type");
        if (type.starts_with("ovf:")) type.erase(0, 4);
        return type.ends_with("_Type") ? type.substr(0, type.size() - 5) : type;
    }
    static bool is_number(std::string_view text) {
        return !text.empty() && text.size() < 20 && text.find_first_not_of("0123456789") == std::string_view::npos;
    }
    void refuse(const std::string& what) { out_ += what + "\n"; }

    void envelope(pugi::xml_node root) {
        for (const pugi::xml_node& section : root.children()) {
            if (local(section) == "References")
                for (const pugi::xml_node& file : section.children())
                    files_.insert(attribute(file, "id")),
                        attribute(file, "href").empty() ? refuse("File without href") : void();
            if (meaning(section) == "DiskSection") disks(section);
        }
        content(root);
    }

    void content(pugi::xml_node parent) {
        for (const pugi::xml_node& node : parent.children()) {
            if (meaning(node) == "VirtualSystem") system(node);
            if (meaning(node) == "VirtualSystemCollection") content(node);
        }
    }

    void disks(pugi::xml_node section) {
        for (const pugi::xml_node& disk : section.children()) {
            if (local(disk) != "Disk") continue;
            const std::string id = attribute(disk, "diskId");
            if (id.empty()) refuse("Disk without diskId");
            if (attribute(disk, "format").empty()) refuse("Disk " + id + " without format");
            if (!is_number(attribute(disk, "capacity"))) refuse("Disk " + id + " without a capacity that is a number");
            const std::string file = attribute(disk, "fileRef");
            if (!file.empty() && files_.count(file) == 0) refuse("Disk " + id + " without its File");
            disks_[id] = attribute(disk, "uuid");
        }
    }

    void system(pugi::xml_node system) {
        for (const pugi::xml_node& section : system.children()) {
            if (meaning(section) == "VirtualHardwareSection") hardware(section);
            if (meaning(section) == "OperatingSystemSection" && !is_number(attribute(section, "id")))
                refuse("OperatingSystemSection without an id that is a number");
            if (std::string_view(section.name()) == "vbox:Machine") machine(section);
        }
    }

    struct Item {
        std::map<std::string, std::string> values;
        bool required = true;
        [[nodiscard]] std::string operator[](const std::string& name) const {
            const auto found = values.find(name);
            return found == values.end() ? std::string{} : found->second;
        }
    };

    Item item(pugi::xml_node node) {
        Item out;
        out.required = attribute(node, "required") != "false";
        std::string last;
        for (const pugi::xml_node& field : node.children()) {
            const std::string_view name = field.name();
            const auto colon = name.find(':');
            if (colon == std::string_view::npos || name.substr(0, colon).find("asd") == std::string_view::npos)
                continue;
            std::string field_name(local(field));
            if (field_name == "InstanceId") field_name = "InstanceID";
            // VMware needs them sorted, and VirtualBox writes them so since its bug 6612.
            if (field_name < last) refuse("Item's children are not sorted: " + field_name);
            last = field_name;
            out.values.emplace(field_name, field.child_value());
        }
        return out;
    }

    void hardware(pugi::xml_node section) {
        std::vector<Item> items;
        std::set<std::string> controllers;
        for (const pugi::xml_node& node : section.children()) {
            const std::string_view name = local(node);
            if (name != "Item" && name != "StorageItem" && name != "EthernetPortItem") continue;
            items.push_back(item(node));
            const Item& x = items.back();
            const std::string type = x["ResourceType"];
            if (!is_number(type) || type == "0") refuse("Item without ResourceType, or with 0");
            if (type == "5" || type == "6" || type == "20") {
                if (x["InstanceID"].empty()) refuse("controller without InstanceID");
                controllers.insert(x["InstanceID"]);
            }
            if (type == "20" && !is_other_storage(x["ResourceSubType"]))
                refuse("ResourceType 20 with sub-type '" + x["ResourceSubType"] + "'");
            if (type == "3" && (!is_number(x["VirtualQuantity"]) || std::stoull(x["VirtualQuantity"]) >= 65535))
                refuse("number of CPUs");
            if (type == "4" && !is_memory_unit(x["AllocationUnits"])) refuse("memory unit " + x["AllocationUnits"]);
            if (x.required && !is_known(type)) refuse("ResourceType " + type + " is required and unknown");
            if (name == "StorageItem" && !x["VirtualQuantity"].empty()) refuse("StorageItem with a quantity and no unit");
        }
        for (const Item& x : items) {
            const std::string type = x["ResourceType"];
            if (type != "15" && type != "17") continue;
            if (controllers.count(x["Parent"]) == 0) refuse("drive " + x["InstanceID"] + " has no controller as Parent");
            if (type == "17" && disks_.count(disk_of(x["HostResource"])) == 0)
                refuse("hard disk " + x["InstanceID"] + " on '" + x["HostResource"] + "'");
        }
    }

    static std::string disk_of(const std::string& resource) {
        for (const std::string_view prefix : {"ovf://disk/", "ovf:/disk/", "/disk/"})
            if (resource.starts_with(prefix)) return resource.substr(prefix.size());
        return "?";
    }
    static std::string lower_case(std::string text) {
        for (char& c : text)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        return text;
    }
    static bool is_other_storage(const std::string& word) {
        static const std::set<std::string> known{"ahci", "vmware.sata.ahci", "virtioscsi",
                                                 "virtio-scsi", "nvme", "vmware.nvme.controller"};
        return known.count(lower_case(word)) != 0;
    }
    static bool is_memory_unit(const std::string& unit) {
        static const std::set<std::string> known{"MegaBytes", "MB", "byte * 2^20", "GigaBytes", "GB", "byte * 2^30"};
        return known.count(unit) != 0;
    }
    static bool is_known(const std::string& type) {
        static const std::set<std::string> known{"3", "4", "5", "6", "10", "14", "15", "17", "20", "23", "35"};
        return known.count(type) != 0;
    }

    // ------------------------------------------------------------------------------ the settings inside

    static bool is_uuid(const std::string& text) {
        if (text.size() != 38 || text.front() != '{' || text.back() != '}') return false;
        for (std::size_t i = 1; i < 37; ++i) {
            const bool dash = i == 9 || i == 14 || i == 19 || i == 24;
            if (dash ? text[i] != '-' : std::string_view("0123456789abcdefABCDEF").find(text[i]) == std::string_view::npos)
                return false;
        }
        return true;
    }

    void word(pugi::xml_node node, std::string_view name, const std::set<std::string>& words) {
        const std::string value = attribute(node, name);
        if (!value.empty() && words.count(value) == 0)
            refuse(std::string(local(node)) + "/@" + std::string(name) + " '" + value + "'");
    }

    void slots(pugi::xml_node parent, unsigned long limit) {
        std::set<std::string> seen;
        for (const pugi::xml_node& node : parent.children()) {
            const std::string slot = attribute(node, "slot");
            if (!is_number(slot) || std::stoul(slot) >= limit) refuse(std::string(node.name()) + " slot " + slot);
            if (!seen.insert(slot).second) refuse(std::string(node.name()) + " slot twice: " + slot);
        }
    }

    void machine(pugi::xml_node machine) {
        if (!is_uuid(attribute(machine, "uuid"))) refuse("Machine/@uuid");
        if (attribute(machine, "name").empty()) refuse("Machine/@name");
        if (attribute(machine, "OSType").empty()) refuse("Machine/@OSType");
        if (attribute(machine, "required") != "false") refuse("Machine is required: others refuse it");
        const pugi::xml_node hardware = child(machine, "Hardware");
        const std::string ram = attribute(child(hardware, "Memory"), "RAMSize");
        if (!is_number(ram) || std::stoul(ram) < 4 || std::stoul(ram) > 2097152) refuse("Memory/@RAMSize");
        const std::string balloon = attribute(child(hardware, "Guest"), "memoryBalloonSize");
        if (!balloon.empty() && (!is_number(balloon) || std::stoul(balloon) >= std::stoul(ram)))
            refuse("Guest/@memoryBalloonSize " + balloon);
        const std::string cpus = attribute(child(hardware, "CPU"), "count");
        if (!cpus.empty() && (!is_number(cpus) || std::stoul(cpus) < 1 || std::stoul(cpus) > 64)) refuse("CPU/@count");
        word(child(hardware, "Firmware"), "type", {"BIOS", "EFI", "EFI32", "EFI64", "EFIDUAL"});
        word(child(hardware, "Chipset"), "type", {"PIIX3", "ICH9"});
        word(child(hardware, "RTC"), "localOrUTC", {"local", "UTC"});
        word(child(hardware, "TrustedPlatformModule"), "type", {"None", "v1_2", "v2_0", "Host", "Swtpm"});
        word(child(hardware, "AudioAdapter"), "controller", {"AC97", "HDA", "SB16"});
        word(child(hardware, "Display"), "controller", {"VBoxVGA", "VMSVGA", "VBoxSVGA", "QemuRamFB", "None"});
        slots(child(hardware, "Network"), 36);
        for (const pugi::xml_node& adapter : child(hardware, "Network").children()) {
            word(adapter, "type", {"Am79C970A", "Am79C973", "Am79C960", "82540EM", "82543GC", "82545EM", "virtio",
                                   "82583V", "NE1000", "NE2000"});
            const std::string mac = attribute(adapter, "MACAddress");
            if (!mac.empty() &&
                (mac.size() != 12 || mac.find_first_not_of("0123456789ABCDEFabcdef") != std::string::npos))
                refuse("Adapter/@MACAddress " + mac);
        }
        slots(child(hardware, "UART"), 4);
        for (const pugi::xml_node& port : child(hardware, "UART").children())
            word(port, "hostMode", {"Disconnected", "HostPipe", "HostDevice", "RawFile", "TCP"});
        slots(child(hardware, "LPT"), 2);
        std::set<std::string> positions;
        for (const pugi::xml_node& order : child(hardware, "Boot").children()) {
            const std::string position = attribute(order, "position");
            if (position < "1" || position > "4" || !positions.insert(position).second) refuse("Order " + position);
            word(order, "device", {"None", "Floppy", "DVD", "HardDisk", "Network"});
        }
        const pugi::xml_node own = child(machine, "StorageControllers");
        storage(own ? own : child(hardware, "StorageControllers"));
    }

    void storage(pugi::xml_node all) {
        std::set<std::string> names;
        for (const pugi::xml_node& controller : all.children()) {
            if (!names.insert(attribute(controller, "name")).second) refuse("two StorageControllers of one name");
            word(controller, "type", {"AHCI", "LsiLogic", "BusLogic", "PIIX3", "PIIX4", "ICH6", "LsiLogicSas", "I82078",
                                      "USB", "NVMe", "VirtioSCSI"});
            std::set<std::string> places;
            for (const pugi::xml_node& device : controller.children()) {
                if (!places.insert(attribute(device, "port") + ":" + attribute(device, "device")).second)
                    refuse("two devices at one port");
                if (std::stoul(attribute(device, "port")) >= std::stoul(attribute(controller, "PortCount")))
                    refuse("port beyond PortCount");
                const pugi::xml_node image = child(device, "Image");
                if (!image) continue;
                const std::string uuid = attribute(image, "uuid");
                bool found = false;
                for (const auto& [id, disk] : disks_) found = found || (!disk.empty() && uuid == "{" + disk + "}");
                if (!is_uuid(uuid) || !found) refuse("attached image " + uuid + " is no Disk");
            }
        }
    }

    std::string out_;
    std::set<std::string> files_;
    std::map<std::string, std::string> disks_;
};

inline std::string refusals(const std::string& text) { return ImportCheck::refusals(text); }

}  // namespace ovfkit::test
