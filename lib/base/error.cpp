#include <ovfkit/error.hpp>

#include "base/printable.hpp"

namespace ovfkit {

IoError::IoError(std::string path, int code, const std::string& what)
    : Error(what), path_(std::move(path)), code_(code) {}

InputError::InputError(Diagnostic diagnostic) : Error(diagnostic.message), diagnostic_(std::move(diagnostic)) {
    detail::trim_source_line(diagnostic_);
}

}  // namespace ovfkit
