#include <utility>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "dialect/ovirt/encode.hpp"
#include "dialect/ovirt/reading.hpp"
#include "dialect/ovirt/words.hpp"

namespace ovfkit::detail::ovirt {

namespace {

bool is_mac(std::string_view text) {
    if (text.size() != 17) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (i % 3 == 2 ? c != ':' : !hex) return false;
    }
    return true;
}

}  // namespace

void read_nic(ItemView& view, Reading& r) {
    Nic nic;
    const std::string_view subtype = view.look("ResourceSubType");
    const NicType* type = nic_type_from(subtype);
    if (type == nullptr) {
        type = nic_type_from("3");
        if (!subtype.empty()) {
            view.leave("ResourceSubType");
            report(r.diagnostics, "ovirt-nic-type-unknown", view.element(),
                   fmt::format("rasd:ResourceSubType '{}' is no NIC type of oVirt; the engine takes virtio",
                               printable(subtype, 40)));
        }
    } else {
        (void)view.take("ResourceSubType");
    }
    nic.model = std::string(type->model);
    nic.network = std::string(view.take("Connection"));
    const auto linked = nic.network.empty() && java_true(view.look("Linked")) ? std::nullopt : take_flag(view, "Linked");
    view.leave("Linked");  // a link to nothing
    nic.link_up = nic.network.empty() ? std::optional(false) : linked;
    nic.connected = take_flag(view, "IsPlugged");
    nic.boot_index = take_boot_order(view);
    const std::string mac = to_lower(view.look("MACAddress"));
    if (is_mac(mac)) {
        nic.mac = mac;
        (void)view.take("MACAddress");
    } else if (!mac.empty()) {
        view.leave("MACAddress");
        report(r.diagnostics, "ovirt-mac-invalid", view.element(),
               fmt::format("rasd:MACAddress '{}' is not of the form 00:1a:4a:16:01:51", printable(mac, 40)));
    }
    const std::string name(view.take("Name"));
    const std::string element_name(name.empty() || view.look("ElementName") == name ? view.take("ElementName")
                                                                                   : std::string_view{});
    view.leave("ElementName");  // the engine reads Name
    view.take_if("speed", type->speed);
    view.leave("speed");
    if (view.look("OtherResourceType") == nic.network) (void)view.take("OtherResourceType");
    const std::string profile(view.take("OtherResourceType"));
    nic.info = view.finish(implied_nic_caption(nic.network), {}, false, r.diagnostics);
    nic.info.name = name.empty() ? element_name : name;
    if (!profile.empty()) add_parameter(nic.info.parameters, "nic.profile", profile);
    if (type->number == "0") add_parameter(nic.info.parameters, "nic.type", "0");
    sort_parameters(nic.info.parameters);
    r.hardware().nics.push_back(std::move(nic));
}

}  // namespace ovfkit::detail::ovirt
