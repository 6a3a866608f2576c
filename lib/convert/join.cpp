#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <ovfkit/convert.hpp>
#include <ovfkit/error.hpp>

#include "convert/carried.hpp"
#include "convert/places.hpp"
#include "model/fields.hpp"

// Several inputs as one: the first stays as it is, the others are added to it.
namespace ovfkit {

namespace {

using Names = std::map<std::string, std::string, std::less<>>;

/// Counts every origin of a model from `base`.
template <class T>
struct Shift {
    T& object;
    std::uint64_t base;

    template <class M>
    void operator()(std::string_view, M T::*) const {}
    template <class G>
    void group(std::string_view, G T::*member) const {
        shift(object.*member, base);
    }
    template <class L>
    void list(std::string_view, std::vector<L> T::*member) const {
        for (L& element : object.*member) shift(element, base);
    }

    template <class E>
    static void shift(E& element, std::uint64_t base) {
        if constexpr (requires { element.origin.offset; })
            if (element.origin.offset != Origin::npos) element.origin.offset += base;
        detail::describe(static_cast<E*>(nullptr), Shift<E>{element, base});
    }
};

/// Ids that are taken, and a fresh one for each that is to be added.
class Taken {
public:
    void add(std::string_view id) { ids_.emplace(id); }
    [[nodiscard]] bool has(std::string_view id) const { return ids_.find(id) != ids_.end(); }
    /// `id`, or `id-2` and so on; `extension` stays at the end.
    std::string fresh(const std::string& id, std::string_view extension = {}) {
        std::string out = id + std::string(extension);
        std::size_t& number = next_[out];
        while (!ids_.insert(out).second) {
            number = std::max<std::size_t>(number, 1) + 1;
            out = fmt::format("{}-{}{}", id, number, extension);
        }
        return out;
    }

private:
    std::set<std::string, std::less<>> ids_;
    std::map<std::string, std::size_t> next_;
};

class Joiner {
public:
    Joiner(Envelope& out, std::vector<LossRow>& rows, Diagnostics& diagnostics)
        : out_(out), rows_(rows), diagnostics_(diagnostics) {
        if (!out.is_collection) {
            out.is_collection = true;
            out.collection_id = "collection";
        }
        for (const VirtualSystem& system : out.systems) systems_.add(system.id);
        systems_.add(out.collection_id);
        for (const FileReference& file : out.files) files_.add(file.id), hrefs_.add(file.href);
        for (const VirtualDisk& disk : out.disks) disks_.add(disk.id);
        for (const Network& network : out.networks) networks_.add(network.name);
        for (const VirtualSystem& system : out.systems)
            for (const Nic& nic : system.hardware.nics) networks_.add(nic.network);
        note_properties(out);
    }

    void add(Envelope more, const std::string& name) {
        name_ = &name;
        const Names file_names = rename_files(more);
        const Names disk_names = rename_disks(more, file_names);
        const Names network_names = merge_networks(more);
        Names system_names;
        for (VirtualSystem& system : more.systems) {
            const std::string before = system.id;
            system.id = systems_.fresh(before);
            system_names.emplace(before, system.id);
            if (system.id != before) note("convert-join-renamed", "the VM", before, system.id);
            for (Drive& drive : system.hardware.drives) {
                apply(disk_names, drive.disk_id);
                apply(file_names, drive.file_id);
            }
            apply(file_names, system.hardware.nvram_file_id);
            for (Nic& nic : system.hardware.nics) apply(network_names, nic.network);
        }
        for (StartupItem& item : more.startup) apply(system_names, item.id);
        for (Unmapped& value : more.unmapped) {
            apply(system_names, value.system_id);
            value.path = name + ": " + value.path;
        }
        drop_configurations(more);
        note_properties(more);
        append(out_.systems, more.systems);
        append(out_.startup, more.startup);
        append(out_.allocations, more.allocations);
        append(out_.products, more.products);
        append(out_.unmapped, more.unmapped);
    }

private:
    template <class T>
    static void append(std::vector<T>& to, std::vector<T>& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    }

    static void apply(const Names& names, std::string& id) {
        if (const auto found = names.find(id); found != names.end()) id = found->second;
    }

    void note(std::string_view rule, std::string_view what, std::string_view before, std::string_view now) {
        detail::report(diagnostics_, rule, Location{*name_, 0, 0},
                       fmt::format("{} '{}' is called '{}' here", what, printable(before, 80), printable(now, 80)));
    }

    Names rename_files(Envelope& more) {
        Names out;
        for (FileReference& file : more.files) {
            const std::string id = file.id, href = file.href;
            file.id = files_.fresh(id);
            out.emplace(id, file.id);
            if (file.id != id) note("convert-join-renamed", "the file with the id", id, file.id);
            const std::size_t slash = href.rfind('/');
            const std::size_t dot = href.rfind('.');
            const bool has_extension = dot != std::string::npos && (slash == std::string::npos || dot > slash);
            file.href = has_extension ? hrefs_.fresh(href.substr(0, dot), href.substr(dot)) : hrefs_.fresh(href);
            if (file.href != href)
                detail::report(diagnostics_, "convert-join-file", Location{*name_, 0, 0},
                               fmt::format("another input has a file '{}', too: rename this one to '{}'",
                                           printable(href, 80), printable(file.href, 80)));
        }
        append(out_.files, more.files);
        return out;
    }

    Names rename_disks(Envelope& more, const Names& file_names) {
        Names out;
        for (VirtualDisk& disk : more.disks) {
            const std::string id = disk.id;
            disk.id = disks_.fresh(id);
            out.emplace(id, disk.id);
            if (disk.id != id) note("convert-join-renamed", "the disk", id, disk.id);
            apply(file_names, disk.file_id);
            // The property of another input by the same name has another value.
            if (!disk.capacity_property.empty() && properties_.has(disk.capacity_property)) {
                note("convert-join-renamed", "the capacity of a disk by the property", disk.capacity_property,
                     disk.capacity_bytes ? std::to_string(*disk.capacity_bytes) : std::string{});
                disk.capacity_property.clear();
            }
        }
        for (VirtualDisk& disk : more.disks) apply(out, disk.parent_id);
        append(out_.disks, more.disks);
        return out;
    }

    Names merge_networks(Envelope& more) {
        Names out;
        for (Network& network : more.networks) {
            const auto same = std::find_if(out_.networks.begin(), out_.networks.end(),
                                           [&](const Network& n) { return n.name == network.name; });
            if (same != out_.networks.end() && *same == network) continue;  // one and the same
            const std::string name = network.name;
            network.name = networks_.fresh(name);
            out.emplace(name, network.name);
            if (network.name != name) note("convert-join-network", "the network", name, network.name);
            out_.networks.push_back(network);
        }
        return out;
    }

    void drop_configurations(const Envelope& more) {
        if (more.configurations.empty() || more.configurations == out_.configurations) return;
        rows_.push_back({*name_ + ": Envelope/DeploymentOptionSection", 0, Fate::dropped, "convert-join-configurations",
                         fmt::format("its {} configurations do not come along; its VMs are as configuration '{}' says",
                                     more.configurations.size(), printable(more.configuration, 80)),
                         false, "configurations[].id"});
    }

    void note_properties(const Envelope& envelope) {
        const auto all = [&](const std::vector<Product>& products) {
            for (const Product& product : products)
                for (const Property& property : product.properties) {
                    std::string key = product.class_name.empty() ? property.key : product.class_name + "." + property.key;
                    if (!product.instance.empty()) key += "." + product.instance;
                    properties_.add(key);
                    properties_.add(property.key);
                }
        };
        all(envelope.products);
        for (const VirtualSystem& system : envelope.systems) all(system.products);
    }

    Envelope& out_;
    std::vector<LossRow>& rows_;
    Diagnostics& diagnostics_;
    const std::string* name_ = nullptr;
    Taken systems_, files_, hrefs_, disks_, networks_, properties_;
};

}  // namespace

detail::Places Source::places() const {
    return document_ ? detail::Places(document_->xml()) : detail::Places(std::string_view(bytes_));
}

std::uint64_t Source::text_size() const { return document_ ? document_->xml().text().size() : bytes_.size(); }

void Source::settle_carried(Diagnostics& diagnostics) {
    const detail::PlatformForm form = detail::find_platform_form(format_);
    if (form.platform == nullptr) return;
    options_.from.clear();
    if (carried_.empty()) return;
    auto merged =
        detail::merge_carried({name_, carried_, carried_system_, carried_options_}, form, envelope_, options_, diagnostics);
    carried_.clear();
    if (!merged) return;
    joined_rows_ = detail::merge_rows(*merged);
    document_ = std::move(merged->document);
    envelope_ = std::move(merged->envelope);
    options_ = std::move(merged->options);
    settled_ = true;
}

Source Source::join(std::vector<Source> sources, Diagnostics& diagnostics) {
    if (sources.empty()) throw UsageError("there is nothing to join");
    Source out = std::move(sources.front());
    if (sources.size() == 1) return out;
    out.settle_carried(diagnostics);
    std::size_t files = 0, disks = 0;
    for (std::size_t i = 1; i < sources.size(); ++i)
        files += sources[i].envelope_.files.size(), disks += sources[i].envelope_.disks.size();
    files += out.envelope_.files.size(), disks += out.envelope_.disks.size();
    if (std::max(files, disks) > out.options_.limits.files)
        detail::report(diagnostics, "convert-join-limit", Location{out.name_, 0, 0},
                       fmt::format("together they have {} files and {} disks; a descriptor may have {} of each", files,
                                   disks, out.options_.limits.files),
                       Failure::refused);
    std::uint64_t base = out.text_size();
    Joiner joiner(out.envelope_, out.joined_rows_, diagnostics);
    for (std::size_t i = 1; i < sources.size(); ++i) {
        Source& next = sources[i];
        next.settle_carried(diagnostics);
        base += 1;
        Envelope more = next.envelope_;
        Shift<Envelope>::shift(more, base);
        for (Unmapped& value : more.unmapped)
            if (value.origin.offset != Origin::npos) value.origin.offset += base;
        joiner.add(std::move(more), next.name_);
        out.joined_rows_.insert(out.joined_rows_.end(), next.joined_rows_.begin(), next.joined_rows_.end());
        const std::uint64_t size = next.text_size();
        out.joined_.push_back({base, std::make_shared<const Source>(std::move(next))});
        base += size;
    }
    return out;
}

}  // namespace ovfkit
