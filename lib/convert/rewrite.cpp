#include "convert/rewrite.hpp"

#include <algorithm>
#include <filesystem>

#include <ovfkit/error.hpp>

#include "convert/read.hpp"
#include "convert/structure.hpp"

namespace ovfkit::detail {

namespace {

/// Edits `document` in place and reads it again.
std::vector<LossRow> apply(std::unique_ptr<XmlDocument>& document, const Dialect& dialect, const Envelope& wanted, const Places& places,
                           const std::vector<Unmapped>& unmapped, const WriteOptions& options, const ReadOptions& read_options,
                           Diagnostics& diagnostics) {
    Diagnostics quiet;
    ReadOptions plain = read_options;
    plain.unmapped = false;
    plain.lenient = true;
    plain.from = dialect.id;
    Envelope have = read_with(dialect, *document, quiet, plain);
    if (auto grown = with_structure(*document, dialect, have, wanted, options, plain)) {
        document = std::move(grown);
        have = read_with(dialect, *document, quiet, plain);
    }
    std::vector<LossNote> notes;
    WriteContext context{diagnostics, options, {}, {}};
    dialect.update(*document, have, wanted, context, notes);
    if (document->edited()) document = document->reparsed(quiet);
    return account_dialect(wanted, read_with(dialect, *document, quiet, plain), places, notes, unmapped);
}

}  // namespace

Rewritten rewrite(const Document& document, const Dialect& dialect, const Envelope& wanted, const Places& places, const WriteOptions& options,
                  const ReadOptions& read_options, Diagnostics& diagnostics) {
    Diagnostics quiet;
    auto copy = XmlDocument::parse(document.name(), document.bytes(), quiet, document.xml().limits());
    Rewritten out;
    out.rows = apply(copy, dialect, wanted, places, wanted.unmapped, options, read_options, diagnostics);
    out.bytes = copy->bytes();
    return out;
}

Rewritten create(const Dialect& dialect, const Envelope& wanted, const Places& places, const WriteOptions& options,
                 const ReadOptions& read_options, Diagnostics& diagnostics) {
    Diagnostics quiet;
    WriteContext context{diagnostics, options, {}, {}};
    auto document = XmlDocument::parse("(new)", dialect.skeleton(wanted, context), quiet, read_options.limits);
    Rewritten out;
    out.rows = apply(document, dialect, wanted, places, wanted.unmapped, options, read_options, diagnostics);
    out.bytes = document->bytes();
    return out;
}

bool has_options_of(const LeafOptions& options, std::string_view leaf) {
    return std::any_of(options.begin(), options.end(), [&](const auto& option) {
        return option.first.size() > leaf.size() && option.first.starts_with(leaf) && option.first[leaf.size()] == '.';
    });
}

std::string plain_name(const Envelope& envelope, std::string_view source_name) {
    std::string name = envelope.systems.size() == 1 ? envelope.systems.front().name : std::string{};
    if (name.empty()) name = std::filesystem::path(source_name).stem().string();
    for (char& c : name)
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-')) c = '-';
    while (!name.empty() && (name.front() == '.' || name.front() == '-')) name.erase(0, 1);
    return name.empty() ? "vm" : name.substr(0, 200);
}

}  // namespace ovfkit::detail

namespace ovfkit {

LossReport update(Document& document, const Envelope& wanted, Diagnostics& diagnostics, const ReadOptions& options) {
    const detail::Dialect& dialect = detail::dialect_of(document.xml(), options);
    Diagnostics quiet;
    ReadOptions plain = options;
    plain.lenient = true;
    Envelope have = detail::read_with(dialect, document.xml(), quiet, plain);
    LossReport report;
    report.source = document.name();
    report.target = dialect.id;
    const detail::Places places(document.xml());
    std::vector<detail::LossNote> notes;
    WriteOptions write_options;
    write_options.options = options.options;
    detail::WriteContext context{diagnostics, write_options, {}, {}};
    auto changed = detail::with_structure(document.xml(), dialect, have, wanted, write_options, plain);
    if (changed) have = detail::read_with(dialect, *changed, quiet, plain);
    detail::XmlDocument& target = changed ? *changed : document.xml();
    dialect.update(target, have, wanted, context, notes);
    if (target.edited()) changed = target.reparsed(quiet);
    const Envelope written = changed ? detail::read_with(dialect, *changed, quiet, plain) : have;
    report.rows = detail::account_dialect(wanted, written, places, notes, {});
    if (changed) document = Document(std::move(changed));
    return report;
}

}  // namespace ovfkit
