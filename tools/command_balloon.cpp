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

/// Without --model a device that is new is what the dialect's own platform has.
void set_balloon(MemoryBalloon& balloon, BalloonState state, const std::optional<BalloonModel>& model,
                 std::string_view dialect) {
    if (state == BalloonState::unspecified) {
        balloon = {};
        return;
    }
    balloon.state = state;
    if (model)
        balloon.model = *model;
    else if (state == BalloonState::enabled && balloon.model == BalloonModel::unspecified)
        balloon.model = dialect == "vmware" ? BalloonModel::vmware : BalloonModel::virtio;
}

/// The package with the new descriptor.
Exit set_in_package(const Options& options, Console& console, Diagnostics& diagnostics, const LossReport& report, const Document& document) {
    const Exit result = finish(options, console, diagnostics, report, {});
    if (result != Exit::done) return result;
    return run_on_package(options, console, [&](PackOptions& package, Diagnostics& found) {
        replace_descriptor(options.arguments[1], document.bytes(), options.output, package, found);
    });
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
    if (options.output.empty() == !options.in_place) throw UsageError("`balloon set` needs either -o or --in-place");
    if (options.in_place && is_archive(path)) throw UsageError("an OVA is not changed in place: name another one with -o");
    if (options.in_place && path == "-") throw UsageError("standard input cannot be changed in place");
    if (options.output == "-" && options.report == "-")
        throw UsageError("standard output cannot take both the result and the report");
    const ReadOptions read_options = options.read_options();

    Diagnostics diagnostics, ignored;
    const Source source = load_source(path, read_options, diagnostics, console);
    if (source.document() == nullptr)
        throw UsageError(
            fmt::format("`balloon set` changes OVF descriptors; for this: ovfkit convert --balloon {} --to {}",
                        to_string(state), source.format()));
    try {
        Document document = Document::parse(source.name(), source.bytes(), ignored, read_options.limits);
        Envelope wanted = source.envelope();
        bool any = false;
        for (VirtualSystem& system : wanted.systems) {
            if (!selected(options, system)) continue;
            any = true;
            set_balloon(system.hardware.balloon, state, model, source.format());
        }
        if (!any && !options.vm.empty()) no_such_vm(options, wanted);
        const LossReport report = diagnostics.has_errors() && !options.lenient
                                      ? LossReport{}
                                      : update(document, wanted, diagnostics, read_options);
        if (options.output.ends_with(".ova")) return set_in_package(options, console, diagnostics, report, document);
        std::vector<NewOutput> files;
        files.push_back({options.in_place ? path : options.output, document.bytes()});
        return finish(options, console, diagnostics, report, std::move(files));
    } catch (const InputError& error) {
        show_all_but(error.diagnostic(), diagnostics, console);
        throw;
    }
}

}  // namespace ovfkit::tool
