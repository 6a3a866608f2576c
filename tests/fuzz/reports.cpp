// Everything that is shown of an input: findings, loss reports, differences. Two inputs, apart at the first NUL.
#include "platform.hpp"

using namespace fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    const std::size_t cut = bytes.find('\0');
    std::vector<Source> sources;
    for (const std::string_view part : {bytes.substr(0, cut), cut == std::string_view::npos ? bytes : bytes.substr(cut + 1)}) {
        Diagnostics found;
        ReadOptions options;
        options.unmapped = true;
        options.lenient = true;
        try {
            sources.push_back(Source::parse("a\x1b[31m\xe2\x80\xae" "b", std::string(part), options, found));
            for (const std::string to : {"dmtf", "libvirt"})
                for (const Translation& out : translated(sources.back(), to, found)) check_report(out.report);
        } catch (const InputError& error) {
            found.add(error.diagnostic());
        } catch (const UsageError&) {
        }
        show(found);
        require(nlohmann::json::accept(render_json(found.all())), "findings are JSON");
    }
    if (sources.size() < 2) return 0;
    const Diff apart = diff(sources[0], sources[1]);
    require(nlohmann::json::accept(render_json(apart)), "differences are JSON");
    require_escaped(render_text(apart, true));
    require(cut != std::string_view::npos || apart.equal(), "what is the same does not differ", render_text(apart, true));
    const Diff together = diff(sources[1], sources[0]);
    require(together.equal() == apart.equal(), "a difference is one from both sides", render_text(apart, true) + render_text(together, true));
    return 0;
}
