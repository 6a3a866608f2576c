// What `edit` refuses, and what it says.
#include <filesystem>
#include <fstream>
#include <set>

#include <unistd.h>

#include "catch.hpp"
#include "systems.hpp"

using namespace ovfkit;
using namespace samples;

namespace {

/// The message of what is refused; empty when it passes.
std::string refused(const Envelope& envelope, const std::vector<Edit>& edits, const EditOptions& options = {}) {
    Envelope copy = envelope;
    try {
        edit(copy, edits, options);
    } catch (const UsageError& error) {
        CHECK(copy == envelope);  // all or none
        return error.what();
    }
    return {};
}

std::string refused(const std::string& operation, const std::string& value) { return refused(machine(), {{operation, value}}); }

Envelope edited(const std::vector<Edit>& edits, const EditOptions& options = {}) {
    Envelope envelope = machine();
    edit(envelope, edits, options);
    return envelope;
}

bool contains(const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return true;
}

/// A folder that is gone at the end.
struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("ovfkit-edit-" + std::to_string(::getpid()));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    void add(const std::string& name, const std::string& bytes) const { std::ofstream(path / name, std::ios::binary) << bytes; }
    [[nodiscard]] EditOptions options() const {
        EditOptions out;
        out.folder = path.string();
        return out;
    }
};

}  // namespace

TEST_CASE("unknown words are answered with the nearest one") {
    contains(refused("cpu", "2"), "did you mean 'cpus'?");
    contains(refused("nic", "6:model=e1000"), "--nic: there is no '6'");
    contains(refused("nic-add", "netwrok=lan"), "did you mean 'network'?");
    contains(refused("network", "VM Netwrk=lan"), "did you mean 'VM Network'?");
    contains(refused("firmware", "uefi"), "did you mean 'efi'?");
    contains(refused("set", "cpu.modle=x"), "did you mean 'model'?");
    contains(refused("set", "hardwear.cpu.model=x"), "did you mean 'hardware'?");
    contains(refused("set", "nics[6].mac=52:54:00:00:00:01"), "nics has no '6'");
    contains(refused("unset", "memroy.weight"), "did you mean 'memory'?");
    contains(refused("controller-add", "type=scsii"), "did you mean 'scsi'?");
    EditOptions options;
    options.vm = "wbe";
    contains(refused(machine(), {}, options), "did you mean 'web'?");
}

TEST_CASE("values out of their range are refused") {
    contains(refused("cpus", "0"), "a number from 1 to 4096");
    contains(refused("cpus", "-1"), "a number from 1 to 4096");
    contains(refused("memory", "4096"), "with its unit");
    contains(refused("memory", "99999999999G"), "out of range");
    contains(refused("memory", "17000G"), "no size of a memory");
    contains(refused("uuid", "12"), "a UUID");
    contains(refused("nic", "5:mac=01:00:5e:00:00:01"), "address of one NIC");
    contains(refused("os-cim", "x"), "a number from 0");
    contains(refused("name", std::string("a\x01", 2)), "a character that XML cannot hold");
    contains(refused("name", "\xff"), "no UTF-8");
    contains(refused("secure-boot", "perhaps"), "true or false");
    contains(refused("set", "balloon.state=on"), "enabled, disabled, unspecified");
    contains(refused("set", "nics[5].boot_index=first"), "is a number");
    contains(refused("set", "cpu=2"), "no single value");
    contains(refused("set", "systems=2"), "no field 'systems'");
    contains(refused("nic-add", "network=a,network=b"), "there twice");
    contains(refused("disk-add", "unit=3"), "needs capacity=SIZE or file=NAME");
}

TEST_CASE("an edit that makes something wrong is refused") {
    contains(refused("memory-guaranteed", "2GiB"), "less than the guaranteed memory");
    contains(refused("cores-per-socket", "3"), "cannot be divided into sockets of 3");
    contains(refused("controller-remove", "3"), "in use by 4");
    contains(refused("disk-add", "capacity=1GiB,controller=3,unit=0"), "unit 0 of controller 3 is taken by drive 4");
    contains(refused("disk-add", "capacity=1GiB,controller=3,unit=7"), "7 is its own");
    contains(refused("disk", "4:unit=16"), "a number from 0 to 15");
    contains(refused("disk", "4:capacity=1GiB"), "can only grow");
    contains(refused("set", "drives[4].controller=99"), "on controller '99', which is not there");
    contains(refused("set", "drives[4].disk_id=x"), "of disk 'x', which is not there");
    contains(refused("set", "disks[vmdisk1].file_id=x"), "of file 'x', which is not there");
    contains(refused("set", "nics[5].info.id=4"), "two devices have the id '4'");
    contains(refused("set", "nics[5].network=x"), "on network 'x', which is not there");
    contains(refused("unset", "networks[VM Network]"), "on network 'VM Network', which is not there");
    contains(refused("nic-add", "network=lan,mac=00:50:56:11:22:33"), "two NICs have the address");
    contains(refused("balloon-model", "virtio"), "say --balloon enabled before it");
}

TEST_CASE("what was wrong before does not keep another edit from being made") {
    Envelope envelope = machine();
    envelope.systems[0].hardware.drives[0].controller = "77";
    CHECK(refused(envelope, {{"cpus", "4"}}).empty());
}

TEST_CASE("several machines: an edit of one needs its name") {
    Envelope envelope = machine();
    envelope.systems.push_back(envelope.systems[0]);
    envelope.systems[1].id = "other";
    contains(refused(envelope, {{"name", "x"}}), "--vm with one of web, other");
    EditOptions options;
    options.vm = "other";
    edit(envelope, {{"name", "x"}, {"network", "VM Network=lan"}}, options);
    CHECK(envelope.systems[1].name == "x");
    CHECK(envelope.systems[0].name == "web");
    CHECK(envelope.systems[0].hardware.nics[0].network == "VM Network");
    CHECK(envelope.networks.size() == 2);  // the first machine is still on the old one
}

TEST_CASE("edits are made in their order") {
    const Envelope envelope = edited({{"nic-remove", "5"},
                                      {"controller-add", "type=sata"},
                                      {"disk-add", "capacity=1GiB,controller=SATA Controller 0"},
                                      {"balloon", "enabled"},
                                      {"balloon-model", "xen"}});
    const Hardware& hardware = envelope.systems[0].hardware;
    CHECK(hardware.nics.empty());
    CHECK(hardware.drives.back().controller == hardware.controllers.back().info.id);
    CHECK(hardware.drives.back().unit == 0);
    CHECK(envelope.disks.back().id == "vmdisk2");
    CHECK(hardware.balloon.model == BalloonModel::xen);
}

TEST_CASE("a disk that goes takes its file along unless it is in use") {
    CHECK(edited({{"disk-remove", "vmdisk1"}}).files.empty());
    CHECK(edited({{"disk-remove", "4"}}).disks.empty());
    Envelope envelope = machine();
    envelope.systems[0].hardware.nvram_file_id = "file1";
    edit(envelope, {{"disk-remove", "4"}}, {});
    CHECK(envelope.files.size() == 1);
    VirtualDisk child;
    child.id = "child";
    child.parent_id = "vmdisk1";
    envelope = machine();
    envelope.disks.push_back(child);
    contains(refused(envelope, {{"disk-remove", "4"}}), "the parent of child");
}

TEST_CASE("a unit is chosen that is free, never the adapter's own") {
    std::vector<Edit> edits;
    for (int i = 0; i < 14; ++i) edits.push_back({"disk-add", "capacity=1GiB"});
    std::set<std::uint32_t> units;
    for (const Drive& drive : edited(edits).systems[0].hardware.drives) units.insert(drive.unit.value());
    CHECK(units.size() == 15);
    CHECK(units.count(7) == 0);
    edits.push_back({"disk-add", "capacity=1GiB"});
    contains(refused(machine(), edits), "no controller has room");
}

TEST_CASE("files are added by a name beside the output, and looked into") {
    const Folder folder;
    folder.add("disk2.img", std::string(1 << 20, '\0'));
    folder.add("setup 1%.iso", "iso");
    Envelope envelope = edited({{"disk-add", "file=disk2.img,format=raw"}, {"cdrom-add", "auto"}, {"iso", "setup 1%.iso"}}, folder.options());
    CHECK(envelope.files[1].href == "disk2.img");
    CHECK(envelope.files[1].size == 1U << 20);
    CHECK(envelope.disks[1].capacity_bytes == 1U << 20);
    CHECK(envelope.disks[1].file_id == envelope.files[1].id);
    CHECK(envelope.files[2].href == "setup 1%25.iso");
    CHECK(envelope.systems[0].hardware.drives.back().file_id == envelope.files[2].id);
    CHECK(envelope.systems[0].hardware.drives.size() == 3);

    for (const std::string name : {"../disk2.img", "/etc/passwd", "a/../../b", "-x", "c:\\x"}) {
        INFO(name);
        CHECK(!refused(machine(), {{"disk-add", "file=" + name + ",format=raw"}}, folder.options()).empty());
    }
    std::filesystem::create_symlink(folder.path / "disk2.img", folder.path / "link.img");
    CHECK_THROWS_AS(edited({{"disk-add", "file=link.img,format=raw"}}, folder.options()), IoError);
    CHECK_THROWS_AS(edited({{"disk-add", "file=missing.img,format=raw"}}, folder.options()), IoError);
    CHECK_THROWS_AS(edited({{"disk-add", "file=disk2.img,format=qcow2"}}, folder.options()), InputError);
    contains(refused(envelope, {{"disk-add", "file=disk2.img,format=raw"}}, folder.options()), "referred to already");
    EditOptions package = folder.options();
    package.can_add_files = false;
    contains(refused(machine(), {{"iso", "disk2.img"}}, package), "`ovfkit pack` the folder");
}

TEST_CASE("properties: their types, their full keys, and no secret in a message") {
    const Folder folder;
    folder.add("secret", "hunter2\n");
    folder.add("eula", "Be nice.\n");
    Envelope envelope = edited({{"property-add", "count,type=uint8"},
                                {"property-add", "pass,password=true,class=org.x"},
                                {"property-add", "pass,class=org.y"},
                                {"property-file", "org.x.pass=" + (folder.path / "secret").string()},
                                {"eula", (folder.path / "eula").string()}});
    CHECK(envelope.systems[0].products[1].properties[0].value == "hunter2");
    CHECK(envelope.systems[0].eulas.front() == "Be nice.\n");
    const std::string wrong = refused(envelope, {{"property-set", "count=s3cret"}});
    contains(wrong, "is no uint8");
    CHECK(wrong.find("s3cret") == std::string::npos);
    contains(refused(envelope, {{"property-set", "count=256"}}), "is no uint8");
    CHECK(refused(envelope, {{"property-set", "count=255"}}).empty());
    contains(refused(envelope, {{"property-set", "pass=x"}}), "org.x.pass, org.y.pass");
    contains(refused(envelope, {{"property-set", "cuont=1"}}), "did you mean 'count'?");
    contains(refused(envelope, {{"property-add", "count"}}), "already");
    CHECK_THROWS_AS(edited({{"eula", (folder.path / "none").string()}}), IoError);
}

TEST_CASE("a network that gets another name keeps its place, its element and its description") {
    Envelope envelope = machine();
    envelope.networks.push_back({"second", "another", {}});
    const Translation made = to(envelope, "dmtf");
    Diagnostics diagnostics;
    Document document = Document::parse("x.ovf", made.files.front().bytes, diagnostics);
    Envelope wanted = read(document, diagnostics);
    edit(wanted, {{"network", "VM Network=lan"}}, {});
    const LossReport report = update(document, wanted, diagnostics);
    CHECK(report.rows.empty());
    std::string expected = made.files.front().bytes;
    for (std::size_t at = expected.find("VM Network"); at != std::string::npos; at = expected.find("VM Network")) expected.replace(at, 10, "lan");
    CHECK(document.bytes() == expected);
}

TEST_CASE("a configuration that goes leaves nothing bound to it unsaid") {
    Envelope envelope = machine();
    envelope.configurations = {{"small", "Small", "Little of it", true, {}}, {"large", "Large", "More of it", false, {}}};
    envelope.configuration = "small";
    std::string bytes = to(envelope, "dmtf").files.front().bytes;
    const auto item = bytes.find("<Item>");
    REQUIRE(item != std::string::npos);
    const auto removed = [&](const std::string& text) {
        Diagnostics diagnostics;
        Document document = Document::parse("x.ovf", text, diagnostics);
        Envelope wanted = read(document, diagnostics);
        edit(wanted, {{"configuration-remove", "large"}}, {});
        return update(document, wanted, diagnostics);
    };
    CHECK_FALSE(removed(bytes).is_loss());
    bytes.insert(item, "<Item ovf:configuration=\"medium  large\"><rasd:InstanceID>77</rasd:InstanceID><rasd:ResourceType>1</rasd:ResourceType></Item>");
    const LossReport report = removed(bytes);
    CHECK(report.is_loss());
    CHECK(std::any_of(report.rows.begin(), report.rows.end(), [](const LossRow& row) { return row.rule == "ovf-configuration-bound"; }));
    contains(refused(envelope, {{"configuration-remove", "small"}}), "is the one that is read");
    contains(refused(envelope, {{"configuration-default", "smal"}}), "did you mean 'small'?");
    Envelope other = envelope;
    edit(other, {{"configuration-default", "large"}}, {});
    CHECK(other.configurations[1].is_default);
    CHECK_FALSE(other.configurations[0].is_default);
}

TEST_CASE("the value of a property is held against its qualifiers") {
    const Envelope envelope = edited({{"property-add", R"(size,qualifiers=ValueMap{"small",,"a,, b"})"},
                                      {"property-add", "host,qualifiers=MinLen(2) MaxLen(4)"},
                                      {"property-add", "level,type=sint8"},
                                      {"property-add", "flag,type=boolean"},
                                      {"property-add", "odd,qualifiers=Strange(1)"}});
    const auto set = [&](const std::string& text) { return refused(envelope, {{"property-set", text}}); };
    CHECK(set("size=small").empty());
    CHECK(set("size=a, b").empty());
    contains(set("size=big"), "is none of small, a, b");
    CHECK(set("host=\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f").empty());
    contains(set("host=a"), "shorter than 2 characters");
    contains(set("host=abcde"), "longer than 4 characters");
    CHECK(set("level=-128").empty());
    CHECK(set("level=127").empty());
    contains(set("level=128"), "is no sint8");
    contains(set("level=-129"), "is no sint8");
    CHECK(set("odd=anything").empty());
    contains(set("flag=maybe"), "is no boolean");
}
