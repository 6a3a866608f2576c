#include <algorithm>
#include <array>

#include "edit/editor.hpp"

namespace ovfkit::detail::edit {

namespace {

Configuration& find_configuration(Editor& editor, std::string_view what, const std::string& id) {
    std::vector<std::string_view> ids;
    for (Configuration& configuration : editor.envelope.configurations) {
        if (configuration.id == id) return configuration;
        ids.push_back(configuration.id);
    }
    fail(fmt::format("{}: there is no configuration '{}'{}", what, id, did_you_mean(id, ids)));
}

void add(Editor& editor, const std::string& value) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const Pairs pairs("--configuration-add", std::string_view(value).substr(std::min(comma + 1, value.size())), {"label", "description"});
    Configuration configuration;
    configuration.id = value.substr(0, comma);
    if (configuration.id.empty() || configuration.id.find('=') != std::string::npos) fail("--configuration-add takes ID,label=...,description=...");
    for (const Configuration& other : editor.envelope.configurations)
        if (other.id == configuration.id) fail(fmt::format("--configuration-add: there is a configuration '{}' already", configuration.id));
    configuration.label = configuration.description = configuration.id;
    pairs.on("label", [&](const std::string& text) { configuration.label = text; });
    pairs.on("description", [&](const std::string& text) { configuration.description = text; });
    if (editor.envelope.configurations.empty()) editor.envelope.configuration = configuration.id;  // the first is the default
    editor.envelope.configurations.push_back(std::move(configuration));
}

void remove(Editor& editor, const std::string& id) {
    find_configuration(editor, "--configuration-remove", id);
    if (editor.envelope.configuration == id && editor.envelope.configurations.size() > 1)
        fail(fmt::format("--configuration-remove: '{}' is the one that is read; say --configuration with another one", id));
    std::erase_if(editor.envelope.configurations, [&](const Configuration& configuration) { return configuration.id == id; });
    if (editor.envelope.configurations.empty()) editor.envelope.configuration.clear();
}

void set_default(Editor& editor, const std::string& id) {
    find_configuration(editor, "--configuration-default", id);
    for (Configuration& configuration : editor.envelope.configurations) configuration.is_default = configuration.id == id;
}

}  // namespace

std::span<const Operation> configuration_operations() {
    static constexpr std::array rows{
        Operation{{"configuration-add", "ID,KEY=VALUE,...", "", "a new configuration: label=, description="}, add},
        Operation{{"configuration-remove", "ID", "", "the configuration goes"}, remove},
        Operation{{"configuration-default", "ID", "", "the configuration that is taken when none is chosen"}, set_default},
    };
    return rows;
}

}  // namespace ovfkit::detail::edit
