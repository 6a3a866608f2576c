#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "descriptor/extension.hpp"
#include "model/fields.hpp"

/// A value that stands in two places, the Items and vbox:Machine: joined when it is read, divided when it is written.
/// Every function walks the model's own list of fields.
namespace ovfkit::detail::virtualbox {

/// Fills what `base` does not say from `said`; where both say something else, `base` counts and it is reported.
template <class T>
struct Join {
    T& base;
    const T& said;
    std::string path;
    Element at;
    Diagnostics& diagnostics;

    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        const M none{};
        if constexpr (std::same_as<M, std::vector<Parameter>>) {
            // In front: what is added to the list later stands at its end, and in the Items.
            (base.*member).insert((base.*member).begin(), (said.*member).begin(), (said.*member).end());
        } else {
            if ((std::same_as<T, DeviceInfo> && name == "id") || said.*member == none) return;
            if (base.*member == none)
                base.*member = said.*member;
            else if (!(base.*member == said.*member))
                report(diagnostics, "virtualbox-machine-conflict", at,
                       fmt::format("vbox:Machine says '{}' for {}{}, the rest of the descriptor '{}', which counts; "
                                   "VirtualBox itself reads vbox:Machine",
                                   printable(extension_text(said.*member), 60), path, name,
                                   printable(extension_text(base.*member), 60)));
        }
    }
    template <class G>
    void group(std::string_view name, G T::*member) const {
        if constexpr (!std::same_as<G, MemoryBalloon>)
            describe(static_cast<G*>(nullptr), Join<G>{base.*member, said.*member,
                                                       fmt::format("{}{}.", path, name), at, diagnostics});
    }
    template <class L>
    void list(std::string_view, L T::*) const {}
};

/// What vbox:Machine is to say: as before where nothing changed, else what it can say of the wanted value.
template <class T>
struct Blend {
    T& out;  ///< what it can say of `wanted`; becomes the result
    const T& said;
    const T& have;
    const T& wanted;

    template <class M>
    void operator()(std::string_view, M T::*member) const {
        if constexpr (!std::same_as<M, std::vector<Parameter>>)
            if (have.*member == wanted.*member) out.*member = said.*member;
    }
    template <class G>
    void group(std::string_view, G T::*member) const {
        describe(static_cast<G*>(nullptr), Blend<G>{out.*member, said.*member, have.*member, wanted.*member});
    }
    template <class L>
    void list(std::string_view, L T::*) const {}
};

/// What the rest of the descriptor is to say beside it: as little as will do.
template <class T>
struct Rest {
    T& out;  ///< `wanted`; becomes the result
    const T& plain;
    const T& have;
    const T& says;  ///< what vbox:Machine is to say

    template <class M>
    void operator()(std::string_view, M T::*member) const {
        if constexpr (!std::same_as<M, std::vector<Parameter>>) {
            const M none{};
            if (plain.*member == none ? says.*member == out.*member : have.*member == out.*member)
                out.*member = plain.*member;
        }
    }
    template <class G>
    void group(std::string_view, G T::*member) const {
        if constexpr (!std::same_as<G, MemoryBalloon>)
            describe(static_cast<G*>(nullptr),
                     Rest<G>{out.*member, plain.*member, have.*member, says.*member});
    }
    template <class L>
    void list(std::string_view, L T::*) const {}
};

template <class T>
void join(T& base, const T& said, std::string path, Element at, Diagnostics& diagnostics) {
    describe(static_cast<T*>(nullptr), Join<T>{base, said, std::move(path), at, diagnostics});
}
template <class T>
void blend(T& out, const T& said, const T& have, const T& wanted) {
    describe(static_cast<T*>(nullptr), Blend<T>{out, said, have, wanted});
}
template <class T>
void leave(T& out, const T& plain, const T& have, const T& says) {
    describe(static_cast<T*>(nullptr), Rest<T>{out, plain, have, says});
}

}  // namespace ovfkit::detail::virtualbox
