#pragma once

#include <string>
#include <string_view>

#include <ovfkit/diagnostic.hpp>

namespace ovfkit::detail {

/// Takes one character (or one bad byte) off `rest`, which is not empty, and gives it as it may be printed.
std::string printable_piece(std::string_view& rest);

/// The part of a very long line around offset `at` of it: some writers put a whole file on one line. `column`, from
/// 1, is where `at` is in it; 0 when the line is short and comes whole.
std::string window_around(std::string_view line, std::size_t at, std::size_t& column);
/// Whether a name, a path or a line of an input speaks of a secret: its value is not for reports.
bool speaks_of_secret(std::string_view text);
/// The same for a finding's source line; one that speaks of a secret is not kept.
void trim_source_line(Diagnostic& diagnostic);

}  // namespace ovfkit::detail
