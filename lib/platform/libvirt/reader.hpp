#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/checked.hpp"
#include "base/xml.hpp"
#include "model/leaf.hpp"
#include "platform/libvirt/origin.hpp"

/// What the parts of the reader share. `take()` says that the model, or nobody, needs a value any more; what is
/// not taken is reported as unmapped.
namespace ovfkit::detail::libvirt {

struct Reader {
    const XmlDocument& document;
    ReadContext& context;
    Envelope& envelope;
    VirtualSystem& system;
    Hints hints;
    std::string machine;                       ///< general name
    bool addresses_assigned = false;           ///< libvirt has given every device its PCI address
    std::set<std::string> controllers_in_use;  ///< ids that a drive names

    [[nodiscard]] Hardware& hardware() const { return system.hardware; }
    void error(std::string_view rule, Element element, std::string message) const;
    void warn(std::string_view rule, Element element, std::string message) const;

    /// The whole text as a number in the range of T and up to `most`; an error otherwise.
    template <std::unsigned_integral T>
    std::optional<T> number(Element element, std::string_view what, std::string_view text, T most) const {
        const auto value = to_number<T>(trimmed(text));
        if (value && *value <= most) return value;
        bad_number(element, what, text, most);
        return std::nullopt;
    }

private:
    void bad_number(Element element, std::string_view what, std::string_view text, std::uint64_t most) const;
};

inline Element child(Element parent, std::string_view name) { return parent.child(Ns::none, name); }
inline Attribute attr(Element element, std::string_view name) { return element.attribute(Ns::none, name); }
/// Taken attribute value.
inline std::string_view take(Element element, std::string_view name) { return attr(element, name).take(); }
/// Takes the element with all that is in it: libvirt's own affair.
void take_all(Element element);
/// Takes the attribute when it has the value libvirt writes by itself.
void take_default(Element element, std::string_view name, std::string_view value);

/// id, origin, user alias; the PCI address is taken and left out.
DeviceInfo device_info(Element element, std::string id);

void read_identity(Reader& r, Element domain);
void read_sizing(Reader& r, Element domain);
void read_platform(Reader& r, Element domain);
void read_controllers(Reader& r, Element devices);
void read_drives(Reader& r, Element devices);
void read_nics(Reader& r, Element devices);
void read_ports(Reader& r, Element devices);
void read_displays(Reader& r, Element devices);
void read_misc(Reader& r, Element devices);
void read_balloon(Reader& r, Element devices);

}  // namespace ovfkit::detail::libvirt
