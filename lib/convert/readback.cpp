#include "convert/readback.hpp"

#include <algorithm>
#include <utility>

#include <ovfkit/error.hpp>

#include "convert/field_compare.hpp"

namespace ovfkit::detail {

namespace {

bool reads(const Platform& platform, std::string_view form) {
    return platform.read != nullptr && std::any_of(platform.forms.begin(), platform.forms.end(), [&](const Form& f) { return f.id == form && f.can_read; });
}

}  // namespace

std::vector<ReadBack> read_back(const Platform& platform, std::string_view form, const Envelope& envelope, const VirtualSystem& system,
                                const Written& written) {
    std::vector<ReadBack> out;
    if (!reads(platform, form)) return out;
    Side before{envelope, {}, {}, {}}, after{};
    before.envelope.systems.assign(1, system);
    before.envelope.unmapped.clear();
    try {
        Diagnostics quiet;
        const ReadOptions options;
        ReadContext context{quiet, options};
        Carried ignored;
        after.envelope = platform.read(form, "(written)", written.files.at(0).bytes, context, ignored);
    } catch (const InputError&) {
        return out;  // round trips over real descriptors are tests: there it shows
    }
    const SystemPairs systems = match_systems(before.envelope, after.envelope);
    match_elements(before, after, systems);
    const auto note = [&](const FieldValue& field) {
        return std::any_of(written.notes.begin(), written.notes.end(), [&](const LossNote& said) {
            return said.field == field.key && (said.id.empty() || said.id == field.id);
        });
    };
    const DifferenceSink sink = [&](const std::string& path, const FieldValue* a, const FieldValue* b) {
        if (a == nullptr || !platform.carries(form, a->key) || note(*a)) return;
        if (b == nullptr && is_implied(path, a->key, a->raw)) return;
        out.push_back({*a, b == nullptr ? std::string{} : b->value});
    };
    compare(fields_of(before), fields_of(after), sink);
    for (const auto& [x, y] : systems)
        if (x != nullptr && y != nullptr) compare(fields_of(before, *x), fields_of(after, *y), sink);
    return out;
}

}  // namespace ovfkit::detail
