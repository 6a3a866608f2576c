#include "package/names.hpp"

#include "catch.hpp"

using namespace ovfkit::detail;

TEST_CASE("names of members") {
    for (const char* good : {"a", "disk1.vmdk", "./disk1.vmdk", "a/b/c", "name with blanks", "\xc3\xa4.vmdk", "..a", "a..b", "xy:z"})
        CHECK(name_problem(good).empty());
    const std::string deep = "a/b/c/d/e/f/g/h/i";
    for (const std::string& bad :
         std::vector<std::string>{"", ".", "..", "./", "../x", "a/../b", "a/./b", "a//b", "a/", "/a", "././a", "a\\b", "C:x", "-o", "./-o",
                                  "a\nb", "a\x1b[2J", "\x7f", "\xff\xfe", "\xc2\x80", std::string("a\0b", 3), deep, std::string(256, 'n'),
                                  std::string(250, 'n') + "/" + std::string(250, 'n') + "/" + std::string(250, 'n') + "/" +
                                      std::string(250, 'n') + "/" + std::string(250, 'n')}) {
        CAPTURE(bad);
        CHECK_FALSE(name_problem(bad).empty());
    }
}

TEST_CASE("references") {
    std::string problem;
    CHECK(name_from_href("disk%201.vmdk", problem) == "disk 1.vmdk");
    CHECK(name_from_href("./a%2Fb", problem) == "a/b");
    CHECK(name_from_href("100%25", problem) == "100%");
    for (const char* bad : {"", "http://h/x", "file:///x", "json:{}", "nbd:unix:x", "C:x", "x?y", "x#y", "%2e%2e/x", "..%2fx", "%2fx", "a%00b",
                            "%", "%4", "%zz", "/dev/zero", "."}) {
        CAPTURE(bad);
        CHECK_FALSE(name_from_href(bad, problem));
        CHECK_FALSE(problem.empty());
    }
    CHECK(name_from_href("%252e", problem) == "%2e");  // decoded once
    CHECK(chunk_name("a", 12) == "a.000000012");
}
