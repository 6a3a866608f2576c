#pragma once

#include <string>
#include <string_view>

#include <ovfkit/model.hpp>

/// Whether a text is a value of a property, by its type and its qualifiers (DSP0243 9.5.1).
namespace ovfkit::detail::edit {

/// What is wrong with it, without the value, which may be a secret; empty when nothing is. Types and qualifiers that are
/// not known let everything pass.
std::string value_problem(const Property& property, std::string_view value);

}  // namespace ovfkit::detail::edit
