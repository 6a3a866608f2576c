#include "base/json_source.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/utf8.hpp"

namespace ovfkit::detail {

namespace {

using Json = nlohmann::ordered_json;

/// Reads the text and tells how far the parser is.
class Counting {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    Counting(const char* at, const char** reached) : at_(at), reached_(reached) {}
    reference operator*() const { return *at_; }
    Counting& operator++() {
        ++at_;
        if (reached_ != nullptr) *reached_ = at_;
        return *this;
    }
    Counting operator++(int) {
        Counting before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const Counting& a, const Counting& b) { return a.at_ == b.at_; }
    friend bool operator!=(const Counting& a, const Counting& b) { return !(a == b); }

private:
    const char* at_;
    const char** reached_;
};

struct Level {
    bool array = false;
    std::size_t index = 0;  ///< of the next element
    std::string key;        ///< of the value to come
    std::vector<std::string> keys;
};

[[noreturn]] void fail(const std::string& name, std::string_view text, std::size_t offset, std::string_view rule,
                       std::string message, Failure failure) {
    Diagnostic diagnostic;
    diagnostic.severity = Severity::error;
    diagnostic.rule = rule;
    diagnostic.message = std::move(message);
    diagnostic.where = location_in(name, text, offset);
    diagnostic.source_line = line_in(text, offset);
    diagnostic.failure = failure;
    throw InputError(diagnostic);
}

std::string escaped(const std::string& key) {
    std::string out;
    for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
}

class Tracker {
public:
    Tracker(const std::string& name, std::string_view text, std::size_t depth, const char* const* reached,
            JsonSource& out)
        : name_(name), text_(text), depth_(depth), reached_(reached), out_(out) {}

    bool operator()(int, Json::parse_event_t event, Json& parsed) {
        using Event = Json::parse_event_t;
        const std::size_t here = static_cast<std::size_t>(*reached_ - text_.data());
        switch (event) {
            case Event::key:
                key(parsed.get_ref<const std::string&>(), here);
                break;
            case Event::object_start:
            case Event::array_start:
                element(here);
                levels_.push_back({event == Event::array_start, 0, {}, {}});
                if (levels_.size() > depth_)
                    fail(name_, text_, here, "json-depth-exceeded", fmt::format("nested deeper than {} levels", depth_),
                         Failure::refused);
                break;
            case Event::object_end:
            case Event::array_end:
                levels_.pop_back();
                break;
            case Event::value:
                element(here);
                break;
        }
        return true;
    }

private:
    [[nodiscard]] std::string path() const {
        std::string out;
        for (const Level& level : levels_)
            out += "/" + (level.array ? std::to_string(level.index - 1) : escaped(level.key));
        return out;
    }

    void key(const std::string& key, std::size_t here) {
        Level& level = levels_.back();
        if (std::find(level.keys.begin(), level.keys.end(), key) != level.keys.end())
            fail(name_, text_, here == 0 ? 0 : here - 1, "json-key-duplicate",
                 fmt::format("the key '{}' is there twice; keep one", printable(key)), Failure::malformed);
        if (level.keys.size() >= 4096)
            fail(name_, text_, here, "input-too-large", "more than 4096 keys in one object", Failure::refused);
        level.keys.push_back(key);
        level.key = key;
        out_.offsets[path()] = here < key.size() + 2 ? 0 : here - key.size() - 2;
    }

    void element(std::size_t here) {
        if (levels_.empty() || !levels_.back().array) return;
        ++levels_.back().index;
        out_.offsets[path()] = here == 0 ? 0 : here - 1;
    }

    const std::string& name_;
    std::string_view text_;
    std::size_t depth_;
    const char* const* reached_;
    JsonSource& out_;
    std::vector<Level> levels_;
};

}  // namespace

std::size_t JsonSource::offset_of(const std::string& pointer) const {
    const auto found = offsets.find(pointer);
    return found == offsets.end() ? 0 : found->second;
}

Location location_in(const std::string& name, std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const std::size_t begin = before.rfind('\n') + 1;  // npos + 1 is 0
    return {name, static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1,
            before.size() - begin + 1};
}

std::string line_in(std::string_view text, std::size_t offset) {
    const std::size_t begin = text.substr(0, std::min(offset, text.size())).rfind('\n') + 1;
    std::string line(text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin));
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
}

JsonSource parse_json(const std::string& name, std::string_view text, std::size_t bytes, std::size_t depth) {
    if (text.size() > bytes)
        fail(name, text, 0, "input-too-large", fmt::format("{} bytes; the limit is {}", text.size(), bytes),
             Failure::refused);
    bool bad_encoding = false;
    if (const std::size_t bad = find_illegal(text, bad_encoding); bad != std::string_view::npos)
        fail(name, text, bad, "json-malformed", bad_encoding ? "not UTF-8" : "a control character", Failure::malformed);
    JsonSource out;
    const char* reached = text.data();
    try {
        out.root = Json::parse(Counting(text.data(), &reached), Counting(text.data() + text.size(), nullptr),
                               Tracker(name, text, depth, &reached, out));
    } catch (const nlohmann::json::exception& error) {
        std::string message = error.what();
        if (const std::size_t colon = message.find(": "); colon != std::string::npos) message.erase(0, colon + 2);
        const std::size_t at = static_cast<std::size_t>(reached - text.data());
        fail(name, text, at == 0 ? 0 : at - 1, "json-malformed", printable(message), Failure::malformed);
    }
    return out;
}

}  // namespace ovfkit::detail
