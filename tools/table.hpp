#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Plain text for people.
namespace ovfkit::tool {

/// Columns as wide as their widest cell; a column in which every cell is empty is left out.
class Table {
public:
    explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    [[nodiscard]] bool empty() const { return rows_.size() == 1; }
    /// Every line starts with `indent`.
    [[nodiscard]] std::string text(std::string_view indent) const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// `1.5 GiB`, `512 MiB`, `513 bytes`.
std::string human_size(std::uint64_t bytes);
/// The same, or nothing.
std::string human_size(const std::optional<std::uint64_t>& bytes);

}  // namespace ovfkit::tool
