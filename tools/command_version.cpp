#include <ovfkit/version.hpp>

#include "command.hpp"

namespace ovfkit::tool {

Exit run_version(const Options&, Console& console) {
    console.data("ovfkit " OVFKIT_VERSION "\n");
    return Exit::done;
}

}  // namespace ovfkit::tool
