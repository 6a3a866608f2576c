#include "convert/properties.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "descriptor/property_check.hpp"
#include "descriptor/property_values.hpp"

namespace ovfkit::detail {

namespace {

struct Place {
    const Product* product;
    Property* property;
};

std::vector<Place> places_in(Envelope& envelope) {
    std::vector<Place> out;
    const auto add = [&](std::vector<Product>& products) {
        for (Product& product : products)
            for (Property& property : product.properties) out.push_back({&product, &property});
    };
    add(envelope.products);
    for (VirtualSystem& system : envelope.systems) add(system.products);
    return out;
}

/// Those of the full key, else those of the bare one.
std::vector<Place> find(const std::vector<Place>& places, const std::string& key) {
    std::vector<Place> full, bare;
    for (const Place& place : places) {
        if (full_key(*place.product, *place.property) == key) full.push_back(place);
        if (place.property->key == key) bare.push_back(place);
    }
    return full.empty() ? bare : full;
}

[[noreturn]] void no_such_property(const std::vector<Place>& places, const std::string& key) {
    std::vector<std::string> keys;
    for (const Place& place : places) {
        keys.push_back(full_key(*place.product, *place.property));
        keys.push_back(place.property->key);
    }
    const std::vector<std::string_view> candidates(keys.begin(), keys.end());
    const std::string_view hit = nearest(key, candidates);
    throw UsageError(keys.empty() ? fmt::format("no property '{}': the descriptor defines none", printable(key, 80))
                                  : fmt::format("no property '{}' in it{} (`ovfkit inspect` lists them)", printable(key, 80),
                                                hit.empty() ? std::string{}
                                                            : fmt::format("; did you mean '{}'?", printable(hit, 80))));
}

void check_unique(const std::vector<Place>& found, const std::string& key) {
    std::set<std::string> keys;
    for (const Place& place : found) keys.insert(printable(full_key(*place.product, *place.property), 80));
    if (keys.size() > 1)
        throw UsageError(fmt::format("several properties are called '{}'; name one of {}", printable(key, 80),
                                     fmt::join(keys, ", ")));
}

}  // namespace

void apply_properties(Envelope& envelope, const ReadOptions& options, const XmlDocument& document,
                      Diagnostics& diagnostics) {
    if (options.properties.empty()) return;
    const std::vector<Place> places = places_in(envelope);
    for (const auto& [key, value] : options.properties) {
        const std::vector<Place> found = find(places, key);
        const auto needs_it = [&, wanted = std::string_view(key)](const VirtualDisk& disk) { return disk.capacity_property == wanted; };
        if (found.empty() && std::none_of(envelope.disks.begin(), envelope.disks.end(), needs_it))
            no_such_property(places, key);
        check_unique(found, key);
        for (const Place& place : found) {
            if (const std::string problem = value_problem(*place.property, value); !problem.empty())
                throw UsageError(fmt::format("property '{}': {}", printable(key, 80), problem));
            if (!place.property->user_configurable && place.property->origin.offset != Origin::npos)
                report(diagnostics, "ovf-property-fixed", document, place.property->origin.offset,
                       fmt::format("the property '{}' is not meant to be set by its user; it is set all the same",
                                   printable(key, 80)));
            value_in(*place.property, envelope.configuration) = value;
        }
    }
}

}  // namespace ovfkit::detail
