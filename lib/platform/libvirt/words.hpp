#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ovfkit/model.hpp>

/// Names and words as libvirt spells and restricts them.
namespace ovfkit::detail::libvirt {

/// A domain name libvirt takes: no '/', no line end or control character, not empty, at most 200 bytes.
std::string domain_name(std::string_view name);
/// A plain file name out of anything.
std::string file_name(std::string_view text);
/// The last part of a path or URL.
std::string_view last_part(std::string_view path);
/// An absolute path without `..`, control characters or a line end.
bool is_safe_path(std::string_view path);

/// `sd`, 0 -> `sda`; 26 -> `sdaa` (bijective base 26).
std::string target_name(std::string_view prefix, std::size_t index);
/// The reverse of the letters: `sdaa` -> 26. nullopt when there are none or too many.
std::optional<std::size_t> target_index(std::string_view name);

/// 8-4-4-4-12 in lower case; accepts 32 digits and any case. Empty: not a UUID.
std::string normal_uuid(std::string_view text);

enum class MacProblem { none, malformed, multicast, zero };
struct Mac {
    std::string text;  ///< `aa:bb:cc:dd:ee:ff`; empty with a problem
    MacProblem problem = MacProblem::none;
};
/// Dashes and upper case are accepted; libvirt's schema wants colons and refuses multicast.
Mac normal_mac(std::string_view text);

/// Every character is a letter, a digit or one of `extra`, and there is one.
bool only_word_characters(std::string_view text, std::string_view extra);

/// `0x08`, `0x1f`, `8` -> number (libvirt writes hexadecimal with 0x).
std::optional<std::uint32_t> to_address_number(std::string_view text);
/// Value of `key` in a sorted `key=value,key=value` map; empty when absent.
std::string_view map_value(std::string_view map, std::string_view key);

/// libvirt's driver format words and the format URIs of OVF.
std::string format_word(std::string_view uri);
std::string_view format_uri(std::string_view word);
/// By the end of the file's name; empty when it says nothing.
std::string_view format_of_name(std::string_view name);

/// libvirt's name of a SCSI controller model and back (`spapr-vscsi` is `ibmvscsi` there).
std::string_view scsi_model_word(std::string_view neutral);
std::string_view scsi_model_from(std::string_view word);

}  // namespace ovfkit::detail::libvirt
