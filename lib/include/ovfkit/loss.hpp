#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/export.hpp>

/// The loss report: what a translation could not carry as it was.
namespace ovfkit {

enum class Fate {
    dropped,       ///< not in the target
    approximated,  ///< in the target with another value
    defaulted,     ///< the source said nothing; the target had to be told something
    origin,        ///< not expressed in the target, kept in the descriptor that travels along
};
OVFKIT_EXPORT std::string_view to_string(Fate fate);

struct LossRow {
    std::string path;      ///< XPath-like address in the source, with the element's id
    std::size_t line = 0;  ///< in the source; 0: unknown
    Fate fate = Fate::dropped;
    std::string rule;      ///< id of a row of rules()
    std::string detail;    ///< what it was and what became of it; never a secret
    /// Text for people only (Info, Caption ...), or left out because only a part was asked for: listed, but no loss
    /// under `--strict`.
    bool label = false;
    /// The model's field it is about (`balloon.state`, `nics[].model`); empty for what has no field.
    std::string field = {};
};

struct LossReport {
    std::string source, target;
    std::vector<LossRow> rows;

    /// True when a row is dropped or approximated and is no label: exit 7 under `--strict`.
    [[nodiscard]] OVFKIT_EXPORT bool is_loss() const;
};

/// `{source target rows[]{path line fate rule detail label field}}`.
OVFKIT_EXPORT std::string render_json(const LossReport& report);
/// For people: a line a row, labels and origin rows summed up unless `all`.
OVFKIT_EXPORT std::string render_text(const LossReport& report, bool all = false);

}  // namespace ovfkit
