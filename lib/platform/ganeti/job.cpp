#include <algorithm>
#include <utility>

#include "base/xml.hpp"
#include "platform/ganeti/instance.hpp"

namespace ovfkit::detail::ganeti {

const Setting* find(const Settings& settings, std::string_view key) {
    for (const Setting& setting : settings)
        if (setting.key == key) return &setting;
    return nullptr;
}

void Notes::dropped(std::string field, std::string id, std::string rule, std::string detail) {
    out_.push_back({std::move(field), std::move(id), Fate::dropped, std::move(rule), std::move(detail)});
}

void Notes::approximated(std::string field, std::string id, std::string rule, std::string detail) {
    out_.push_back({std::move(field), std::move(id), Fate::approximated, std::move(rule), std::move(detail)});
}

void Notes::defaulted(std::string field, std::string id, std::string rule, std::string detail) {
    out_.push_back({std::move(field), std::move(id), Fate::defaulted, std::move(rule), std::move(detail)});
}

void Notes::refuse(std::string_view rule, std::string message) {
    report(diagnostics_, rule, Location{}, std::move(message), Failure::refused);
}

bool Job::has_param(std::string_view name) const {
    const Param* param = find_param(out.hypervisor.value, name);
    return param != nullptr && !param->global && options.version >= param->since;
}

bool Job::set(std::string_view name, std::string value) {
    if (!has_param(name)) return false;
    hv.insert_or_assign(std::string(name), std::move(value));
    return true;
}

void Job::suggest(std::string_view name, std::string value) {
    if (has_param(name)) weak.insert_or_assign(std::string(name), std::move(value));
}

const std::string* Job::parameter(std::string_view space, std::string_view key) const {
    for (const Parameter& parameter : system.parameters)
        if (parameter.space == space && parameter.key == key) return &parameter.value;
    return nullptr;
}

void Reading::report(std::string_view rule, std::uint64_t offset, std::string message, Failure failure) const {
    Diagnostic diagnostic;
    diagnostic.rule = rule;
    const Rule* row = find_rule(rule);
    diagnostic.severity = row == nullptr ? Severity::warning : row->severity;
    diagnostic.message = std::move(message);
    diagnostic.failure = failure;
    diagnostic.where.file = source;
    if (offset <= text.size()) {
        const std::string_view before = text.substr(0, offset);
        const std::size_t begin = before.rfind('\n') + 1;  // npos + 1 is 0
        std::size_t line = 1;
        for (const char c : before) line += c == '\n' ? 1 : 0;
        diagnostic.where.line = line;
        diagnostic.where.column = static_cast<std::size_t>(offset) - begin + 1;
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        diagnostic.source_line = text.substr(begin, end - begin);
        if (!diagnostic.source_line.empty() && diagnostic.source_line.back() == '\r') diagnostic.source_line.pop_back();
    }
    context.diagnostics.add(std::move(diagnostic));
}

}  // namespace ovfkit::detail::ganeti
