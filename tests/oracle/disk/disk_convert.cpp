// The disk library as a program: what the tests compare with qemu-img, and what the benchmarks measure.
//   disk_convert FAMILY IN FORMAT OUT [key=value...]   FORMAT: raw qcow2 vmdk; OUT - for no output
// FAMILY: raw vmdk qcow2 vhd vhdx vdi auto; several IN joined by commas: base first, then its children. Keys: threads,
// level (fast balanced small), offset and size (IN is a part of a file), stream=1 (read once), digest=1 (print SHA-256
// of IN and of a VMDK written; out: of that alone), raw_as_is=1, helper (bwrap landlock none auto; OUT is a folder),
// max. Exit codes are the tool's.
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <ovfkit/error.hpp>

#include "disk/file_source.hpp"
#include "disk/helper.hpp"
#include "disk/transfer.hpp"

using namespace ovfkit;
using namespace ovfkit::detail;
using namespace ovfkit::detail::disk;

namespace {

class Digest {
public:
    Digest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;
    ~Digest() { EVP_MD_CTX_free(context_); }
    void add(Bytes bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
    std::string hex() {
        unsigned char out[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        EVP_DigestFinal_ex(context_, out, &size);
        std::string text;
        for (unsigned i = 0; i < size; ++i) {
            text += "0123456789abcdef"[out[i] >> 4U];
            text += "0123456789abcdef"[out[i] & 15U];
        }
        return text;
    }

private:
    EVP_MD_CTX* context_;
};

class FdSink final : public ByteSink {
public:
    explicit FdSink(int fd) : fd_(fd) {}
    void write(std::span<const std::byte> bytes) override {
        while (fd_ >= 0 && !bytes.empty()) {
            const ssize_t done = ::write(fd_, bytes.data(), bytes.size());
            if (done < 0) throw IoError("output", errno, "cannot write");
            bytes = bytes.subspan(static_cast<std::size_t>(done));
        }
    }

private:
    int fd_;
};

class Once final : public ByteSource {
public:
    explicit Once(const RandomSource& source) : source_(source) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t got = source_.read_at(at_, into);
        at_ += got;
        return got;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return source_.size(); }

private:
    const RandomSource& source_;
    std::uint64_t at_ = 0;
};

int open_or_throw(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    if (fd < 0) throw IoError(path, errno, "cannot open " + path);
    return fd;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> out(1);
    for (const char c : text)
        if (c == ',')
            out.emplace_back();
        else
            out.back() += c;
    return out;
}

int code_of(Failure failure) {
    switch (failure) {
        case Failure::refused:
            return 4;
        case Failure::integrity:
            return 5;
        case Failure::none:
        case Failure::malformed:
            break;
    }
    return 3;
}

int run(const std::vector<std::string>& args, Diagnostics& diagnostics) {
    std::map<std::string, std::string> keys;
    for (std::size_t i = 4; i < args.size(); ++i) {
        const std::size_t equals = args[i].find('=');
        keys[args[i].substr(0, equals)] = args[i].substr(equals + 1);
    }
    InspectOptions inspecting;
    for (const Family family : {Family::raw, Family::vmdk, Family::qcow2, Family::vhd, Family::vhdx, Family::vdi})
        if (args[0] == to_string(family)) inspecting.declared = family;
    inspecting.raw_as_is = keys.count("raw_as_is") != 0;
    if (keys.count("max") != 0) inspecting.max_capacity = std::stoull(keys["max"]);

    TransferOptions options;
    options.threads = keys.count("threads") != 0 ? static_cast<unsigned>(std::stoul(keys["threads"])) : 0;
    Digest in_digest, out_digest;
    const bool digest = keys.count("digest") != 0;
    const bool digest_in = digest && keys["digest"] != "out";
    if (digest_in) options.tap = [&](Bytes bytes) { in_digest.add(bytes); };

    std::unique_ptr<Target> target;
    const int out =
        args[3] == "-" || keys.count("helper") != 0 ? -1 : open_or_throw(args[3], O_RDWR | O_CREAT | O_TRUNC);
    FdSink sink(out);
    Image parent;
    std::string parent_name;
    for (const std::string& path : split(args[1])) {
        const FileSource whole(path, open_or_throw(path, O_RDONLY));
        std::unique_ptr<FileSource> part;
        if (keys.count("offset") != 0)
            part = std::make_unique<FileSource>(path, open_or_throw(path, O_RDONLY), std::stoull(keys["offset"]),
                                                std::stoull(keys["size"]));
        const RandomSource& source = part ? *part : whole;
        Once once(source);
        if (keys.count("helper") != 0) {
            const Image image = inspect(path, source, inspecting, diagnostics);
            HelperOptions helper;
            helper.unsandboxed = keys["helper"] == "none";
            helper.sandbox = keys["helper"] == "none"       ? Sandbox::none
                             : keys["helper"] == "bwrap"    ? Sandbox::bubblewrap
                             : keys["helper"] == "landlock" ? Sandbox::landlock
                                                            : Sandbox::automatic;
            convert_by_helper(path, {path, part ? std::stoull(keys["offset"]) : 0, source.size()}, image, args[3],
                              "disk", args[2] == "qcow2" ? Family::qcow2 : Family::raw, helper);
            return 0;
        }
        const auto reader = keys.count("stream") != 0 ? open_stream(path, once, inspecting, diagnostics)
                                                      : open_random(path, source, inspecting, diagnostics);
        const std::uint64_t capacity = reader->image().capacity;
        options.over = target != nullptr;
        if (options.over) check_parent(path, reader->image(), parent_name, parent);
        parent = reader->image();
        parent_name = path;
        inspecting.child = true;
        if (!target && args[2] == "vmdk") {
            VmdkOptions vmdk;
            vmdk.name = args[3];
            if (keys["level"] == "fast") vmdk.level = Level::fast;
            if (keys["level"] == "small") vmdk.level = Level::small;
            if (digest) vmdk.tap = [&](Bytes bytes) { out_digest.add(bytes); };
            target = vmdk_target(sink, capacity, vmdk);
        } else if (!target) {
            target = args[2] == "qcow2" ? qcow2_target(args[3], out, capacity) : raw_target(args[3], out, capacity);
        }
        transfer(*reader, *target, options);
    }
    target->finish();
    if (digest_in) std::cout << in_digest.hex() << '\n';
    if (digest && args[2] == "vmdk") std::cout << out_digest.hex() << '\n';
    if (keys.count("usage") != 0) {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        const auto seconds = [](const timeval& t) {
            return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
        };
        std::cerr << "user " << seconds(usage.ru_utime) << " sys " << seconds(usage.ru_stime) << " rss "
                  << usage.ru_maxrss / 1024 << " MiB\n";
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.size() < 4) return 2;
    Diagnostics diagnostics;
    int code = 70;
    try {
        code = run(args, diagnostics);
    } catch (const InputError& error) {
        diagnostics.add(error.diagnostic());
        code = code_of(error.diagnostic().failure);
    } catch (const IoError& error) {
        std::cerr << error.what() << '\n';
        code = 6;
    } catch (const std::exception& error) {
        std::cerr << "internal: " << error.what() << '\n';
    }
    for (const Diagnostic& found : diagnostics.all()) std::cerr << render_text(found);
    return code;
}
