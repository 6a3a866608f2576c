#include "balloon_matrix.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <ovfkit/convert.hpp>
#include <ovfkit/error.hpp>

namespace ovfkit::tool {

namespace {

/// One row: a machine that says one thing of its balloon, and whether another says the same.
struct Case {
    std::string title;
    std::string_view field;  ///< of the loss report; the start of it
    void (*say)(Hardware& hardware, int value);
    int value = 0;
    bool (*same)(const Hardware& a, const Hardware& b);
};

void say_state(Hardware& hardware, int value) { hardware.balloon.state = static_cast<BalloonState>(value); }
void say_model(Hardware& hardware, int value) { hardware.balloon.model = static_cast<BalloonModel>(value); }
void say_autodeflate(Hardware& hardware, int value) { hardware.balloon.autodeflate = value != 0; }
void say_reporting(Hardware& hardware, int value) { hardware.balloon.free_page_reporting = value != 0; }
void say_period(Hardware& hardware, int value) {
    hardware.balloon.stats_period_seconds = static_cast<std::uint32_t>(value);
}
void say_target(Hardware& hardware, int value) {
    hardware.memory.target_bytes = static_cast<std::uint64_t>(value) << 20;
}
void say_guaranteed(Hardware& hardware, int value) {
    hardware.memory.guaranteed_bytes = static_cast<std::uint64_t>(value) << 20;
}

bool same_state(const Hardware& a, const Hardware& b) { return a.balloon.state == b.balloon.state; }
bool same_model(const Hardware& a, const Hardware& b) { return same_state(a, b) && a.balloon.model == b.balloon.model; }
bool same_autodeflate(const Hardware& a, const Hardware& b) { return a.balloon.autodeflate == b.balloon.autodeflate; }
bool same_reporting(const Hardware& a, const Hardware& b) {
    return a.balloon.free_page_reporting == b.balloon.free_page_reporting;
}
bool same_period(const Hardware& a, const Hardware& b) {
    return a.balloon.stats_period_seconds == b.balloon.stats_period_seconds;
}
bool same_target(const Hardware& a, const Hardware& b) { return a.memory.target_bytes == b.memory.target_bytes; }
bool same_guaranteed(const Hardware& a, const Hardware& b) {
    return a.memory.guaranteed_bytes == b.memory.guaranteed_bytes;
}

std::vector<Case> cases() {
    std::vector<Case> out;
    for (const BalloonState state : {BalloonState::unspecified, BalloonState::disabled, BalloonState::enabled})
        out.push_back({std::string(to_string(state)), "balloon.state", say_state, static_cast<int>(state), same_state});
    for (const BalloonModel model :
         {BalloonModel::virtio, BalloonModel::virtio_transitional, BalloonModel::virtio_non_transitional,
          BalloonModel::xen, BalloonModel::vmware, BalloonModel::hyperv, BalloonModel::virtualbox})
        out.push_back(
            {fmt::format("model {}", to_string(model)), "balloon.", say_model, static_cast<int>(model), same_model});
    for (const int value : {1, 0}) {
        const std::string_view word = value != 0 ? "on" : "off";
        out.push_back(
            {fmt::format("autodeflate {}", word), "balloon.autodeflate", say_autodeflate, value, same_autodeflate});
        out.push_back({fmt::format("free page reporting {}", word), "balloon.free_page_reporting", say_reporting, value,
                       same_reporting});
    }
    out.push_back({"statistics every 5 s", "balloon.stats_period_seconds", say_period, 5, same_period});
    out.push_back({"memory at start", "memory.target_bytes", say_target, 384, same_target});
    out.push_back({"memory never below", "memory.guaranteed_bytes", say_guaranteed, 256, same_guaranteed});
    return out;
}

Envelope machine(const Case& x) {
    VirtualSystem system;
    system.id = system.name = "vm";
    Hardware& hardware = system.hardware;
    hardware.cpu.count = 1;
    hardware.cpu.info.id = "1";
    hardware.memory.boot_bytes = std::uint64_t{512} << 20;
    hardware.memory.info.id = "2";
    hardware.balloon.info.id = "3";
    hardware.balloon.state = BalloonState::enabled;
    x.say(hardware, x.value);
    Envelope out;
    out.systems.push_back(std::move(system));
    return out;
}

std::string cell(const Case& x, const Format& format) {
    const Source source = Source::of(machine(x));
    WriteOptions write;
    write.carry_origin = false;
    Diagnostics diagnostics;
    std::vector<Translation> results;
    try {
        results = translate(source, format.id, write, diagnostics);
    } catch (const InputError&) {
        return "refused";
    }
    const auto& rows = results.at(0).report.rows;
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const LossRow& r) { return r.field.starts_with(x.field); });
    const std::string reported = row == rows.end() ? std::string{} : std::string(to_string(row->fate));
    if (!format.can_read) return reported.empty() ? "written" : reported;

    ReadOptions again;
    again.from = format.id;
    const OutputFile& file = results.at(0).files.at(0);
    const Source back = Source::parse(file.name, file.bytes, again, diagnostics);
    if (x.same(source.envelope().systems.at(0).hardware, back.envelope().systems.at(0).hardware)) return "carried";
    return reported.empty() ? "LOST" : reported;
}

}  // namespace

std::string balloon_matrix() {
    std::string out = "| what is said |", rule = "|---|";
    for (const Format& format : formats())
        if (format.can_write) out += fmt::format(" {} |", format.id), rule += "---|";
    out += "\n" + rule + "\n";
    for (const Case& x : cases()) {
        out += fmt::format("| {} |", x.title);
        for (const Format& format : formats())
            if (format.can_write) out += fmt::format(" {} |", cell(x, format));
        out += '\n';
    }
    return out;
}

}  // namespace ovfkit::tool
