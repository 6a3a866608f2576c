#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/model.hpp>

/// Changes of a model by name: what `ovfkit edit` does. update() brings them into the bytes of a descriptor.
namespace ovfkit {

/// One thing that can be changed: a row of the table that options, help and completion follow from.
struct EditOperation {
    std::string_view name;     ///< `cpus`, `nic-add`: the option without its dashes
    std::string_view value;    ///< what it takes: `N`, `SIZE`, `KEY=VALUE,...`
    std::string_view choices;  ///< `a|b` where only these words are taken; `FILE`: a file
    std::string_view text;
};

/// All of them, in the order of the help.
OVFKIT_EXPORT const std::vector<EditOperation>& edit_operations();

struct Edit {
    std::string operation;  ///< name of a row
    std::string value;
};

struct EditOptions {
    std::string vm;               ///< id or name; empty: every VM, or the only one where an edit is about one
    std::string folder = ".";     ///< where files that are added lie
    bool can_add_files = true;    ///< false: a package whose other files stay as they are
    std::uint64_t max_text_bytes = 1U << 20;  ///< of a file that is read for its text
};

/// Makes the edits, in their order, all or none. Checks that nothing that was right becomes wrong: ids and units taken
/// twice, references to nothing, memory that contradicts itself. Throws UsageError with the nearest word for what is
/// not there, IoError and InputError for files.
OVFKIT_EXPORT void edit(Envelope& envelope, const std::vector<Edit>& edits, const EditOptions& options);

/// The balloon of a VM. Without `model` a device that is new is what the dialect's own platform has.
OVFKIT_EXPORT void set_balloon(MemoryBalloon& balloon, BalloonState state, BalloonModel model, std::string_view dialect);

}  // namespace ovfkit
