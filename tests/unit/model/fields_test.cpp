// A member that model/fields.hpp does not list is a member that can get lost without a word.
#include <utility>

#include "catch.hpp"
#include "model/fields.hpp"

using namespace ovfkit;

namespace {

/// Converts to anything, so that T{Any, Any, ...} tells how many members an aggregate has.
struct Any {
    template <class T>
    operator T() const;  // NOLINT: never defined
};

template <class T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
    return requires { T{(static_cast<void>(I), Any{})...}; };
}

template <class T, std::size_t N = 0>
constexpr std::size_t member_count() {
    if constexpr (takes<T>(std::make_index_sequence<N + 1>{}) || (N < 40 && takes<T>(std::make_index_sequence<N + 2>{})))
        return member_count<T, N + 1>();
    else
        return N;
}

struct Counter {
    std::size_t count = 0;
    template <class M>
    void operator()(std::string_view, M) { ++count; }
    template <class M>
    void group(std::string_view, M) { ++count; }
    template <class M>
    void list(std::string_view, M) { ++count; }
};

template <class T>
std::size_t described() {
    Counter counter;
    detail::describe(static_cast<T*>(nullptr), counter);
    return counter.count;
}

}  // namespace

TEST_CASE("every member of every struct is described") {
    // `origin` is where a value stood, not a value.
    CHECK(described<DeviceInfo>() + 1 == member_count<DeviceInfo>());
    CHECK(described<FileReference>() + 1 == member_count<FileReference>());
    CHECK(described<VirtualDisk>() + 1 == member_count<VirtualDisk>());
    CHECK(described<Network>() + 1 == member_count<Network>());
    CHECK(described<Configuration>() + 1 == member_count<Configuration>());
    CHECK(described<OperatingSystem>() + 1 == member_count<OperatingSystem>());
    CHECK(described<Property>() + 1 == member_count<Property>());
    CHECK(described<Product>() + 1 == member_count<Product>());
    CHECK(described<VirtualSystem>() + 1 == member_count<VirtualSystem>());
    CHECK(described<Cpu>() == member_count<Cpu>());
    CHECK(described<Memory>() == member_count<Memory>());
    CHECK(described<MemoryBalloon>() == member_count<MemoryBalloon>());
    CHECK(described<Controller>() == member_count<Controller>());
    CHECK(described<Drive>() == member_count<Drive>());
    CHECK(described<Nic>() == member_count<Nic>());
    CHECK(described<CharacterDevice>() == member_count<CharacterDevice>());
    CHECK(described<Video>() == member_count<Video>());
    CHECK(described<Graphics>() == member_count<Graphics>());
    CHECK(described<SimpleDevice>() == member_count<SimpleDevice>());
    CHECK(described<OtherDevice>() == member_count<OtherDevice>());
    CHECK(described<Hardware>() == member_count<Hardware>());
    // dialect and producer say who wrote it; unmapped is no part of the machine.
    CHECK(described<Envelope>() + 3 == member_count<Envelope>());
}
