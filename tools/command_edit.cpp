#include <filesystem>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "command.hpp"

namespace ovfkit::tool {

namespace {

/// Where the files of the result lie.
std::string folder_of(const Options& options, const std::string& path) {
    std::error_code error;
    if (options.in_place && std::filesystem::is_directory(path, error)) return path;
    const std::string& output = options.in_place ? path : options.output;
    const std::string folder = output == "-" ? std::string{} : std::filesystem::path(output).parent_path().string();
    return folder.empty() ? "." : folder;
}

}  // namespace

Exit run_edit(const Options& options, Console& console) {
    const std::string& path = options.arguments[0];
    EditOptions edit_options;
    edit_options.vm = options.vm;
    edit_options.folder = folder_of(options, path);
    edit_options.can_add_files = !options.output.ends_with(".ova");
    const auto hint = [](const Source& source) {
        return fmt::format("ovfkit convert --to dmtf, edit that, and convert it back with --to {}", source.format());
    };
    return edit_descriptor(options, console, path, "edit", hint,
                           [&](Envelope& wanted) { edit(wanted, options.edits, edit_options); });
}

}  // namespace ovfkit::tool
