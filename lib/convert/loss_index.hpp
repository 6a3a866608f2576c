#pragma once

#include <string>
#include <vector>

#include <ovfkit/diff.hpp>
#include <ovfkit/loss.hpp>

/// Whether a difference was announced.
namespace ovfkit::detail {

class LossIndex {
public:
    /// Rows that point into the source.
    void add_source(const LossReport& report) { source_.insert(source_.end(), report.rows.begin(), report.rows.end()); }
    /// Rows that point into a text on the way.
    void add_way(const LossReport& report) { way_.insert(way_.end(), report.rows.begin(), report.rows.end()); }
    /// What a format says that its source left open: an addition there explains one at the end.
    void add_step(const Diff& step);

    struct Named {
        std::string rule, detail;
    };
    /// nullptr: nothing announced it. Valid until something is added.
    [[nodiscard]] const Named* find(const DiffRow& row);

private:
    std::vector<LossRow> source_, way_;
    std::vector<DiffRow> additions_;
    Named last_;
};

}  // namespace ovfkit::detail
