#include <array>

#include <fmt/format.h>

#include "validate/findings.hpp"

// The Envelope and its parts (DSP0243 5.1, 6.1).
namespace ovfkit::detail {

namespace {

constexpr std::array<std::string_view, 10> versions{"0.9", "1.0", "1.0.0", "1.1", "1.1.0", "1.1.1", "2.0", "2.0.0", "2.1", "2.1.1"};

void check_version(const Subject& subject, Findings& findings) {
    const std::string_view version = value_of(subject.layout.envelope, "version");
    if (version.empty() || subject.is_ovirt()) return;  // oVirt counts its own
    const Element root = subject.document.root();
    bool known = false;
    for (const std::string_view one : versions) known = known || one == version;
    if (!known)
        findings.add("ovf-version-unknown", root, fmt::format("ovf:version is '{}'", printable(version, 40)));
    else if (version.front() - '0' != subject.major)
        findings.add("ovf-version-mismatch", root,
                     fmt::format("ovf:version is '{}', the namespace that of OVF {}", version, subject.major == 0 ? "0.9" : std::to_string(subject.major)));
}

/// What the reader could not place and must not pass over.
void check_required(const Subject& subject, Findings& findings) {
    std::unordered_set<std::uint64_t> seen;
    for (const Unmapped& part : subject.envelope.unmapped) {
        if (!part.required || part.origin.offset == Origin::npos || !seen.insert(part.origin.offset).second) continue;
        const std::size_t name = part.path.rfind('/');
        findings.add("ovf-part-required", subject.document, static_cast<std::size_t>(part.origin.offset),
                     fmt::format("'{}' must be understood, and is none of the standard's parts",
                                 printable(std::string_view(part.path).substr(name == std::string::npos ? 0 : name + 1), 120)));
    }
}

}  // namespace

void check_envelope(const Subject& subject, Findings& findings) {
    check_version(subject, findings);
    check_required(subject, findings);
    std::size_t contents = 0;
    for (Element child = subject.layout.envelope.first(); child; child = child.next())
        if ((is_part(child, "VirtualSystem") || is_part(child, "VirtualSystemCollection")) && ++contents == 2)
            findings.add("ovf-content-several", child, "the Envelope has a VirtualSystem or a collection already");
}

}  // namespace ovfkit::detail
