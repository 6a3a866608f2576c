#include "generate.hpp"

namespace {

std::string rasd(const char* name, const std::string& value) {
    return std::string("        <rasd:") + name + ">" + value + "</rasd:" + name + ">\n";
}

}  // namespace

std::string wide_descriptor(std::size_t items) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\" "
        "xmlns:rasd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData\" "
        "xmlns:vssd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData\">\n"
        "  <References/>\n"
        "  <NetworkSection>\n    <Info>Networks</Info>\n    <Network ovf:name=\"VM Network\"/>\n  </NetworkSection>\n"
        "  <VirtualSystem ovf:id=\"vm\">\n    <Info>A virtual machine</Info>\n    <VirtualHardwareSection>\n      <Info>Virtual hardware</Info>\n";
    for (std::size_t i = 1; i <= items; ++i) {
        out += "      <Item>\n";
        if (i == 1) {
            out += rasd("AllocationUnits", "hertz * 10^6") + rasd("ElementName", "2 virtual CPU(s)") + rasd("InstanceID", "1") +
                   rasd("ResourceType", "3") + rasd("VirtualQuantity", "2");
        } else if (i == 2) {
            out += rasd("AllocationUnits", "byte * 2^20") + rasd("ElementName", "2048MB of memory") + rasd("InstanceID", "2") +
                   rasd("ResourceType", "4") + rasd("VirtualQuantity", "2048");
        } else {
            out += rasd("AddressOnParent", std::to_string(i % 16)) + rasd("AutomaticAllocation", "true") + rasd("Connection", "VM Network") +
                   rasd("Description", "VmxNet3 ethernet adapter on VM Network") + rasd("ElementName", "Ethernet " + std::to_string(i)) +
                   rasd("InstanceID", std::to_string(i)) + rasd("ResourceSubType", "VmxNet3") + rasd("ResourceType", "10");
        }
        out += "      </Item>\n";
    }
    return out + "    </VirtualHardwareSection>\n  </VirtualSystem>\n</Envelope>\n";
}
