#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <ovfkit/diagnostic.hpp>
#include <ovfkit/limits.hpp>

namespace ovfkit {

namespace detail {
class XmlDocument;
}

/// An OVF descriptor: its bytes, a read-only tree over them, and the edits made. Without an edit `bytes()`
/// is what was read, to the byte; an edit touches only the bytes it must.
class OVFKIT_EXPORT Document {
public:
    /// Reads a file; `-` is not special here. Throws IoError, InputError.
    static Document load(const std::string& path, Diagnostics& diagnostics, const Limits& limits = {});
    /// `name` is what messages call it. Throws InputError.
    static Document parse(std::string name, std::string bytes, Diagnostics& diagnostics, const Limits& limits = {});

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    [[nodiscard]] const std::string& name() const;
    /// In the encoding of the source, edits applied.
    [[nodiscard]] std::string bytes() const;
    [[nodiscard]] bool edited() const;
    /// Writes `bytes()` as a whole or not at all. Throws IoError, also when the file exists and `replace` is false.
    void save(const std::string& path, bool replace = false) const;

    /// Internal.
    [[nodiscard]] detail::XmlDocument& xml();
    [[nodiscard]] const detail::XmlDocument& xml() const;
    explicit Document(std::unique_ptr<detail::XmlDocument> xml);

private:
    std::unique_ptr<detail::XmlDocument> xml_;
};

}  // namespace ovfkit
