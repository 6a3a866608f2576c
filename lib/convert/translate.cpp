#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <ovfkit/convert.hpp>
#include <ovfkit/error.hpp>

#include "convert/account.hpp"
#include "convert/detect.hpp"
#include "convert/field_walk.hpp"
#include "convert/merge.hpp"
#include "convert/read.hpp"
#include "convert/rewrite.hpp"
#include "convert/unmapped.hpp"

namespace ovfkit {

namespace {

using detail::Dialect;
using detail::LossNote;
using detail::Places;
using detail::PlatformForm;

// Options of the run, not of a leaf, that a carried descriptor's text must be written with to come out the same.
constexpr std::string_view recorded_balloon = "convert.balloon";
constexpr std::string_view recorded_default = "convert.balloon-default";
constexpr std::string_view recorded_configuration = "convert.configuration";
constexpr std::string_view recorded_lang = "convert.lang";
constexpr std::string_view recorded_property = "convert.property.";

/// Of the values of this run only those that capacities hang on: others may be secrets, and no platform text has them.
WriteOptions with_record(WriteOptions options, const Envelope& envelope, const ReadOptions& read_options) {
    if (!read_options.configuration.empty()) options.options[std::string(recorded_configuration)] = envelope.configuration;
    if (!read_options.lang.empty()) options.options[std::string(recorded_lang)] = read_options.lang;
    for (const VirtualDisk& disk : envelope.disks)
        if (const auto given = read_options.properties.find(disk.capacity_property); given != read_options.properties.end())
            // Keys of options are lower case in some formats, those of properties are not.
            options.options[fmt::format("{}{}", recorded_property, &disk - envelope.disks.data())] = given->first + "=" + given->second;
    if (options.balloon) options.options[std::string(recorded_balloon)] = to_string(*options.balloon);
    options.options[std::string(recorded_default)] = to_string(options.balloon_default);
    return options;
}

WriteOptions from_record(const LeafOptions& recorded) {
    WriteOptions options;
    options.options = recorded;
    options.lenient = true;
    const auto word = [&](std::string_view key) -> std::optional<BalloonState> {
        const auto found = recorded.find(key);
        return found == recorded.end() ? std::nullopt : balloon_state_from(found->second);
    };
    options.balloon = word(recorded_balloon);
    options.balloon_default = word(recorded_default).value_or(BalloonState::enabled);
    return options;
}

/// What the carried descriptor was read with.
ReadOptions read_options_of(const LeafOptions& recorded, const PlatformForm& form, ReadOptions options) {
    options.from.clear();
    options.lenient = true;
    options.target = form.form;
    options.properties.clear();
    options.configuration.clear();
    for (const auto& [key, value] : recorded) {
        if (key == recorded_configuration) options.configuration = value;
        if (key == recorded_lang) options.lang = value;
        if (const std::size_t equals = value.find('='); key.starts_with(recorded_property) && equals != std::string::npos)
            options.properties[value.substr(0, equals)] = value.substr(equals + 1);
    }
    return options;
}

void override_balloon(VirtualSystem& system, const WriteOptions& options) {
    if (!options.balloon) return;
    system.hardware.balloon.state = *options.balloon;
    if (*options.balloon == BalloonState::unspecified) system.hardware.balloon = {};
}

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

/// Whether the descriptor has a value that its owner alone should read.
bool holds_secret(const Envelope& envelope) {
    bool found = false;
    const detail::FieldSink look = [&](const detail::FieldValue& field) { found |= field.value == "(secret)" && !field.raw.empty(); };
    detail::walk_fields_of_envelope(envelope, look);
    for (const VirtualSystem& system : envelope.systems) detail::walk_fields(system, look);
    return found || std::any_of(envelope.unmapped.begin(), envelope.unmapped.end(),
                                [](const Unmapped& part) { return detail::shown(part) == "(secret)"; });
}

std::string file_name_of(const std::string& path) { return std::filesystem::path(path).filename().string(); }

/// The descriptor that travelled along, with the edits made on the platform since.
struct Merged {
    Document document;
    Envelope envelope;
    std::vector<LossNote> notes;
    ReadOptions options;
};

/// nullopt: nothing usable travels along.
std::optional<Merged> merge_carried(const std::string& name, const std::string& carried, const std::string& system_id,
                                           const LeafOptions& recorded, const PlatformForm& form, const Envelope& now,
                                           const ReadOptions& read_options, Diagnostics& diagnostics) {
    Diagnostics quiet;
    try {
        const ReadOptions options = read_options_of(recorded, form, read_options);
        Document document = Document::parse(name + " (carried descriptor)", carried, quiet, options.limits);
        const Dialect& dialect = detail::dialect_of(document.xml(), options);
        Envelope have = detail::read_with(dialect, document.xml(), quiet, options);
        const auto same = [&](const VirtualSystem& system) { return system.id == system_id; };
        const auto found = std::find_if(have.systems.begin(), have.systems.end(), same);
        if (found == have.systems.end()) throw UsageError("it does not hold the VM the text names");
        const auto index = static_cast<std::size_t>(found - have.systems.begin());

        const WriteOptions write_options = from_record(recorded);
        VirtualSystem system = *found;
        override_balloon(system, write_options);
        detail::WriteContext write_context{quiet, write_options, {}, {}};
        const detail::Written written = form.platform->write(form.form, have, system, write_context);
        detail::ReadContext read_context{quiet, options};
        detail::Carried ignored;
        const Envelope then = form.platform->read(form.form, name, written.files.at(0).bytes, read_context, ignored);
        std::vector<LossNote> notes;
        Envelope envelope = detail::merge_edits({have, index, then, now, written.ids}, notes);
        return Merged{std::move(document), std::move(envelope), std::move(notes), options};
    } catch (const Error& error) {
        detail::report(diagnostics, "convert-origin-unreadable", Location{name, 0, 0},
                       fmt::format("the carried descriptor is not used: {}", error.what()));
        return std::nullopt;
    }
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
        merged = merge_carried(source.name_, source.carried_, source.carried_system_, source.carried_options_, source_form, source.envelope_,
                               source.options_, diagnostics);
    const Document* document = merged ? &merged->document : source.document();
    const Envelope& envelope = merged ? merged->envelope : source.envelope_;
    detail::check_vm(envelope, options.vm);

    Places places;
    if (source.document_) {
        places = Places(source.document_->xml());
    } else if (!merged) {
        places = Places(source.bytes_);
    }

    if (target_form.platform == nullptr) {
        const Dialect* own = document == nullptr ? nullptr : &detail::dialect_of(document->xml(), source.document_ ? source.options_ : ReadOptions{});
        if (target == nullptr) target = own != nullptr ? own : detail::find_dialect("dmtf");
        // A value given for this run is an edit of what the document says; one given for an earlier run is not.
        ReadOptions read_options = merged ? merged->options : source.options_;
        if (!merged) read_options.properties.clear();
        Envelope wanted = envelope;
        if (!options.vm.empty()) std::erase_if(wanted.systems, [&](const VirtualSystem& s) { return !detail::is_wanted(s, options.vm); });
        for (VirtualSystem& system : wanted.systems) override_balloon(system, options);
        const bool in_place = own == target && wanted.systems.size() == envelope.systems.size() && !detail::has_options_of(options.options, target->id);
        if (!in_place && target->skeleton == nullptr) {
            if (to != "ovf") throw UsageError(fmt::format("'{}' is read and edited in place, never made new; give another dialect: dmtf, vmware", to));
            target = detail::find_dialect("dmtf");
        }
        bool first_system = true;
        for (const VirtualSystem& system : wanted.systems)
            detail::report_required({wanted, system, places, false, std::exchange(first_system, false)}, diagnostics, source.name_, true);
        Translation out;
        out.report.source = source.name_;
        out.report.target = target->id;
        detail::Rewritten text =
            in_place
                ? detail::rewrite(*document, *target, wanted, places, options, read_options, diagnostics)
                : detail::create(*target, wanted, places, options, read_options, diagnostics);
        out.report.rows = std::move(text.rows);
        if (merged)
            for (const LossNote& note : merged->notes)
                out.report.rows.push_back({note.field + (note.id.empty() ? "" : "/" + note.id), 0, note.fate, note.rule, note.detail, false, note.field});
        out.files.push_back({detail::plain_name(envelope, source.name_) + ".ovf", std::move(text.bytes), holds_secret(envelope), false});
        std::vector<Translation> all;
        all.push_back(std::move(out));
        return all;
    }

    const std::string carried = options.carry_origin && document != nullptr ? document->bytes() : std::string{};
    const WriteOptions recorded = with_record(options, envelope, merged ? merged->options : source.options_);
    std::vector<Translation> all;
    bool first = true;
    for (const VirtualSystem& original : envelope.systems) {
        if (!detail::is_wanted(original, options.vm)) continue;
        VirtualSystem system = original;
        override_balloon(system, options);
        const detail::Account required{envelope, system, places, false, first};
        detail::report_required(required, diagnostics, source.name_, options.lenient);
        Diagnostics found;
        detail::WriteContext context{found, recorded, carried, {}};
        const std::string origin_name = file_name_of(source.name_);
        context.origin_name = origin_name;
        detail::Written written = target_form.platform->write(target_form.form, envelope, system, context);
        place_findings(found, source.name_, places, system.origin, diagnostics);
        if (!options.lenient) detail::stop_at_errors(diagnostics);
        const detail::Account account{envelope, system, places, written.origin_carried, first};
        Translation out;
        out.vm = system.id;
        out.report.source = source.name_;
        out.report.target = target_form.form;
        out.report.rows = detail::account_platform(account, *target_form.platform, target_form.form, written);
        out.files = std::move(written.files);
        // The descriptor travels in the file, or beside it.
        if (written.origin_carried && holds_secret(envelope))
            for (OutputFile& file : out.files) file.secret = file.secret || file.companion || out.files.size() == 1;
        all.push_back(std::move(out));
        first = false;
    }
    return all;
}

}  // namespace ovfkit
