#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/stream.hpp"
#include "package/digest.hpp"

/// Where an export goes. What is destroyed before finish() leaves nothing behind.
namespace ovfkit::detail {

/// The three texts; an empty one is not written.
struct PackageTexts {
    std::string stem;  ///< of their names; the descriptor's may be another
    std::string descriptor_name;
    std::string descriptor, manifest, certificate;
};

class ExportOutput : public ByteSink {
public:
    /// Room for the texts, before the first file. The manifest and the certificate will have these very sizes, the
    /// descriptor no larger one.
    virtual void reserve(const PackageTexts& largest) = 0;
    /// A file: then its bytes, by write(); or, at any offset from `base` on, to `fd`, which leaves the file behind it empty.
    virtual void begin(const std::string& name) = 0;
    struct Place {
        int fd = -1;
        std::uint64_t base = 0;
    };
    [[nodiscard]] virtual Place place() = 0;
    /// The size of the file.
    virtual std::uint64_t end() = 0;
    /// Writes the texts and gives everything its name. What comes out of `texts.descriptor` is what the manifest is about: see fitted().
    virtual void finish(const PackageTexts& texts) = 0;
    /// The descriptor as it will stand there: filled up with line ends where there was room kept for it.
    [[nodiscard]] virtual std::string fitted(std::string descriptor) const { return descriptor; }
    virtual void require_space(std::uint64_t bytes) const = 0;
};

/// `path`: of the OVA, or of the descriptor of a folder package. `secret`: what holds the descriptor gets mode 0600.
std::unique_ptr<ExportOutput> ova_output(const std::string& path, bool replace, bool secret, std::int64_t time);
std::unique_ptr<ExportOutput> folder_output(const std::string& path, bool replace, bool secret);

}  // namespace ovfkit::detail
