#pragma once

#include "descriptor/envelope.hpp"
#include "unit/descriptor/support.hpp"

/// The shared reader and writer without a leaf around them.
namespace ovfkit::test {

inline void update_plain(detail::XmlDocument& document, const Envelope& have, const Envelope& wanted,
                         detail::WriteContext& context, std::vector<detail::LossNote>& notes) {
    detail::update_envelope(document, have, wanted, context, {}, notes);
}

inline const detail::Dialect& plain_dialect() {
    static const detail::Dialect dialect{"plain",      "for tests", {}, nullptr, detail::read_envelope,
                                         update_plain, nullptr};
    return dialect;
}

/// `text` with its first `from` made `to`; fails loudly when there is none.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    if (at == std::string::npos) throw std::logic_error("the fixture has no '" + std::string(from) + "'");
    return text.replace(at, from.size(), to);
}

}  // namespace ovfkit::test
