#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>

#include "model/fields.hpp"
#include "model/leaf.hpp"
#include "systems.hpp"

// What the oracle scripts need before there is a command for it:
//   libvirt_samples write DIR TYPE [NVME] every sample as DIR/NAME.xml, a descriptor carried along
//   libvirt_samples same A.xml B.xml      whether both texts read as the same VM; names what differs

namespace ovfkit::detail {
extern const Platform platform_libvirt;
}

namespace {

using namespace ovfkit;

std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

int write(const std::filesystem::path& folder, const std::string& type, const std::string& nvme) {
    std::filesystem::create_directories(folder);
    int failures = 0;
    for (const samples::Sample& sample : samples::all()) {
        Diagnostics diagnostics;
        WriteOptions options;
        for (const auto& [key, value] : sample.options) options.options[key] = value;
        options.options["libvirt.type"] = type;
        if (!nvme.empty()) options.options["libvirt.nvme"] = nvme;
        detail::WriteContext context{diagnostics, options, "<Envelope>" + sample.name + "</Envelope>", "sample.ovf"};
        const std::string origin = "<Envelope>" + sample.name + "</Envelope>";
        context.origin = origin;
        const auto written =
            detail::platform_libvirt.write("libvirt", sample.envelope, sample.envelope.systems.front(), context);
        for (const Diagnostic& d : diagnostics.all())
            if (d.severity == Severity::error) {
                std::cerr << sample.name << ": " << render_text(d);
                ++failures;
            }
        const std::string needs = sample.needs_tpm ? ".tpm" : sample.needs_spice ? ".spice" : "";
        std::ofstream(folder / (sample.name + needs + ".xml"), std::ios::binary) << written.files.front().bytes;
    }
    return failures == 0 ? 0 : 1;
}

Envelope read(const std::string& path, std::string& carried) {
    Diagnostics diagnostics;
    ReadOptions options;
    options.unmapped = true;
    detail::ReadContext context{diagnostics, options};
    detail::Carried found;
    Envelope envelope = detail::platform_libvirt.read("libvirt", path, slurp(path), context, found);
    for (const Diagnostic& d : diagnostics.all()) std::cout << render_text(d);
    for (const Unmapped& u : envelope.unmapped) std::cout << "not read: " << u.path << " " << u.value << "\n";
    carried = found.bytes;
    return envelope;
}

/// Every value of the model with its place.
struct Print {
    std::ostream& out;
    std::string prefix;
    template <class T>
    void all(const T& object) const;
};

void show(std::ostream& out, const std::string& value) { out << value; }
void show(std::ostream& out, bool value) { out << value; }
void show(std::ostream& out, std::uint32_t value) { out << value; }
void show(std::ostream& out, std::uint64_t value) { out << value; }
template <class E>
requires std::is_enum_v<E>
void show(std::ostream& out, E value) { out << static_cast<int>(value); }
template <class T>
void show(std::ostream& out, const std::optional<T>& value) {
    if (value) show(out, *value);
}
void show(std::ostream& out, const std::vector<std::string>& value) {
    for (const std::string& v : value) out << v << ' ';
}
void show(std::ostream& out, const std::vector<Parameter>& value) {
    for (const Parameter& v : value) out << v.key << '=' << v.value << ' ';
}

template <class T>
struct Fields {
    const Print& print;
    const T& object;
    template <class M>
    void operator()(std::string_view name, M T::*member) const {
        print.out << print.prefix << name << " = ";
        show(print.out, object.*member);
        print.out << "\n";
    }
    template <class G>
    void group(std::string_view name, G T::*member) const {
        Print{print.out, print.prefix + std::string(name) + "."}.all(object.*member);
    }
    template <class L>
    void list(std::string_view name, std::vector<L> T::*member) const {
        int n = 0;
        for (const L& element : object.*member)
            Print{print.out, print.prefix + std::string(name) + "[" + std::to_string(n++) + "]."}.all(element);
    }
};

template <class T>
void Print::all(const T& object) const {
    detail::describe(static_cast<T*>(nullptr), Fields<T>{*this, object});
}

std::string listing(const Envelope& envelope) {
    std::ostringstream out;
    Print{out, ""}.all(envelope);
    return out.str();
}

int same(const std::string& a, const std::string& b) {
    std::string carried_a, carried_b;
    const Envelope first = read(a, carried_a), second = read(b, carried_b);
    if (carried_a.empty() || carried_a != carried_b) {
        std::cout << "the carried descriptor differs: '" << carried_a << "' and '" << carried_b << "'\n";
        return 1;
    }
    if (first == second) return 0;
    std::istringstream left(listing(first)), right(listing(second));
    std::set<std::string> lines_left, lines_right;
    for (std::string line; std::getline(left, line);) lines_left.insert(line);
    for (std::string line; std::getline(right, line);) lines_right.insert(line);
    for (const std::string& line : lines_left)
        if (lines_right.count(line) == 0) std::cout << "- " << line << "\n";
    for (const std::string& line : lines_right)
        if (lines_left.count(line) == 0) std::cout << "+ " << line << "\n";
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "write" && (argc == 4 || argc == 5)) return write(argv[2], argv[3], argc == 5 ? argv[4] : "");
    if (mode == "same" && argc == 4) return same(argv[2], argv[3]);
    std::cerr << "usage: libvirt_samples write DIR TYPE [NVME] | same A.xml B.xml\n";
    return 2;
}
