#include <algorithm>

#include <nlohmann/json.hpp>
#include <ovfkit/error.hpp>

#include "catch.hpp"
#include "model/leaf.hpp"

using namespace ovfkit;
using nlohmann::json;

namespace ovfkit::detail {
extern const Platform platform_vdsm;
}

namespace {

using detail::platform_vdsm;
constexpr std::uint64_t mib = 1ULL << 20;
const std::string uuid = "4a0c6f6e-1111-4222-8333-444455556666";

Envelope machine() {
    Envelope envelope;
    VirtualSystem system;
    system.id = "vm";
    system.name = "Web server";
    system.uuid = uuid;
    system.hardware.cpu.count = 4;
    system.hardware.memory.boot_bytes = 1024 * mib;
    envelope.systems.push_back(std::move(system));
    return envelope;
}

struct Result {
    detail::Written written;
    Diagnostics diagnostics;
    json root;
    [[nodiscard]] bool noted(std::string_view rule, std::string_view field = {}) const {
        return std::any_of(written.notes.begin(), written.notes.end(),
                           [&](const auto& n) { return n.rule == rule && (field.empty() || n.field == field); });
    }
    [[nodiscard]] bool refused(std::string_view rule) const {
        return std::any_of(diagnostics.all().begin(), diagnostics.all().end(),
                           [&](const auto& d) { return d.rule == rule; });
    }
    [[nodiscard]] json device(std::string_view type, std::size_t index = 0) const {
        for (const json& d : root.at("devices"))
            if (d.at("type") == type && index-- == 0) return d;
        return nullptr;
    }
};

Result write(const Envelope& envelope, BalloonState balloon_default = BalloonState::enabled) {
    Result out;
    WriteOptions options;
    options.balloon_default = balloon_default;
    detail::WriteContext context{out.diagnostics, options, {}, {}};
    out.written = platform_vdsm.write("vdsm", envelope, envelope.systems.at(0), context);
    out.root = json::parse(out.written.files.at(0).bytes);
    return out;
}

struct Found {
    Envelope envelope;
    Diagnostics diagnostics;
    [[nodiscard]] const Hardware& hardware() const { return envelope.systems.at(0).hardware; }
    [[nodiscard]] bool has(std::string_view rule) const {
        return std::any_of(diagnostics.all().begin(), diagnostics.all().end(),
                           [&](const auto& d) { return d.rule == rule; });
    }
};

Found read(const std::string& text) {
    Found out;
    ReadOptions options;
    options.unmapped = true;
    detail::ReadContext context{out.diagnostics, options};
    detail::Carried carried;
    out.envelope = platform_vdsm.read("vdsm", "vm.json", text, context, carried);
    return out;
}

Found read(const Result& result) { return read(result.written.files.at(0).bytes); }

std::string definition(const std::string& devices, const std::string& more = {}) {
    return R"({"vmId":")" + uuid + R"(","vmName":"a","memSize":"1024","smp":"2",)" + more + R"("devices":[)" + devices +
           "]}";
}

}  // namespace

TEST_CASE("a balloon is one entry in VDSM's own form") {
    Envelope envelope = machine();
    MemoryBalloon& balloon = envelope.systems[0].hardware.balloon;
    SECTION("enabled") {
        balloon.state = BalloonState::enabled;
        const Result result = write(envelope);
        CHECK(result.device("balloon") == json{{"type", "balloon"},
                                               {"device", "memballoon"},
                                               {"model", "virtio"},
                                               {"specParams", {{"model", "virtio"}}}});
        CHECK(result.device("balloon", 1).is_null());
        CHECK(read(result).hardware().balloon.state == BalloonState::enabled);
        CHECK_FALSE(result.noted("balloon-state-defaulted"));
    }
    SECTION("disabled") {
        balloon.state = BalloonState::disabled;
        const Result result = write(envelope);
        CHECK(result.device("balloon")["model"] == "none");
        CHECK(result.device("balloon")["specParams"]["model"] == "none");
        CHECK(read(result).hardware().balloon.state == BalloonState::disabled);
        balloon.model = BalloonModel::virtio;
        CHECK(write(envelope).noted("vdsm-balloon-model", "balloon.model"));
    }
    SECTION("unspecified follows --balloon-default") {
        CHECK(write(envelope).device("balloon")["model"] == "virtio");
        CHECK(write(envelope).noted("balloon-state-defaulted", "balloon.state"));
        CHECK(write(envelope, BalloonState::disabled).device("balloon")["model"] == "none");
    }
    SECTION("models and attributes") {
        balloon.state = BalloonState::enabled;
        balloon.model = BalloonModel::virtio_transitional;
        balloon.info.alias = "ua-1";
        balloon.info.address = "bus=0x00,slot=0x08,type=pci";
        const Result result = write(envelope);
        CHECK(result.noted("vdsm-balloon-model", "balloon.model"));
        CHECK(result.device("balloon")["address"]["slot"] == "0x08");
        const Found back = read(result);
        CHECK(back.hardware().balloon.info.alias == "ua-1");
        CHECK(back.hardware().balloon.info.address == "bus=0x00,slot=0x08,type=pci");
        for (const std::string_view key : {"balloon.autodeflate", "balloon.free_page_reporting",
                                           "balloon.stats_period_seconds", "memory.target_bytes"})
            CHECK_FALSE(platform_vdsm.carries("vdsm", key));
    }
}

TEST_CASE("a balloon is read from either place") {
    const auto state = [](const std::string& device) { return read(definition(device)).hardware().balloon.state; };
    CHECK(state(R"({"type":"balloon","device":"memballoon","model":"virtio"})") == BalloonState::enabled);
    CHECK(state(R"({"type":"balloon","device":"memballoon","model":"none"})") == BalloonState::disabled);
    CHECK(state(R"({"type":"balloon","device":"memballoon","specParams":{"model":"virtio"}})") ==
          BalloonState::enabled);
    CHECK(state(R"({"type":"balloon","device":"memballoon","specParams":{"model":" none "}})") ==
          BalloonState::disabled);
    CHECK(state("") == BalloonState::disabled);  // VDSM then asks libvirt for none
    const Found conflict =
        read(definition(R"({"type":"balloon","device":"memballoon","model":"virtio","specParams":{"model":"none"}})"));
    CHECK(conflict.has("vdsm-balloon-conflict"));
    CHECK(conflict.hardware().balloon.state == BalloonState::disabled);
    CHECK(read(definition(R"({"type":"balloon","device":"memballoon"})")).has("vdsm-balloon-model-missing"));
    CHECK(read(definition(R"({"type":"balloon","device":"memballoon","model":"xyz"})")).has("vdsm-balloon-model"));
    const std::string one = R"({"type":"balloon","device":"memballoon","model":"virtio"})";
    CHECK(read(definition(one + "," + one)).has("vdsm-balloon-duplicate"));
}

TEST_CASE("the numbers of the VM, both ways") {
    Envelope envelope = machine();
    VirtualSystem& system = envelope.systems[0];
    system.hardware.memory.guaranteed_bytes = 512 * mib;
    system.hardware.memory.maximum_bytes = 4096 * mib;
    system.hardware.cpu.cores = 2;
    system.hardware.cpu.threads = 1;
    system.hardware.cpu.maximum = 8;
    system.hardware.cpu.model = "host-passthrough";
    system.hardware.machine = "pc-q35-rhel8.6.0";
    system.hardware.boot = {"cdrom", "disk", "network"};
    const Result result = write(envelope);
    CHECK(result.root["vmId"] == uuid);
    CHECK(result.root["memSize"] == 1024);
    CHECK(result.root["boot"] == "dcn");
    const Found back = read(result);
    CHECK_FALSE(back.diagnostics.has_errors());
    CHECK(back.hardware().memory.guaranteed_bytes == 512 * mib);
    CHECK(back.hardware().memory.maximum_bytes == 4096 * mib);
    CHECK(back.hardware().cpu.cores == 2U);
    CHECK(back.hardware().cpu.maximum == 8U);
    CHECK(back.hardware().cpu.model == "host-passthrough");
    CHECK(back.hardware().machine == "pc-q35-rhel8.6.0");
    CHECK(back.hardware().boot == system.hardware.boot);
    CHECK(back.envelope.systems[0].name == "Web server");
    CHECK(back.envelope.unmapped.empty());
}

TEST_CASE("what must be made up or rounded is said") {
    Envelope envelope = machine();
    VirtualSystem& system = envelope.systems[0];
    system.uuid.clear();
    system.hardware.memory.boot_bytes = 1024 * mib + 1;
    system.hardware.cpu.count.reset();
    system.hardware.cpu.sockets = 3;
    const Result result = write(envelope);
    CHECK(result.noted("vdsm-id-made", "uuid"));
    CHECK(result.root["vmId"].get<std::string>().size() == 36);
    CHECK(result.root["vmId"] == write(envelope).root["vmId"]);
    CHECK(result.root["memSize"] == 1025);
    CHECK(result.noted("vdsm-memory-rounded"));
    CHECK(result.noted("vdsm-vcpus-defaulted"));
    CHECK(result.noted("vdsm-topology-approximated"));
    system.hardware.memory.guaranteed_bytes = 2048 * mib;
    CHECK(write(envelope).refused("vdsm-memory-order"));
    system.hardware.memory.boot_bytes.reset();
    CHECK(write(envelope).refused("vdsm-memory-missing"));
}

TEST_CASE("disks, both ways") {
    Envelope envelope = machine();
    Hardware& hardware = envelope.systems[0].hardware;
    FileReference file;
    file.id = "f";
    file.href = uuid + "/" + uuid;
    envelope.files.push_back(file);
    VirtualDisk disk;
    disk.id = "v";
    disk.file_id = "f";
    disk.volume_format = "cow";
    envelope.disks.push_back(disk);
    Controller controller;
    controller.info.id = "c";
    controller.type = ControllerType::scsi;
    controller.model = "virtio-scsi";
    hardware.controllers.push_back(controller);
    Drive drive;
    drive.info.id = "d";
    drive.disk_id = "v";
    drive.controller = "c";
    drive.unit = 2;
    drive.boot_index = 1;
    drive.serial = "S1";
    drive.shareable = true;
    hardware.drives.push_back(drive);
    Drive cdrom;
    cdrom.kind = DriveKind::cdrom;
    cdrom.info.id = "cd";
    cdrom.interface = "ide";
    cdrom.source = "/iso/x.iso";
    hardware.drives.push_back(cdrom);
    const Result result = write(envelope);
    const json first = result.device("disk");
    CHECK(first["iface"] == "scsi");
    CHECK(first["index"] == "2");
    CHECK(first["imageID"] == uuid);
    CHECK(first["format"] == "cow");
    CHECK(result.device("disk", 1)["readonly"] == "true");
    const Found back = read(result);
    REQUIRE(back.hardware().drives.size() == 2);
    CHECK(back.envelope.files.at(0).href == file.href);
    CHECK(back.envelope.disks.at(0).volume_format == "cow");
    CHECK(back.hardware().drives[0].serial == "S1");
    CHECK(back.hardware().drives[0].shareable == true);
    CHECK(back.hardware().drives[0].boot_index == 1U);
    CHECK(back.hardware().drives[1].source == "/iso/x.iso");
    CHECK(back.hardware().controllers.at(0).model == "virtio-scsi");
    CHECK(result.written.ids.at(1) == std::pair<std::string, std::string>("d", "disk:0"));
    hardware.drives.push_back(drive);
    CHECK(write(envelope).noted("vdsm-disk-index"));
    hardware.controllers[0].type = ControllerType::nvme;
    CHECK(write(envelope).noted("vdsm-disk-interface", "drives[].controller"));
    CHECK(write(envelope).noted("vdsm-device-dropped", "controllers[].type"));
}

TEST_CASE("NICs and the other devices, both ways") {
    Envelope envelope = machine();
    Hardware& hardware = envelope.systems[0].hardware;
    Nic nic;
    nic.info.id = "4a0c6f6e-1111-4222-8333-aaaaaaaaaaaa";
    nic.network = "ovirtmgmt";
    nic.model = "virtio";
    nic.mac = "00:1a:4a:16:01:51";
    nic.connected = false;
    hardware.nics.push_back(nic);
    nic.info.id = "n2";
    nic.model = "vmxnet3";
    hardware.nics.push_back(nic);
    hardware.videos.emplace_back().model = "qxl";
    hardware.videos[0].vram_bytes = 65536 * 1024ULL;
    hardware.videos[0].heads = 2;
    hardware.graphics.emplace_back().type = "spice";
    hardware.graphics[0].keymap = "de";
    hardware.sounds.emplace_back().model = "ich6";
    hardware.watchdogs.emplace_back().model = "i6300esb";
    hardware.watchdogs[0].option = "reset";
    hardware.rngs.emplace_back().option = "/dev/urandom";
    hardware.tpms.emplace_back().model = "tpm-crb";
    hardware.serials.emplace_back().backend = "unix";
    hardware.serials.emplace_back().info.id = "s2";
    const Result result = write(envelope);
    CHECK(result.device("interface")["nicModel"] == "pv");
    CHECK(result.device("interface")["deviceId"] == hardware.nics[0].info.id);
    CHECK(result.noted("vdsm-nic-model", "nics[].model"));
    CHECK(result.noted("vdsm-device-dropped", "serials[].backend"));
    const Found back = read(result);
    CHECK_FALSE(back.diagnostics.has_errors());
    CHECK(back.hardware().nics.at(0) == hardware.nics[0]);
    CHECK(back.hardware().videos.at(0).vram_bytes == 65536 * 1024ULL);
    CHECK(back.hardware().videos.at(0).heads == 2U);
    CHECK(back.hardware().graphics.at(0).keymap == "de");
    CHECK(back.hardware().sounds.at(0).model == "ich6");
    CHECK(back.hardware().watchdogs.at(0).option == "reset");
    CHECK(back.hardware().rngs.at(0).option == "/dev/urandom");
    CHECK(back.hardware().tpms.at(0).model == "tpm-crb");
    CHECK(back.hardware().serials.at(0).backend == "unix");
    CHECK(back.envelope.unmapped.empty());
}

TEST_CASE("bad definitions are refused with their place") {
    CHECK(read("{}").has("vdsm-shape-invalid"));
    CHECK(read(R"({"vmId":"x"})").has("vdsm-value-invalid"));
    CHECK(read(definition("", R"("memGuaranteedSize":"2048",)")).has("vdsm-memory-order"));
    CHECK(read(definition("", R"("maxVCpus":"-1",)")).has("vdsm-value-invalid"));
    CHECK(read(definition("", R"("maxVCpus":[1],)")).has("vdsm-value-invalid"));
    CHECK(read(definition("7")).has("vdsm-shape-invalid"));
    CHECK(read(definition(R"({"type":"teapot","device":"x"})")).has("vdsm-device-unknown"));
    CHECK(read(definition(R"({"type":"disk","device":"disk","index":"99999"})")).has("vdsm-value-invalid"));
    CHECK_THROWS_AS(read("{\"vmId\": \"a\", \"vmId\": \"b\"}"), InputError);
    CHECK_THROWS_AS(read("{\"vmId\": "), InputError);
    const Found unknown = read(definition("", R"("pauseCode":"NOERR",)"));
    REQUIRE(unknown.envelope.unmapped.size() == 1);
    CHECK(unknown.envelope.unmapped[0].path == "/pauseCode");
    CHECK(platform_vdsm.detect("x", definition("")) > 50);
    CHECK(platform_vdsm.detect("x", "<Envelope/>") == 0);
}
