// Numbers and units, against a second computation with more bits.
#include <limits>

#include "base/checked.hpp"
#include "base/units.hpp"
#include "fuzz.hpp"

using namespace fuzz;
using namespace ovfkit::detail;

namespace {

__extension__ using Wide = unsigned __int128;

std::optional<Wide> digits(std::string_view text) {
    if (text.empty() || text.size() > 38) return std::nullopt;
    Wide out = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        out = out * 10 + static_cast<unsigned>(c - '0');
    }
    return out;
}

template <class T>
void check_number(std::string_view text) {
    const auto got = to_number<T>(text);
    const std::size_t zeros = std::min(text.find_first_not_of('0'), text.size());
    const auto want = digits(text.size() - zeros > 38 ? text : text.substr(zeros == text.size() && zeros > 0 ? zeros - 1 : zeros));
    const bool fits = want && *want <= std::numeric_limits<T>::max();
    require(got.has_value() == fits, "a number is taken whole or not at all", std::string(text));
    require(!got || *got == static_cast<T>(*want), "a number is what its digits say", std::string(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    check_number<std::uint64_t>(text);
    check_number<std::uint32_t>(text);
    check_number<std::uint8_t>(text);
    (void)to_boolean(text);
    require(trimmed(text).size() <= text.size(), "trimming does not add");
    if (const auto unit = parse_unit(text)) {
        require(unit->factor != 0, "no unit is nothing", std::string(text));
        for (const std::uint64_t quantity : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{size} << 40, ~std::uint64_t{0}}) {
            const auto got = scaled(quantity, *unit);
            const Wide want = static_cast<Wide>(quantity) * unit->factor;
            require(got.has_value() == (want <= ~std::uint64_t{0}), "a product that does not fit is none", std::string(text));
            require(!got || *got == want, "a product is the product", std::string(text));
        }
    }
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, data, std::min(size, sizeof bytes));
    const Quantity quantity = memory_quantity(bytes);
    const auto unit = parse_unit(quantity.unit);
    require(unit && scaled(quantity.amount, *unit) == bytes, "an amount with its unit is the bytes it was made of", quantity.unit);
    return 0;
}
