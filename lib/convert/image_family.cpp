#include "convert/image_family.hpp"

#include "model/names.hpp"

namespace ovfkit::detail {

std::optional<disk::Family> family_of_word(std::string_view word) {
    if (word == "raw") return disk::Family::raw;
    if (word == "vmdk") return disk::Family::vmdk;
    if (word == "qcow2" || word == "cow") return disk::Family::qcow2;
    if (word == "vpc") return disk::Family::vhd;
    if (word == "vhdx") return disk::Family::vhdx;
    if (word == "vdi") return disk::Family::vdi;
    return std::nullopt;
}

std::optional<disk::Family> family_of_disk(const VirtualDisk& disk, std::string_view href) {
    if (const auto family = family_of_word(disk.volume_format)) return family;
    const auto by_name = family_of_word(format_of_name(href));
    const auto by_uri = family_of_word(format_word(disk.format));
    // The VHD format's URI is all that VHDX has.
    if (by_uri == disk::Family::vhd && by_name == disk::Family::vhdx) return by_name;
    return by_uri ? by_uri : by_name;
}

}  // namespace ovfkit::detail
