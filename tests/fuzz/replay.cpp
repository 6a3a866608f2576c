// Runs a target without libFuzzer: over every file of the folders given, then over a fixed number of mutations of them.
// usage: TARGET MUTATIONS PATH...     An input that breaks it is left in the working folder as TARGET.failed.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include "fuzz.hpp"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest = 1U << 17;
constexpr time_t seconds_for_one = 10;
std::string current, failed_name;

extern "C" void leave_input(int number) {
    const int fd = ::open(failed_name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || ::write(fd, current.data(), current.size()) < 0) std::_Exit(98);
    ::signal(number, SIG_DFL);
    ::raise(number);
}

void run(std::string bytes) {
    current = std::move(bytes);
    // Of the processor's time: how busy the machine is does not matter.
    const itimerval limit{{}, {seconds_for_one, 0}}, none{};
    ::setitimer(ITIMER_PROF, &limit, nullptr);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
    ::setitimer(ITIMER_PROF, &none, nullptr);
}

std::vector<std::string> inputs_of(char** first, char** last) {
    std::vector<fs::path> paths;
    for (; first != last; ++first) {
        if (fs::is_directory(*first)) {
            for (const auto& entry : fs::recursive_directory_iterator(*first))
                if (entry.is_regular_file()) paths.push_back(entry.path());
        } else if (fs::exists(*first)) {  // a target may have nothing to replay
            paths.emplace_back(*first);
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> out;
    for (const fs::path& path : paths) {
        std::ifstream in(path, std::ios::binary);
        out.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return out;
}

/// One to four small changes. The same sequence on every machine: the distributions of the standard are not.
class Mutator {
public:
    std::string of(const std::vector<std::string>& inputs) {
        std::string out = inputs[below(inputs.size())].substr(0, largest);
        for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(out, inputs[below(inputs.size())]);
        return out;
    }

private:
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : engine_() % bound; }
    void change(std::string& bytes, const std::string& other) {
        static constexpr std::string_view odd[] = {"\xff\xff\xff\xff", std::string_view("\0\0\0\0", 4), "-1", "18446744073709551616", "9223372036854775807",
                                                   "../", "<", "&#0;", "]]>", "\n", "%", "=", "\"", "0", "\x80"};
        const std::size_t at = below(bytes.size() + 1);
        const std::size_t length = std::min(below(64), bytes.size() - at);
        switch (below(6)) {
            case 0:
                if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
                break;
            case 1:
                bytes.erase(at, length);
                break;
            case 2:
                bytes.insert(at, bytes.substr(below(bytes.size()), length));
                break;
            case 3:
                bytes.replace(at, below(2) == 0 ? 0 : std::min<std::size_t>(4, bytes.size() - at), odd[below(std::size(odd))]);
                break;
            case 4:
                if (!other.empty()) bytes.insert(at, other.substr(below(other.size()), below(256)));
                break;
            default:
                if (below(4) == 0) bytes.resize(at);
        }
        if (bytes.size() > largest) bytes.resize(largest);
    }
    std::mt19937 engine_{20240229};
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    failed_name = fs::path(argv[0]).filename().string() + ".failed";
    for (const int number : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL, SIGPROF}) std::signal(number, leave_input);
    std::vector<std::string> inputs = inputs_of(argv + 2, argv + argc);
    run("");
    for (const std::string& input : inputs) run(input);
    if (inputs.empty()) inputs.emplace_back("0123456789");
    const std::size_t mutations = std::strtoull(argv[1], nullptr, 10);
    Mutator mutator;
    for (std::size_t i = 0; i < mutations; ++i) run(mutator.of(inputs));
    std::printf("%zu inputs, %zu mutations\n", inputs.size(), mutations);
    return 0;
}
