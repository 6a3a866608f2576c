#include "platform/libvirt/writer.hpp"

#include <fmt/format.h>

#include "platform/libvirt/words.hpp"

namespace ovfkit::detail::libvirt {

Writer::Writer(const Envelope& e, const VirtualSystem& s, WriteContext& c)
    : envelope(e), system(s), context(c), settings(settings_of(c)), from_platform(e.dialect == "libvirt") {}

void Writer::note(std::string field, std::string device, Fate fate, std::string_view rule, std::string detail) {
    written.notes.push_back({std::move(field), std::move(device), fate, std::string(rule), std::move(detail)});
}

void Writer::refuse(std::string_view rule, std::string message) {
    report(context.diagnostics, rule, Location{std::string(context.origin_name), 0, 0}, std::move(message),
           Failure::refused);
}

void Writer::warn(std::string_view rule, std::string message) {
    report(context.diagnostics, rule, Location{std::string(context.origin_name), 0, 0}, std::move(message));
}

void Writer::id(const std::string& mine, std::string theirs) {
    if (!mine.empty()) written.ids.emplace_back(mine, std::move(theirs));
}

std::optional<std::string> Writer::user_alias(const DeviceInfo& info, std::string_view list) {
    if (info.alias.empty()) return std::nullopt;
    if (info.alias.starts_with("ua-") && only_word_characters(info.alias, "_-") && aliases.insert(info.alias).second)
        return info.alias;
    const bool is_list = list.ends_with("[]");
    note(fmt::format("{}.info.alias", list), is_list ? info.id : std::string{}, Fate::dropped, "libvirt-alias-own",
         fmt::format("alias '{}': libvirt keeps only unique ones that start with ua-", info.alias));
    return std::nullopt;
}

void Writer::alias(const DeviceInfo& info, std::string_view list) {
    if (const auto name = user_alias(info, list)) xml.empty("alias", {{"name", *name}});
}

void Writer::element(std::string_view name, const XmlWriter::Attributes& attributes, const Children& children) {
    if (children.empty()) return xml.empty(name, attributes);
    xml.open(name, attributes);
    for (const auto& [child, values] : children) xml.empty(child, values);
    xml.close();
}

std::string Writer::image_path(std::string_view name) const { return settings.images + "/" + std::string(name); }

}  // namespace ovfkit::detail::libvirt
