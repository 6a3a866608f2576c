#include "package/manifest.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/utf8.hpp"
#include "base/xml.hpp"
#include "package/limits.hpp"

namespace ovfkit::detail {

namespace {

class Parser {
public:
    Parser(const PackageText& text, const std::string& package, Diagnostics& diagnostics)
        : text_(text), package_(package), diagnostics_(diagnostics) {}

    Manifest parse() {
        std::string_view rest = text_.bytes;
        if (rest.starts_with(utf8_mark)) rest.remove_prefix(utf8_mark.size());
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            if (++line_ > max_manifest_lines) {
                malformed(fmt::format("it has more lines than the limit of {}", max_manifest_lines));
                break;
            }
            parse_line(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (line_ == 0) malformed("it is empty and protects nothing");
        if (weak_)
            add("package-manifest-weak", "it uses SHA1, which is weak: a new manifest should have SHA256", Failure::none);
        return std::move(out_);
    }

private:
    void add(std::string_view rule, const std::string& message, Failure failure, std::string_view source = {}) {
        const Rule* row = find_rule(rule);
        Diagnostic found{row->severity, std::string(rule), fmt::format("manifest '{}': {}", text_.name, message),
                         {package_, 0, 0}, {}, failure};
        if (!source.empty() && source.size() <= 200) found.source_line = std::string(source);
        diagnostics_.add(std::move(found));
    }
    void malformed(const std::string& message, std::string_view source = {}) {
        add("package-manifest-malformed", message, Failure::integrity, source);
    }

    void parse_line(std::string_view line) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (trimmed(line).empty()) return;
        if (line.size() > max_manifest_line)
            return malformed(fmt::format("line {} is too long: the limit is {} bytes", line_, max_manifest_line));
        const auto parts = parse_digest_line(line);
        if (!parts) return malformed(fmt::format("line {} cannot be parsed: it is not ALGORITHM(NAME)= DIGEST", line_), line);
        std::string_view word = parts->algorithm;
        if (word.size() > 5 && equal_nocase(word.substr(0, 5), "SHA2-")) {
            add("package-manifest-spelling",
                fmt::format("line {} says {} where the standard has SHA{}", line_, printable(word), printable(word.substr(5))), Failure::none);
            word = word.substr(5);
        } else if (word.size() > 3 && equal_nocase(word.substr(0, 3), "SHA")) {
            word = word.substr(3);
        } else {
            word = {};
        }
        const auto algorithm = algorithm_from("SHA" + std::string(word));
        if (!algorithm)
            return add("package-manifest-algorithm",
                       fmt::format("line {} has a digest of the algorithm '{}'; SHA256, SHA384, SHA512 and SHA1 are known", line_,
                                   printable(parts->algorithm)),
                       Failure::integrity, line);
        if (parts->hex.size() != digits_of(*algorithm) || !is_hex(parts->hex))
            return malformed(fmt::format("line {}: the digest of '{}' is not hexadecimal of the length {}", line_, printable(parts->name),
                                         digits_of(*algorithm)),
                             line);
        enter({std::string(parts->name), *algorithm, to_lower(parts->hex)});
    }

    void enter(ManifestEntry entry) {
        if (entry.name == text_.name) return malformed(fmt::format("line {} lists '{}' itself", line_, printable(entry.name)));
        weak_ |= entry.algorithm == Algorithm::sha1;
        for (const ManifestEntry* other : out_.of(entry.name)) {
            if (other->algorithm != entry.algorithm) continue;
            if (other->hex == entry.hex)
                return add("package-manifest-repeated", fmt::format("line {} lists '{}' twice", line_, printable(entry.name)), Failure::none);
            return add("package-manifest-duplicate",
                       fmt::format("line {} lists '{}' twice, with another digest", line_, printable(entry.name)), Failure::integrity);
        }
        out_.entries.push_back(std::move(entry));
    }

    const PackageText& text_;
    const std::string& package_;
    Diagnostics& diagnostics_;
    Manifest out_;
    std::size_t line_ = 0;
    bool weak_ = false;
};

}  // namespace

bool is_hex(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
    });
}

std::optional<DigestLine> parse_digest_line(std::string_view line) {
    line = trimmed(line);
    const std::size_t open = line.find('(');
    if (open == std::string_view::npos) return std::nullopt;
    // The shortest name that is followed by `)` and `=`.
    for (std::size_t close = line.find(')', open); close != std::string_view::npos; close = line.find(')', close + 1)) {
        const std::string_view behind = trimmed(line.substr(close + 1));
        if (!behind.starts_with('=')) continue;
        const DigestLine out{trimmed(line.substr(0, open)), line.substr(open + 1, close - open - 1), trimmed(behind.substr(1))};
        const bool plain = std::all_of(out.algorithm.begin(), out.algorithm.end(), [](char c) {
            return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-';
        });
        if (!plain || out.algorithm.empty() || out.name.empty() || out.name.find('\0') != std::string_view::npos) return std::nullopt;
        return out;
    }
    return std::nullopt;
}

std::vector<const ManifestEntry*> Manifest::of(std::string_view name) const {
    std::vector<const ManifestEntry*> out;
    for (const ManifestEntry& entry : entries)
        if (entry.name == name) out.push_back(&entry);
    return out;
}

Manifest parse_manifest(const PackageText& text, const std::string& package, Diagnostics& diagnostics) {
    return Parser(text, package, diagnostics).parse();
}

std::string manifest_line(const ManifestEntry& entry) {
    return fmt::format("{}({})= {}\n", to_string(entry.algorithm), entry.name, entry.hex);
}

}  // namespace ovfkit::detail
