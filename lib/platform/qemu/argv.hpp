#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/leaf.hpp"

/// QEMU command lines as text: words, quoting, and the `key=value,key=value` of their values.
namespace ovfkit::detail::qemu {

inline constexpr std::size_t max_words = 20000;

/// A word of a command line and the byte it stood at.
struct Word {
    std::string text;
    std::uint64_t offset = Origin::npos;
};
using Argv = std::vector<Word>;

/// The value of an option, written: commas are doubled, control characters cannot come in.
class Opts {
public:
    Opts() = default;
    /// The first, implied key (`-device e1000,...`).
    explicit Opts(std::string_view first) { item(first); }
    Opts& add(std::string_view key, std::string_view value);
    Opts& add_flag(std::string_view key, bool on) { return add(key, on ? "on" : "off"); }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    void item(std::string_view text);
    std::string text_;
};

/// The value of an option, read: `implied` is the key of a first part without `=`; other such parts mean on
/// (`noX`: X off). JSON objects come out flattened (`file.filename`).
struct Parsed {
    std::vector<std::pair<std::string, std::string>> items;
    std::uint64_t offset = Origin::npos;
    std::vector<std::string> taken;

    [[nodiscard]] bool has(std::string_view key) const;
    /// The value of a key, taken; empty when it is not there.
    std::string take(std::string_view key);
    [[nodiscard]] std::string get(std::string_view key) const;
    /// What nobody took.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> rest() const;
};

/// A word of a POSIX shell: as it is, or single-quoted.
std::string shell_word(std::string_view word);
/// The script and the JSON array.
std::string script_of(const std::vector<std::string>& argv, const std::vector<std::string>& comments);
std::string json_of(const std::vector<std::string>& argv);

/// Where a text's findings go.
struct Text {
    const std::string& name;
    std::string_view bytes;
    ReadContext& context;
    void report(std::string_view rule, std::uint64_t offset, std::string message, Failure failure = Failure::none) const;
};

/// The command line in a script, a log of libvirt or Ganeti, a JSON array, a Ganeti runtime file, or
/// /proc/PID/cmdline. Throws InputError when there is none.
Argv argv_of(const Text& text);
/// Throws InputError for malformed JSON.
Parsed parsed(const Text& text, const Word& value, std::string_view implied);
/// `qemu-system-x86_64`, `/usr/bin/kvm`, `qemu-kvm`.
bool is_program(std::string_view word);
bool is_json(std::string_view bytes);

}  // namespace ovfkit::detail::qemu
