#include "convert/import_commands.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "model/names.hpp"

// What the user types next. Every word that comes from a package is quoted.
namespace ovfkit {

namespace detail {

namespace {

/// `key = value` of the [instance] or [export] section that we wrote.
std::string ini_value(std::string_view text, std::string_view key) {
    const std::string start = "\n" + std::string(key) + " = ";
    const std::size_t at = text.find(start);
    if (at == std::string_view::npos) return {};
    const std::size_t from = at + start.size();
    return std::string(text.substr(from, text.find('\n', from) - from));
}

std::string option(const Format& format, const LeafOptions& given, std::string_view key) {
    const auto found = given.find(std::string(format.leaf) + "." + std::string(key));
    if (found != given.end()) return found->second;
    for (const OptionSpec& spec : format.options)
        if (spec.key == key) return std::string(spec.default_value);
    return {};
}

/// A node daemon reads dumps below its exports directory only, links followed (backend.py, _GetImportExportIoCommand).
std::vector<std::string> ganeti_import(const Format& format, const OutputFile& main, const std::string& folder, const LeafOptions& options) {
    constexpr std::string_view exports = "/var/lib/ganeti/export/";
    const std::string name = ini_value(main.bytes, "name"), given = option(format, options, "pnode");
    const std::string here = "\"$(hostname -f)\"", node = given.empty() ? here : shell_quoted(given);
    std::vector<std::string> out;
    std::string place = folder;
    if (!folder.starts_with(exports)) {
        place = std::string(exports) + file_name(name);
        out.push_back(fmt::format("mkdir -p {} && cp -r --sparse=always -T {} {}", exports, shell_quoted(folder), shell_quoted(place)));
    }
    out.push_back(fmt::format("gnt-backup import -n {} --src-node={} --src-dir={} -t {} --no-name-check --no-ip-check {}", node, here,
                              shell_quoted(place), shell_quoted(ini_value(main.bytes, "disk_template")), shell_quoted(name)));
    return out;
}

/// The volumes that the configuration names come into being in its order.
std::vector<std::string> proxmox_import(const Format& format, const std::string& path, const std::string& folder,
                                        const std::vector<ImportedFile>& images, const LeafOptions& options) {
    std::string name(last_part(path));
    const std::string vmid = name.substr(0, name.rfind('.'));
    std::vector<std::string> out{fmt::format("cp {} /etc/pve/qemu-server/{}", shell_quoted(path), shell_quoted(name))};
    for (const ImportedFile& image : images)
        if (image.kind != ImportedFile::Kind::copy)
            out.push_back(fmt::format("qm disk import {} {} {}", shell_quoted(vmid), shell_quoted(folder + "/" + image.name),
                                      shell_quoted(option(format, options, "storage"))));
    return out;
}

/// Volumes have the names that the manifest gives them, in the order of the drives.
std::vector<std::string> kubevirt_import(const Format& format, const OutputFile& main, const std::string& folder,
                                         const std::vector<ImportedFile>& images, const LeafOptions& options) {
    constexpr std::uint64_t mib = 1 << 20;
    const std::string volume = option(format, options, "volume");
    const std::string key = volume == "dataVolume" ? "name: \"" : "claimName: \"", start = volume + ":\n";
    std::vector<std::string> out;
    std::size_t at = 0;
    for (const ImportedFile& image : images) {
        if (volume == "containerDisk" || (at = main.bytes.find(start, at)) == std::string::npos) break;
        const std::size_t from = main.bytes.find(key, at) + key.size();
        at = main.bytes.find('"', from);
        out.push_back(fmt::format("virtctl image-upload {} {} --size={}Mi --image-path={}", volume == "dataVolume" ? "dv" : "pvc",
                                  shell_quoted(main.bytes.substr(from, at - from)), (image.bytes + mib - 1) / mib, shell_quoted(folder + "/" + image.name)));
    }
    out.push_back("kubectl apply -f " + shell_quoted(folder + "/" + text_name(main)));
    return out;
}

}  // namespace

bool has_own_volumes(const Format& format) { return format.leaf == "proxmox" || format.leaf == "kubevirt"; }

std::string text_name(const OutputFile& text) {
    constexpr std::size_t longest = 150;
    const std::size_t dot = std::min(text.name.rfind('.'), text.name.size());
    return file_name(file_name(cut_text(text.name.substr(0, dot), longest)) + text.name.substr(dot));
}

std::vector<std::string> commands_for(const Format& format, const Translation& translation, const std::string& folder,
                                      const std::vector<ImportedFile>& images, const LeafOptions& options) {
    const OutputFile& main = translation.files.front();
    const std::string path = folder + "/" + text_name(main);
    if (format.id == "libvirt") return {"virsh define " + shell_quoted(path)};
    if (format.id == "ganeti") return ganeti_import(format, main, folder, options);
    if (format.id == "qemu") return {"sh " + shell_quoted(path)};
    if (format.id == "proxmox") return proxmox_import(format, path, folder, images, options);
    if (format.id == "kubevirt") return kubevirt_import(format, main, folder, images, options);
    return {};
}

}  // namespace detail

std::string shell_quoted(std::string_view word) {
    if (detail::only_word_characters(word, "_./-+=:,@%")) return std::string(word);
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace ovfkit
