#include "package/integrity.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "base/xml.hpp"
#include "package/kinds.hpp"
#include "package/names.hpp"
#include "package/signature.hpp"

namespace ovfkit {

std::string_view to_string(Trust trust) {
    switch (trust) {
        case Trust::nothing:
            return "nothing";
        case Trust::digests:
            return "digests";
        case Trust::signature:
            return "signature";
        case Trust::trusted_signature:
            break;
    }
    return "trusted-signature";
}

std::string_view to_string(MemberCheck::State state) {
    switch (state) {
        case MemberCheck::State::matches:
            return "matches";
        case MemberCheck::State::differs:
            return "differs";
        case MemberCheck::State::missing:
            return "missing";
        case MemberCheck::State::unlisted:
            return "unlisted";
        case MemberCheck::State::unchecked:
            break;
    }
    return "unchecked";
}

}  // namespace ovfkit

namespace ovfkit::detail {

class IntegrityCheck::WatchedSource : public ByteSource {
public:
    WatchedSource(Watched& watched, std::unique_ptr<ByteSource> bytes) : watched_(watched), bytes_(std::move(bytes)) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t got = bytes_->read(into);
        for (Digest& digest : watched_.digests) digest.update(into.first(got));
        watched_.done += got;
        return got;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return bytes_->size(); }

private:
    Watched& watched_;
    std::unique_ptr<ByteSource> bytes_;
};

IntegrityCheck::IntegrityCheck(Package& package, TrustPolicy policy, Diagnostics& diagnostics)
    : package_(package), policy_(std::move(policy)), diagnostics_(diagnostics) {
    read_manifest();
}

void IntegrityCheck::add(std::string_view rule, const std::string& message) {
    report(diagnostics_, rule, Location{package_.name()}, message, Failure::integrity);
    sound_ = false;
}

void IntegrityCheck::read_manifest() {
    if (manifest_ || package_.manifest() == nullptr) return;
    Diagnostics found;
    manifest_ = parse_manifest(*package_.manifest(), package_.name(), found);
    for (const Diagnostic& one : found.all()) diagnostics_.add(one);
    if (found.has_errors()) sound_ = false;
}

std::vector<Algorithm> IntegrityCheck::wanted(const std::string& name) const {
    std::set<Algorithm> out;
    if (also_) out.insert(*also_);
    if (manifest_)
        for (const ManifestEntry* entry : manifest_->of(name)) out.insert(entry->algorithm);
    else if (package_.kind() == Package::Kind::stream)
        out.insert(std::begin(all_algorithms), std::end(all_algorithms));  // the manifest may come last
    return {out.begin(), out.end()};
}

IntegrityCheck::Watched& IntegrityCheck::start(const std::string& name) {
    Watched& out = watched_[name];
    out = {};
    for (const Algorithm algorithm : wanted(name)) out.digests.emplace_back(algorithm);
    return out;
}

std::unique_ptr<ByteSource> IntegrityCheck::watch(const Member& member, std::unique_ptr<ByteSource> bytes) {
    return std::make_unique<WatchedSource>(start(member.name), std::move(bytes));
}

/// Digests what has not been read.
void IntegrityCheck::complete(const Member& member, ProgressMeter* meter) {
    const auto known = watched_.find(member.name);
    Watched& watched = known == watched_.end() ? start(member.name) : known->second;
    if (!watched.hex.empty() || watched.digests.empty()) return;
    for (const PackageText* text : {&package_.descriptor(), package_.manifest(), package_.certificate()}) {
        if (text == nullptr || text->name != member.name) continue;
        for (Digest& digest : watched.digests) digest.update(std::as_bytes(std::span(text->bytes)));
        watched.done = text->bytes.size();
    }
    if (watched.done < member.size && package_.kind() != Package::Kind::stream) {
        const auto random = package_.random(member);
        std::vector<std::byte> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(4 << 20, member.size - watched.done)));
        while (const std::size_t got = random->read_at(watched.done, buffer)) {
            for (Digest& digest : watched.digests) digest.update(std::span(buffer).first(got));
            watched.done += got;
            if (meter != nullptr) meter->add(got);
        }
    }
    if (watched.done != member.size) return;
    for (Digest& digest : watched.digests) watched.hex[digest.algorithm()] = digest.finish();
}

std::string IntegrityCheck::digest(const std::string& member, Algorithm algorithm) const {
    const auto found = watched_.find(member);
    if (found == watched_.end()) return {};
    const auto hex = found->second.hex.find(algorithm);
    return hex == found->second.hex.end() ? std::string{} : hex->second;
}

MemberCheck IntegrityCheck::compare(const Member& member) {
    MemberCheck out{member.name, member.size, {}, MemberCheck::State::unlisted};
    for (const ManifestEntry* entry : manifest_->of(member.name)) {
        out.algorithm += (out.algorithm.empty() ? "" : ",") + std::string(to_string(entry->algorithm));
        const std::string hex = digest(member.name, entry->algorithm);
        if (hex.empty()) {
            out.state = MemberCheck::State::unchecked;
        } else if (hex != entry->hex) {
            out.state = MemberCheck::State::differs;
            add("package-digest-differs",
                fmt::format("the {} digest of '{}' is {}, the manifest says {}: it was changed or damaged", to_string(entry->algorithm),
                            printable(member.name), hex, entry->hex));
            break;
        } else {
            out.state = MemberCheck::State::matches;
        }
    }
    return out;
}

void IntegrityCheck::check_listed(const std::vector<FileEntry>& entries, Integrity& out) {
    std::set<std::string> referenced{package_.descriptor().name};
    for (const FileEntry& entry : entries) {
        std::string problem;
        const auto name = name_from_href(entry.href, problem);
        if (!name) continue;
        std::size_t chunks = 0;
        while (entry.chunk_size && package_.find(chunk_name(*name, chunks)) != nullptr) referenced.insert(chunk_name(*name, chunks++));
        if (chunks == 0) referenced.insert(*name);
    }
    for (const std::string& name : referenced)
        if (manifest_->of(name).empty() && package_.find(name) != nullptr)
            add("package-manifest-unlisted",
                fmt::format("the manifest does not list '{}', which is a part of the package: nothing protects it", printable(name)));
    for (const MemberCheck& member : out.members)
        if (member.state == MemberCheck::State::unlisted && !referenced.contains(member.name) && text_kind(member.name) == TextKind::none)
            report(diagnostics_, "package-file-unreferenced", Location{package_.name()},
                   fmt::format("neither descriptor nor manifest know of '{}'", printable(member.name)));
}

void IntegrityCheck::check_signature_of(Integrity& out) {
    if (package_.certificate() == nullptr) {
        if (policy_.require_signature) add("package-signature-missing", "a signature is required, and the package has none (.cert)");
        return;
    }
    if (package_.manifest() == nullptr) return;
    Diagnostics found;
    out.signature = check_signature(*package_.certificate(), *package_.manifest(), policy_, package_.name(), found);
    for (const Diagnostic& one : found.all()) diagnostics_.add(one);
    if (found.has_errors()) sound_ = false;
}

Integrity IntegrityCheck::finish(const std::vector<FileEntry>& entries, bool glance, ProgressMeter* meter) {
    read_manifest();
    Integrity out;
    if (!manifest_) {
        if (policy_.require_manifest || policy_.require_signature)
            add("package-manifest-missing", "a manifest (.mf) is required, and the package has none");
        else if (package_.certificate() != nullptr)
            add("package-manifest-missing",
                fmt::format("'{}' signs a manifest (.mf) that is not in the package", printable(package_.certificate()->name)));
        for (const Member& member : package_.members())
            if (also_ && !glance) complete(member, meter);
        for (const Member& member : package_.members())
            if (text_kind(member.name) != TextKind::certificate) out.members.push_back({member.name, member.size, {}, MemberCheck::State::unchecked});
        check_signature_of(out);
        return out;
    }
    out.manifest = package_.manifest()->name;
    std::set<Algorithm> used;
    for (const ManifestEntry& entry : manifest_->entries) {
        used.insert(entry.algorithm);
        if (package_.find(entry.name) != nullptr) continue;
        out.members.push_back({entry.name, 0, std::string(to_string(entry.algorithm)), MemberCheck::State::missing});
        if (!glance || package_.kind() == Package::Kind::archive)
            add("package-manifest-absent", fmt::format("the manifest lists '{}', which is not in the package", printable(entry.name)));
    }
    for (const Algorithm algorithm : used) out.algorithms += (out.algorithms.empty() ? "" : ",") + std::string(to_string(algorithm));
    for (const Member& member : package_.members()) {
        const TextKind kind = text_kind(member.name);
        if (kind == TextKind::manifest || kind == TextKind::certificate) continue;
        if (!glance || member.name == package_.descriptor().name) complete(member, meter);
        out.members.push_back(compare(member));
    }
    check_listed(entries, out);
    check_signature_of(out);
    if (sound_)
        out.trust = !out.signature || !out.signature->valid ? Trust::digests
                    : out.signature->trusted                ? Trust::trusted_signature
                                                            : Trust::signature;
    return out;
}

}  // namespace ovfkit::detail
