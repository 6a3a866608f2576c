#include "descriptor/ganeti_section.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/devices.hpp"
#include "descriptor/layout.hpp"

namespace ovfkit::detail {

namespace {

constexpr std::size_t max_parameters = 1024;

bool is_none(std::string_view text) { return text.empty() || equal_nocase(text, "none"); }

class SectionReader {
public:
    SectionReader(Element section, VirtualSystem& system, Diagnostics& diagnostics)
        : section_(section), system_(system), diagnostics_(diagnostics) {}

    void run() {
        take_part(section_);
        for (Element child = section_.first(); child; child = child.next()) {
            const std::string_view name = child.local();
            if (name == "Version")
                version(child);
            else if (name == "AutoBalance")
                keep(system_.parameters, "ganeti.be", "auto_balance", std::string(child.take()));
            else if (name == "DiskTemplate")
                keep(system_.parameters, "ganeti", "disk_template", std::string(child.take()));
            else if (name == "Tags")
                keep(system_.parameters, "ganeti", "tags", std::string(child.take()));
            else if (name == "OperatingSystem")
                named(child, "os", "ganeti.os");
            else if (name == "Hypervisor")
                named(child, "hypervisor", "ganeti.hv");
            else if (name == "Network")
                network(child);
        }
    }

private:
    /// What the system holds already was said by a part that counts more.
    static void keep(std::vector<Parameter>& into, std::string space, std::string key, std::string value) {
        if (value.empty() || into.size() >= max_parameters) return;
        const bool there =
            std::any_of(into.begin(), into.end(), [&](const Parameter& p) { return p.space == space && p.key == key; });
        if (!there) into.push_back({std::move(space), std::move(key), std::move(value)});
    }

    void version(Element element) {
        if (const std::string_view text = element.take(); !text.empty() && text != "0")
            report(diagnostics_, "ovf-ganeti-version", element,
                   fmt::format("GanetiSection is of version '{}'; it is read as 0", printable(text, 40)));
    }

    /// OperatingSystem and Hypervisor: a Name, and Parameters whose element names are the keys.
    void named(Element element, std::string key, const std::string& space) {
        take_part(element);
        for (Element child = element.first(); child; child = child.next()) {
            if (child.local() == "Name") keep(system_.parameters, "ganeti", key, std::string(child.take()));
            if (child.local() != "Parameters") continue;
            take_part(child);
            for (Element parameter = child.first(); parameter; parameter = parameter.next()) {
                const std::string value(parameter.take());
                if (space == "ganeti.hv" && parameter.local() == "balloon")
                    balloon(value);
                else
                    keep(system_.parameters, space, std::string(parameter.local()), value);
            }
        }
    }

    /// The hvparam of a cluster that has one.
    void balloon(std::string_view value) {
        MemoryBalloon& balloon = system_.hardware.balloon;
        if (balloon.state != BalloonState::unspecified) return;
        if (value == "none") balloon.state = BalloonState::disabled;
        if (value == "virtio") {
            balloon.state = BalloonState::enabled;
            balloon.model = BalloonModel::virtio;
        }
    }

    void network(Element element) {
        take_part(element);
        std::size_t index = 0;
        for (Element child = element.first(); child; child = child.next())
            if (child.local() == "Nic") nic(child, index++);
    }

    /// The first NIC on the network of that name that no other Nic described, else the one at that position.
    Nic* nic_for(std::string_view network, std::size_t index) {
        auto& nics = system_.hardware.nics;
        const auto fresh = [&](const Nic& nic) { return described_.count(&nic) == 0; };
        const auto found = std::find_if(nics.begin(), nics.end(),
                                        [&](const Nic& nic) { return fresh(nic) && nic.network == network; });
        Nic* nic = found != nics.end() ? &*found : index < nics.size() && fresh(nics[index]) ? &nics[index] : nullptr;
        if (nic != nullptr) described_.insert(nic);
        return nic;
    }

    void nic(Element element, std::size_t index) {
        const Attribute name = element.attribute_lax(Ns::ovf, "name");
        Nic* nic = nic_for(name.value(), index);
        if (nic == nullptr) {
            report(diagnostics_, "ovf-ganeti-nic", element,
                   fmt::format("GanetiSection describes a NIC on '{}' that no Item has", printable(name.value(), 80)));
            return;
        }
        take_part(element);
        (void)name.take();
        for (Element child = element.first(); child; child = child.next()) {
            const std::string value(child.take());
            if (is_none(value) || value == "auto") continue;
            if (child.local() == "MACAddress" && nic->mac.empty())
                nic->mac = normal_mac(value);
            else if (child.local() == "IPAddress" && nic->ip.empty())
                nic->ip = value;
            else if (child.local() == "Mode")
                keep(nic->info.parameters, "ganeti", "mode", value);
            else if (child.local() == "Link")
                keep(nic->info.parameters, "ganeti", "link", value);
            else if (child.local() == "Net")
                keep(nic->info.parameters, "ganeti", "network", value);
        }
    }

    Element section_;
    VirtualSystem& system_;
    Diagnostics& diagnostics_;
    std::set<const Nic*> described_;
};

}  // namespace

void read_ganeti_section(Element envelope, Envelope& out, Diagnostics& diagnostics) {
    const Element section = envelope.child(Ns::gnt, "GanetiSection");
    if (section && !out.systems.empty()) SectionReader(section, out.systems.front(), diagnostics).run();
}

}  // namespace ovfkit::detail
