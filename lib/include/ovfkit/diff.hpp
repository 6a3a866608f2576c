#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <ovfkit/convert.hpp>

/// What differs in meaning between two inputs, of whatever formats.
namespace ovfkit {

struct DiffRow {
    std::string path;   ///< `VirtualSystem[web]/nics[00:50:56:11:22:33].model`; of unmapped parts an XPath-like one
    std::string field;  ///< the model's field (`nics[].model`); empty for what has none
    bool in_a = false, in_b = false;        ///< whether that side says anything
    std::size_t line_a = 0, line_b = 0;     ///< 0: unknown
    std::string a, b;                       ///< for people; `(secret)` for a password
    bool label = false;                     ///< text for people only
};

struct Diff {
    std::string a, b;                       ///< names of the inputs
    std::string format_a, format_b;
    std::vector<DiffRow> rows;
    std::vector<DiffRow> not_comparable;    ///< said by one side; the other side's format has no place for it
    [[nodiscard]] bool equal() const { return rows.empty(); }
};

struct DiffOptions {
    std::string vm;       ///< id or name; empty: every VM
    bool strict = false;  ///< what is not comparable differs
    bool vm_in_a = false; ///< `vm` selects in the first only: the second has that one under a name of its own
};

/// Units, spelling, ids, prefixes, comments and the order of devices say nothing; devices are matched by what they
/// are (MAC, controller and unit, file ...). Read both with ReadOptions::unmapped to have vendor parts compared, too.
/// Throws UsageError when neither has the VM.
OVFKIT_EXPORT Diff diff(const Source& a, const Source& b, const DiffOptions& options = {});

/// `{a b equal rows[]{path field in_a in_b line_a line_b value_a value_b} not_comparable[]}`.
OVFKIT_EXPORT std::string render_json(const Diff& diff);
/// A line a row; what is not comparable is summed up unless `all`.
OVFKIT_EXPORT std::string render_text(const Diff& diff, bool all = false);

}  // namespace ovfkit
