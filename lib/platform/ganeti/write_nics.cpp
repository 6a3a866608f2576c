#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "platform/ganeti/instance.hpp"

// NICs, and the one nic_type that all of them share.
namespace ovfkit::detail::ganeti {

namespace {

struct Type {
    std::string word;
    bool exact = true;
};

Type kvm_type(const std::string& model) {
    if (model.empty() || model == "virtio") return {"paravirtual", true};
    for (const std::string_view word :
         {"e1000", "i82551", "i82557b", "i82559er", "ne2k_isa", "ne2k_pci", "pcnet", "rtl8139"})
        if (model == word) return {model, true};
    if (model == "e1000e") return {"e1000", false};
    if (model == "flexible") return {"pcnet", false};
    return {"paravirtual", false};
}

Type xen_type(const std::string& model) {
    if (model == "netfront" || model == "virtio" || model.starts_with("vmxnet"))
        return {"paravirtual", model == "netfront"};
    for (const std::string_view word : {"e1000", "ne2k_isa", "ne2k_pci", "rtl8139"})
        if (model == word) return {model, true};
    if (model.empty()) return {"rtl8139", true};
    return {model == "e1000e" ? "e1000" : "rtl8139", false};
}

void choose_type(Job& job) {
    const auto& nics = job.system.hardware.nics;
    if (nics.empty()) return;
    if (!job.is("kvm") && !job.is("xen-hvm")) {
        for (const Nic& nic : nics)
            if (!nic.model.empty() && !(nic.model == "netfront" && job.is("xen-pvm")))
                job.notes.approximated("nics[].model", nic.info.id, "ganeti-hypervisor-limit",
                                       fmt::format("'{}': {} has no NIC types", nic.model, job.out.hypervisor.value));
        return;
    }
    const auto type_of = [&](const Nic& nic) { return job.is("kvm") ? kvm_type(nic.model) : xen_type(nic.model); };
    const auto named = std::find_if(nics.begin(), nics.end(), [](const Nic& nic) { return !nic.model.empty(); });
    const Type chosen = type_of(named == nics.end() ? nics.front() : *named);
    job.set("nic_type", chosen.word);
    if (named == nics.end()) {
        job.notes.defaulted("nics[].model", nics.front().info.id, "ganeti-nic-type-defaulted",
                            "the source names no NIC model: nic_type=" + chosen.word);
        return;
    }
    for (const Nic& nic : nics) {
        if (nic.model.empty()) continue;
        const Type own = type_of(nic);
        if (own.word != chosen.word)
            job.notes.approximated(
                "nics[].model", nic.info.id, "ganeti-nic-type-mixed",
                fmt::format("'{}': all NICs of an instance share nic_type={}", nic.model, chosen.word));
        else if (!own.exact)
            job.notes.approximated("nics[].model", nic.info.id, "ganeti-nic-type-approximated",
                                   fmt::format("'{}' becomes {}", nic.model, chosen.word));
    }
}

std::string mac_of(Job& job, const Nic& nic) {
    if (nic.mac.empty()) return "auto";
    const std::string mac = normal_mac(nic.mac);
    if (mac.empty() || is_multicast(mac) || mac == "00:00:00:00:00:00") {
        job.notes.approximated("nics[].mac", nic.info.id, "ganeti-mac-unusable",
                               fmt::format("'{}' is {}: the cluster chooses one (auto)", nic.mac,
                                           mac.empty() ? "no MAC address" : "no address of one NIC"));
        return "auto";
    }
    return mac;
}

/// Where a NIC is plugged in. Ganeti's own words when the source speaks them; else a logical network becomes the link
/// of the options.
void attach(Job& job, const Nic& nic, NicSpec& spec) {
    const std::string& kind = nic.attachment;
    const bool host = kind == "bridge" || kind == "openvswitch" || kind == "routed";
    const auto own = [&](std::string_view key) {
        for (const Parameter& parameter : nic.info.parameters)
            if (parameter.space == "ganeti" && parameter.key == key) return parameter.value;
        return std::string{};
    };
    spec.name = own("name");
    if (job.from_ganeti && kind == "network" && !nic.network.empty()) {
        spec.network = nic.network;
        return;
    }
    // What Ganeti's own OVF says of a NIC beside its Item.
    if (kind.empty() && (!own("network").empty() || !own("link").empty())) {
        spec.network = own("network");
        if (!spec.network.empty()) return;
        spec.mode = own("mode").empty() ? "bridged" : own("mode");
        spec.link = own("link");
        return;
    }
    if (host && !nic.network.empty()) {
        spec.mode = kind == "bridge" ? "bridged" : kind;
        spec.link = nic.network;
    } else {
        spec.mode = job.options.mode;
        spec.link = job.options.link;
        const std::string detail =
            fmt::format("network '{}' becomes {} on {}; choose with --network or -O ganeti.network-link", nic.network,
                        spec.mode, spec.link);
        if (nic.network.empty())
            job.notes.defaulted("nics[].network", nic.info.id, "ganeti-nic-link",
                                fmt::format("no network is named: {} on {}", spec.mode, spec.link));
        else if (nic.network != spec.link)
            job.notes.approximated("nics[].network", nic.info.id, "ganeti-nic-link", detail);
        if (kind == "user" || kind == "direct")
            job.notes.approximated("nics[].attachment", nic.info.id, "ganeti-nic-link",
                                   fmt::format("'{}' becomes {}", kind, spec.mode));
    }
    if (spec.mode != "routed" && !is_interface(spec.link))
        job.notes.refuse(
            "ganeti-nic-link-invalid",
            fmt::format("NIC '{}': '{}' cannot be the name of a bridge; choose with -O ganeti.network-link",
                        nic.info.id, spec.link));
}

void write_one(Job& job, const Nic& nic, std::set<std::string>& macs) {
    NicSpec spec;
    spec.id = nic.info.id;
    spec.mac = mac_of(job, nic);
    if (spec.mac != "auto" && !macs.insert(spec.mac).second) {
        job.notes.approximated("nics[].mac", nic.info.id, "ganeti-mac-unusable",
                               fmt::format("'{}' is already another NIC's: the cluster chooses one (auto)", spec.mac));
        spec.mac = "auto";
    }
    attach(job, nic, spec);
    if (is_ip_address(nic.ip) || (nic.ip == "pool" && !spec.network.empty()))
        spec.ip = nic.ip;
    else if (!nic.ip.empty())
        job.notes.dropped("nics[].ip", nic.info.id, "ganeti-nic-address", fmt::format("'{}' is no IP address", nic.ip));
    if (spec.mode == "routed" && spec.ip.empty())
        job.notes.refuse(
            "ganeti-nic-routed",
            fmt::format(
                "NIC '{}' is routed and has no IP address; Ganeti refuses that. Choose -O ganeti.network-mode=bridged",
                nic.info.id));
    if (is_vlan(nic.vlan) && job.options.version >= 211 && spec.network.empty())
        spec.vlan = nic.vlan;
    else if (!nic.vlan.empty())
        job.notes.dropped("nics[].vlan", nic.info.id, "ganeti-nic-address",
                          fmt::format("VLAN '{}' cannot be given here", nic.vlan));
    if (!nic.connected.value_or(true))
        job.notes.approximated("nics[].connected", nic.info.id, "ganeti-link-state",
                               "the NIC is connected from the start");
    if (!nic.link_up.value_or(true))
        job.notes.approximated("nics[].link_up", nic.info.id, "ganeti-link-state", "the link is up from the start");
    job.ids.emplace_back(nic.info.id, fmt::format("nic:{}", job.out.nics.size()));
    job.out.nics.push_back(std::move(spec));
}

}  // namespace

void write_nics(Job& job) {
    const auto& nics = job.system.hardware.nics;
    if (nics.size() > max_nics)
        job.notes.refuse("ganeti-nics-exceeded", fmt::format("VM '{}' has {} NICs; an instance has at most {}",
                                                             job.system.id, nics.size(), max_nics));
    std::set<std::string> macs;
    for (const Nic& nic : nics) write_one(job, nic, macs);
    choose_type(job);
    if (nics.empty())
        job.notes.defaulted(
            "nics", {}, "ganeti-nics-none",
            "the VM has no NIC: create it with --no-nics, and allow 0 in the cluster's ipolicy (nic-count)");
}

}  // namespace ovfkit::detail::ganeti
