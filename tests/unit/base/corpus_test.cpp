#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <ovfkit/error.hpp>

#include "base/files.hpp"
#include "base/xml.hpp"
#include "catch.hpp"
#include "where.hpp"

// The same laws over real descriptors, where they are at hand.
using namespace ovfkit;
using namespace ovfkit::detail;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> descriptors() {
    const fs::path shared = shared_path();
    std::vector<std::string> out;
    std::error_code none;
    for (fs::recursive_directory_iterator it(shared / "corpus", none), end; it != end; it.increment(none))
        if (it->is_regular_file() && it->path().extension() == ".ovf") out.push_back(it->path().string());
    std::sort(out.begin(), out.end());
    if (out.empty()) WARN("SKIPPED: no corpus under " << shared.string() << "; set OVFKIT_SHARED");
    return out;
}

Element first_item(Element element) {
    for (Element child = element.first(); child; child = child.next()) {
        if (child.local() == "Item") return child;
        if (const Element found = first_item(child)) return found;
    }
    return {};
}

std::size_t count_elements(Element element) {
    std::size_t count = 1;
    for (Element child = element.first(); child; child = child.next()) count += count_elements(child);
    return count;
}

}  // namespace

TEST_CASE("Real descriptors come back to the byte, also after an insert is undone") {
    std::size_t read = 0;
    std::size_t inserted = 0;
    for (const std::string& path : descriptors()) {
        INFO(path);
        const std::string bytes = read_file(path, 16U << 20);
        Diagnostics diagnostics;
        std::unique_ptr<XmlDocument> document;
        try {
            document = XmlDocument::parse(path, bytes, diagnostics);
        } catch (const InputError&) {
            continue;  // the next test looks at these
        }
        ++read;
        CHECK(document->bytes() == bytes);
        const Element item = first_item(document->root());
        if (!item) continue;
        ++inserted;
        const std::size_t before = count_elements(document->root());
        document->insert_after(item, {item.ns(), "Item", {{Ns::ovf, "required", "false"}}, "", {{Ns::rasd, "ResourceType", {}, "1", {}}}});
        const auto again = document->reparsed(diagnostics);
        CHECK(count_elements(again->root()) == before + 2);
        const Element fresh = first_item(again->root()).next();
        CHECK(fresh.child(Ns::rasd, "ResourceType").text() == "1");
        CHECK(fresh.attribute(Ns::ovf, "required").value() == "false");
        // Only bytes in between are new.
        const std::string now = again->bytes();
        const auto [a, b] = std::mismatch(bytes.begin(), bytes.end(), now.begin(), now.end());
        const std::size_t tail = static_cast<std::size_t>(bytes.end() - a);
        CHECK(now.compare(now.size() - tail, tail, std::string(a, bytes.end())) == 0);
        again->erase(fresh);
        CHECK(again->bytes() == bytes);
    }
    if (read != 0) {
        CHECK(inserted * 10 > read * 9);
        std::printf("corpus: %zu descriptors identical, %zu with an Item inserted and taken out\n", read, inserted);
    }
}

TEST_CASE("On real descriptors xmllint has the same opinion") {
    if (std::system("xmllint --version >/dev/null 2>&1") != 0) {
        WARN("SKIPPED: xmllint is not installed");
        return;
    }
    std::size_t agreed = 0;
    for (const std::string& path : descriptors()) {
        INFO(path);
        std::string rule;
        Failure failure = Failure::none;
        Diagnostics diagnostics;
        try {
            XmlDocument::parse(path, read_file(path, 16U << 20), diagnostics);
        } catch (const InputError& error) {
            rule = error.diagnostic().rule;
            failure = error.diagnostic().failure;
        }
        INFO(rule);
        // Refused by choice: DOCTYPE. Read by choice: UTF-8 labelled UTF-16. (An undeclared prefix is no matter of
        // well-formedness to libxml2 either.)
        if (failure == Failure::refused) continue;
        const auto& found = diagnostics.all();
        if (std::any_of(found.begin(), found.end(), [](const Diagnostic& d) { return d.rule == "xml-encoding-label"; })) continue;
        const bool accepted = std::system(("xmllint --noout '" + path + "' >/dev/null 2>&1").c_str()) == 0;
        CHECK(accepted == rule.empty());
        ++agreed;
    }
    if (agreed != 0) std::printf("corpus: %zu verdicts compared with xmllint\n", agreed);
}
