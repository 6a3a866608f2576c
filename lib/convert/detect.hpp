#pragma once

#include <string_view>

#include "convert/registry.hpp"

namespace ovfkit::detail {

struct PlatformForm {
    const Platform* platform = nullptr;
    std::string_view form;
};

const Dialect* find_dialect(std::string_view id);
/// A platform and one of its forms; platform is nullptr when there is none.
PlatformForm find_platform_form(std::string_view id);
/// The dialect with the highest score; nullptr when the root is no Envelope.
const Dialect* best_dialect(const XmlDocument& document);
/// The platform form the bytes look like.
PlatformForm best_platform(std::string_view name, std::string_view bytes);

}  // namespace ovfkit::detail
