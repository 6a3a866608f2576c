#include "disk/vmdk_descriptor.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "disk/report.hpp"

namespace ovfkit::detail::disk {

namespace {

bool word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

std::string_view unquoted(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    return text;
}

class Parser {
public:
    Parser(std::string_view name, const VmdkHeader& header, const InspectOptions& options)
        : name_(name), header_(header), options_(options) {}

    VmdkDescriptor run(std::string_view text) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            ++number_;
            line(trimmed(text.substr(at, end - at)));
            at = end + 1;
        }
        number_ = 0;
        if (out_.create_type.empty()) malformed("names no createType");
        const std::string_view wanted = header_.stream() ? "streamOptimized" : "monolithicSparse";
        if (!equal_nocase(out_.create_type, wanted))
            fail(name_, "disk-extent-refused", Failure::refused,
                 fmt::format("createType {} in the VMDK descriptor; its header is one of {}, and nothing but "
                             "streamOptimized and monolithicSparse is read",
                             out_.create_type, wanted));
        if (extents_ == 0) malformed("names no extent");
        // VirtualBox writes the guest's size here and, in the header, that size rounded up to a whole grain.
        if (!sectors_ || *sectors_ > header_.capacity || header_.capacity - *sectors_ >= header_.grain)
            malformed(
                fmt::format("has an extent of another size than the header's capacity, {} sectors", header_.capacity));
        parent();
        return out_;
    }

private:
    [[noreturn]] void malformed(std::string_view message) const {
        fail(name_, "disk-descriptor-malformed", Failure::malformed,
             fmt::format("the VMDK descriptor{} {}", number_ != 0 ? fmt::format(", line {},", number_) : "", message));
    }
    [[noreturn]] void extent_refused(std::string_view message) const {
        fail(name_, "disk-extent-refused", Failure::refused,
             fmt::format("the VMDK descriptor, line {}, {}; only an extent that is this file itself is read", number_,
                         message));
    }

    void line(std::string_view text) {
        if (text.empty() || text.front() == '#') return;
        std::size_t word = 0;
        while (word < text.size() && word_character(text[word])) ++word;
        const std::string_view key = text.substr(0, word);
        const std::string_view rest = trimmed(text.substr(word));
        if (!key.empty() && rest.starts_with('=')) return value(key, unquoted(rest.substr(1)));
        if (key == "RW" || key == "RDONLY" || key == "NOACCESS") return extent(key, rest);
        malformed("is neither a comment, KEY=VALUE nor an extent");
    }

    void value(std::string_view key, std::string_view text) {
        if (!keys_.insert(to_lower(key)).second) malformed(fmt::format("has {} twice (dup)", key));
        if (keys_.size() > 1024) malformed("has more than 1024 values");
        if (equal_nocase(key, "createType")) out_.create_type = text;
        if (equal_nocase(key, "CID")) out_.cid = content_id(text);
        if (equal_nocase(key, "parentCID")) out_.parent_cid = content_id(text);
        if (equal_nocase(key, "parentFileNameHint")) out_.parent_hint = true;
    }

    [[nodiscard]] std::uint32_t content_id(std::string_view text) const {
        std::uint32_t out = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
        if (text.empty() || error != std::errc{} || end != text.data() + text.size())
            malformed("has a content id that is no hexadecimal number of 32 bits");
        return out;
    }

    /// `SECTORS TYPE "FILE" [OFFSET]`
    void extent(std::string_view access, std::string_view rest) {
        if (++extents_ > 1) extent_refused("names a second extent");
        const auto next = [&] {
            std::size_t end = 0;
            while (end < rest.size() && !is_blank(rest[end])) ++end;
            const std::string_view out = rest.substr(0, end);
            rest = trimmed(rest.substr(end));
            return out;
        };
        sectors_ = to_number<std::uint64_t>(next());
        const std::string_view type = next();
        if (access == "NOACCESS") extent_refused("has an extent that may not be read");
        if (type != "SPARSE") extent_refused(fmt::format("has an extent of type {}", type));
        if (rest.size() < 2 || rest.front() != '"') malformed("has an extent without a file name");
        const std::size_t quote = rest.find('"', 1);
        if (quote == std::string_view::npos) malformed("has a file name that does not end");
        const std::string_view file = rest.substr(1, quote - 1);
        if (file.find_first_of("/\\") != std::string_view::npos || file == ".." || file == ".")
            extent_refused(fmt::format("has an extent in another folder: {}", file));
        const std::string_view offset = trimmed(rest.substr(quote + 1));
        if (!offset.empty() && offset != "0") extent_refused("has an extent with an offset");
    }

    void parent() {
        if (out_.parent_cid == 0xFFFFFFFF && !out_.parent_hint) return;
        if (!options_.child)
            fail(name_, "disk-reference-refused", Failure::refused,
                 "the VMDK is a delta: its descriptor names a parent disk (parentCID, parentFileNameHint); only a "
                 "package that holds the parent too (ovf:parentRef) can be read");
    }

    std::string_view name_;
    const VmdkHeader& header_;
    const InspectOptions& options_;
    VmdkDescriptor out_;
    std::set<std::string> keys_;
    std::optional<std::uint64_t> sectors_;  ///< of the extent
    std::size_t number_ = 0, extents_ = 0;
};

/// Nothing, or the last bytes of the text again: QEMU writes a shorter CID over a longer one and leaves them.
bool is_residue(std::string_view behind, std::string_view text) {
    constexpr std::size_t longest = 6;  // of eight digits one stays, and the NUL takes a byte
    const std::size_t first = behind.find_first_not_of('\0'), last = behind.find_last_not_of('\0');
    if (first == std::string_view::npos) return true;
    const std::string_view residue = behind.substr(first, last + 1 - first);
    return first == 1 && residue.size() <= longest && text.ends_with(residue);
}

}  // namespace

VmdkDescriptor read_vmdk_descriptor(std::string_view name, Bytes bytes, const VmdkHeader& header,
                                    const InspectOptions& options) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::size_t end = std::min(text.find('\0'), text.size());
    if (!is_residue(text.substr(end), text.substr(0, end)))
        fail(name, "disk-descriptor-malformed", Failure::malformed, "the VMDK descriptor goes on behind a NUL");
    text = text.substr(0, end);
    for (const char c : text)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F)
            fail(name, "disk-descriptor-malformed", Failure::malformed, "the VMDK descriptor holds control characters");
    return Parser(name, header, options).run(text);
}

std::string write_vmdk_descriptor(std::uint64_t capacity, std::string_view file, std::string_view adapter,
                                  std::uint32_t cid) {
    const bool ide = adapter == "ide";
    const std::uint64_t heads = ide ? 16 : 255;
    const std::uint64_t cylinders = std::min<std::uint64_t>(capacity / (heads * 63), ide ? 16383 : 65535);
    std::string clean;
    for (const char c : file)
        clean += static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '/' || c == '\\' || c == 0x7F ? '_' : c;
    return fmt::format(
        "# Disk DescriptorFile\nversion=1\nCID={:08x}\nparentCID=ffffffff\ncreateType=\"streamOptimized\"\n\n"
        "# Extent description\nRW {} SPARSE \"{}\"\n\n# The Disk Data Base\n#DDB\n\n"
        "ddb.virtualHWVersion = \"4\"\nddb.geometry.cylinders = \"{}\"\nddb.geometry.heads = \"{}\"\n"
        "ddb.geometry.sectors = \"63\"\nddb.adapterType = \"{}\"\n",
        cid, capacity, clean, cylinders, heads, adapter);
}

}  // namespace ovfkit::detail::disk
