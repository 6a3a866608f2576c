#include "catch.hpp"

#include "unit/descriptor/corpus_law.hpp"
#include "unit/descriptor/field_law.hpp"
#include "unit/descriptor/fixtures.hpp"
#include "unit/dialect/xen/fixtures.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_xen;
}

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_xen;

namespace {

std::vector<std::string> all() {
    return {xen::hvm_bios(), xen::hvm_uefi(), xen::pv_pygrub(), xen::appliance(), xen::orchestra()};
}

}  // namespace

TEST_CASE("a document of XenServer read and updated with what was read is not edited") {
    std::vector<std::string> texts = all();
    texts.push_back(full_descriptor());
    for (const std::string& text : texts) {
        const Loaded loaded = load(dialect_xen, text);
        INFO(loaded.rules());
        CHECK_FALSE(loaded.diagnostics.has_errors());
        const Changed result = change(dialect_xen, text, loaded.envelope);
        CHECK_FALSE(result.edited);
        CHECK(result.bytes == text);
        CHECK(result.notes.empty());
    }
}

TEST_CASE("every field of a XenCenter descriptor can be changed and reads back") {
    check_every_field(dialect_xen, xen::hvm_bios());
    check_every_field(dialect_xen, xen::hvm_uefi());
    check_every_field(dialect_xen, xen::pv_pygrub());
}

TEST_CASE("every field of a Xen Orchestra descriptor can be changed and reads back") {
    check_every_field(dialect_xen, xen::orchestra());
}

TEST_CASE("all three states of the balloon come back, in every form") {
    for (const std::string& text : all()) check_balloon(dialect_xen, text, load(dialect_xen, text));
}

TEST_CASE("a new descriptor holds what was read, settings included") {
    for (const std::string& text : {xen::hvm_bios(), xen::hvm_uefi(), xen::pv_pygrub(), xen::appliance()}) {
        Envelope wanted = load(dialect_xen, text).envelope;
        const Changed made = create(dialect_xen, wanted);
        INFO(made.bytes);
        wanted.ovf_version = made.again.envelope.ovf_version;
        CHECK(without_new_labels(differences(wanted, made.again.envelope)) == "");
        CHECK(made.notes.empty());
    }
}
