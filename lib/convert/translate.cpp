#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <ovfkit/convert.hpp>
#include <ovfkit/error.hpp>

#include "convert/account.hpp"
#include "convert/carried.hpp"
#include "convert/detect.hpp"
#include "convert/foreign.hpp"
#include "convert/read.hpp"
#include "convert/rewrite.hpp"
#include "convert/select.hpp"

namespace ovfkit {

namespace {

using detail::Dialect;
using detail::Merged;
using detail::Places;
using detail::PlatformForm;

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

/// What there is to translate.
struct Job {
    const std::string& name;
    const ReadOptions& read_options;  ///< of the document, the values of this run included
    ReadOptions own_options;          ///< the same without those: a value given for this run is an edit
    std::uint64_t joined_from;  ///< origins from here on are those of further inputs
    const Document* document;   ///< nullptr: the source is no descriptor
    const Envelope& envelope;
    const Places& places;
    const WriteOptions& options;
};

/// The dialect of `ovf`: the source's own, unless an option of another one asks for that (`-O dmtf.version=2.0`).
const Dialect* asked_by_option(const LeafOptions& options, const Dialect* own) {
    if (own != nullptr && detail::has_options_of(options, own->id)) return own;
    for (const Format& format : formats())
        if (format.is_dialect && format.can_write && detail::has_options_of(options, format.id)) return detail::find_dialect(format.id);
    return own != nullptr ? own : detail::find_dialect("dmtf");
}

using Which = std::function<bool(const VirtualSystem&)>;

/// One descriptor of the VMs that are wanted. `own`: the dialect of the document there is, edited where it can be.
Translation to_dialect(const Job& job, const Dialect& target, const Dialect* own, const Which& which, const std::vector<LossRow>& rows,
                       Diagnostics& diagnostics) {
    Translation out;
    out.report.source = job.name;
    out.report.target = target.id;
    out.report.rows = rows;
    // Split off, a VM stands in no collection, be it the only one.
    const bool all = !job.options.split && std::all_of(job.envelope.systems.begin(), job.envelope.systems.end(), which);
    Envelope wanted = all ? job.envelope : detail::select_systems(job.envelope, which, job.places, out.report.rows);
    for (VirtualSystem& system : wanted.systems) detail::override_balloon(system, job.options);
    bool first = true;
    for (const VirtualSystem& system : wanted.systems)
        detail::report_required({wanted, system, job.places, false, std::exchange(first, false)}, diagnostics, job.name, true);
    detail::Rewritten text;
    if (own == &target && !detail::has_options_of(job.options.options, target.id)) {
        // What the descriptor says and the model does not stays in it; what further inputs say so does not come along.
        std::erase_if(wanted.unmapped, [&](const Unmapped& value) { return value.origin.offset < job.joined_from; });
        text = detail::rewrite(*job.document, target, wanted, job.places, job.options, job.own_options, diagnostics);
    } else if (own != nullptr && job.options.keep_foreign) {
        std::vector<Unmapped> further = std::exchange(wanted.unmapped, {});
        std::erase_if(further, [&](const Unmapped& value) { return value.origin.offset < job.joined_from; });
        text = detail::create(target, wanted, job.places, job.options, job.own_options, diagnostics);
        detail::Foreign kept = detail::with_foreign(job.document->xml(), *own, text.bytes, target, job.own_options);
        text.bytes = std::move(kept.bytes);
        for (const auto& list : {kept.left, further})
            for (LossRow& row : detail::unmapped_rows(job.places, list)) text.rows.push_back(std::move(row));
    } else {
        text = detail::create(target, wanted, job.places, job.options, job.own_options, diagnostics);
    }
    out.report.rows.insert(out.report.rows.end(), text.rows.begin(), text.rows.end());
    out.files.push_back({detail::plain_name(wanted, job.name) + ".ovf", std::move(text.bytes), false, false});
    return out;
}

std::vector<Translation> to_platform(const Job& job, const PlatformForm& target, Diagnostics& diagnostics) {
    const WriteOptions& options = job.options;
    const std::string carried = options.carry_origin && job.document != nullptr ? job.document->bytes() : std::string{};
    const WriteOptions recorded = detail::with_record(options, job.envelope, job.read_options);
    std::vector<Translation> all;
    bool first = true;
    for (const VirtualSystem& original : job.envelope.systems) {
        if (!detail::is_wanted(original, options.vm)) continue;
        VirtualSystem system = original;
        detail::override_balloon(system, options);
        const detail::Account required{job.envelope, system, job.places, false, first};
        detail::report_required(required, diagnostics, job.name, options.lenient);
        Diagnostics found;
        detail::WriteContext context{found, recorded, carried, {}};
        const std::string origin_name = file_name_of(job.name);
        context.origin_name = origin_name;
        detail::Written written = target.platform->write(target.form, job.envelope, system, context);
        place_findings(found, job.name, job.places, system.origin, diagnostics);
        if (!options.lenient) detail::stop_at_errors(diagnostics);
        const detail::Account account{job.envelope, system, job.places, written.origin_carried, first};
        Translation out;
        out.vm = system.id;
        out.report.source = job.name;
        out.report.target = target.form;
        out.report.rows = detail::account_platform(account, *target.platform, target.form, written);
        out.files = std::move(written.files);
        all.push_back(std::move(out));
        first = false;
    }
    return all;
}

}  // namespace

std::vector<Translation> translate(const Source& source, std::string_view to, const WriteOptions& options, Diagnostics& diagnostics) {
    check_options(options.options);
    const PlatformForm target_form = detail::find_platform_form(to);
    const Dialect* target = detail::find_dialect(to);
    if (target == nullptr && target_form.platform == nullptr && to != "ovf") {
        std::vector<std::string_view> ids{"ovf"};
        for (const Format& format : formats()) ids.push_back(format.id);
        const std::string_view hit = nearest(to, ids);
        throw UsageError(fmt::format("no format is called '{}'{}", printable(to), hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit)));
    }
    if (!options.lenient) detail::stop_at_errors(diagnostics);

    const PlatformForm source_form = detail::find_platform_form(source.format_);
    std::optional<Merged> merged;
    if (source_form.platform != nullptr && !source.carried_.empty())
        merged = detail::merge_carried({source.name_, source.carried_, source.carried_system_, source.carried_options_}, source_form,
                                       source.envelope_, source.options_, diagnostics);
    const Document* document = merged ? &merged->document : source.document();
    const Envelope& envelope = merged ? merged->envelope : source.envelope_;
    detail::check_vm(envelope, options.vm);

    Places places;
    if (source.document_) {
        places = Places(source.document_->xml());
    } else if (!merged) {
        places = Places(source.bytes_);
    }
    for (const Source::Part& part : source.joined_) places.add(part.base, part.source->places(), part.source->name());

    const ReadOptions& read_options = merged ? merged->options : source.options_;
    ReadOptions without_values = read_options;
    // Values given when a carried descriptor was written are part of what it says.
    if (!merged && !source.settled_) without_values.properties.clear();
    const Job job{source.name_, read_options, without_values, source.joined_.empty() ? Origin::npos : source.joined_.front().base, document, envelope, places, options};
    if (target_form.platform != nullptr) return to_platform(job, target_form, diagnostics);
    const ReadOptions own_options = source.document_ && source_form.platform == nullptr ? source.options_ : ReadOptions{};
    const Dialect* own = document == nullptr ? nullptr : &detail::dialect_of(document->xml(), own_options);
    if (target == nullptr) target = asked_by_option(options.options, own);
    if (target->skeleton == nullptr && (target != own || detail::has_options_of(options.options, target->id))) {
        if (to != "ovf") throw UsageError(fmt::format("'{}' is read and edited in place, never made new; give another dialect: dmtf, vmware", to));
        target = detail::find_dialect("dmtf");
    }
    std::vector<LossRow> rows = source.joined_rows_;
    if (merged)
        for (LossRow& row : detail::merge_rows(*merged)) rows.push_back(std::move(row));
    std::vector<Translation> all;
    if (!options.split) {
        all.push_back(to_dialect(job, *target, own, [&](const VirtualSystem& s) { return detail::is_wanted(s, options.vm); }, rows, diagnostics));
        return all;
    }
    for (const VirtualSystem& system : envelope.systems) {
        if (!detail::is_wanted(system, options.vm)) continue;
        all.push_back(to_dialect(job, *target, own, [&](const VirtualSystem& s) { return s.id == system.id; }, rows, diagnostics));
        all.back().vm = system.id;
    }
    return all;
}

}  // namespace ovfkit
