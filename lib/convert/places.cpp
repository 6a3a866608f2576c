#include "convert/places.hpp"

#include <algorithm>
#include <utility>

namespace ovfkit::detail {

struct Places::Further {
    std::uint64_t base = 0;
    Places places;
    std::string name;
};

Places::Places() = default;
Places::~Places() = default;
Places::Places(const Places&) = default;
Places::Places(Places&&) noexcept = default;
Places& Places::operator=(Places&&) noexcept = default;
Places::Places(std::string_view text) : text_(text) {}

void Places::add(std::uint64_t base, Places places, std::string name) {
    further_.push_back({base, std::move(places), std::move(name)});
}

Places::Places(const XmlDocument& document) : document_(&document) {
    std::vector<Element> open{document.root()};
    while (!open.empty()) {
        const Element element = open.back();
        open.pop_back();
        if (!element) continue;
        elements_.push_back({element.offset(), element});
        if (const Element sibling = element.next(); sibling && element.parent()) open.push_back(sibling);
        if (const Element child = element.first()) open.push_back(child);
    }
}

Places::Place Places::find(Origin origin) const {
    if (origin.offset == Origin::npos) return {};
    for (auto at = further_.rbegin(); at != further_.rend(); ++at)
        if (origin.offset >= at->base) {
            Place place = at->places.find({origin.offset - at->base});
            place.path = at->name + ":" + (place.path.empty() ? "" : " " + place.path);
            return place;
        }
    if (document_ == nullptr) {
        if (origin.offset >= text_.size()) return {};
        const std::string_view before = text_.substr(0, origin.offset);
        return {{}, static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1};
    }
    const auto after = std::upper_bound(elements_.begin(), elements_.end(), origin.offset,
                                        [](std::uint64_t offset, const Entry& entry) { return offset < entry.offset; });
    if (after == elements_.begin()) return {};
    const Entry& entry = *std::prev(after);
    return {document_->path_of(entry.element), document_->locate(entry.offset).line};
}

}  // namespace ovfkit::detail
