#include "convert/read.hpp"

#include <fmt/format.h>

#include <ovfkit/error.hpp>

#include "convert/detect.hpp"
#include "convert/messages.hpp"
#include "convert/properties.hpp"
#include "convert/unmapped.hpp"

namespace ovfkit::detail {

void forward(const Diagnostics& from, Diagnostics& to, bool lenient) {
    for (Diagnostic diagnostic : from.all()) {
        if (lenient && diagnostic.severity == Severity::error && diagnostic.failure != Failure::refused) {
            diagnostic.severity = Severity::warning;
            diagnostic.failure = Failure::none;
        }
        to.add(std::move(diagnostic));
    }
}

namespace {

/// The VirtualSystemTypes that suit the format the reading is for.
std::span<const std::string_view> families_of(const std::string& target) {
    if (const Platform* platform = find_platform_form(target).platform) return platform->families;
    const Dialect* dialect = find_dialect(target);
    return dialect == nullptr ? std::span<const std::string_view>{} : dialect->families;
}

/// Turns tracing off again whatever happens.
class Tracing {
public:
    Tracing(const XmlDocument& document, bool on) : document_(document) { document_.trace(on); }
    ~Tracing() { document_.trace(false); }
    Tracing(const Tracing&) = delete;
    Tracing& operator=(const Tracing&) = delete;

private:
    const XmlDocument& document_;
};

}  // namespace

Envelope read_with(const Dialect& dialect, const XmlDocument& document, Diagnostics& diagnostics, const ReadOptions& options) {
    Diagnostics found(options.limits.diagnostics);
    ReadContext context{found, options, families_of(options.target)};
    const Tracing tracing(document, options.unmapped);
    use_language(document, options, found);
    Envelope envelope = dialect.read(document, context);
    envelope.dialect = dialect.id;
    apply_properties(envelope, options, document, found);
    if (envelope.systems.empty() && !found.has_errors())
        report(found, "convert-system-missing", document.root(), "no VirtualSystem in it: there is nothing to import", Failure::malformed);
    if (options.unmapped) envelope.unmapped = unmapped_values(document);
    forward(found, diagnostics, options.lenient);
    return envelope;
}

const Dialect& dialect_of(const XmlDocument& document, const ReadOptions& options) {
    const Dialect* dialect = options.from.empty() || options.from == "ovf" ? best_dialect(document) : find_dialect(options.from);
    if (dialect == nullptr && !options.from.empty() && options.from != "ovf") throw UsageError(fmt::format("'{}' is no OVF dialect", printable(options.from)));
    if (dialect == nullptr) {
        Diagnostics found;
        report(found, "input-format-unknown", document.root(),
               fmt::format("root element '{}' of the namespace '{}' is no OVF Envelope; name the format with --from", document.root().qname(),
                           printable(document.root().uri())),
               Failure::malformed);
        throw InputError(found.all().front());
    }
    return *dialect;
}

bool is_wanted(const VirtualSystem& system, std::string_view vm) { return vm.empty() || system.id == vm || system.name == vm; }

void check_vm(const Envelope& envelope, std::string_view vm) {
    if (vm.empty()) return;
    std::vector<std::string_view> ids;
    for (const VirtualSystem& system : envelope.systems) {
        if (is_wanted(system, vm)) return;
        ids.push_back(system.id);
    }
    const std::string_view hit = nearest(vm, ids);
    throw UsageError(fmt::format("no VM '{}' in it{}", printable(vm), hit.empty() ? std::string{} : fmt::format("; did you mean '{}'?", printable(hit))));
}

void stop_at_errors(const Diagnostics& diagnostics) {
    if (!diagnostics.has_errors()) return;
    for (const Diagnostic& diagnostic : diagnostics.all())
        if (diagnostic.severity == Severity::error) throw InputError(diagnostic);
}

}  // namespace ovfkit::detail

namespace ovfkit {

Envelope read(const Document& document, Diagnostics& diagnostics, const ReadOptions& options) {
    return detail::read_with(detail::dialect_of(document.xml(), options), document.xml(), diagnostics, options);
}

}  // namespace ovfkit
