#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ovfkit/loss.hpp>
#include <ovfkit/model.hpp>

#include "convert/places.hpp"

namespace ovfkit::detail {

/// What of an envelope's lists some of its VMs use: disks with their parents, files and networks.
struct Uses {
    std::vector<bool> disks, files, networks;
};
Uses uses_of(const Envelope& envelope, const std::function<bool(const VirtualSystem&)>& which);

/// `envelope` with the VMs that are wanted; files, disks, networks and starting times that only others use go with
/// those. What no VM uses stays. One VM alone stands in no collection: the collection's products become its own, and what
/// is said of all machines together is lost. `rows` names that, and what is left out: as asked, so it is no loss.
Envelope select_systems(const Envelope& envelope, const std::function<bool(const VirtualSystem&)>& wanted,
                        const Places& places, std::vector<LossRow>& rows);

/// The same of one VM (an id or a name; empty: all of them) without accounts, to compare or to look at. False: it is not
/// there.
bool select_vm(Envelope& envelope, const std::string& vm);

}  // namespace ovfkit::detail
