#pragma once

#include <string>

namespace ovfkit::tool {

/// A Markdown table: for every state and attribute of the memory balloon, what becomes of it in each format
/// that can be written. It is found out by writing a small machine and reading it back.
std::string balloon_matrix();

}  // namespace ovfkit::tool
