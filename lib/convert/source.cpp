#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/convert.hpp>
#include <ovfkit/error.hpp>
#include <ovfkit/package.hpp>

#include "base/checked.hpp"
#include "base/file_descriptor.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"
#include "convert/detect.hpp"
#include "convert/read.hpp"
#include "package/package.hpp"

namespace ovfkit {

namespace {

namespace fs = std::filesystem;

/// The descriptor of a folder: its only .ovf, or a Ganeti export's config.ini.
std::string descriptor_in(const std::string& folder) {
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ".ovf" && !entry.path().filename().string().ends_with(".origin.ovf")) found.push_back(entry.path().string());
    if (error) throw IoError(folder, error.value(), "cannot list the folder");
    if (found.size() == 1) return found.front();
    const std::string ini = (fs::path(folder) / "config.ini").string();
    if (found.empty() && fs::exists(ini, error)) return ini;
    throw UsageError(fmt::format("{} holds {} .ovf files; name the one to read", printable(folder), found.size()));
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

/// The companion file a text names, from the folder of that text. Empty with a finding when it is not there.
std::string load_companion(const std::string& path, const detail::Carried& carried, const ReadOptions& options, Diagnostics& diagnostics) {
    const auto missing = [&](const std::string& why) {
        detail::report(diagnostics, "convert-origin-missing", Location{path, 0, 0},
                       fmt::format("carried descriptor '{}': {}; the text alone is used", carried.file, why));
        return std::string{};
    };
    if (!is_plain_name(carried.file)) return missing("its name is no plain file name");
    try {
        std::string bytes = detail::read_file((fs::path(path).parent_path() / carried.file).string(), options.limits.descriptor_bytes);
        if (!carried.sha256.empty() && detail::sha256_hex(bytes) != carried.sha256) return missing("it was changed since (SHA-256 differs)");
        return bytes;
    } catch (const IoError& error) {
        return missing(error.what());
    }
}

}  // namespace

Source Source::load(const std::string& path, const ReadOptions& options, Diagnostics& diagnostics) {
    if (path == "-") return load_standard_input(options, diagnostics);
    std::error_code error;
    const std::string file = fs::is_directory(path, error) ? descriptor_in(path) : path;
    if (is_archive(file) || detail::equal_nocase(fs::path(file).extension().string(), ".ova"))
        return of_package(*detail::Package::open(file, options.limits, diagnostics), options, diagnostics);
    ReadOptions there = options;
    if (there.folder.empty()) there.folder = fs::path(file).has_parent_path() ? fs::path(file).parent_path().string() : ".";
    return parse(file, detail::read_file(file, options.limits.descriptor_bytes), there, diagnostics);
}

Source Source::load_standard_input(const ReadOptions& options, Diagnostics& diagnostics) {
    const std::string name = "<stdin>";
    detail::DescriptorSource input(STDIN_FILENO, "standard input");
    std::string bytes(detail::Package::beginning_size, '\0');
    bytes.resize(input.read(std::as_writable_bytes(std::span(bytes))));
    if (detail::Package::is_archive(bytes))
        return of_package(*detail::Package::open_descriptor(STDIN_FILENO, bytes, name, options.limits, diagnostics), options, diagnostics);
    const std::uint64_t limit = options.limits.descriptor_bytes;
    std::vector<std::byte> piece(64 << 10);
    while (bytes.size() <= limit) {  // one byte more is enough to see that it is too large
        const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), limit + 1 - bytes.size()));
        const std::size_t got = input.read(std::span(piece).first(room));
        bytes += detail::as_text(std::span(piece).first(got));
        if (got < room) break;
    }
    return parse(name, std::move(bytes), options, diagnostics);
}

Source Source::of_package(const detail::Package& package, const ReadOptions& options, Diagnostics& diagnostics) {
    return parse(package.name() + "/" + package.descriptor().name, package.descriptor().bytes, options, diagnostics);
}

Source Source::of(Envelope envelope, std::string name) {
    Source source;
    source.format_ = "model";
    source.name_ = std::move(name);
    source.envelope_ = std::move(envelope);
    return source;
}

Source Source::parse(std::string name, std::string bytes, const ReadOptions& options, Diagnostics& diagnostics, std::string companion) {
    Source source;
    source.name_ = name;
    source.options_ = options;
    detail::PlatformForm form = detail::find_platform_form(options.from);
    if (form.platform == nullptr && !options.from.empty() && options.from != "ovf" && detail::find_dialect(options.from) == nullptr) {
        std::vector<std::string_view> ids;
        for (const Format& format : formats()) ids.push_back(format.id);
        const std::string_view hit = nearest(options.from, ids);
        throw UsageError(fmt::format("no format is called '{}'{}", printable(options.from), hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit)));
    }
    if (form.platform == nullptr && options.from.empty()) form = detail::best_platform(name, bytes);
    if (form.platform == nullptr) {
        source.document_ = Document::parse(std::move(name), std::move(bytes), diagnostics, options.limits);
        const detail::Dialect& dialect = detail::dialect_of(source.document_->xml(), options);
        source.format_ = dialect.id;
        source.envelope_ = detail::read_with(dialect, source.document_->xml(), diagnostics, options);
        return source;
    }
    if (form.platform->read == nullptr) throw UsageError(fmt::format("{} cannot be read", form.form));
    if (!options.properties.empty() || !options.configuration.empty())
        throw UsageError(fmt::format("a {} text has neither properties nor configurations", form.form));
    source.format_ = form.form;
    source.bytes_ = std::move(bytes);
    Diagnostics found(options.limits.diagnostics);
    detail::ReadContext context{found, options};
    detail::Carried carried;
    try {
        source.envelope_ = form.platform->read(form.form, source.name_, source.bytes_, context, carried);
    } catch (...) {
        detail::forward(found, diagnostics, options.lenient);
        throw;
    }
    detail::forward(found, diagnostics, options.lenient);
    source.envelope_.dialect = form.platform->id;
    if (carried.bytes.empty() && !companion.empty()) carried.bytes = std::move(companion);
    if (carried.bytes.empty() && !carried.file.empty()) carried.bytes = load_companion(source.name_, carried, options, diagnostics);
    source.carried_ = std::move(carried.bytes);
    source.carried_system_ = std::move(carried.system_id);
    source.carried_options_ = std::move(carried.options);
    return source;
}

}  // namespace ovfkit
