#include "convert/account.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include <ovfkit/diagnostic.hpp>

#include "convert/field_walk.hpp"
#include "convert/readback.hpp"
#include "convert/unmapped.hpp"

namespace ovfkit::detail {

namespace {

/// What of the envelope belongs to one VM: its disks with their parents, files and networks.
struct Slices {
    Envelope used;
    Envelope unused;  ///< behind a disk's chain, of no VM, or about all of them (these go with the first)
};

Slices slice(const Account& account) {
    const Envelope& all = account.envelope;
    std::set<std::string_view> disks, files, networks;
    std::set<std::string_view> used_disks, used_files, used_networks;
    std::set<std::string_view> parent_disks, parent_files;  // no text of a platform names them
    std::unordered_map<std::string_view, const VirtualDisk*> by_id;
    for (const VirtualDisk& disk : all.disks) by_id.emplace(disk.id, &disk);
    const auto collect = [&](const VirtualSystem& system, auto& to_disks, auto& to_files, auto& to_networks, auto& chain_disks, auto& chain_files) {
        for (const Drive& drive : system.hardware.drives) {
            if (!drive.file_id.empty()) to_files.insert(drive.file_id);
            bool leaf = true;
            for (std::string_view id = drive.disk_id; !id.empty() && (leaf ? to_disks : chain_disks).insert(id).second; leaf = false) {
                const auto found = by_id.find(id);
                if (found == by_id.end()) break;
                if (!found->second->file_id.empty()) (leaf ? to_files : chain_files).insert(found->second->file_id);
                id = found->second->parent_id;
            }
        }
        if (!system.hardware.nvram_file_id.empty()) to_files.insert(system.hardware.nvram_file_id);
        for (const Nic& nic : system.hardware.nics) to_networks.insert(nic.network);
    };
    collect(account.system, disks, files, networks, parent_disks, parent_files);
    if (account.first_system)
        for (const VirtualSystem& system : all.systems) collect(system, used_disks, used_files, used_networks, used_disks, used_files);
    Slices out;
    if (account.first_system) {
        out.unused.lang = all.lang;
        out.unused.ovf_version = all.ovf_version;
        out.unused.configurations = all.configurations;
        out.unused.products = all.products;
        out.unused.collection_name = all.collection_name;
        out.unused.allocations = all.allocations;
    }
    const auto share = [&](const auto& list, auto member, auto key, const auto& mine, const auto& behind, const auto& anyones) {
        for (const auto& element : list) {
            if (mine.count(element.*key) != 0)
                (out.used.*member).push_back(element);
            else if (behind.count(element.*key) != 0 || (account.first_system && anyones.count(element.*key) == 0))
                (out.unused.*member).push_back(element);
        }
    };
    share(all.files, &Envelope::files, &FileReference::id, files, parent_files, used_files);
    share(all.disks, &Envelope::disks, &VirtualDisk::id, disks, parent_disks, used_disks);
    share(all.networks, &Envelope::networks, &Network::name, networks, std::set<std::string_view>{}, used_networks);
    std::set<std::string_view> own{account.system.id}, ids;
    for (const VirtualSystem& system : all.systems) ids.insert(system.id);
    share(all.startup, &Envelope::startup, &StartupItem::id, own, std::set<std::string_view>{}, ids);
    return out;
}

bool same_field(const LossNote& note, const FieldValue& field) {
    return note.field == field.key && (note.id.empty() || note.id == field.id);
}

class Rows {
public:
    Rows(const Places& places, const VirtualSystem* system, bool carried) : places_(places), system_(system), carried_(carried) {}

    void add_note(const LossNote& note, const std::vector<FieldValue>& fields) {
        const auto field = std::find_if(fields.begin(), fields.end(), [&](const FieldValue& f) { return same_field(note, f); });
        LossRow row;
        if (field != fields.end()) {
            row = row_at(field->origin, field->place);
        } else if (note.field.find('/') != std::string::npos) {
            row.path = note.field;
        } else {
            std::string place = note.field;
            if (const std::size_t brackets = place.find("[]"); brackets != std::string::npos) place.insert(brackets + 1, note.id);
            row = row_at(system_ == nullptr ? Origin{} : system_->origin, place);
        }
        row.fate = note.fate == Fate::dropped && carried_ ? Fate::origin : note.fate;
        row.rule = note.rule;
        row.detail = note.detail;
        if (field != fields.end() && row.detail.find(field->value) == std::string::npos) row.detail += fmt::format(" (source: '{}')", field->value);
        row.field = note.field;
        out.push_back(std::move(row));
    }

    void add_field(const FieldValue& field, Fate fate, std::string_view rule, std::string detail) {
        LossRow row = row_at(field.origin, field.place);
        row.fate = fate == Fate::dropped && carried_ ? Fate::origin : fate;
        row.rule = rule;
        row.detail = std::move(detail);
        row.label = field.label;
        row.field = field.key;
        out.push_back(std::move(row));
    }

    void add_unmapped(const Unmapped& value) {
        LossRow row;
        row.path = value.path;
        row.line = places_.find(value.origin).line;
        row.fate = carried_ ? Fate::origin : Fate::dropped;
        row.rule = value.rule.empty() ? "convert-value-unmapped" : value.rule;
        row.detail = shown(value);
        row.label = value.label;
        out.push_back(std::move(row));
    }

    std::vector<LossRow> out;

private:
    LossRow row_at(Origin origin, const std::string& place) const {
        LossRow row;
        const Places::Place found = places_.find(origin);
        row.line = found.line;
        row.path = found.path.empty() ? fmt::format("VirtualSystem[{}]/{}", system_ == nullptr ? "" : system_->id, place)
                                      : found.path;
        return row;
    }

    const Places& places_;
    const VirtualSystem* system_;
    bool carried_;
};

std::string described(const FieldValue& field) { return fmt::format("{} '{}'", field.place, field.value); }

/// Fields that say what the document is, not what the machine is.
bool is_identity(std::string_view key) {
    // `ganeti.hv.default`: a parameter at its platform's own default says nothing elsewhere.
    return key.ends_with("info.id") || key == "is_collection" || key == "collection_id" || key == "configuration" || key.ends_with(".default]");
}

/// Devices that only VMware's own guest additions can use and that do nothing by themselves: understood, and
/// without a counterpart anywhere else.
bool is_harmless(const OtherDevice& device) {
    constexpr std::array<std::string_view, 6> known{"vmware.vmci", "vmware.keyboard", "vmware.pointingdevice",
                                                    "vmware.pcicontroller", "vmware.ps2controller", "vmware.siocontroller"};
    return std::find(known.begin(), known.end(), device.model) != known.end();
}

void sort_rows(std::vector<LossRow>& rows) {
    std::stable_sort(rows.begin(), rows.end(), [](const LossRow& a, const LossRow& b) { return a.line < b.line; });
}

/// Ids replaced by positions, so that two dialects' different ids compare equal.
Envelope with_positions(Envelope envelope) {
    std::map<std::string, std::string, std::less<>> files, disks;
    for (std::size_t i = 0; i < envelope.files.size(); ++i) {
        files.emplace(envelope.files[i].id, fmt::format("file {}", i));
        envelope.files[i].id = fmt::format("file {}", i);
    }
    for (std::size_t i = 0; i < envelope.disks.size(); ++i) disks.emplace(envelope.disks[i].id, fmt::format("disk {}", i));
    const auto rename = [](const auto& names, std::string& id) {
        if (const auto found = names.find(id); found != names.end()) id = found->second;
    };
    for (std::size_t i = 0; i < envelope.disks.size(); ++i) {
        rename(disks, envelope.disks[i].id);
        rename(disks, envelope.disks[i].parent_id);
        rename(files, envelope.disks[i].file_id);
    }
    for (VirtualSystem& system : envelope.systems) {
        Hardware& hardware = system.hardware;
        std::map<std::string, std::string, std::less<>> controllers;
        for (std::size_t i = 0; i < hardware.controllers.size(); ++i)
            controllers.emplace(hardware.controllers[i].info.id, fmt::format("controller {}", i));
        for (Drive& drive : hardware.drives) {
            rename(controllers, drive.controller);
            rename(disks, drive.disk_id);
            rename(files, drive.file_id);
        }
        rename(files, hardware.nvram_file_id);
    }
    return envelope;
}

std::vector<FieldValue> fields_of_all(const Envelope& envelope) {
    std::vector<FieldValue> out;
    walk_fields_of_envelope(envelope, [&](const FieldValue& field) { out.push_back(field); });
    for (std::size_t i = 0; i < envelope.systems.size(); ++i)
        walk_fields(envelope.systems[i], [&](FieldValue field) {
            field.slot = fmt::format("systems[#{}].{}", i, field.slot);
            out.push_back(std::move(field));
        });
    return out;
}

}  // namespace

std::vector<LossRow> account_platform(const Account& account, const Platform& platform, std::string_view form,
                                      const Written& written) {
    const std::vector<LossNote>& notes = written.notes;
    std::vector<FieldValue> fields;
    walk_fields(account.system, [&](const FieldValue& field) { fields.push_back(field); });
    const Slices slices = slice(account);
    walk_fields_of_envelope(slices.used, [&](const FieldValue& field) { fields.push_back(field); });
    const std::size_t expressible = fields.size();
    walk_fields_of_envelope(slices.unused, [&](const FieldValue& field) { fields.push_back(field); });

    Rows rows(account.places, &account.system, account.origin_carried);
    for (const LossNote& note : notes) rows.add_note(note, fields);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const FieldValue& field = fields[i];
        if (is_identity(field.key) || (i < expressible && platform.carries(form, field.key))) continue;
        if (std::any_of(notes.begin(), notes.end(), [&](const LossNote& note) { return same_field(note, field); })) continue;
        rows.add_field(field, Fate::dropped, "convert-field-dropped", fmt::format("{}: no place for it in {}", described(field), form));
    }
    for (const ReadBack& found : read_back(platform, form, slices.used, account.system, written)) {
        if (is_identity(found.field.key)) continue;
        if (found.value.empty())
            rows.add_field(found.field, Fate::dropped, "convert-readback-differs", fmt::format("{}: {} does not say it", described(found.field), form));
        else
            rows.add_field(found.field, Fate::approximated, "convert-readback-differs", fmt::format("{} became '{}'", described(found.field), found.value));
    }
    for (const Unmapped& value : account.envelope.unmapped)
        if (value.system_id == account.system.id || (value.system_id.empty() && account.first_system)) rows.add_unmapped(value);
    sort_rows(rows.out);
    return std::move(rows.out);
}

std::vector<LossRow> account_dialect(const Envelope& wanted, const Envelope& written, const Places& places,
                                     const std::vector<LossNote>& notes, const std::vector<Unmapped>& unmapped) {
    const std::vector<FieldValue> before = fields_of_all(with_positions(wanted));
    const std::vector<FieldValue> now = fields_of_all(with_positions(written));
    std::map<std::string_view, const FieldValue*> after;
    for (const FieldValue& field : now) after.emplace(field.slot, &field);

    Rows rows(places, wanted.systems.empty() ? nullptr : &wanted.systems.front(), false);
    for (const LossNote& note : notes) rows.add_note(note, before);
    for (const FieldValue& field : before) {
        if (is_identity(field.key) || field.key == "ovf_version") continue;
        const auto found = after.find(field.slot);
        if (found != after.end() && found->second->raw == field.raw) continue;
        if (std::any_of(notes.begin(), notes.end(), [&](const LossNote& note) { return same_field(note, field); })) continue;
        if (found == after.end())
            rows.add_field(field, Fate::dropped, "convert-field-dropped", fmt::format("{}: no place for it in the target", described(field)));
        else
            rows.add_field(field, Fate::approximated, "convert-readback-differs", fmt::format("{} became '{}'", described(field), found->second->value));
    }
    std::set<std::string_view> said;
    for (const FieldValue& field : before) said.insert(field.slot);
    for (FieldValue field : now) {
        if (said.count(field.slot) != 0 || field.label || is_identity(field.key) || field.key == "ovf_version") continue;
        if (std::any_of(notes.begin(), notes.end(), [&](const LossNote& note) { return note.field == field.key; })) continue;
        field.origin = {};  // its place is in what was written
        rows.add_field(field, Fate::defaulted, "convert-field-defaulted", fmt::format("{}: the source says nothing of it", described(field)));
        rows.out.back().path = field.slot;
    }
    for (const Unmapped& value : unmapped) rows.add_unmapped(value);
    sort_rows(rows.out);
    return std::move(rows.out);
}

std::vector<LossRow> unmapped_rows(const Places& places, const std::vector<Unmapped>& unmapped) {
    Rows rows(places, nullptr, false);
    for (const Unmapped& value : unmapped) rows.add_unmapped(value);
    return std::move(rows.out);
}

void report_required(const Account& account, Diagnostics& diagnostics, const std::string& name, bool lenient) {
    const auto add = [&](std::string_view rule, Origin origin, std::string message) {
        const Places::Place place = account.places.find(origin);
        Diagnostic diagnostic;
        diagnostic.rule = rule;
        diagnostic.severity = lenient ? Severity::warning : Severity::error;
        diagnostic.failure = lenient ? Failure::none : Failure::refused;
        diagnostic.message = std::move(message);
        diagnostic.where = {name, place.line, std::size_t{place.line == 0 ? 0U : 1U}};
        diagnostics.add(std::move(diagnostic));
    };
    for (const Unmapped& value : account.envelope.unmapped)
        if (value.required && (value.system_id == account.system.id || (value.system_id.empty() && account.first_system)))
            add("convert-part-required", value.origin,
                fmt::format("{} must be understood and is not; --lenient lets it pass", value.path));
    for (const OtherDevice& device : account.system.hardware.others)
        if (device.required && !is_harmless(device))
            add("convert-device-required", device.info.origin,
                fmt::format("Item '{}' (ResourceType {}, '{}') must be understood and is not; --lenient lets it pass", device.info.id,
                            device.resource_type, device.model.empty() ? device.other_type : device.model));
}

}  // namespace ovfkit::detail
