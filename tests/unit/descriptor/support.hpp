#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/convert.hpp>

#include "base/xml.hpp"
#include "model/leaf.hpp"
#include "where.hpp"

/// What the tests of the descriptor and of the dialects on it share.
namespace ovfkit::test {

/// A descriptor read by a dialect.
struct Loaded {
    Diagnostics diagnostics;
    std::unique_ptr<detail::XmlDocument> document;
    Envelope envelope;

    [[nodiscard]] bool has(std::string_view rule) const {
        for (const Diagnostic& diagnostic : diagnostics.all())
            if (diagnostic.rule == rule) return true;
        return false;
    }
    [[nodiscard]] std::string message(std::string_view rule) const {
        for (const Diagnostic& diagnostic : diagnostics.all())
            if (diagnostic.rule == rule) return diagnostic.message;
        return {};
    }
    [[nodiscard]] std::string rules() const {
        std::string out;
        for (const Diagnostic& diagnostic : diagnostics.all()) out += diagnostic.rule + " ";
        return out;
    }
    [[nodiscard]] const Hardware& hardware() const { return envelope.systems.at(0).hardware; }
};

inline Loaded load(const detail::Dialect& dialect, std::string text, const ReadOptions& options = {},
                   bool trace = false) {
    Loaded out;
    out.document = detail::XmlDocument::parse("test.ovf", std::move(text), out.diagnostics, options.limits);
    if (trace) out.document->trace(true);
    detail::ReadContext context{out.diagnostics, options};
    out.envelope = dialect.read(*out.document, context);
    return out;
}

/// What became of a descriptor after update().
struct Changed {
    std::string bytes;
    bool edited = false;
    std::vector<detail::LossNote> notes;
    Loaded again;
};

inline Changed change(const detail::Dialect& dialect, const std::string& text, const Envelope& wanted,
                      const WriteOptions& options = {}, const ReadOptions& read_options = {}) {
    Loaded loaded = load(dialect, text, read_options);
    Changed out;
    Diagnostics diagnostics;
    detail::WriteContext context{diagnostics, options, {}, {}};
    dialect.update(*loaded.document, loaded.envelope, wanted, context, out.notes);
    out.edited = loaded.document->edited();
    out.bytes = loaded.document->bytes();
    out.again = load(dialect, out.bytes, read_options);
    return out;
}

/// A new descriptor of the dialect.
inline Changed create(const detail::Dialect& dialect, const Envelope& wanted, const WriteOptions& options = {}) {
    Diagnostics diagnostics;
    detail::WriteContext context{diagnostics, options, {}, {}};
    return change(dialect, dialect.skeleton(wanted, context), wanted, options);
}

inline std::string shared_folder() { return shared_path().string(); }

inline std::string file_bytes(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

/// Every .ovf below a folder; empty when there is no such folder.
inline std::vector<std::filesystem::path> descriptors_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> out;
    std::error_code none;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, none))
        if (entry.path().extension() == ".ovf") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace ovfkit::test
