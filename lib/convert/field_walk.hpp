#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

/// The fields of a model as a flat list: what loss accounting and comparing walk over.
namespace ovfkit::detail {

/// One field that has a value.
struct FieldValue {
    std::string key;    ///< `memory.boot_bytes`, `nics[].model`, `parameters[vmw]`
    std::string place;  ///< the same with ids: `nics[7].model`
    std::string slot;   ///< the same with positions: `nics[#0].model`
    std::string id;     ///< of the list element it belongs to, the parameter's key for parameters; or empty
    std::string value;  ///< for people; `(secret)` for a password
    Origin origin;      ///< of the nearest element that has one
    bool label = false; ///< text for people only
    std::string raw;    ///< the value itself, of a password too: to be compared, never shown
};

using FieldSink = std::function<void(const FieldValue&)>;

/// Fields at their "not said" value are left out. `hardware.` is not part of a key.
void walk_fields(const VirtualSystem& system, const FieldSink& sink);
/// The envelope's own lists and values, its systems left out.
void walk_fields_of_envelope(const Envelope& envelope, const FieldSink& sink);

}  // namespace ovfkit::detail
