#include "convert/carried.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "convert/read.hpp"

namespace ovfkit::detail {

namespace {

// Options of the run, not of a leaf, that a carried descriptor's text must be written with to come out the same.
constexpr std::string_view recorded_balloon = "convert.balloon";
constexpr std::string_view recorded_default = "convert.balloon-default";
constexpr std::string_view recorded_configuration = "convert.configuration";
constexpr std::string_view recorded_lang = "convert.lang";
constexpr std::string_view recorded_property = "convert.property.";


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

}  // namespace

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

void override_balloon(VirtualSystem& system, const WriteOptions& options) {
    if (!options.balloon) return;
    system.hardware.balloon.state = *options.balloon;
    if (*options.balloon == BalloonState::unspecified) system.hardware.balloon = {};
}

std::vector<LossRow> merge_rows(const Merged& merged) {
    std::vector<LossRow> out;
    for (const LossNote& note : merged.notes)
        out.push_back({note.field + (note.id.empty() ? "" : "/" + note.id), 0, note.fate, note.rule, note.detail, false, note.field});
    return out;
}

std::optional<Merged> merge_carried(const CarriedText& carried, const PlatformForm& form, const Envelope& now,
                                    const ReadOptions& read_options, Diagnostics& diagnostics) {
    Diagnostics quiet;
    try {
        const ReadOptions options = read_options_of(carried.recorded, form, read_options);
        Document document = Document::parse(carried.name + " (carried descriptor)", carried.bytes, quiet, options.limits);
        const Dialect& dialect = dialect_of(document.xml(), options);
        Envelope have = read_with(dialect, document.xml(), quiet, options);
        const auto same = [&](const VirtualSystem& system) { return system.id == carried.system_id; };
        const auto found = std::find_if(have.systems.begin(), have.systems.end(), same);
        if (found == have.systems.end()) throw UsageError("it does not hold the VM the text names");
        const auto index = static_cast<std::size_t>(found - have.systems.begin());

        const WriteOptions write_options = from_record(carried.recorded);
        VirtualSystem system = *found;
        override_balloon(system, write_options);
        WriteContext write_context{quiet, write_options, {}, {}};
        const Written written = form.platform->write(form.form, have, system, write_context);
        ReadContext read_context{quiet, options};
        Carried ignored;
        const Envelope then = form.platform->read(form.form, carried.name, written.files.at(0).bytes, read_context, ignored);
        std::vector<LossNote> notes;
        Envelope envelope = merge_edits({have, index, then, now, written.ids}, notes);
        return Merged{std::move(document), std::move(envelope), std::move(notes), options};
    } catch (const Error& error) {
        report(diagnostics, "convert-origin-unreadable", Location{carried.name, 0, 0},
                       fmt::format("the carried descriptor is not used: {}", error.what()));
        return std::nullopt;
    }
}

}  // namespace ovfkit::detail
