#include "unit/descriptor/corpus_law.hpp"

namespace ovfkit::detail {
extern const Dialect dialect_xen;
}

TEST_CASE("the laws hold for every real descriptor") { ovfkit::test::check_corpus(ovfkit::detail::dialect_xen); }
