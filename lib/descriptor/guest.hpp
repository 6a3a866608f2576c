#pragma once

#include <vector>

#include <ovfkit/model.hpp>

#include "descriptor/edit.hpp"

/// OperatingSystemSection (DSP0243 9.6), AnnotationSection (9.7), EulaSection (9.4).
namespace ovfkit::detail {

/// `ovf:id ovf:version vmw:osType ovirt:id`, Description and the vbox:OSType child.
OperatingSystem read_operating_system(Element section, Diagnostics& diagnostics);
/// With an invalid `section` a new one is made after `after` (or last in `parent`).
void update_operating_system(Editing& editing, Element parent, Element after, Element section,
                             const OperatingSystem& have, const OperatingSystem& wanted);

std::string read_annotation(Element section);
void update_annotation(Editing& editing, Element parent, Element after, Element section, const std::string& have,
                       const std::string& wanted);

std::vector<std::string> read_eulas(const std::vector<Element>& sections);
void update_eulas(Editing& editing, Element parent, Element after, const std::vector<Element>& sections,
                  const std::vector<std::string>& have, const std::vector<std::string>& wanted);

}  // namespace ovfkit::detail
