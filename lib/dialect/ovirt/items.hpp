#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "descriptor/item.hpp"
#include "dialect/ovirt/form.hpp"

/// The Items of a system, sorted by what they are. Reader and writer share it, so that the n-th device of a list
/// in the model is always the n-th Item of that kind.
namespace ovfkit::detail::ovirt {

enum class Kind {
    cpu,
    memory,
    disk,
    cdrom,
    floppy,
    nic,
    usb_policy,
    video,
    graphics,
    balloon,
    controller,
    serial,
    sound,
    watchdog,
    rng,
    tpm,
    other,
    surplus,  ///< a second CPU or memory Item: reported by the generic walk
};

struct ItemRef {
    Item item;
    Kind kind = Kind::other;
    std::uint32_t resource_type = 0;
    std::string type, device;  ///< trimmed text of Type and Device
};

/// Every Item of every hardware section, in document order.
std::vector<ItemRef> scan_items(const SystemParts& parts);

/// ResourceType numbers of the two flavours are both accepted.
bool is_video(std::uint32_t resource_type);
bool is_graphics(std::uint32_t resource_type);

/// The children of one Item while it is read: what was taken does not come up again.
class ItemView {
public:
    explicit ItemView(const ItemRef& ref);

    [[nodiscard]] const ItemRef& ref() const { return ref_; }
    [[nodiscard]] Element element() const { return ref_.item.element; }
    /// Looks, takes nothing.
    [[nodiscard]] Element find(std::string_view local) const;
    [[nodiscard]] std::string_view look(std::string_view local) const;
    /// Takes the text; empty when absent.
    std::string_view take(std::string_view local);
    /// Takes the text when it is `value`, which says nothing new; leaves it otherwise.
    void take_if(std::string_view local, std::string_view value);
    /// Leaves the element to the generic walk: it is not made a parameter either.
    void leave(std::string_view local);

    /// Takes Type and Device where they say what such an Item says anyway; leaves another word to the report.
    void take_words();

    /// A key of SpecParams, `a/b` for a nested map.
    [[nodiscard]] Element find_spec(std::string_view path) const;
    std::string_view take_spec(std::string_view path);

    /// Id, labels, alias, address, plugged and read-only flags, then everything left as parameters.
    /// `caption` and `description` are what the engine writes by itself: such text is no label.
    DeviceInfo finish(std::string_view caption, std::string_view description, bool read_only_default,
                      Diagnostics& diagnostics);

private:
    void collect(Element parent, const std::string& prefix);

    const ItemRef& ref_;
    std::vector<Element> rest_;
    std::vector<std::pair<std::string, Element>> spec_;
};

/// A parameter of our space in a sorted list; nullptr when absent.
const std::string* parameter(const std::vector<Parameter>& list, std::string_view key);
void add_parameter(std::vector<Parameter>& list, std::string key, std::string value);
void sort_parameters(std::vector<Parameter>& list);

}  // namespace ovfkit::detail::ovirt
