#pragma once

#include <set>
#include <string>

#include "base/xml.hpp"
#include "model/leaf.hpp"

/// The descriptor that travels along in <metadata>, under urn:ovfkit:origin:1. libvirt keeps foreign metadata as
/// it is (it re-quotes and re-indents).
///
///     <ovfkit:origin file='a.ovf' sha256='...' system='vm' assigned='uuid nic:0.mac' nics='1' addressed='balloon'>
///       <ovfkit:option key='libvirt.type' value='qemu'/>
///       <ovfkit:descriptor>zlib and base64, in one or several of these</ovfkit:descriptor>
///     </ovfkit:origin>
namespace ovfkit::detail::libvirt {

struct Writer;

bool has_origin(const WriteContext& context);
/// Writes the element; leaves it out with a warning when libvirt would not take so much text.
void write_origin(Writer& w);

/// What the writer left to libvirt. libvirt makes such a value up when it stores the domain; without the hint
/// it would look like an edit.
struct Hints {
    std::set<std::string> assigned;   ///< `uuid`, `nic:0.mac`, `video:0.vram`, `video:0.heads`
    std::set<std::string> addressed;  ///< `balloon`: its PCI address is the source's, not libvirt's
    std::size_t nics = 0;             ///< how many there were: positions mean nothing once one is gone
};

/// Reads and takes the element; damage is a warning, and then nothing is carried.
Hints read_origin(Element domain, ReadContext& context, Carried& carried);

}  // namespace ovfkit::detail::libvirt
