#include <cerrno>
#include <exception>
#include <new>

#include <fmt/format.h>

#include <ovfkit/error.hpp>
#include <ovfkit/progress.hpp>

#include "command.hpp"
#include "interrupt.hpp"

using namespace ovfkit;
using tool::Exit;

namespace {

Exit run(int argc, char** argv, tool::Console& console) {
    try {
        const Exit result = tool::run_command_line(argc, argv, console);
        console.flush();
        return result;
    } catch (const UsageError& error) {
        console.error(printable(error.what(), 4000));
        return Exit::usage;
    } catch (const InputError& error) {
        console.show(error.diagnostic());
        return tool::exit_of(error.diagnostic().failure);
    } catch (const IoError& error) {
        console.error(
            fmt::format("{}{}", printable(error.what(), 4000), error.code() == EEXIST ? " (--force overwrites)" : ""));
        return Exit::io;
    } catch (const Stopped&) {
        tool::die_of_signal();
        console.error("stopped");
    } catch (const std::bad_alloc&) {
        console.error("out of memory");
    } catch (const std::exception& error) {
        console.error(fmt::format("internal: {}", printable(error.what(), 4000)));
    } catch (...) {
        console.error("internal: unknown exception");
    }
    return Exit::internal;
}

}  // namespace

int main(int argc, char** argv) {
    tool::guard_standard_streams();
    tool::Console console;
    return static_cast<int>(run(argc, argv, console));
}
