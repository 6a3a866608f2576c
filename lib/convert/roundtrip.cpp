#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <ovfkit/error.hpp>
#include <ovfkit/roundtrip.hpp>

#include "convert/detect.hpp"
#include "convert/field_compare.hpp"
#include "convert/loss_index.hpp"

namespace ovfkit {

namespace {

using detail::LossIndex;

bool is_full(const Format& format) { return format.can_read && format.can_write; }

const Format& format_of(const std::string& through) {
    const Format* found = find_format(through);
    if (found != nullptr && is_full(*found)) return *found;
    const std::vector<std::string_view> ids = roundtrip_formats();
    if (found != nullptr) throw UsageError(fmt::format("{} is not both read and written: nothing would come back", through));
    const std::string_view hit = nearest(through, ids);
    throw UsageError(fmt::format("no format is called '{}'{}", printable(through), hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit)));
}

/// One text of the way and what it is read as.
struct Stage {
    Source source;
    std::string vm;  ///< of the source; empty: all of them
};

class Trip {
public:
    Trip(const Source& source, const std::string& through, const RoundTripOptions& options) : source_(source), format_(format_of(through)), options_(options) {
        out_.file = source.name();
        out_.format = source.format();
        out_.through = through;
        out_.with_origin = options.origin && !format_.is_dialect && source.document() != nullptr;
        const Format* own = find_format(source.format());
        out_.back = own != nullptr && is_full(*own) ? source.format() : "dmtf";
    }

    RoundTrip run() {
        if (!go()) return std::move(out_);
        bool identical = true, equal = true, named = true;
        for (const Stage& stage : there_) {
            const std::optional<Stage> result = come_back(stage);
            if (!result) return std::move(out_);
            identical = identical && result->source.bytes() == source_.bytes();
            if (!identical) compare(*result);
        }
        for (const RoundTripRow& row : out_.rows) {
            equal = false;
            named = named && row.is_named;
        }
        out_.verdict = identical ? RoundTripVerdict::identical
                       : equal   ? RoundTripVerdict::equal
                       : named   ? RoundTripVerdict::named
                                 : RoundTripVerdict::unnamed;
        return std::move(out_);
    }

private:
    /// To the other format. False: refused.
    bool go() {
        WriteOptions options = options_.write;
        options.carry_origin = out_.with_origin;
        try {
            Diagnostics found;
            std::vector<Translation> texts = translate(source_, out_.through, options, found);
            stop_at_errors(found);
            for (Translation& text : texts) {
                index_.add_source(text.report);
                std::string& main = text.files.front().bytes;
                if (options_.pass) main = options_.pass(main);
                std::optional<Stage> stage = read(main, companion_of(text), out_.through, format_.is_dialect ? std::string{} : text.vm);
                if (!stage) return false;
                if (stage->source.carried().empty()) out_.with_origin = false;  // no place for it there
                index_.add_step(diff(source_, stage->source, {stage->vm, true, true}));
                there_.push_back(std::move(*stage));
            }
            return true;
        } catch (const InputError& error) {
            out_.failure = error.diagnostic().failure;
            return refuse(error.diagnostic().message);
        } catch (const UsageError& error) {
            out_.failure = Failure::refused;
            return refuse(error.what());
        } catch (const IoError& error) {  // of options_.pass: the real one does not take it
            out_.failure = Failure::refused;
            return refuse(error.what());
        }
    }

    static std::string companion_of(const Translation& text) {
        const auto found = std::find_if(text.files.begin(), text.files.end(), [](const OutputFile& file) { return file.companion; });
        return found == text.files.end() ? std::string{} : found->bytes;
    }

    static void stop_at_errors(const Diagnostics& found) {
        for (const Diagnostic& diagnostic : found.all())
            if (diagnostic.severity == Severity::error) throw InputError(diagnostic);
    }

    bool refuse(std::string why) {
        out_.verdict = RoundTripVerdict::refused;
        out_.reason = std::move(why);
        return false;
    }

    /// A text of our own must be readable: what is not is our fault.
    std::optional<Stage> read(const std::string& bytes, const std::string& companion, const std::string& format, std::string vm) {
        Diagnostics found;
        ReadOptions options;
        options.from = format;
        options.unmapped = true;
        options.options = options_.write.options;
        try {
            Source source = Source::parse(fmt::format("{} as {}", source_.name(), format), bytes, options, found, companion);
            stop_at_errors(found);
            return Stage{std::move(source), std::move(vm)};
        } catch (const InputError& error) {
            const Diagnostic& why = error.diagnostic();
            out_.verdict = RoundTripVerdict::unnamed;
            out_.reason = fmt::format("what was written as {} cannot be read: line {}: {} ({})", format, why.where.line, why.message, why.rule);
            return std::nullopt;
        }
    }

    std::optional<Stage> come_back(const Stage& stage) {
        WriteOptions options = options_.write;
        options.balloon.reset();
        options.lenient = true;
        // With the descriptor at hand it is edited in place; without, it is made anew in the version it had.
        const bool in_place = out_.with_origin || (out_.through == source_.format() && source_.document() != nullptr);
        const std::string to = in_place ? "ovf" : out_.back;
        if (!in_place) set_version(options);
        Diagnostics found;
        std::vector<Translation> texts = translate(stage.source, to, options, found);
        index_.add_way(texts.front().report);
        const std::string& bytes = texts.front().files.front().bytes;
        std::optional<Stage> result = read(bytes, {}, out_.with_origin ? source_.format() : out_.back, stage.vm);
        if (result) index_.add_step(diff(stage.source, result->source, {{}, true, true}));
        return result;
    }

    void set_version(WriteOptions& options) const {
        const Format* format = find_format(out_.back);
        const std::string& version = source_.envelope().ovf_version;
        for (const OptionSpec& option : format->options) {
            if (option.key != "version" || version.empty()) continue;
            const std::string words = fmt::format("|{}|", option.values);
            if (words.find("|" + version + "|") != std::string::npos) options.options.try_emplace(fmt::format("{}.version", format->leaf), version);
        }
    }

    void compare(const Stage& result) {
        Diff difference = diff(source_, result.source, {result.vm, true, true});
        for (DiffRow& row : difference.rows) {
            if (row.in_a != row.in_b && detail::is_implied(row.path, row.field, row.in_a ? row.a : row.b)) continue;
            // A text of a platform is of one VM, and any is of one configuration: that is what was asked for.
            if (!format_.is_dialect && row.field == "is_collection") continue;
            if (row.field == "configuration") continue;
            // 1.0 or 1.1: nothing reads them in another way.
            if (row.field == "ovf_version" && row.a.substr(0, 2) == row.b.substr(0, 2)) continue;
            const LossIndex::Named* named = index_.find(row);
            RoundTripRow line{std::move(row), named != nullptr, {}, {}};
            if (named != nullptr) line.rule = named->rule, line.detail = named->detail;
            out_.rows.push_back(std::move(line));
        }
    }

    const Source& source_;
    const Format& format_;
    const RoundTripOptions& options_;
    RoundTrip out_;
    LossIndex index_;
    std::vector<Stage> there_;
};

}  // namespace

std::string_view to_string(RoundTripVerdict verdict) {
    switch (verdict) {
        case RoundTripVerdict::identical: return "identical";
        case RoundTripVerdict::equal: return "equal";
        case RoundTripVerdict::named: return "named";
        case RoundTripVerdict::refused: return "refused";
        case RoundTripVerdict::unnamed: break;
    }
    return "unnamed";
}

std::vector<std::string_view> roundtrip_formats() {
    std::vector<std::string_view> out;
    for (const Format& format : formats())
        if (is_full(format)) out.push_back(format.id);
    return out;
}

RoundTrip roundtrip(const Source& source, const std::string& through, const RoundTripOptions& options) {
    return Trip(source, through, options).run();
}

}  // namespace ovfkit
