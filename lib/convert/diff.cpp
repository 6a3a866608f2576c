#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <ovfkit/diff.hpp>
#include <ovfkit/error.hpp>

#include "convert/detect.hpp"
#include "convert/diff_match.hpp"
#include "convert/diff_unmapped.hpp"
#include "convert/field_compare.hpp"
#include "convert/places.hpp"
#include "convert/select.hpp"

namespace ovfkit {

namespace {

using detail::Dialect;
using detail::Fields;
using detail::FieldValue;
using detail::Places;
using detail::Side;

/// Whether a format has a place for a field, where it says nothing of it.
class Speech {
public:
    /// `format` of the silent side; `other`: what the talking side says.
    Speech(const Source& silent, const Source& other) : platform_(detail::find_platform_form(silent.format())) {
        if (silent.format() == other.format()) return;
        same_ = false;
        const Dialect* dialect = detail::find_dialect(silent.format());
        if (platform_.platform == nullptr && dialect == nullptr) return;
        // What it cannot hold, its own writer says.
        try {
            Diagnostics quiet;
            WriteOptions options;
            options.lenient = true;
            options.carry_origin = false;
            const bool is_new = dialect == nullptr || dialect->skeleton != nullptr;
            Envelope said = other.envelope();
            said.unmapped.clear();
            for (const Translation& text : translate(Source::of(std::move(said)), is_new ? silent.format() : "dmtf", options, quiet))
                for (const LossRow& row : text.report.rows)
                    if (row.fate == Fate::dropped) unsaid_.insert(row.field);
        } catch (const Error&) {
            // Then everything is comparable.
        }
    }
    [[nodiscard]] bool has_place_for(const std::string& field) const {
        if (same_) return true;
        if (platform_.platform != nullptr && !platform_.platform->carries(platform_.form, field)) return false;
        return unsaid_.count(field) == 0;
    }

private:
    detail::PlatformForm platform_;
    bool same_ = true;
    std::set<std::string> unsaid_;
};

class Comparison {
public:
    Comparison(const Source& a, const Source& b, Diff& out)
        : places_a_(places_of(a, text_a_)), places_b_(places_of(b, text_b_)), speech_a_(a, b), speech_b_(b, a), out_(out) {}

    void fields(const std::string& prefix, const Fields& a, const Fields& b) {
        compare(a, b, [&](const std::string& path, const FieldValue* x, const FieldValue* y) { add(prefix + path, x, y); });
    }

    void systems(const Side& a, const Side& b, const VirtualSystem* x, const VirtualSystem* y) {
        const VirtualSystem& either = x != nullptr ? *x : *y;
        const std::string prefix = fmt::format("VirtualSystem[{}]/", either.id);
        if (x == nullptr || y == nullptr) return whole_system(either, x != nullptr);
        fields(prefix, fields_of(a, *x), fields_of(b, *y));
        unmapped(a, b, x, y, prefix);
    }

    void unmapped(const Side& a, const Side& b, const VirtualSystem* x, const VirtualSystem* y, const std::string& prefix) {
        const bool both = detail::find_dialect(out_.format_a) != nullptr && detail::find_dialect(out_.format_b) != nullptr;
        detail::diff_unmapped({a, x, places_a_}, {b, y, places_b_}, prefix, both ? out_.rows : out_.not_comparable);
    }

private:
    static Places places_of(const Source& source, std::string& text) {
        if (source.document() != nullptr) return Places(source.document()->xml());
        text = source.bytes();
        return Places(text);
    }

    void whole_system(const VirtualSystem& system, bool in_a) {
        DiffRow row;
        row.path = fmt::format("VirtualSystem[{}]", system.id);
        (in_a ? row.in_a : row.in_b) = true;
        (in_a ? row.a : row.b) = system.name.empty() ? system.id : system.name;
        (in_a ? row.line_a : row.line_b) = (in_a ? places_a_ : places_b_).find(system.origin).line;
        out_.rows.push_back(std::move(row));
    }

    void add(std::string path, const FieldValue* a, const FieldValue* b) {
        const FieldValue& either = a != nullptr ? *a : *b;
        DiffRow row;
        row.path = std::move(path);
        row.field = either.key;
        row.label = either.label;
        if (a != nullptr) {
            row.in_a = true;
            row.a = a->value;
            row.line_a = places_a_.find(a->origin).line;
        }
        if (b != nullptr) {
            row.in_b = true;
            row.b = b->value;
            row.line_b = places_b_.find(b->origin).line;
        }
        const bool said_once = a == nullptr || b == nullptr;
        const bool comparable = !said_once || (a == nullptr ? speech_a_ : speech_b_).has_place_for(either.key);
        (comparable ? out_.rows : out_.not_comparable).push_back(std::move(row));
    }

    std::string text_a_, text_b_;
    Places places_a_, places_b_;
    Speech speech_a_, speech_b_;
    Diff& out_;
};

}  // namespace

Diff diff(const Source& a, const Source& b, const DiffOptions& options) {
    Diff out;
    out.a = a.name();
    out.b = b.name();
    out.format_a = a.format();
    out.format_b = b.format();
    Side left{a.envelope(), {}, {}, {}}, right{b.envelope(), {}, {}, {}};
    const bool in_a = detail::select_vm(left.envelope, options.vm);
    const bool in_b = detail::select_vm(right.envelope, options.vm_in_a ? std::string{} : options.vm);
    if (!in_a && !in_b) throw UsageError(fmt::format("--vm: there is no '{}' in either", printable(options.vm)));
    const detail::SystemPairs systems = detail::match_systems(left.envelope, right.envelope);
    detail::match_elements(left, right, systems);
    Comparison comparison(a, b, out);
    comparison.fields("", detail::fields_of(left), detail::fields_of(right));
    comparison.unmapped(left, right, nullptr, nullptr, "");
    for (const auto& [x, y] : systems) comparison.systems(left, right, x, y);
    if (options.strict) {
        out.rows.insert(out.rows.end(), out.not_comparable.begin(), out.not_comparable.end());
        out.not_comparable.clear();
    }
    return out;
}

}  // namespace ovfkit
