// The conformance cases of this dialect, 19 to 25: disks, NICs, operating systems, spellings, what is kept.
#include <regex>

#include "support.hpp"

using namespace ovirt_test;

TEST_CASE("case 19: disk-interface absent, empty, misspelled, unknown") {
    const auto read_with = [](std::string_view attribute) {
        return parse(with_disk({}, std::string("ovf:size=\"1\" ") + std::string(attribute), "1").text());
    };
    CHECK(read_with("").hardware().drives.at(0).interface == "ide");
    CHECK_FALSE(read_with("").reports("ovirt-disk-interface-empty"));
    CHECK(read_with("ovf:disk-interface=\"\"").hardware().drives.at(0).interface == "ide");
    CHECK(read_with("ovf:disk-interface=\"\"").reports("ovirt-disk-interface-empty"));
    const Parsed lower = read_with("ovf:disk-interface=\"virtio\"");
    CHECK(lower.hardware().drives.at(0).interface == "virtio");
    CHECK(lower.reports("ovirt-disk-interface-spelling"));
    CHECK(holds(create(lower.envelope).bytes, "ovf:disk-interface=\"VirtIO\""));
    CHECK(read_with("ovf:disk-interface=\"NVME\"").reports("ovirt-disk-interface-unknown"));
    const Parsed scsi = read_with("ovf:disk-interface=\"VirtIO_SCSI\"");
    REQUIRE(scsi.hardware().controllers.size() == 1);
    CHECK(scsi.hardware().controllers[0].model == "virtio-scsi");
    CHECK(scsi.hardware().drives.at(0).controller == scsi.hardware().controllers[0].info.id);
    CHECK(read_with("ovf:disk-interface=\"SPAPR_VSCSI\"").hardware().controllers.at(0).model == "spapr-vscsi");
    CHECK(read_with("ovf:disk-interface=\"SATA\"").hardware().drives.at(0).interface == "sata");
}

TEST_CASE("case 20: a chain of two volumes is one drive with a parent") {
    const Parsed read = parse(fixture("export-3.6.ovf"));
    REQUIRE(read.envelope.disks.size() == 3);
    const VirtualDisk &base = read.envelope.disks[0], &leaf = read.envelope.disks[1];
    CHECK(leaf.parent_id == base.id);  // parentRef names a volume that is not there
    CHECK(base.parent_id.empty());
    std::size_t of_chain = 0;
    for (const Drive& drive : read.hardware().drives)
        of_chain += drive.disk_id == leaf.id || drive.disk_id == base.id ? 1U : 0U;
    CHECK(of_chain == 1);
    CHECK(read.hardware().drives.at(0).disk_id == leaf.id);
    CHECK_FALSE(read.reports("ovirt-chain-ambiguous"));

    const Written again = create(read.envelope, target("3.6"));
    CHECK(again.read.envelope.disks.at(1).parent_id == again.read.envelope.disks.at(0).id);
    CHECK(again.read.hardware().drives.size() == read.hardware().drives.size());
    const Written ova = create(read.envelope, target("4.5", "ova"));
    CHECK(ova.notes_rule("ovirt-disk-chain"));

    SECTION("without snapshots the leaf is nobody's parent") {
        const std::string bytes = fixture("export-3.6.ovf");
        const std::size_t at = bytes.find("    <Section xsi:type=\"ovf:SnapshotsSection_Type\">");
        const std::size_t end = bytes.find("  </Content>");
        REQUIRE(at != std::string::npos);
        const Parsed bare = parse(bytes.substr(0, at) + bytes.substr(end));
        CHECK(bare.hardware().drives.at(0).disk_id == leaf.id);
    }
    SECTION("without parents and snapshots it cannot be told") {
        std::string bytes = fixture("export-3.6.ovf");
        bytes = replaced(bytes, "<Type>ACTIVE</Type>", "<Type>REGULAR</Type>");
        bytes = replaced(bytes, "<rasd:Parent>" + base.id + "</rasd:Parent>",
                         "<rasd:Parent>00000000-0000-0000-0000-000000000000</rasd:Parent>");
        CHECK(parse(bytes).reports("ovirt-chain-ambiguous"));
    }
    SECTION("removing the chain removes both volumes and their Items") {
        const Written out = edit(fixture("export-3.6.ovf"), [](Envelope& e) {
            e.systems[0].hardware.drives.erase(e.systems[0].hardware.drives.begin());
            e.disks.erase(e.disks.begin(), e.disks.begin() + 2);
            e.files.erase(e.files.begin(), e.files.begin() + 2);
        });
        CHECK(out.read.envelope.disks.size() == 1);
        CHECK(count_of(out.bytes, "<rasd:ResourceType>17</rasd:ResourceType>") == 1);
    }
}

TEST_CASE("case 21: a NIC of 3.0, and one without a network") {
    Export text;
    text.version = "3.0.0.0";
    text.general.clear();
    text.old_networks = true;
    text.items =
        "<Item><rasd:InstanceId>3</rasd:InstanceId><rasd:ResourceType>10</rasd:ResourceType><rasd:ResourceSubType>3</"
        "rasd:ResourceSubType>"
        "<rasd:Connection>rhevm</rasd:Connection><rasd:Name>nic1</rasd:Name></Item>"
        "<Item><rasd:InstanceId>4</rasd:InstanceId><rasd:ResourceType>10</rasd:ResourceType><rasd:ResourceSubType>PV</"
        "rasd:ResourceSubType>"
        "<rasd:Connection></rasd:Connection><rasd:Linked>true</rasd:Linked></Item>";
    const Parsed read = parse(text.text());
    REQUIRE(read.hardware().nics.size() == 2);
    const Nic &first = read.hardware().nics[0], &second = read.hardware().nics[1];
    CHECK(first.model == "virtio");
    CHECK(first.network == "rhevm");
    CHECK(first.link_up.value_or(true));
    CHECK(second.model == "virtio");
    CHECK(second.network.empty());
    CHECK(second.link_up == false);
    const Written out = create(read.envelope, target("4.5"));
    const std::string& id = out.read.hardware().nics.at(0).info.id;
    CHECK(id.size() == 36);
    CHECK(out.read.hardware().nics.at(0).model == "virtio");
    CHECK(holds(out.bytes, "Ethernet adapter on [No Network]"));
    CHECK((create(read.envelope, target("4.5")).bytes == out.bytes));
    // A network given to the second makes Linked count again.
    const Written joined = edit(text.text(), [](Envelope& e) { e.systems[0].hardware.nics[1].network = "lan"; });
    CHECK(joined.read.hardware().nics.at(1).link_up == false);
    const Written up = edit(text.text(), [](Envelope& e) {
        e.systems[0].hardware.nics[1].network = "lan";
        e.systems[0].hardware.nics[1].link_up = true;
    });
    CHECK(up.read.hardware().nics.at(1).link_up == true);
}

TEST_CASE("case 22: one operating system under its three names") {
    Export text;
    text.os = "RHEL6x64";
    const Parsed exported = parse(text.text());
    const auto ova_with = [](std::string_view attributes) {
        return parse(replaced(fixture("ova-4.5.ovf"), "ovf:id=\"80\" ovirt:id=\"34\"", attributes)).system().os;
    };
    const OperatingSystem ova = ova_with("ovf:id=\"80\" ovirt:id=\"19\"");
    CHECK(exported.system().os.ovirt_name == "rhel_6x64");
    CHECK(exported.system().os.ovirt_id == "19");
    CHECK(ova.ovirt_name == exported.system().os.ovirt_name);
    CHECK(ova.ovirt_id == exported.system().os.ovirt_id);
    CHECK(ova.osinfo_id == "http://redhat.com/rhel/6.0");
    CHECK(ova_with("ovf:id=\"80\"").ovirt_name == "other_linux");
    CHECK(ova_with("ovf:id=\"80\" ovirt:id=\"1502\"").ovirt_name == "other_linux_kernel_4");
    CHECK(ova_with("ovf:id=\"120\"").ovirt_name == "windows_10");
    CHECK(ova_with("ovf:id=\"1\"").ovirt_name == "other");
    // Back: the name in an export, both numbers in an OVA.
    CHECK(holds(create(exported.envelope, target("4.5")).bytes, "<Description>rhel_6x64</Description>"));
    CHECK(holds(create(exported.envelope, target("4.5", "ova")).bytes, "ovf:id=\"80\" ovirt:id=\"19\""));
    for (const std::string_view word : {"REHL3", "WindowsXP", "Unassigned", "OtherLinux", "Windows2008R2x64"}) {
        text.os = word;
        CHECK_FALSE(parse(text.text()).reports("ovirt-os-unknown"));
    }
    text.os = "haiku_r1";
    const Parsed unknown = parse(text.text());
    CHECK(unknown.reports("ovirt-os-unknown"));
    CHECK(unknown.system().os.ovirt_name == "haiku_r1");
    CHECK(holds(create(unknown.envelope).bytes, "<Description>haiku_r1</Description>"));
    text.os = "rhel_8_ppc64";
    CHECK(parse(text.text()).hardware().arch == "ppc64le");
    CHECK(parse(text.text()).hardware().machine == "pseries");
    text.os = "sles_12_s390x";
    CHECK(parse(text.text()).hardware().machine == "s390-ccw-virtio");
}

TEST_CASE("case 23: what is written passes the engine's two patterns") {
    // OvfHelper.format: line ends out, then the default namespace.
    const auto formatted = [](const std::string& text) {
        const std::string joined = std::regex_replace(text, std::regex("[\r\n]+"), "");
        return std::regex_replace(joined, std::regex("xmlns=[^-\\s]*"), "");
    };
    for (const std::string_view name :
         {"export-3.1.ovf", "export-3.6.ovf", "export-4.3.ovf", "export-4.5.ovf", "hybrid-v2v.ovf"}) {
        INFO(name);
        const Written ova = create(parse(fixture(name)).envelope, target("4.5", "ova"));
        const std::string root =
            ova.bytes.substr(ova.bytes.find("<ovf:Envelope"), ova.bytes.find('>', ova.bytes.find("<ovf:Envelope")) -
                                                                  ova.bytes.find("<ovf:Envelope") + 1);
        CHECK(holds(root, " xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" xmlns:"));
        CHECK_FALSE(holds(root, "\n"));
        Diagnostics found;
        const auto document = detail::XmlDocument::parse("formatted", formatted(ova.bytes), found);
        // Without the default namespace the engine looks for plain names.
        CHECK(document->root().qname() == "ovf:Envelope");
        const detail::Element system = document->root().child(detail::Ns::none, "VirtualSystem");
        REQUIRE(system);
        CHECK(system.child(detail::Ns::none, "VirtualHardwareSection").child(detail::Ns::none, "Item"));
        CHECK(system.child(detail::Ns::none, "BalloonEnabled"));
        CHECK(document->root()
                  .child(detail::Ns::none, "References")
                  .child(detail::Ns::none, "File")
                  .attribute(detail::Ns::ovf, "href"));

        const Written exported = create(parse(fixture(name)).envelope, target("4.5"));
        CHECK(holds(exported.bytes, "<ovf:Envelope xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1/\""));
        CHECK_FALSE(holds(exported.bytes, "xmlns=\""));
        CHECK(count_of(exported.bytes, "xmlns:") == 4);  // nothing declared further down
        for (const std::string_view attribute : {" id=", " href=", " diskId=", " fileRef="})
            CHECK_FALSE(holds(exported.bytes, attribute));
    }
}

TEST_CASE("case 24: other namespaces and prefixes read the same and are written canonical") {
    const std::string plain = fixture("export-4.5.ovf");
    const Envelope expected = parse(plain).envelope;
    SECTION("every element in the envelope namespace by default") {
        const std::string text =
            replaced(plain, "<ovf:Envelope ", "<ovf:Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1/\" ");
        CHECK(parse(text).envelope == expected);
        CHECK((create(parse(text).envelope).bytes == create(expected).bytes));
        const Written on = edit(text, [](Envelope& e) { set_balloon(e, BalloonState::enabled); });
        CHECK(on.read.hardware().balloon.state == BalloonState::enabled);
    }
    SECTION("without the slash, as 4.2.0 wrote it") {
        CHECK(parse(replaced(plain, "envelope/1/", "envelope/1")).envelope == expected);
    }
    SECTION("other prefixes") {
        std::string text = std::regex_replace(plain, std::regex("(</?|\\s|xmlns:|\")ovf:"), "$1o:");
        text = std::regex_replace(text, std::regex("xmlns:ovf="), "xmlns:o=");
        text = std::regex_replace(text, std::regex("(</?|xmlns:)rasd([:=])"), "$1r$2");
        REQUIRE(holds(text, "<r:InstanceId>"));
        REQUIRE(holds(text, "o:diskId"));
        CHECK(parse(text).envelope == expected);
        CHECK((create(parse(text).envelope).bytes == create(expected).bytes));
        const Written more =
            edit(text, [](Envelope& e) { e.systems[0].hardware.nics.push_back(e.systems[0].hardware.nics[0]); });
        CHECK(more.read.hardware().nics.size() == 2);
        CHECK_FALSE(holds(more.bytes, "<rasd:"));
    }
    SECTION("InstanceID in an export") {
        const std::string text = std::regex_replace(plain, std::regex("InstanceId"), "InstanceID");
        CHECK(parse(text).envelope == expected);
    }
    SECTION("one line") {
        CHECK(parse(fixture("export-4.5.compact.ovf")).envelope == expected);
        CHECK(parse(fixture("ova-4.5.compact.ovf")).envelope == parse(fixture("ova-4.5.ovf")).envelope);
    }
}

TEST_CASE("case 25: scripts, secrets, secure boot, and what nobody knows") {
    const Parsed read = parse(fixture("export-4.3.ovf"), true);
    std::string script;
    for (const Parameter& entry : read.system().parameters) {
        CHECK_FALSE(holds(entry.key, "rootPassword"));
        CHECK_FALSE(holds(entry.value, "hunter2"));
        CHECK_FALSE(holds(entry.value, "SECRET"));
        if (entry.key == "VmInit.customScript") script = entry.value;
    }
    CHECK(script == "runcmd:\n- echo hi\n- exit");
    CHECK(read.reports("ovirt-secret-kept"));
    for (const Diagnostic& diagnostic : read.found.all()) {
        CHECK_FALSE(holds(diagnostic.message, "hunter2"));
        CHECK_FALSE(holds(diagnostic.message, "SECRET"));
    }
    // Taken, so that no report of what was not understood prints them either.
    const detail::Element init =
        read.xml->root().child_lax(detail::Ns::ovf, "Content").child_lax(detail::Ns::ovf, "VmInit");
    CHECK(read.xml->taken(init.attribute_lax(detail::Ns::ovf, "rootPassword").raw().internal_object()));
    CHECK(read.xml->taken(init.attribute_lax(detail::Ns::ovf, "winKey").raw().internal_object()));
    // They stay in the document that has them, and go into no other.
    const Written renamed = edit(fixture("export-4.3.ovf"), [](Envelope& e) { e.systems[0].name = "n"; });
    CHECK(holds(renamed.bytes, "hunter2-secret"));
    const Written fresh = create(read.envelope);
    CHECK_FALSE(holds(fresh.bytes, "hunter2"));
    CHECK(holds(fresh.bytes, "ovf:customScript=\"runcmd:\\n- echo hi\\n- exit\""));

    const Parsed secure = parse(fixture("export-4.5.ovf"));
    CHECK(secure.hardware().firmware == Firmware::efi);
    CHECK(secure.hardware().secure_boot == true);
    CHECK(secure.hardware().machine == "q35");
    REQUIRE(secure.hardware().tpms.size() == 1);
    CHECK(secure.hardware().tpms[0].model == "tpm-crb");

    const Parsed old = parse(fixture("export-3.6.ovf"));
    const Written again = create(old.envelope, target("3.6"));
    CHECK(holds(again.bytes, "<exportonly_status>old</exportonly_status>"));
    CHECK(holds(again.bytes, "<Type>channel</Type>"));
    CHECK(holds(again.bytes, "{type=virtio-serial, bus=0, controller=0, port=3}"));
    CHECK(again.read.hardware().others == old.hardware().others);
}
