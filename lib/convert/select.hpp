#pragma once

#include <set>
#include <string>

#include <ovfkit/model.hpp>

namespace ovfkit::detail {

/// Ids of what VMs refer to, by their drives, disks' parents, NICs.
struct Used {
    std::set<std::string> files, disks, networks;
    void add(const VirtualSystem& system, const Envelope& envelope);
};

/// Leaves one VM of several (an id or a name; empty: all of them), and of files, disks and networks what is not another's
/// alone. False: it is not there.
bool select_vm(Envelope& envelope, const std::string& vm);

}  // namespace ovfkit::detail
