#include "catch.hpp"
#include "support.hpp"

using namespace disk_test;

namespace {

Content vmdk(const std::function<void(VmdkHeader&)>& spoil = nullptr, const std::string& descriptor = "") {
    StreamVmdk image(2048, 128);
    image.add(0, pattern(65536, 1));
    image.descriptor = descriptor;
    image.spoil_header = spoil;
    image.spoil_footer = [&](VmdkHeader& f) {
        const std::uint64_t directory = f.directory;
        if (spoil) spoil(f);
        f.directory = directory;
    };
    return image.build();
}

std::string descriptor(const std::string& lines, const std::string& create_type = "streamOptimized",
                       const std::string& extent = "RW 2048 SPARSE \"disk.vmdk\"") {
    return "# Disk DescriptorFile\nversion=1\nCID=00000001\ncreateType=\"" + create_type + "\"\n" + lines + extent +
           "\n";
}

std::string vmdk_rule(const std::string& text, Failure* failure = nullptr) {
    return rule_of_image(vmdk(nullptr, text), Family::vmdk, failure);
}

Content qcow2(const std::function<void(MutableBytes)>& spoil = nullptr) {
    Content out(512 * 4);
    const MutableBytes b(out);
    put_big<std::uint32_t>(b, 0, 0x514649FB);
    put_big<std::uint32_t>(b, 4, 3);
    put_big<std::uint32_t>(b, 20, 9);
    put_big<std::uint64_t>(b, 24, 4096);
    put_big<std::uint32_t>(b, 36, 1);
    put_big<std::uint64_t>(b, 40, 1536);
    put_big<std::uint64_t>(b, 48, 512);
    put_big<std::uint32_t>(b, 56, 1);
    put_big<std::uint32_t>(b, 96, 4);
    put_big<std::uint32_t>(b, 100, 104);
    put_big<std::uint64_t>(b, 512, 1024);
    if (spoil) spoil(b);
    return out;
}

template <class T>
std::string qcow2_rule(std::size_t at, T value, Failure* failure = nullptr) {
    return rule_of_image(qcow2([&](MutableBytes b) { put_big<T>(b, at, value); }), Family::qcow2, failure);
}

}  // namespace

TEST_CASE("what an image is, by magic and by what it is said to be") {
    const Content raw = pattern(65536, 5);
    CHECK(read_raw(raw, said(Family::raw)) == raw);
    Failure failure = Failure::none;
    CHECK(rule_of([&] { read_raw(raw, {}); }, &failure) == "disk-format-unknown");
    CHECK(failure == Failure::malformed);
    CHECK(rule_of_image(raw, Family::vmdk) == "disk-format-mismatch");
    CHECK(rule_of_image(qcow2(), Family::vmdk, &failure) == "disk-format-mismatch");
    CHECK(failure == Failure::refused);
    CHECK(rule_of_image(bytes_of("COWD" + std::string(2000, ' ')), Family::vmdk) == "disk-format-mismatch");
    CHECK(rule_of_image({}, Family::raw) == "disk-image-truncated");
    CHECK(read_raw(qcow2(), {}) == Content(4096));
}

TEST_CASE("raw that begins like another format: disk-raw-ambiguous unless taken as it is") {
    for (const Content& image :
         {qcow2(), vmdk(), bytes_of("vhdxfile" + std::string(1000, ' ')),
          bytes_of("# Disk DescriptorFile\n" + std::string(1000, ' ')),
          bytes_of("\n#x\nversion=1\n" + std::string(500, ' ')), bytes_of("LUKS\xba\xbe" + std::string(600, ' '))}) {
        Failure failure = Failure::none;
        CHECK(rule_of_image(image, Family::raw, &failure) == "disk-raw-ambiguous");
        CHECK(failure == Failure::refused);
        InspectOptions as_is = said(Family::raw);
        as_is.raw_as_is = true;
        CHECK(read_raw(image, as_is) == image);
    }
}

TEST_CASE("VMDK headers: disk-header-malformed, disk-capacity-exceeded, disk-feature-unsupported") {
    const auto rule = [](const std::function<void(VmdkHeader&)>& spoil) {
        return rule_of_image(vmdk(spoil), Family::vmdk);
    };
    CHECK(rule(nullptr).empty());
    CHECK(rule([](VmdkHeader& h) { h.version = 99; }) == "disk-header-malformed");
    for (const std::uint64_t grain :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{100}, std::uint64_t{1} << 40U, ~std::uint64_t{0}})
        CHECK(rule([&](VmdkHeader& h) { h.grain = grain; }) == "disk-header-malformed");
    for (const std::uint32_t entries : {0U, 500U, 1U << 31U})
        CHECK(rule([&](VmdkHeader& h) { h.table_entries = entries; }) == "disk-header-malformed");
    for (const std::uint64_t capacity : {std::uint64_t{0}, std::uint64_t{1} << 55U, ~std::uint64_t{0}})
        CHECK(rule([&](VmdkHeader& h) { h.capacity = capacity; }) == "disk-capacity-exceeded");
    CHECK(rule([](VmdkHeader& h) { h.descriptor_offset = 64; }) == "disk-header-malformed");
    CHECK(rule([](VmdkHeader& h) { h.descriptor_size = std::uint64_t{1} << 55U; }) == "disk-header-malformed");
    CHECK(rule([](VmdkHeader& h) { h.overhead = ~std::uint64_t{0}; }) == "disk-header-malformed");
    CHECK(rule([](VmdkHeader& h) { h.compression = 7; }) == "disk-feature-unsupported");
    CHECK(rule([](VmdkHeader& h) { h.flags |= 1U << 20U; }) == "disk-feature-unsupported");
    CHECK(rule([](VmdkHeader& h) { h.flags = 3; }) == "disk-header-malformed");
    Content text_mode = vmdk();
    text_mode[74] = std::byte{'\r'};
    CHECK(rule_of_image(text_mode, Family::vmdk) == "disk-header-malformed");
    Content reserved = vmdk();
    reserved[300] = std::byte{1};
    CHECK(rule_of_image(reserved, Family::vmdk) == "disk-header-malformed");
    InspectOptions small = said(Family::vmdk);
    small.max_capacity = 1U << 19U;
    CHECK(rule_of([&] { read_raw(vmdk(), small); }) == "disk-capacity-exceeded");
}

TEST_CASE("VMDK descriptors: every line understood, no other file named") {
    Failure failure = Failure::none;
    CHECK(vmdk_rule(descriptor("parentCID=ffffffff\nddb.x = \"1\"\n\n# comment\n")).empty());
    CHECK(vmdk_rule(descriptor("", "streamOptimized", "RDONLY 2000 SPARSE \"x.vmdk\""))
              .empty());  // VirtualBox: the header is rounded up
    CHECK(vmdk_rule(descriptor("", "streamOptimized", "RW 1000 SPARSE \"x.vmdk\"")) == "disk-descriptor-malformed");
    CHECK(vmdk_rule(descriptor("", "monolithicFlat"), &failure) == "disk-extent-refused");
    CHECK(failure == Failure::refused);
    CHECK(vmdk_rule(descriptor("", "monolithicSparse")) == "disk-extent-refused");
    CHECK(vmdk_rule(descriptor("", "streamOptimized", "RW 2048 FLAT \"/etc/passwd\" 0")) == "disk-extent-refused");
    CHECK(vmdk_rule(descriptor("", "streamOptimized", "RW 2048 SPARSE \"../x.vmdk\"")) == "disk-extent-refused");
    CHECK(vmdk_rule(descriptor("", "streamOptimized", "NOACCESS 2048 ZERO")) == "disk-extent-refused");
    CHECK(vmdk_rule(descriptor("RW 2048 SPARSE \"a.vmdk\"\n")) == "disk-extent-refused");
    CHECK(vmdk_rule(descriptor("", "streamOptimized", "")) == "disk-descriptor-malformed");
    CHECK(vmdk_rule(descriptor("createType=\"streamOptimized\"\n")) == "disk-descriptor-malformed");
    CHECK(vmdk_rule(descriptor("what is this\n")) == "disk-descriptor-malformed");
    CHECK(vmdk_rule(descriptor("parentCID=xyz\n")) == "disk-descriptor-malformed");
    CHECK(vmdk_rule(descriptor("a=\x01\n")) == "disk-descriptor-malformed");
    CHECK(vmdk_rule(descriptor("") + '\0' + "RW 1 FLAT \"x\"") == "disk-descriptor-malformed");
    const std::string text = descriptor("ddb.toolsVersion = \"2147483647\"\n");
    CHECK(vmdk_rule(text + '\0' + text.substr(text.size() - 6)) == "");  // QEMU shortened the CID
    CHECK(vmdk_rule(text + '\0' + text.substr(text.size() - 7)) == "disk-descriptor-malformed");
    CHECK(vmdk_rule(text + '\0' + '\0' + text.substr(text.size() - 3)) == "disk-descriptor-malformed");
    CHECK(vmdk_rule(descriptor("parentCID=12345678\n"), &failure) == "disk-reference-refused");
    CHECK(failure == Failure::refused);
    CHECK(vmdk_rule(descriptor("parentFileNameHint=\"/etc/passwd\"\n")) == "disk-reference-refused");
    CHECK(rule_of_image(bytes_of(descriptor("", "monolithicFlat")), Family::vmdk) == "disk-extent-refused");
}

TEST_CASE("a child and its parent: disk-chain-mismatch") {
    const Memory source(vmdk(nullptr, descriptor("parentCID=0000002a\n")));
    InspectOptions options = said(Family::vmdk);
    options.child = true;
    Diagnostics diagnostics;
    const Image child = inspect("child", source, options, diagnostics);
    CHECK(child.differential);
    Image parent;
    parent.format = Format::vmdk_stream;
    parent.cid = 42;
    parent.capacity = child.capacity;
    check_parent("child", child, "parent", parent);
    parent.cid = 43;
    CHECK(rule_of([&] { check_parent("child", child, "parent", parent); }) == "disk-chain-mismatch");
    parent.cid = 42;
    parent.capacity += 512;
    CHECK(rule_of([&] { check_parent("child", child, "parent", parent); }) == "disk-chain-mismatch");
}

TEST_CASE("a qcow2 child and its parent: disk-chain-mismatch, disk-feature-unsupported") {
    const auto with_backing = [](std::uint64_t offset, std::uint32_t length) {
        Content image = qcow2([](MutableBytes b) {  // clusters of 4 KiB
            put_big<std::uint32_t>(b, 20, 12);
            put_big<std::uint64_t>(b, 40, 4096);
            put_big<std::uint64_t>(b, 48, 8192);
        });
        image.resize(3 * 4096);
        put_big<std::uint64_t>(image, 8, offset);
        put_big<std::uint32_t>(image, 16, length);
        const std::string name = "../group/base";
        for (std::size_t i = 0; i < name.size(); ++i) image.at(256 + i) = static_cast<std::byte>(name[i]);
        return image;
    };
    InspectOptions options = said(Family::qcow2);
    options.child = true;
    Diagnostics diagnostics;
    const Image child = inspect("child", Memory(with_backing(256, 13)), options, diagnostics);
    CHECK(child.differential);
    CHECK(child.backing == "../group/base");
    Image parent;
    parent.capacity = child.capacity;
    check_parent("child", child, "group/base", parent);
    CHECK(rule_of([&] { check_parent("child", child, "group/other", parent); }) == "disk-chain-mismatch");
    parent.capacity += 512;
    CHECK(rule_of([&] { check_parent("child", child, "group/base", parent); }) == "disk-chain-mismatch");
    Image plain;
    CHECK(rule_of([&] { check_parent("child", plain, "group/base", plain); }) == "disk-chain-mismatch");
    Image whole = child;
    whole.backing.clear();
    CHECK(rule_of([&] { check_parent("child", whole, "group/base", child); }) == "disk-chain-mismatch");
    for (const auto& [offset, length] : {std::pair{std::uint64_t{256}, 0U}, {std::uint64_t{256}, 1024U}, {~std::uint64_t{0}, 13U}, {std::uint64_t{1} << 40U, 13U}})
        CHECK(rule_of([&] { inspect("child", Memory(with_backing(offset, length)), options, diagnostics); }) == "disk-header-malformed");
    const Content small = qcow2([](MutableBytes b) {
        put_big<std::uint64_t>(b, 8, 256);
        put_big<std::uint32_t>(b, 16, 13);
    });
    CHECK(rule_of([&] { inspect("child", Memory(small), options, diagnostics); }) == "disk-feature-unsupported");
}

TEST_CASE("qcow2: nothing outside, nothing unknown, everything inside the file") {
    Failure failure = Failure::none;
    CHECK(rule_of_image(qcow2(), Family::qcow2).empty());
    CHECK(qcow2_rule<std::uint64_t>(8, 104, &failure) == "disk-reference-refused");
    CHECK(failure == Failure::refused);
    CHECK(qcow2_rule<std::uint64_t>(72, 4) == "disk-reference-refused");
    CHECK(qcow2_rule<std::uint32_t>(104, 0x44415441) == "disk-reference-refused");
    CHECK(qcow2_rule<std::uint32_t>(104, 0xE2792ACA) == "disk-reference-refused");
    CHECK(qcow2_rule<std::uint32_t>(104, 0x0537BE77) == "disk-encryption-refused");
    CHECK(qcow2_rule<std::uint64_t>(72, std::uint64_t{1} << 40U) == "disk-feature-unsupported");
    CHECK(qcow2_rule<std::uint64_t>(72, 16) == "disk-feature-unsupported");
    CHECK(qcow2_rule<std::uint64_t>(72, 2, &failure) == "disk-header-malformed");
    CHECK(failure == Failure::integrity);
    CHECK(qcow2_rule<std::uint64_t>(72, 8) == "disk-header-malformed");
    CHECK(qcow2_rule<std::uint64_t>(24, std::uint64_t{1} << 63U) == "disk-capacity-exceeded");
    CHECK(qcow2_rule<std::uint32_t>(20, 0) == "disk-header-malformed");
    CHECK(qcow2_rule<std::uint32_t>(20, 63) == "disk-header-malformed");
    CHECK(qcow2_rule<std::uint32_t>(36, 0x7FFFFFFF) == "disk-header-malformed");
    CHECK(qcow2_rule<std::uint64_t>(40, ~std::uint64_t{0} - 7) == "disk-table-malformed");
    CHECK(qcow2_rule<std::uint64_t>(40, 1U << 20U) == "disk-table-malformed");
    CHECK(qcow2_rule<std::uint64_t>(1536, (std::uint64_t{1} << 63U) | (1U << 20U)) == "disk-table-malformed");
    CHECK(qcow2_rule<std::uint32_t>(32, 1) == "disk-encryption-refused");
    CHECK(qcow2_rule<std::uint32_t>(60, 3) == "disk-snapshot-refused");
    CHECK(qcow2_rule<std::uint32_t>(4, 9) == "disk-header-malformed");
    CHECK(qcow2_rule<std::uint32_t>(96, 60) == "disk-header-malformed");
    Content cut = qcow2();
    cut.resize(70);
    CHECK(rule_of_image(cut, Family::qcow2) == "disk-image-truncated");
    const Memory dirty(qcow2([](MutableBytes b) { put_big<std::uint64_t>(b, 72, 1); }));
    Diagnostics diagnostics;
    inspect("image", dirty, said(Family::qcow2), diagnostics);
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all().front().rule == "disk-image-unclean");
    // Only as a file: its tables are anywhere.
    CHECK(rule_of([&] { read_raw(qcow2(), said(Family::qcow2), true); }) == "disk-feature-unsupported");
}
