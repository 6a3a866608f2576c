#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/fields.hpp"

/// Every field of an envelope set to another value, one at a time, by the model's own list of fields.
namespace ovfkit::test {

/// A field by its path without ids (`systems[].hardware.nics[].model`), and the value a string gets.
using Values = std::map<std::string, std::string, std::less<>>;

class Mutator {
public:
    /// `target`: which field, counted from 0, is changed.
    Mutator(const Values& values, std::size_t target) : values_(values), target_(target) {}

    /// The path of the field that was changed; empty when there are no more.
    std::string run(Envelope& envelope) {
        detail::describe(static_cast<Envelope*>(nullptr), Visit<Envelope>{*this, envelope, ""});
        return changed_;
    }

private:
    template <class T>
    struct Visit {
        Mutator& mutator;
        T& object;
        std::string path;

        template <class M>
        void operator()(std::string_view name, M T::*member) const {
            mutator.field(path + std::string(name), object.*member);
        }
        template <class G>
        void group(std::string_view name, G T::*member) const {
            detail::describe(static_cast<G*>(nullptr),
                             Visit<G>{mutator, object.*member, path + std::string(name) + "."});
        }
        template <class L>
        void list(std::string_view name, std::vector<L> T::*member) const {
            for (L& element : object.*member)
                detail::describe(static_cast<L*>(nullptr),
                                 Visit<L>{mutator, element, path + std::string(name) + "[]."});
        }
    };

    template <class M>
    void field(const std::string& path, M& member) {
        if (count_++ != target_) return;
        changed_ = path;
        alter(path, member);
    }

    void alter(const std::string& path, std::string& value) const {
        const auto given = values_.find(path);
        value = given != values_.end() ? given->second : value.empty() ? "fresh" : value + " changed";
    }
    void alter(const std::string&, bool& value) const { value = !value; }
    void alter(const std::string&, std::uint32_t& value) const { value += 1; }
    void alter(const std::string&, std::optional<bool>& value) const { value = !value.value_or(false); }
    void alter(const std::string& path, std::optional<std::uint32_t>& value) const {
        const auto given = values_.find(path);
        value = given != values_.end() ? static_cast<std::uint32_t>(std::stoul(given->second)) : value.value_or(4) + 1;
    }
    void alter(const std::string& path, std::optional<std::uint64_t>& value) const {
        const auto given = values_.find(path);
        value = given != values_.end() ? std::stoull(given->second) : value.value_or(1U << 20) + (1U << 20);
    }
    void alter(const std::string&, std::vector<std::string>& value) const { value.push_back("network"); }
    void alter(const std::string& path, std::vector<Parameter>& value) const {
        if (path.ends_with("configuration_values")) return value.push_back({"", "small", "3"});
        value.push_back({"vmw", "added.key", "added value"});
        value.push_back({"other", "key", "value"});
    }
    void alter(const std::string&, BalloonState& value) const {
        value = value == BalloonState::enabled ? BalloonState::disabled : BalloonState::enabled;
    }
    void alter(const std::string&, BalloonModel& value) const {
        value = value == BalloonModel::xen ? BalloonModel::hyperv : BalloonModel::xen;
    }
    void alter(const std::string&, ControllerType& value) const {
        value = value == ControllerType::sata ? ControllerType::nvme : ControllerType::sata;
    }
    void alter(const std::string&, DriveKind& value) const {
        value = value == DriveKind::cdrom ? DriveKind::floppy : DriveKind::cdrom;
    }
    void alter(const std::string&, Firmware& value) const {
        value = value == Firmware::efi ? Firmware::bios : Firmware::efi;
    }

    const Values& values_;
    std::size_t target_, count_ = 0;
    std::string changed_;
};

}  // namespace ovfkit::test
