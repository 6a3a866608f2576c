#pragma once

#include <ovfkit/model.hpp>

#include "base/xml.hpp"

namespace ovfkit::detail {

/// gnt:GanetiSection of an envelope that Ganeti's own ovfconverter wrote, into the first system: hypervisor, OS,
/// disk template and tags as parameters of the space `ganeti`, hvparams as `ganeti.hv`, auto_balance as
/// `ganeti.be`, OS parameters as `ganeti.os`; what it says of NICs that their Items do not. Does nothing without one.
/// Values that are there already stay: an edit of the standard parts counts more.
void read_ganeti_section(Element envelope, Envelope& out, Diagnostics& diagnostics);

}  // namespace ovfkit::detail
