#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <ovfkit/diagnostic.hpp>

#include "base/xml.hpp"
#include "validate/subject.hpp"

/// Where checks report to, and the list of checks.
namespace ovfkit::detail {

/// Passes on what belongs to the profiles asked for.
class Findings {
public:
    Findings(Diagnostics& diagnostics, const std::vector<std::string>& profiles)
        : diagnostics_(diagnostics), profiles_(profiles) {}

    void add(std::string_view rule, Element where, std::string message);
    void add(std::string_view rule, const XmlDocument& document, std::size_t offset, std::string message);
    /// Of the input as a whole.
    void add(std::string_view rule, const std::string& name, std::string message);
    /// One of the profiles of the rule was asked for, or it has none. `consumers` of a message: wanted().
    [[nodiscard]] bool applies(std::string_view rule) const;
    /// The profiles of the rule that were asked for: `virt-v2v, incus`.
    [[nodiscard]] std::string wanted(std::string_view rule) const;
    [[nodiscard]] bool any_profile() const { return !profiles_.empty(); }

private:
    Diagnostics& diagnostics_;
    const std::vector<std::string>& profiles_;
};

/// A group of rules: one file each.
using Check = void (*)(const Subject& subject, Findings& findings);
struct CheckGroup {
    std::string_view name;
    Check run;
    bool for_consumers;  ///< only of use with a profile
};
std::span<const CheckGroup> check_groups();

// validate/standard
void check_envelope(const Subject&, Findings&);
void check_sections(const Subject&, Findings&);
void check_schema(const Subject&, Findings&);
void check_files(const Subject&, Findings&);
void check_disks(const Subject&, Findings&);
void check_items(const Subject&, Findings&);
void check_devices(const Subject&, Findings&);
void check_slots(const Subject&, Findings&);
void check_networks(const Subject&, Findings&);
void check_configurations(const Subject&, Findings&);
void check_properties(const Subject&, Findings&);
void check_guest(const Subject&, Findings&);
void check_strings(const Subject&, Findings&);
void check_collections(const Subject&, Findings&);
// validate/dialect
void check_vmware(const Subject&, Findings&);
void check_others(const Subject&, Findings&);
// validate/package
void check_members(const Subject&, Findings&);
// validate/consumer
void check_consumer_memory(const Subject&, Findings&);
void check_consumer_items(const Subject&, Findings&);
void check_consumer_disks(const Subject&, Findings&);
void check_consumer_structure(const Subject&, Findings&);
void check_consumer_package(const Subject&, Findings&);

}  // namespace ovfkit::detail
