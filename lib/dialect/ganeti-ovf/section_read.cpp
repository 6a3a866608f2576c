#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/devices.hpp"
#include "descriptor/layout.hpp"
#include "dialect/ganeti-ovf/section.hpp"

namespace ovfkit::detail::ganeti_ovf {

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
                keep(plain_, "ganeti.be", "auto_balance", child);
            else if (name == "DiskTemplate")
                keep(plain_, "ganeti", "disk_template", child);
            else if (name == "Tags")
                keep(plain_, "ganeti", "tags", child);
            else if (name == "OperatingSystem")
                named(child, os_, "os", "ganeti.os");
            else if (name == "Hypervisor")
                named(child, hypervisor_, "hypervisor", "ganeti.hv");
            else if (name == "Network")
                network(child);
        }
        finish();
    }

private:
    /// What the system holds already was said by a part that counts more.
    void keep(std::vector<Parameter>& into, std::string_view space, std::string_view key, Element element) {
        const auto same = [&](const Parameter& p) { return p.space == space && p.key == key; };
        const bool there = std::any_of(into.begin(), into.end(), same) ||
                           std::any_of(system_.parameters.begin(), system_.parameters.end(), same);
        if (there || into.size() >= max_parameters) return;
        const std::string_view value = element.take();
        if (!value.empty()) into.push_back({std::string(space), std::string(key), std::string(value)});
    }

    void version(Element element) {
        if (const std::string_view text = element.take(); !text.empty() && text != "0")
            report(diagnostics_, "ganeti-ovf-version", element,
                   fmt::format("GanetiSection is of version '{}'; it is read as 0", printable(text, 40)));
    }

    /// OperatingSystem and Hypervisor: a Name, and Parameters whose element names are the keys.
    void named(Element element, std::vector<Parameter>& into, std::string_view key, std::string_view space) {
        take_part(element);
        for (Element child = element.first(); child; child = child.next()) {
            if (child.local() == "Name") keep(into, "ganeti", key, child);
            if (child.local() != "Parameters") continue;
            take_part(child);
            for (Element parameter = child.first(); parameter; parameter = parameter.next())
                if (space != "ganeti.hv" || parameter.local() != "balloon")
                    keep(into, space, parameter.local(), parameter);
                else if (!balloon(parameter))
                    report(diagnostics_, "ganeti-ovf-balloon-ignored", parameter,
                           fmt::format("the hvparam balloon is '{}', which is not used: it is 'virtio' or 'none', and "
                                       "an Item for the balloon counts more",
                                       printable(trimmed(parameter.text()), 60)));
        }
    }

    /// The hvparam of a cluster that has one. False: it is not used.
    bool balloon(Element element) {
        MemoryBalloon& balloon = system_.hardware.balloon;
        const std::string_view value = trimmed(element.text());
        if (value.empty()) return true;
        if (balloon.state != BalloonState::unspecified || (value != "none" && value != "virtio")) return false;
        balloon.state = value == "none" ? BalloonState::disabled : BalloonState::enabled;
        if (value == "virtio") balloon.model = BalloonModel::virtio;
        balloon.info.origin.offset = element.offset();
        (void)element.take();
        return true;
    }

    void network(Element element) {
        take_part(element);
        const auto elements = nic_elements(section_, system_.hardware.nics);
        for (Element child = element.first(); child; child = child.next()) {
            if (child.local() != "Nic") continue;
            const auto found = std::find(elements.begin(), elements.end(), child);
            if (found != elements.end())
                nic(child, system_.hardware.nics[static_cast<std::size_t>(found - elements.begin())]);
            else
                report(diagnostics_, "ganeti-ovf-nic", child,
                       fmt::format("GanetiSection describes a NIC on '{}' that no Item has",
                                   printable(child.attribute_lax(Ns::ovf, "name").value(), 80)));
        }
    }

    static void nic(Element element, Nic& nic) {
        take_part(element);
        const Attribute name_of_network = element.attribute_lax(Ns::ovf, "name");
        if (name_of_network.value() == nic.network) (void)name_of_network.take();
        std::vector<Parameter> found;
        const auto keep_nic = [&](std::string_view key, std::string_view value) {
            const auto& have = nic.info.parameters;
            const auto same = [&](const Parameter& p) { return p.space == "ganeti" && p.key == key; };
            if (std::none_of(have.begin(), have.end(), same) && std::none_of(found.begin(), found.end(), same))
                found.push_back({"ganeti", std::string(key), std::string(value)});
        };
        for (Element child = element.first(); child; child = child.next()) {
            const std::string_view name = child.local(), value = trimmed(child.text());
            if (is_none(value) || value == "auto") {
                (void)child.take();
            } else if (name == "MACAddress") {
                const std::string mac = normal_mac(value);
                if (nic.mac.empty()) nic.mac = mac;
                if (!mac.empty() && nic.mac == mac) (void)child.take();
            } else if (name == "IPAddress") {
                if (nic.ip.empty()) nic.ip = std::string(value);
                if (nic.ip == value) (void)child.take();
            } else if (name == "Mode" || name == "Link" || name == "Net") {
                keep_nic(name == "Net" ? "network" : to_lower(name), child.take());
            }
        }
        nic.info.parameters.insert(nic.info.parameters.begin(), std::make_move_iterator(found.begin()),
                                   std::make_move_iterator(found.end()));
    }

    /// In one order, wherever they stand.
    void finish() {
        const auto rank = [](const Parameter& p) {
            return p.key == "auto_balance" ? 0 : p.key == "disk_template" ? 1 : 2;
        };
        std::stable_sort(plain_.begin(), plain_.end(),
                         [&](const Parameter& a, const Parameter& b) { return rank(a) < rank(b); });
        for (std::vector<Parameter>* list : {&os_, &hypervisor_}) {
            std::stable_partition(list->begin(), list->end(), [](const Parameter& p) { return p.space == "ganeti"; });
            plain_.insert(plain_.end(), list->begin(), list->end());
        }
        system_.parameters.insert(system_.parameters.begin(), plain_.begin(), plain_.end());
    }

    Element section_;
    VirtualSystem& system_;
    Diagnostics& diagnostics_;
    std::vector<Parameter> plain_, os_, hypervisor_;
};

}  // namespace

std::vector<Element> nic_elements(Element section, const std::vector<Nic>& nics) {
    std::vector<Element> out(nics.size());
    const Element network = section.child_lax(Ns::gnt, "Network");
    std::size_t index = 0;
    for (Element child = network.first(); child; child = child.next()) {
        if (child.local() != "Nic") continue;
        const std::string_view name = child.attribute_lax(Ns::ovf, "name").value();
        std::size_t at = 0;
        while (at < nics.size() && (out[at] || nics[at].network != name)) ++at;
        // None on that network that is free: the one at that position.
        if (at == nics.size()) at = index;
        ++index;
        if (at < nics.size() && !out[at]) out[at] = child;
    }
    return out;
}

void read_section(Element envelope, Envelope& out, Diagnostics& diagnostics) {
    const Element section = envelope.child(Ns::gnt, "GanetiSection");
    if (section && !out.systems.empty()) SectionReader(section, out.systems.front(), diagnostics).run();
}

}  // namespace ovfkit::detail::ganeti_ovf
