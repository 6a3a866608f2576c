#include "command.hpp"

// The tables the command line is made of.
namespace ovfkit::tool {

std::span<const OptionRow> option_rows() {
    using O = Options;
    static const OptionRow rows[] = {
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
        {"no-origin", "--no-origin", "", "", "do not let the source descriptor travel along", nullptr, &O::no_origin},
        {"option", "-O", "LEAF.KEY=VALUE", "", "an option of one format, see `ovfkit formats LEAF`; may be repeated",
         nullptr, nullptr, &O::leaf_options},
        {"configuration", "--configuration", "ID", "", "configuration of a descriptor that offers several",
         &O::configuration},
        {"max-descriptor", "--max-descriptor", "SIZE", "", "refuse a larger descriptor (16M)", &O::max_descriptor},
        {"matrix", "--balloon", "", "",
         "print what each format does with each state and attribute of the memory balloon", nullptr, &O::matrix},
        {"quiet", "-q,--quiet", "", "", "only errors on standard error", nullptr, &O::quiet},
        {"verbose", "-v,--verbose", "", "", "notes and every row of the loss report, too", nullptr, &O::verbose},
        {"color", "--color", "WHEN", "auto|always|never", "color messages (auto)", &O::color},
    };
    return rows;
}

std::span<const Command> commands() {
    static const Command table[] = {
        {"inspect",
         "FILE",
         "show what is in a descriptor",
         "FILE may be OVF of any dialect, or a text of any platform that `ovfkit formats` can read; - is standard "
         "input.",
         {"json", "from", "configuration", "option", "lenient", "max-descriptor", "quiet", "verbose", "color"},
         run_inspect},
        {"convert",
         "FILE",
         "translate a descriptor into a dialect or a platform's text",
         "Disks are neither read nor written. What the target cannot say is listed on standard error.\n"
         "A descriptor of several virtual machines becomes one output each, in the folder given with -o.",
         {"output", "to", "force", "vm", "balloon", "balloon-default", "no-origin", "option", "strict", "report",
          "from", "configuration", "lenient", "max-descriptor", "quiet", "verbose", "color"},
         run_convert},
        {"balloon get",
         "FILE...",
         "print the state of the memory balloon of every virtual machine",
         "One line each: PATH: VM: STATE [MODEL]. STATE is enabled, disabled or unspecified.",
         {"json", "vm", "from", "configuration", "option", "lenient", "max-descriptor", "quiet", "verbose", "color"},
         run_balloon_get},
        {"balloon set",
         "STATE FILE",
         "change the memory balloon of a descriptor and nothing else",
         "STATE is enabled, disabled or unspecified.",
         {"output", "in-place", "force", "vm", "model", "strict", "report", "from", "configuration", "option",
          "lenient", "max-descriptor", "quiet", "verbose", "color"},
         run_balloon_set},
        {"formats", "[LEAF]", "list the formats, or the options of one", "", {"json", "matrix"}, run_formats},
        {"rules", "[ID]", "list every finding there is, or explain one", "", {"json"}, run_rules},
        {"completion", "SHELL", "print the completion script of a shell (bash)", "", {}, run_completion},
        {"version", "", "print the version", "", {}, run_version},
    };
    return table;
}

}  // namespace ovfkit::tool
