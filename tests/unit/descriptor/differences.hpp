#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/fields.hpp"

/// The paths at which two of the model differ, for messages.
namespace ovfkit::test {

template <class T>
struct Differ {
    const T& a;
    const T& b;
    std::string path;
    std::string& out;

    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        if (!(a.*member == b.*member)) {
            out += path + std::string(name);
            if constexpr (std::is_same_v<M, std::string>) out += " '" + a.*member + "' / '" + b.*member + "'";
            out += "; ";
        }
    }
    template <class G>
    void group(std::string_view name, G T::*member) const {
        detail::describe(static_cast<G*>(nullptr),
                         Differ<G>{a.*member, b.*member, path + std::string(name) + ".", out});
    }
    template <class L>
    void list(std::string_view name, std::vector<L> T::*member) const {
        const auto& left = a.*member;
        const auto& right = b.*member;
        if (left.size() != right.size())
            out += path + std::string(name) + " " + std::to_string(left.size()) + " / " + std::to_string(right.size()) +
                   "; ";
        for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i)
            detail::describe(
                static_cast<L*>(nullptr),
                Differ<L>{left[i], right[i], path + std::string(name) + "[" + std::to_string(i) + "].", out});
    }
};

/// `path 'in a' / 'in b'; ...`; empty when they are equal.
template <class T>
std::string differences(const T& a, const T& b) {
    std::string out;
    detail::describe(static_cast<T*>(nullptr), Differ<T>{a, b, "", out});
    return out;
}

}  // namespace ovfkit::test
