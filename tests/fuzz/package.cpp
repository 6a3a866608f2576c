// An archive: its headers from a file and from a pipe, and as a package with a descriptor, a manifest and files.
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.hpp"
#include "package/names.hpp"
#include "package/package.hpp"
#include "package/tar.hpp"

using namespace fuzz;
using namespace ovfkit::detail;

namespace {

/// `total`: of a file; how much comes through a pipe is not known before.
std::vector<TarMember> members_of(std::unique_ptr<TarFeed> feed, std::uint64_t total) {
    std::vector<TarMember> out;
    Diagnostics found;
    try {
        TarReader reader(std::move(feed), "in.ova", found);
        while (const auto member = reader.next()) {
            require(name_problem(member->name).empty(), "a member's name means the same everywhere", member->name);
            require(member->offset <= total && member->size <= total - member->offset, "a member lies in its archive", member->name);
            out.push_back(*member);
        }
    } catch (const InputError&) {
        return {};
    }
    show(found);
    return out;
}

/// A file without a name; memory only.
class Anonymous {
public:
    explicit Anonymous(std::string_view bytes) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
        require(fd_ >= 0 && ::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "memory for a file");
    }
    Anonymous(const Anonymous&) = delete;
    Anonymous& operator=(const Anonymous&) = delete;
    ~Anonymous() { ::close(fd_); }
    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

private:
    int fd_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    const auto memory = std::make_shared<fuzz::Memory>(bytes);
    const auto from_file = members_of(random_feed(memory), size);
    const auto from_pipe = members_of(stream_feed(std::make_unique<fuzz::Stream>(bytes)), std::uint64_t{1} << 63);
    require(from_file.empty() || from_file.size() == from_pipe.size(), "what a file has comes through a pipe, too");
    if (!Package::is_archive(bytes.substr(0, Package::beginning_size))) return 0;
    const Anonymous file(bytes);
    Diagnostics found;
    try {
        PackageOptions options;
        verify_package(file.path(), options, found);
    } catch (const InputError& error) {
        found.add(error.diagnostic());
    } catch (const IoError&) {
    }
    show(found);
    return 0;
}
