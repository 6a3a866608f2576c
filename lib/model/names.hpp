#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Names, addresses and words that the platforms share, made safe or normal.
namespace ovfkit::detail {

bool is_control(char c);
/// Cuts at `limit` bytes without splitting a UTF-8 character.
std::string cut_text(std::string text, std::size_t limit);
/// A plain file name out of anything.
std::string file_name(std::string_view text);
/// The last part of a path or URL.
std::string_view last_part(std::string_view path);
/// An absolute path without `..`, control characters or a line end.
bool is_safe_path(std::string_view path);

/// 8-4-4-4-12 in lower case; accepts 32 digits and any case. Empty: not a UUID.
std::string normal_uuid(std::string_view text);

enum class MacProblem { none, malformed, multicast, zero };
struct Mac {
    std::string text;  ///< `aa:bb:cc:dd:ee:ff`; empty with a problem
    MacProblem problem = MacProblem::none;
};
/// Dashes and upper case are accepted; libvirt, QEMU and Proxmox refuse multicast.
Mac normal_mac(std::string_view text);

/// Every character is a letter, a digit or one of `extra`, and there is one.
bool only_word_characters(std::string_view text, std::string_view extra);

/// `0x08`, `0x1f`, `8` -> number (libvirt writes hexadecimal with 0x).
std::optional<std::uint32_t> to_address_number(std::string_view text);
/// Value of `key` in a sorted `key=value,key=value` map; empty when absent.
std::string_view map_value(std::string_view map, std::string_view key);

/// QEMU's format words (`raw qcow2 vmdk vpc vdi`) and the format URIs of OVF.
std::string format_word(std::string_view uri);
std::string_view format_uri(std::string_view word);
/// By the end of the file's name; empty when it says nothing.
std::string_view format_of_name(std::string_view name);

bool is_x86(std::string_view arch);
/// `pc-i440fx-7.2` -> `pc`, `pc-q35-rhel8.1.0` -> `q35` ...: other builds of QEMU lack the version, and every one has the alias.
std::string general_machine(std::string_view machine);

}  // namespace ovfkit::detail
