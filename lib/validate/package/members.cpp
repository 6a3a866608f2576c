#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "package/kinds.hpp"
#include "package/names.hpp"
#include "validate/findings.hpp"

// What is in an OVA, and in which order (DSP0243 5.4).
namespace ovfkit::detail {

namespace {

class Order {
public:
    Order(const Package& package, Findings& findings) : package_(package), findings_(findings) {}

    void run(const Envelope& envelope) {
        check_texts();
        check_files(envelope);
    }

private:
    /// Where a member is; as many as there are when it is not there.
    [[nodiscard]] std::size_t place(std::string_view name) const {
        const auto& members = package_.members();
        return static_cast<std::size_t>(std::find_if(members.begin(), members.end(), [&](const Member& one) { return one.name == name; }) - members.begin());
    }

    void check_texts() {
        if (package_.manifest() == nullptr) return;
        const std::size_t count = package_.members().size(), manifest = place(package_.manifest()->name);
        const bool certified = package_.certificate() != nullptr;
        const std::size_t last = count - (certified ? 2 : 1);
        if (manifest > 1 && manifest != last && manifest + 1 != count)
            findings_.add("package-order-manifest", package_.name(),
                          fmt::format("the manifest '{}' is member {} of {}: it belongs after the descriptor or at the end", printable(package_.manifest()->name, 80),
                                      manifest + 1, count));
        if (certified && place(package_.certificate()->name) != manifest + 1)
            findings_.add("package-order-certificate", package_.name(),
                          fmt::format("the certificate '{}' does not follow the manifest", printable(package_.certificate()->name, 80)));
    }

    void check_files(const Envelope& envelope) {
        std::size_t before = 0;
        for (const FileReference& file : envelope.files) {
            std::string problem;
            const auto name = name_from_href(file.href, problem);
            if (!name) continue;
            const std::size_t at = place(file.chunk_size ? chunk_name(*name, 0) : *name);
            if (at == package_.members().size()) continue;
            if (at < before)
                return findings_.add("package-order-files", package_.name(),
                                     fmt::format("'{}' comes too early: the files are not in the order of References", printable(*name, 80)));
            before = at;
        }
    }

    const Package& package_;
    Findings& findings_;
};

bool is_portable(std::string_view name) {
    return std::none_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f || std::string_view(":*?\"<>|").find(c) != std::string_view::npos;
    });
}

}  // namespace

void check_members(const Subject& subject, Findings& findings) {
    const Package* package = subject.package;
    if (package == nullptr) return;
    for (const Member& member : package->members())
        if (!is_portable(member.name))
            findings.add("package-name-characters", package->name(), fmt::format("'{}' is no name for every system", printable(member.name, 120)));
    if (package->manifest() == nullptr) findings.add("package-unprotected", package->name(), "the package has no manifest (.mf)");
    if (package->kind() != Package::Kind::folder) Order(*package, findings).run(subject.envelope);
}

}  // namespace ovfkit::detail
