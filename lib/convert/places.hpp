#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/model.hpp>

#include "base/xml.hpp"

namespace ovfkit::detail {

/// Finds path and line for an offset of the source a report speaks about.
class Places {
public:
    /// An XML source; `document` must outlive this.
    explicit Places(const XmlDocument& document);
    /// Any other text: lines only.
    explicit Places(std::string_view text);
    /// No source to point into.
    Places();
    ~Places();
    Places(const Places&);
    Places(Places&&) noexcept;
    Places& operator=(Places&&) noexcept;

    struct Place {
        std::string path;  ///< of the element; empty when unknown
        std::size_t line = 0;
    };
    [[nodiscard]] Place find(Origin origin) const;
    /// A further source, whose offsets are counted from `base`; paths of it begin with `name`.
    void add(std::uint64_t base, Places places, std::string name);

private:
    const XmlDocument* document_ = nullptr;
    std::string_view text_;
    struct Entry {
        std::size_t offset;
        Element element;
    };
    std::vector<Entry> elements_;  ///< in document order, so sorted by offset
    struct Further;
    std::vector<Further> further_;  ///< by base
};

}  // namespace ovfkit::detail
