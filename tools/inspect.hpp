#pragma once

#include <optional>
#include <string>

#include <ovfkit/convert.hpp>
#include <ovfkit/package.hpp>

/// What `ovfkit inspect` shows of a source: a page for people, or JSON (its shape is stable).
namespace ovfkit::tool {

std::string inspect_page(const Source& source, const std::optional<Integrity>& integrity);
std::string inspect_json(const Source& source, const std::optional<Integrity>& integrity, const Diagnostics& diagnostics);

/// `signed by a trusted key: CN=x`; empty when there is no signature.
std::string signature_text(const std::optional<Signature>& signature);

/// A device of the model besides controllers, drives and NICs.
struct OtherRow {
    std::string id, type, model;
};
std::vector<OtherRow> other_devices(const Hardware& hardware);
/// The producer's own identifier of the operating system; empty when there is none.
std::string vendor_os(const OperatingSystem& os);

}  // namespace ovfkit::tool
