#pragma once

#include <vector>

#include "dialect/ovirt/items.hpp"

/// The memory balloon: an Item of ResourceType 0 and, from 4.4.6 on, the element BalloonEnabled.
namespace ovfkit::detail::ovirt {

void read_balloon(Element system, const std::vector<ItemRef>& items, const Form& form, VirtualSystem& out,
                  Diagnostics& diagnostics);

/// Before 4.4.6 an Item is a balloon that is on, whatever else stands in it. One that is switched off stays, where no
/// engine looks for it: under `hidden_resource_type`, beside a BalloonEnabled that says false. Switching it on again
/// gives the first bytes.
inline constexpr std::string_view hidden_resource_type = "1";

void update_balloon(XmlDocument& document, Element system, const std::vector<ItemRef>& items, const Form& form,
                    const VirtualSystem& have, const VirtualSystem& wanted, const WriteOptions& options,
                    std::vector<LossNote>& notes);

/// The Item as the engine writes it (of a new VM, or of an edit); `id` is a UUID.
Fragment balloon_item(const MemoryBalloon& balloon, std::string_view id, const Form& form);

/// Id of the Item that comes with a new descriptor of `seed`.
std::string new_balloon_id(std::string_view seed);

}  // namespace ovfkit::detail::ovirt
