#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/leaf.hpp"
#include "model/names.hpp"

/// What the writers of platforms that run QEMU decide alike: the report, images, addresses, the order of booting.
namespace ovfkit::detail {

/// The image behind a drive; an empty path: no medium.
struct Image {
    std::string path;
    std::string format;  ///< `raw qcow2 vmdk vpc vdi`
    const VirtualDisk* disk = nullptr;
    const FileReference* file = nullptr;
    bool blank = false;  ///< to be created first
};

struct Topology {
    std::uint32_t sockets = 1, cores = 1, threads = 1;
};

struct BootEntry {
    bool nic = false;
    std::size_t index = 0;       ///< in Hardware::drives or Hardware::nics
    std::uint32_t order = 0;     ///< from 1, without doubles
};

class Writing {
public:
    Writing(const Envelope& e, const VirtualSystem& s, WriteContext& c) : envelope(e), system(s), context(c) {}

    const Envelope& envelope;
    const VirtualSystem& system;
    WriteContext& context;
    Written written;

    [[nodiscard]] const Hardware& hardware() const { return system.hardware; }
    /// The name of the VM, or its id where it has none.
    [[nodiscard]] const std::string& name() const { return system.name.empty() ? system.id : system.name; }
    /// Host paths, sockets and bridges are taken over from another host's own description, never from a package.
    [[nodiscard]] bool from_host() const;

    void dropped(std::string field, std::string id, std::string_view rule, std::string detail);
    void approximated(std::string field, std::string id, std::string_view rule, std::string detail);
    void defaulted(std::string field, std::string id, std::string_view rule, std::string detail);
    /// Nothing is written: what the platform would refuse and nobody can mend here.
    void refuse(std::string_view rule, std::string message);
    void id(const std::string& mine, std::string theirs);

    /// A platform that knows one name: what became of `id` and `name`.
    void note_name(const std::string& written_name, std::string_view why);
    /// Unspecified becomes what --balloon-default says, and is reported. `platform` for what absence means there.
    BalloonState balloon_state(std::string_view platform, std::string_view arch);
    /// What the source says of a balloon that is not there.
    void note_absent_balloon();
    /// A balloon attribute the platform has no word for.
    void drop_balloon_attribute(std::string_view field, std::string_view why);
    /// A value that has to be a UUID; empty when there is none.
    std::string uuid_of(const std::string& text, std::string_view field);
    /// Empty: none, or none that can be used.
    std::string mac_of(const Nic& nic);
    /// sockets, cores and threads that make `count`; nullopt: none given, or they do not fit.
    std::optional<Topology> topology_of(std::uint32_t count);
    /// The bus of a drive: its controller's, else the one it names, else empty.
    [[nodiscard]] std::string bus_of(const Drive& drive) const;
    [[nodiscard]] const Controller* controller_of(const Drive& drive) const;
    /// `folder`: of the images, without a slash at its end. `suffix` makes a blank image's name unique.
    Image image_of(const Drive& drive, std::string_view folder, std::string_view suffix);
    /// The devices' own order, else the classes', else none.
    std::vector<BootEntry> boot_order();

private:
    void note(std::string field, std::string id, Fate fate, std::string_view rule, std::string detail);
    std::string format_of(const Drive& drive, const Image& image);
    void check_file(const FileReference& file);
    std::map<std::string, std::string> macs_;
};

/// The element of that id; nullptr when there is none or the id is empty.
template <class List>
const typename List::value_type* find_id(const List& list, std::string_view id) {
    if (id.empty()) return nullptr;
    for (const auto& element : list)
        if (element.id == id) return &element;
    return nullptr;
}

}  // namespace ovfkit::detail
