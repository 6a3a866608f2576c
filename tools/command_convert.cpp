#include <sys/stat.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "command.hpp"

namespace ovfkit::tool {

namespace {

bool is_folder(const std::string& path) {
    struct stat status {};
    return path.ends_with('/') || (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode));
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

/// A name a file may have anywhere, made from one that comes from a stranger.
std::string slug(std::string_view name) {
    std::string out;
    for (const char c : name.substr(0, 100)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                           c == '_' || c == '-';
        out += plain ? c : '-';
    }
    out.erase(0, out.find_first_not_of(".-"));
    return out.empty() ? "vm" : out;
}

/// The format a result is in: as asked, or as its name tells.
std::string target_format(const Options& options) {
    if (!options.to.empty()) return options.to;
    const std::string& path = options.output;
    if (path == "-" || is_folder(path) || path.ends_with(".ovf")) return "ovf";
    std::vector<std::string_view> fitting;
    for (const Format& format : formats())
        if (format.can_write && !format.is_dialect && path.ends_with(format.extension)) fitting.push_back(format.id);
    if (fitting.size() == 1) return std::string(fitting.front());
    throw UsageError(fmt::format("--to is needed: '{}' does not tell the format{}{}", path,
                                 fitting.empty() ? "" : "; it may be ", fmt::join(fitting, ", ")));
}

/// Where the files of the results go.
class Layout {
public:
    Layout(std::string output, const Envelope& source, const std::vector<Translation>& results)
        : output_(std::move(output)) {
        const bool folder = is_folder(output_);
        if (folder && !output_.ends_with('/')) output_ += '/';
        if (!folder && results.size() > 1)
            throw UsageError(fmt::format("{} virtual machines: give a folder with -o, or one of them with --vm: {}",
                                         results.size(), names(results)));
        if (results.size() == 1)
            add(results.front(), folder ? output_ + slug(results.front().files.front().name) : output_);
        else
            add_all(source, results);
    }

    [[nodiscard]] std::vector<NewOutput> take() { return std::move(files_); }

private:
    void add_all(const Envelope& source, const std::vector<Translation>& results) {
        // One file each, or a folder each where names are fixed or files belong together.
        std::set<std::string> proposed, used;
        bool folders = false;
        for (const Translation& result : results)
            folders |= result.files.size() > 1 || !proposed.insert(result.files.front().name).second;
        for (const Translation& result : results) {
            const std::string& main = result.files.front().name;
            const std::size_t dot = main.rfind('.');
            const std::string extension = folders || dot == std::string::npos ? "" : main.substr(dot);
            const std::string base = slug(name_of(source, result.vm));
            std::string name = base + extension;
            for (int i = 2; !used.insert(name).second; ++i) name = fmt::format("{}-{}{}", base, i, extension);
            add(result, folders ? fmt::format("{}{}/{}", output_, name, slug(main)) : output_ + name);
        }
    }

    void add(const Translation& result, const std::string& main) {
        for (const OutputFile& file : result.files)
            files_.push_back(
                {&file == &result.files.front() ? main : folder_of(main) + slug(file.name), file.bytes, file.secret});
    }

    static std::string_view name_of(const Envelope& source, const std::string& id) {
        for (const VirtualSystem& system : source.systems)
            if (system.id == id && !system.name.empty()) return system.name;
        return id;
    }

    static std::string names(const std::vector<Translation>& results) {
        std::string out;
        for (const Translation& result : results) out += (out.empty() ? "" : ", ") + printable(result.vm);
        return out;
    }

    std::string output_;
    std::vector<NewOutput> files_;
};

/// Standard output takes one file. What would lie beside it does not travel along, and the report must say so.
std::vector<Translation> translate_for(const Options& options, const Source& source, const std::string& to,
                                       Diagnostics& diagnostics, Console& console) {
    WriteOptions write = options.write_options();
    Diagnostics found;
    std::vector<Translation> results = translate(source, to, write, found);
    const auto has_companions = [](const Translation& x) {
        return std::any_of(x.files.begin(), x.files.end(), [](const OutputFile& file) { return file.companion; });
    };
    if (options.output == "-" && std::any_of(results.begin(), results.end(), has_companions)) {
        console.warning("the source descriptor lies beside the file in this format: it does not go to standard output");
        write.carry_origin = false;
        found = Diagnostics();
        results = translate(source, to, write, found);
    }
    if (options.output == "-")
        for (Translation& result : results)
            while (result.files.size() > 1) {
                console.warning(fmt::format("{} belongs beside the file: it does not go to standard output", printable(result.files.back().name)));
                result.files.pop_back();
            }
    for (const Diagnostic& diagnostic : found.all()) diagnostics.add(diagnostic);
    return results;
}

}  // namespace

Exit run_convert(const Options& options, Console& console) {
    if (options.output.empty()) throw UsageError("`convert` needs -o: a file, a folder, or - for standard output");
    if (options.output == "-" && options.report == "-")
        throw UsageError("standard output cannot take both the result and the report");
    if (std::count(options.arguments.begin(), options.arguments.end(), "-") > 1)
        throw UsageError("standard input can be read once");
    const std::string to = target_format(options);
    if (const Format* format = find_format(to); format != nullptr && !format->can_write && !format->is_dialect)
        throw UsageError(fmt::format("'{}' can only be read", to));
    (void)options.write_options();  // so that a wrong word is found before the input is read
    ReadOptions read = options.read_options();
    read.unmapped = true;

    Diagnostics diagnostics;
    std::vector<Source> sources;
    for (const std::string& path : options.arguments)
        sources.push_back(load_source(path, read, diagnostics, console));
    const Source source = Source::join(std::move(sources), diagnostics);
    std::vector<Translation> results;
    if (diagnostics.has_errors() && !options.lenient) return finish(options, console, diagnostics, {}, {});
    try {
        results = translate_for(options, source, to, diagnostics, console);
    } catch (const InputError& error) {
        show_all_but(error.diagnostic(), diagnostics, console);
        throw;
    }
    std::vector<LossReport> reports;
    for (const Translation& result : results) reports.push_back(result.report);
    if (results.empty()) {
        console.show(diagnostics);
        console.error("there is no virtual machine to translate");
        return Exit::malformed;
    }
    return finish(options, console, diagnostics, merged(reports),
                  Layout(options.output, source.envelope(), results).take());
}

}  // namespace ovfkit::tool
