#pragma once

#include <string>
#include <string_view>

#include <ovfkit/model.hpp>

/// rasd:ResourceSubType words: the neutral words of the model and how each dialect spells them.
namespace ovfkit::detail {

enum class Speller { dmtf, vmware, virtualbox };

enum class WordKind { ide, scsi, sata_nvme, usb, nic, sound, video, serial, parallel };

/// The neutral word for a ResourceSubType. It may be a list, blank or comma separated, in order of preference:
/// the first known one counts. Case does not matter. A value without a known word comes back verbatim.
std::string neutral_word(WordKind kind, std::string_view sub_type);
/// True when neutral_word knows a word of it.
bool is_known(WordKind kind, std::string_view sub_type);
/// How the dialect writes a neutral word; a word without a spelling is written as it is.
std::string spelled(WordKind kind, Speller speller, std::string_view neutral);

/// What a ResourceType 20 sub-type is: sata, nvme, scsi (virtio-scsi), virtio; other when it is unknown.
ControllerType controller_of_storage(std::string_view sub_type);

}  // namespace ovfkit::detail
