#include <deque>
#include <iterator>
#include <string>

#include "systems.hpp"

using namespace ovfkit;

namespace samples {

namespace {

SimpleDevice simple(const std::string& id, const std::string& model, const std::string& option = {}) {
    SimpleDevice out;
    out.info.id = id;
    out.model = model;
    out.option = option;
    return out;
}

class List {
public:
    Envelope& add(const std::string& name, std::map<std::string, std::string, std::less<>> options = {}) {
        out.push_back({name, package(name), std::move(options)});
        return out.back().envelope;
    }
    std::deque<Sample> out;
};

void balloons(List& list) {
    const auto add = [&](const std::string& name, BalloonState state, BalloonModel model) -> MemoryBalloon& {
        MemoryBalloon& b = hardware_of(list.add("balloon-" + name)).balloon;
        b.state = state;
        b.model = model;
        b.info.id = "9";
        return b;
    };
    add("unspecified", BalloonState::unspecified, BalloonModel::unspecified);
    add("disabled", BalloonState::disabled, BalloonModel::unspecified);
    add("enabled", BalloonState::enabled, BalloonModel::virtio);
    add("transitional", BalloonState::enabled, BalloonModel::virtio_transitional);
    add("non-transitional", BalloonState::enabled, BalloonModel::virtio_non_transitional);
    add("vmware", BalloonState::enabled, BalloonModel::vmware);
    MemoryBalloon& full = add("attributes", BalloonState::enabled, BalloonModel::virtio);
    full.autodeflate = true;
    full.free_page_reporting = true;
    full.stats_period_seconds = 10;
    full.info.alias = "ua-mb";
    full.info.address = "bus=0x00,domain=0x0000,function=0x0,slot=0x0a,type=pci";
    MemoryBalloon& off = add("off-attributes", BalloonState::disabled, BalloonModel::unspecified);
    off.autodeflate = false;
    off.stats_period_seconds = 5;
    for (const std::string machine : {"q35", "pc"}) {
        Envelope& e = list.add("balloon-address-" + machine);
        hardware_of(e).machine = machine;
        hardware_of(e).balloon.info.address = "bus=0x00,domain=0x0000,function=0x0,slot=0x08,type=pci";
        add_disk(e, "5", "@virtio");
        add_nic(e, "6", "virtio");
    }
    Envelope& half = list.add("balloon-target");
    hardware_of(half).memory.target_bytes = 256ULL << 20;
    hardware_of(half).memory.guaranteed_bytes = 128ULL << 20;
    Envelope& odd = list.add("memory-odd");
    hardware_of(odd).memory.boot_bytes = (512ULL << 20) + 1;
    hardware_of(list.add("isapc")).machine = "isapc";
}

void processors(List& list) {
    Cpu& four = hardware_of(list.add("cpu-4-by-2")).cpu;
    four.count = 4;
    four.cores = 2;
    Cpu& odd = hardware_of(list.add("cpu-3-by-2")).cpu;
    odd.count = 3;
    odd.cores = 2;
    Cpu& plug = hardware_of(list.add("cpu-hotplug")).cpu;
    plug.count = 2;
    plug.maximum = 8;
    plug.sockets = 4;
    plug.cores = 2;
    hardware_of(list.add("cpu-host-model")).cpu.model = "host-model";
    hardware_of(list.add("cpu-passthrough")).cpu.model = "host-passthrough";
    hardware_of(list.add("cpu-nehalem")).cpu.model = "Nehalem";
}

void systems(List& list) {
    Envelope& efi = list.add("efi");
    hardware_of(efi).firmware = Firmware::efi;
    add_controller(efi, "3", ControllerType::ide);
    add_disk(efi, "5", "3", 0);
    add_cdrom(efi, "6", "3", 1);
    Envelope& secure = list.add("efi-secure");
    hardware_of(secure).firmware = Firmware::efi;
    hardware_of(secure).secure_boot = true;
    add_disk(secure, "5", "@virtio");
    Envelope& windows = list.add("windows");
    system_of(windows).os.vmware_type = "windows9_64Guest";
    add_disk(windows, "5", "@sata", 0);
    Envelope& named = list.add("identity");
    VirtualSystem& s = system_of(named);
    s.name = "rack 1/web <&'\"> \xC3\xA9";
    s.uuid = "564D2F6C-6D6D-4E4A-8F9A-0123456789AB";
    s.genid = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    s.title = "Web server";
    s.annotation = "First line\nsecond <line> & \"more\"\n";
    s.clock = "Europe/Berlin";
    s.os.osinfo_id = "http://debian.org/debian/11";
    Envelope& slash = list.add("slash");
    system_of(slash).name = "a/b";
    Envelope& full = list.add("machine-versioned");
    hardware_of(full).machine = "pc-q35-rhel8.1.0";
    hardware_of(full).arch = "x86_64";
    system_of(list.add("clock-local")).clock = "localtime";
}

void storage(List& list) {
    Envelope& vmware = list.add("disks-vmware");
    add_controller(vmware, "3", ControllerType::ide).address = 0;
    add_controller(vmware, "4", ControllerType::ide).address = 1;
    add_controller(vmware, "5", ControllerType::scsi, "lsilogic").address = 0;
    add_controller(vmware, "6", ControllerType::sata, "ahci").address = 0;
    add_disk(vmware, "10", "5", 0);
    add_disk(vmware, "11", "5", 3);
    add_disk(vmware, "12", "5", 9);
    add_cdrom(vmware, "13", "4", 0);
    add_cdrom(vmware, "14", "6", 0);
    add_disk(vmware, "15", "6", 7);

    Envelope& many = list.add("disks-pvscsi");
    add_controller(many, "3", ControllerType::scsi, "vmpvscsi");
    for (const std::uint32_t unit : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 8U, 9U})
        add_disk(many, std::to_string(10 + unit), "3", unit);

    for (const std::string model : {"lsisas1068", "lsisas1078", "virtio-scsi", "am53c974", "buslogic", ""}) {
        Envelope& e = list.add("scsi-" + (model.empty() ? "none" : model));
        add_controller(e, "3", ControllerType::scsi, model);
        add_disk(e, "5", "3", 2);
    }
    Envelope& mixed = list.add("disks-ovirt");
    add_controller(mixed, "3", ControllerType::scsi, "virtio-scsi");
    add_controller(mixed, "4", ControllerType::virtio, "virtio-serial");
    add_disk(mixed, "10", "@scsi");
    add_disk(mixed, "11", "@virtio");
    add_disk(mixed, "12", "@sata");
    add_disk(mixed, "13", "@ide");
    add_disk(mixed, "14", "@scsi");
    add_cdrom(mixed, "15", "@ide");
    add_disk(mixed, "16", "@usb");
    Envelope& nvme = list.add("disks-nvme");
    add_controller(nvme, "3", ControllerType::nvme, "nvme");
    add_disk(nvme, "5", "3", 0);
    add_disk(nvme, "6", "3", 1);

    Envelope& ide = list.add("disks-ide-full");
    add_controller(ide, "3", ControllerType::ide);
    add_controller(ide, "4", ControllerType::ide);
    for (int i = 0; i < 4; ++i)
        add_disk(ide, std::to_string(10 + i), i < 2 ? "3" : "4", static_cast<std::uint32_t>(i % 2));
    add_disk(ide, "20", "@ide");
    Drive floppy;
    floppy.info.id = "30";
    floppy.kind = DriveKind::floppy;
    hardware_of(ide).drives.push_back(floppy);

    Envelope& flags = list.add("disks-flags");
    Drive& a = add_disk(flags, "5", "@virtio");
    a.serial = "SN-1 a.b";
    a.cache = "none";
    a.discard = "unmap";
    a.read_only = true;
    a.info.alias = "ua-disk-5";
    Drive& b = add_disk(flags, "6", "@scsi");
    b.transient = true;
    Drive& c = add_disk(flags, "7", "@virtio");
    flags.disks.back().format = "http://en.wikipedia.org/wiki/Byte";
    c.shareable = true;
    Drive& d = add_disk(flags, "8", "@ide");
    d.read_only = true;
    Envelope& iso = list.add("cdrom-iso");
    FileReference file;
    file.id = "iso";
    file.href = "images/seed.iso";
    iso.files.push_back(file);
    add_cdrom(iso, "5", "@sata").file_id = "iso";

    Envelope& boot = list.add("boot-orders");
    add_disk(boot, "5", "@virtio").boot_index = 2;
    add_disk(boot, "6", "@virtio").boot_index = 1;
    add_nic(boot, "7", "virtio").boot_index = 3;
    Envelope& classes = list.add("boot-classes");
    hardware_of(classes).boot = {"network", "cdrom", "disk"};
    add_disk(classes, "5", "@virtio");
    add_cdrom(classes, "6", "@sata");
    add_nic(classes, "7", "virtio");
    Envelope& blank = list.add("disk-blank");
    add_disk(blank, "5", "@virtio");
    blank.files.clear();
    blank.disks.front().file_id.clear();
}

void nics(List& list) {
    Envelope& models = list.add("nics-models");
    int n = 0;
    for (const std::string model :
         {"e1000", "e1000e", "vmxnet3", "virtio", "pcnet", "rtl8139", "ne2k_pci", "flexible", "vmxnet2", "", "quantum"})
        add_nic(models, std::to_string(20 + n++), model);
    Envelope& q35 = list.add("nics-q35");
    hardware_of(q35).machine = "q35";
    n = 0;
    for (const std::string model : {"e1000", "e1000e", "vmxnet3", "virtio", "pcnet", "rtl8139"})
        add_nic(q35, "2" + model, model, "00:50:56:11:22:3" + std::to_string(n++));
    Envelope& kinds = list.add("nics-attachments");
    add_nic(kinds, "20", "virtio", "52:54:00:00:00:01", "br0").attachment = "bridge";
    add_nic(kinds, "21", "virtio", {}, "").attachment = "user";
    add_nic(kinds, "22", "virtio", {}, "eth0").attachment = "direct";
    add_nic(kinds, "23", "virtio", {}, "").link_up = false;
    add_nic(kinds, "24", "virtio", "52-54-00-00-00-02").connected = false;
    add_nic(kinds, "25", "virtio", "00:00:00:00:00:00").link_up = true;
    add_nic(kinds, "26", "virtio", "01:00:5e:00:00:01").info.alias = "ua-nic-26";
    add_nic(list.add("nics-user", {{"libvirt.network", "user"}}), "20", "e1000");
    add_nic(list.add("nics-bridge", {{"libvirt.network", "bridge"}, {"libvirt.network-name", "br1"}}), "20", "e1000",
            {}, "");
}

void devices(List& list) {
    Envelope& ports = list.add("ports");
    for (const std::string id : {"30", "31"}) {
        CharacterDevice c;
        c.info.id = id;
        c.backend = id == "30" ? "pty" : "file";
        c.target = id == "30" ? "" : "/etc/passwd";
        hardware_of(ports).serials.push_back(c);
    }
    CharacterDevice parallel;
    parallel.info.id = "32";
    hardware_of(ports).parallels.push_back(parallel);

    for (const std::string model : {"vga", "cirrus", "vmvga", "qxl", "virtio", "bochs", "none", "svga9"}) {
        Envelope& e = list.add("video-" + model);
        Video v;
        v.info.id = "40";
        v.model = model;
        hardware_of(e).videos.push_back(v);
    }
    Envelope& sized = list.add("video-sized");
    Video v;
    v.info.id = "40";
    v.model = "vmvga";
    v.vram_bytes = 5000ULL * 1024;
    v.heads = 1;
    hardware_of(sized).videos.push_back(v);
    Envelope& two = list.add("video-two");
    for (const std::string id : {"40", "41", "42"}) {
        Video q;
        q.info.id = id;
        q.model = id == "42" ? "vga" : "qxl";
        q.heads = 2;
        q.vram_bytes = 64ULL << 20;
        hardware_of(two).videos.push_back(q);
    }
    list.add("graphics-vnc", {{"libvirt.graphics", "vnc"}});
    Envelope& spice = list.add("graphics-spice");
    Graphics g;
    g.info.id = "50";
    g.type = "spice";
    hardware_of(spice).graphics.push_back(g);
    list.out.back().needs_spice = true;
    Envelope& vnc = list.add("graphics-listen");
    g.type = "vnc";
    g.port = 5910;
    g.listen = "0.0.0.0";
    g.keymap = "de";
    hardware_of(vnc).graphics.push_back(g);

    for (const std::string machine : {"pc", "q35"}) {
        Envelope& sounds = list.add("sounds-" + machine);
        hardware_of(sounds).machine = machine;
        int n = 60;
        for (const std::string model : {"ac97", "ich6", "ich9", "sb16", "es1370", "hda", "gus"})
            hardware_of(sounds).sounds.push_back(simple(std::to_string(n++), model));
        hardware_of(sounds).watchdogs.push_back(simple("70", "i6300esb", machine == "pc" ? "poweroff" : ""));
        hardware_of(sounds).rngs.push_back(simple("71", "virtio", "/dev/random"));
        hardware_of(sounds).rngs.push_back(simple("72", "virtio", "https://example.org"));
    }
    hardware_of(list.add("watchdog-ib700")).watchdogs.push_back(simple("70", "ib700", "none"));
    for (const std::string model :
         {"piix3-uhci", "piix4-uhci", "ehci", "pci-ohci", "nec-xhci", "qemu-xhci", "", "vt82c686b-uhci"})
        add_controller(list.add("usb-" + (model.empty() ? "none" : model)), "8", ControllerType::usb, model);
    Envelope& ich9 = list.add("usb-ich9");
    hardware_of(ich9).machine = "q35";
    for (const std::string model : {"ich9-ehci1", "ich9-uhci1", "ich9-uhci2", "ich9-uhci3"})
        add_controller(ich9, "8" + model, ControllerType::usb, model);
    hardware_of(ich9).sounds.push_back(simple("60", "usb"));
    Envelope& twice = list.add("twice");
    hardware_of(twice).watchdogs = {simple("70", "i6300esb", "reset"), simple("71", "ib700", "none")};
    for (const std::string id : {"30", "31", "32"}) {
        Drive floppy;
        floppy.info.id = id;
        floppy.kind = DriveKind::floppy;
        floppy.unit = static_cast<std::uint32_t>(id.back() - '0');
        floppy.boot_index = 4;
        hardware_of(twice).drives.push_back(floppy);
    }
    hardware_of(list.add("tpm")).tpms.push_back(simple("80", "tpm-crb", "2.0"));
    list.out.back().needs_tpm = true;
}

}  // namespace

std::vector<Sample> all() {
    List list;
    list.add("minimal");
    balloons(list);
    processors(list);
    systems(list);
    storage(list);
    nics(list);
    devices(list);
    return {std::make_move_iterator(list.out.begin()), std::make_move_iterator(list.out.end())};
}

}  // namespace samples
