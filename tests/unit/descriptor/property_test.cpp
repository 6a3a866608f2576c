#include "catch.hpp"

#include "descriptor/property_check.hpp"
#include "descriptor/property_values.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;

namespace {

Property property(std::string type, std::string qualifiers = {}) {
    Property out;
    out.key = "p";
    out.type = std::move(type);
    out.qualifiers = std::move(qualifiers);
    return out;
}

bool takes(const Property& property, std::string_view value) { return value_problem(property, value).empty(); }

}  // namespace

TEST_CASE("a value must be of its type") {
    CHECK(takes(property("uint8"), "255"));
    for (const char* value : {"256", "-1", "1.0", "0x10", " 1", "1 ", "one", "18446744073709551616"})
        CHECK_FALSE(takes(property("uint8"), value));
    CHECK(takes(property("sint8"), "-128"));
    CHECK_FALSE(takes(property("sint8"), "-129"));
    CHECK(takes(property("sint8"), "127"));
    CHECK_FALSE(takes(property("sint8"), "128"));
    CHECK(takes(property("uint16"), "65535"));
    CHECK_FALSE(takes(property("uint16"), "65536"));
    CHECK(takes(property("sint16"), "-32768"));
    CHECK(takes(property("uint32"), "4294967295"));
    CHECK_FALSE(takes(property("uint32"), "4294967296"));
    CHECK(takes(property("sint32"), "-2147483648"));
    CHECK_FALSE(takes(property("sint32"), "2147483648"));
    CHECK(takes(property("uint64"), "18446744073709551615"));
    CHECK(takes(property("sint64"), "-9223372036854775808"));
    CHECK_FALSE(takes(property("sint64"), "9223372036854775808"));
    CHECK_FALSE(takes(property("sint64"), "--1"));
    CHECK(takes(property("boolean"), "True"));
    CHECK(takes(property("boolean"), "false"));
    CHECK_FALSE(takes(property("boolean"), "yes"));
    CHECK(takes(property("real32"), "-1.5e3"));
    for (const char* value : {"nan", "inf", "1,5", "+1"}) CHECK_FALSE(takes(property("real64"), value));
    CHECK(takes(property("string"), "anything"));
    CHECK(takes(property("ip:lan"), "anything"));
    CHECK(takes(property("int"), "-5"));
    CHECK_FALSE(takes(property("int"), "five"));
}

TEST_CASE("a value must keep to its qualifiers") {
    CHECK(takes(property("string", "MinLen(2), MaxLen(4)"), "abcd"));
    CHECK_FALSE(takes(property("string", "MinLen(2), MaxLen(4)"), "a"));
    CHECK_FALSE(takes(property("string", "MinLen(2) MaxLen(4)"), "abcde"));
    CHECK(takes(property("string", "MaxLen(2)"), "\xC3\xA4\xC3\xB6"));  // two characters in four bytes
    CHECK(takes(property("string", "ValueMap{\"a, b\", \"c\"}"), "a, b"));
    CHECK_FALSE(takes(property("string", "ValueMap{\"a, b\", \"c\"}"), "a"));
    CHECK(takes(property("string", "ValueMap{\"say \\\"hi\\\"\"}"), "say \"hi\""));
    CHECK(takes(property("uint8", "ValueMap{1,2}"), "2"));
    CHECK_FALSE(takes(property("uint8", "ValueMap{1,2}"), "3"));
    CHECK_FALSE(takes(property("uint8", "ValueMap{}"), "3"));
    CHECK(takes(property("sint16", "MinValue(-5) MaxValue(5)"), "-5"));
    CHECK_FALSE(takes(property("sint16", "MinValue(-5) MaxValue(5)"), "-6"));
    CHECK_FALSE(takes(property("real32", "MaxValue(1.5)"), "1.6"));
    CHECK(takes(property("string", "Ip(\"lan\") MaxLen(3)"), "abc"));
    CHECK_FALSE(takes(property("string", "Ip(\"(lan\") MaxLen(3)"), "abcd"));
    CHECK(needs_value(property("string", "MinLen(1)")));
    CHECK_FALSE(needs_value(property("string", "MinLen(0)")));
    // An empty value is for the user to give; a reference is checked when it is resolved.
    CHECK(takes(property("uint8"), ""));
    CHECK(takes(property("uint8"), "${other}"));
}

TEST_CASE("a password is in no message") {
    Property secret = property("string", "MaxLen(3)");
    CHECK(value_problem(secret, "hunter2").find("hunter2") != std::string::npos);
    secret.password = true;
    CHECK(value_problem(secret, "hunter2") == "the value is longer than 3 characters");
}

TEST_CASE("values by configuration, by run, by full key and through references") {
    Product product;
    product.class_name = "com.example";
    product.instance = "1";
    product.properties.push_back(property("string"));
    product.properties[0].value = "general";
    product.properties[0].configuration_values = {{{}, "large huge", "big"}};
    product.properties.push_back(property("string"));
    product.properties[1].key = "q";
    product.properties[1].value = "<${com.example.p.1}> ${p}$ ${";
    CHECK(full_key(product, product.properties[0]) == "com.example.p.1");
    CHECK(value_in(product.properties[0], "small") == "general");
    CHECK(value_in(product.properties[0], "huge") == "big");

    const auto values = [&](std::string_view configuration, const PropertyOverrides& overrides) {
        PropertyValues out(configuration, overrides);
        out.add(product);
        return out;
    };
    CHECK(values("", {}).resolve("q").text == "<general> general$ ${");
    CHECK(values("large", {}).resolve("q").text == "<big> big$ ${");
    CHECK(values("large", {{"p", "x"}}).resolve("q").text == "<x> x$ ${");
    CHECK(values("large", {{"p", "x"}, {"com.example.p.1", "y"}}).resolve("p").text == "y");
    CHECK(values("", {}).resolve("r").key == "r");
    CHECK_FALSE(values("", {}).resolve("r").problem.empty());
    CHECK(values("", {{"r", "given"}}).resolve("r").text == "given");
    CHECK(values("", {}).expand("plain").text == "plain");
}

TEST_CASE("references in circles and those that grow are stopped") {
    Product product;
    for (const char* key : {"a", "b"}) {
        product.properties.push_back(property("string"));
        product.properties.back().key = key;
    }
    product.properties[0].value = "${b}";
    product.properties[1].value = "${a}";
    PropertyValues circle;
    circle.add(product);
    CHECK(circle.resolve("a").problem.find("itself") != std::string::npos);

    Product large;
    for (int i = 0; i < 15; ++i) {
        large.properties.push_back(property("string"));
        large.properties.back().key = std::to_string(i);
        for (int n = 0; n < 16; ++n) large.properties.back().value += "${" + std::to_string(i + 1) + "}";
    }
    large.properties.push_back(property("string"));
    large.properties.back().key = "15";
    large.properties.back().value.assign(1000, 'x');
    PropertyValues growing;
    growing.add(large);
    const Expanded expanded = growing.resolve("0");
    CHECK(expanded.problem.find("1 MiB") != std::string::npos);
    CHECK(expanded.text.size() < (1U << 20) + 4096);

    large.properties.back().value.clear();
    PropertyValues empty;
    empty.add(large);
    CHECK(empty.resolve("0").problem.find("10000 references") != std::string::npos);
}

TEST_CASE("a capacity is a reference only as a whole") {
    CHECK(property_of(" ${ size } ") == "size");
    for (const char* text : {"", "8", "${}", "${a", "a}", "8${a}", "${a}${b}"}) CHECK(property_of(text).empty());
}
