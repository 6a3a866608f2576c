#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ovfkit/model.hpp>

#include "convert/field_walk.hpp"

/// Which element of one side's lists is which of the other's, by what it is and not by its id.
namespace ovfkit::detail {

/// What the list elements of one side are called: counterparts have one name, others a name of their own.
class ElementNames {
public:
    void add(const std::string& slot, std::string place, std::string name) { names_.insert_or_assign(slot, std::pair(std::move(place), std::move(name))); }
    /// The field's place with that name in it.
    [[nodiscard]] std::string of(const FieldValue& field) const;

private:
    std::map<std::string, std::pair<std::string, std::string>, std::less<>> names_;  ///< `nics[#0]` -> `nics[7]`, name
};

struct Side {
    Envelope envelope;  ///< references between its parts are replaced by names
    ElementNames of_envelope;
    std::map<const VirtualSystem*, ElementNames> of_system;
    /// Id of a device in its VM (of a file or disk, under nullptr) -> its name, for paths into the text.
    std::map<const VirtualSystem*, std::map<std::string, std::string, std::less<>>> device_names;
};

using SystemPairs = std::vector<std::pair<VirtualSystem*, VirtualSystem*>>;

/// The VMs of both sides: by id, then by name, then the last one of each. nullptr where there is no counterpart.
SystemPairs match_systems(Envelope& a, Envelope& b);
/// Names every list element of both sides.
void match_elements(Side& a, Side& b, const SystemPairs& systems);

}  // namespace ovfkit::detail
