#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "command.hpp"

// From words of the command line to what the library takes.
namespace ovfkit::tool {

namespace {

/// `64M`, `64MiB`, `1G`, `65536`.
std::uint64_t size_of(std::string_view what, std::string_view text, std::uint64_t most = std::uint64_t{1} << 40) {
    std::uint64_t amount = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (unit.ends_with("iB")) unit.remove_suffix(2);
    int shift = -1;
    if (unit.empty())
        shift = 0;
    else if (unit == "K")
        shift = 10;
    else if (unit == "M")
        shift = 20;
    else if (unit == "G")
        shift = 30;
    else if (unit == "T")
        shift = 40;
    if (error != std::errc{} || shift < 0 || amount == 0 || amount > most >> shift)
        throw UsageError(fmt::format("{} takes a size such as 64M or 1G, not '{}'", what, text));
    return amount << shift;
}

LeafOptions leaf_options(const std::vector<std::string>& words) {
    LeafOptions out;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0)
            throw UsageError(fmt::format("-O takes LEAF.KEY=VALUE, not '{}'", word));
        out[word.substr(0, equals)] = word.substr(equals + 1);
    }
    check_options(out);
    return out;
}

/// The value may be a secret: it is in no message.
std::map<std::string, std::string, std::less<>> properties_of(const std::vector<std::string>& words) {
    std::map<std::string, std::string, std::less<>> out;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0) throw UsageError("--property takes KEY=VALUE");
        if (!out.emplace(word.substr(0, equals), word.substr(equals + 1)).second)
            throw UsageError(fmt::format("--property {} is given twice", word.substr(0, equals)));
    }
    return out;
}

void check_format(std::string_view what, const std::string& id, bool ovf_allowed) {
    if (id.empty() || (ovf_allowed && id == "ovf") || find_format(id) != nullptr) return;
    std::vector<std::string_view> words;
    for (const Format& format : formats()) words.push_back(format.id);
    throw UsageError(
        fmt::format("{}: there is no format '{}'{} (`ovfkit formats` lists them)", what, id, did_you_mean(id, words)));
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
    const std::string_view hit = nearest(word, candidates);
    return hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", hit);
}

BalloonState balloon_state(std::string_view what, const std::string& word) {
    if (const auto state = balloon_state_from(word)) return *state;
    throw UsageError(fmt::format("{} is enabled, disabled or unspecified, not '{}'{}", what, word,
                                 did_you_mean(word, {"enabled", "disabled", "unspecified"})));
}

ReadOptions Options::read_options() const {
    ReadOptions out;
    check_format("--from", from, false);
    out.from = from;
    out.configuration = configuration;
    out.properties = properties_of(properties);
    out.lang = lang;
    if (find_format(to) != nullptr) out.target = to;
    out.options = tool::leaf_options(leaf_options);
    out.lenient = lenient;
    if (!max_descriptor.empty()) out.limits = Limits::for_descriptor_bytes(size_of("--max-descriptor", max_descriptor));
    return out;
}

WriteOptions Options::write_options() const {
    WriteOptions out;
    check_format("--to", to, true);
    out.options = tool::leaf_options(leaf_options);
    if (!balloon.empty()) out.balloon = balloon_state("--balloon", balloon);
    if (!balloon_default.empty()) out.balloon_default = balloon_state("--balloon-default", balloon_default);
    out.carry_origin = !no_origin;
    out.lenient = lenient;
    out.vm = vm;
    out.split = split;
    out.keep_foreign = keep_foreign;
    return out;
}

PackOptions Options::pack_options() const {
    PackOptions out;
    out.limits = read_options().limits;
    out.trust = {require_manifest, require_signature, ca_file};
    out.lenient = lenient;
    out.replace = force;
    const std::vector<std::string_view> digests{"SHA256", "SHA384", "SHA512", "SHA1", "none"};
    if (!digest.empty() && std::find(digests.begin(), digests.end(), digest) == digests.end())
        throw UsageError(fmt::format("--digest is SHA256, SHA384, SHA512, SHA1 or none, not '{}'{}", digest, did_you_mean(digest, digests)));
    out.digest = digest;
    out.strict_ustar = strict_ustar;
    if (!chunk_size.empty()) out.chunk_size = size_of("--chunk-size", chunk_size);
    if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH"); epoch != nullptr && *epoch != '\0') {
        const std::string_view text(epoch);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.time);
        if (error != std::errc{} || end != text.data() + text.size() || out.time < 0)
            throw UsageError("SOURCE_DATE_EPOCH is no number of seconds");
    }
    return out;
}

ImportOptions Options::import_options() const {
    ImportOptions out;
    const PackOptions package = pack_options();
    static_cast<PackageOptions&>(out) = package;
    out.to = to;
    out.read = read_options();
    out.write = write_options();
    for (const std::string& word : networks) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == word.size())
            throw UsageError(fmt::format("--network takes NAME=NAME, not '{}'", word));
        out.networks[word.substr(0, equals)] = word.substr(equals + 1);
    }
    if (!disk_format.empty() && disk_format != "raw" && disk_format != "qcow2")
        throw UsageError(fmt::format("--disk-format is raw or qcow2, not '{}'{}", disk_format, did_you_mean(disk_format, {"raw", "qcow2"})));
    if (!disk_format.empty()) out.images = disk_format == "raw" ? ImageFormat::raw : ImageFormat::qcow2;
    if (!max_disk_size.empty()) out.max_disk_bytes = size_of("--max-disk-size", max_disk_size, std::uint64_t{1} << 60);
    if (!jobs.empty()) {
        const auto [end, error] = std::from_chars(jobs.data(), jobs.data() + jobs.size(), out.threads);
        if (error != std::errc{} || end != jobs.data() + jobs.size() || out.threads == 0 || out.threads > 256)
            throw UsageError(fmt::format("--jobs is a number from 1 to 256, not '{}'", jobs));
    }
    out.raw_as_is = raw_as_is;
    out.no_helpers = no_helpers;
    out.unsandboxed_helper = unsandboxed_helper;
    out.strict = strict;
    out.dry_run = dry_run;
    return out;
}

Exit exit_of(Failure failure) {
    switch (failure) {
        case Failure::refused:
            return Exit::refused;
        case Failure::integrity:
            return Exit::integrity;
        case Failure::none:
        case Failure::malformed:
            break;
    }
    return Exit::malformed;
}

}  // namespace ovfkit::tool
