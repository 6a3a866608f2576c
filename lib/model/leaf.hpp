#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovfkit/convert.hpp>

#include "base/xml.hpp"

/// What a leaf is. The registry in lib/convert is a table of these, generated from the build's lists; each
/// leaf defines one: `extern const Dialect dialect_<id>;` or `extern const Platform platform_<id>;`; a `-` in the id is a `_` there.
namespace ovfkit::detail {

struct ReadContext {
    Diagnostics& diagnostics;
    const ReadOptions& options;
    /// Families of ReadOptions::target, see Platform::families.
    std::span<const std::string_view> families = {};
    /// The value of `-O LEAF.KEY`, or the default of the leaf's OptionSpec list.
    [[nodiscard]] std::string option(std::string_view leaf, std::span<const OptionSpec> specs, std::string_view key) const;
};

/// A loss in terms of the model. convert finds path and line in the source for it.
struct LossNote {
    std::string field;   ///< key of model/fields.hpp: `memory.boot_bytes`, `nics[].model`; or a path as is when it holds a '/'
    std::string id;      ///< of the device for a `[]` field
    Fate fate = Fate::dropped;
    std::string rule;
    std::string detail;
};

struct WriteContext {
    Diagnostics& diagnostics;
    const WriteOptions& options;
    std::string_view origin;       ///< the descriptor to carry; empty: none
    std::string_view origin_name;  ///< its file name
    [[nodiscard]] std::string option(std::string_view leaf, std::span<const OptionSpec> specs, std::string_view key) const;
};

struct Dialect {
    std::string_view id, title;
    std::span<const OptionSpec> options;
    /// 0: not this dialect ... 100: surely.
    int (*detect)(const XmlDocument& document);
    /// Pure. Never throws for what is wrong inside: it adds findings and goes on; an error finding with a
    /// Failure makes the caller stop.
    Envelope (*read)(const XmlDocument& document, ReadContext& context);
    /// Edits until read(document) == wanted. `have` is read(document). Edits only where they differ. What the
    /// dialect cannot hold goes to `notes`; convert re-reads and names whatever else differs.
    void (*update)(XmlDocument& document, const Envelope& have, const Envelope& wanted, WriteContext& context,
                   std::vector<LossNote>& notes);
    /// The smallest descriptor to start a new one from: as many empty VirtualSystems, ids set, as `wanted` has.
    /// nullptr: the dialect is read and edited in place, never made new.
    std::string (*skeleton)(const Envelope& wanted, WriteContext& context);
    std::span<const std::string_view> families = {};  ///< as Platform::families
};

struct Form {
    std::string_view id, title, extension;
    bool can_read = false, can_write = false;
};

struct Written {
    std::vector<OutputFile> files;
    std::vector<LossNote> notes;
    /// id of a device in what was written -> id that read() gives the same device in the text. For merging
    /// edits made on the platform back into the carried descriptor.
    std::vector<std::pair<std::string, std::string>> ids;
    /// Set when WriteContext::origin went into the text or beside it.
    bool origin_carried = false;
};

/// What read() finds besides the model.
struct Carried {
    std::string bytes;      ///< the descriptor that travelled along; empty: none
    std::string file;       ///< or: the plain name of a companion file that should hold it
    std::string sha256;     ///< of that companion, when the text tells
    std::string system_id;  ///< the VirtualSystem of it that this text is
    LeafOptions options;    ///< the options it was written with, so that writing again gives the same text
};

struct Platform {
    std::string_view id, title;
    std::span<const Form> forms;  ///< the first is the platform's own: its id is the platform's
    std::span<const OptionSpec> options;
    int (*detect)(std::string_view name, std::string_view bytes);
    /// One VM. Throws nothing but InputError: what the platform would refuse is refused here first.
    Written (*write)(std::string_view form, const Envelope& envelope, const VirtualSystem& system, WriteContext& context);
    /// nullptr when the platform is write-only.
    Envelope (*read)(std::string_view form, const std::string& name, const std::string& bytes, ReadContext& context,
                     Carried& carried);
    /// Whether this form expresses the field of that key (model/fields.hpp) whenever it has a value and no note
    /// says otherwise. Every other field with a value becomes a loss row. Parameters are asked for by their space:
    /// `parameters[ganeti.hv]`, `nics[].info.parameters[vmw]`.
    bool (*carries)(std::string_view form, std::string_view key);
    /// What a VirtualSystemType that fits starts with, the best first (`kvm`, `vmx-`); empty: nothing is preferred.
    std::span<const std::string_view> families = {};
};

}  // namespace ovfkit::detail
