#include <ovfkit/error.hpp>

#include "harness.hpp"

using namespace harness;
using namespace samples;

namespace {

/// The finding of a text, with its line.
void expect(const std::string& text, std::string_view rule, std::size_t line, Failure failure = Failure::malformed) {
    const Input in = read(text);
    CAPTURE(text, std::string(rule));
    for (const Diagnostic& d : in.diagnostics) UNSCOPED_INFO(render_text(d));
    const Diagnostic* found = in.finding(rule);
    REQUIRE(found != nullptr);
    CHECK(found->where.line == line);
    CHECK(found->failure == failure);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    return text.replace(text.find(what), what.size(), by);
}

}  // namespace

TEST_CASE("texts that are no domain") {
    expect("<network>\n<name>x</name></network>", "libvirt-root-unknown", 1);
    CHECK(detail::platform_libvirt.detect("a.xml", "<?xml version='1.0'?>\n<!-- x -->\n<domain type='kvm'>") > 90);
    CHECK(detail::platform_libvirt.detect("a.xml", "<domainsnapshot>") == 0);
    CHECK(detail::platform_libvirt.detect("a.xml", "<Envelope>") == 0);
    CHECK(detail::platform_libvirt.detect("a.xml", "") == 0);
    CHECK(detail::platform_libvirt.detect("a.xml", "text <domain>") == 0);
    CHECK_THROWS(read("<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain><name>&x;</name></domain>"));
    CHECK_THROWS(read("<domain><name>x</domain>"));
}

TEST_CASE("bad values are errors with their line") {
    const std::string good = domain("");
    expect(replaced(good, "<name>vm</name>", "<name> </name>"), "libvirt-name-missing", 2);
    expect(replaced(good, "<memory unit='KiB'>524288</memory>", ""), "libvirt-memory-missing", 1);
    expect(replaced(good, ">524288<", ">0<"), "libvirt-memory-missing", 3);
    for (const std::string bad : {"1.5", "-5", "0x10", "12abc", "", "99999999999999999999999"})
        expect(replaced(good, ">524288<", ">" + bad + "<"), "libvirt-size-invalid", 3);
    for (const std::string unit : {"byte * 2^20", "XB", "kibble"})
        expect(replaced(good, "'KiB'", "'" + unit + "'"), "libvirt-size-invalid", 3);
    expect(replaced(good, ">524288<", ">18014398509481984<"), "libvirt-size-invalid", 3);
    expect(replaced(good, "<vcpu>1<", "<vcpu>0<"), "libvirt-number-invalid", 4);
    expect(replaced(good, "<vcpu>1<", "<vcpu>-1<"), "libvirt-number-invalid", 4);
    expect(replaced(good, "<vcpu>", "<vcpu current='9'>"), "libvirt-number-invalid", 4);
    expect(domain("", "<uuid>xyz</uuid>"), "libvirt-uuid-invalid", 6);
    expect(domain("", "<clock offset='moon'/>"), "libvirt-value-invalid", 6);
    expect(domain("<disk type='file'><source file='/x'/></disk>"), "libvirt-target-invalid", 7);
    expect(domain("<disk type='file' device='tape'><target dev='sda'/></disk>"), "libvirt-value-invalid", 7);
    expect(
        domain(
            "<disk type='file'><target dev='sda' bus='scsi'/><address type='drive' controller='-1' unit='0'/></disk>"),
        "libvirt-number-invalid", 7);
    expect(domain("<disk type='file'><target dev='sda'/><boot order='0'/></disk>"), "libvirt-number-invalid", 7);
    expect(domain("<controller type='scsi' index='0'/>\n<controller type='scsi' index='0'/>"),
           "libvirt-controller-duplicate", 8);
    expect(domain("<interface type='user'><link state='sideways'/></interface>"), "libvirt-value-invalid", 7);
    expect(domain("<memballoon model='virtio' autodeflate='yes'/>"), "libvirt-value-invalid", 7);
    expect(domain("<memballoon model='virtio'><stats period='-3'/></memballoon>"), "libvirt-number-invalid", 7);
    expect(domain("<memballoon model='virtio'><stats period='5.5'/></memballoon>"), "libvirt-number-invalid", 7);
    expect(domain("<memballoon model='virtio'><address type='pci' slot='0x08 or so'/></memballoon>"),
           "libvirt-value-invalid", 7);
}

TEST_CASE("what is not translated is a warning and left unmapped") {
    expect(domain("<memballoon model='virtio'><stats period='0'/></memballoon>"), "libvirt-balloon-period", 7,
           Failure::none);
    expect(domain("<disk type='file'><target dev='sda' bus='sd'/></disk>"), "libvirt-bus-unknown", 7, Failure::none);
    expect(domain("<disk type='network'><source protocol='rbd' name='a/b'/><target dev='vda' bus='virtio'/></disk>"),
           "libvirt-source-unsupported", 7, Failure::none);
    expect(domain("<controller type='ccid' index='0'/>"), "libvirt-controller-unknown", 7, Failure::none);
    expect(
        domain(
            "<controller type='scsi' index='0' model='virtio-scsi'/>\n<disk type='file'><target dev='sda' bus='scsi'/>"
            "<address type='drive' controller='0' bus='0' target='2' unit='5'/></disk>"),
        "libvirt-address-lun", 8, Failure::none);
    const Input in =
        read(domain("<hostdev mode='subsystem' type='pci'><source/></hostdev><channel type='unix'><target "
                    "type='virtio' name='org.x'/></channel>",
                    "<features><hap/><acpi/></features>\n<memoryBacking><hugepages/></memoryBacking>"));
    const std::string unmapped = in.unmapped();
    CHECK(unmapped.find("hostdev") != std::string::npos);
    CHECK(unmapped.find("org.x") != std::string::npos);
    CHECK(unmapped.find("<hap/>") != std::string::npos);
    CHECK(unmapped.find("<hugepages/>") != std::string::npos);
    CHECK(unmapped.find("acpi") == std::string::npos);
    CHECK(in.envelope.unmapped.front().system_id == "vm");
    CHECK(in.envelope.unmapped.front().origin.offset != Origin::npos);
}

TEST_CASE("what libvirt adds by itself is not there") {
    const std::string plain =
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/i/a.qcow2'/><target "
        "dev='vda' bus='virtio'/></disk>"
        "<interface type='network'><mac address='52:54:00:11:22:33'/><source network='default'/><model "
        "type='virtio'/></interface>"
        "<serial type='pty'><target port='0'/></serial><memballoon model='virtio'/>";
    const std::string stored =
        "<emulator>/usr/bin/qemu-system-x86_64</emulator>"
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/i/a.qcow2' "
        "index='1'/><backingStore/><target dev='vda' bus='virtio'/>"
        "<alias name='virtio-disk0'/><address type='pci' domain='0x0000' bus='0x00' slot='0x04' function='0x0'/></disk>"
        "<controller type='usb' index='0' model='none'/><controller type='pci' index='0' model='pci-root'/><controller "
        "type='fdc' index='0'/>"
        "<interface type='network'><mac address='52:54:00:11:22:33'/><source network='default'/><target "
        "dev='vnet3'/><model type='virtio'/>"
        "<alias name='net0'/><address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/></interface>"
        "<serial type='pty'><source path='/dev/pts/1'/><target type='isa-serial' port='0'><model "
        "name='isa-serial'/></target></serial>"
        "<console type='pty' tty='/dev/pts/1'><source path='/dev/pts/1'/><target type='serial' port='0'/></console>"
        "<input type='mouse' bus='ps2'/><input type='keyboard' bus='ps2'/><audio id='1' type='none'/>"
        "<memballoon model='virtio'><address type='pci' domain='0x0000' bus='0x00' slot='0x05' "
        "function='0x0'/></memballoon>";
    const std::string machine = "<type arch='x86_64' machine='pc'>hvm</type>";
    const Input a = read(domain(plain, "<clock offset='utc'/>"));
    const Input b = read(replaced(
        domain(stored,
               "<currentMemory unit='KiB'>524288</currentMemory><clock offset='utc'/><on_poweroff>destroy</on_poweroff>"
               "<on_reboot>restart</on_reboot><on_crash>destroy</on_crash><seclabel type='none'/>"
               "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model></cpu>"),
        machine, "<type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type><boot dev='hd'/>"));
    CHECK(a.clean());
    CHECK(b.clean());
    CHECK(b.unmapped().empty());
    CHECK(a.envelope == b.envelope);
    CHECK(a.hardware().machine == "pc");
}

TEST_CASE("drives are placed as libvirt places them when no address is given") {
    const Input in = read(domain(
        "<controller type='scsi' index='0' model='vmpvscsi'/>"
        "<disk type='file'><target dev='sdh' bus='scsi'/></disk><disk type='file'><target dev='hdd' bus='ide'/></disk>"
        "<disk type='file'><target dev='sdi' bus='sata'/></disk><disk type='file' device='floppy'><target "
        "dev='fdb'/></disk>"));
    const auto& d = in.hardware().drives;
    REQUIRE(d.size() == 4);
    CHECK(d[0].info.id == "disk:hdd");
    CHECK(d[0].controller == "controller:ide:1");
    CHECK(d[0].unit == 1U);
    CHECK(d[1].controller == "controller:scsi:1");
    CHECK(d[1].unit == 0U);
    CHECK(d[2].controller == "controller:sata:1");
    CHECK(d[2].unit == 2U);
    CHECK(d[3].interface == "fdc");
    CHECK(d[3].unit == 1U);
    // Controllers nobody wrote down exist all the same.
    CHECK(in.hardware().controllers.size() == 4);
}

TEST_CASE("files of two folders with one name stay apart") {
    const Input in =
        read(domain("<disk type='file'><source file='/a/disk.img'/><target dev='vda'/></disk><disk "
                    "type='block'><source dev='/dev/vg/disk.img'/><target dev='vdb'/></disk>"));
    REQUIRE(in.envelope.files.size() == 2);
    CHECK(in.envelope.files[0].href == "disk.img");
    CHECK(in.envelope.files[1].href == "vdb-disk.img");
    CHECK(in.hardware().drives[0].source == "/a/disk.img");
    CHECK(in.hardware().drives[0].source_format == "raw");  // libvirt never probes
    CHECK(in.envelope.disks[1].file_id == in.envelope.files[1].id);
    CHECK_FALSE(in.envelope.disks[0].capacity_bytes);
}

TEST_CASE("older and hand-written forms") {
    const Input loader = read(replaced(domain(""), "<os>",
                                       "<os><loader readonly='yes' type='pflash' "
                                       "secure='yes'>/usr/share/OVMF/OVMF_CODE.fd</loader><nvram>/x.fd</nvram>"));
    CHECK(loader.hardware().firmware == Firmware::efi);
    CHECK(loader.hardware().secure_boot == true);
    const Input boot = read(replaced(domain(""), "<os>", "<os><boot dev='network'/><boot dev='hd'/>"));
    CHECK(boot.hardware().boot == std::vector<std::string>{"network", "disk"});
    const Input console = read(domain("<console type='pty'><target type='serial' port='0'/></console>"));
    CHECK(console.hardware().serials.size() == 1);
    const Input numa = read(replaced(domain("",
                                            "<cpu><numa><cell id='0' cpus='0' memory='256' unit='MiB'/><cell id='1' "
                                            "cpus='1' memory='262144'/></numa></cpu>"),
                                     "<memory unit='KiB'>524288</memory>", ""));
    CHECK(numa.hardware().memory.boot_bytes == (512ULL << 20));
    CHECK(read(domain("", "<clock offset='variable' basis='localtime' adjustment='0'/>")).system().clock ==
          "localtime");
    CHECK(read(domain("", "<maxMemory slots='16' unit='GiB'>4</maxMemory>")).hardware().memory.maximum_bytes ==
          (4ULL << 30));
    CHECK(read(domain("", "<cpu mode='host-model' check='partial'><model fallback='allow'/></cpu>"))
              .hardware()
              .cpu.model == "host-model");
    CHECK(read(domain("<controller type='usb' model='ich9-ehci1' index='0'/><controller type='usb' index='0' "
                      "model='ich9-uhci1'><master startport='0'/></controller>"))
              .hardware()
              .controllers.size() == 2);
    CHECK(read(replaced(domain("<controller type='sata' index='0'/>"), "'pc'", "'pc-q35-7.2'"))
              .hardware()
              .controllers.empty());
    CHECK(read(domain("<controller type='sata' index='0'/>")).hardware().controllers.size() == 1);
}

TEST_CASE("damaged texts end in findings or an InputError, and what was read can be written") {
    std::uint64_t state = 88172645463325252ULL;
    const auto next = [&](std::size_t below) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return static_cast<std::size_t>(state % below);
    };
    static const std::string letters = "<>/='\"-0129xX \nazAZ&;\xC3";
    std::size_t survived = 0, refused = 0;
    for (const Sample& sample : all()) {
        const std::string text = write(sample.envelope, sample.options, "<Envelope/>").text;
        for (int round = 0; round < 30; ++round) {
            std::string copy = text;
            for (std::size_t edits = 1 + next(3); edits > 0; --edits) {
                const std::size_t at = next(copy.size());
                if (next(3) == 0)
                    copy.erase(at, 1 + next(20));
                else
                    copy[at] = letters[next(letters.size())];
            }
            try {
                const Input in = read(copy);
                if (!in.envelope.systems.empty()) write(in.envelope);
                ++survived;
            } catch (const InputError&) {
                ++refused;
            }
        }
    }
    CHECK(survived > 100);
    CHECK(refused > 100);
}
