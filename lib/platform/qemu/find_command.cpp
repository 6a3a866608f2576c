#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/json_source.hpp"
#include "base/utf8.hpp"
#include "model/names.hpp"
#include "platform/qemu/argv.hpp"

// Where in a text the command line of QEMU is. Nothing is ever expanded or run: what a shell would have to
// expand is refused.
namespace ovfkit::detail::qemu {

namespace {

/// The words of one line of shell, joined over `\` line ends.
class Line {
public:
    Line(const Text& text, std::size_t at) : text_(text), at_(at) {}

    /// Reads to the end of the line; false: an expansion or operator of the shell stopped it.
    bool read() {
        while (at_ < bytes().size()) {
            const char c = bytes()[at_];
            if (c == '\n') return end();
            if (c == '\\' && next() == '\n') {
                at_ += 2;
            } else if (is_blank(c)) {
                finish();
                ++at_;
            } else if (c == '#' && !open_) {
                at_ = std::min(bytes().find('\n', at_), bytes().size());
            } else if (!character()) {
                at_ = std::min(bytes().find('\n', at_), bytes().size());
                end();
                return false;
            }
        }
        return end();
    }

    Argv words;
    [[nodiscard]] std::size_t after() const { return std::min(at_ + 1, bytes().size()); }
    std::uint64_t stopped = Origin::npos;  ///< at an expansion, operator or open quote

private:
    [[nodiscard]] std::string_view bytes() const { return text_.bytes; }
    [[nodiscard]] char next() const { return at_ + 1 < bytes().size() ? bytes()[at_ + 1] : '\0'; }

    [[nodiscard]] bool in_command() const {
        return std::any_of(words.begin(), words.end(), [](const Word& w) { return is_program(w.text); });
    }
    bool end() {
        finish();
        return stopped == Origin::npos;
    }
    bool stop() {
        stopped = at_;
        return false;
    }
    void start() {
        if (open_) return;
        open_ = true;
        words.push_back({{}, at_});
    }
    void finish() { open_ = false; }

    bool character() {
        const char c = bytes()[at_];
        if (std::string_view("$`;|&<>()*?~").find(c) != std::string_view::npos && !(c == '~' && open_)) return stop();
        if (words.size() > max_words) return stop();
        start();
        if (c == '\'') {
            const std::size_t close = bytes().find('\'', at_ + 1);
            if (close == std::string_view::npos || (bytes().substr(at_, close - at_).find('\n') != std::string_view::npos && !in_command()))
                return stop();  // an apostrophe in the messages of a log
            words.back().text += bytes().substr(at_ + 1, close - at_ - 1);
            at_ = close + 1;
        } else if (c == '"') {
            return double_quotes();
        } else if (c == '\\') {
            words.back().text += next();
            at_ += 2;
        } else {
            words.back().text += c;
            ++at_;
        }
        return true;
    }

    bool double_quotes() {
        for (++at_; at_ < bytes().size(); ++at_) {
            char c = bytes()[at_];
            if (c == '"') {
                ++at_;
                return true;
            }
            if (c == '$' || c == '`' || (c == '\n' && !in_command())) return stop();
            if (c == '\\' && std::string_view("\\\"$`\n").find(next()) != std::string_view::npos) {
                c = next();
                ++at_;
                if (c == '\n') continue;
            }
            words.back().text += c;
        }
        return stop();
    }

    const Text& text_;
    std::size_t at_;
    bool open_ = false;
};

bool is_assignment(std::string_view word) {
    const std::size_t equals = word.find('=');
    return equals != std::string_view::npos && only_word_characters(word.substr(0, equals), "_");
}

/// Where in a line the program stands: after assignments and `exec`, or after Ganeti's `RunCmd`.
std::size_t program_in(const Argv& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i].text;
        if (word == "RunCmd") return i + 1 < words.size() && is_program(words[i + 1].text) ? i + 1 : words.size();
        if (is_program(word)) {
            const bool lead = std::all_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(i), [](const Word& w) {
                return is_assignment(w.text) || w.text == "exec" || w.text == "sudo" || w.text == "nohup" || w.text == "env";
            });
            if (lead) return i;
        }
    }
    return words.size();
}

[[noreturn]] void fail(const Text& text, std::string_view rule, std::uint64_t offset, std::string message, Failure failure) {
    Diagnostic diagnostic;
    diagnostic.severity = Severity::error;
    diagnostic.rule = rule;
    diagnostic.message = std::move(message);
    const std::size_t at = offset == Origin::npos ? 0 : static_cast<std::size_t>(offset);
    diagnostic.where = location_in(text.name, text.bytes, at);
    diagnostic.source_line = line_in(text.bytes, at);
    diagnostic.failure = failure;
    throw InputError(diagnostic);
}

Argv from_lines(const Text& text) {
    Argv found;
    std::size_t count = 0;
    std::uint64_t stopped = Origin::npos;
    std::vector<std::uint64_t> ignored;
    for (std::size_t at = 0; at < text.bytes.size();) {
        Line line(text, at);
        const std::uint64_t start = at;
        const bool whole = line.read();
        at = line.after();
        const std::size_t program = program_in(line.words);
        if (program >= line.words.size()) {
            const bool shell = line.words.empty() || is_assignment(line.words.front().text) || line.words.front().text == "set";
            const bool log = start < text.bytes.size() && text.bytes[start] >= '0' && text.bytes[start] <= '9';
            if (!shell && !log && found.empty()) ignored.push_back(start);
            continue;
        }
        ++count;
        stopped = whole ? Origin::npos : line.stopped;
        found.assign(line.words.begin() + static_cast<std::ptrdiff_t>(program), line.words.end());
    }
    if (found.empty()) fail(text, "qemu-command-missing", 0, "no QEMU command line in it", Failure::malformed);
    if (stopped != Origin::npos)
        fail(text, "qemu-shell-expansion", stopped, "only a shell could tell what this becomes; write the plain words", Failure::refused);
    for (const std::uint64_t offset : ignored)
        text.report("qemu-line-ignored", offset, "this line is no QEMU command and is ignored");
    if (count > 1)
        text.report("qemu-command-several", found.front().offset, fmt::format("{} command lines; the last is read", count));
    return found;
}

Argv from_json(const Text& text) {
    const JsonSource source = parse_json(text.name, text.bytes, text.context.options.limits.descriptor_bytes, 16);
    const auto* list = &source.root;
    std::string stem = "/";
    if (list->is_array() && !list->empty() && list->front().is_array()) {  // a Ganeti runtime: command, NICs, hvparams, disks
        list = &source.root.front();
        stem = "/0/";
        text.report("qemu-runtime-partial", 0, "of a Ganeti runtime only the command line is read; Ganeti adds NICs and disks when it starts");
    }
    if (!list->is_array()) fail(text, "qemu-command-missing", 0, "not an array of words", Failure::malformed);
    Argv out;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto& word = (*list)[i];
        const std::uint64_t offset = source.offset_of(stem + std::to_string(i));
        if (!word.is_string()) fail(text, "qemu-command-missing", offset, "a command line is an array of strings", Failure::malformed);
        out.push_back({word.get<std::string>(), offset});
    }
    if (out.empty() || !is_program(out.front().text)) fail(text, "qemu-command-missing", 0, "the first word is no program of QEMU", Failure::malformed);
    return out;
}

/// /proc/PID/cmdline: words that end with NUL.
Argv from_nul(const Text& text) {
    Argv out;
    for (std::size_t at = 0; at < text.bytes.size();) {
        const std::size_t end = std::min(text.bytes.find('\0', at), text.bytes.size());
        out.push_back({std::string(text.bytes.substr(at, end - at)), at});
        if (out.size() > max_words) break;
        at = end + 1;
    }
    if (out.empty() || !is_program(out.front().text)) fail(text, "qemu-command-missing", 0, "the first word is no program of QEMU", Failure::malformed);
    return out;
}

}  // namespace

Argv argv_of(const Text& text) {
    const std::uint64_t limit = text.context.options.limits.descriptor_bytes;
    if (text.bytes.size() > limit)
        fail(text, "input-too-large", 0, fmt::format("{} bytes; the limit is {}", text.bytes.size(), limit), Failure::refused);
    Argv out = is_json(text.bytes)                                  ? from_json(text)
               : text.bytes.find('\0') != std::string_view::npos ? from_nul(text)
                                                                    : from_lines(text);
    if (out.size() > max_words)
        fail(text, "input-too-large", 0, fmt::format("more than {} words", max_words), Failure::refused);
    for (const Word& word : out) {
        bool encoding = false;
        if (find_illegal(word.text, encoding) != std::string_view::npos)
            fail(text, "qemu-word-illegal", word.offset, "a word holds a control character or is not UTF-8", Failure::malformed);
    }
    return out;
}

}  // namespace ovfkit::detail::qemu
