#include "edit/path.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>

#include "edit/values.hpp"
#include "model/fields.hpp"

namespace ovfkit::detail::edit {

namespace {

/// `name`, or `name[key]`, and what comes behind it.
struct Step {
    std::string_view name, rest;
    std::optional<std::string_view> key;
};

Step first_step(const PathEdit& edit, std::string_view path) {
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    Step out{path.substr(0, end), path.substr(end), {}};
    if (out.rest.starts_with('[')) {
        // An id may hold a bracket: the one that ends it stands at the end or before a dot.
        std::size_t close = out.rest.find(']');
        while (close != std::string_view::npos && close + 1 < out.rest.size() && out.rest[close + 1] != '.') close = out.rest.find(']', close + 1);
        if (close == std::string_view::npos) fail(fmt::format("{}: '{}' has no ]", edit.what, edit.path));
        out.key = out.rest.substr(1, close - 1);
        out.rest.remove_prefix(close + 1);
    }
    if (out.rest.starts_with('.')) out.rest.remove_prefix(1);
    return out;
}

/// Names that are not the caller's: what stands for the whole, or is read rather than said.
constexpr std::array<std::string_view, 3> closed{"systems", "configuration", "is_collection"};

template <class T>
struct Walker {
    T& object;
    const PathEdit& edit;
    Step step;
    std::vector<std::string_view>& names;
    bool& done;

    bool here(std::string_view name) const {
        if (std::find(closed.begin(), closed.end(), name) != closed.end()) return false;
        names.push_back(name);
        return !done && name == step.name;
    }

    /// The end of the path.
    template <class M>
    void operator()(std::string_view name, M T::*member) {
        if (!here(name)) return;
        done = true;
        if constexpr (std::is_same_v<M, std::vector<Parameter>>) {
            parameter(object.*member);
        } else {
            if (step.key || !step.rest.empty()) fail(fmt::format("{}: {} is a value; nothing comes behind it in '{}'", edit.what, name, edit.path));
            if (edit.value == nullptr)
                unset(object.*member);
            else
                assign(object.*member, fmt::format("{} {}", edit.what, edit.path), *edit.value);
        }
    }

    template <class G>
    void group(std::string_view name, G T::*member) {
        if (!here(name)) return;
        done = true;
        if (step.key || step.rest.empty()) fail(fmt::format("{}: {} is no single value: say {}.NAME", edit.what, edit.path, edit.path));
        descend(object.*member, step.rest);
    }

    template <class L>
    void list(std::string_view name, std::vector<L> T::*member) {
        if (!here(name)) return;
        done = true;
        if constexpr (!std::is_same_v<L, VirtualSystem>) {
            std::vector<L>& elements = object.*member;
            if (!step.key && edit.value == nullptr && step.rest.empty()) return elements.clear();
            if (!step.key) fail(fmt::format("{}: {} is a list: say {}[ID].NAME", edit.what, name, name));
            L& element = elements[index_of(name, elements)];
            if (!step.rest.empty()) return descend(element, step.rest);
            if (edit.value != nullptr) fail(fmt::format("{}: {} is no single value: say {}.NAME", edit.what, edit.path, edit.path));
            elements.erase(elements.begin() + (&element - elements.data()));
        }
    }

    /// The last of them: nothing of that name was there.
    void finish() const {
        if (!done) fail(fmt::format("{}: there is no field '{}' in '{}'{}", edit.what, step.name, edit.path, did_you_mean(step.name, names)));
    }

private:
    template <class E>
    void descend(E& element, std::string_view rest) const {
        std::vector<std::string_view> inner_names;
        bool inner_done = false;
        Walker<E> inner{element, edit, first_step(edit, rest), inner_names, inner_done};
        describe(static_cast<E*>(nullptr), inner);
        inner.finish();
    }

    template <class L>
    std::size_t index_of(std::string_view name, const std::vector<L>& elements) const {
        std::vector<std::string_view> keys;
        for (std::size_t i = 0; i < elements.size(); ++i) {
            if (key_of(elements[i]) == *step.key) return i;
            keys.push_back(key_of(elements[i]));
        }
        if (step.key->starts_with('#'))
            if (const auto at = to_number<std::uint32_t>(step.key->substr(1)); at && *at < elements.size()) return *at;
        std::string hint = did_you_mean(*step.key, keys);
        if (hint.empty()) hint = keys.empty() ? "; there are none" : fmt::format("; there are {}", fmt::join(keys, ", "));
        fail(fmt::format("{}: {} has no '{}'{}", edit.what, name, *step.key, hint));
    }

    /// `parameters[vmw].firmware`: the key may hold dots.
    void parameter(std::vector<Parameter>& list) const {
        if (!step.key || step.rest.empty()) fail(fmt::format("{}: say {}[SPACE].KEY, not '{}'", edit.what, step.name, edit.path));
        const auto hit = std::find_if(list.begin(), list.end(), [&](const Parameter& one) { return one.space == *step.key && one.key == step.rest; });
        if (edit.value == nullptr) {
            if (hit != list.end()) return void(list.erase(hit));
            std::vector<std::string_view> keys;
            for (const Parameter& one : list) keys.push_back(one.key);
            fail(fmt::format("{}: there is no parameter '{}'{}", edit.what, step.rest, did_you_mean(step.rest, keys)));
        }
        if (hit != list.end())
            hit->value = *edit.value;
        else
            list.push_back({std::string(*step.key), std::string(step.rest), *edit.value});
    }

    template <class M>
    void unset(M& field) const {
        if constexpr (std::is_same_v<M, DriveKind> || std::is_same_v<M, ControllerType>)
            fail(fmt::format("{}: {} has always a value", edit.what, edit.path));
        else
            field = M{};
    }
};

template <class T>
struct Names {
    std::vector<std::string_view> all;

    template <class M>
    void operator()(std::string_view name, M T::*) {
        all.push_back(name);
    }
    template <class G>
    void group(std::string_view name, G T::*) {
        all.push_back(name);
    }
    template <class L>
    void list(std::string_view name, std::vector<L> T::*) {
        all.push_back(name);
    }
};

/// The fields that T has.
template <class T>
std::vector<std::string_view> names_of() {
    Names<T> names;
    describe(static_cast<T*>(nullptr), names);
    std::erase_if(names.all, [](std::string_view name) { return std::find(closed.begin(), closed.end(), name) != closed.end(); });
    return std::move(names.all);
}

template <class T>
void walk(T& object, const PathEdit& edit, const Step& step) {
    std::vector<std::string_view> names;
    bool done = false;
    Walker<T> walker{object, edit, step, names, done};
    describe(static_cast<T*>(nullptr), walker);
    walker.finish();
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

}  // namespace

void apply_path(Editor& editor, const PathEdit& edit) {
    const Step step = first_step(edit, edit.path);
    const auto hardware = names_of<Hardware>(), system = names_of<VirtualSystem>(), envelope = names_of<Envelope>();
    // The keys of a report leave `hardware.` out; both are understood.
    if (contains(hardware, step.name)) return walk(editor.system(edit.what).hardware, edit, step);
    if (contains(system, step.name)) return walk(editor.system(edit.what), edit, step);
    if (contains(envelope, step.name)) return walk(editor.envelope, edit, step);
    std::vector<std::string_view> all(hardware);
    all.insert(all.end(), system.begin(), system.end());
    all.insert(all.end(), envelope.begin(), envelope.end());
    fail(fmt::format("{}: there is no field '{}'{}", edit.what, step.name, did_you_mean(step.name, all)));
}

namespace {

void set(Editor& editor, const std::string& value) {
    // An id may hold a `=`: the one that ends the path is outside brackets.
    std::size_t depth = 0, equals = 0;
    for (; equals < value.size() && (value[equals] != '=' || depth != 0); ++equals) {
        if (value[equals] == '[') ++depth;
        if (value[equals] == ']' && depth != 0) --depth;
    }
    if (equals == 0 || equals == value.size()) fail("--set takes PATH=VALUE");
    const std::string text = value.substr(equals + 1);
    apply_path(editor, {"--set", std::string_view(value).substr(0, equals), &text});
}

void unset(Editor& editor, const std::string& value) { apply_path(editor, {"--unset", value, nullptr}); }

}  // namespace

std::span<const Operation> path_operations() {
    static constexpr std::array rows{
        Operation{{"set", "PATH=VALUE", "", "any other value by its path: cpu.model=host-model, nics[5].link_up=false, parameters[vmw].KEY=x; a new parameter is made"}, set},
        Operation{{"unset", "PATH", "", "take a value away, or an element of a list: memory.maximum_bytes, serials[9]"}, unset},
    };
    return rows;
}

}  // namespace ovfkit::detail::edit
