#include "catch.hpp"

#include "unit/descriptor/field_law.hpp"
#include "unit/descriptor/fixtures.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_vmware;
}

using namespace ovfkit;
using namespace ovfkit::test;
using detail::dialect_vmware;

TEST_CASE("a VMware document read and updated with what was read is not edited") {
    for (const std::string& text : {full_descriptor(), old_descriptor(), new_descriptor()}) {
        const Loaded loaded = load(dialect_vmware, text);
        const Changed result = change(dialect_vmware, text, loaded.envelope);
        CHECK_FALSE(result.edited);
        CHECK(result.bytes == text);
    }
}

TEST_CASE("every field of a VMware descriptor can be changed and reads back") {
    check_every_field(dialect_vmware, full_descriptor());
}
TEST_CASE("every field of an old VMware descriptor can be changed and reads back") {
    check_every_field(dialect_vmware, old_descriptor());
}
