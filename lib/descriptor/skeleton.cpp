#include "base/xml_writer.hpp"
#include "descriptor/envelope.hpp"

namespace ovfkit::detail {

namespace {

/// The URIs of each version; 2.x adds settings for storage and network ports.
std::string_view envelope_uri(const Skeleton& skeleton) {
    if (skeleton.version == "0.9") return "http://www.vmware.com/schema/ovf/1/envelope";
    if (skeleton.version == "2.0") return "http://schemas.dmtf.org/ovf/envelope/2";
    return "http://schemas.dmtf.org/ovf/envelope/1";
}

class Text {
public:
    Text(const Envelope& wanted, const Skeleton& skeleton) : wanted_(wanted), skeleton_(skeleton), old_(skeleton.version == "0.9") {}

    std::string run() {
        XmlWriter::Attributes names{{"xmlns", std::string(envelope_uri(skeleton_))}};
        if (skeleton_.version == "2.0") {
            names.emplace_back("xmlns:epasd", uri_of(Ns::epasd));
            names.emplace_back("xmlns:sasd", uri_of(Ns::sasd));
        }
        names.emplace_back("xmlns:ovf", envelope_uri(skeleton_));
        names.emplace_back("xmlns:ovfkit", uri_of(Ns::hardware));
        names.emplace_back("xmlns:rasd", uri_of(Ns::rasd));
        if (skeleton_.declare_vmware) names.emplace_back("xmlns:vmw", uri_of(Ns::vmw));
        names.emplace_back("xmlns:vssd", uri_of(Ns::vssd));
        names.emplace_back("xmlns:xsi", uri_of(Ns::xsi));
        names.emplace_back("ovf:version", skeleton_.version);
        out_.open("Envelope", names);
        out_.empty("References");
        const bool collection = wanted_.is_collection || wanted_.systems.size() != 1;
        if (collection) {
            if (old_)
                out_.open("Content", {{"ovf:id", "collection"}, {"xsi:type", "ovf:VirtualSystemCollection_Type"}});
            else
                out_.open("VirtualSystemCollection", {{"ovf:id", "collection"}});
            out_.leaf("Info", "A collection of virtual machines");
        }
        for (const VirtualSystem& system : wanted_.systems) write(system);
        if (collection) out_.close();
        out_.close();
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + out_.text();
    }

private:
    void open(std::string_view name, std::string_view id) {
        XmlWriter::Attributes attributes;
        const bool content = name == "VirtualSystem";
        if (content) attributes.emplace_back("ovf:id", id);
        if (old_) attributes.emplace_back("xsi:type", "ovf:" + std::string(name) + "_Type");
        out_.open(!old_ ? name : content ? "Content" : "Section", attributes);
    }

    void write(const VirtualSystem& system) {
        open("VirtualSystem", system.id);
        out_.leaf("Info", "A virtual machine");
        open("VirtualHardwareSection", {});
        out_.leaf("Info", "Virtual hardware requirements");
        out_.open("System");
        if (!old_) out_.leaf("vssd:ElementName", "Virtual Hardware Family");
        out_.leaf(old_ ? "vssd:InstanceId" : "vssd:InstanceID", "0");
        const std::string& own = system.hardware.system_type;
        const bool keep = skeleton_.family.empty() || own.find(skeleton_.family) != std::string::npos;
        const std::string& type = keep ? own : skeleton_.system_type;
        if (!type.empty()) out_.leaf("vssd:VirtualSystemType", type);
        out_.close();
        out_.close();
        out_.close();
    }

    const Envelope& wanted_;
    const Skeleton& skeleton_;
    bool old_;
    XmlWriter out_;
};

}  // namespace

std::string skeleton_text(const Envelope& wanted, const Skeleton& skeleton) { return Text(wanted, skeleton).run(); }

}  // namespace ovfkit::detail
