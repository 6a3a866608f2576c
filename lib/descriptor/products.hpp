#pragma once

#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/edit.hpp"

/// ProductSection (DSP0243 9.5).
namespace ovfkit::detail {

/// Reports `ovf-property-incomplete`, `ovf-property-duplicate`, `ovf-limit-exceeded`. A secret never gets into a
/// message.
Product read_product(Element section, Diagnostics& diagnostics);

/// The same of several; reports `ovf-product-duplicate` for two of one class and instance in one place.
std::vector<Product> read_products(const std::vector<Element>& sections, Diagnostics& diagnostics);

/// `sections` are the elements `have` was read from, in that order; new ones go after `after` (or last in `parent`).
void update_products(Editing& editing, Element parent, Element after, const std::vector<Element>& sections,
                     const std::vector<Product>& have, const std::vector<Product>& wanted);

}  // namespace ovfkit::detail
