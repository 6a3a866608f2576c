#include <algorithm>

#include <fmt/format.h>

#include "catch.hpp"
#include "model/leaf.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_ganeti_ovf;
}

using namespace ovfkit;
using namespace ovfkit::detail;

namespace {

std::string descriptor(const std::string& section, const std::string& items = {}) {
    return R"(<Envelope ovf:version="1.0" xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" )"
           R"(xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:gnt="http://ganeti">)"
           "<References/><NetworkSection><Info/><Network ovf:name=\"bridged0\"/></NetworkSection>" +
           section + "<VirtualSystem ovf:id=\"vm\"><Info/><Name>vm</Name><VirtualHardwareSection><Info/>" + items +
           "</VirtualHardwareSection></VirtualSystem></Envelope>";
}

const std::string nic_item =
    "<Item><rasd:Connection>bridged0</rasd:Connection><rasd:InstanceID>4</rasd:InstanceID><rasd:ResourceType>10</"
    "rasd:ResourceType></Item>";

struct Found {
    std::unique_ptr<XmlDocument> document;
    Diagnostics diagnostics;
    Envelope envelope;

    explicit Found(const std::string& text) : document(XmlDocument::parse("x.ovf", text, diagnostics)) {
        const ReadOptions options;
        ReadContext context{diagnostics, options};
        envelope = dialect_ganeti_ovf.read(*document, context);
    }
    std::string parameter(std::string_view space, std::string_view key) const {
        return of(envelope.systems.at(0).parameters, space, key);
    }
    std::string of_nic(std::string_view key) const {
        return of(envelope.systems.at(0).hardware.nics.at(0).info.parameters, "ganeti", key);
    }
    static std::string of(const std::vector<Parameter>& list, std::string_view space, std::string_view key) {
        for (const Parameter& p : list)
            if (p.space == space && p.key == key) return p.value;
        return "(none)";
    }
    bool has(std::string_view rule) const {
        return std::any_of(diagnostics.all().begin(), diagnostics.all().end(),
                           [&](const Diagnostic& d) { return d.rule == rule; });
    }
};

}  // namespace

TEST_CASE("a GanetiSection gives hypervisor, OS, tags and parameters") {
    const Found found(
        descriptor("<gnt:GanetiSection><gnt:Version>0</gnt:Version><gnt:AutoBalance>False</"
                   "gnt:AutoBalance><gnt:DiskTemplate>plain</gnt:DiskTemplate>"
                   "<gnt:Tags>a "
                   "b</gnt:Tags><gnt:OperatingSystem><gnt:Name>lenny-image</gnt:Name><gnt:Parameters><gnt:dhcp>yes</"
                   "gnt:dhcp></gnt:Parameters>"
                   "</gnt:OperatingSystem><gnt:Hypervisor><gnt:Name>xen-pvm</gnt:Name><gnt:Parameters><gnt:root-path>/"
                   "dev/sda</gnt:root-path>"
                   "<gnt:kernel_args>ro</gnt:kernel_args></gnt:Parameters></gnt:Hypervisor></gnt:GanetiSection>"));
    CHECK(found.parameter("ganeti", "hypervisor") == "xen-pvm");
    CHECK(found.parameter("ganeti", "os") == "lenny-image");
    CHECK(found.parameter("ganeti", "disk_template") == "plain");
    CHECK(found.parameter("ganeti", "tags") == "a b");
    CHECK(found.parameter("ganeti.be", "auto_balance") == "False");
    CHECK(found.parameter("ganeti.os", "dhcp") == "yes");
    CHECK(found.parameter("ganeti.hv", "root-path") == "/dev/sda");
    CHECK(found.parameter("ganeti.hv", "kernel_args") == "ro");
    CHECK_FALSE(found.has("ganeti-ovf-version"));
}

TEST_CASE("a GanetiSection tells of NICs what their Items do not") {
    const auto section = [](const std::string& name, const std::string& link, const std::string& net) {
        return fmt::format(
            "<gnt:GanetiSection><gnt:Network><gnt:Nic ovf:name=\"{}\"><gnt:Mode>bridged</gnt:Mode>"
            "<gnt:MACAddress>aa:00:00:d8:2c:1e</gnt:MACAddress><gnt:IPAddress>10.0.0.1</gnt:IPAddress><gnt:Link>{}</"
            "gnt:Link>"
            "<gnt:Net>{}</gnt:Net></gnt:Nic></gnt:Network></gnt:GanetiSection>",
            name, link, net);
    };
    const Found found(descriptor(section("bridged0", "xen-br0", "None"), nic_item));
    const Nic& nic = found.envelope.systems.at(0).hardware.nics.at(0);
    CHECK(nic.network == "bridged0");
    CHECK(nic.mac == "aa:00:00:d8:2c:1e");
    CHECK(nic.ip == "10.0.0.1");
    CHECK(found.of_nic("link") == "xen-br0");
    CHECK(found.of_nic("mode") == "bridged");
    CHECK(found.of_nic("network") == "(none)");
    // By position when the name is another one's.
    CHECK(Found(descriptor(section("other", "br1", "lan"), nic_item)).of_nic("network") == "lan");
    CHECK(Found(descriptor(section("bridged0", "br1", "none"))).has("ganeti-ovf-nic"));
}

TEST_CASE("the balloon hvparam of a GanetiSection") {
    const auto state = [](const std::string& value) {
        return Found(descriptor(
                         "<gnt:GanetiSection><gnt:Hypervisor><gnt:Name>kvm</gnt:Name><gnt:Parameters><gnt:balloon>" +
                         value + "</gnt:balloon></gnt:Parameters></gnt:Hypervisor></gnt:GanetiSection>"))
            .envelope.systems.at(0)
            .hardware.balloon.state;
    };
    CHECK(state("none") == BalloonState::disabled);
    CHECK(state("virtio") == BalloonState::enabled);
    CHECK(state("") == BalloonState::unspecified);
}

TEST_CASE("a GanetiSection of another version is read with a warning") {
    CHECK(Found(descriptor("<gnt:GanetiSection><gnt:Version>7</gnt:Version></gnt:GanetiSection>"))
              .has("ganeti-ovf-version"));
}

TEST_CASE("a document with a GanetiSection is not touched without an edit") {
    Found found(
        descriptor("<gnt:GanetiSection><gnt:Tags>a</gnt:Tags><gnt:Hypervisor><gnt:Name>kvm</gnt:Name></"
                   "gnt:Hypervisor></gnt:GanetiSection>",
                   nic_item));
    const WriteOptions options;
    WriteContext context{found.diagnostics, options, {}, {}};
    std::vector<LossNote> notes;
    dialect_ganeti_ovf.update(*found.document, found.envelope, found.envelope, context, notes);
    CHECK_FALSE(found.document->edited());
    CHECK(notes.empty());
}
