#include "edit/editor.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "base/sha256.hpp"
#include "model/names.hpp"

namespace ovfkit::detail::edit {

namespace {

/// Calls `see` with the id of every device of the VM.
struct DeviceIds {
    const Hardware& hardware;
    const std::function<void(std::string_view)>& see;

    template <class M>
    void operator()(std::string_view, M Hardware::*) const {}
    template <class G>
    void group(std::string_view, G Hardware::*member) const {
        see((hardware.*member).info.id);
    }
    template <class L>
    void list(std::string_view, std::vector<L> Hardware::*member) const {
        for (const L& device : hardware.*member) see(device.info.id);
    }
};

std::string uuid_from(const std::string& seed) { return normal_uuid(sha256_hex(seed).substr(0, 32)); }

/// The id after `last`: its number counted up until it is free. `first` where there is none.
template <class List>
std::string next_id(const List& list, std::string_view first) {
    const auto taken = [&](const std::string& id) {
        return std::any_of(list.begin(), list.end(), [&](const auto& element) { return element.id == id; });
    };
    std::string stem(first);
    if (!list.empty()) {
        const std::string& last = list.back().id;
        if (!normal_uuid(last).empty()) {
            std::string out;
            for (std::size_t i = 0; out.empty() || taken(out); ++i) out = uuid_from(fmt::format("{} {}", last, i));
            return out;
        }
        stem = last;
    }
    const std::size_t digits = stem.find_last_not_of("0123456789") + 1;
    std::uint32_t at = to_number<std::uint32_t>(std::string_view(stem).substr(digits)).value_or(list.empty() ? 0 : 1);
    stem.resize(digits);
    std::string out;
    do out = fmt::format("{}{}", stem, list.empty() ? at : ++at);
    while (taken(out) && ++at != 0);
    return out;
}

}  // namespace

Editor::Editor(Envelope& e, const EditOptions& o) : envelope(e), options(o) {
    std::vector<std::string_view> names;
    for (VirtualSystem& system : envelope.systems) {
        names.push_back(system.id);
        names.push_back(system.name);
        if (options.vm.empty() || options.vm == system.id || options.vm == system.name) systems_.push_back(&system);
    }
    if (systems_.empty() && !options.vm.empty()) fail(fmt::format("--vm: there is no '{}' in it{}", options.vm, did_you_mean(options.vm, names)));
}

VirtualSystem& Editor::system(std::string_view what) const {
    if (systems_.size() == 1) return *systems_.front();
    std::vector<std::string_view> ids;
    for (const VirtualSystem* system : systems_) ids.push_back(system->id);
    fail(systems_.empty() ? fmt::format("{}: there is no virtual machine in it", what)
                          : fmt::format("{}: of which virtual machine? Say --vm with one of {}", what, fmt::join(ids, ", ")));
}

std::string Editor::new_device_id(const VirtualSystem& system) const {
    std::uint64_t highest = 0;
    bool uuids = false;
    std::vector<std::string> all;
    const std::function<void(std::string_view)> see = [&](std::string_view id) {
        if (const auto value = to_number<std::uint32_t>(id)) highest = std::max<std::uint64_t>(highest, *value);
        uuids |= !normal_uuid(id).empty();
        all.emplace_back(id);
    };
    describe(static_cast<Hardware*>(nullptr), DeviceIds{system.hardware, see});
    if (!uuids) return std::to_string(highest + 1);
    std::string out;
    for (std::size_t i = all.size(); out.empty() || std::find(all.begin(), all.end(), out) != all.end(); ++i)
        out = uuid_from(fmt::format("{} {}", system.id, i));
    return out;
}

std::string Editor::new_file_id() const { return next_id(envelope.files, "file1"); }
std::string Editor::new_disk_id() const { return next_id(envelope.disks, "vmdisk1"); }

void Editor::need_network(const std::string& name) {
    if (name.empty()) return;
    for (const Network& network : envelope.networks)
        if (network.name == name) return;
    envelope.networks.push_back({name, {}, {}});
}

void Editor::drop_file(const std::string& id) {
    if (id.empty()) return;
    for (const VirtualDisk& disk : envelope.disks)
        if (disk.file_id == id) return;
    for (const VirtualSystem& system : envelope.systems) {
        if (system.hardware.nvram_file_id == id) return;
        for (const Drive& drive : system.hardware.drives)
            if (drive.file_id == id) return;
    }
    std::erase_if(envelope.files, [&](const FileReference& file) { return file.id == id; });
}

}  // namespace ovfkit::detail::edit
