#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/ganeti/instance.hpp"

/// config.ini exactly as Python's configparser.ConfigParser reads it, which is what Ganeti uses: keys folded to
/// lower case, `=` and `:` delimit, indented lines go on, `#` and `;` lines are comments, duplicates are errors,
/// `%%` and `%(key)s` are resolved.
namespace ovfkit::detail::ganeti {

struct IniEntry {
    std::string key;
    Text value;  ///< interpolation resolved, lines joined with `\n`
    std::uint64_t key_offset = 0;
    bool taken = false;  ///< the model holds it
};

struct IniSection {
    std::string name;
    std::uint64_t offset = 0;
    std::vector<IniEntry> entries;  ///< its own first, then those of [DEFAULT]
    [[nodiscard]] IniEntry* find(std::string_view key);
};

class IniFile {
public:
    /// What configparser would refuse is an error of a rule `ganeti-ini-*`; reading goes on after it.
    static IniFile parse(const Reading& reading);
    [[nodiscard]] IniSection* find(std::string_view name);
    [[nodiscard]] std::vector<IniSection>& sections() { return sections_; }

private:
    std::vector<IniSection> sections_;
};

}  // namespace ovfkit::detail::ganeti
