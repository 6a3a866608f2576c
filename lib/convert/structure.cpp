#include "convert/structure.hpp"

#include <algorithm>

#include "convert/detect.hpp"
#include "convert/read.hpp"
#include "descriptor/collection.hpp"
#include "descriptor/system.hpp"

namespace ovfkit::detail {

namespace {

bool is_among(std::string_view values, std::string_view word) {
    while (!values.empty()) {
        const std::size_t bar = std::min(values.find('|'), values.size());
        if (values.substr(0, bar) == word) return true;
        values.remove_prefix(std::min(bar + 1, values.size()));
    }
    return false;
}

/// The options of the run, and the version of the document, where its dialect writes several.
WriteOptions options_for(const Dialect& dialect, const XmlDocument& document, const Envelope& have,
                         WriteOptions options) {
    for (const OptionSpec& spec : dialect.options) {
        if (spec.key != "version") continue;
        const int major = major_version(document);
        const std::string fallback = major == 0 ? "0.9" : major == 2 ? "2.0" : "1.1";
        for (const std::string& version : {have.ovf_version, fallback})
            if (is_among(spec.values, version)) {
                options.options[std::string(dialect.id) + ".version"] = version;
                break;
            }
    }
    return options;
}

/// A descriptor of one VM, with everything of the envelope that a VM may name.
std::unique_ptr<XmlDocument> descriptor_of(const Dialect& dialect, const VirtualSystem& system, const Envelope& wanted,
                                           const WriteOptions& options, const ReadOptions& read_options) {
    Envelope alone = wanted;
    alone.systems.assign(1, system);
    alone.products.clear();
    alone.startup.clear();
    alone.allocations.clear();
    alone.is_collection = false;
    alone.unmapped.clear();
    Diagnostics quiet;
    // It has no configurations and properties to choose from yet.
    ReadOptions plain = read_options;
    plain.configuration.clear();
    plain.properties.clear();
    WriteContext context{quiet, options, {}, {}};
    auto document = XmlDocument::parse("(new)", dialect.skeleton(alone, context), quiet, read_options.limits);
    std::vector<LossNote> notes;
    const Envelope have = read_with(dialect, *document, quiet, plain);
    dialect.update(*document, have, alone, context, notes);
    return document->edited() ? document->reparsed(quiet) : std::move(document);
}

}  // namespace

std::unique_ptr<XmlDocument> with_structure(const XmlDocument& document, const Dialect& dialect, const Envelope& have,
                                            const Envelope& wanted, const WriteOptions& options,
                                            const ReadOptions& read_options) {
    if (!needs_structure(have, wanted)) return nullptr;
    // One that is never made new is the standard with little differences.
    const Dialect* maker = dialect.skeleton != nullptr ? &dialect : find_dialect("dmtf");
    if (maker == nullptr) return nullptr;
    const WriteOptions fitting = options_for(*maker, document, have, options);
    const auto match = matched_systems(have.systems, wanted.systems);
    std::vector<std::unique_ptr<XmlDocument>> made(wanted.systems.size());
    std::vector<Element> elements(wanted.systems.size());
    std::size_t added = 0;
    for (std::size_t i = 0; i < wanted.systems.size(); ++i) {
        if (match[i] != have.systems.size()) continue;
        made[i] = descriptor_of(*maker, wanted.systems[i], wanted, fitting, read_options);
        const EnvelopeParts parts = envelope_parts(*made[i]);
        if (parts.systems.size() != 1) return nullptr;
        elements[i] = parts.systems.front();
        ++added;
    }
    Diagnostics quiet;
    auto copy = XmlDocument::parse(document.name(), document.bytes(), quiet, document.limits());
    add_structure(*copy, have, wanted, elements);
    if (!copy->edited()) return nullptr;
    copy = copy->reparsed(quiet);
    const Envelope now = read_with(dialect, *copy, quiet, read_options);
    return now.systems.size() == have.systems.size() + added ? std::move(copy) : nullptr;
}

}  // namespace ovfkit::detail
