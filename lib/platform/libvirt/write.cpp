#include "platform/libvirt/leaf.hpp"

#include "platform/libvirt/words.hpp"
#include "platform/libvirt/writer.hpp"

namespace ovfkit::detail::libvirt {

Written write(std::string_view /*form*/, const Envelope& envelope, const VirtualSystem& system, WriteContext& context) {
    Writer w(envelope, system, context);
    decide_target(w);
    plan_layout(w);
    plan_boot(w);
    w.xml.open("domain", {{"type", w.settings.type}});
    write_identity(w);
    write_sizing(w);
    write_platform(w);
    w.xml.open("devices");
    write_drives(w);
    write_controllers(w);
    write_nics(w);
    write_ports(w);
    write_displays(w);
    write_misc(w);
    write_balloon(w);
    w.xml.close();
    write_metadata(w);
    w.xml.close();
    const std::string name = domain_name(system.name.empty() ? system.id : system.name);
    w.written.files.push_back({file_name(name) + ".xml", w.xml.text(), false, false});
    return std::move(w.written);
}

}  // namespace ovfkit::detail::libvirt
