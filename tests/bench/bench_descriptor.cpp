#include <benchmark/benchmark.h>

#include <ovfkit/convert.hpp>

#include "base/utf8.hpp"
#include "base/xml.hpp"
#include "base/xml_scan.hpp"
#include "generate.hpp"

// What a descriptor costs, step by step and by its number of Items. `per_item` has to stay constant.
namespace {

using namespace ovfkit;
using benchmark::State;

Limits limits() {
    Limits out = Limits::for_descriptor_bytes(256ULL << 20);
    out.items = 1U << 20;
    return out;
}

void done(State& state, const std::string& text) {
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
    state.counters["per_item"] = benchmark::Counter(static_cast<double>(state.range(0)),
                                                    benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void characters(State& state) {
    const std::string text = wide_descriptor(static_cast<std::size_t>(state.range(0)));
    bool bad_encoding = false;
    for (auto _ : state) benchmark::DoNotOptimize(detail::find_illegal(text, bad_encoding));
    done(state, text);
}

void scan(State& state) {
    const std::string text = wide_descriptor(static_cast<std::size_t>(state.range(0)));
    const Limits allowed = limits();
    for (auto _ : state) benchmark::DoNotOptimize(detail::scan(text, allowed));
    done(state, text);
}

void parse(State& state) {
    const std::string text = wide_descriptor(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        Diagnostics diagnostics;
        benchmark::DoNotOptimize(detail::XmlDocument::parse("bench", text, diagnostics, limits()));
    }
    done(state, text);
}

void edit(State& state) {
    const std::string text = wide_descriptor(static_cast<std::size_t>(state.range(0)));
    Diagnostics diagnostics;
    const auto document = detail::XmlDocument::parse("bench", text, diagnostics, limits());
    std::size_t number = 0;
    for (auto _ : state) {
        // One value in every Item, and all of them written.
        ++number;
        detail::Element section = document->root().child(detail::Ns::ovf, "VirtualSystem").child(detail::Ns::ovf, "VirtualHardwareSection");
        for (detail::Element item = section.first(); item; item = item.next())
            document->set_text(item.child(detail::Ns::rasd, "ElementName"), std::to_string(number));
        benchmark::DoNotOptimize(document->bytes());
    }
    done(state, text);
}

void read_model(State& state) {
    const std::string text = wide_descriptor(static_cast<std::size_t>(state.range(0)));
    ReadOptions options;
    options.limits = limits();
    for (auto _ : state) {
        Diagnostics diagnostics;
        const Document document = Document::parse("bench", text, diagnostics, options.limits);
        const Envelope envelope = read(document, diagnostics, options);
        if (diagnostics.has_errors() || envelope.systems.empty()) state.SkipWithError("not read");
    }
    done(state, text);
}

BENCHMARK(characters)->RangeMultiplier(10)->Range(1000, 100000)->Unit(benchmark::kMillisecond);
BENCHMARK(scan)->RangeMultiplier(10)->Range(1000, 100000)->Unit(benchmark::kMillisecond);
BENCHMARK(parse)->RangeMultiplier(10)->Range(1000, 100000)->Unit(benchmark::kMillisecond);
BENCHMARK(edit)->RangeMultiplier(10)->Range(1000, 100000)->Unit(benchmark::kMillisecond);
BENCHMARK(read_model)->RangeMultiplier(10)->Range(1000, 100000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
