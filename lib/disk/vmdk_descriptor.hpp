#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "disk/vmdk_header.hpp"

/// The text inside a VMDK. Nothing it names is ever opened.
namespace ovfkit::detail::disk {

struct VmdkDescriptor {
    std::string create_type;
    std::uint32_t cid = 0xFFFFFFFE, parent_cid = 0xFFFFFFFF;
    bool parent_hint = false;
};

/// The sectors the header gives it. Every line must be understood; throws InputError.
VmdkDescriptor read_vmdk_descriptor(std::string_view name, Bytes bytes, const VmdkHeader& header,
                                    const InspectOptions& options);

/// For a stream of `capacity` sectors; `file` is its own name in the extent line, `adapter` what ddb.adapterType says.
std::string write_vmdk_descriptor(std::uint64_t capacity, std::string_view file, std::string_view adapter,
                                  std::uint32_t cid);

}  // namespace ovfkit::detail::disk
