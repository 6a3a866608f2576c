// Several VMs in one descriptor: added and removed in place, split and joined.
#include "catch.hpp"
#include "roundtrip/flat.hpp"
#include "systems.hpp"
#include "where.hpp"

#include <fstream>
#include <iterator>

using namespace ovfkit;
using namespace samples;

namespace {

std::string sample(const std::string& name) {
    std::ifstream in(source_folder() / "samples" / name, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

Document document(const std::string& bytes) {
    Diagnostics diagnostics;
    return Document::parse("x.ovf", bytes, diagnostics);
}

Envelope envelope_of(const Document& text) {
    Diagnostics diagnostics;
    Envelope out = read(text, diagnostics);
    CHECK_FALSE(diagnostics.has_errors());
    return out;
}

Source source(const std::string& name, const std::string& bytes) {
    Diagnostics diagnostics;
    ReadOptions options;
    options.unmapped = true;
    Source out = Source::parse(name, bytes, options, diagnostics);
    CHECK_FALSE(diagnostics.has_errors());
    return out;
}

bool has_rule(const std::vector<LossRow>& rows, std::string_view rule) {
    return std::any_of(rows.begin(), rows.end(), [&](const LossRow& row) { return row.rule == rule; });
}

std::size_t count(const Diagnostics& diagnostics, std::string_view rule) {
    return static_cast<std::size_t>(std::count_if(diagnostics.all().begin(), diagnostics.all().end(),
                                                  [&](const Diagnostic& d) { return d.rule == rule; }));
}

VirtualSystem another(const Envelope& of, const std::string& id) {
    VirtualSystem out = of.systems.front();
    out.id = out.name = id;
    return out;
}

}  // namespace

TEST_CASE("a VM is added in place; the bytes that are there stay, and undoing it gives them back") {
    for (const char* name : {"dmtf-enabled.ovf", "dmtf-2.0-enabled.ovf", "vmware-disabled.ovf", "dmtf-two-machines.ovf"}) {
        INFO(name);
        const std::string bytes = sample(name);
        Document text = document(bytes);
        const Envelope first = envelope_of(text);
        Envelope wanted = first;
        wanted.systems.push_back(another(first, "added"));
        wanted.is_collection = true;
        if (wanted.collection_id.empty()) wanted.collection_id = "both";
        Diagnostics diagnostics;
        const LossReport report = update(text, wanted, diagnostics);
        CHECK(report.rows.empty());
        const Envelope now = envelope_of(text);
        CHECK(flat::silent(wanted, now, report).empty());
        CHECK(now.systems.size() == wanted.systems.size());
        // Every line of the first text is still there, in order.
        std::string grown = text.bytes();
        std::size_t at = 0;
        for (std::size_t line = 0; line < bytes.size(); line = bytes.find('\n', line) + 1) {
            const std::string one = bytes.substr(line, bytes.find('\n', line) + 1 - line);
            at = grown.find(one, at);
            REQUIRE(at != std::string::npos);
            at += one.size();
        }
        Document again = document(grown);
        CHECK(update(again, now, diagnostics).rows.empty());
        CHECK(again.bytes() == grown);
        CHECK(update(again, first, diagnostics).rows.empty());
        CHECK(again.bytes() == bytes);
    }
}

TEST_CASE("a VM is added at the place it is wanted") {
    Document text = document(sample("dmtf-two-machines.ovf"));
    Envelope wanted = envelope_of(text);
    wanted.systems.insert(wanted.systems.begin() + 1, another(wanted, "middle"));
    wanted.systems.insert(wanted.systems.begin(), another(wanted, "first"));
    wanted.systems.push_back(another(wanted, "last"));
    wanted.startup.push_back({"last", 7, 5, std::nullopt, true, "powerOn", "guestShutdown", {}});
    Diagnostics diagnostics;
    CHECK(update(text, wanted, diagnostics).rows.empty());
    CHECK(envelope_of(text) == wanted);
}

TEST_CASE("a dialect of one VM says that another cannot be added") {
    Document text = document(sample("ovirt-4.5-enabled.ovf"));
    const std::string bytes = text.bytes();
    Envelope wanted = envelope_of(text);
    wanted.systems.push_back(another(wanted, "added"));
    Diagnostics diagnostics;
    const LossReport report = update(text, wanted, diagnostics);
    CHECK(report.is_loss());
}

TEST_CASE("starting times and resources of a collection are read, edited and carried to a new descriptor") {
    const std::string bytes = sample("dmtf-two-tiers.ovf");
    Document text = document(bytes);
    Envelope wanted = envelope_of(text);
    REQUIRE(wanted.startup.size() == 2);
    CHECK(wanted.collection_id == "shop");
    CHECK(wanted.collection_name == "Shop");
    CHECK(wanted.startup[0].id == "data");
    CHECK(wanted.startup[0].order == 1U);
    CHECK(wanted.startup[0].start_delay_seconds == 30U);
    CHECK(wanted.startup[0].stop_delay_seconds == 60U);
    CHECK(wanted.startup[0].waiting_for_guest == true);
    CHECK(wanted.startup[0].stop_action == "guestShutdown");
    REQUIRE(wanted.allocations.size() == 1);
    CHECK(wanted.allocations[0].units == "byte");
    CHECK(wanted.allocations[0].reservation == 2ULL << 30);
    CHECK(wanted.allocations[0].limit == 8ULL << 30);
    CHECK(wanted.systems.size() == 2);

    wanted.startup[0].order = 4;
    wanted.startup[1].start_action = "none";
    wanted.startup.push_back({"db", 1, std::nullopt, std::nullopt, std::nullopt, "", "", {}});
    wanted.allocations[0].limit = 9ULL << 30;
    wanted.allocations[0].quantity = 1000;
    wanted.allocations[0].weight = 3;
    wanted.allocations[0].bound = "min";
    wanted.collection_name = "Market";
    Diagnostics diagnostics;
    CHECK(update(text, wanted, diagnostics).rows.empty());
    CHECK(envelope_of(text) == wanted);
    wanted.startup.clear();
    wanted.allocations.clear();
    CHECK(update(text, wanted, diagnostics).rows.empty());
    CHECK(envelope_of(text) == wanted);
    CHECK(text.bytes().find("StartupSection") == std::string::npos);

    const Source shop = source("shop.ovf", bytes);
    WriteOptions options;
    options.options["dmtf.version"] = "2.0";
    const Translation made = translate(shop, "dmtf", options, diagnostics).front();
    const Envelope back = from("dmtf", made.files.front().bytes);
    CHECK(back.startup == shop.envelope().startup);
    CHECK(back.allocations == shop.envelope().allocations);
    CHECK(back.collection_id == "shop");
    CHECK(back.collection_name == "Shop");
    // The inner collection is not there any more.
    CHECK(std::any_of(made.report.rows.begin(), made.report.rows.end(),
                      [](const LossRow& row) { return row.path.find("@ovf:id='data'") != std::string::npos; }));
    // A platform has no place for them.
    for (const Translation& vm : translate(shop, "vdsm", {}, diagnostics))
        if (vm.vm == "web") {
            CHECK(has_row(vm.report, "startup[].order"));
            CHECK(has_row(vm.report, "startup[].start_delay_seconds"));
            CHECK(has_row(vm.report, "allocations[].limit"));
        }
}

TEST_CASE("one VM of several takes along what it uses, leaves what only others use, and names it") {
    const Source shop = source("shop.ovf", sample("dmtf-two-tiers.ovf"));
    for (const char* to : {"ovf", "dmtf", "vmware"}) {
        INFO(to);
        Diagnostics diagnostics;
        WriteOptions options;
        options.vm = "db";
        const Translation one = translate(shop, to, options, diagnostics).front();
        const Envelope now = envelope_of(document(one.files.front().bytes));
        REQUIRE(now.systems.size() == 1);
        CHECK(now.systems[0].hardware.drives == shop.envelope().systems[1].hardware.drives);
        REQUIRE(now.disks.size() == 2);  // its own and the parent that both have
        CHECK(now.disks[0].id == "base-disk");
        CHECK(now.disks[1].id == "db-disk");
        REQUIRE(now.files.size() == 3);  // no VM's: it stays
        CHECK(now.files[2].id == "manual");
        REQUIRE(now.networks.size() == 1);
        CHECK(now.networks[0].name == "back");
        CHECK_FALSE(now.is_collection);
        CHECK(now.allocations.empty());  // it was for both together
        CHECK(has_rule(one.report.rows, "convert-collection-alone"));
        CHECK(one.files.front().bytes.find("VirtualSystemCollection") == std::string::npos);
        CHECK(has_rule(one.report.rows, "convert-part-left-out"));
        for (const char* gone : {"web-disk", "web-file", "'front'", "'web'"})
            CHECK(std::any_of(one.report.rows.begin(), one.report.rows.end(), [&](const LossRow& row) {
                return row.rule == "convert-part-left-out" && row.detail.find(gone) != std::string::npos;
            }));
    }
}

TEST_CASE("split gives a descriptor each; a VM alone stands in no collection, and what that said of it is named") {
    std::string bytes = sample("dmtf-two-machines.ovf");
    bytes.insert(bytes.find("    <VirtualSystem "),
                 "    <StartupSection><Info>i</Info><Item ovf:id=\"vm1\" ovf:order=\"3\"/></StartupSection>\n");
    const Source both = source("two.ovf", bytes);
    REQUIRE(both.envelope().startup.size() == 1);
    Diagnostics diagnostics;
    WriteOptions options;
    options.split = true;
    for (const char* to : {"ovf", "vmware", "ovirt"}) {
        INFO(to);
        const auto all = translate(both, to, options, diagnostics);
        REQUIRE(all.size() == 2);
        CHECK(all[0].vm == "vm1");
        CHECK(all[0].files.front().name == "front.ovf");
        CHECK(has_rule(all[0].report.rows, "convert-collection-alone"));
        CHECK_FALSE(has_rule(all[1].report.rows, "convert-collection-alone"));
        for (const Translation& one : all) {
            const Envelope now = envelope_of(document(one.files.front().bytes));
            CHECK(now.systems.size() == 1);
            CHECK_FALSE(now.is_collection);
            CHECK(now.disks.size() == 1);
            CHECK(now.files.size() == 1);
        }
    }
}

TEST_CASE("the only VM of a collection is split off it, too") {
    std::string bytes = sample("dmtf-two-machines.ovf");
    const std::size_t second = bytes.find("    <VirtualSystem ovf:id=\"vm2\">");
    bytes.erase(second, bytes.find("  </VirtualSystemCollection>") - second);
    const Source one = source("one.ovf", bytes);
    REQUIRE(one.envelope().systems.size() == 1);
    REQUIRE(one.envelope().is_collection);
    Diagnostics diagnostics;
    CHECK(translate(one, "ovf", {}, diagnostics).front().files.front().bytes == bytes);
    WriteOptions options;
    options.split = true;
    const Envelope now = envelope_of(document(translate(one, "ovf", options, diagnostics).front().files.front().bytes));
    CHECK_FALSE(now.is_collection);
    CHECK(now.systems == one.envelope().systems);
}

TEST_CASE("inputs of any format are joined, their ids made unique, and split again") {
    Envelope other = machine();
    other.systems[0].hardware.memory.boot_bytes = 3ULL << 30;
    const std::string a = to(machine(), "dmtf").files.front().bytes;
    const std::string b = to(other, "vmware").files.front().bytes;
    std::vector<Source> sources;
    sources.push_back(source("a.ovf", a));
    sources.push_back(source("b.ovf", b));
    sources.push_back(source("c.xml", to(machine(), "libvirt").files.front().bytes));
    Diagnostics diagnostics;
    const Source all = Source::join(std::move(sources), diagnostics);
    CHECK_FALSE(diagnostics.has_errors());
    CHECK(count(diagnostics, "convert-join-renamed") >= 3);
    CHECK(count(diagnostics, "convert-join-file") >= 1);
    const Envelope& joined = all.envelope();
    REQUIRE(joined.systems.size() == 3);
    CHECK(joined.systems[1].id == "web-2");
    CHECK(joined.is_collection);
    CHECK(joined.files[1].id == "file1-2");
    CHECK(joined.files[1].href == "disk1-2.vmdk");
    CHECK(joined.systems[1].hardware.drives[0].disk_id == "vmdisk1-2");
    CHECK(joined.disks[1].file_id == "file1-2");
    CHECK(joined.networks[0].name == "VM Network");
    CHECK(joined.systems[1].hardware.nics[0].network == "VM Network");

    for (const char* to : {"ovf", "vmware"}) {
        const Translation made = translate(all, to, {}, diagnostics).front();
        const Envelope back = envelope_of(document(made.files.front().bytes));
        REQUIRE(back.systems.size() == 3);
        CHECK(back.disks == joined.disks);
        CHECK(back.files == joined.files);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(back.systems[i].id == joined.systems[i].id);
            CHECK(back.systems[i].hardware.memory.boot_bytes == joined.systems[i].hardware.memory.boot_bytes);
            CHECK(back.systems[i].hardware.balloon.state == joined.systems[i].hardware.balloon.state);
        }
        if (std::string(to) == "ovf") CHECK(made.files.front().bytes.find("InstanceID>1<") != std::string::npos);
    }
    WriteOptions options;
    options.vm = "web";
    options.split = true;
    const Source first = source("all.ovf", translate(all, "ovf", {}, diagnostics).front().files.front().bytes);
    const Envelope single = envelope_of(document(translate(first, "ovf", options, diagnostics).front().files.front().bytes));
    CHECK(single.systems[0] == joined.systems[0]);
}

TEST_CASE("networks of one name that are not the same get different names, with a warning") {
    Envelope other = machine();
    other.networks[0].description = "another one";
    std::vector<Source> sources;
    sources.push_back(Source::of(machine(), "a"));
    sources.push_back(Source::of(other, "b"));
    Diagnostics diagnostics;
    const Source all = Source::join(std::move(sources), diagnostics);
    CHECK(count(diagnostics, "convert-join-network") == 1);
    CHECK(all.envelope().networks.size() == 2);
    CHECK(all.envelope().systems[1].hardware.nics[0].network == "VM Network-2");
}

TEST_CASE("configurations of a further input, and too many entries, are named") {
    Envelope other = machine();
    other.configurations.push_back({"big", "Big", "Much", true, {}});
    other.configuration = "big";
    std::vector<Source> sources;
    sources.push_back(Source::of(machine(), "a"));
    sources.push_back(Source::of(other, "b"));
    Diagnostics diagnostics;
    const Source all = Source::join(std::move(sources), diagnostics);
    CHECK(has_rule(translate(all, "dmtf", {}, diagnostics).front().report.rows, "convert-join-configurations"));

    Envelope many = machine();
    for (int i = 0; i < 1100; ++i) {
        many.files.push_back(many.files.front());
        many.files.back().id = "f" + std::to_string(i);
    }
    sources.clear();
    sources.push_back(Source::of(machine(), "a"));
    sources.push_back(Source::of(many, "b"));
    (void)Source::join(std::move(sources), diagnostics);
    CHECK(count(diagnostics, "convert-join-limit") == 1);
}

TEST_CASE("rows about a further input name it and its line") {
    std::string b = sample("dmtf-two-machines.ovf");
    b.insert(b.find("</VirtualHardwareSection>"), "<x:Odd xmlns:x='urn:example:x'>seven</x:Odd>");
    std::vector<Source> sources;
    sources.push_back(source("a.ovf", sample("dmtf-enabled.ovf")));
    sources.push_back(source("b.ovf", b));
    Diagnostics diagnostics;
    const Source all = Source::join(std::move(sources), diagnostics);
    const auto rows = translate(all, "ovf", {}, diagnostics).front().report.rows;
    const auto row = std::find_if(rows.begin(), rows.end(), [](const LossRow& r) { return r.detail.find("seven") != std::string::npos; });
    REQUIRE(row != rows.end());
    CHECK(row->path.starts_with("b.ovf: Envelope/"));
    CHECK(row->line == 62);
}
