#include "dialect/ovirt/form.hpp"

namespace ovfkit::detail {

extern const Dialect dialect_ovirt;
const Dialect dialect_ovirt{"ovirt",          "oVirt / RHV export, OVF_STORE and OVA",
                            ovirt::options(), ovirt::detect,
                            ovirt::read,      ovirt::update,
                            ovirt::skeleton};

}  // namespace ovfkit::detail
