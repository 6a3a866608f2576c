#include <algorithm>
#include <array>

#include "base/files.hpp"
#include "edit/editor.hpp"
#include "edit/property_value.hpp"

// Values of properties may be secrets: no message repeats one.
namespace ovfkit::detail::edit {

namespace {

constexpr std::string_view types = "string|boolean|uint8|sint8|uint16|sint16|uint32|sint32|uint64|sint64|real32|real64";

/// `class.key.instance`, as DSP0243 9.5.1 names a property from outside.
std::string full_key(const Product& product, const Property& property) {
    std::string out = product.class_name.empty() ? property.key : product.class_name + "." + property.key;
    return product.instance.empty() ? out : out + "." + product.instance;
}

struct Found {
    Product* product = nullptr;
    std::size_t index = 0;
    [[nodiscard]] Property& property() const { return product->properties[index]; }
};

/// By its key alone when only one has it, or by class, key and instance.
Found find_property(Editor& editor, std::string_view what, std::string_view key) {
    std::vector<Product*> products;
    for (Product& product : editor.envelope.products) products.push_back(&product);
    for (VirtualSystem* system : editor.systems())
        for (Product& product : system->products) products.push_back(&product);
    std::vector<std::string> full;
    std::vector<std::string_view> words;
    std::vector<Found> hits;
    for (Product* product : products)
        for (std::size_t i = 0; i < product->properties.size(); ++i) {
            const Property& property = product->properties[i];
            full.push_back(full_key(*product, property));
            words.push_back(property.key);
            if (full.back() == key && property.key != key) return {product, i};
            if (property.key == key) hits.push_back({product, i});
        }
    if (hits.size() == 1) return hits.front();
    if (hits.size() > 1) {
        std::vector<std::string> names;
        for (const Found& hit : hits) names.push_back(full_key(*hit.product, hit.property()));
        fail(fmt::format("{}: several properties are called '{}': {}", what, key, fmt::join(names, ", ")));
    }
    words.insert(words.end(), full.begin(), full.end());
    fail(fmt::format("{}: there is no property '{}'{}", what, key, did_you_mean(key, words)));
}

void check_value(std::string_view what, const Property& property, std::string_view value) {
    if (const std::string problem = value_problem(property, value); !problem.empty()) fail(fmt::format("{}: the value of {} {}", what, property.key, problem));
}

void give_value(Editor& editor, std::string_view what, std::string_view key, const std::string& value) {
    Property& property = find_property(editor, what, key).property();
    check_value(what, property, value);
    property.value = value;
}

std::size_t equals_of(std::string_view what, const std::string& value) {
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0) fail(fmt::format("{} takes KEY=...", what));
    return equals;
}

std::string text_of(const Editor& editor, std::string_view what, const std::string& path) {
    std::string out = read_file(path, editor.options.max_text_bytes);
    check_text(fmt::format("{} {}", what, path), out);
    return out;
}

void set_property(Editor& editor, const std::string& value) {
    const std::size_t equals = equals_of("--property-set", value);
    give_value(editor, "--property-set", value.substr(0, equals), value.substr(equals + 1));
}

/// So that a password is on no command line. One line end at the end is the file's, not the value's.
void set_property_file(Editor& editor, const std::string& value) {
    const std::size_t equals = equals_of("--property-file", value);
    std::string text = text_of(editor, "--property-file", value.substr(equals + 1));
    if (text.ends_with('\n')) text.pop_back();
    give_value(editor, "--property-file", value.substr(0, equals), text);
}

void add_property(Editor& editor, const std::string& value) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const Pairs pairs("--property-add", std::string_view(value).substr(std::min(comma + 1, value.size())),
                      {"type", "value", "label", "description", "qualifiers", "user-configurable", "password", "class"});
    VirtualSystem& system = editor.system("--property-add");
    Property property;
    property.key = value.substr(0, comma);
    if (property.key.empty() || property.key.find('=') != std::string::npos) fail("--property-add takes KEY,type=...,...");
    property.type = pairs.has("type") ? std::string(choice(pairs.name("type"), *pairs.find("type"), types)) : "string";
    pairs.on("value", [&](const std::string& text) { property.value = text; });
    pairs.on("label", [&](const std::string& text) { property.label = text; });
    pairs.on("description", [&](const std::string& text) { property.description = text; });
    pairs.on("qualifiers", [&](const std::string& text) { property.qualifiers = text; });
    pairs.on("user-configurable", [&](const std::string& text) { property.user_configurable = boolean(pairs.name("user-configurable"), text); });
    pairs.on("password", [&](const std::string& text) { property.password = boolean(pairs.name("password"), text); });
    if (pairs.has("value")) check_value("--property-add", property, property.value);
    const std::string* wanted = pairs.find("class");
    auto product = std::find_if(system.products.begin(), system.products.end(), [&](const Product& one) { return wanted == nullptr || one.class_name == *wanted; });
    if (product == system.products.end()) {
        Product made;
        made.class_name = wanted == nullptr ? std::string{} : *wanted;
        made.info = "Product customization";
        product = system.products.insert(product, std::move(made));
    }
    for (const Property& other : product->properties)
        if (other.key == property.key) fail(fmt::format("--property-add: there is a property '{}' already", property.key));
    product->properties.push_back(std::move(property));
}

void remove_property(Editor& editor, const std::string& value) {
    const Found hit = find_property(editor, "--property-remove", value);
    for (const VirtualDisk& disk : editor.envelope.disks)
        if (disk.capacity_property == hit.property().key || disk.capacity_property == full_key(*hit.product, hit.property()))
            fail(fmt::format("--property-remove: it is the capacity of disk {}", disk.id));
    hit.product->properties.erase(hit.product->properties.begin() + static_cast<std::ptrdiff_t>(hit.index));
}

void set_product(Editor& editor, const std::string& value) {
    const Pairs pairs("--product", value, {"name", "vendor", "version", "full-version", "product-url", "vendor-url", "app-url", "class"});
    VirtualSystem& system = editor.system("--product");
    const std::string* wanted = pairs.find("class");
    auto product = std::find_if(system.products.begin(), system.products.end(), [&](const Product& one) { return wanted == nullptr || one.class_name == *wanted; });
    if (product == system.products.end()) {
        Product made;
        made.class_name = wanted == nullptr ? std::string{} : *wanted;
        made.info = "Information about the installed software";
        product = system.products.insert(product, std::move(made));
    }
    pairs.on("name", [&](const std::string& text) { product->product = text; });
    pairs.on("vendor", [&](const std::string& text) { product->vendor = text; });
    pairs.on("version", [&](const std::string& text) { product->version = text; });
    pairs.on("full-version", [&](const std::string& text) { product->full_version = text; });
    pairs.on("product-url", [&](const std::string& text) { product->product_url = text; });
    pairs.on("vendor-url", [&](const std::string& text) { product->vendor_url = text; });
    pairs.on("app-url", [&](const std::string& text) { product->app_url = text; });
}

void set_eula(Editor& editor, const std::string& path) {
    VirtualSystem& system = editor.system("--eula");
    if (system.eulas.size() > 1) fail(fmt::format("--eula: there are {} licences: take them out first with --unset eulas", system.eulas.size()));
    system.eulas = {text_of(editor, "--eula", path)};
}

}  // namespace

std::span<const Operation> product_operations() {
    static constexpr std::array rows{
        Operation{{"property-set", "KEY=VALUE", "", "value of a property; KEY may be CLASS.KEY"}, set_property},
        Operation{{"property-file", "KEY=FILE", "", "value of a property from a file, so that a password is on no command line"}, set_property_file},
        Operation{{"property-add", "KEY,KEY=VALUE,...", "", "a new property: type=, value=, label=, description=, qualifiers=, user-configurable=, password=, class="}, add_property},
        Operation{{"property-remove", "KEY", "", "the property goes"}, remove_property},
        Operation{{"product", "KEY=VALUE,...", "", "what the product is: name=, vendor=, version=, full-version=, product-url=, vendor-url=, app-url=, class="}, set_product},
        Operation{{"eula", "FILE", "FILE", "the licence, from a text file"}, set_eula},
    };
    return rows;
}

}  // namespace ovfkit::detail::edit
