#pragma once

#include <string>
#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/edit.hpp"

/// NetworkSection (DSP0243 9.2) and DeploymentOptionSection (9.8).
namespace ovfkit::detail {

std::vector<Network> read_networks(Element section, Diagnostics& diagnostics);
Fragment new_network(const Network& network);
/// Networks are told apart by name. Does nothing when `section` is invalid.
void update_networks(Editing& editing, Element section, const std::vector<Network>& have,
                     const std::vector<Network>& wanted);

std::vector<Configuration> read_configurations(Element section, Diagnostics& diagnostics);
/// The id in effect: `wanted`, else the one marked default, else the first; empty when none is defined.
/// Throws UsageError when `wanted` is not defined.
std::string configuration_in_effect(const std::vector<Configuration>& configurations, std::string_view wanted);
Fragment new_configuration(const Configuration& configuration);
void update_configurations(Editing& editing, Element section, const std::vector<Configuration>& have,
                           const std::vector<Configuration>& wanted);

/// True when `id` is in a blank separated list, or the list is empty.
bool applies(std::string_view list, std::string_view id);

}  // namespace ovfkit::detail
