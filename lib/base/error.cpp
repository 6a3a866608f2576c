#include <ovfkit/error.hpp>

namespace ovfkit {

IoError::IoError(std::string path, int code, const std::string& what)
    : Error(what), path_(std::move(path)), code_(code) {}

InputError::InputError(Diagnostic diagnostic) : Error(diagnostic.message), diagnostic_(std::move(diagnostic)) {}

}  // namespace ovfkit
