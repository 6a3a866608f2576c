#include "convert/merge.hpp"

#include <algorithm>
#include <charconv>
#include <concepts>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "model/fields.hpp"

namespace ovfkit::detail {

namespace {

using Names = std::map<std::string, std::string, std::less<>>;

struct State {
    Names to_platform;    ///< descriptor id -> platform id
    Names to_descriptor;  ///< and back; grows with what is added
    std::set<std::string, std::less<>> used;
    std::uint64_t next = 1;
    std::vector<LossNote>& notes;

    std::string fresh() {
        while (used.count(std::to_string(next)) != 0) ++next;
        std::string id = std::to_string(next);
        used.insert(id);
        return id;
    }
};

/// Fields that name another device or disk: platform ids have to become the descriptor's.
bool is_reference(std::string_view name) { return name == "controller" || name == "disk_id" || name == "file_id"; }

template <class T>
void merge(T& target, const T& then, const T& now, State& state);

template <class T>
struct Merger {
    T& target;
    const T& then;
    const T& now;
    State& state;

    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        if constexpr (std::same_as<T, DeviceInfo>)
            if (name == "id") return;
        if (then.*member == now.*member) return;
        target.*member = now.*member;
        if constexpr (std::same_as<M, std::string>)
            if (is_reference(name))
                if (const auto found = state.to_descriptor.find(now.*member); found != state.to_descriptor.end()) target.*member = found->second;
    }

    template <class G>
    void group(std::string_view, G T::*member) const {
        merge(target.*member, then.*member, now.*member, state);
    }

    template <class L>
    void list(std::string_view name, std::vector<L> T::*member) const {
        std::vector<L>& mine = target.*member;
        std::set<std::string, std::less<>> seen;
        std::vector<L> kept;
        for (L& element : mine) {
            const std::string key(key_of(element));
            const auto mapped = state.to_platform.find(key);
            const std::string platform_key = mapped == state.to_platform.end() ? key : mapped->second;
            const L* before = find(then.*member, platform_key);
            const L* after = find(now.*member, platform_key);
            if (before != nullptr) {
                seen.insert(platform_key);
                if (after == nullptr) continue;  // removed on the platform
                merge(element, *before, *after, state);
            }
            kept.push_back(std::move(element));
        }
        for (const L& element : now.*member) {
            const std::string key(key_of(element));
            if (seen.count(key) != 0) continue;
            const L* before = find(then.*member, key);
            if (before == nullptr) {
                kept.push_back(added(element, key));
            } else if (!(*before == element)) {
                state.notes.push_back({fmt::format("{}[]", name), key, Fate::dropped, "convert-edit-unplaced",
                                       fmt::format("{} '{}' was made by the platform text itself; its edit has no place in the descriptor", name, key)});
            }
        }
        mine = std::move(kept);
    }

private:
    template <class L>
    static const L* find(const std::vector<L>& list, std::string_view key) {
        const auto found = std::find_if(list.begin(), list.end(), [&](const L& element) { return key_of(element) == key; });
        return found == list.end() ? nullptr : &*found;
    }

    template <class L>
    L added(L element, const std::string& key) const {
        if constexpr (requires { element.info.id; }) {
            element.info.id = state.fresh();
            element.info.origin = {};
            state.to_descriptor[key] = element.info.id;
        }
        if constexpr (requires { element.controller; }) rename(element.controller);
        if constexpr (requires { element.disk_id; }) rename(element.disk_id);
        if constexpr (requires { element.file_id; }) rename(element.file_id);
        return element;
    }

    void rename(std::string& id) const {
        if (const auto found = state.to_descriptor.find(id); found != state.to_descriptor.end()) id = found->second;
    }
};

template <class T>
void merge(T& target, const T& then, const T& now, State& state) {
    describe(static_cast<T*>(nullptr), Merger<T>{target, then, now, state});
}

void note_ids(const VirtualSystem& system, State& state) {
    const auto add = [&](const auto& list) {
        for (const auto& device : list) state.used.insert(device.info.id);
    };
    const Hardware& h = system.hardware;
    state.used.insert({h.cpu.info.id, h.memory.info.id, h.balloon.info.id});
    add(h.controllers);
    add(h.drives);
    add(h.nics);
    add(h.serials);
    add(h.parallels);
    add(h.videos);
    add(h.graphics);
    add(h.sounds);
    add(h.watchdogs);
    add(h.rngs);
    add(h.tpms);
    add(h.others);
    for (const std::string& id : state.used) {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
        if (error == std::errc{} && end == id.data() + id.size() && number >= state.next && number < (1ULL << 31)) state.next = number + 1;
    }
}

/// Disks that came with a drive added on the platform.
void add_disks(Envelope& target, const Envelope& now, const VirtualSystem& then_system, const VirtualSystem& now_system, State& state) {
    const auto fresh_id = [&](const auto& list, std::string_view stem) {
        for (std::size_t n = list.size() + 1;; ++n) {
            const std::string id = fmt::format("{}{}", stem, n);
            if (std::none_of(list.begin(), list.end(), [&](const auto& x) { return x.id == id; })) return id;
        }
    };
    const auto add_file = [&](const std::string& id) {
        if (id.empty() || state.to_descriptor.count(id) != 0) return;
        for (const FileReference& file : now.files)
            if (file.id == id) {
                target.files.push_back(file);
                target.files.back().origin = {};
                state.to_descriptor[id] = target.files.back().id = fresh_id(target.files, "file");
                return;
            }
    };
    for (const Drive& drive : now_system.hardware.drives) {
        const auto& before = then_system.hardware.drives;
        if (std::any_of(before.begin(), before.end(), [&](const Drive& d) { return d.info.id == drive.info.id; })) continue;
        add_file(drive.file_id);
        for (const VirtualDisk& disk : now.disks) {
            if (disk.id != drive.disk_id || drive.disk_id.empty()) continue;
            add_file(disk.file_id);
            target.disks.push_back(disk);
            VirtualDisk& added = target.disks.back();
            added.origin = {};
            state.to_descriptor[disk.id] = added.id = fresh_id(target.disks, "vmdisk");
            if (const auto file = state.to_descriptor.find(disk.file_id); file != state.to_descriptor.end()) added.file_id = file->second;
        }
    }
}

/// Networks that only a changed or added NIC names.
void add_networks(Envelope& target, const VirtualSystem& system, const Envelope& then, const Envelope& now) {
    for (const Nic& nic : system.hardware.nics) {
        if (nic.network.empty()) continue;
        const auto same = [&](const Network& network) { return network.name == nic.network; };
        if (std::any_of(target.networks.begin(), target.networks.end(), same)) continue;
        if (std::any_of(then.networks.begin(), then.networks.end(), same)) continue;
        // A name the descriptor itself leaves undeclared is no edit.
        if (std::any_of(then.networks.begin(), then.networks.end(), same)) continue;
        const auto known = std::find_if(now.networks.begin(), now.networks.end(), same);
        if (known == now.networks.end()) continue;
        target.networks.push_back(*known);
        target.networks.back().origin = {};
    }
}

/// A balloon that is switched off says nothing of itself: what it leaves unsaid is no edit.
VirtualSystem with_unsaid(VirtualSystem now, const VirtualSystem& then) {
    MemoryBalloon& off = now.hardware.balloon;
    const MemoryBalloon& on = then.hardware.balloon;
    if (off.state != BalloonState::disabled || on.state == BalloonState::disabled) return now;
    if (off.model == BalloonModel::unspecified) off.model = on.model;
    if (off.info.alias.empty()) off.info.alias = on.info.alias;
    if (off.info.address.empty()) off.info.address = on.info.address;
    return now;
}

}  // namespace

Envelope merge_edits(const MergeInput& input, std::vector<LossNote>& notes) {
    Envelope out = input.carried;
    if (input.system >= out.systems.size() || input.then.systems.empty() || input.now.systems.empty()) return out;
    VirtualSystem& target = out.systems[input.system];
    State state{{}, {}, {}, 1, notes};
    for (const auto& [mine, theirs] : input.ids) {
        state.to_platform.emplace(mine, theirs);
        state.to_descriptor.emplace(theirs, mine);
    }
    note_ids(target, state);
    add_disks(out, input.now, input.then.systems.front(), input.now.systems.front(), state);
    merge(target, input.then.systems.front(), with_unsaid(input.now.systems.front(), input.then.systems.front()), state);
    add_networks(out, target, input.then, input.now);
    return out;
}

}  // namespace ovfkit::detail
