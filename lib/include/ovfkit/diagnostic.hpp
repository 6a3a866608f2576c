#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/export.hpp>

namespace ovfkit {

enum class Severity { note, warning, error };

/// `note`, `warning` or `error`.
OVFKIT_EXPORT std::string_view to_string(Severity severity);

/// Where in an input. Line and column count from 1; 0 means unknown. The column counts bytes.
struct Location {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
};

/// What an error means for the whole run; the tool turns it into its exit code.
enum class Failure {
    none,        ///< go on
    malformed,   ///< 3: cannot be read
    refused,     ///< 4: unsafe, over a limit, or a required part not understood
    integrity,   ///< 5: digest, signature, size
};

/// One finding in an input.
struct Diagnostic {
    Severity severity = Severity::warning;
    std::string rule;         ///< id of a row of rules()
    std::string message;      ///< what is wrong and what to do; plain text, not yet escaped
    Location where;
    std::string source_line;  ///< the line `where` points at, without its end; empty when there is none
    Failure failure = Failure::none;
    /// Where in `source_line` the column is, from 1, when the line was too long and only a part is kept; else 0.
    std::size_t source_column = 0;
};

/// A finding an input can cause.
struct Rule {
    std::string_view id;
    Severity severity;
    std::string_view text;    ///< one sentence
    std::string_view source;  ///< the clause or the consumer behaviour it comes from
};

/// Every rule the library knows, sorted by id.
OVFKIT_EXPORT const std::vector<Rule>& rules();
/// The rule of that id; nullptr when there is none.
OVFKIT_EXPORT const Rule* find_rule(std::string_view id);

/// Collects findings. Readers go on after an error and decide at the end.
class OVFKIT_EXPORT Diagnostics {
public:
    explicit Diagnostics(std::size_t limit = 1000) : limit_(limit) {}

    void add(Diagnostic diagnostic);

    [[nodiscard]] const std::vector<Diagnostic>& all() const { return found_; }
    /// Findings beyond the limit that were only counted.
    [[nodiscard]] std::size_t suppressed() const { return suppressed_; }
    [[nodiscard]] bool has_errors() const { return worst_error_ != Failure::none; }
    /// The failure of the first error: `malformed` when it named none.
    [[nodiscard]] Failure failure() const { return worst_error_; }

private:
    std::vector<Diagnostic> found_;
    std::size_t limit_;
    std::size_t suppressed_ = 0;
    Failure worst_error_ = Failure::none;
};

/// `file:line:col: severity: message [rule]`, then the source line and a caret. Ends with a newline.
/// Control characters, bidirectional marks and bad UTF-8 of the input come out escaped.
OVFKIT_EXPORT std::string render_text(const Diagnostic& diagnostic, bool color = false);
/// A JSON array of `{severity rule message file line column}`.
OVFKIT_EXPORT std::string render_json(const std::vector<Diagnostic>& diagnostics);
/// Text from an input made safe for a terminal, cut at `limit` characters.
OVFKIT_EXPORT std::string printable(std::string_view text, std::size_t limit = 200);
/// The word of `candidates` nearest to `word`, for "did you mean"; empty when none is near.
OVFKIT_EXPORT std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace ovfkit
