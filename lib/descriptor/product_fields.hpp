#pragma once

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <ovfkit/model.hpp>

#include "base/xml.hpp"

/// What reading and editing a ProductSection share.
namespace ovfkit::detail {

/// The plain text children, in the schema's order.
inline constexpr std::array<std::pair<std::string_view, std::string Product::*>, 8> product_texts{{
    {"Info", &Product::info},
    {"Product", &Product::product},
    {"Vendor", &Product::vendor},
    {"Version", &Product::version},
    {"FullVersion", &Product::full_version},
    {"ProductUrl", &Product::product_url},
    {"VendorUrl", &Product::vendor_url},
    {"AppUrl", &Product::app_url},
}};

/// A Property with a key that no earlier one has, and the Category in effect for it.
struct PropertyElement {
    Element element;
    std::string_view category;
    Element category_element;
};
std::vector<PropertyElement> properties_of(Element section);

/// The Value that holds for `configuration`; with an empty one the Value without a configuration. Invalid: none.
Element value_element(Element property, std::string_view configuration);

}  // namespace ovfkit::detail
