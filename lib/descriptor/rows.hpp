#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/edit.hpp"
#include "descriptor/effective.hpp"
#include "descriptor/extension.hpp"

/// A device as an Item says it: the texts of its CIM properties and of what rides along. Made from the model by
/// one function a device class, and used three ways: two of them side by side give the edits, one alone gives a
/// new Item.
namespace ovfkit::detail {

/// Extra children that are no attributes: vmw:CoresPerSocket.
struct VendorChild {
    Ns ns = Ns::vmw;
    std::string_view local;
    std::string text;
};

struct DeviceRows {
    std::optional<bool> required;    ///< ovf:required of a new Item
    bool required_is_value = false;  ///< the model holds it: edited too
    std::vector<std::pair<Rasd, std::string>> fields;
    std::vector<VendorChild> vendor;
    ExtensionRows extension;                     ///< attributes of the element below
    std::string_view extension_name = "Device";  ///< in ns hardware
    std::vector<Parameter> parameters;           ///< vmw:Config; other spaces as ovfkit:Parameter
    /// Several Items of a class may stand where one counts; whose id the Item gets.
    std::string id;

    void add(Rasd field, std::string text) { fields.emplace_back(field, std::move(text)); }
    /// ElementName, Caption, Description, id and the parameters.
    void add_info(const DeviceInfo& info);
};

/// Edits the Item where `have` and `wanted` differ. Both come from the same function.
void apply(Editing& editing, const EffectiveItem& item, const DeviceRows& have, const DeviceRows& wanted);

/// The Item to insert. `id` is its InstanceID, `name` its ElementName when the model has none.
Fragment new_item(const DeviceRows& rows, ItemKind kind, std::string_view id, std::string_view name,
                  std::string_view id_name);

/// Reads what every device has: labels and parameters, the InstanceID and ResourceType as understood.
void read_info(const EffectiveItem& item, DeviceInfo& info, std::string_view extension_name = "Device");

/// The first element of that name in our namespace.
inline Element extension_of(const Item& item, std::string_view name) { return item.extra(Ns::hardware, name); }

/// Appends the parameters that the children of `parent` are.
void read_parameters(Element parent, std::vector<Parameter>& out);

/// Edits vmw:Config and vmw:ExtraConfig children of `parent`, and ovfkit:Parameter children of `home` (which may be
/// invalid), from `have` to `wanted`. Several of one key are told apart by their order.
void update_parameters(XmlDocument& document, Element parent, Element home, const std::vector<Parameter>& have,
                       const std::vector<Parameter>& wanted);

/// The same for our own element `extension` of `parent` and for all parameters; the element is made when it is
/// needed and goes when it says nothing any more.
void update_extension(XmlDocument& document, Element parent, Element extension, std::string_view name,
                      const ExtensionRows& have, const ExtensionRows& wanted, const std::vector<Parameter>& had,
                      const std::vector<Parameter>& parameters);

/// Our own element, with the parameters that are not VMware's inside.
Fragment extension_fragment(std::string_view name, const ExtensionRows& rows, const std::vector<Parameter>& parameters);
/// Whether that element is needed at all.
bool says_something(const ExtensionRows& rows, const std::vector<Parameter>& parameters);

/// The child element of a parameter.
Fragment parameter_fragment(const Parameter& parameter);
/// Space `vmw` for vmw:Config, `vmw.extra` for vmw:ExtraConfig, the `space` attribute for ovfkit:Parameter; empty:
/// none.
std::string_view parameter_space(Element element);
std::string_view parameter_key(Element element);
Attribute parameter_value(Element element);

}  // namespace ovfkit::detail
