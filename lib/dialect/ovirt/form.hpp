#pragma once

#include <span>
#include <string>
#include <string_view>

#include "descriptor/layout.hpp"
#include "model/leaf.hpp"

/// oVirt / RHV descriptors: which of the forms a document has, and what follows from it for writing.
namespace ovfkit::detail::ovirt {

inline constexpr std::string_view space = "ovirt";  ///< Parameter::space of everything kept here
inline constexpr std::string_view zero_uuid = "00000000-0000-0000-0000-000000000000";

enum class Flavour {
    exported,  ///< export domain and OVF_STORE: Content, Section xsi:type, InstanceId
    ova,       ///< engine OVA: VirtualSystem, InstanceID, envelope namespace by default
    hybrid,    ///< virt-v2v to a running engine: OVA's element names in no namespace, InstanceId
};

/// Major * 100 + minor of the engine that wrote it, as far as it can be told: 3.6 is 306.
using Level = int;
inline constexpr Level level_balloon = 301;    ///< the balloon device exists
inline constexpr Level level_flag = 404;       ///< BalloonEnabled (4.4.6 on; `4.4` is taken as 4.4.6)
inline constexpr Level level_allocated = 402;  ///< File/@size is allocated bytes, NetworkSection holds real names
inline constexpr Level level_threads = 400;    ///< threads_per_cpu
inline constexpr Level level_max_vcpus = 401;  ///< max_num_of_vcpus

struct Form {
    Flavour flavour = Flavour::exported;
    Level level = 405;
    bool upper_id = false;               ///< rasd:InstanceID, not InstanceId
    bool nic_references = false;         ///< References/Nic
    bool file_size_is_capacity = false;  ///< File/@size is the virtual size (up to 4.1)
    bool fixed_networks = false;         ///< NetworkSection holds only `Network 1` (up to 4.1)
    Ns body = Ns::none;                  ///< namespace of the elements that are no rasd, vssd
    [[nodiscard]] bool is_ova() const { return flavour == Flavour::ova; }
};

/// Facts of a document that is of this dialect.
Form form_of(const XmlDocument& document, const EnvelopeParts& layout);

int detect(const XmlDocument& document);
Envelope read(const XmlDocument& document, ReadContext& context);
void update(XmlDocument& document, const Envelope& have, const Envelope& wanted, WriteContext& context,
            std::vector<LossNote>& notes);
std::string skeleton(const Envelope& wanted, WriteContext& context);

/// The `-O ovirt.*` options.
std::span<const OptionSpec> options();

/// `4.5`, `3.6` -> 405, 306; 0 when it is neither.
Level level_from(std::string_view version);

}  // namespace ovfkit::detail::ovirt
