#pragma once

#include <vector>

#include "dialect/ovirt/encode.hpp"

/// Notes for devices that oVirt holds only nearly. `old` is what stood there, nullptr for a new one. False: no Item
/// is written for such a device.
namespace ovfkit::detail::ovirt {

void explain_cpu(const Cpu& cpu, const Form& form, std::vector<LossNote>& notes);
/// `now` and `then`: the hardware the drive belongs to, and that of `old`.
bool explain_drive(const Drive& drive, const Drive* old, const Hardware& now, const Hardware& then, const Form& form,
                   std::vector<LossNote>& notes);
/// A disk without an Item: what only an Item could say.
void explain_bare_drive(const Drive& drive, const Drive& old, std::vector<LossNote>& notes);
bool explain_nic(const Nic& nic, const Nic* old, std::vector<LossNote>& notes);
bool explain_video(const Video& video, const Video* old, std::vector<LossNote>& notes);
bool explain_sound(const SimpleDevice& sound, const SimpleDevice* old, std::vector<LossNote>& notes);
bool explain_rng(const SimpleDevice& rng, const SimpleDevice* old, std::vector<LossNote>& notes);
bool explain_device(const Graphics& graphics, const Graphics* old, std::vector<LossNote>& notes);
bool explain_device(const Controller& controller, const Controller* old, std::vector<LossNote>& notes);
bool explain_device(const CharacterDevice& serial, const CharacterDevice* old, std::vector<LossNote>& notes);
bool explain_device(const OtherDevice& device, const OtherDevice* old, std::vector<LossNote>& notes);

}  // namespace ovfkit::detail::ovirt
