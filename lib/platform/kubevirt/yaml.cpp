#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/utf8.hpp"
#include "platform/kubevirt/kubevirt.hpp"

namespace ovfkit::detail::kubevirt {

namespace {

constexpr std::size_t max_depth = 32, max_nodes = 100000, max_documents = 64;

[[noreturn]] void fail(const std::string& name, std::string_view text, std::size_t offset, std::string_view rule, std::string message, Failure failure) {
    Diagnostic diagnostic;
    diagnostic.severity = Severity::error;
    diagnostic.rule = rule;
    diagnostic.message = std::move(message);
    diagnostic.where = location_in(name, text, offset);
    diagnostic.source_line = line_in(text, offset);
    diagnostic.failure = failure;
    throw InputError(diagnostic);
}

bool is_core_tag(const std::string& tag) {
    static const std::set<std::string_view> core{"", "?", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float",
                                                 "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"};
    return core.count(tag) != 0;
}

/// The core schema of YAML 1.2, as far as Kubernetes uses it.
Json plain(const std::string& text) {
    if (text == "true" || text == "True") return true;
    if (text == "false" || text == "False") return false;
    if (text.empty() || text == "null" || text == "~") return nullptr;
    const bool padded = text.size() > 1 && text.front() == '0';
    if (const auto number = to_number<std::uint64_t>(text); number && !padded) return *number;
    return text;
}

/// Builds JSON from the parser's events; the parser itself never makes a tree that aliases could blow up.
class Builder : public YAML::EventHandler {
public:
    Builder(const std::string& name, std::string_view text) : name_(name), text_(text) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { value(mark, anchor, nullptr); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) stop(mark, "yaml-malformed", "an alias inside the value it names", Failure::malformed);
        count(mark, size_of(found->second));
        value(mark, 0, found->second);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override {
        check(mark, tag);
        if (!open_.empty() && open_.back().value.is_object() && !open_.back().has_key) return key(mark, text);
        value(mark, anchor, tag == "?" || tag.empty() ? plain(text) : Json(text));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        start(mark, tag, anchor, Json::array());
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        start(mark, tag, anchor, Json::object());
    }
    void OnMapEnd() override { end(); }

    JsonSource out;

private:
    struct Level {
        Json value;
        YAML::anchor_t anchor = 0;
        bool has_key = false;
        std::string key, path;
        std::size_t index = 0;
    };

    [[nodiscard]] std::size_t offset_of(const YAML::Mark& mark) const {
        return mark.pos < 0 ? 0 : std::min(static_cast<std::size_t>(mark.pos), text_.size());
    }
    [[noreturn]] void stop(const YAML::Mark& mark, std::string_view rule, std::string message, Failure failure) const {
        fail(name_, text_, offset_of(mark), rule, std::move(message), failure);
    }
    void check(const YAML::Mark& mark, const std::string& tag) const {
        if (!is_core_tag(tag)) stop(mark, "yaml-tag-refused", fmt::format("tag '{}': only YAML's own types are read", printable(tag)), Failure::refused);
    }
    void count(const YAML::Mark& mark, std::size_t nodes) {
        nodes_ += nodes;
        if (nodes_ > max_nodes) stop(mark, "input-too-large", fmt::format("more than {} values", max_nodes), Failure::refused);
    }
    static std::size_t size_of(const Json& value) {
        std::size_t out = 1;
        if (value.is_structured())
            for (const Json& inner : value) out += size_of(inner);
        return out;
    }
    void key(const YAML::Mark& mark, const std::string& text) {
        Level& level = open_.back();
        if (level.value.size() >= 4096) stop(mark, "input-too-large", "more than 4096 keys in one mapping", Failure::refused);
        if (level.value.contains(text)) stop(mark, "yaml-key-duplicate", fmt::format("the key '{}' is there twice; keep one", printable(text)), Failure::malformed);
        level.key = text;
        level.has_key = true;
        out.offsets[path()] = offset_of(mark);
    }
    [[nodiscard]] std::string path() const {
        const Level& level = open_.back();
        if (level.value.is_array()) return level.path + "/" + std::to_string(level.index);
        std::string escaped;
        for (const char c : level.key) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        return level.path + "/" + escaped;
    }
    void start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Json empty) {
        check(mark, tag);
        count(mark, 1);
        if (open_.size() >= max_depth) stop(mark, "yaml-depth-exceeded", fmt::format("nested deeper than {} levels", max_depth), Failure::refused);
        if (!open_.empty() && open_.back().value.is_object() && !open_.back().has_key) stop(mark, "yaml-malformed", "a key that is no plain text", Failure::malformed);
        Level level;
        level.value = std::move(empty);
        level.anchor = anchor;
        if (!open_.empty()) {
            level.path = path();
            if (open_.back().value.is_array()) out.offsets[level.path] = offset_of(mark);
        }
        open_.push_back(std::move(level));
    }
    void end() {
        Level level = std::move(open_.back());
        open_.pop_back();
        put(level.anchor, std::move(level.value));
    }
    void value(const YAML::Mark& mark, YAML::anchor_t anchor, Json made) {
        count(mark, 1);
        if (!open_.empty() && open_.back().value.is_object() && !open_.back().has_key) stop(mark, "yaml-malformed", "a key that is no plain text", Failure::malformed);
        if (!open_.empty() && open_.back().value.is_array()) out.offsets[path()] = offset_of(mark);
        put(anchor, std::move(made));
    }
    void put(YAML::anchor_t anchor, Json made) {
        if (anchor != 0) anchors_[anchor] = made;
        if (open_.empty()) {
            out.root = std::move(made);
            return;
        }
        Level& level = open_.back();
        if (level.value.is_array()) {
            level.value.push_back(std::move(made));
            ++level.index;
        } else {
            level.value[level.key] = std::move(made);
            level.has_key = false;
        }
    }

    const std::string& name_;
    std::string_view text_;
    std::vector<Level> open_;
    std::map<YAML::anchor_t, Json> anchors_;
    std::size_t nodes_ = 0;
};

/// Reads from memory without a copy.
class View : public std::streambuf {
public:
    explicit View(std::string_view text) {
        char* begin = const_cast<char*>(text.data());
        setg(begin, begin, begin + text.size());
    }
};

}  // namespace

std::vector<JsonSource> parse_yaml(const std::string& name, std::string_view text, std::size_t bytes) {
    if (text.size() > bytes) fail(name, text, 0, "input-too-large", fmt::format("{} bytes; the limit is {}", text.size(), bytes), Failure::refused);
    bool encoding = false;
    if (const std::size_t bad = find_illegal(text, encoding); bad != std::string_view::npos)
        fail(name, text, bad, "yaml-malformed", encoding ? "not UTF-8" : "a control character", Failure::malformed);
    std::vector<JsonSource> out;
    try {
        View view(text);
        std::istream stream(&view);
        YAML::Parser parser(stream);
        while (out.size() < max_documents) {
            Builder builder(name, text);
            if (!parser.HandleNextDocument(builder)) break;
            out.push_back(std::move(builder.out));
        }
    } catch (const YAML::DeepRecursion&) {
        fail(name, text, 0, "yaml-depth-exceeded", fmt::format("nested deeper than {} levels", max_depth), Failure::refused);
    } catch (const YAML::Exception& error) {
        const std::size_t at = error.mark.pos < 0 ? 0 : std::min(static_cast<std::size_t>(error.mark.pos), text.size());
        fail(name, text, at, "yaml-malformed", printable(error.msg), Failure::malformed);
    }
    return out;
}

namespace {

std::string scalar(const Json& value) {
    if (value.is_object()) return "{}";
    if (value.is_array()) return "[]";
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void emit(const Json& value, std::size_t indent, std::string& out) {
    const std::string lead(indent, ' ');
    const auto inner = [&](const Json& child, std::size_t deeper, std::string_view before) {
        if (child.is_structured() && !child.empty()) {
            out += std::string(before) + "\n";
            emit(child, deeper, out);
        } else {
            out += std::string(before) + " " + scalar(child) + "\n";
        }
    };
    if (value.is_object()) {
        for (const auto& [key, child] : value.items()) {
            const bool bare = only_word_characters(key, "-./");
            inner(child, indent + 2, lead + (bare ? key : Json(key).dump()) + ":");
        }
        return;
    }
    for (const Json& child : value) {  // `- key: value` with the dash in the place of two blanks
        if (!child.is_structured() || child.empty()) {
            out += lead + "- " + scalar(child) + "\n";
            continue;
        }
        const std::size_t at = out.size();
        emit(child, indent + 2, out);
        out[at + indent] = '-';
    }
}

}  // namespace

std::string yaml_of(const Json& value) {
    std::string out;
    emit(value, 0, out);
    return out;
}

}  // namespace ovfkit::detail::kubevirt
