#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/convert.hpp>

/// The OVF environment (DSP0243 11, DSP8027): what a guest is told about itself when it is deployed.
namespace ovfkit {

/// `class.key.instance`: what the environment calls a property.
OVFKIT_EXPORT std::string property_key(const Product& product, const Property& property);
/// Its value in a configuration, as it stands: references are not resolved.
OVFKIT_EXPORT const std::string& property_value(const Property& property, std::string_view configuration);

struct EnvironmentOptions {
    std::string vm;                     ///< id or name; may be empty when there is one VM
    std::string kind, version, vendor;  ///< of the platform; empty ones are left out
    std::string locale;                 ///< empty: the descriptor's
    bool image = false;                 ///< for the `iso` transport
};

struct Environment {
    std::string vm;   ///< VirtualSystem::id
    std::string xml;  ///< `ovf-env.xml`
    bool secret = false;                  ///< holds the value of a password: to be written 0600
    std::vector<std::string> transports;  ///< what the descriptor asks for
};

/// The environment of one VM: its properties and those of the collection it is in, with the values that count in the
/// configuration read, references resolved; an Entity for each sibling. Findings `env-*`; throws UsageError when there
/// is no such VM or the source is no descriptor.
OVFKIT_EXPORT Environment environment(const Source& source, const EnvironmentOptions& options, Diagnostics& diagnostics);

/// An ISO 9660 image with `ovf-env.xml` at its root, under that very name by Rock Ridge and Joliet. `seconds` since
/// 1970 is every date in it; the same input gives the same bytes.
OVFKIT_EXPORT std::string environment_image(std::string_view xml, std::uint64_t seconds);

}  // namespace ovfkit
