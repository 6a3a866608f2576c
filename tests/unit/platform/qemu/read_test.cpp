#include "harness.hpp"

#include <ovfkit/error.hpp>

using namespace harness;

namespace {

std::string refused(const std::string& text) {
    try {
        read(text);
    } catch (const InputError& error) {
        return error.diagnostic().rule;
    }
    return "read";
}

MemoryBalloon balloon_of(const std::string& options) { return read("qemu-system-x86_64 -m 512 " + options + "\n").hardware().balloon; }

}  // namespace

TEST_CASE("balloons, old and new") {
    CHECK(balloon_of("").state == BalloonState::disabled);
    CHECK(balloon_of("-balloon virtio,addr=3").state == BalloonState::enabled);
    CHECK(balloon_of("-balloon none").state == BalloonState::disabled);
    const MemoryBalloon modern = balloon_of("-device virtio-balloon-pci-non-transitional,deflate-on-oom=on");
    CHECK(modern.state == BalloonState::enabled);
    CHECK(modern.model == BalloonModel::virtio_non_transitional);
    CHECK(modern.autodeflate == true);
    const MemoryBalloon json = balloon_of("-device '{\"driver\":\"virtio-balloon-pci\",\"id\":\"balloon0\",\"free-page-reporting\":true,\"bus\":\"pci.0\",\"addr\":\"0x8\"}'");
    CHECK(json.state == BalloonState::enabled);
    CHECK(json.free_page_reporting == true);
    CHECK(json.info.address == "bus=0x00,slot=0x08,type=pci");
    CHECK(balloon_of("-device virtio-balloon -global virtio-balloon-pci.deflate-on-oom=on").autodeflate == true);
    CHECK(read("kvm -device virtio-balloon -device virtio-balloon-pci\n").says("qemu-balloon-duplicate"));
}

TEST_CASE("libvirt's log: the last start counts, nothing is run") {
    const Input in = read(
        "2024-05-01 10:00:00.000+0000: starting up libvirt version: 9.0.0, kernel: 6.1.0, hostname: h\n"
        "LC_ALL=C \\\nPATH=/bin \\\n/usr/bin/qemu-system-x86_64 \\\n-name guest=old \\\n-m 512\n"
        "char device redirected to /dev/pts/1 (label charserial0)\n"
        "qemu: terminating on signal 15, can't go on\n"
        "2024-05-02 10:00:00.000+0000: starting up libvirt version: 9.0.0\n"
        "LC_ALL=C \\\n/usr/bin/qemu-system-x86_64 \\\n-name guest=proxy,debug-threads=on \\\n-S \\\n"
        "-object '{\"qom-type\":\"secret\",\"id\":\"masterKey0\",\"format\":\"raw\",\"file\":\"/x/master-key.aes\"}' \\\n"
        "-machine pc-i440fx-7.2,usb=off,dump-guest-core=off,memory-backend=pc.ram \\\n-accel kvm \\\n-cpu host,migratable=on \\\n-m 2048 \\\n"
        "-smp 2,sockets=2,cores=1,threads=1 \\\n-uuid 564d2f6c-6d6d-4e4a-8f9a-0123456789ab \\\n-no-user-config \\\n-nodefaults \\\n"
        "-chardev socket,id=charmonitor,fd=29,server=on,wait=off \\\n-mon chardev=charmonitor,id=monitor,mode=control \\\n-rtc base=utc \\\n"
        "-device '{\"driver\":\"lsi\",\"id\":\"scsi0\",\"bus\":\"pci.0\",\"addr\":\"0x4\"}' \\\n"
        "-blockdev '{\"driver\":\"file\",\"filename\":\"/srv/a,b.qcow2\",\"node-name\":\"libvirt-1-storage\",\"auto-read-only\":true,\"discard\":\"unmap\"}' \\\n"
        "-blockdev '{\"node-name\":\"libvirt-1-format\",\"read-only\":false,\"driver\":\"qcow2\",\"file\":\"libvirt-1-storage\",\"backing\":null}' \\\n"
        "-device '{\"driver\":\"scsi-hd\",\"bus\":\"scsi0.0\",\"scsi-id\":3,\"drive\":\"libvirt-1-format\",\"id\":\"scsi0-0-3\",\"bootindex\":1}' \\\n"
        "-netdev tap,fd=30,id=hostnet0 \\\n-device '{\"driver\":\"e1000\",\"netdev\":\"hostnet0\",\"id\":\"net0\",\"mac\":\"52:54:00:12:34:56\"}' \\\n"
        "-device '{\"driver\":\"virtio-balloon-pci\",\"id\":\"balloon0\",\"bus\":\"pci.0\",\"addr\":\"0x5\"}' \\\n-msg timestamp=on\n"
        "2024-05-02 10:01:00.000+0000: shutting down, reason=shutdown\n",
        "proxy.log");
    CHECK(in.says("qemu-command-several"));
    CHECK(in.says("qemu-secret-dropped"));
    CHECK(in.system().name == "proxy");
    CHECK(in.hardware().memory.boot_bytes == 2048 * mib);
    CHECK(in.hardware().cpu.count == 2U);
    CHECK(in.hardware().cpu.model == "host-passthrough");
    REQUIRE(in.hardware().drives.size() == 1);
    CHECK(in.hardware().drives[0].source == "/srv/a,b.qcow2");
    CHECK(in.hardware().drives[0].source_format == "qcow2");
    CHECK(in.hardware().drives[0].controller == "scsi0");
    CHECK(in.hardware().drives[0].unit == 3U);
    CHECK(in.hardware().controllers.at(0).model == "lsilogic");
    CHECK(in.hardware().nics.at(0).mac == "52:54:00:12:34:56");
    CHECK(in.hardware().balloon.state == BalloonState::enabled);
}

TEST_CASE("Ganeti's log line, its runtime file, /proc and the old options") {
    const Input log = read("2024-01-01 00:00:00,123: ganeti-noded pid=7 INFO RunCmd /usr/bin/kvm -enable-kvm -name inst1 -m 768 "
                           "-smp 1 -pidfile /x -device virtio-balloon -drive file=/dev/drbd0,format=raw,if=virtio,cache=none "
                           "-net nic,vlan=0,model=virtio,macaddr=aa:00:00:11:22:33 -net user -vga cirrus -no-acpi -boot c -cdrom /iso/x.iso\n");
    CHECK(log.system().name == "inst1");
    CHECK(log.hardware().memory.boot_bytes == 768 * mib);
    CHECK(log.hardware().balloon.state == BalloonState::enabled);
    CHECK(log.hardware().drives.size() == 2);
    CHECK(log.hardware().drives.at(0).interface == "virtio");
    CHECK(log.hardware().drives[0].cache == "none");
    CHECK(log.hardware().drives.at(1).kind == DriveKind::cdrom);
    CHECK(log.hardware().nics.at(0).model == "virtio");
    CHECK(log.hardware().nics[0].mac == "aa:00:00:11:22:33");
    CHECK(log.hardware().boot == std::vector<std::string>{"disk"});
    CHECK(log.says("qemu-option-kept"));  // -no-acpi
    const Input runtime = read("[[\"/usr/bin/kvm\", \"-m\", \"512\", \"-balloon\", \"none\"], [], {\"acpi\": true}, []]");
    CHECK(runtime.says("qemu-runtime-partial"));
    CHECK(runtime.hardware().balloon.state == BalloonState::disabled);
    const Input proc = read(std::string("qemu-kvm\0-m\0" "1G\0-S\0", 17));
    CHECK(proc.hardware().memory.boot_bytes == 1024 * mib);
}

TEST_CASE("what is not understood is kept and written back from a command line only") {
    const Input in = read("qemu-system-x86_64 -m 512 -fw_cfg name=opt/x,string=y -device ivshmem-doorbell,vectors=2 -device e1000,romfile=\n");
    CHECK(in.says("qemu-option-kept"));
    Envelope e = in.envelope;
    const Output out = write(e);
    CHECK(out.has("-fw_cfg name=opt/x,string=y"));
    CHECK(out.has("-device ivshmem-doorbell,vectors=2"));
    CHECK(out.has("romfile="));
    e.dialect = "dmtf";
    const Output foreign = write(e);
    CHECK_FALSE(foreign.has("ivshmem"));
    CHECK(foreign.says("qemu-parameter-untrusted"));
}

TEST_CASE("hostile and broken texts") {
    CHECK(refused("") == "qemu-command-missing");
    CHECK(refused("ls -l\n") == "qemu-command-missing");
    CHECK(refused("qemu-system-x86_64 -name $(id)\n") == "qemu-shell-expansion");
    CHECK(refused("qemu-system-x86_64 -name \"$HOME\"\n") == "qemu-shell-expansion");
    CHECK(refused("qemu-system-x86_64 -name a; rm -rf /\n") == "qemu-shell-expansion");
    CHECK(refused("qemu-system-x86_64 -name 'a\n") == "qemu-shell-expansion");
    CHECK(refused("qemu-system-x86_64 -name 'a\x01'\n") == "qemu-word-illegal");
    CHECK(refused("[\"ls\",\"-l\"]") == "qemu-command-missing");
    CHECK(refused("[\"kvm\",1]") == "qemu-command-missing");
    CHECK(refused("qemu-system-x86_64 -device '{\"driver\":'\n") == "json-malformed");
    CHECK(read("qemu-system-x86_64 -m 512 -name\n").says("qemu-value-missing"));
    CHECK(read("qemu-system-x86_64 -m 99999999999999999999G\n").says("qemu-number-invalid"));
    CHECK(read("qemu-system-x86_64 -smp 0\n").says("qemu-number-invalid"));
    CHECK(read("qemu-system-x86_64 -device virtio-balloon,deflate-on-oom=maybe\n").says("qemu-number-invalid"));
    CHECK(read("qemu-system-x86_64 -device e1000,mac=x\n").says("qemu-mac-invalid"));
    CHECK(read("echo hello\nqemu-system-x86_64 -m 512\n").says("qemu-line-ignored"));
    std::string many = "qemu-system-x86_64";
    for (int i = 0; i < 21000; ++i) many += " -S";
    CHECK(refused(many + "\n") != "read");
}

TEST_CASE("the texts are told apart") {
    const auto& p = detail::platform_qemu;
    CHECK(p.detect("vm.sh", "#!/bin/sh\nexec qemu-system-x86_64 -m 512\n") == 80);
    CHECK(p.detect("x", "[\"qemu-system-x86_64\", \"-m\"]") == 90);
    CHECK(p.detect("x", "[{\"instance_name\": 1}]") == 0);
    CHECK(p.detect("x", "<domain><emulator>/usr/bin/kvm -x</emulator></domain>") == 0);
    CHECK(p.detect("x", "kvm is nice\n") == 0);
}
