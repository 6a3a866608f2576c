#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <ovfkit/environment.hpp>
#include <ovfkit/error.hpp>

// ISO 9660 (ECMA-119) with one file, which Rock Ridge (IEEE P1282, SUSP) and Joliet give its true name.
namespace ovfkit {

namespace {

constexpr std::size_t sector = 2048;
constexpr std::uint64_t max_bytes = 64ULL << 20;
constexpr std::string_view file_name = "ovf-env.xml", plain_name = "OVF_ENV.XML;1", volume = "OVF_ENV";

/// Sectors of the image, in order.
enum Place : std::uint32_t {
    primary = 16,
    supplementary,
    terminator,
    path_little,
    path_big,
    joliet_path_little,
    joliet_path_big,
    root,
    joliet_root,
    continuation,
    content
};

std::string little(std::uint32_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
    return out;
}
std::string big(std::uint32_t value, int bytes) {
    std::string out = little(value, bytes);
    return {out.rbegin(), out.rend()};
}
std::string both(std::uint32_t value, int bytes = 4) { return little(value, bytes) + big(value, bytes); }

struct Date {
    unsigned year, month, day, hour, minute, second;
};

/// Days to a date of the proleptic Gregorian calendar.
Date date_of(std::uint64_t seconds) {
    const std::uint64_t days = seconds / 86400 + 719468;
    const std::uint64_t era = days / 146097, of_era = days % 146097;
    const std::uint64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::uint64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::uint64_t month = (5 * of_year + 2) / 153;
    const auto rest = static_cast<unsigned>(seconds % 86400);
    return {static_cast<unsigned>(year_of_era + era * 400 + (month >= 10 ? 1 : 0)),
            static_cast<unsigned>(month < 10 ? month + 3 : month - 9),
            static_cast<unsigned>(of_year - (153 * month + 2) / 5 + 1),
            rest / 3600,
            rest / 60 % 60,
            rest % 60};
}

std::string short_date(const Date& date) {
    const std::array<unsigned, 7> fields{date.year - 1900, date.month, date.day, date.hour, date.minute, date.second, 0};
    std::string out;
    for (const unsigned field : fields) out += static_cast<char>(field);
    return out;
}

std::string digits(unsigned value, std::size_t count) {
    std::string out = std::to_string(value);
    return std::string(count - out.size(), '0') + out;
}

std::string long_date(const Date& date) {
    std::string out = digits(date.year, 4);
    for (const unsigned field : {date.month, date.day, date.hour, date.minute, date.second, 0U}) out += digits(field, 2);
    return out + std::string(1, 0);
}

/// UCS-2, big-endian, as Joliet has it; ASCII is all there is here.
std::string wide(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += char{0};
        out += c;
    }
    return out;
}

std::string field(std::string_view text, std::size_t size, bool joliet) {
    std::string out = joliet ? wide(text) : std::string(text);
    while (out.size() + (joliet ? 2 : 1) <= size) out += joliet ? wide(" ") : " ";
    out.resize(size, 0);
    return out;
}

std::string padded(std::string bytes) {
    bytes.resize((bytes.size() + sector - 1) / sector * sector, 0);
    return bytes;
}

std::string record(std::string_view name, std::uint32_t at, std::uint32_t size, bool folder, const Date& date,
                   const std::string& system_use = {}) {
    std::string out = std::string(1, 0) + both(at) + both(size) + short_date(date) + (folder ? '\2' : '\0') +
                      std::string(2, 0) + both(1, 2) + static_cast<char>(name.size()) + std::string(name);
    if (name.size() % 2 == 0) out += char{0};
    out += system_use;
    if (out.size() % 2 == 0) out += char{0};  // its own length byte makes it even
    return static_cast<char>(out.size() + 1) + out;
}

// ---- Rock Ridge

std::string entry(std::string_view signature, const std::string& bytes) {
    return std::string(signature) + static_cast<char>(bytes.size() + 4) + '\1' + bytes;
}

std::string attributes(bool folder, const Date& date, bool named) {
    return entry("RR", std::string(1, static_cast<char>(named ? 0x89 : 0x81))) +
           entry("PX", both(folder ? 040555 : 0100444) + both(folder ? 2 : 1) + both(0) + both(0)) +
           entry("TF", '\2' + short_date(date));
}

std::string extension() {
    constexpr std::string_view id = "RRIP_1991A";
    constexpr std::string_view text = "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS";
    constexpr std::string_view source =
        "PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR "
        "FOR CONTACT INFORMATION.";
    std::string out;
    for (const std::size_t size : {id.size(), text.size(), source.size(), std::size_t{1}}) out += static_cast<char>(size);
    return entry("ER", out + std::string(id) + std::string(text) + std::string(source));
}

// ---- the sectors

std::string descriptor(bool joliet, std::uint32_t sectors, const Date& date) {
    std::string out = std::string(1, joliet ? 2 : 1) + "CD001" + '\1' + std::string(1, 0);
    out += field("", 32, joliet) + field(volume, 32, joliet) + std::string(8, 0) + both(sectors);
    std::string escapes = joliet ? "%/E" : "";
    escapes.resize(32, 0);
    out += escapes + both(1, 2) + both(1, 2) + both(sector, 2) + both(10);
    out += little(joliet ? joliet_path_little : path_little, 4) + little(0, 4);
    out += big(joliet ? joliet_path_big : path_big, 4) + big(0, 4);
    out += record(std::string_view("\0", 1), joliet ? joliet_root : root, sector, true, date);
    for (int i = 0; i < 4; ++i) out += field("", 128, joliet);  // set, publisher, preparer, application
    for (int i = 0; i < 3; ++i) out += field("", 37, joliet);
    out += long_date(date) + long_date(date) + std::string(16, '0') + std::string(1, 0) + long_date(date);
    return padded(out + '\1');
}

std::string root_folder(bool joliet, std::uint32_t size, const Date& date) {
    const std::uint32_t at = joliet ? joliet_root : root;
    const std::string_view self("\0", 1), above("\1", 1);
    if (joliet)
        return padded(record(self, at, sector, true, date) + record(above, at, sector, true, date) +
                      record(wide(file_name), content, size, false, date));
    const std::string er = extension();
    const std::string first = entry("SP", "\xBE\xEF" + std::string(1, 0)) + attributes(true, date, false) +
                              entry("CE", both(continuation) + both(0) + both(static_cast<std::uint32_t>(er.size())));
    return padded(record(self, at, sector, true, date, first) +
                  record(above, at, sector, true, date, attributes(true, date, false)) +
                  record(plain_name, content, size, false, date,
                         attributes(false, date, true) + entry("NM", std::string(1, 0) + std::string(file_name))));
}

std::string path_table(std::uint32_t at, bool is_big) {
    return padded(std::string("\1\0", 2) + (is_big ? big(at, 4) + big(1, 2) : little(at, 4) + little(1, 2)) +
                  std::string(2, 0));
}

}  // namespace

std::string environment_image(std::string_view xml, std::uint64_t seconds) {
    if (xml.size() > max_bytes) throw UsageError("the OVF environment is over 64 MiB");
    // A year is one byte from 1900 on.
    constexpr std::uint64_t last_second = 5869583999;  // 2155-12-31T23:59:59Z
    const Date date = date_of(std::min(seconds, last_second));
    const auto size = static_cast<std::uint32_t>(xml.size());
    const std::string data = padded(std::string(xml));
    const auto sectors = static_cast<std::uint32_t>(content + data.size() / sector);
    std::string out(primary * sector, 0);
    out += descriptor(false, sectors, date) + descriptor(true, sectors, date);
    out += padded(std::string("\xFF", 1) + "CD001" + '\1');
    out += path_table(root, false) + path_table(root, true);
    out += path_table(joliet_root, false) + path_table(joliet_root, true);
    out += root_folder(false, size, date) + root_folder(true, size, date) + padded(extension());
    return out + data;
}

}  // namespace ovfkit
