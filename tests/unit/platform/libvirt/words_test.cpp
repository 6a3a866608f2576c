#include "harness.hpp"

#include "platform/libvirt/leaf.hpp"
#include "platform/libvirt/osinfo.hpp"
#include "platform/libvirt/sizes.hpp"
#include "platform/libvirt/words.hpp"

using namespace ovfkit;
using namespace ovfkit::detail::libvirt;

TEST_CASE("target names count in bijective base 26") {
    CHECK(target_name("sd", 0) == "sda");
    CHECK(target_name("sd", 25) == "sdz");
    CHECK(target_name("vd", 26) == "vdaa");
    CHECK(target_name("vd", 26 + 26 * 26) == "vdaaa");
    for (const std::size_t n : {0U, 1U, 25U, 26U, 27U, 701U, 702U, 5000U})
        CHECK(target_index(target_name("sd", n)) == n);
    CHECK_FALSE(target_index("sd"));
    CHECK_FALSE(target_index("sd1"));
    CHECK_FALSE(target_index("sdaaaaaaaaaaaaaaaaaaaaaaaa"));
    CHECK_FALSE(target_index("nvme0n1"));
}

TEST_CASE("sizes in libvirt's units") {
    CHECK(memory_bytes("1", "") == 1024U);
    CHECK(memory_bytes("1", "bytes") == 1024U);  // rounded up to KiB
    CHECK(memory_bytes("1025", "b") == 2048U);
    CHECK(memory_bytes("1", "g") == 1U << 30);
    CHECK(memory_bytes("1", "gib") == 1U << 30);
    CHECK(memory_bytes("1", "EiB") == 1ULL << 60);
    CHECK_FALSE(memory_bytes("16", "EiB"));
    CHECK_FALSE(memory_bytes("18446744073709551615", "b"));
    CHECK_FALSE(memory_bytes("+1", "KiB"));
    CHECK_FALSE(memory_bytes("1", "Ki"));
    CHECK_FALSE(memory_bytes("1", " "));
    CHECK(kib(1) == 1);
    CHECK(kib(~0ULL) == (1ULL << 54));
}

TEST_CASE("domain names") { CHECK(domain_name(" a/b\tc ") == "a-b-c"); }

TEST_CASE("operating systems") {
    CHECK(cim_id_of("http://ubuntu.com/ubuntu/22.04") == 94U);
    CHECK(cim_id_of("http://debian.org/debian/testing") == 96U);
    CHECK_FALSE(cim_id_of("http://example.org/x"));
    CHECK_FALSE(cim_id_of(""));
    OperatingSystem os;
    CHECK_FALSE(is_windows(os));
    os.cim_id = 103;
    CHECK(is_windows(os));
    os.osinfo_id = "http://debian.org/debian/11";
    CHECK_FALSE(is_windows(os));
    os = {};
    os.vmware_type = "rhel10_64Guest";  // not RHEL 1
    CHECK(osinfo_id_of(os).empty());
    os.vmware_type = "debian12_64Guest";
    CHECK(osinfo_id_of(os) == "http://debian.org/debian/12");
}

TEST_CASE("fields the XML holds, and fields it does not") {
    for (const std::string_view key : {"memory.boot_bytes", "balloon.state", "nics[].mac", "drives[].unit",
                                       "controllers[].address", "files[].href", "cpu.cores"})
        CHECK(carries("libvirt", key));
    for (const std::string_view key : {"disks[].capacity_bytes", "memory.maximum", "memory.maximum_bytes",
                                       "balloon.device_kept", "products[].product", "eulas", "parameters[vmw]",
                                       "os.cim_id", "nics[].info.caption", "cpu.weight", "others[].model"})
        CHECK_FALSE(carries("libvirt", key));
}
