// Every operation of `edit` on every sample: the model changes where it should and nowhere else, the descriptor reads back
// as that model but for what the report names, and what nobody asked to change stays.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

#include <ovfkit/ovfkit.hpp>

#include "catch.hpp"
#include "convert/field_walk.hpp"
#include "where.hpp"

using namespace ovfkit;

namespace {

/// Slot (`nics[#0].model`) -> its key (`nics[].model`) and value.
using Fields = std::map<std::string, std::pair<std::string, std::string>>;

Fields fields_of(const Envelope& envelope) {
    Fields out;
    const detail::FieldSink sink = [&](const detail::FieldValue& field) { out[field.slot] = {field.key, field.value}; };
    detail::walk_fields_of_envelope(envelope, sink);
    for (const VirtualSystem& system : envelope.systems) detail::walk_fields(system, sink);
    return out;
}

/// Keys of the fields that differ.
std::vector<std::string> differences(const Envelope& a, const Envelope& b) {
    const Fields left = fields_of(a), right = fields_of(b);
    std::vector<std::string> out;
    for (const auto& [slot, field] : left)
        if (const auto other = right.find(slot); other == right.end() || other->second.second != field.second) out.push_back(field.first);
    for (const auto& [slot, field] : right)
        if (left.find(slot) == left.end()) out.push_back(field.first);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

/// What to say for an operation on a machine; nullopt: there is nothing to say it of.
struct Case {
    std::string operation;
    std::vector<std::string> keys;  ///< beginnings of the keys of fields that may change
    std::function<std::optional<std::string>(const Envelope&, const VirtualSystem&)> value;
    bool removes = false;
};

auto just(const std::string& text) {
    return [=](const Envelope&, const VirtualSystem&) -> std::optional<std::string> { return text; };
}

template <class List>
std::optional<std::string> first_id(const List& list, const std::string& more = {}) {
    if (list.empty() || list.front().info.id.empty()) return std::nullopt;
    return list.front().info.id + more;
}

auto of_nic(const std::string& more) {
    return [=](const Envelope&, const VirtualSystem& system) { return first_id(system.hardware.nics, more); };
}

std::optional<std::string> disk_id(const VirtualSystem& system, const std::string& more) {
    for (const Drive& drive : system.hardware.drives)
        if (drive.kind == DriveKind::disk && !drive.disk_id.empty() && !drive.info.id.empty()) return drive.info.id + more;
    return std::nullopt;
}

std::optional<std::string> property_key(const VirtualSystem& system, const std::string& more) {
    if (system.products.empty() || system.products.front().properties.empty()) return std::nullopt;
    return system.products.front().properties.front().key + more;
}

std::vector<Case> cases() {
    const auto free_controller = [](const Envelope&, const VirtualSystem& system) -> std::optional<std::string> {
        for (const Controller& controller : system.hardware.controllers)
            if (std::none_of(system.hardware.drives.begin(), system.hardware.drives.end(), [&](const Drive& drive) { return drive.controller == controller.info.id; }))
                return controller.info.id;
        return std::nullopt;
    };
    const auto cdrom = [](const Envelope&, const VirtualSystem& system) -> std::optional<std::string> {
        for (const Drive& drive : system.hardware.drives)
            if (drive.kind == DriveKind::cdrom) return drive.info.id;
        return std::nullopt;
    };
    return {
        {"name", {"name"}, just("another & one")},
        {"annotation", {"annotation"}, just("two\nlines, with <marks>")},
        {"uuid", {"uuid"}, just("0f0e0d0c-0b0a-0908-0706-050403020100")},
        {"os-cim", {"os.cim_id"}, just("100")},
        {"os-vmware", {"os.vmware_type"}, just("rhel8_64Guest")},
        {"os-description", {"os.description"}, just("Another system")},
        {"firmware", {"firmware"}, just("efi")},
        {"secure-boot", {"secure_boot"}, just("true")},
        {"hardware-version", {"system_type"}, just("vmx-21")},
        {"cpus", {"cpu.count", "cpu.sockets", "cpu.info.name", "cpu.info.caption"}, just("16")},
        {"cores-per-socket", {"cpu.cores", "cpu.sockets"}, just("1")},
        {"memory", {"memory.boot_bytes", "memory.info.name", "memory.info.caption"}, just("6GiB")},
        {"memory-target", {"memory.target_bytes"}, just("768MiB")},
        {"memory-guaranteed", {"memory.guaranteed_bytes"}, just("256MiB")},
        {"memory-maximum", {"memory.maximum_bytes"}, just("32GiB")},
        {"balloon", {"balloon."}, just("disabled")},
        {"balloon", {"balloon."}, just("enabled")},
        {"balloon", {"balloon."}, just("unspecified")},
        {"nic-add", {"nics[].", "networks[]."}, just("network=dmz,model=e1000,mac=52:54:00:01:02:03")},
        {"nic-remove", {"nics[]."}, of_nic(""), true},
        {"nic", {"nics[].model", "nics[].mac", "nics[].connected"}, of_nic(":model=e1000,mac=52-54-00-01-02-04,connected=false")},
        {"nic", {"nics[].network", "networks[]."}, of_nic(":network=elsewhere")},
        {"network", {"nics[].network", "networks[].name"},
         [](const Envelope&, const VirtualSystem& system) -> std::optional<std::string> {
             if (system.hardware.nics.empty() || system.hardware.nics.front().network.empty()) return std::nullopt;
             return system.hardware.nics.front().network + "=renamed";
         }},
        {"disk-add", {"disks[].", "drives[]."}, just("capacity=10GiB")},
        {"disk-remove", {"disks[].", "drives[].", "files[]."}, [](const Envelope&, const VirtualSystem& system) { return disk_id(system, ""); }, true},
        {"disk", {"disks[].capacity_bytes"}, [](const Envelope&, const VirtualSystem& system) { return disk_id(system, ":capacity=900GiB"); }},
        {"cdrom-add", {"drives[]."}, just("auto")},
        {"cdrom-remove", {"drives[].", "files[]."}, cdrom, true},
        {"controller-add", {"controllers[]."}, just("type=scsi,model=lsilogic")},
        {"controller-remove", {"controllers[]."}, free_controller, true},
        {"serial-add", {"serials[]."}, just("auto")},
        {"serial-remove", {"serials[]."}, [](const Envelope&, const VirtualSystem& system) { return first_id(system.hardware.serials); }, true},
        {"property-add", {"products[]."}, just("site,type=string,value=north,label=Site,user-configurable=true")},
        {"property-set", {"products[].properties[].value"}, [](const Envelope&, const VirtualSystem& system) { return property_key(system, "=changed"); }},
        {"property-remove", {"products[].properties[]"}, [](const Envelope&, const VirtualSystem& system) { return property_key(system, ""); }, true},
        {"product", {"products[]."}, just("name=Thing,vendor=Maker,,Inc,version=9")},
        {"configuration-add", {"configurations[].", "configuration"}, just("large,label=Large,description=More of it")},
        {"set", {"cpu.model"}, just("cpu.model=host-model")},
        {"set", {"memory.weight"}, just("hardware.memory.weight=2000")},
        {"set", {"nics[].link_up"}, [](const Envelope&, const VirtualSystem& system) -> std::optional<std::string> {
             const auto id = first_id(system.hardware.nics);
             return id ? std::optional("nics[" + *id + "].link_up=false") : std::nullopt;
         }},
        {"set", {"clock"}, just("clock=localtime")},
        {"unset", {"annotation"}, just("annotation")},
    };
}

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

constexpr std::string_view note = "<!-- kept -->";

/// With a comment behind every Item.
std::string commented(std::string bytes) {
    for (std::size_t at = bytes.find("</Item>"); at != std::string::npos; at = bytes.find("</Item>", at + 7)) bytes.insert(at + 7, note);
    return bytes;
}

std::size_t notes_in(const std::string& bytes) {
    std::size_t out = 0;
    for (std::size_t at = bytes.find(note); at != std::string::npos; at = bytes.find(note, at + 1)) ++out;
    return out;
}

std::vector<std::filesystem::path> samples() {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "samples"))
        if (entry.path().extension() == ".ovf") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

bool starts_with_one_of(const std::string& key, const std::vector<std::string>& beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(), [&](const std::string& beginning) { return key.rfind(beginning, 0) == 0; });
}

/// What was wanted and reads back otherwise has to be in the report. A dialect may give a new device an id and a name of
/// its own, and say more of it than was asked for.
void check_read_back(const Envelope& wanted, const Envelope& after, const LossReport& report) {
    const Fields written = fields_of(after);
    for (const auto& [slot, field] : fields_of(wanted)) {
        if (const auto other = written.find(slot); other != written.end() && other->second.second == field.second) continue;
        const std::string& key = field.first;
        if (key.find(".info.id") != std::string::npos || key.find(".info.name") != std::string::npos || key == "configuration") continue;
        INFO(slot << " = " << field.second << " reads back otherwise");
        CHECK(std::any_of(report.rows.begin(), report.rows.end(), [&](const LossRow& row) { return row.field == key; }));
    }
}

/// Nothing but what the edit is about differs in the bytes that were written. oVirt has a File for every disk, says of
/// every NIC whether its link is up, has secure boot and EFI in one word, one id of the system, and one of the VM.
void check_rest(const Envelope& before, const Envelope& after, std::vector<std::string> keys) {
    if (before.dialect == "ovirt") {
        for (const std::string& key : std::vector<std::string>(keys)) {
            if (key == "disks[].") keys.emplace_back("files[].");
            if (key == "firmware") keys.emplace_back("secure_boot");
            if (key == "os.cim_id") keys.emplace_back("os.");
            if (key == "uuid") keys.emplace_back("id");
            if (key == "nics[].model") keys.emplace_back("nics[].");
        }
    }
    for (const std::string& key : differences(before, after)) {
        INFO(key << " differs in what was written");
        CHECK(starts_with_one_of(key, keys));
    }
}

/// False when the sample has nothing of that kind.
bool run(const Case& one, const std::string& original) {
    Diagnostics diagnostics;
    const std::string bytes = commented(original);
    Document document = Document::parse("sample.ovf", bytes, diagnostics);
    const Envelope before = read(document, diagnostics);
    ReadOptions same;  // a change may make another dialect's file of it, or another configuration the default
    same.from = before.dialect;
    same.configuration = before.configuration;
    const auto value = one.value(before, before.systems.front());
    if (!value) return false;
    INFO(*value);
    EditOptions options;
    options.vm = before.systems.front().id;
    Envelope wanted = before;
    try {
        edit(wanted, {{one.operation, *value}}, options);
    } catch (const UsageError& error) {
        const std::string what = error.what();
        INFO(what);
        CHECK((what.find("no controller has room") != std::string::npos || what.find("is the capacity of") != std::string::npos ||
               what.find("is less than the") != std::string::npos || what.find("cannot be divided") != std::string::npos ||
               what.find("more than the ceiling") != std::string::npos));
        return false;
    }
    for (const std::string& key : differences(before, wanted)) {
        INFO(key << " changed");
        CHECK(starts_with_one_of(key, one.keys));
    }
    const LossReport report = update(document, wanted, diagnostics, same);
    const Envelope after = read(document, diagnostics, same);
    check_read_back(wanted, after, report);
    check_rest(before, after, one.keys);
    CHECK(document.edited() == false);  // the edits are in its bytes now
    if (wanted == before) CHECK(document.bytes() == bytes);
    CHECK(notes_in(document.bytes()) + (one.removes ? 1 : 0) >= notes_in(bytes));
    return true;
}

}  // namespace

TEST_CASE("an edit changes what it is about and nothing else, in every dialect") {
    std::map<std::string, int> done;
    for (const auto& path : samples()) {
        const std::string bytes = bytes_of(path);
        for (const Case& one : cases()) {
            INFO(path.filename().string() << " --" << one.operation);
            done[one.operation] += run(one, bytes) ? 1 : 0;
        }
    }
    for (const auto& [operation, count] : done) {
        INFO(operation);
        CHECK(count > 0);
    }
    // What needs files or other edits is in edit_test.cpp and in the transcripts.
    for (const EditOperation& operation : edit_operations()) {
        const std::vector<std::string_view> elsewhere{"balloon-model", "iso", "eula", "property-file", "configuration-remove", "configuration-default"};
        INFO(operation.name);
        CHECK((done.count(std::string(operation.name)) == 1 || std::find(elsewhere.begin(), elsewhere.end(), operation.name) != elsewhere.end()));
    }
}

TEST_CASE("no edit leaves every sample as it is") {
    for (const auto& path : samples()) {
        INFO(path.string());
        Diagnostics diagnostics;
        Document document = Document::parse("sample.ovf", bytes_of(path), diagnostics);
        Envelope wanted = read(document, diagnostics);
        edit(wanted, {}, {});
        update(document, wanted, diagnostics);
        CHECK(document.bytes() == bytes_of(path));
    }
}
