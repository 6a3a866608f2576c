#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/checked.hpp"
#include "edit/words.hpp"

#include <ovfkit/model.hpp>

/// Text into a field of the model, whatever its type.
namespace ovfkit::detail::edit {

inline void assign(std::string& field, std::string_view what, const std::string& text) {
    const std::string_view name = what.substr(what.find_last_of(". ") + 1);
    if (name == "mac" && !text.empty())
        field = mac(what, text);
    else if (name == "uuid" && !text.empty())
        field = uuid(what, text);
    else
        field = text;
}

inline void assign(bool& field, std::string_view what, const std::string& text) { field = boolean(what, text); }

template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
void assign(T& field, std::string_view what, const std::string& text) {
    // A size may be said as one; it is bytes otherwise.
    if (what.ends_with("_bytes") && !to_number<T>(text)) {
        const std::uint64_t bytes = size(what, text);
        if (bytes > std::numeric_limits<T>::max()) fail(std::string(what) + " is out of range");
        field = static_cast<T>(bytes);
        return;
    }
    const auto value = to_number<T>(text);
    if (!value) fail(std::string(what) + " is a number, not '" + text + "'");
    field = *value;
}

template <class T>
void assign(std::optional<T>& field, std::string_view what, const std::string& text) {
    T value{};
    assign(value, what, text);
    field = value;
}

inline void assign(BalloonState& field, std::string_view what, const std::string& text) {
    field = *balloon_state_from(choice(what, text, "enabled|disabled|unspecified"));
}
inline void assign(BalloonModel& field, std::string_view what, const std::string& text) {
    field = *balloon_model_from(choice(what, text, "virtio|virtio-transitional|virtio-non-transitional|xen|vmware|hyperv|virtualbox"));
}
inline void assign(ControllerType& field, std::string_view what, const std::string& text) {
    field = *controller_type_from(choice(what, text, "ide|sata|scsi|nvme|usb|virtio|floppy|other"));
}
inline void assign(DriveKind& field, std::string_view what, const std::string& text) {
    field = *drive_kind_from(choice(what, text, "disk|cdrom|floppy"));
}
inline void assign(Firmware& field, std::string_view what, const std::string& text) { field = *firmware_from(choice(what, text, "bios|efi")); }

/// `disk,network`.
inline void assign(std::vector<std::string>& field, std::string_view, const std::string& text) {
    field.clear();
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        field.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
}

}  // namespace ovfkit::detail::edit
