#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/error.hpp>

#include "command.hpp"

namespace ovfkit::tool {

namespace {

bool selected(const Options& options, const VirtualSystem& system) {
    return options.vm.empty() || options.vm == system.id || options.vm == system.name;
}

std::string_view name_of(const VirtualSystem& system) { return system.name.empty() ? system.id : system.name; }

[[noreturn]] void no_such_vm(const Options& options, const Envelope& envelope) {
    std::vector<std::string_view> names;
    for (const VirtualSystem& system : envelope.systems) {
        names.push_back(system.id);
        names.push_back(system.name);
    }
    throw UsageError(fmt::format("--vm: there is no '{}' in it{}", options.vm, did_you_mean(options.vm, names)));
}

using Json = nlohmann::ordered_json;

Json json_of(const std::string& path, const VirtualSystem& system) {
    const MemoryBalloon& balloon = system.hardware.balloon;
    const std::string_view model = to_string(balloon.model);
    return {{"path", path},
            {"vm", name_of(system)},
            {"id", system.id},
            {"state", to_string(balloon.state)},
            {"model", model.empty() ? Json() : Json(model)}};
}

/// What goes wrong with one file does not keep the others from being shown.
Exit get(const Options& options, const ReadOptions& read, const std::string& path, Console& console, Json& rows) {
    Diagnostics diagnostics;
    try {
        const Source source = load_source(path, read, diagnostics, console);
        console.show(diagnostics);
        bool any = false;
        for (const VirtualSystem& system : source.envelope().systems) {
            if (!selected(options, system)) continue;
            any = true;
            if (options.json) {
                rows.push_back(json_of(path, system));
                continue;
            }
            const MemoryBalloon& balloon = system.hardware.balloon;
            console.data(fmt::format("{}: {}: {}{}{}\n", printable(path, 4000), printable(name_of(system)),
                                     to_string(balloon.state), balloon.model == BalloonModel::unspecified ? "" : " ",
                                     to_string(balloon.model)));
        }
        if (!any && !options.vm.empty()) no_such_vm(options, source.envelope());
        return diagnostics.has_errors() ? exit_of(diagnostics.failure()) : Exit::done;
    } catch (const InputError& error) {
        console.show(error.diagnostic());
        return exit_of(error.diagnostic().failure);
    } catch (const IoError& error) {
        console.error(printable(error.what(), 4000));
        return Exit::io;
    }
}

}  // namespace

Exit run_balloon_get(const Options& options, Console& console) {
    const ReadOptions read = options.read_options();
    Json rows = Json::array();
    Exit worst = Exit::done;
    for (const std::string& path : options.arguments)
        if (const Exit result = get(options, read, path, console, rows); worst == Exit::done) worst = result;
    if (options.json) console.data(rows.dump(2, ' ', true, Json::error_handler_t::replace) + "\n");
    return worst;
}

Exit run_balloon_set(const Options& options, Console& console) {
    const BalloonState state = balloon_state("STATE", options.arguments[0]);
    const std::string& path = options.arguments[1];
    std::optional<BalloonModel> model;
    if (!options.model.empty()) {
        model = balloon_model_from(options.model);
        if (!model)
            throw UsageError(
                fmt::format("--model: there is no balloon model '{}'{}", options.model,
                            did_you_mean(options.model, {"virtio", "virtio-transitional", "virtio-non-transitional",
                                                         "xen", "vmware", "hyperv", "virtualbox"})));
        if (state != BalloonState::enabled) throw UsageError("--model goes with the state enabled");
    }
    const auto hint = [&](const Source& source) {
        return fmt::format("ovfkit convert --balloon {} --to {}", to_string(state), source.format());
    };
    return edit_descriptor(options, console, path, "balloon set", hint, [&](Envelope& wanted) {
        bool any = false;
        for (VirtualSystem& system : wanted.systems) {
            if (!selected(options, system)) continue;
            any = true;
            set_balloon(system.hardware.balloon, state, model.value_or(BalloonModel::unspecified), wanted.dialect);
        }
        if (!any && !options.vm.empty()) no_such_vm(options, wanted);
    });
}

}  // namespace ovfkit::tool
