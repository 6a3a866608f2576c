#include "descriptor/xen_items.hpp"

#include <array>

#include "descriptor/devices.hpp"

namespace ovfkit::detail {

namespace {

struct Constant {
    std::uint32_t type;
    Rasd field;
    std::string_view text;
    bool is_field = false;  ///< another value would be a field of the model
};

/// XenOvfApi/Content.resx, RASD_3_* RASD_4_* RASD_16_* RASD_19_*.
constexpr std::array constants{Constant{rt_cpu, Rasd::AutomaticAllocation, "true"},
                               Constant{rt_cpu, Rasd::ConsumerVisibility, "0"},
                               Constant{rt_cpu, Rasd::MappingBehavior, "0"},
                               Constant{rt_cpu, Rasd::Weight, "100", true},
                               Constant{rt_memory, Rasd::AutomaticAllocation, "true"},
                               Constant{rt_memory, Rasd::ConsumerVisibility, "2"},
                               Constant{rt_memory, Rasd::Limit, "128", true},
                               Constant{rt_memory, Rasd::MappingBehavior, "0"},
                               Constant{rt_memory, Rasd::ResourceSubType, "Machine Memory"},
                               Constant{rt_memory, Rasd::Weight, "0", true},
                               Constant{rt_dvd, Rasd::ResourceType, "16"},
                               Constant{rt_storage_extent, Rasd::AllocationUnits, "Disk"},
                               Constant{rt_storage_extent, Rasd::ConsumerVisibility, "3"},
                               Constant{rt_storage_extent, Rasd::Limit, "1"},
                               Constant{rt_storage_extent, Rasd::MappingBehavior, "0"},
                               Constant{rt_storage_extent, Rasd::ResourceSubType, "Virtual Hard Disk Image"},
                               Constant{rt_storage_extent, Rasd::VirtualQuantity, "1"},
                               Constant{rt_storage_extent, Rasd::Weight, "100"}};

bool take(const EffectiveItem& item, const Constant& row) {
    if (row.type != item.type || item.item.text(row.field) != row.text) return false;
    (void)item.item.take(row.field);
    return true;
}

}  // namespace

bool take_xen_constant(const EffectiveItem& item, Rasd field) {
    for (const Constant& row : constants)
        if (row.field == field && take(item, row)) return true;
    return false;
}

void take_xen_constants(const EffectiveItem& item) {
    for (const Constant& row : constants)
        if (!row.is_field) (void)take(item, row);
}

}  // namespace ovfkit::detail
