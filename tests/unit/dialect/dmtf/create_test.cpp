#include "catch.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "unit/descriptor/differences.hpp"
#include "unit/descriptor/fixtures.hpp"
#include "unit/descriptor/support.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_dmtf;
}

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_dmtf;

namespace {

WriteOptions with_version(const std::string& version) {
    WriteOptions options;
    options.options["dmtf.version"] = version;
    return options;
}

/// What a new document of that version cannot say, or must.
Envelope expected(Envelope envelope, const std::string& version) {
    envelope.ovf_version = version;
    return envelope;
}

bool have_program(const char* name) {
    return std::system((std::string("command -v ") + name + " >/dev/null 2>&1").c_str()) == 0;
}

/// Empty when the DMTF schema accepts the text; what xmllint says otherwise.
std::string schema_errors(const std::string& bytes) {
    const auto folder = std::filesystem::temp_directory_path() / "ovfkit-schema-test";
    std::filesystem::create_directories(folder);
    const auto file = folder / "created.ovf";
    std::ofstream(file, std::ios::binary) << bytes;
    const std::string command = "xmllint --noout --nonet --schema " + shared_folder() +
                                "/schemas/dmtf-1.1.1/dsp8023_1.1.1.xsd " + file.string() + " 2>&1";
    std::string said;
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) said += buffer;
    const int status = pclose(pipe);
    std::filesystem::remove_all(folder);
    return status == 0 ? std::string{} : said;
}

bool have_schema() {
    if (have_program("xmllint") && std::filesystem::exists(shared_folder() + "/schemas/dmtf-1.1.1/dsp8023_1.1.1.xsd"))
        return true;
    WARN("SKIPPED: xmllint or the DMTF schemas are not there");
    return false;
}

/// Every state the balloon can be in, with and without attributes.
std::vector<MemoryBalloon> balloons() {
    std::vector<MemoryBalloon> out;
    for (const BalloonState state : {BalloonState::unspecified, BalloonState::disabled, BalloonState::enabled})
        for (const BalloonModel model : {BalloonModel::unspecified, BalloonModel::virtio, BalloonModel::vmware})
            for (const bool attributes : {false, true}) {
                MemoryBalloon balloon;
                balloon.state = state;
                balloon.model = model;
                if (attributes) {
                    balloon.autodeflate = true;
                    balloon.free_page_reporting = false;
                    balloon.stats_period_seconds = 5;
                    balloon.device_kept = true;
                    balloon.info.alias = "balloon0";
                    balloon.info.address = "slot=0x08,type=pci";
                }
                out.push_back(balloon);
            }
    return out;
}

}  // namespace

TEST_CASE("a new descriptor of every version holds everything") {
    const Envelope source = load(dialect_dmtf, full_descriptor()).envelope;
    for (const std::string version : {"0.9", "1.0", "1.1", "2.0"}) {
        INFO(version);
        const Changed made = create(dialect_dmtf, source, with_version(version));
        INFO(made.bytes);
        CHECK_FALSE(made.again.diagnostics.has_errors());
        CHECK(made.again.rules() == "");
        CHECK(differences(expected(source, version), made.again.envelope) == "");
        const Changed again = change(dialect_dmtf, made.bytes, made.again.envelope);
        CHECK_FALSE(again.edited);
    }
}

TEST_CASE("what is written by default is valid by the DMTF schema") {
    if (!have_schema()) return;
    const Envelope source = load(dialect_dmtf, full_descriptor()).envelope;
    for (const std::string version : {"1.0", "1.1"}) {
        INFO(version);
        CHECK(schema_errors(create(dialect_dmtf, source, with_version(version)).bytes) == "");
    }
    // From older and newer descriptors, which lack what the schema requires.
    CHECK(schema_errors(create(dialect_dmtf, load(dialect_dmtf, old_descriptor()).envelope).bytes) == "");
    CHECK(schema_errors(create(dialect_dmtf, load(dialect_dmtf, new_descriptor()).envelope).bytes) == "");
    for (const MemoryBalloon& balloon : balloons()) {
        Envelope wanted = source;
        wanted.systems[0].hardware.balloon = balloon;
        CHECK(schema_errors(create(dialect_dmtf, wanted).bytes) == "");
    }
}

TEST_CASE("a descriptor with nothing in it, and one with several VMs") {
    Envelope wanted;
    wanted.systems.resize(3);
    for (std::size_t i = 0; i < 3; ++i) {
        wanted.systems[i].id = "vm" + std::to_string(i);
        wanted.systems[i].hardware.memory.boot_bytes = (i + 1) << 30;
    }
    const Changed made = create(dialect_dmtf, wanted);
    REQUIRE(made.again.envelope.systems.size() == 3);
    CHECK(made.again.envelope.is_collection);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(made.again.envelope.systems[i].hardware.memory.boot_bytes ==
              wanted.systems[i].hardware.memory.boot_bytes);
    if (have_schema()) CHECK(schema_errors(made.bytes) == "");

    const Changed none = create(dialect_dmtf, Envelope{});
    CHECK(none.again.has("ovf-system-missing"));
}

TEST_CASE("new Items look as importers expect them") {
    Envelope wanted;
    wanted.systems.resize(1);
    wanted.systems[0].id = "vm";
    Hardware& hardware = wanted.systems[0].hardware;
    hardware.memory.boot_bytes = 1536ULL << 20;
    hardware.cpu.count = 2;
    hardware.cpu.cores = 2;
    wanted.files.push_back({"f", "d.qcow2", {}, {}, {}, {}, {}});
    VirtualDisk disk;
    disk.id = "d";
    disk.file_id = "f";
    disk.capacity_bytes = 3ULL << 30;
    wanted.disks.push_back(disk);
    Drive drive;
    drive.info.id = "disk:vda";
    drive.disk_id = "d";
    drive.interface = "virtio";
    hardware.drives.push_back(drive);
    hardware.balloon.state = BalloonState::disabled;
    wanted.systems[0].os.osinfo_id = "http://debian.org/debian/12";

    const Changed made = create(dialect_dmtf, wanted);
    INFO(made.bytes);
    const auto has = [&](std::string_view text) { return made.bytes.find(text) != std::string::npos; };
    CHECK(has("<rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>"));
    CHECK(has("<rasd:VirtualQuantity>1536</rasd:VirtualQuantity>"));
    CHECK(has("<rasd:HostResource>ovf:/disk/d</rasd:HostResource>"));
    CHECK(has("ovf:capacity=\"3221225472\" ovf:capacityAllocationUnits=\"byte\""));
    CHECK(has("<rasd:ElementName>memballoon</rasd:ElementName>"));
    CHECK(has("<rasd:ResourceSubType>none</rasd:ResourceSubType>"));
    CHECK(has("<vmw:CoresPerSocket ovf:required=\"false\">2</vmw:CoresPerSocket>"));
    CHECK(has("ovf:id=\"1\""));
    CHECK_FALSE(has("disk:vda"));
    CHECK(made.again.hardware().drives[0].interface == "virtio");
    REQUIRE(made.notes.size() == 1);
    CHECK(made.notes[0].rule == "ovf-os-unknown");
    if (have_schema()) CHECK(schema_errors(made.bytes) == "");

    hardware.memory.boot_bytes = (1536ULL << 20) + 1;
    CHECK(create(dialect_dmtf, wanted).bytes.find("<rasd:AllocationUnits>byte</rasd:AllocationUnits>") !=
          std::string::npos);
}

TEST_CASE(
    "the balloon's state, model and attributes survive in every combination, and without our own element as far as "
    "they can") {
    const Envelope source = load(dialect_dmtf, full_descriptor()).envelope;
    for (const MemoryBalloon& balloon : balloons()) {
        Envelope wanted = source;
        wanted.systems[0].hardware.balloon = balloon;
        const Changed made = create(dialect_dmtf, wanted);
        MemoryBalloon read = made.again.hardware().balloon;
        CHECK(made.again.rules() == "");
        read.info.id = balloon.info.id;
        read.info.name = balloon.info.name;
        read.info.description = balloon.info.description;
        CHECK(read == balloon);

        std::string bare = made.bytes;
        for (auto at = bare.find("<ovfkit:Balloon"); at != std::string::npos; at = bare.find("<ovfkit:Balloon"))
            bare.erase(at, bare.find("/>", at) + 2 - at);
        const Loaded stripped = load(dialect_dmtf, bare);
        CHECK(stripped.hardware().balloon.state == balloon.state);
        if (balloon.state == BalloonState::enabled) CHECK(stripped.hardware().balloon.model == balloon.model);
    }
}
