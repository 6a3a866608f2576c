#pragma once

#include <nlohmann/json.hpp>

#include "fuzz.hpp"

/// A platform's text: read, translated to OVF and to itself, and read again.
namespace fuzz {

inline std::vector<Translation> translated(const Source& source, const std::string& to, Diagnostics& found) {
    WriteOptions options;
    options.lenient = true;
    try {
        return translate(source, to, options, found);
    } catch (const InputError& error) {
        found.add(error.diagnostic());
    } catch (const UsageError&) {  // several machines, or none of that name
    }
    return {};
}

inline void check_report(const LossReport& report) {
    for (const LossRow& row : report.rows) require(find_rule(row.rule) != nullptr, "a row has a rule", row.rule);
    require(nlohmann::json::accept(render_json(report)), "a report is JSON");
    require_escaped(render_text(report, true));
}

inline void platform_text(const std::string& form, std::string_view bytes) {
    Diagnostics found;
    ReadOptions read_options;
    read_options.from = form;
    read_options.unmapped = true;
    read_options.lenient = true;
    try {
        const Source source = Source::parse("in", std::string(bytes), read_options, found);
        for (const std::string& to : {std::string("dmtf"), form}) {
            for (const Translation& out : translated(source, to, found)) {
                check_report(out.report);
                Diagnostics again;
                ReadOptions back;
                back.from = to;
                back.lenient = true;
                require(!out.files.empty(), "a translation is a file");
                (void)Source::parse("out", out.files.front().bytes, back, again,
                                    out.files.size() > 1 ? out.files[1].bytes : std::string{});
            }
        }
    } catch (const InputError& error) {
        found.add(error.diagnostic());
    }
    show(found);
}

}  // namespace fuzz
