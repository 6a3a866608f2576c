#include <string>
#include <utility>
#include <vector>

#include "base/checked.hpp"
#include "base/units.hpp"
#include "catch.hpp"

using namespace ovfkit::detail;

namespace {

constexpr std::uint64_t kib = 1024, mib = kib * 1024, gib = mib * 1024, tib = gib * 1024;

struct Row {
    std::string text;
    UnitBase base;
    std::uint64_t factor;
    bool legacy;
};

}  // namespace

TEST_CASE("Units in all the forms that real files have") {
    const std::vector<Row> rows{
        // DSP0004 programmatic units
        {"byte", UnitBase::byte, 1, false},
        {"byte * 2^20", UnitBase::byte, mib, false},
        {"byte*2^20", UnitBase::byte, mib, false},
        {"byte * 2^30", UnitBase::byte, gib, false},
        {"byte * 2 ^ 30", UnitBase::byte, gib, false},
        {" byte  *  2^10 ", UnitBase::byte, kib, false},
        {"Byte * 2^20", UnitBase::byte, mib, false},
        {"byte*1024*1024", UnitBase::byte, mib, false},
        {"byte * 1024", UnitBase::byte, kib, false},
        {"byte * 10^6", UnitBase::byte, 1000000, false},
        {"2^20 * byte", UnitBase::byte, mib, false},
        {"byte * 2^0", UnitBase::byte, 1, false},
        {"byte * 2^63", UnitBase::byte, 1ULL << 63, false},
        {"kilobyte", UnitBase::byte, 1000, false},
        {"megabyte", UnitBase::byte, 1000000, false},
        {"kibibyte", UnitBase::byte, kib, false},
        {"mebibyte", UnitBase::byte, mib, false},
        {"gibibyte * 4", UnitBase::byte, 4 * gib, false},
        {"exbibyte", UnitBase::byte, 1ULL << 60, false},
        {"bit", UnitBase::bit, 1, false},
        {"kilobit", UnitBase::bit, 1000, false},
        {"hertz", UnitBase::hertz, 1, false},
        {"hertz * 10^6", UnitBase::hertz, 1000000, false},
        {"hertz * 10^9", UnitBase::hertz, 1000000000, false},
        {"Hertz*10^9", UnitBase::hertz, 1000000000, false},
        {"MegaHertz", UnitBase::hertz, 1000000, false},
        {"count", UnitBase::count, 1, false},
        {"percent", UnitBase::percent, 1, false},
        // older words, binary for bytes
        {"MegaBytes", UnitBase::byte, mib, true},
        {"megabytes", UnitBase::byte, mib, true},
        {"MB", UnitBase::byte, mib, true},
        {"KB", UnitBase::byte, kib, true},
        {"kb", UnitBase::byte, kib, true},
        {"KiloBytes", UnitBase::byte, kib, true},
        {"GigaBytes", UnitBase::byte, gib, true},
        {"GB", UnitBase::byte, gib, true},
        {"TB", UnitBase::byte, tib, true},
        {"TeraBytes", UnitBase::byte, tib, true},
        {"MiB", UnitBase::byte, mib, true},
        {"bytes", UnitBase::byte, 1, true},
        {"b", UnitBase::byte, 1, true},
        {"MHz", UnitBase::hertz, 1000000, true},
        {"GHz", UnitBase::hertz, 1000000000, true},
        {"MB * 4", UnitBase::byte, 4 * mib, true},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const auto unit = parse_unit(row.text);
        REQUIRE(unit);
        CHECK(unit->base == row.base);
        CHECK(unit->factor == row.factor);
        CHECK(unit->legacy == row.legacy);
    }
}

TEST_CASE("What is no unit is none") {
    for (const std::string text :
         {"", " ", "2^20", "1024", "Processor Cores", "Disk", "byte byte", "byte * byte", "byte 2^20", "byte ** 2", "byte * ", "* byte", "byte^2",
          "byte * 2^", "byte * ^20", "byte * -2^20", "byte * 2^-20", "byte / 2", "byte * 2.5", "byte * 0", "byte * 0^3", "by te", "kilo byte",
          "kilobytess", "kilomegabyte", "byte * 2^64", "byte * 10^20", "byte * 99999999999999999999", "byte * 2^9999999999", "exabyte * 100",
          "byte * 2^32 * 2^32", "byte * 2^20;", "byte\xC2\xA0* 2^20"}) {
        INFO(text);
        CHECK_FALSE(parse_unit(text));
    }
    CHECK_FALSE(parse_unit(std::string_view("byte\0", 5)));
    CHECK(parse_unit("byte" + std::string(60, ' ')));
    CHECK_FALSE(parse_unit("byte" + std::string(61, ' ')));  // no real unit is that long
}

TEST_CASE("Quantities are scaled without overflow") {
    CHECK(scaled(4, *parse_unit("byte * 2^30")) == 4 * gib);
    CHECK(scaled(0, *parse_unit("byte * 2^63")) == 0U);
    CHECK(scaled(1, *parse_unit("byte * 2^63")) == 1ULL << 63);
    CHECK_FALSE(scaled(2, *parse_unit("byte * 2^63")));
    CHECK_FALSE(scaled(~0ULL, *parse_unit("KB")));
}

TEST_CASE("Memory is written in MiB whenever it can be") {
    const auto written = [](std::uint64_t bytes) {
        const Quantity quantity = memory_quantity(bytes);
        CHECK(scaled(quantity.amount, *parse_unit(quantity.unit)) == bytes);
        return std::to_string(quantity.amount) + " " + quantity.unit;
    };
    CHECK(written(512 * mib) == "512 byte * 2^20");
    CHECK(written(4 * gib) == "4096 byte * 2^20");
    CHECK(written(mib + kib) == "1025 byte * 2^10");
    CHECK(written(mib + 1) == "1048577 byte");
    CHECK(written(0) == "0 byte * 2^20");
    CHECK(written(~0ULL) == "18446744073709551615 byte");
}

TEST_CASE("Numbers are the whole text, in range, or nothing") {
    CHECK(to_number<std::uint32_t>("0") == 0U);
    CHECK(to_number<std::uint32_t>("007") == 7U);
    CHECK(to_number<std::uint32_t>("4294967295") == 4294967295U);
    CHECK(to_number<std::uint64_t>("18446744073709551615") == ~0ULL);
    for (const char* text : {"", " 1", "1 ", "+1", "-1", "12abc", "0x10", "1e3", "1.0", "4294967296", "99999999999999999999999", "\xD9\xA1"}) {
        INFO(text);
        CHECK_FALSE(to_number<std::uint32_t>(text));
    }
    CHECK_FALSE(to_number<std::uint64_t>("18446744073709551616"));
    CHECK_FALSE(to_number<std::uint8_t>("256"));
    CHECK(checked_multiply<std::uint64_t>(1ULL << 32, 1ULL << 31) == 1ULL << 63);
    CHECK_FALSE(checked_multiply<std::uint64_t>(1ULL << 32, 1ULL << 32));
    CHECK(checked_add<std::uint64_t>(~0ULL - 1, 1) == ~0ULL);
    CHECK_FALSE(checked_add<std::uint64_t>(~0ULL, 1));
}

TEST_CASE("Words are compared and trimmed as XML and OVF want it") {
    CHECK(to_boolean("true") == true);
    CHECK(to_boolean("1") == true);
    CHECK(to_boolean("false") == false);
    CHECK(to_boolean("0") == false);
    for (const char* text : {"", "True", "TRUE", "yes", "on", " true", "2"}) CHECK_FALSE(to_boolean(text));
    CHECK(trimmed(" \t\r\n a b \n") == "a b");
    CHECK(trimmed(" \n ").empty());
    CHECK(trimmed("\v a") == "\v a");
    CHECK(equal_nocase("VmxNet3", "vmxnet3"));
    CHECK_FALSE(equal_nocase("VmxNet3", "vmxnet"));
    CHECK_FALSE(equal_nocase("\xC3\x89", "\xC3\xA9"));  // ASCII only
    CHECK(to_lower("LsiLogic\xC3\x89") == "lsilogic\xC3\x89");
}
