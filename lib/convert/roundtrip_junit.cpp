#include <map>
#include <sstream>

#include <fmt/format.h>
#include <pugixml.hpp>

#include <ovfkit/roundtrip.hpp>

#include "base/checked.hpp"

// JUnit's XML as the CI servers read it: a suite a format, a case a file and way.
namespace ovfkit {

namespace {

/// pugixml writes what it is given; XML knows no control characters.
std::string plain(std::string_view text) { return printable(text, 4000); }

std::string rows_of(const RoundTrip& result, bool named) {
    RoundTrip part = result;
    std::erase_if(part.rows, [&](const RoundTripRow& row) { return row.is_named != named; });
    const std::string text = render_text(part, true);
    return text.substr(text.find('\n') + 1);
}

void add_case(pugi::xml_node suite, const RoundTrip& result) {
    pugi::xml_node test = suite.append_child("testcase");
    test.append_attribute("name") = plain(result.file + (result.with_origin ? " (with its origin)" : "")).c_str();
    test.append_attribute("classname") = fmt::format("ovfkit.roundtrip.{}.{}", result.format, result.through).c_str();
    test.append_attribute("time") = "0";
    pugi::xml_node outcome;
    switch (result.verdict) {
        case RoundTripVerdict::identical:
        case RoundTripVerdict::equal:
            return;
        case RoundTripVerdict::named:
            outcome = test.append_child("failure");
            outcome.append_attribute("type") = "difference";
            outcome.append_attribute("message") = fmt::format("{} differences, each named by the loss report", result.rows.size()).c_str();
            outcome.text() = rows_of(result, true).c_str();
            return;
        case RoundTripVerdict::refused:
            outcome = test.append_child("error");
            outcome.append_attribute("type") = "refused";
            outcome.append_attribute("message") = plain(result.reason).c_str();
            return;
        case RoundTripVerdict::unnamed:
            break;
    }
    outcome = test.append_child("failure");
    outcome.append_attribute("type") = "unnamed";
    outcome.append_attribute("message") = result.reason.empty() ? "differences that no loss report names" : plain(result.reason).c_str();
    outcome.text() = rows_of(result, false).c_str();
}

}  // namespace

std::string render_junit(const std::vector<RoundTrip>& results) {
    pugi::xml_document document;
    pugi::xml_node root = document.append_child("testsuites");
    struct Suite {
        pugi::xml_node node;
        std::size_t tests = 0, failures = 0, errors = 0;
    };
    std::map<std::string, Suite> suites;
    for (const RoundTrip& result : results) {
        Suite& suite = suites[result.through];
        if (!suite.node) suite.node = root.append_child("testsuite");
        ++suite.tests;
        if (result.verdict == RoundTripVerdict::named || result.verdict == RoundTripVerdict::unnamed) ++suite.failures;
        if (result.verdict == RoundTripVerdict::refused) ++suite.errors;
        add_case(suite.node, result);
    }
    for (auto& [through, suite] : suites) {
        suite.node.append_attribute("name") = fmt::format("round trip through {}", through).c_str();
        suite.node.append_attribute("tests") = static_cast<unsigned long long>(suite.tests);
        suite.node.append_attribute("failures") = static_cast<unsigned long long>(suite.failures);
        suite.node.append_attribute("errors") = static_cast<unsigned long long>(suite.errors);
    }
    std::ostringstream out;
    document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
    return out.str();
}

}  // namespace ovfkit
