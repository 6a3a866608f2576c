#include "convert/select.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <ovfkit/diagnostic.hpp>

#include "convert/read.hpp"

namespace ovfkit::detail {

namespace {

template <class T>
std::unordered_map<std::string_view, std::size_t> index_of(const std::vector<T>& list, std::string T::*key) {
    std::unordered_map<std::string_view, std::size_t> out;
    for (std::size_t i = 0; i < list.size(); ++i) out.emplace(list[i].*key, i);
    return out;
}

/// Takes out of `list` what is not `kept`, with a row for each.
template <class T, class Keep>
void leave_out(std::vector<T>& list, Keep&& keep, std::string_view path, std::string T::*key, std::string_view what,
               const Places& places, std::vector<LossRow>& rows) {
    std::vector<T> out;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (keep(i)) {
            out.push_back(std::move(list[i]));
            continue;
        }
        const Places::Place place = places.find(list[i].origin);
        LossRow row;
        row.path = place.path.empty() ? fmt::format("{}[{}]", path, list[i].*key) : place.path;
        row.line = place.line;
        row.rule = "convert-part-left-out";
        row.detail = fmt::format("{} '{}' is left out, as asked", what, printable(list[i].*key, 80));
        row.label = true;
        rows.push_back(std::move(row));
    }
    list = std::move(out);
}

/// The only VM left, alone: readers look for a VM below the Envelope (virt-v2v makes an empty machine of any other),
/// and VMware's tools refuse a StartupSection beside it.
void take_out_of_collection(Envelope& envelope, const Places& places, std::vector<LossRow>& rows) {
    const auto lose = [&](Origin origin, std::string path, std::string_view field, std::string detail) {
        const Places::Place place = places.find(origin);
        rows.push_back({place.path.empty() ? std::move(path) : place.path, place.line, Fate::dropped,
                        "convert-collection-alone", std::move(detail), false, std::string(field)});
    };
    for (const StartupItem& item : envelope.startup)
        lose(item.origin, fmt::format("startup[{}]", item.id), "startup[].id",
             fmt::format("when '{}' starts and stops among others: one machine alone has no place for it",
                         printable(item.id, 80)));
    for (const ResourceAllocation& item : envelope.allocations)
        lose(item.origin, fmt::format("allocations[{}]", item.id), "allocations[].id",
             fmt::format("'{}' is about all machines of the collection; one alone has no place for it",
                         printable(item.name, 80)));
    // What all machines of the collection see, this one keeps.
    std::vector<Product>& own = envelope.systems.front().products;
    for (Product& product : envelope.products) {
        const auto same = [&](const Product& p) {
            return p.class_name == product.class_name && p.instance == product.instance;
        };
        if (std::none_of(own.begin(), own.end(), same))
            own.push_back(std::move(product));
        else
            lose(product.origin, fmt::format("products[{}]", product.class_name), "products[].class_name",
                 fmt::format("the collection's product of class '{}' gives way to the machine's own",
                             printable(product.class_name, 80)));
    }
    envelope.startup.clear();
    envelope.allocations.clear();
    envelope.products.clear();
    envelope.is_collection = false;
    envelope.collection_id.clear();
    envelope.collection_name.clear();
}

}  // namespace

Uses uses_of(const Envelope& envelope, const std::function<bool(const VirtualSystem&)>& which) {
    const auto disks = index_of(envelope.disks, &VirtualDisk::id);
    const auto files = index_of(envelope.files, &FileReference::id);
    const auto networks = index_of(envelope.networks, &Network::name);
    Uses out;
    out.disks.resize(envelope.disks.size());
    out.files.resize(envelope.files.size());
    out.networks.resize(envelope.networks.size());
    const auto mark = [](const auto& index, const std::string& id, std::vector<bool>& used) {
        const auto found = index.find(id);
        if (found == index.end() || used[found->second]) return index.end();
        used[found->second] = true;
        return found;
    };
    for (const VirtualSystem& system : envelope.systems) {
        if (!which(system)) continue;
        for (const Drive& drive : system.hardware.drives) {
            mark(files, drive.file_id, out.files);
            for (std::string id = drive.disk_id; !id.empty();) {
                const auto disk = mark(disks, id, out.disks);
                if (disk == disks.end()) break;
                mark(files, envelope.disks[disk->second].file_id, out.files);
                id = envelope.disks[disk->second].parent_id;
            }
        }
        mark(files, system.hardware.nvram_file_id, out.files);
        for (const Nic& nic : system.hardware.nics) mark(networks, nic.network, out.networks);
    }
    return out;
}

Envelope select_systems(const Envelope& envelope, const std::function<bool(const VirtualSystem&)>& wanted,
                        const Places& places, std::vector<LossRow>& rows) {
    const Uses mine = uses_of(envelope, wanted);
    const Uses others = uses_of(envelope, [&](const VirtualSystem& system) { return !wanted(system); });
    Envelope out = envelope;
    const auto keep = [](const std::vector<bool>& used, const std::vector<bool>& by_others) {
        return [&](std::size_t i) { return used[i] || !by_others[i]; };
    };
    const auto is_others = [&](const std::string& id) {
        return std::any_of(envelope.systems.begin(), envelope.systems.end(),
                           [&](const VirtualSystem& system) { return system.id == id && !wanted(system); });
    };
    leave_out(out.files, keep(mine.files, others.files), "files", &FileReference::id, "the file", places, rows);
    leave_out(out.disks, keep(mine.disks, others.disks), "disks", &VirtualDisk::id, "the disk", places, rows);
    leave_out(out.networks, keep(mine.networks, others.networks), "networks", &Network::name, "the network", places,
              rows);
    leave_out(out.startup, [&](std::size_t i) { return !is_others(envelope.startup[i].id); }, "startup",
              &StartupItem::id, "the start of", places, rows);
    leave_out(out.systems, [&](std::size_t i) { return wanted(envelope.systems[i]); }, "systems", &VirtualSystem::id,
              "the virtual machine", places, rows);
    std::erase_if(out.unmapped, [&](const Unmapped& value) { return is_others(value.system_id); });
    if (out.systems.size() == 1 && out.is_collection) take_out_of_collection(out, places, rows);
    return out;
}

bool select_vm(Envelope& envelope, const std::string& vm) {
    if (vm.empty()) return true;
    const auto mine = [&](const VirtualSystem& system) { return is_wanted(system, vm); };
    const Uses kept = uses_of(envelope, mine), gone = uses_of(envelope, [&](const VirtualSystem& system) { return !mine(system); });
    const auto drop = [](auto& list, const std::vector<bool>& used, const std::vector<bool>& by_others) {
        std::size_t to = 0;
        for (std::size_t i = 0; i < list.size(); ++i)
            if (used[i] || !by_others[i]) {
                if (to != i) list[to] = std::move(list[i]);
                ++to;
            }
        list.resize(to);
    };
    drop(envelope.files, kept.files, gone.files);
    drop(envelope.disks, kept.disks, gone.disks);
    drop(envelope.networks, kept.networks, gone.networks);
    std::erase_if(envelope.systems, [&](const VirtualSystem& system) { return !mine(system); });
    return !envelope.systems.empty();
}

}  // namespace ovfkit::detail
