#include "platform/libvirt/origin.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/compress.hpp"
#include "base/sha256.hpp"
#include "platform/libvirt/reader.hpp"
#include "platform/libvirt/writer.hpp"

namespace ovfkit::detail::libvirt {

namespace {

// libvirt's own limit for a domain's text is 4 MiB; an element of ours stays under the reader's limit for a text.
constexpr std::size_t max_encoded = 3U << 20;
constexpr std::size_t chunk = 500 * 1024;
constexpr std::size_t line = 100;
constexpr std::size_t max_options = 64;

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

std::set<std::string> split(std::string_view text) {
    std::set<std::string> out;
    while (!text.empty()) {
        const std::size_t end = text.find(' ');
        if (end != 0) out.emplace(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return out;
}

bool is_recorded(std::string_view key) { return key.starts_with("libvirt.") || key.starts_with("convert."); }

std::string wrapped(std::string_view text) {
    std::string out = "\n";
    for (std::size_t at = 0; at < text.size(); at += line) {
        out += text.substr(at, line);
        out += '\n';
    }
    return out;
}

/// The descriptor; empty with a reason when it is damaged.
std::string unpacked(Element origin, std::string_view sha256, std::size_t limit, std::string& reason) {
    std::string encoded;
    for (Element part = origin.first(); part; part = part.next())
        if (part.is(Ns::origin, "descriptor")) encoded += part.take();
    const auto packed = base64_decode(encoded);
    if (!packed) {
        reason = "it is no base64";
        return {};
    }
    auto bytes = zlib_decompress(*packed, limit);
    if (!bytes) {
        reason = fmt::format("it does not unpack, or to more than {} bytes (--max-descriptor)", limit);
        return {};
    }
    if (sha256_hex(*bytes) != sha256) {
        reason = "its SHA-256 differs";
        return {};
    }
    return std::move(*bytes);
}

}  // namespace

bool has_origin(const WriteContext& context) { return !context.origin.empty(); }

void write_origin(Writer& w) {
    const std::string_view bytes = w.context.origin;
    const std::string encoded = base64_encode(zlib_compress(bytes));
    if (encoded.size() > max_encoded) {
        w.warn("libvirt-origin-large",
               fmt::format("the descriptor is not carried along: {} bytes of text are more than libvirt takes",
                           encoded.size()));
        return;
    }
    XmlWriter::Attributes attributes{{"xmlns:ovfkit", std::string(uri_of(Ns::origin))}};
    if (!w.context.origin_name.empty()) attributes.emplace_back("file", std::string(w.context.origin_name));
    attributes.emplace_back("sha256", sha256_hex(bytes));
    attributes.emplace_back("system", w.system.id);
    if (!w.assigned.empty()) {
        attributes.emplace_back("assigned", joined(w.assigned));
        attributes.emplace_back("nics", std::to_string(w.hardware().nics.size()));
    }
    if (!w.addressed.empty()) attributes.emplace_back("addressed", joined(w.addressed));
    w.xml.open("ovfkit:origin", attributes);
    for (const auto& [key, value] : w.context.options.options)
        if (is_recorded(key)) w.xml.empty("ovfkit:option", {{"key", key}, {"value", value}});
    for (std::size_t at = 0; at < encoded.size(); at += chunk)
        w.xml.leaf("ovfkit:descriptor", wrapped(std::string_view(encoded).substr(at, chunk)));
    w.xml.close();
    w.written.origin_carried = true;
}

Hints read_origin(Element domain, ReadContext& context, Carried& carried) {
    Hints hints;
    const Element origin = domain.child(Ns::none, "metadata").child(Ns::origin, "origin");
    if (!origin) return hints;
    const auto text = [&](std::string_view name) { return std::string(origin.attribute(Ns::none, name).take()); };
    text("file");  // for people
    const std::string sha256 = text("sha256"), system = text("system");
    hints.assigned = split(text("assigned"));
    hints.addressed = split(text("addressed"));
    hints.nics = to_number<std::uint32_t>(text("nics")).value_or(0);
    LeafOptions options;
    for (Element option = origin.first(); option; option = option.next()) {
        if (!option.is(Ns::origin, "option") || options.size() >= max_options) continue;
        const std::string key(option.attribute(Ns::none, "key").take());
        const std::string value(option.attribute(Ns::none, "value").take());
        if (is_recorded(key)) options.emplace(key, value);
    }
    std::string reason;
    std::string bytes =
        unpacked(origin, sha256, static_cast<std::size_t>(context.options.limits.descriptor_bytes), reason);
    if (bytes.empty()) {
        if (reason.empty()) reason = "it is empty";
        report(context.diagnostics, "libvirt-origin-damaged", origin,
               fmt::format("the descriptor carried in <metadata> is not used: {}", reason));
        return hints;
    }
    carried.bytes = std::move(bytes);
    carried.sha256 = sha256;
    carried.system_id = system;
    carried.options = std::move(options);
    return hints;
}

}  // namespace ovfkit::detail::libvirt
