// What of the memory balloon is lost on the way from any format to any other: computed by doing it. A pair loses what the
// first can say and the second cannot, no more, and every loss has its row.
#include "catch.hpp"
#include "systems.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

using namespace ovfkit;
using namespace samples;

namespace {

struct Feature {
    char letter;
    const char* field;
    void (*say)(Hardware&);
    bool (*says)(const Hardware&);
};

void enable(Hardware& h) { h.balloon.state = BalloonState::enabled; }

constexpr std::uint64_t mib = 1ULL << 20;

const Feature features[] = {
    {'S', "balloon.state", [](Hardware& h) { h.balloon.state = BalloonState::disabled; },
     [](const Hardware& h) { return h.balloon.state == BalloonState::disabled; }},
    {'U', "balloon.state", [](Hardware& h) { h.balloon = {}; }, [](const Hardware& h) { return h.balloon.state == BalloonState::unspecified; }},
    {'E', "balloon.state", enable, [](const Hardware& h) { return h.balloon.state == BalloonState::enabled; }},
    {'M', "balloon.model", [](Hardware& h) { enable(h), h.balloon.model = BalloonModel::virtio_non_transitional; },
     [](const Hardware& h) { return h.balloon.model == BalloonModel::virtio_non_transitional; }},
    {'T', "memory.target_bytes", [](Hardware& h) { enable(h), h.memory.target_bytes = 640 * mib; },
     [](const Hardware& h) { return h.memory.target_bytes == 640 * mib; }},
    {'N', "memory.guaranteed_bytes", [](Hardware& h) { enable(h), h.memory.guaranteed_bytes = 512 * mib; },
     [](const Hardware& h) { return h.memory.guaranteed_bytes == 512 * mib; }},
    {'X', "memory.maximum_bytes", [](Hardware& h) { enable(h), h.memory.maximum_bytes = 4096 * mib; },
     [](const Hardware& h) { return h.memory.maximum_bytes == 4096 * mib; }},
    {'H', "memory.weight", [](Hardware& h) { enable(h), h.memory.weight = 700; }, [](const Hardware& h) { return h.memory.weight == 700U; }},
    {'P', "balloon.stats_period_seconds", [](Hardware& h) { enable(h), h.balloon.stats_period_seconds = 7; },
     [](const Hardware& h) { return h.balloon.stats_period_seconds == 7U; }},
    {'A', "balloon.autodeflate", [](Hardware& h) { enable(h), h.balloon.autodeflate = true; },
     [](const Hardware& h) { return h.balloon.autodeflate == true; }},
    {'R', "balloon.free_page_reporting", [](Hardware& h) { enable(h), h.balloon.free_page_reporting = true; },
     [](const Hardware& h) { return h.balloon.free_page_reporting == true; }},
};

/// What is read from what was written; nothing when it is refused.
std::optional<Envelope> through(const Envelope& envelope, std::string_view format, LossReport& report) {
    Diagnostics diagnostics;
    try {
        const Translation out = translate(Source::of(envelope), format, {}, diagnostics).front();
        report = out.report;
        return from(std::string(format), out.files.front().bytes);
    } catch (const InputError&) {
        return std::nullopt;
    }
}

Envelope saying(const Feature& feature) {
    Envelope out = machine();
    feature.say(out.systems.front().hardware);
    return out;
}

}  // namespace

TEST_CASE("from any format to any other a balloon loses what the second cannot say, and a row names it") {
    std::vector<std::string> ids;
    for (const Format& format : formats())
        if (format.can_read && format.can_write) ids.emplace_back(format.id);
    std::map<std::string, std::map<char, Envelope>> said;  // format -> what it can say -> a machine that says it
    for (const std::string& id : ids)
        for (const Feature& feature : features) {
            LossReport report;
            const auto back = through(saying(feature), id, report);
            if (back && feature.says(back->systems.front().hardware))
                said[id].emplace(feature.letter, *back);
            else
                CHECK((!back || has_row(report, feature.field)));
        }
    // The reference: what each of these can say.
    CHECK(said["dmtf"].size() == std::size(features));
    CHECK(said["libvirt"].count('S') == 1);
    CHECK(said["ganeti"].count('S') == 0);
    CHECK(said["ovirt"].count('U') == 0);
    CHECK(said["ovirt"].count('N') == 1);
    std::string table = "what is lost going row -> column\n| from \\ to |";
    for (const std::string& id : ids) table += " " + id + " |";
    for (const std::string& row : ids) {
        table += "\n| " + row + " |";
        for (const std::string& column : ids) {
            std::string lost;
            for (const Feature& feature : features) {
                const auto source = said[row].find(feature.letter);
                if (source == said[row].end()) continue;
                LossReport report;
                const auto back = through(source->second, column, report);
                INFO(row << " -> " << column << ": " << feature.letter);
                const bool kept = back && feature.says(back->systems.front().hardware);
                if (!kept) lost += feature.letter;
                // A platform's text says more than the one thing, and that can weigh more: then a row says so.
                const bool dialects = find_format(row)->is_dialect && find_format(column)->is_dialect;
                if (dialects) CHECK(kept == (said[column].count(feature.letter) != 0));
                if (!kept && back) CHECK(has_row(report, feature.field));
            }
            table += lost.empty() ? " 0 |" : " " + lost + " |";
            if (row == column) CHECK(lost.empty());
        }
    }
    WARN(table);
}
