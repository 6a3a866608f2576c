#pragma once

#include <vector>

#include "dialect/ovirt/items.hpp"

/// The memory balloon: an Item of ResourceType 0 and, from 4.4.6 on, the element BalloonEnabled.
namespace ovfkit::detail::ovirt {

void read_balloon(Element system, const std::vector<ItemRef>& items, const Form& form, VirtualSystem& out,
                  Diagnostics& diagnostics);

void update_balloon(XmlDocument& document, Element system, const std::vector<ItemRef>& items, const Form& form,
                    const VirtualSystem& have, const VirtualSystem& wanted, const WriteOptions& options,
                    std::vector<LossNote>& notes);

/// The Item as the engine writes it (of a new VM, or of an edit); `id` is a UUID.
Fragment balloon_item(const MemoryBalloon& balloon, std::string_view id, const Form& form);

/// Id of the Item that comes with a new descriptor of `seed`.
std::string new_balloon_id(std::string_view seed);

}  // namespace ovfkit::detail::ovirt
