#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "where.hpp"
#include "model/leaf.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_ovirt;
}

/// What the tests of this dialect share.
namespace ovirt_test {

using namespace ovfkit;

inline std::string slurp(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline std::filesystem::path fixture_folder() {
    return source_folder() / "tests/unit/dialect/ovirt";
}
inline std::string fixture(std::string_view name) { return slurp(fixture_folder() / name); }

inline std::vector<std::filesystem::path> ovf_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> out;
    if (std::filesystem::is_directory(folder))
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().extension() == ".ovf") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

/// Descriptors outside this repository; empty when they are not there.
inline std::vector<std::filesystem::path> shared_files() {
    const std::filesystem::path root = shared_path();
    std::vector<std::filesystem::path> out = ovf_files(root / "corpus/ovirt");
    for (const auto& path : ovf_files(root / "reference/samples-ovirt")) out.push_back(path);
    return out;
}

struct Parsed {
    std::unique_ptr<detail::XmlDocument> xml;
    Diagnostics found;
    Envelope envelope;

    [[nodiscard]] const VirtualSystem& system() const { return envelope.systems.at(0); }
    [[nodiscard]] const Hardware& hardware() const { return system().hardware; }
    [[nodiscard]] bool reports(std::string_view rule) const {
        return std::any_of(found.all().begin(), found.all().end(), [&](const Diagnostic& d) { return d.rule == rule; });
    }
};

inline Parsed parse(std::string bytes, bool trace = false) {
    Parsed out;
    out.xml = detail::XmlDocument::parse("test.ovf", std::move(bytes), out.found);
    out.xml->trace(trace);
    const ReadOptions options;
    detail::ReadContext context{out.found, options};
    out.envelope = detail::dialect_ovirt.read(*out.xml, context);
    return out;
}

struct Written {
    std::string bytes;
    std::vector<detail::LossNote> notes;
    Diagnostics found;
    Parsed read;

    [[nodiscard]] bool notes_rule(std::string_view rule) const {
        return std::any_of(notes.begin(), notes.end(), [&](const auto& note) { return note.rule == rule; });
    }
    [[nodiscard]] bool notes_field(std::string_view field) const {
        return std::any_of(notes.begin(), notes.end(), [&](const auto& note) { return note.field == field; });
    }
};

inline Written apply(detail::XmlDocument& document, const Envelope& have, const Envelope& wanted,
                     const WriteOptions& options) {
    Written out;
    detail::WriteContext context{out.found, options, {}, {}};
    detail::dialect_ovirt.update(document, have, wanted, context, out.notes);
    out.bytes = document.bytes();
    out.read = parse(out.bytes);
    return out;
}

using Change = std::function<void(Envelope&)>;

/// Edits in place.
inline Written edit(const std::string& bytes, const Change& change, const WriteOptions& options = {}) {
    Parsed before = parse(bytes);
    Envelope wanted = before.envelope;
    change(wanted);
    return apply(*before.xml, before.envelope, wanted, options);
}

inline WriteOptions target(std::string_view version, std::string_view flavour = "export") {
    WriteOptions options;
    options.options["ovirt.version"] = version;
    options.options["ovirt.flavour"] = flavour;
    return options;
}

/// A new descriptor.
inline Written create(const Envelope& wanted, const WriteOptions& options = {}) {
    Diagnostics found;
    detail::WriteContext context{found, options, {}, {}};
    Parsed begun = parse(detail::dialect_ovirt.skeleton(wanted, context));
    Written out = apply(*begun.xml, begun.envelope, wanted, options);
    for (const Diagnostic& diagnostic : found.all()) out.found.add(diagnostic);
    return out;
}

inline void set_balloon(Envelope& envelope, BalloonState state) {
    envelope.systems.at(0).hardware.balloon.state = state;
}

inline std::string balloon_edit(const std::string& bytes, BalloonState state) {
    return edit(bytes, [&](Envelope& e) { set_balloon(e, state); }).bytes;
}

/// Text with the first occurrence of one piece replaced; the piece must be there.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

inline bool holds(std::string_view text, std::string_view piece) { return text.find(piece) != std::string_view::npos; }

inline std::size_t count_of(std::string_view text, std::string_view piece) {
    std::size_t count = 0;
    for (std::size_t at = text.find(piece); at != std::string_view::npos; at = text.find(piece, at + piece.size()))
        ++count;
    return count;
}

/// Pieces of an export to put together.
struct Export {
    std::string version = "4.4.0.0";
    std::string general = "<ClusterCompatibilityVersion>4.7</ClusterCompatibilityVersion>";
    std::string files, disks, items;
    std::string os = "rhel_9x64";
    std::string sections;  ///< after the hardware
    bool old_networks = false;

    [[nodiscard]] std::string text() const {
        const std::string networks = old_networks ? "<Section xsi:type=\"ovf:NetworkSection_Type\"><Info>List of "
                                                    "networks</Info><Network ovf:name=\"Network 1\"/></Section>"
                                                  : "<NetworkSection><Info>List of networks</Info></NetworkSection>";
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
               "<ovf:Envelope xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1/\" "
               "xmlns:rasd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData\" "
               "xmlns:vssd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData\" "
               "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ovf:version=\"" +
               version +
               "\">"
               "<References>" +
               files + "</References>" + networks +
               "<Section xsi:type=\"ovf:DiskSection_Type\"><Info>List of Virtual Disks</Info>" + disks +
               "</Section>"
               "<Content ovf:id=\"out\" xsi:type=\"ovf:VirtualSystem_Type\"><Name>t</Name>" +
               general +
               "<Section ovf:id=\"11111111-2222-4333-8444-555555555555\" ovf:required=\"false\" "
               "xsi:type=\"ovf:OperatingSystemSection_Type\">"
               "<Info>Guest Operating System</Info><Description>" +
               os +
               "</Description></Section>"
               "<Section xsi:type=\"ovf:VirtualHardwareSection_Type\"><Info>2 CPU, 1024 Memory</Info>"
               "<System><vssd:VirtualSystemType>ENGINE " +
               version +
               "</vssd:VirtualSystemType></System>"
               "<Item><rasd:InstanceId>1</rasd:InstanceId><rasd:ResourceType>3</"
               "rasd:ResourceType><rasd:num_of_sockets>2</rasd:num_of_sockets>"
               "<rasd:cpu_per_socket>1</rasd:cpu_per_socket></Item>"
               "<Item><rasd:InstanceId>2</rasd:InstanceId><rasd:ResourceType>4</"
               "rasd:ResourceType><rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits>"
               "<rasd:VirtualQuantity>1024</rasd:VirtualQuantity></Item>" +
               items + "</Section>" + sections + "</Content></ovf:Envelope>";
    }
};

inline constexpr std::string_view balloon_id = "c0a80001-0000-4000-8000-00000000ba11";

/// A balloon Item; every part can be left out or spelled otherwise.
struct BalloonItem {
    std::string resource_type = "0", id = std::string(balloon_id), type = "<Type>balloon</Type>",
                device = "<Device>memballoon</Device>";
    std::string address = "<rasd:Address></rasd:Address>", plugged = "<IsPlugged>true</IsPlugged>";
    std::string spec = "<SpecParams><model>virtio</model></SpecParams>";

    [[nodiscard]] std::string text() const {
        return "<Item><rasd:ResourceType>" + resource_type + "</rasd:ResourceType><rasd:InstanceId>" + id +
               "</rasd:InstanceId>" + type + device + address + "<BootOrder>0</BootOrder>" + plugged +
               "<IsReadOnly>true</IsReadOnly><Alias></Alias>" + spec + "</Item>";
    }
};

/// A disk of an export: File, Disk and Item.
inline Export with_disk(Export base, std::string_view disk_attributes, std::string_view file_size,
                        std::string_view item_extra = {}) {
    const std::string group = "aaaaaaaa-0000-4000-8000-000000000001", volume = "bbbbbbbb-0000-4000-8000-000000000001";
    base.files += "<File ovf:href=\"" + group + "/" + volume + "\" ovf:id=\"" + volume + "\" ovf:size=\"" +
                  std::string(file_size) + "\" ovf:description=\"\"/>";
    base.disks += "<Disk ovf:diskId=\"" + volume + "\" ovf:fileRef=\"" + group + "/" + volume + "\" " +
                  std::string(disk_attributes) + "/>";
    base.items += "<Item><rasd:Caption>d</rasd:Caption><rasd:InstanceId>" + volume +
                  "</rasd:InstanceId><rasd:ResourceType>17</rasd:ResourceType>"
                  "<rasd:HostResource>" +
                  group + "/" + volume +
                  "</rasd:HostResource><rasd:Parent>00000000-0000-0000-0000-000000000000</rasd:Parent>" +
                  std::string(item_extra) + "</Item>";
    return base;
}

}  // namespace ovirt_test
