#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/document.hpp>
#include <ovfkit/loss.hpp>
#include <ovfkit/model.hpp>

/// Formats, detection, translation. A *dialect* is a way to write OVF; a *platform* is a place VMs run,
/// with one or several text forms.
namespace ovfkit {

namespace detail {
class Package;
class Places;
}

/// A `-O LEAF.KEY=VALUE` that one leaf understands.
struct OptionSpec {
    std::string_view key;            ///< without the leaf's name
    std::string_view values;         ///< `a|b|c`, or a word such as `NAME` for free text
    std::string_view default_value;  ///< empty: none
    std::string_view text;
};

struct Format {
    std::string_view id;        ///< `dmtf`, `libvirt`, `ganeti-hvparams` ...
    std::string_view leaf;      ///< whose options apply; the id itself but for further forms of a platform
    std::string_view title;
    std::string_view extension; ///< of a file it is written to, with the dot
    bool is_dialect = false;    ///< OVF
    bool can_read = false;
    bool can_write = false;     ///< made new; a dialect that cannot be is still edited in place
    std::vector<OptionSpec> options;
};

/// All formats: dialects first, then platforms, each in the order of the build's lists.
OVFKIT_EXPORT const std::vector<Format>& formats();
/// nullptr when there is none of that id.
OVFKIT_EXPORT const Format* find_format(std::string_view id);

/// `LEAF.KEY` -> value.
using LeafOptions = std::map<std::string, std::string, std::less<>>;
/// Throws UsageError for a key no leaf has or a value out of the list, with the nearest valid word.
OVFKIT_EXPORT void check_options(const LeafOptions& options);

struct ReadOptions {
    std::string from;           ///< format id; empty: detect
    std::string configuration;  ///< DeploymentOptionSection id; empty: its default
    /// Values of ProductSection properties for this run, by `class.key.instance` or, where only one has it, by `key`.
    std::map<std::string, std::string, std::less<>> properties;
    std::string lang;           ///< locale of texts with an ovf:msgid (`de-DE`); empty: the texts as they stand
    std::string folder;         ///< where message bundles beside the descriptor are; empty: not to be looked for
    std::string target;         ///< format the reading is for: which of several VirtualHardwareSections fits best
    LeafOptions options;
    bool lenient = false;       ///< let required parts that are not understood pass
    bool unmapped = false;      ///< fill Envelope::unmapped (a translation needs it)
    Limits limits;
};

struct WriteOptions {
    LeafOptions options;
    std::optional<BalloonState> balloon;                        ///< `--balloon`: for this run only
    BalloonState balloon_default = BalloonState::enabled;       ///< for unspecified, where something must be said
    bool carry_origin = true;                                   ///< `--no-origin` turns it off
    bool lenient = false;
    std::string vm;                                             ///< id or name; empty: every VM
    bool split = false;         ///< to a dialect: a descriptor each, with just what its VM uses
    /// To a dialect, where a new descriptor is written: sections and attributes that ovfkit does not know are carried
    /// over as they stand, ovf:required="false".
    bool keep_foreign = false;
};

/// A file of the result. `name` is a plain file name proposed by the leaf.
struct OutputFile {
    std::string name, bytes;
    bool secret = false;   ///< holds a password: to be written 0600
    bool companion = false; ///< lies beside the main file (the carried descriptor)
};

/// One VM translated (or, to a dialect, the whole envelope).
struct Translation {
    std::string vm;
    std::vector<OutputFile> files;  ///< the main file first
    LossReport report;
};

/// The format of an input. Empty when nothing fits.
OVFKIT_EXPORT std::string detect(std::string_view name, std::string_view bytes);

/// An input of any format that can be read.
class OVFKIT_EXPORT Source {
public:
    /// Reads a file, the descriptor of a folder or of an OVA, or `-`, standard input, which may be an OVA, too. Throws
    /// IoError, InputError, UsageError. `companion` files beside it are looked for.
    static Source load(const std::string& path, const ReadOptions& options, Diagnostics& diagnostics);
    static Source parse(std::string name, std::string bytes, const ReadOptions& options, Diagnostics& diagnostics,
                        std::string companion = {});

    /// A model made in memory; it has no text to point into.
    static Source of(Envelope envelope, std::string name = "(memory)");

    /// Several inputs, of any formats, as one VirtualSystemCollection: the first is what the others are added to. Ids
    /// of VMs, files and disks, file names and networks that several use for different things are made unique, with a
    /// finding each; equal networks become one. Throws UsageError.
    static Source join(std::vector<Source> sources, Diagnostics& diagnostics);

    /// Id of the format it was read as; `model` for one made in memory.
    [[nodiscard]] const std::string& format() const { return format_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    /// What was read.
    [[nodiscard]] std::string bytes() const { return document_ ? document_->bytes() : bytes_; }
    [[nodiscard]] const Envelope& envelope() const { return envelope_; }
    /// What translate() shall take instead of what was read: images that lie elsewhere, say. The text stays.
    void set_envelope(Envelope envelope) { envelope_ = std::move(envelope); }
    /// The descriptor when the input is OVF; nullptr otherwise.
    [[nodiscard]] const Document* document() const { return document_ ? &*document_ : nullptr; }
    /// The descriptor that travelled with a platform text; empty when there was none.
    [[nodiscard]] const std::string& carried() const { return carried_; }

private:
    static Source load_standard_input(const ReadOptions& options, Diagnostics& diagnostics);
    static Source of_package(const detail::Package& package, const ReadOptions& options, Diagnostics& diagnostics);
    /// A further input of a joined one; its origins are counted from `base`.
    struct Part {
        std::uint64_t base = 0;
        std::shared_ptr<const Source> source;
    };
    friend std::vector<Translation> translate(const Source&, std::string_view, const WriteOptions&, Diagnostics&);
    std::string format_, name_, bytes_;
    std::string carried_, carried_system_;  ///< and the VirtualSystem of it that this text is
    LeafOptions carried_options_;           ///< the options that text was written with
    std::optional<Document> document_;
    Envelope envelope_;
    ReadOptions options_;
    std::vector<Part> joined_;
    std::vector<LossRow> joined_rows_;
    bool settled_ = false;  ///< options_ are those the carried descriptor was written with
    [[nodiscard]] detail::Places places() const;
    [[nodiscard]] std::uint64_t text_size() const;
    /// Puts the descriptor that travelled along in the place of the platform's text.
    void settle_carried(Diagnostics& diagnostics);
};

/// Reads an OVF descriptor. Its dialect is detected.
OVFKIT_EXPORT Envelope read(const Document& document, Diagnostics& diagnostics, const ReadOptions& options = {});
/// Edits `document` until `read(document) == wanted`, for all its dialect can hold; a row for the rest.
OVFKIT_EXPORT LossReport update(Document& document, const Envelope& wanted, Diagnostics& diagnostics,
                                const ReadOptions& options = {});
/// Translates into a dialect (`to` = `ovf`: the source's own) or a platform form: one Translation a VM, or one in all for a dialect.
OVFKIT_EXPORT std::vector<Translation> translate(const Source& source, std::string_view to, const WriteOptions& options,
                                                 Diagnostics& diagnostics);

}  // namespace ovfkit
