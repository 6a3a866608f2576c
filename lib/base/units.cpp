#include "base/units.hpp"

#include <array>

#include "base/checked.hpp"

namespace ovfkit::detail {

namespace {

struct Word {
    std::string_view text;
    UnitBase base;
    std::uint64_t factor;
};

constexpr std::uint64_t power_of_1024(int exponent) { return std::uint64_t{1} << (10 * exponent); }

/// The older words. For bytes they count in 1024s, whatever the SI would say: that is how their writers meant them.
constexpr auto legacy_words = std::to_array<Word>({
    {"b", UnitBase::byte, 1},
    {"bytes", UnitBase::byte, 1},
    {"kb", UnitBase::byte, power_of_1024(1)},
    {"kib", UnitBase::byte, power_of_1024(1)},
    {"kilobytes", UnitBase::byte, power_of_1024(1)},
    {"kibibytes", UnitBase::byte, power_of_1024(1)},
    {"mb", UnitBase::byte, power_of_1024(2)},
    {"mib", UnitBase::byte, power_of_1024(2)},
    {"megabytes", UnitBase::byte, power_of_1024(2)},
    {"mebibytes", UnitBase::byte, power_of_1024(2)},
    {"gb", UnitBase::byte, power_of_1024(3)},
    {"gib", UnitBase::byte, power_of_1024(3)},
    {"gigabytes", UnitBase::byte, power_of_1024(3)},
    {"gibibytes", UnitBase::byte, power_of_1024(3)},
    {"tb", UnitBase::byte, power_of_1024(4)},
    {"tib", UnitBase::byte, power_of_1024(4)},
    {"terabytes", UnitBase::byte, power_of_1024(4)},
    {"tebibytes", UnitBase::byte, power_of_1024(4)},
    {"bits", UnitBase::bit, 1},
    {"hz", UnitBase::hertz, 1},
    {"khz", UnitBase::hertz, 1000},
    {"mhz", UnitBase::hertz, 1000000},
    {"ghz", UnitBase::hertz, 1000000000},
});

constexpr auto base_words = std::to_array<Word>({
    {"byte", UnitBase::byte, 1},
    {"bit", UnitBase::bit, 1},
    {"hertz", UnitBase::hertz, 1},
    {"count", UnitBase::count, 1},
    {"percent", UnitBase::percent, 1},
});

struct Prefix {
    std::string_view text;
    std::uint64_t factor;
};

/// DSP0004 C.1, those that fit.
constexpr auto prefixes = std::to_array<Prefix>({
    {"deca", 10},
    {"hecto", 100},
    {"kilo", 1000},
    {"mega", 1000000},
    {"giga", 1000000000},
    {"tera", 1000000000000},
    {"peta", 1000000000000000},
    {"exa", 1000000000000000000},
    {"kibi", power_of_1024(1)},
    {"mebi", power_of_1024(2)},
    {"gibi", power_of_1024(3)},
    {"tebi", power_of_1024(4)},
    {"pebi", power_of_1024(5)},
    {"exbi", power_of_1024(6)},
});

std::optional<Unit> unit_of_word(std::string_view word) {
    for (const Word& row : base_words)
        if (row.text == word) return Unit{row.base, row.factor, false};
    for (const Word& row : legacy_words)
        if (row.text == word) return Unit{row.base, row.factor, true};
    for (const Prefix& prefix : prefixes) {
        if (!word.starts_with(prefix.text)) continue;
        for (const Word& row : base_words)
            if (row.text == word.substr(prefix.text.size())) return Unit{row.base, prefix.factor, false};
    }
    return std::nullopt;
}

std::optional<std::uint64_t> power(std::uint64_t base, std::uint64_t exponent) {
    if (exponent > 64) return std::nullopt;
    std::uint64_t out = 1;
    for (; exponent > 0; --exponent) {
        const auto next = checked_multiply(out, base);
        if (!next) return std::nullopt;
        out = *next;
    }
    return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

/// `element *( "*" element )`, where an element is the unit's word, a number, or number ^ number.
class UnitParser {
public:
    explicit UnitParser(std::string_view text) : rest_(text) {}

    std::optional<Unit> parse() {
        do {
            if (!element()) return std::nullopt;
        } while (eat('*'));
        if (!rest_.empty() || !unit_) return std::nullopt;
        const auto factor = checked_multiply(unit_->factor, factor_);
        if (!factor || *factor == 0) return std::nullopt;
        unit_->factor = *factor;
        return unit_;
    }

private:
    bool element() {
        if (const std::string word = run(is_letter); !word.empty()) {
            if (unit_) return false;
            unit_ = unit_of_word(word);
            return unit_.has_value();
        }
        auto value = to_number<std::uint64_t>(run(is_digit));
        if (!value) return false;
        if (eat('^')) {
            const auto exponent = to_number<std::uint64_t>(run(is_digit));
            value = exponent ? power(*value, *exponent) : std::nullopt;
            if (!value) return false;
        }
        const auto product = checked_multiply(factor_, *value);
        if (!product) return false;
        factor_ = *product;
        return true;
    }

    std::string run(bool (*wanted)(char)) {
        skip();
        std::string out;
        while (!rest_.empty() && wanted(rest_.front())) {
            out += lower(rest_.front());
            rest_.remove_prefix(1);
        }
        skip();
        return out;
    }

    bool eat(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void skip() {
        while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    }

    std::string_view rest_;
    std::optional<Unit> unit_;
    std::uint64_t factor_ = 1;
};

}  // namespace

std::optional<Unit> parse_unit(std::string_view text) {
    if (text.size() > 64) return std::nullopt;
    return UnitParser(text).parse();
}

std::optional<std::uint64_t> scaled(std::uint64_t quantity, const Unit& unit) {
    return checked_multiply(quantity, unit.factor);
}

Quantity memory_quantity(std::uint64_t bytes) {
    if (bytes % (1U << 20) == 0) return {bytes >> 20, "byte * 2^20"};
    if (bytes % (1U << 10) == 0) return {bytes >> 10, "byte * 2^10"};
    return {bytes, "byte"};
}

}  // namespace ovfkit::detail
