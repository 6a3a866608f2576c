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

/// Lines of XML, two blanks a level.
class Text {
public:
    Text(const Envelope& wanted, const Skeleton& skeleton)
        : wanted_(wanted), skeleton_(skeleton), old_(skeleton.version == "0.9") {}

    std::string run() {
        line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        std::string root = "<Envelope" + attribute("xmlns", envelope_uri(skeleton_));
        if (skeleton_.version == "2.0") root += declaration(Ns::epasd) + declaration(Ns::sasd);
        root += attribute("xmlns:ovf", envelope_uri(skeleton_)) + declaration(Ns::hardware) + declaration(Ns::rasd);
        // Importers fail on vmw: names they cannot resolve; declared in any case, they never have to.
        root += declaration(Ns::vmw) + declaration(Ns::vssd) + declaration(Ns::xsi);
        for (const Ns ns : skeleton_.namespaces) root += declaration(ns);
        root += attribute("ovf:version", skeleton_.version);
        if (!skeleton_.dialect.empty())
            root += attribute(std::string(usual_prefix(Ns::hardware)) + ":dialect", skeleton_.dialect);
        open(root);
        line("<References/>");
        const bool collection = wanted_.is_collection || wanted_.systems.size() != 1;
        if (collection) {
            const std::string& id = wanted_.collection_id;
            open("<" + content("VirtualSystemCollection", id.empty() ? "collection" : id));
            line("<Info>A collection of virtual machines</Info>");
        }
        for (const VirtualSystem& system : wanted_.systems) write(system);
        if (collection) close(old_ ? "Content" : "VirtualSystemCollection");
        close("Envelope");
        return std::move(out_);
    }

private:
    static std::string attribute(std::string_view name, std::string_view value) {
        return " " + std::string(name) + "=\"" + xml_escaped(value, true) + "\"";
    }
    static std::string declaration(Ns ns) { return attribute("xmlns:" + std::string(usual_prefix(ns)), uri_of(ns)); }

    void line(std::string_view text) {
        out_.append(2 * depth_, ' ');
        out_ += text;
        out_ += '\n';
    }
    void open(const std::string& start) {
        line(start + ">");
        ++depth_;
    }
    void close(std::string_view name) {
        --depth_;
        line("</" + std::string(name) + ">");
    }

    std::string content(std::string_view name, std::string_view id) const {
        std::string out(old_ ? std::string_view("Content") : name);
        out += attribute("ovf:id", id);
        if (old_) out += attribute("xsi:type", "ovf:" + std::string(name) + "_Type");
        return out;
    }

    void write(const VirtualSystem& system) {
        open("<" + content("VirtualSystem", system.id));
        line("<Info>A virtual machine</Info>");
        if (skeleton_.names && !system.name.empty()) line("<Name>" + xml_escaped(system.name) + "</Name>");
        open(old_ ? "<Section" + attribute("xsi:type", "ovf:VirtualHardwareSection_Type")
                  : std::string("<VirtualHardwareSection"));
        line("<Info>Virtual hardware requirements</Info>");
        open("<System");
        if (!old_) line("<vssd:ElementName>Virtual Hardware Family</vssd:ElementName>");
        line(old_ ? "<vssd:InstanceId>0</vssd:InstanceId>" : "<vssd:InstanceID>0</vssd:InstanceID>");
        const std::string& own = system.hardware.system_type;
        const bool keep = skeleton_.family.empty() || own.find(skeleton_.family) != std::string::npos;
        const std::string& type = keep ? own : skeleton_.system_type;
        if (!type.empty()) line("<vssd:VirtualSystemType>" + xml_escaped(type) + "</vssd:VirtualSystemType>");
        close("System");
        close(old_ ? "Section" : "VirtualHardwareSection");
        if (skeleton_.tail != nullptr)
            for (const std::string& text : skeleton_.tail(system)) line(text);
        close(old_ ? "Content" : "VirtualSystem");
    }

    const Envelope& wanted_;
    const Skeleton& skeleton_;
    bool old_;
    std::size_t depth_ = 0;
    std::string out_;
};

}  // namespace

std::string skeleton_text(const Envelope& wanted, const Skeleton& skeleton) { return Text(wanted, skeleton).run(); }

}  // namespace ovfkit::detail
