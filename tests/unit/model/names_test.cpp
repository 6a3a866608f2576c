#include "catch.hpp"
#include "model/names.hpp"

using namespace ovfkit::detail;

TEST_CASE("MAC addresses, UUIDs, paths, names") {
    CHECK(normal_mac("AA-BB-cc-dd-ee-ff").text == "aa:bb:cc:dd:ee:ff");
    CHECK(normal_mac("ab:00:00:00:00:01").problem == MacProblem::multicast);
    CHECK(normal_mac("00:00:00:00:00:00").problem == MacProblem::zero);
    CHECK(normal_mac("aabbccddeeff").problem == MacProblem::malformed);
    CHECK(normal_uuid("564D2F6C6D6D4E4A8F9A0123456789AB") == "564d2f6c-6d6d-4e4a-8f9a-0123456789ab");
    CHECK(normal_uuid("564D2F6C6D6D4E4A8F9A0123456789").empty());
    CHECK(is_safe_path("/srv/a b.img"));
    CHECK_FALSE(is_safe_path("srv/a"));
    CHECK_FALSE(is_safe_path("/srv/../etc"));
    CHECK_FALSE(is_safe_path("/srv/.."));
    CHECK_FALSE(is_safe_path("/srv/a\nb"));
    CHECK(file_name("../../x y") == "x-y");
    CHECK(file_name("...hidden") == "hidden");
    CHECK(file_name("") == "vm");
    CHECK(last_part("a/b/c.vmdk") == "c.vmdk");
    CHECK(last_part("C:\\vm\\d.vmdk") == "d.vmdk");
    CHECK(to_address_number("0x1f") == 31U);
    CHECK(to_address_number("8") == 8U);
    CHECK_FALSE(to_address_number("0x"));
    CHECK_FALSE(to_address_number("0x123456789"));
    CHECK(map_value("bus=0x00,slot=0x08,type=pci", "slot") == "0x08");
    CHECK(map_value("bus=0x00", "slot").empty());
}

TEST_CASE("machine types without their version") {
    CHECK(general_machine("pc-i440fx-7.2") == "pc");
    CHECK(general_machine("pc-q35-rhel8.1.0") == "q35");
    CHECK(general_machine("virt-6.2") == "virt");
    CHECK(general_machine("microvm") == "microvm");
    CHECK(is_x86("i686"));
    CHECK_FALSE(is_x86("aarch64"));
}
