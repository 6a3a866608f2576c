#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/convert.hpp>
#include <ovfkit/diff.hpp>

/// Source -> another format -> the source's own: what came back, and whether everything that did not was announced.
namespace ovfkit {

enum class RoundTripVerdict {
    identical,  ///< the first bytes
    equal,      ///< the same meaning
    named,      ///< rows differ, each named by a loss report on the way
    refused,    ///< the source cannot be translated, for a reason that was given
    unnamed,    ///< something differs and no report said so: a fault of ovfkit
};
OVFKIT_EXPORT std::string_view to_string(RoundTripVerdict verdict);

struct RoundTripRow {
    DiffRow difference;   ///< `a` is the source, `b` what came back
    bool is_named = false;
    std::string rule;     ///< of the row that names it
    std::string detail;   ///< what that row says; never a secret
};

struct RoundTrip {
    std::string file, format;    ///< the source and the format it was read as
    std::string through;         ///< format id
    std::string back;            ///< format it was written back in; another than `format` where that is never made new
    bool with_origin = false;    ///< whether the source's descriptor travelled along; some platforms have no place for it
    RoundTripVerdict verdict = RoundTripVerdict::identical;
    std::string reason;          ///< of a refusal, or of a text of our own that could not be read
    Failure failure = Failure::none;  ///< of a refusal
    std::vector<RoundTripRow> rows;
};

struct RoundTripOptions {
    WriteOptions write;
    bool origin = true;   ///< let the descriptor travel along, where the format can
    /// Takes the text of the platform and gives what a real one made of it. Throws Error where that refuses it. Not
    /// called when empty.
    std::function<std::string(const std::string& text)> pass = {};
};

/// `source` must have been read with ReadOptions::unmapped, and with `through` as ReadOptions::target. Throws UsageError
/// for a format that is not there or cannot be both read and written.
OVFKIT_EXPORT RoundTrip roundtrip(const Source& source, const std::string& through, const RoundTripOptions& options = {});

/// Formats a round trip can go through: those that are read and written.
OVFKIT_EXPORT std::vector<std::string_view> roundtrip_formats();

/// `{results[]{file format through back with_origin verdict identical equal reason rows[]}}`.
OVFKIT_EXPORT std::string render_json(const std::vector<RoundTrip>& results);
/// JUnit XML: a suite a format, a case a result; what differs fails, what is refused is an error.
OVFKIT_EXPORT std::string render_junit(const std::vector<RoundTrip>& results);
/// A line a result and a line a row; named rows are summed up unless `all`.
OVFKIT_EXPORT std::string render_text(const RoundTrip& result, bool all = false);

}  // namespace ovfkit
