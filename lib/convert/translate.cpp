#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include <ovfkit/convert.hpp>
#include <ovfkit/error.hpp>

#include "convert/account.hpp"
#include "convert/basis.hpp"
#include "convert/detect.hpp"
#include "convert/field_walk.hpp"
#include "convert/read.hpp"
#include "convert/rewrite.hpp"
#include "convert/unmapped.hpp"

namespace ovfkit {

namespace detail {

namespace {

/// Whether the descriptor has a value that its owner alone should read.
bool holds_secret(const Envelope& envelope) {
    bool found = false;
    const FieldSink look = [&](const FieldValue& field) { found |= field.value == "(secret)" && !field.raw.empty(); };
    walk_fields_of_envelope(envelope, look);
    for (const VirtualSystem& system : envelope.systems) walk_fields(system, look);
    return found ||
           std::any_of(envelope.unmapped.begin(), envelope.unmapped.end(), [](const Unmapped& part) { return shown(part) == "(secret)"; });
}

}  // namespace

Translation to_dialect(const Basis& basis, Envelope wanted, std::string_view to, const WriteOptions& options, Diagnostics& diagnostics) {
    const Dialect* own =
        basis.document == nullptr ? nullptr : &dialect_of(basis.document->xml(), basis.merged ? ReadOptions{} : basis.read_options);
    const Dialect* target = find_dialect(to);
    if (target == nullptr) target = own != nullptr ? own : find_dialect("dmtf");
    // A value given for this run is an edit of what the document says; one given for an earlier run is not.
    ReadOptions read_options = basis.read_options;
    if (!basis.merged) read_options.properties.clear();
    const std::string stem = plain_name(wanted, basis.name);
    if (!options.vm.empty()) std::erase_if(wanted.systems, [&](const VirtualSystem& s) { return !is_wanted(s, options.vm); });
    for (VirtualSystem& system : wanted.systems) override_balloon(system, options);
    const bool in_place = own == target && wanted.systems.size() == basis.envelope->systems.size() && !has_options_of(options.options, target->id);
    if (!in_place && target->skeleton == nullptr) {
        if (to != "ovf") throw UsageError(fmt::format("'{}' is read and edited in place, never made new; give another dialect: dmtf, vmware", to));
        target = find_dialect("dmtf");
    }
    bool first_system = true;
    for (const VirtualSystem& system : wanted.systems)
        report_required({wanted, system, basis.places, false, std::exchange(first_system, false)}, diagnostics, basis.name, true);
    Translation out;
    out.report.source = basis.name;
    out.report.target = target->id;
    Rewritten text = in_place ? rewrite(*basis.document, *target, wanted, basis.places, options, read_options, diagnostics)
                              : create(*target, wanted, basis.places, options, read_options, diagnostics);
    out.report.rows = std::move(text.rows);
    for (const LossNote& note : basis.notes)
        out.report.rows.push_back({note.field + (note.id.empty() ? "" : "/" + note.id), 0, note.fate, note.rule, note.detail, false, note.field});
    out.files.push_back({stem + ".ovf", std::move(text.bytes), holds_secret(*basis.envelope), false});
    return out;
}

}  // namespace detail

namespace {

using detail::Places;

/// A leaf knows the VM, not the text it came from: findings without a place get the VM's.
void place_findings(const Diagnostics& found, const std::string& name, const Places& places, Origin origin, Diagnostics& diagnostics) {
    for (Diagnostic diagnostic : found.all()) {
        if (diagnostic.where.line == 0) {
            const std::size_t line = places.find(origin).line;
            diagnostic.where = {name, line, line == 0 ? std::size_t{0} : std::size_t{1}};
        }
        diagnostics.add(std::move(diagnostic));
    }
}

std::string file_name_of(const std::string& path) { return std::filesystem::path(path).filename().string(); }

}  // namespace

std::vector<Translation> translate(const Source& source, std::string_view to, const WriteOptions& options, Diagnostics& diagnostics) {
    check_options(options.options);
    const detail::PlatformForm target_form = detail::find_platform_form(to);
    const detail::Dialect* target = detail::find_dialect(to);
    if (target == nullptr && target_form.platform == nullptr && to != "ovf") {
        std::vector<std::string_view> ids{"ovf"};
        for (const Format& format : formats()) ids.push_back(format.id);
        const std::string_view hit = nearest(to, ids);
        throw UsageError(fmt::format("no format is called '{}'{}", printable(to), hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit)));
    }
    if (!options.lenient) detail::stop_at_errors(diagnostics);

    const detail::Basis basis = detail::Basis::of(source, diagnostics);
    const Envelope& envelope = *basis.envelope;
    const detail::Places& places = basis.places;
    detail::check_vm(envelope, options.vm);
    std::vector<Translation> all;
    if (target_form.platform == nullptr) {
        all.push_back(detail::to_dialect(basis, envelope, to, options, diagnostics));
        return all;
    }

    const std::string carried = options.carry_origin && basis.document != nullptr ? basis.document->bytes() : std::string{};
    const WriteOptions recorded = detail::with_record(options, envelope, basis.read_options);
    bool first = true;
    for (const VirtualSystem& original : envelope.systems) {
        if (!detail::is_wanted(original, options.vm)) continue;
        VirtualSystem system = original;
        detail::override_balloon(system, options);
        const detail::Account required{envelope, system, places, false, first};
        detail::report_required(required, diagnostics, source.name(), options.lenient);
        Diagnostics found;
        detail::WriteContext context{found, recorded, carried, {}};
        const std::string origin_name = file_name_of(source.name());
        context.origin_name = origin_name;
        detail::Written written = target_form.platform->write(target_form.form, envelope, system, context);
        place_findings(found, source.name(), places, system.origin, diagnostics);
        if (!options.lenient) detail::stop_at_errors(diagnostics);
        const detail::Account account{envelope, system, places, written.origin_carried, first};
        Translation out;
        out.vm = system.id;
        out.report.source = source.name();
        out.report.target = target_form.form;
        out.report.rows = detail::account_platform(account, *target_form.platform, target_form.form, written);
        out.files = std::move(written.files);
        // The descriptor travels in the file, or beside it.
        if (written.origin_carried && detail::holds_secret(envelope))
            for (OutputFile& file : out.files) file.secret = file.secret || file.companion || out.files.size() == 1;
        all.push_back(std::move(out));
        first = false;
    }
    return all;
}

}  // namespace ovfkit
