#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ovfkit/error.hpp>

#include "command.hpp"
#include "inspect.hpp"
#include "interrupt.hpp"
#include "progress_bar.hpp"
#include "table.hpp"

namespace ovfkit::tool {

namespace {

using Json = nlohmann::ordered_json;

Json word(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json json_of(const std::optional<Signature>& signature) {
    if (!signature) return {};
    return {{"file", signature->certificate},
            {"algorithm", word(signature->algorithm)},
            {"valid", signature->valid},
            {"trusted", signature->trusted},
            {"cms", signature->has_cms},
            {"subject", word(signature->subject)},
            {"issuer", word(signature->issuer)},
            {"not_before", word(signature->not_before)},
            {"not_after", word(signature->not_after)},
            {"untrusted_because", word(signature->untrusted_because)}};
}

std::string json_text(const std::string& path, const Integrity& integrity, const Diagnostics& diagnostics) {
    Json members = Json::array();
    for (const MemberCheck& member : integrity.members)
        members.push_back({{"name", member.name},
                           {"size", member.size},
                           {"algorithm", word(member.algorithm)},
                           {"state", to_string(member.state)}});
    const Json out{{"path", path},
                   {"holds", to_string(integrity.trust)},
                   {"manifest", word(integrity.manifest)},
                   {"algorithms", word(integrity.algorithms)},
                   {"signature", json_of(integrity.signature)},
                   {"members", std::move(members)},
                   {"diagnostics", Json::parse(render_json(diagnostics.all()))}};
    return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string holds(const Integrity& integrity, bool failed) {
    if (failed) return "it is not as it should be";
    switch (integrity.trust) {
        case Trust::nothing:
            return "nothing is known: there is no manifest";
        case Trust::digests:
            return "every file is as the manifest says; the manifest itself is not signed";
        case Trust::signature:
            return fmt::format("every file is as the manifest says, which is signed by a key that is not trusted: {}",
                               printable(integrity.signature->subject));
        case Trust::trusted_signature:
            break;
    }
    return fmt::format("every file is as the manifest says, which is signed by a trusted key: {}", printable(integrity.signature->subject));
}

std::string page(const std::string& path, const Integrity& integrity, bool failed) {
    Table table({"FILE", "BYTES", "DIGEST", "STATE"});
    for (const MemberCheck& member : integrity.members)
        table.add({printable(member.name), fmt::format("{}", member.size), member.algorithm, std::string(to_string(member.state))});
    return fmt::format("{}{}: {}\n", table.text("  "), printable(path, 4000), holds(integrity, failed));
}

void need_output(const Options& options, std::string_view command) {
    if (options.output.empty()) throw UsageError(fmt::format("`{}` needs -o", command));
}

}  // namespace

ProgressBar::Form progress_form(const Options& options) {
    if (options.progress == "json") return ProgressBar::Form::json;
    if (!options.progress.empty() && options.progress != "true")
        throw UsageError(fmt::format("--progress alone or --progress=json, not '{}'", options.progress));
    const bool shown = !options.progress.empty() || (!options.no_progress && !options.quiet && ::isatty(STDERR_FILENO) == 1);
    return shown ? ProgressBar::Form::bar : ProgressBar::Form::none;
}

Exit run_on_package(const Options& options, Console& console,
                    const std::function<void(PackOptions& package, Diagnostics& diagnostics)>& work) {
    Diagnostics diagnostics;
    try {
        PackOptions package = options.pack_options();
        const Interruptible interruptible;
        ProgressBar bar(progress_form(options));
        package.progress = &bar;
        work(package, diagnostics);
    } catch (const InputError& error) {
        show_all_but(error.diagnostic(), diagnostics, console);
        throw;
    }
    console.show(diagnostics);
    return diagnostics.has_errors() ? exit_of(diagnostics.failure()) : Exit::done;
}

Exit run_verify(const Options& options, Console& console) {
    const std::string& path = options.arguments[0];
    return run_on_package(options, console, [&](PackOptions& package, Diagnostics& diagnostics) {
        const Integrity integrity = verify_package(path, package, diagnostics);
        console.data(options.json ? json_text(path, integrity, diagnostics) : page(path, integrity, diagnostics.has_errors()));
    });
}

Exit run_pack(const Options& options, Console& console) {
    need_output(options, "pack");
    return run_on_package(options, console, [&](PackOptions& package, Diagnostics& diagnostics) {
        pack(options.arguments[0], options.output, package, diagnostics);
    });
}

Exit run_unpack(const Options& options, Console& console) {
    need_output(options, "unpack");
    return run_on_package(options, console, [&](PackOptions& package, Diagnostics& diagnostics) {
        unpack(options.arguments[0], options.output, package, diagnostics);
    });
}

Exit run_sign(const Options& options, Console& console) {
    need_output(options, "sign");
    if (options.key.empty() || options.certificate.empty()) throw UsageError("`sign` needs --key and --cert");
    return run_on_package(options, console, [&](PackOptions& package, Diagnostics& diagnostics) {
        SignOptions signing;
        static_cast<PackOptions&>(signing) = package;
        signing.key_file = options.key;
        signing.certificate_file = options.certificate;
        sign(options.arguments[0], options.output, signing, diagnostics);
    });
}

}  // namespace ovfkit::tool
