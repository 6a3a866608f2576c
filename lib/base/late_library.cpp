#include "base/late_library.hpp"

#include <dlfcn.h>

#include <fmt/format.h>

#include <ovfkit/error.hpp>

namespace ovfkit::detail {

LateLibrary::LateLibrary(const char* name) : name_(name), handle_(::dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) throw Error(fmt::format("{} is needed for this and cannot be loaded", name_));
}

void* LateLibrary::symbol(const char* function) const {
    void* found = ::dlsym(handle_, function);
    if (found == nullptr) throw Error(fmt::format("{} has no function {}: another version is needed", name_, function));
    return found;
}

}  // namespace ovfkit::detail
