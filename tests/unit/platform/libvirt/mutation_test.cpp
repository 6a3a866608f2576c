#include "harness.hpp"

#include "model/fields.hpp"

// Whatever field the platform says it carries: another value of it changes the text or the notes.

using namespace harness;
using namespace samples;

namespace {

/// Changes the n-th value of a model that has one, and says which it was.
struct Mutator {
    std::size_t target = 0, seen = 0;
    std::string key;

    template <class T>
    void visit(T& object, const std::string& prefix);

    bool due(std::string_view name, const std::string& prefix) {
        if (seen++ != target) return false;
        key = prefix + std::string(name);
        return true;
    }
};

bool change(std::string& value) {
    if (value.empty()) return false;
    value += "x";
    return true;
}
template <std::unsigned_integral T>
bool change(std::optional<T>& value) {
    if (!value) return false;
    value = static_cast<T>(*value + 1);
    return true;
}
bool change(std::optional<bool>& value) {
    if (!value) return false;
    value = !*value;
    return true;
}
bool change(BalloonState& value) {
    value = value == BalloonState::enabled ? BalloonState::disabled : BalloonState::enabled;
    return true;
}
bool change(BalloonModel& value) {
    if (value == BalloonModel::unspecified) return false;
    value = value == BalloonModel::virtio ? BalloonModel::virtio_transitional : BalloonModel::virtio;
    return true;
}
bool change(ControllerType& value) {
    value = value == ControllerType::scsi ? ControllerType::sata : ControllerType::scsi;
    return true;
}
bool change(DriveKind& value) {
    value = value == DriveKind::disk ? DriveKind::cdrom : DriveKind::disk;
    return true;
}
bool change(Firmware& value) {
    if (value == Firmware::unspecified) return false;
    value = value == Firmware::efi ? Firmware::bios : Firmware::efi;
    return true;
}
bool change(std::vector<std::string>& value) {
    if (value.empty()) return false;
    value.front() += "x";
    return true;
}
template <class T>
bool change(T&) {
    return false;
}

template <class T>
struct Visitor {
    Mutator& mutator;
    T& object;
    const std::string& prefix;

    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        M copy = object.*member;
        if (!change(copy)) return;
        if (mutator.due(name, prefix)) object.*member = copy;
    }
    template <class G>
    void group(std::string_view name, G T::*member) const {
        mutator.visit(object.*member, name == "hardware" ? prefix : prefix + std::string(name) + ".");
    }
    template <class L>
    void list(std::string_view name, std::vector<L> T::*member) const {
        for (L& element : object.*member)
            mutator.visit(element, name == "systems" ? "" : prefix + std::string(name) + "[].");
    }
};

template <class T>
void Mutator::visit(T& object, const std::string& prefix) {
    detail::describe(static_cast<T*>(nullptr), Visitor<T>{*this, object, prefix});
}

std::string everything(const Output& out) {
    std::string all = out.text;
    for (const detail::LossNote& n : out.notes) all += n.field + "|" + n.id + "|" + n.rule + "|" + n.detail + "\n";
    for (const Diagnostic& d : out.diagnostics) all += render_text(d);
    return all;
}

}  // namespace

TEST_CASE("a changed value shows in the text or the notes when its field is claimed") {
    std::size_t changes = 0;
    std::set<std::string> silent;
    for (const Sample& sample : all()) {
        const std::string before = everything(write(sample.envelope, sample.options));
        for (std::size_t n = 0;; ++n) {
            Envelope changed = sample.envelope;
            Mutator mutator{n, 0, {}};
            mutator.visit(changed, "");
            if (mutator.key.empty()) break;
            const bool reference =
                mutator.key.ends_with("info.id") || mutator.key == "files[].id" || mutator.key == "disks[].id";
            if (reference || !detail::platform_libvirt.carries("libvirt", mutator.key)) continue;
            ++changes;
            if (everything(write(changed, sample.options)) == before) silent.insert(sample.name + ": " + mutator.key);
        }
    }
    CHECK(changes > 500);
    std::string names;
    for (const std::string& name : silent) names += name + "\n";
    CHECK(names == "");
}
