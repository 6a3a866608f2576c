#include "convert/export_output.hpp"

#include <cerrno>
#include <optional>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <ovfkit/error.hpp>

#include "base/staged.hpp"
#include "package/tar_writer.hpp"

namespace ovfkit::detail {

namespace {

std::uint64_t end_of(int fd, const std::string& path) {
    const off_t size = ::lseek(fd, 0, SEEK_END);
    if (size < 0) io_error(path, errno, "cannot write");
    return static_cast<std::uint64_t>(size);
}

class OvaOutput final : public ExportOutput {
public:
    OvaOutput(const std::string& path, bool replace, bool secret, std::int64_t time)
        : staged_(path, replace, secret ? 0600 : 0666), target_(descriptor_target(staged_.fd(), staged_.seekable(), path)), tar_(*target_, time) {
        if (!staged_.seekable()) throw UsageError("an OVA is not exported into a pipe: the sizes of its files stand before them; give a file");
    }

    void reserve(const PackageTexts& largest) override {
        room_ = largest.descriptor.size();
        descriptor_ = tar_.reserve(largest.descriptor_name, room_);
        if (!largest.manifest.empty()) manifest_ = tar_.reserve(largest.stem + ".mf", largest.manifest.size());
        if (!largest.certificate.empty()) certificate_ = tar_.reserve(largest.stem + ".cert", largest.certificate.size());
    }

    void begin(const std::string& name) override {
        // Sizes that a ustar header cannot say are written in base-256: a header of pax would have to be there from the start.
        tar_.begin_open(name, max_ustar_size);
        begin_ = tar_.offset();
        placed_ = false;
    }
    void write(std::span<const std::byte> bytes) override { tar_.write(bytes); }
    Place place() override {
        placed_ = true;
        return {staged_.fd(), begin_};
    }
    std::uint64_t end() override {
        if (placed_) tar_.skip(end_of(staged_.fd(), staged_.path()) - begin_);
        const std::uint64_t size = tar_.offset() - begin_;
        tar_.end();
        return size;
    }

    [[nodiscard]] std::string fitted(std::string descriptor) const override {
        if (descriptor.size() > room_) throw Error("the descriptor became longer than expected");
        descriptor.resize(static_cast<std::size_t>(room_), '\n');
        return descriptor;
    }

    void finish(const PackageTexts& texts) override {
        tar_.patch(descriptor_, texts.descriptor);
        if (manifest_) tar_.patch(*manifest_, texts.manifest);
        if (certificate_) tar_.patch(*certificate_, texts.certificate);
        tar_.finish();
        staged_.commit();
        staged_.settle();
    }
    void require_space(std::uint64_t bytes) const override { staged_.require_space(bytes); }

private:
    StagedFile staged_;
    std::unique_ptr<TarTarget> target_;
    TarWriter tar_;
    std::uint64_t room_ = 0, begin_ = 0;
    bool placed_ = false;
    TarWriter::Slot descriptor_;
    std::optional<TarWriter::Slot> manifest_, certificate_;
};

/// Into a folder that is not there yet, which then appears with all that is in it, or beside what is there.
class FolderOutput final : public ExportOutput {
public:
    FolderOutput(const std::string& path, bool replace, bool secret) : folder_(folder_part(path)), replace_(replace), secret_(secret) {
        if (!folder_.ends_with('/')) folder_ += '/';
        struct stat info {};
        if (::stat(folder_.c_str(), &info) == 0) {
            if (::access(path.c_str(), F_OK) == 0 && !replace) io_error(path, EEXIST, "cannot write");
            return;
        }
        if (errno != ENOENT) io_error(folder_, errno, "cannot write into");
        std::string name = folder_;
        while (name.size() > 1 && name.ends_with('/')) name.pop_back();
        whole_.emplace(name, false);
    }

    void reserve(const PackageTexts&) override {}
    void begin(const std::string& name) override {
        name_ = folder_ + name;
        if (whole_)
            file_ = whole_->create(name);
        else
            files_.emplace_back(name_, replace_);
    }
    void write(std::span<const std::byte> bytes) override { write_all(fd(), as_text(bytes), name_); }
    Place place() override { return {fd(), 0}; }
    std::uint64_t end() override {
        const std::uint64_t size = end_of(fd(), name_);
        if (whole_ && !file_.close()) io_error(name_, errno, "cannot write");
        return size;
    }

    void finish(const PackageTexts& texts) override {
        const auto put = [&](const std::string& name, const std::string& bytes) {
            if (bytes.empty()) return;
            begin(name);
            if (secret_ && ::fchmod(fd(), 0600) != 0) io_error(name_, errno, "cannot write");
            write(as_bytes_of(bytes));
            end();
        };
        put(texts.stem + ".cert", texts.certificate);
        put(texts.stem + ".mf", texts.manifest);
        put(texts.descriptor_name, texts.descriptor);  // the last: with it the package is there
        if (whole_) {
            whole_->commit();
            return;
        }
        for (StagedFile& file : files_) file.commit();
        for (StagedFile& file : files_) file.settle();
    }
    void require_space(std::uint64_t bytes) const override {
        if (whole_)
            whole_->require_space(bytes);
        else if (!files_.empty())
            files_.front().require_space(bytes);
    }

private:
    [[nodiscard]] int fd() const { return whole_ ? file_.get() : files_.back().fd(); }

    std::string folder_, name_;
    bool replace_, secret_;
    std::optional<StagedFolder> whole_;
    FileDescriptor file_;
    std::vector<StagedFile> files_;
};

}  // namespace

std::unique_ptr<ExportOutput> ova_output(const std::string& path, bool replace, bool secret, std::int64_t time) {
    return std::make_unique<OvaOutput>(path, replace, secret, time);
}

std::unique_ptr<ExportOutput> folder_output(const std::string& path, bool replace, bool secret) {
    return std::make_unique<FolderOutput>(path, replace, secret);
}

}  // namespace ovfkit::detail
