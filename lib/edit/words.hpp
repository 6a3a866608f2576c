#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/diagnostic.hpp>

/// What people type: numbers, sizes, `KEY=VALUE,...`. Everything throws UsageError that says what is expected.
namespace ovfkit::detail::edit {

/// "; did you mean 'x'?" or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);
[[noreturn]] void fail(const std::string& message);

/// From 1 (or `least`) to `most`.
std::uint32_t number(std::string_view what, std::string_view text, std::uint32_t least, std::uint32_t most);
/// `512MiB`, `4G`, `10GB`, `1024B`: powers of two, with a unit.
std::uint64_t size(std::string_view what, std::string_view text);
/// true, false, yes, no, on, off.
bool boolean(std::string_view what, std::string_view text);
/// One of `a|b|c`.
std::string_view choice(std::string_view what, std::string_view text, std::string_view choices);
/// Lower case, with colons.
std::string mac(std::string_view what, std::string_view text);
std::string uuid(std::string_view what, std::string_view text);
/// UTF-8 of characters that XML knows.
void check_text(std::string_view what, std::string_view text);

struct Pair {
    std::string key, value;
};

/// `KEY=VALUE,KEY=VALUE`; a comma inside a value is written twice. Keys that are not among `known` are refused.
class Pairs {
public:
    Pairs(std::string_view what, std::string_view text, const std::vector<std::string_view>& known);

    [[nodiscard]] const std::string* find(std::string_view key) const;
    /// Calls `set` with the value when the key is there.
    void on(std::string_view key, const std::function<void(const std::string&)>& set) const;
    [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
    [[nodiscard]] const std::vector<Pair>& all() const { return pairs_; }
    /// `--nic-add mac`, for messages.
    [[nodiscard]] std::string name(std::string_view key) const;

private:
    std::string what_;
    std::vector<Pair> pairs_;
};

/// `ID:KEY=VALUE,...`: an id may hold colons.
struct Addressed {
    std::string id;
    std::string_view pairs;
};
Addressed addressed(std::string_view what, std::string_view text);

}  // namespace ovfkit::detail::edit
