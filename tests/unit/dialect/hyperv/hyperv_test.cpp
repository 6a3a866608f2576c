#include "catch.hpp"

#include "unit/descriptor/corpus_law.hpp"
#include "unit/descriptor/field_law.hpp"
#include "unit/descriptor/fixtures.hpp"
#include "unit/descriptor/plain_dialect.hpp"
#include "unit/dialect/hyperv/fixtures.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_hyperv;
}

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_hyperv;

namespace {

int score(const std::string& text) {
    Diagnostics diagnostics;
    return dialect_hyperv.detect(*detail::XmlDocument::parse("t", text, diagnostics));
}

}  // namespace

TEST_CASE("Hyper-V's documents are told by their disks, sub-types and families") {
    CHECK(score(hyperv::generation_1()) == 75);
    CHECK(score(hyperv::scvmm("2")) == 70);
    const std::string foreign = replaced(full_descriptor(), " xmlns:ovfkit=\"urn:ovfkit:hardware:1\"", "");
    std::string old = foreign;
    old.replace(old.find("vmx-13"), 6, "301");
    CHECK(score(old) == 70);
    std::string named = foreign;
    named.replace(named.find("someother, lsilogic"), 19, "Microsoft Synthetic SCSI Controller");
    CHECK(score(named) == 70);
    CHECK(score(full_descriptor()) == 0);
    CHECK(score("<domain/>") == 0);
    CHECK(load(dialect_hyperv, hyperv::generation_1()).envelope.producer == "Forklift (Hyper-V)");
    CHECK(load(dialect_hyperv, hyperv::scvmm("1")).envelope.producer == "Microsoft (SCVMM)");
    CHECK(dialect_hyperv.skeleton == nullptr);
}

TEST_CASE("the generation is the firmware: said, or guessed from the controllers") {
    const Loaded first = load(dialect_hyperv, hyperv::generation_1());
    CHECK(first.hardware().firmware == Firmware::unspecified);
    CHECK_FALSE(first.has("hyperv-generation-guessed"));
    const Loaded second = load(dialect_hyperv, hyperv::generation_2());
    CHECK(second.hardware().firmware == Firmware::efi);
    CHECK(second.has("hyperv-generation-guessed"));
    CHECK(load(dialect_hyperv, hyperv::scvmm("2")).hardware().firmware == Firmware::efi);
    CHECK(load(dialect_hyperv, hyperv::scvmm("1")).hardware().firmware == Firmware::bios);
    CHECK_FALSE(load(dialect_hyperv, hyperv::scvmm("2")).has("hyperv-generation-guessed"));
    CHECK(load(dialect_hyperv, hyperv::scvmm("7")).hardware().firmware == Firmware::unspecified);
    // What can no longer be guessed after an edit is written.
    Envelope wanted = second.envelope;
    wanted.systems[0].hardware.controllers[0].type = ControllerType::ide;
    const Changed changed = change(dialect_hyperv, hyperv::generation_2(), wanted);
    CHECK(changed.again.hardware().firmware == Firmware::efi);
    CHECK(changed.bytes.find("vmw:key=\"firmware\" vmw:value=\"efi\"") != std::string::npos);
}

TEST_CASE("a file's size that is its disk's is no size of the file") {
    const Loaded loaded = load(dialect_hyperv, hyperv::generation_1());
    CHECK(loaded.has("hyperv-file-size"));
    CHECK_FALSE(loaded.envelope.files.at(0).size);
    CHECK(loaded.envelope.files.at(1).size == 1000U);
}

TEST_CASE("a document of Hyper-V read and updated with what was read is not edited") {
    for (const std::string& text : {hyperv::generation_1(), hyperv::generation_2(), hyperv::scvmm("1")}) {
        const Loaded loaded = load(dialect_hyperv, text);
        CHECK_FALSE(loaded.diagnostics.has_errors());
        const Changed result = change(dialect_hyperv, text, loaded.envelope);
        CHECK_FALSE(result.edited);
        CHECK(result.notes.empty());
        check_balloon(dialect_hyperv, text, loaded);
    }
}

TEST_CASE("every field of a Hyper-V descriptor can be changed and reads back") {
    check_every_field(dialect_hyperv, hyperv::generation_1());
    check_every_field(dialect_hyperv, hyperv::generation_2());
}

TEST_CASE("the laws hold for every real descriptor") { check_corpus(dialect_hyperv); }
