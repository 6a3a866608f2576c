#include "harness.hpp"

#include "base/compress.hpp"
#include "base/sha256.hpp"

using namespace harness;
using namespace samples;

namespace {

const std::string descriptor = "<?xml version='1.0'?>\n<Envelope>\xC3\xA9 <!-- kept --></Envelope>\n";

std::string noise(std::size_t size) {
    std::string out;
    std::uint64_t state = 88172645463325252ULL;
    while (out.size() < size) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out += static_cast<char>(state >> 24);
    }
    return out;
}

}  // namespace

TEST_CASE("the descriptor travels in the metadata and comes back to the byte") {
    Envelope e = package("vm");
    add_nic(e, "7", "virtio");
    const Output out =
        write(e, {{"type", "qemu"}, {"machine", "q35"}, {"convert.balloon-default", "enabled"}, {"ganeti.os", "x"}},
              descriptor);
    CHECK(out.origin_carried);
    const Input in = reread(out);
    CHECK(in.carried.bytes == descriptor);
    CHECK(in.carried.sha256 == detail::sha256_hex(descriptor));
    CHECK(in.carried.system_id == "vm");
    CHECK(in.carried.options.size() == 3);
    CHECK(in.carried.options.at("libvirt.machine") == "q35");
    CHECK(in.carried.options.count("ganeti.os") == 0);
    CHECK_FALSE(write(e).origin_carried);
    CHECK(write(e).text.find("ovfkit") == std::string::npos);
}

TEST_CASE("what libvirt makes up is no edit") {
    Envelope e = package("vm");
    add_nic(e, "7", "virtio");
    add_nic(e, "8", "virtio", "52:54:00:aa:bb:cc");
    const Output out = write(e, {}, descriptor);
    std::string text = out.text;
    // As libvirt stores it: other quotes and indents, a UUID and a MAC address of its own.
    text.insert(text.find("<memory"), "<uuid>aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee</uuid>\n");
    const std::string interface = "<interface type='network'>\n";
    const std::size_t first = text.find(interface) + interface.size();
    const std::string own = text.substr(0, first) + "<mac address='52:54:00:11:22:33'/>" + text.substr(first);
    CHECK(read(own).envelope.systems == read(out.text).envelope.systems);
    const std::string edited = text.substr(0, first) + "<mac address='02:00:00:11:22:33'/>" + text.substr(first);
    CHECK(read(edited).hardware().nics.at(0).mac == "02:00:00:11:22:33");
    CHECK(read(own).hardware().nics.at(1).mac == "52:54:00:aa:bb:cc");
    // With a NIC gone the positions mean nothing: the address is taken at its word.
    const std::size_t second = own.find("<interface", first);
    const std::string fewer = own.substr(0, second) + own.substr(own.find("</interface>", second) + 12);
    CHECK(read(fewer).hardware().nics.at(0).mac == "52:54:00:11:22:33");
}

TEST_CASE("a damaged descriptor is a warning and is not used") {
    const std::string text = write(package("vm"), {}, descriptor).text;
    const auto damaged = [&](const std::string& what, const std::string& by) {
        std::string copy = text;
        const Input in = read(copy.replace(copy.find(what), what.size(), by));
        CHECK(in.finding("libvirt-origin-damaged") != nullptr);
        CHECK(in.finding("libvirt-origin-damaged")->severity == Severity::warning);
        CHECK(in.carried.bytes.empty());
        CHECK(in.hardware().balloon.state == BalloonState::enabled);
    };
    damaged("sha256='", "sha256='0");
    damaged("<ovfkit:descriptor>\ne", "<ovfkit:descriptor>\n*");
    damaged("<ovfkit:descriptor>\neN", "<ovfkit:descriptor>\neA");
    damaged("<ovfkit:descriptor>", "<ovfkit:other>x</ovfkit:other><ovfkit:descriptor>AAAA");
}

TEST_CASE("a bomb does not unpack") {
    Diagnostics diagnostics;
    const std::string bomb(64U << 20, 'x');
    const std::string text =
        "<domain type='kvm'><name>vm</name><memory>524288</memory><metadata><o:origin xmlns:o='urn:ovfkit:origin:1' "
        "system='vm' sha256='" +
        detail::sha256_hex(bomb) + "'><o:descriptor>" + detail::base64_encode(detail::zlib_compress(bomb)) +
        "</o:descriptor></o:origin></metadata></domain>";
    const Input in = read(text);
    CHECK(in.finding("libvirt-origin-damaged") != nullptr);
    CHECK(in.carried.bytes.empty());
}

TEST_CASE("large descriptors are carried in parts, too large ones not at all") {
    const std::string large = noise(1U << 20);
    const Output out = write(package("vm"), {}, large);
    CHECK(out.count("//*[local-name()='descriptor']") > 1);
    CHECK(reread(out).carried.bytes == large);
    const Output none = write(package("vm"), {}, noise(4U << 20));
    CHECK_FALSE(none.origin_carried);
    CHECK(none.finding("libvirt-origin-large") != nullptr);
    CHECK(none.text.find("ovfkit:descriptor") == std::string::npos);
}
