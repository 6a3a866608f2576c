#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/xml_writer.hpp"
#include "model/leaf.hpp"
#include "platform/libvirt/layout.hpp"
#include "platform/libvirt/settings.hpp"

/// What the parts of the writer share.
namespace ovfkit::detail::libvirt {

/// The machine the domain will have, decided once before anything is written.
struct Target {
    std::string machine, arch;
    bool x86 = true;
    bool q35 = false;
    bool isa_only = false;  ///< isapc: no PCI bus
    bool efi = false;
    bool secure_boot = false;
    [[nodiscard]] bool has_ide() const { return x86 && !q35; }
};

struct Writer {
    const Envelope& envelope;
    const VirtualSystem& system;
    WriteContext& context;
    Settings settings;
    Target target;
    Layout layout;
    XmlWriter xml;
    Written written;
    std::vector<std::string> assigned;   ///< values libvirt makes up when it stores the domain (see origin.hpp)
    std::vector<std::string> addressed;  ///< devices whose PCI address the source gave
    std::set<std::string> aliases;
    /// Host paths and listen addresses are taken over from another host's own description, never from a package.
    bool from_platform = false;

    Writer(const Envelope& e, const VirtualSystem& s, WriteContext& c);

    [[nodiscard]] const Hardware& hardware() const { return system.hardware; }
    void note(std::string field, std::string id, Fate fate, std::string_view rule, std::string detail);
    /// What libvirt would refuse and nobody can mend here.
    void refuse(std::string_view rule, std::string message);
    void warn(std::string_view rule, std::string message);
    void id(const std::string& mine, std::string theirs);
    /// `<alias name='ua-...'/>`: libvirt keeps aliases of users only. `list` is the model's (`nics[]`).
    void alias(const DeviceInfo& info, std::string_view list);
    /// The alias to write; nullopt when there is none libvirt would keep, which is noted.
    std::optional<std::string> user_alias(const DeviceInfo& info, std::string_view list);
    /// `<name .../>`, or with the given elements inside.
    using Children = std::vector<std::pair<std::string_view, XmlWriter::Attributes>>;
    void element(std::string_view name, const XmlWriter::Attributes& attributes, const Children& children);
    /// DIR/name of the images folder.
    [[nodiscard]] std::string image_path(std::string_view name) const;
};

void decide_target(Writer& w);

void write_identity(Writer& w);  // name uuid genid title description
void write_sizing(Writer& w);    // memory currentMemory vcpu
void write_platform(Writer& w);  // os features cpu clock on_*
void write_controllers(Writer& w);
void write_drives(Writer& w);
void write_nics(Writer& w);
void write_ports(Writer& w);     // serial parallel
void write_displays(Writer& w);  // video graphics sound
void write_misc(Writer& w);      // watchdog rng tpm
void write_balloon(Writer& w);
void write_metadata(Writer& w);  // last: it lists what the others left to libvirt

}  // namespace ovfkit::detail::libvirt
