#include <ovfkit/error.hpp>

#include "base/json_source.hpp"
#include "catch.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;

namespace {

Diagnostic failure_of(const std::string& text, std::size_t bytes = 1000) {
    try {
        (void)parse_json("x.json", text, bytes, 4);
    } catch (const InputError& error) {
        return error.diagnostic();
    }
    FAIL("was read: " << text);
    return {};
}

}  // namespace

TEST_CASE("JSON values are found again by line and column") {
    const std::string text = "{\n  \"a\": [1, {\"b\": 2},\n    3],\n  \"c/d\": true\n}\n";
    const JsonSource source = parse_json("x.json", text, 1000);
    CHECK(source.root["a"][1]["b"] == 2);
    CHECK(location_in("x.json", text, source.offset_of("/a")).line == 2);
    CHECK(location_in("x.json", text, source.offset_of("/a")).column == 3);
    CHECK(location_in("x.json", text, source.offset_of("/a/1/b")).line == 2);
    CHECK(location_in("x.json", text, source.offset_of("/a/2")).line == 3);
    CHECK(location_in("x.json", text, source.offset_of("/c~1d")).line == 4);
    CHECK(source.offset_of("/nothing") == 0);
    CHECK(line_in(text, source.offset_of("/c~1d")) == "  \"c/d\": true");
}

TEST_CASE("JSON that is not well-formed, too deep, too large, or says things twice") {
    CHECK(failure_of("{\"a\": 1,}").rule == "json-malformed");
    CHECK(failure_of("").rule == "json-malformed");
    CHECK(failure_of("{\"a\": \"\x01\"}").rule == "json-malformed");
    CHECK(failure_of("\"\xff\"").rule == "json-malformed");
    CHECK(failure_of("{\n\"a\": 1,\n\"a\": 2}").rule == "json-key-duplicate");
    CHECK(failure_of("{\n\"a\": 1,\n\"a\": 2}").where.line == 3);
    CHECK(failure_of("[[[[[1]]]]]").rule == "json-depth-exceeded");
    CHECK(failure_of("[[[[[1]]]]]").failure == Failure::refused);
    CHECK(failure_of(std::string(2000, ' ')).rule == "input-too-large");
    CHECK(failure_of(std::string(900, '[')).rule == "json-depth-exceeded");
    CHECK(failure_of("{\"a\" 1}").where.line == 1);
}
