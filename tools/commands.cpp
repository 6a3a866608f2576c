#include <deque>

#include <fmt/format.h>

#include "command.hpp"

// The tables the command line is made of.
namespace ovfkit::tool {

namespace {

/// A row for every operation of `edit`. Their ids are apart from the others': `--balloon` means something else there.
const std::vector<OptionRow>& edit_rows() {
    static std::deque<std::string> words;  // what the rows point to
    static const std::vector<OptionRow> rows = [] {
        std::vector<OptionRow> out;
        for (const EditOperation& operation : edit_operations()) {
            const std::string& id = words.emplace_back(fmt::format("edit {}", operation.name));
            const std::string& names = words.emplace_back(fmt::format("--{}", operation.name));
            out.push_back({id, names, operation.value, operation.choices, operation.text, nullptr, nullptr, nullptr, operation.name});
        }
        return out;
    }();
    return rows;
}

std::vector<std::string_view> with_edits(std::vector<std::string_view> options) {
    for (const OptionRow& row : edit_rows()) options.push_back(row.id);
    return options;
}

const std::vector<OptionRow>& common_rows() {
    using O = Options;
    static const std::vector<OptionRow> rows{
        {"from", "--from", "FORMAT", "FORMAT", "format of the input; detected by default", &O::from},
        {"to", "--to", "FORMAT", "FORMAT",
         "format of the output: ovf (the source's own dialect), or one of `ovfkit formats`", &O::to},
        {"output", "-o,--output", "PATH", "FILE",
         "where to: a file, a folder (with a slash at its end), or - for standard output", &O::output},
        {"in-place", "--in-place", "", "", "write to the file that was read", nullptr, &O::in_place},
        {"force", "--force", "", "", "overwrite what is there", nullptr, &O::force},
        {"json", "--json", "", "", "print JSON", nullptr, &O::json},
        {"report", "--report", "FILE", "FILE", "write the loss report as JSON", &O::report},
        {"strict", "--strict", "", "", "write nothing and exit 7 when a value would be dropped or changed", nullptr,
         &O::strict},
        {"lenient", "--lenient", "", "", "let parts pass that are required and not understood", nullptr, &O::lenient},
        {"balloon", "--balloon", "STATE", "enabled|disabled|unspecified",
         "memory balloon for this run, whatever the source says", &O::balloon},
        {"balloon-default", "--balloon-default", "STATE", "enabled|disabled|unspecified",
         "memory balloon where the source says nothing and the target has to be told (enabled)", &O::balloon_default},
        {"model", "--model", "MODEL", "virtio|virtio-transitional|virtio-non-transitional|xen|vmware|hyperv|virtualbox",
         "model of the balloon device", &O::model},
        {"vm", "--vm", "ID", "", "only the virtual machine of that id or name", &O::vm},
        {"split", "--split", "", "", "a descriptor for every virtual machine, with just what it uses", nullptr, &O::split},
        {"keep-foreign", "--keep-foreign", "", "",
         "carry sections and attributes that ovfkit does not know over to a new descriptor, as they stand", nullptr,
         &O::keep_foreign},
        {"no-origin", "--no-origin", "", "", "do not let the source descriptor travel along", nullptr, &O::no_origin},
        {"option", "-O", "LEAF.KEY=VALUE", "", "an option of one format, see `ovfkit formats LEAF`; may be repeated",
         nullptr, nullptr, &O::leaf_options},
        {"configuration", "--configuration", "ID", "", "configuration of a descriptor that offers several",
         &O::configuration},
        {"property", "--property", "KEY=VALUE", "",
         "value of a property for this run, by CLASS.KEY.INSTANCE or KEY; may be repeated", nullptr, nullptr,
         &O::properties},
        {"lang", "--lang", "LOCALE", "", "show texts in this language where the descriptor has them (de-DE)", &O::lang},
        {"max-descriptor", "--max-descriptor", "SIZE", "", "refuse a larger descriptor (16M)", &O::max_descriptor},
        {"digest", "--digest", "NAME", "SHA256|SHA384|SHA512|SHA1|none", "digests of the manifest (SHA256)", &O::digest},
        {"strict-diff", "--strict", "", "", "what one side's format has no place for is a difference, too", nullptr, &O::strict},
        {"strict-ustar", "--strict-ustar", "", "", "split files of 8 GiB and more into chunks: some readers know no larger ones",
         nullptr, &O::strict_ustar},
        {"chunk-size", "--chunk-size", "SIZE", "", "split larger files into chunks of that size", &O::chunk_size},
        {"key", "--key", "FILE", "FILE", "private key to sign with: PEM, RSA, without a passphrase", &O::key},
        {"certificate", "--cert", "FILE", "FILE", "its certificate in PEM; further ones that lead to a trusted one may follow",
         &O::certificate},
        {"require-manifest", "--require-manifest", "", "", "refuse a package without a manifest", nullptr, &O::require_manifest},
        {"require-signature", "--require-signature", "", "", "refuse a package that is not signed by a trusted key", nullptr,
         &O::require_signature},
        {"ca-file", "--ca-file", "FILE", "FILE", "trust the certificates in it (PEM) instead of the system's", &O::ca_file},
        {"progress", "--progress", "", "",
         "show how far it is, also where standard error is no terminal; --progress=json: as lines of JSON", &O::progress},
        {"no-progress", "--no-progress", "", "", "do not show how far it is", nullptr, &O::no_progress},
        {"disk-format", "--disk-format", "FORMAT", "raw|qcow2", "format of the disks (raw for Ganeti, qcow2 for the others)",
         &O::disk_format},
        {"network", "--network", "NAME=NAME", "", "network of the package and the platform's for it; may be repeated", nullptr, nullptr,
         &O::networks},
        {"max-disk-size", "--max-disk-size", "SIZE", "", "refuse a larger disk (64T)", &O::max_disk_size},
        {"raw-as-is", "--raw-as-is", "", "", "let a raw disk begin like an image of another format", nullptr, &O::raw_as_is},
        {"no-helpers", "--no-helpers", "", "", "run no other program: refuse VHD, VHDX and VDI, which need qemu-img", nullptr,
         &O::no_helpers},
        {"unsandboxed-helper", "--unsandboxed-helper", "", "", "run qemu-img also where there is no sandbox for it", nullptr,
         &O::unsandboxed_helper},
        {"jobs", "--jobs", "N", "", "threads at work (one a core)", &O::jobs},
        {"dry-run", "--dry-run", "", "", "show what would be written, and write nothing", nullptr, &O::dry_run},
        {"define", "--define", "URI", "", "define the machines with virsh at this connection (qemu:///system)", &O::define},
        {"through", "--through", "FORMAT", "FORMAT", "format to go through and back (libvirt and ganeti); may be repeated", nullptr,
         nullptr, &O::through},
        {"trip-format", "--format", "FORM", "text|json|junit", "form of the result (text)", &O::format},
        {"trip-matrix", "--matrix", "", "", "go through every format that is read and written, and print how many came back how",
         nullptr, &O::matrix},
        {"matrix", "--balloon", "", "",
         "print what each format does with each state and attribute of the memory balloon", nullptr, &O::matrix},
        {"quiet", "-q,--quiet", "", "", "only errors on standard error", nullptr, &O::quiet},
        {"verbose", "-v,--verbose", "", "", "notes and every row of the loss report, too", nullptr, &O::verbose},
        {"color", "--color", "WHEN", "auto|always|never", "color messages (auto)", &O::color},
    };
    return rows;
}

}  // namespace

std::span<const OptionRow> option_rows() {
    static const std::vector<OptionRow> rows = [] {
        std::vector<OptionRow> out = common_rows();
        out.insert(out.end(), edit_rows().begin(), edit_rows().end());
        return out;
    }();
    return rows;
}

std::span<const Command> commands() {
    static const Command table[] = {
        {"inspect",
         "FILE",
         "show what is in a descriptor",
         "FILE may be OVF of any dialect, an OVA or a folder with one, or a text of any platform that `ovfkit formats` can "
         "read; - is standard input. Disks are not read: `ovfkit verify` does that.",
         {"json", "from", "configuration", "property", "lang", "option", "lenient", "max-descriptor", "quiet", "verbose", "color"},
         run_inspect},
        {"convert",
         "FILE...",
         "translate a descriptor into a dialect or a platform's text",
         "Disks are neither read nor written. What the target cannot say is listed on standard error.\n"
         "A descriptor of several virtual machines becomes one text of a platform each, in the folder given with -o;\n"
         "one descriptor of them all, or with --split one each. Several inputs, of any formats, become one\n"
         "descriptor: the first, with the machines of the others added.",
         {"output", "to", "force", "vm", "split", "keep-foreign", "balloon", "balloon-default", "no-origin", "option", "strict", "report",
          "from", "configuration", "property", "lang", "lenient", "max-descriptor", "quiet", "verbose", "color"},
         run_convert},
        {"import",
         "PACKAGE",
         "turn a package into checked disks and a platform's text",
         "PACKAGE is an OVA, a folder, a descriptor, or - for an OVA on standard input. It is read once; the new folder given\n"
         "with -o appears when every file was as the manifest says. The commands to go on with are printed.",
         {"output", "to", "disk-format", "network", "vm", "balloon", "balloon-default", "no-origin", "option", "strict", "report",
          "dry-run", "define", "json", "force", "from", "configuration", "property", "lang", "require-manifest", "require-signature", "ca-file", "lenient",
          "raw-as-is", "max-disk-size", "max-descriptor", "no-helpers", "unsandboxed-helper", "jobs", "progress", "no-progress", "quiet",
          "verbose", "color"},
         run_import},
        {"balloon get",
         "FILE...",
         "print the state of the memory balloon of every virtual machine",
         "One line each: PATH: VM: STATE [MODEL]. STATE is enabled, disabled or unspecified.",
         {"json", "vm", "from", "configuration", "property", "option", "lenient", "max-descriptor", "quiet", "verbose", "color"},
         run_balloon_get},
        {"balloon set",
         "STATE FILE",
         "change the memory balloon of a descriptor and nothing else",
         "STATE is enabled, disabled or unspecified. With -o OUT.ova the package is copied, its manifest made anew.",
         {"output", "in-place", "force", "vm", "model", "strict", "report", "from", "configuration", "property",
          "option", "lenient", "max-descriptor", "quiet", "verbose", "color"},
         run_balloon_set},
        {"roundtrip",
         "PATH...",
         "translate and translate back, and show what is not as it was",
         "A folder stands for what is in it and below. Each file goes through each format with its descriptor travelling along\n"
         "and without. identical: the first bytes; equal: the same meaning; named: what differs was in a loss report;\n"
         "refused: it cannot be translated; unnamed: a difference without a word, a fault of ovfkit (exit 70).",
         {"through", "trip-matrix", "trip-format", "json", "no-origin", "from", "configuration", "property", "lang", "balloon-default", "option", "lenient",
          "max-descriptor", "quiet", "verbose", "color"},
         run_roundtrip},
        {"edit",
         "FILE",
         "change a descriptor and as few bytes of it as possible",
         "Edits are made in the order they are given, all or none; each may be given several times. ID is the InstanceID or "
         "the\nname of a device, as `inspect` shows them; a comma in a VALUE is written twice. Sizes have a unit: 512MiB, 4GiB.\n"
         "With -o OUT.ova the package is copied, its manifest made anew.",
         with_edits({"output", "in-place", "force", "vm", "strict", "report", "from", "configuration", "option", "lenient",
                     "max-descriptor", "quiet", "verbose", "color"}),
         run_edit},
        {"diff",
         "A B",
         "tell what differs in meaning between two inputs of any format",
         "Units, ids, prefixes, spaces, comments and the order of devices say nothing; devices are matched by what they are.\n"
         "A line each: what it is, its value and line in A, in B. Exit 0: equal, 1: different. What only one of two formats\n"
         "has a place for is listed apart.",
         {"json", "vm", "strict-diff", "from", "configuration", "option", "lenient", "max-descriptor", "quiet", "verbose", "color"},
         run_diff},
        {"verify",
         "PATH",
         "check a package against its manifest and its signature",
         "PATH is an OVA, a folder, a descriptor, or - for an OVA on standard input. All of it is read once.",
         {"json", "require-manifest", "require-signature", "ca-file", "lenient", "max-descriptor", "progress", "no-progress",
          "quiet", "verbose", "color"},
         run_verify},
        {"pack",
         "PATH",
         "make an OVA of a folder, a descriptor with its files, or another OVA",
         "The same input gives the same bytes. SOURCE_DATE_EPOCH sets the time of the members (1970).",
         {"output", "force", "digest", "strict-ustar", "chunk-size", "require-manifest", "require-signature", "ca-file",
          "lenient", "max-descriptor", "progress", "no-progress", "quiet", "verbose", "color"},
         run_pack},
        {"unpack",
         "PATH",
         "put the files of an OVA into a new folder",
         "PATH may be - for an OVA on standard input. Nothing is written when a file is not as the manifest says.",
         {"output", "force", "require-manifest", "require-signature", "ca-file", "lenient", "max-descriptor", "progress",
          "no-progress", "quiet", "verbose", "color"},
         run_unpack},
        {"sign",
         "PATH",
         "make a signed OVA of a package",
         "The descriptor and the files stay as they are; the manifest is made anew.",
         {"output", "key", "certificate", "force", "digest", "strict-ustar", "chunk-size", "lenient", "max-descriptor",
          "progress", "no-progress", "quiet", "verbose", "color"},
         run_sign},
        {"env",
         "FILE",
         "write the OVF environment of a virtual machine",
         "That is ovf-env.xml with the properties in effect, or, for a name ending in .iso, the image to put into its "
         "CD drive.\n--to names the platform it runs on. A file that holds a password can be read by its owner only.",
         {"output", "to", "force", "vm", "from", "configuration", "property", "lang", "lenient", "max-descriptor", "quiet",
          "verbose", "color"},
         run_env},
        {"formats", "[LEAF]", "list the formats, or the options of one", "", {"json", "matrix"}, run_formats},
        {"rules", "[ID]", "list every finding there is, or explain one", "", {"json"}, run_rules},
        {"completion", "SHELL", "print the completion script of a shell (bash)", "", {}, run_completion},
        {"version", "", "print the version", "", {}, run_version},
    };
    return table;
}

}  // namespace ovfkit::tool
