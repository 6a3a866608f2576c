#include "model/leaf.hpp"

namespace ovfkit::detail {

namespace {

std::string lookup(const LeafOptions& options, std::string_view leaf, std::span<const OptionSpec> specs, std::string_view key) {
    const auto it = options.find(std::string(leaf) + "." + std::string(key));
    if (it != options.end()) return it->second;
    for (const OptionSpec& spec : specs)
        if (spec.key == key) return std::string(spec.default_value);
    return {};
}

}  // namespace

std::string ReadContext::option(std::string_view leaf, std::span<const OptionSpec> specs, std::string_view key) const {
    return lookup(options.options, leaf, specs, key);
}

std::string WriteContext::option(std::string_view leaf, std::span<const OptionSpec> specs, std::string_view key) const {
    return lookup(options.options, leaf, specs, key);
}

}  // namespace ovfkit::detail
