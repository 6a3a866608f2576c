#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <ovfkit/edit.hpp>

#include "edit/words.hpp"
#include "model/fields.hpp"

/// What the operations work on.
namespace ovfkit::detail::edit {

class Editor {
public:
    Editor(Envelope& e, const EditOptions& o);

    Envelope& envelope;
    const EditOptions& options;

    /// The VMs that `--vm` names, or all.
    [[nodiscard]] const std::vector<VirtualSystem*>& systems() const { return systems_; }
    /// The VM an operation is about that makes sense for one only.
    [[nodiscard]] VirtualSystem& system(std::string_view what) const;

    /// An id no device of it has: the next number, or a UUID where they are UUIDs.
    [[nodiscard]] std::string new_device_id(const VirtualSystem& system) const;
    /// `file3` after `file2`.
    [[nodiscard]] std::string new_file_id() const;
    [[nodiscard]] std::string new_disk_id() const;
    /// The network is listed once.
    void need_network(const std::string& name);
    /// Takes the File away unless something refers to it.
    void drop_file(const std::string& id);

private:
    std::vector<VirtualSystem*> systems_;
};

/// The device of that id or, when only one has it, of that name. Throws UsageError with the nearest of both.
template <class Device>
Device& find_device(std::vector<Device>& list, std::string_view what, std::string_view id) {
    std::vector<std::string_view> words;
    Device* named = nullptr;
    bool twice = false;
    for (Device& device : list) {
        if (device.info.id == id && !id.empty()) return device;
        words.push_back(device.info.id);
        words.push_back(device.info.name);
        if (id.empty() || device.info.name != id) continue;
        twice = named != nullptr;
        named = &device;
    }
    if (twice) fail(fmt::format("{}: several are called '{}': name one by its id", what, id));
    if (named != nullptr) return *named;
    std::vector<std::string> ids;
    for (const Device& device : list) ids.push_back(device.info.name.empty() ? device.info.id : fmt::format("{} ({})", device.info.id, device.info.name));
    std::string hint = did_you_mean(id, words);
    if (hint.empty()) hint = ids.empty() ? "; there is none" : fmt::format("; there are {}", fmt::join(ids, ", "));
    fail(fmt::format("{}: there is no '{}'{}", what, id, hint));
}

struct Operation {
    EditOperation row;
    void (*apply)(Editor& editor, const std::string& value);
};

// By subject, in the order of the help.
std::span<const Operation> general_operations();
std::span<const Operation> compute_operations();
std::span<const Operation> network_operations();
std::span<const Operation> disk_operations();
std::span<const Operation> controller_operations();
std::span<const Operation> product_operations();
std::span<const Operation> configuration_operations();
std::span<const Operation> path_operations();

/// Throws UsageError for what is wrong in `after` and was not in `before`.
void check(const Envelope& before, const Envelope& after);
/// Brings what follows from the edits in line: sockets, numbers in labels.
void settle(const Envelope& before, Envelope& after);

}  // namespace ovfkit::detail::edit
