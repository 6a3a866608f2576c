#pragma once

#include <string>

/// A shared library that only some commands need, loaded when the first function of it is called. Linked in the
/// usual way libcrypto adds 0.9 ms to the start of every command, where a whole conversion takes 1.5 ms.
namespace ovfkit::detail {

class LateLibrary {
public:
    /// `name`: with its version, as the linker would record it. Throws Error when it cannot be loaded.
    explicit LateLibrary(const char* name);
    /// Throws Error when it has no such function.
    [[nodiscard]] void* symbol(const char* function) const;
    template <class Function>
    void bind(Function*& function, const char* symbol_name) const {
        function = reinterpret_cast<Function*>(symbol(symbol_name));
    }

private:
    std::string name_;
    void* handle_;  ///< never closed: such libraries leave handlers behind that run at exit
};

}  // namespace ovfkit::detail
