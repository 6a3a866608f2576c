#pragma once

#include "descriptor/devices.hpp"

/// The memory balloon in an Item (DESIGN 4): ResourceType 1 with OtherResourceType `memballoon`, and the other
/// forms found or proposed. Standard OVF has no place for it; nothing but `ovf:required="false"` is safe.
namespace ovfkit::detail {

/// ResourceType 1 or 0 and: OtherResourceType `memballoon` or `balloon`; or a ResourceSubType `virtio-balloon*`; or
/// oVirt's `Type balloon`, `Device memballoon`; or ElementName `memballoon*` with a model's word as sub-type.
bool is_balloon(const EffectiveItem& item);

/// Reports `balloon-form-unusual`, `balloon-model-unknown`, `balloon-state-unclear`, `balloon-extension-conflict`.
MemoryBalloon decode_balloon(const EffectiveItem& item, const DecodeContext& context);

/// An empty rows.fields means: no Item, the balloon says nothing.
DeviceRows rows_of(const MemoryBalloon& balloon);
/// True when `balloon` needs an Item: a state, or attributes to keep.
bool needs_item(const MemoryBalloon& balloon);

/// Edits an Item that has the balloon, in whatever form.
void update_balloon(Editing& editing, const EffectiveItem& item, const MemoryBalloon& have,
                    const MemoryBalloon& wanted);

}  // namespace ovfkit::detail
