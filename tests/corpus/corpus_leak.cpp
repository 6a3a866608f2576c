// A thousand conversions in one process: what is allocated after the first hundred is what is allocated at the end.
//   corpus_leak CORPUS
#include <malloc.h>
#include <unistd.h>

#include <cstdio>

#include <ovfkit/ovfkit.hpp>

#include "corpus.hpp"

namespace {

using namespace ovfkit;

std::size_t resident_kib() {
    std::ifstream in("/proc/self/statm");
    std::size_t all = 0, resident = 0;
    in >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

std::size_t allocated_kib() {
    const struct mallinfo2 info = ::mallinfo2();
    return (info.uordblks + info.hblkhd) / 1024;
}

/// One conversion there and, where it was made, back.
void convert(const std::string& bytes, std::string_view to) {
    try {
        Diagnostics found;
        ReadOptions read;
        read.unmapped = true;
        const Source source = Source::parse("x.ovf", bytes, read, found);
        WriteOptions options;
        options.lenient = true;
        for (const Translation& made : translate(source, to, options, found)) (void)render_json(made.report);
    } catch (const Error&) {
        // Refused ones must not leak either.
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
#if defined(__SANITIZE_ADDRESS__)
    std::puts("SKIPPED: the sanitizer keeps freed memory");
    return 77;
#endif
    std::vector<std::string> texts;
    const auto files = corpus::descriptors(argv[1]);
    for (std::size_t i = 0; i < files.size() && texts.size() < 20; i += std::max<std::size_t>(files.size() / 20, 1))
        texts.push_back(corpus::slurp(files[i]));
    if (texts.empty()) {
        std::puts("SKIPPED: no corpus");
        return 77;
    }
    std::vector<std::string_view> targets;
    for (const Format& format : formats())
        if (format.can_write) targets.push_back(format.id);
    std::size_t count = 0, first = 0, last = 0, first_resident = 0, last_resident = 0;
    std::puts("conversions  allocated KiB  resident KiB");
    for (std::size_t round = 0; count < 1100; ++round)
        for (std::size_t i = 0; i < texts.size(); ++i) {
            convert(texts[i], targets[(i + round) % targets.size()]);
            if (++count % 100 != 0) continue;
            last = allocated_kib();
            last_resident = resident_kib();
            // Every format has been used by then, so every table is made.
            if (first == 0 && count >= 100 && round >= targets.size()) first = last, first_resident = last_resident;
            std::printf("%11zu  %13zu  %12zu\n", count, last, last_resident);
        }
    const bool grown = last > first + 64 || last_resident > first_resident + 8192;
    std::printf("%s\n", grown ? "FAILED: it grows" : "no growth");
    return grown || first == 0 ? 1 : 0;
}
