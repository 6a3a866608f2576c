#include <unordered_map>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "validate/findings.hpp"

// References (DSP0243 7.1).
namespace ovfkit::detail {

namespace {

/// Every id of a File that something in the descriptor names.
std::unordered_set<std::string> used_files(const Subject& subject) {
    std::unordered_set<std::string> out;
    for_each_element(subject.document.root(), [&](Element element) {
        for (const std::string_view name : {"fileRef", "nvram"})
            if (const std::string_view id = value_of(element, name); !id.empty()) out.emplace(id);
        // `ovf:/file/ID` in a HostResource, in VMware's nvram setting, wherever a vendor puts one.
        const auto take = [&](std::string_view text) {
            const HostResource target = parse_host_resource(trimmed(text));
            if (target.kind == HostResource::Kind::file) out.emplace(target.id);
        };
        if (!element.first()) take(element.text());
        take(element.attribute_lax(Ns::vmw, "value").value());
    });
    for (const VirtualSystem& system : subject.envelope.systems)
        if (!system.hardware.nvram_file_id.empty()) out.insert(system.hardware.nvram_file_id);
    for (const VirtualDisk& disk : subject.envelope.disks) out.insert(disk.file_id);
    return out;
}

void check_form(Element file, const Subject& subject, Findings& findings) {
    const std::string_view size = value_of(file, "size"), chunk = value_of(file, "chunkSize"), compression = value_of(file, "compression");
    const std::string href = printable(value_of(file, "href"), 80);
    if (size.empty() && !subject.is_ovirt())
        findings.add("ovf-file-size-missing", file, fmt::format("File '{}' has no ovf:size", href));
    if (!compression.empty() && compression != "identity" && compression != "gzip" && compression != "bzip2")
        findings.add("ovf-file-compression-unknown", file,
                     fmt::format("File '{}' is compressed with '{}'; OVF has gzip and bzip2", href, printable(compression, 40)));
    if (subject.major == 2 && value_of(file, "href").find('/') != std::string_view::npos)
        findings.add("ovf-file-href-folder", file, fmt::format("File '{}' is in another folder than the descriptor", href));
    const auto chunks = to_number<std::uint64_t>(chunk), bytes = to_number<std::uint64_t>(size);
    if (!chunks) return;
    if (*chunks == 0)
        findings.add("ovf-file-chunk-zero", file, fmt::format("File '{}' is split into chunks of 0 bytes", href));
    else if (bytes && *bytes <= *chunks)
        findings.add("ovf-file-chunk-needless", file, fmt::format("File '{}' has {} bytes and chunks of {}: it is not split", href, *bytes, *chunks));
}

}  // namespace

void check_files(const Subject& subject, Findings& findings) {
    if (subject.files.empty()) return;
    const auto used = used_files(subject);
    std::unordered_map<std::string_view, std::string_view> hrefs;
    for (const Element& file : subject.files) {
        const std::string_view id = value_of(file, "id"), href = value_of(file, "href");
        check_form(file, subject, findings);
        if (!id.empty() && !used.contains(std::string(id)))
            findings.add("ovf-file-unused", file, fmt::format("nothing refers to the File '{}' ('{}')", printable(id, 80), printable(href, 80)));
        if (href.empty()) continue;
        const auto [first, fresh] = hrefs.emplace(href, id);
        if (!fresh)
            findings.add("ovf-file-href-duplicate", file,
                         fmt::format("Files '{}' and '{}' are both '{}'", printable(first->second, 80), printable(id, 80), printable(href, 80)));
    }
}

}  // namespace ovfkit::detail
