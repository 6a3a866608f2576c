#include <ovfkit/validate.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/checked.hpp"
#include "base/file_descriptor.hpp"
#include "base/files.hpp"
#include "convert/detect.hpp"
#include "convert/package.hpp"
#include "convert/read.hpp"
#include "package/integrity.hpp"
#include "package/names.hpp"
#include "validate/findings.hpp"
#include "validate/ignore.hpp"

namespace ovfkit {

namespace detail {

namespace {

namespace fs = std::filesystem;

void check_profiles(const std::vector<std::string>& wanted) {
    std::vector<std::string_view> ids;
    for (const Profile& profile : profiles()) ids.push_back(profile.id);
    for (const std::string& id : wanted) {
        if (std::find(ids.begin(), ids.end(), id) != ids.end()) continue;
        const std::string_view hit = nearest(id, ids);
        throw UsageError(fmt::format("there is no profile '{}'{}", printable(id), hit.empty() ? "" : fmt::format("; did you mean '{}'?", hit)));
    }
}

/// By place, and nothing twice: a package and its descriptor are read by several readers.
void sort_findings(std::vector<Diagnostic>& findings) {
    const auto key = [](const Diagnostic& one) { return std::tie(one.where.line, one.where.column, one.rule, one.message); };
    std::stable_sort(findings.begin(), findings.end(), [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
    findings.erase(std::unique(findings.begin(), findings.end(), [&](const Diagnostic& a, const Diagnostic& b) { return key(a) == key(b); }),
                   findings.end());
}

/// One input on its way through readers and checks.
class Run {
public:
    Run(std::string path, const ValidateOptions& options)
        : options_(options), diagnostics_(options.findings), findings_(diagnostics_, options.profiles) {
        out_.path = std::move(path);
    }

    template <class F>
    Validation operator()(const F& work) {
        try {
            work(*this);
        } catch (const InputError& error) {
            const Diagnostic& last = error.diagnostic();
            const auto same = [&](const Diagnostic& one) { return one.rule == last.rule && one.message == last.message; };
            if (std::none_of(diagnostics_.all().begin(), diagnostics_.all().end(), same)) diagnostics_.add(last);
        } catch (const IoError& error) {
            out_.unreadable = error.what();
        }
        out_.findings = diagnostics_.all();
        out_.more = diagnostics_.suppressed();
        sort_findings(out_.findings);
        const IgnoreList ignored(options_.ignore, out_.path);
        out_.ignored = std::erase_if(out_.findings, [&](const Diagnostic& one) { return ignored.has(one.rule); });
        return std::move(out_);
    }

    void path() {
        std::error_code error;
        const std::string& path = out_.path;
        if (path == "-") return standard_input();
        if (fs::is_directory(path, error) || is_archive(path) || equal_nocase(fs::path(path).extension().string(), ".ova"))
            return package(Package::open(path, options_.read.limits, diagnostics_));
        if (!fs::is_regular_file(path, error) && fs::exists(path, error))
            throw IoError(path, 0, fmt::format("cannot read {}: not a regular file", path));
        text(path, read_file(path, options_.read.limits.descriptor_bytes), true);
    }

    void text(const std::string& name, std::string bytes, bool is_file) {
        const bool ovf = equal_nocase(fs::path(name).extension().string(), ".ovf");
        if (!ovf && options_.read.from.empty() && best_platform(name, bytes).platform != nullptr) return platform(name, std::move(bytes));
        if (!options_.read.from.empty() && find_platform_form(options_.read.from).platform != nullptr) return platform(name, std::move(bytes));
        descriptor(name, std::move(bytes), [&](Subject& subject) {
            if (is_file && !subject.files.empty()) beside(name, subject);
        });
    }

private:
    void platform(const std::string& name, std::string bytes) {
        out_.format = Source::parse(name, std::move(bytes), options_.read, diagnostics_).format();
    }

    /// Reads it with its dialect and runs the checks; `more` may add what the descriptor lies in.
    template <class F>
    void descriptor(const std::string& name, std::string bytes, const F& more) {
        const auto document = XmlDocument::parse(name, std::move(bytes), diagnostics_, options_.read.limits);
        const Dialect& dialect = dialect_of(*document, options_.read);
        out_.format = std::string(dialect.id);
        ReadOptions read = options_.read;
        read.unmapped = true;
        Diagnostics found(options_.findings);
        const Envelope envelope = read_with(dialect, *document, found, read);
        for (const Diagnostic& one : found.all()) diagnostics_.add(one);
        Subject subject(*document, envelope, dialect.id);
        more(subject);
        for (const CheckGroup& group : check_groups())
            if (!group.for_consumers || findings_.any_profile()) group.run(subject, findings_);
    }

    /// A descriptor in its folder: what else is there counts only when some of the package is.
    void beside(const std::string& path, Subject& subject) {
        package_ = Package::open(path, options_.read.limits, diagnostics_);
        bool any = package_->manifest() != nullptr || package_->certificate() != nullptr;
        const std::vector<FileEntry> entries = entries_in(subject.envelope);
        for (const FileEntry& entry : entries) {
            const std::string name = name_of(entry, path);
            any = any || package_->find(entry.chunk_size ? chunk_name(name, 0) : name) != nullptr || package_->find(name) != nullptr;
        }
        if (!any) return findings_.add("package-files-absent", subject.layout.references, "none of the files is beside the descriptor: they are not checked");
        content(subject, entries);
    }

    void standard_input() {
        const std::string name = "<stdin>";
        const Limits& limits = options_.read.limits;
        std::string beginning(Package::beginning_size, '\0');
        beginning.resize(read_full(STDIN_FILENO, std::as_writable_bytes(std::span(beginning)), name));
        if (Package::is_archive(beginning)) return package(Package::open_descriptor(STDIN_FILENO, std::move(beginning), name, limits, diagnostics_));
        text(name, beginning + read_descriptor(STDIN_FILENO, name, limits.descriptor_bytes), false);
    }

    void package(std::unique_ptr<Package> opened) {
        package_ = std::move(opened);
        const std::string name = package_->kind() == Package::Kind::folder ? package_->name() : package_->name() + "/" + package_->descriptor().name;
        descriptor(name, package_->descriptor().bytes, [&](Subject& subject) { content(subject, entries_in(subject.envelope)); });
    }

    static std::vector<FileEntry> entries_in(const Envelope& envelope) {
        std::vector<FileEntry> out;
        for (const FileReference& file : envelope.files)
            if (!file.href.empty()) out.push_back({file.id, file.href, file.size, file.compression, file.chunk_size});
        return out;
    }

    /// Files, sizes, chunks, digests and signature.
    void content(Subject& subject, const std::vector<FileEntry>& entries) {
        subject.package = package_.get();
        IntegrityCheck check(*package_, {}, diagnostics_);
        if (package_->kind() == Package::Kind::stream)
            while (const Member* member = package_->next()) copy_all(*check.watch(*member, package_->open(*member)), [](std::span<const std::byte>) {});
        for (const FileEntry& entry : entries) {
            try {
                (void)place_of(*package_, entry, false, diagnostics_);
            } catch (const InputError& error) {
                diagnostics_.add(error.diagnostic());
            }
        }
        (void)check.finish(entries, !options_.digests);
        package_->check_unchanged();
    }

    const ValidateOptions& options_;
    Diagnostics diagnostics_;
    Findings findings_;
    std::unique_ptr<Package> package_;
    Validation out_;
};

}  // namespace

}  // namespace detail

Validation validate(const std::string& path, const ValidateOptions& options) {
    detail::check_profiles(options.profiles);
    return detail::Run(path, options)([](detail::Run& run) { run.path(); });
}

Validation validate_text(const std::string& name, std::string bytes, const ValidateOptions& options) {
    detail::check_profiles(options.profiles);
    return detail::Run(name, options)([&](detail::Run& run) { run.text(name, std::move(bytes), false); });
}

}  // namespace ovfkit
