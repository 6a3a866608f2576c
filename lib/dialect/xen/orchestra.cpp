#include "dialect/xen/orchestra.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/checked.hpp"
#include "descriptor/envelope.hpp"

namespace ovfkit::detail::xen {

namespace {

const Controller* ide_controller(const Hardware& hardware, auto&& wanted) {
    const auto found = std::find_if(
        hardware.controllers.begin(), hardware.controllers.end(),
        [&](const Controller& controller) { return controller.type == ControllerType::ide && wanted(controller); });
    return found == hardware.controllers.end() ? nullptr : &*found;
}

}  // namespace

bool is_orchestra(const XmlDocument& document) { return producer_of(document).starts_with("Xen Orchestra"); }

void spread_ide(const XmlDocument& document, VirtualSystem& system, Diagnostics& diagnostics) {
    Hardware& hardware = system.hardware;
    for (Drive& drive : hardware.drives) {
        if (!drive.unit || *drive.unit < 2 || *drive.unit > 3) continue;
        const Controller* own = ide_controller(hardware, [&](const Controller& c) { return c.info.id == drive.controller; });
        if (own == nullptr || own->address.value_or(0) != 0) continue;
        const Controller* secondary = ide_controller(hardware, [](const Controller& c) { return c.address == 1U; });
        report(diagnostics, "xen-ide-unit", document, drive.info.origin.offset,
               fmt::format("drive '{}' is at {} of an IDE controller, which has two places; it is {} of the secondary one",
                           printable(drive.info.id, 60), *drive.unit, *drive.unit - 2));
        if (secondary == nullptr) continue;  // importers count on from the only one
        drive.controller = secondary->info.id;
        drive.unit = *drive.unit - 2;
    }
}

}  // namespace ovfkit::detail::xen
