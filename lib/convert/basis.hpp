#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovfkit/convert.hpp>

#include "convert/places.hpp"
#include "model/leaf.hpp"

namespace ovfkit::detail {

/// What a translation starts from: the source, or the descriptor that travelled along with it, with the edits made since.
/// Points into the source.
struct Basis {
    static Basis of(const Source& source, Diagnostics& diagnostics);

    std::string name;
    const Document* document = nullptr;  ///< what a dialect edits in place; nullptr: none
    const Envelope* envelope = nullptr;
    ReadOptions read_options;            ///< it was read with
    bool merged = false;                 ///< it is the carried descriptor
    Places places;                       ///< in the source
    std::vector<LossNote> notes;         ///< edits that found no place
    std::string system_id;               ///< of what was merged: the VirtualSystem that the source is
    /// And the devices: id in the descriptor -> in the source.
    std::vector<std::pair<std::string, std::string>> ids;

    std::unique_ptr<Document> own_document;
    std::unique_ptr<Envelope> own_envelope;
};

void override_balloon(VirtualSystem& system, const WriteOptions& options);

/// With what a carried descriptor's text must be written again to come out the same.
WriteOptions with_record(WriteOptions options, const Envelope& envelope, const ReadOptions& read_options);

/// Writes `wanted` (`basis.envelope`, maybe changed) as a dialect; `ovf`: as its own.
Translation to_dialect(const Basis& basis, Envelope wanted, std::string_view to, const WriteOptions& options, Diagnostics& diagnostics);

}  // namespace ovfkit::detail
