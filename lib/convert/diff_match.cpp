#include "convert/diff_match.hpp"

#include <concepts>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "model/fields.hpp"

namespace ovfkit::detail {

namespace {

using Names = std::map<std::string, std::string, std::less<>>;
/// Keys of an element, the most telling first. An empty one pairs with nothing.
using Roles = std::vector<std::string>;
using Indices = std::vector<std::pair<std::size_t, std::size_t>>;

/// Round by round: what agrees on a key is one; equals are taken in their order.
Indices paired(const std::vector<Roles>& a, const std::vector<Roles>& b) {
    Indices out;
    std::vector<bool> used_a(a.size()), used_b(b.size());
    const std::size_t rounds = a.empty() ? 0 : a.front().size();
    for (std::size_t round = 0; round < rounds; ++round) {
        std::map<std::string_view, std::deque<std::size_t>> open;
        for (std::size_t j = 0; j < b.size(); ++j)
            if (!used_b[j] && !b[j][round].empty()) open[b[j][round]].push_back(j);
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (used_a[i]) continue;
            const auto found = open.find(a[i][round]);
            if (found == open.end() || found->second.empty()) continue;
            out.emplace_back(i, found->second.front());
            used_a[i] = used_b[found->second.front()] = true;
            found->second.pop_front();
        }
    }
    return out;
}

std::string collected(const std::function<void(const FieldSink&)>& walk) {
    std::string out;
    walk([&](const FieldValue& field) { out += field.slot + '=' + field.raw + '\n'; });
    return out;
}

/// All an element says, its id left out.
template <class T>
std::string said(std::vector<T> Hardware::*list, T element) {
    element.info.id.clear();
    VirtualSystem system;
    (system.hardware.*list).push_back(std::move(element));
    return collected([&](const FieldSink& sink) { walk_fields(system, sink); });
}
template <class T>
std::string said(std::vector<T> Envelope::*list, T element) {
    if constexpr (requires { element.file_id; } || requires { element.href; }) element.id.clear();
    Envelope envelope;
    (envelope.*list).push_back(std::move(element));
    return collected([&](const FieldSink& sink) { walk_fields_of_envelope(envelope, sink); });
}
std::string said(std::vector<Product> VirtualSystem::*list, Product element) {
    VirtualSystem system;
    (system.*list).push_back(std::move(element));
    return collected([&](const FieldSink& sink) { walk_fields(system, sink); });
}

/// By whom something is used: tells apart what says the same of itself.
struct Uses {
    std::map<std::string, std::set<std::string>, std::less<>> disks, files, controllers;

    explicit Uses(const Envelope& envelope) {
        std::map<std::string_view, const VirtualDisk*> by_id;
        for (const VirtualDisk& disk : envelope.disks) by_id.emplace(disk.id, &disk);
        for (const VirtualSystem& system : envelope.systems) {
            std::map<std::string_view, const Controller*> controllers_of;
            for (const Controller& controller : system.hardware.controllers) controllers_of.emplace(controller.info.id, &controller);
            for (const Drive& drive : system.hardware.drives) {
                const auto at = controllers_of.find(drive.controller);
                const auto disk = by_id.find(drive.disk_id);
                const std::string place = fmt::format("{} {} {} {} {}", to_string(drive.kind), drive.unit ? std::to_string(*drive.unit) : "", drive.info.name,
                                                      drive.info.address, drive.serial);
                const std::string bus = at == controllers_of.end() ? drive.interface : fmt::format("{} {}", to_string(at->second->type), at->second->address.value_or(0));
                const std::string image =
                    disk == by_id.end() ? drive.source : fmt::format("{} {}", disk->second->file_id, disk->second->capacity_bytes.value_or(0));
                disks[drive.disk_id].insert(bus + " " + place);
                files[disk == by_id.end() ? drive.file_id : disk->second->file_id].insert(bus + " " + place);
                controllers[system.id + "/" + drive.controller].insert(place + " " + image);
            }
        }
    }
    static std::string joined(const std::map<std::string, std::set<std::string>, std::less<>>& uses, const std::string& id) {
        const auto found = uses.find(id);
        return found == uses.end() ? std::string{} : fmt::format("{}", fmt::join(found->second, "\n"));
    }
};

Roles roles(const Controller& c, const std::string& all, const std::string& use) {
    const std::string type(to_string(c.type));
    return {all + use, type + (c.address ? std::to_string(*c.address) : "-") + use, all, c.address ? type + std::to_string(*c.address) : "", type + c.model, type};
}
Roles roles(const Drive& d, const std::string& all, const std::string&) {
    const std::string kind(to_string(d.kind));
    const std::string place = d.unit ? fmt::format("{} {} {} {}", kind, d.controller, d.interface, *d.unit) : "";
    return {all, place, d.disk_id.empty() ? "" : kind + d.disk_id, d.file_id.empty() ? "" : kind + d.file_id, d.source, d.serial, kind, "drive"};
}
Roles roles(const Nic& n, const std::string& all, const std::string&) {
    return {all, n.mac, n.info.address.empty() ? "" : n.info.address, n.network + "\n" + n.model, n.info.name, "nic"};
}
Roles roles(const OtherDevice& o, const std::string& all, const std::string&) {
    const std::string kind = fmt::format("{} {}", o.resource_type, o.other_type);
    return {all, kind + "\n" + o.model + "\n" + o.info.name, kind + "\n" + o.model, kind, o.info.name};
}
template <class T>
Roles roles(const T& device, const std::string& all, const std::string&) {
    return {all, device.info.name, device.info.address, "device"};
}

std::string hint(const Controller& c, std::size_t index) { return fmt::format("{} {}", to_string(c.type), c.address ? *c.address : index); }
std::string hint(const Drive& d, std::size_t index) {
    if (!d.unit) return fmt::format("{} {}", to_string(d.kind), index);
    const std::string& bus = d.controller.empty() ? d.interface : d.controller;
    return fmt::format("{}{}{}:{}", to_string(d.kind), bus.empty() ? "" : " ", bus, *d.unit);
}
std::string hint(const Nic& n, std::size_t index) { return n.mac.empty() ? fmt::format("{}", index) : n.mac; }
template <class T>
std::string hint(const T& device, std::size_t index) {
    return device.info.name.empty() ? fmt::format("{}", index) : device.info.name;
}

/// A name nothing else of its list has.
std::string fresh(std::set<std::string>& taken, const std::string& wanted) {
    std::string name = wanted;
    for (std::size_t n = 2; !taken.insert(name).second; ++n) name = fmt::format("{} #{}", wanted, n);
    return name;
}

struct ListNames {
    std::vector<std::string> a, b;
};

/// Names by index; `wanted_a(i)` is what an element would be called.
template <class A, class B>
ListNames names_for(const std::vector<Roles>& a, const std::vector<Roles>& b, A&& wanted_a, B&& wanted_b) {
    ListNames out{std::vector<std::string>(a.size()), std::vector<std::string>(b.size())};
    std::vector<std::optional<std::size_t>> mate(a.size());
    for (const auto& [i, j] : paired(a, b)) mate[i] = j;
    std::set<std::string> taken;
    std::vector<bool> named(b.size());  // a name may be empty: a product without a class
    for (std::size_t i = 0; i < a.size(); ++i) {
        out.a[i] = fresh(taken, wanted_a(i));
        if (!mate[i]) continue;
        out.b[*mate[i]] = out.a[i];
        named[*mate[i]] = true;
    }
    for (std::size_t j = 0; j < b.size(); ++j)
        if (!named[j]) out.b[j] = fresh(taken, wanted_b(j));
    return out;
}

template <class T>
void record(ElementNames& names, std::string_view list, const std::vector<T>& elements, const std::vector<std::string>& given) {
    for (std::size_t i = 0; i < elements.size(); ++i)
        names.add(fmt::format("{}[#{}]", list, i), fmt::format("{}[{}]", list, key_of(elements[i])), fmt::format("{}[{}]", list, given[i]));
}

template <class T>
Names by_id(const std::vector<T>& elements, const std::vector<std::string>& given) {
    Names out;
    for (std::size_t i = 0; i < elements.size(); ++i) out.emplace(key_of(elements[i]), given[i]);
    return out;
}

/// A reference becomes the name of what it leads to.
void rename(const Names& names, std::string& id) {
    if (id.empty()) return;
    const auto found = names.find(id);
    id = found != names.end() ? found->second : "nothing called " + id;
}

void rename_files(Envelope& envelope, const Names& names) {
    for (VirtualDisk& disk : envelope.disks) rename(names, disk.file_id);
    for (VirtualSystem& system : envelope.systems) {
        rename(names, system.hardware.nvram_file_id);
        for (Drive& drive : system.hardware.drives) rename(names, drive.file_id);
    }
}

std::vector<Roles> roles_of_files(const Envelope& envelope, const Uses& uses) {
    std::vector<Roles> out;
    for (const FileReference& file : envelope.files) {
        const std::string use = Uses::joined(uses.files, file.id), all = said(&Envelope::files, file);
        out.push_back({all + use, all, file.href, use, file.id, use.empty() ? "file" : "file in use", "any"});
    }
    return out;
}

std::vector<Roles> roles_of_disks(const Envelope& envelope, const Uses& uses) {
    std::vector<Roles> out;
    for (VirtualDisk disk : envelope.disks) {
        const std::string use = Uses::joined(uses.disks, disk.id);
        disk.parent_id.clear();
        out.push_back({said(&Envelope::disks, disk) + use, said(&Envelope::disks, disk), disk.file_id, use,
                       fmt::format("{} {}", disk.capacity_bytes.value_or(0), use.empty()), disk.id, use.empty() ? "disk" : "disk in use", "any"});
    }
    return out;
}

template <class T>
std::vector<Roles> roles_of_named(std::vector<T> Envelope::*list, const Envelope& envelope) {
    std::vector<Roles> out;
    for (const T& element : envelope.*list) out.push_back({said(list, element), std::string(key_of(element))});
    return out;
}

template <class L, class O>
std::vector<Roles> roles_of_products(L list, const O& owner) {
    std::vector<Roles> out;
    for (const Product& product : owner.*list) out.push_back({said(list, product), product.class_name + "\n" + product.instance, product.class_name + "\n", "product"});
    return out;
}

template <class O>
void match_products(const O& a, const O& b, ElementNames& names_a, ElementNames& names_b) {
    const auto wanted = [](const O& owner) { return [&owner](std::size_t i) { return owner.products[i].class_name; }; };
    const ListNames names = names_for(roles_of_products(&O::products, a), roles_of_products(&O::products, b), wanted(a), wanted(b));
    record(names_a, "products", a.products, names.a);
    record(names_b, "products", b.products, names.b);
}

template <class T>
void match_named(std::string_view name, std::vector<T> Envelope::*list, Side& a, Side& b) {
    const auto wanted = [&](const Side& side) { return [&](std::size_t i) { return std::string(key_of((side.envelope.*list)[i])); }; };
    const ListNames names = names_for(roles_of_named(list, a.envelope), roles_of_named(list, b.envelope), wanted(a), wanted(b));
    record(a.of_envelope, name, a.envelope.*list, names.a);
    record(b.of_envelope, name, b.envelope.*list, names.b);
}

/// Their InstanceIDs are referred to by nothing.
void match_allocations(Side& a, Side& b) {
    const auto roles_of = [](const Envelope& envelope) {
        std::vector<Roles> out;
        for (const ResourceAllocation& item : envelope.allocations) {
            const std::string type = fmt::format("{} {} {}", item.resource_type.value_or(0), item.configuration, item.bound);
            out.push_back({type + "\n" + item.name, type, std::to_string(item.resource_type.value_or(0))});
        }
        return out;
    };
    const auto wanted = [](const Side& side) {
        return [&](std::size_t i) { return fmt::format("type {}", side.envelope.allocations[i].resource_type.value_or(0)); };
    };
    const ListNames names = names_for(roles_of(a.envelope), roles_of(b.envelope), wanted(a), wanted(b));
    const auto take = [](Side& side, const std::vector<std::string>& given) {
        record(side.of_envelope, "allocations", side.envelope.allocations, given);
        for (std::size_t i = 0; i < given.size(); ++i) side.envelope.allocations[i].id = given[i];
    };
    take(a, names.a);
    take(b, names.b);
}

/// A VM of each side with what its devices are used for.
struct SystemMatch {
    Side &side_a, &side_b;
    VirtualSystem &a, &b;
    const Uses &uses_a, &uses_b;

    template <class M>
    void operator()(std::string_view, M Hardware::*) const {}
    template <class G>
    void group(std::string_view, G Hardware::*) const {}

    template <class T>
    void list(std::string_view name, std::vector<T> Hardware::*list) const {
        std::vector<T>&mine = a.hardware.*list, &theirs = b.hardware.*list;
        const ListNames names = names_for(
            roles_in(list, a, uses_a), roles_in(list, b, uses_b), [&](std::size_t i) { return hint(mine[i], i); },
            [&](std::size_t j) { return hint(theirs[j], j); });
        take(name, side_a, a, mine, names.a);
        take(name, side_b, b, theirs, names.b);
    }

private:
    template <class T>
    static std::vector<Roles> roles_in(std::vector<T> Hardware::*list, const VirtualSystem& system, const Uses& uses) {
        std::vector<Roles> out;
        for (const T& device : system.hardware.*list)
            out.push_back(roles(device, said(list, device), Uses::joined(uses.controllers, system.id + "/" + device.info.id)));
        return out;
    }

    template <class T>
    static void take(std::string_view name, Side& side, VirtualSystem& system, const std::vector<T>& devices, const std::vector<std::string>& given) {
        record(side.of_system[&system], name, devices, given);
        for (std::size_t i = 0; i < devices.size(); ++i) side.device_names[&system].emplace(devices[i].info.id, fmt::format("{} {}", name, given[i]));
        if constexpr (std::same_as<T, Controller>) {
            const Names names = by_id(devices, given);
            for (Drive& drive : system.hardware.drives) rename(names, drive.controller);
        }
    }
};

}  // namespace

std::string ElementNames::of(const FieldValue& field) const {
    const std::size_t end = field.slot.find(']');
    if (end == std::string::npos || field.slot.compare(field.slot.find('[') + 1, 1, "#") != 0) return field.place;
    const auto found = names_.find(std::string_view(field.slot).substr(0, end + 1));
    if (found == names_.end() || !field.place.starts_with(found->second.first)) return field.place;
    return found->second.second + field.place.substr(found->second.first.size());
}

SystemPairs match_systems(Envelope& a, Envelope& b) {
    const auto roles_of = [](const Envelope& envelope) {
        std::vector<Roles> out;
        for (const VirtualSystem& system : envelope.systems) out.push_back({system.id, system.name, envelope.systems.size() == 1 ? "only" : ""});
        return out;
    };
    SystemPairs out;
    std::vector<VirtualSystem*> mate(a.systems.size(), nullptr);
    std::vector<bool> used(b.systems.size());
    for (const auto& [i, j] : paired(roles_of(a), roles_of(b))) {
        mate[i] = &b.systems[j];
        used[j] = true;
    }
    for (std::size_t i = 0; i < a.systems.size(); ++i) out.emplace_back(&a.systems[i], mate[i]);
    for (std::size_t j = 0; j < b.systems.size(); ++j)
        if (!used[j]) out.emplace_back(nullptr, &b.systems[j]);
    return out;
}

void match_elements(Side& a, Side& b, const SystemPairs& systems) {
    Envelope &mine = a.envelope, &theirs = b.envelope;
    {
        const Uses uses_a(mine), uses_b(theirs);
        const ListNames names = names_for(
            roles_of_files(mine, uses_a), roles_of_files(theirs, uses_b), [&](std::size_t i) { return mine.files[i].href; },
            [&](std::size_t j) { return theirs.files[j].href; });
        record(a.of_envelope, "files", mine.files, names.a);
        record(b.of_envelope, "files", theirs.files, names.b);
        rename_files(mine, a.device_names[nullptr] = by_id(mine.files, names.a));
        rename_files(theirs, b.device_names[nullptr] = by_id(theirs.files, names.b));
    }
    const Uses uses_a(mine), uses_b(theirs);
    const ListNames names = names_for(
        roles_of_disks(mine, uses_a), roles_of_disks(theirs, uses_b), [&](std::size_t i) { return mine.disks[i].file_id.empty() ? mine.disks[i].id : mine.disks[i].file_id; },
        [&](std::size_t j) { return theirs.disks[j].file_id.empty() ? theirs.disks[j].id : theirs.disks[j].file_id; });
    record(a.of_envelope, "disks", mine.disks, names.a);
    record(b.of_envelope, "disks", theirs.disks, names.b);
    const Names disks_a = by_id(mine.disks, names.a), disks_b = by_id(theirs.disks, names.b);
    a.device_names[nullptr].insert(disks_a.begin(), disks_a.end());
    b.device_names[nullptr].insert(disks_b.begin(), disks_b.end());
    for (const auto& [x, y] : systems) {
        if (x == nullptr || y == nullptr) continue;
        for (Drive& drive : x->hardware.drives) rename(disks_a, drive.disk_id);
        for (Drive& drive : y->hardware.drives) rename(disks_b, drive.disk_id);
        describe(static_cast<Hardware*>(nullptr), SystemMatch{a, b, *x, *y, uses_a, uses_b});
        match_products(*x, *y, a.of_system[x], b.of_system[y]);
    }
    for (VirtualDisk& disk : mine.disks) rename(disks_a, disk.parent_id);
    for (VirtualDisk& disk : theirs.disks) rename(disks_b, disk.parent_id);
    match_named("networks", &Envelope::networks, a, b);
    match_named("configurations", &Envelope::configurations, a, b);
    match_allocations(a, b);
    match_products(mine, theirs, a.of_envelope, b.of_envelope);
}

}  // namespace ovfkit::detail
