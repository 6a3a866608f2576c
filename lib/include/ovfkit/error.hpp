#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <ovfkit/diagnostic.hpp>

/// Exceptions for what makes a call impossible. What is wrong inside an input is a Diagnostic;
/// an input that cannot be used at all ends as InputError, which carries the first such finding.
namespace ovfkit {

class OVFKIT_EXPORT Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The file system said no. `path` is what was touched, `code` the errno (0 when there is none).
class OVFKIT_EXPORT IoError : public Error {
public:
    IoError(std::string path, int code, const std::string& what);
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] int code() const { return code_; }

private:
    std::string path_;
    int code_;
};

/// The input cannot be used: malformed, refused or damaged, as `diagnostic().failure` says.
class OVFKIT_EXPORT InputError : public Error {
public:
    explicit InputError(Diagnostic diagnostic);
    [[nodiscard]] const Diagnostic& diagnostic() const { return diagnostic_; }

private:
    Diagnostic diagnostic_;
};

/// The caller asked for something that does not exist: an unknown format, option, VM.
class OVFKIT_EXPORT UsageError : public Error {
public:
    using Error::Error;
};

}  // namespace ovfkit
