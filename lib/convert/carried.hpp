#pragma once

#include <optional>
#include <string>
#include <vector>

#include <ovfkit/convert.hpp>

#include "convert/detect.hpp"
#include "convert/merge.hpp"

namespace ovfkit::detail {

/// The descriptor that travelled along, with the edits made on the platform since.
struct Merged {
    Document document;
    Envelope envelope;
    std::vector<LossNote> notes;
    ReadOptions options;  ///< what it was read with
};

/// What a platform text carried, and how.
struct CarriedText {
    const std::string& name;
    const std::string& bytes;
    const std::string& system_id;
    const LeafOptions& recorded;
};

/// nullopt, with a finding: nothing usable travels along.
std::optional<Merged> merge_carried(const CarriedText& carried, const PlatformForm& form, const Envelope& now,
                                    const ReadOptions& read_options, Diagnostics& diagnostics);

/// The options of a run that a carried descriptor's text must be written with to come out the same.
WriteOptions with_record(WriteOptions options, const Envelope& envelope, const ReadOptions& read_options);
/// `--balloon` for this run.
void override_balloon(VirtualSystem& system, const WriteOptions& options);
/// Rows of what found no counterpart.
std::vector<LossRow> merge_rows(const Merged& merged);

}  // namespace ovfkit::detail
