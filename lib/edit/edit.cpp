#include <algorithm>

#include "edit/editor.hpp"

namespace ovfkit {

namespace {

using namespace detail::edit;

const std::vector<Operation>& table() {
    static const std::vector<Operation> all = [] {
        std::vector<Operation> out;
        for (const auto part : {general_operations(), compute_operations(), network_operations(), disk_operations(), controller_operations(),
                                product_operations(), configuration_operations(), path_operations()})
            out.insert(out.end(), part.begin(), part.end());
        return out;
    }();
    return all;
}

void apply(Editor& editor, const Edit& edit) {
    std::vector<std::string_view> names;
    for (const Operation& operation : table()) {
        if (operation.row.name == edit.operation) {
            check_text(fmt::format("--{}", edit.operation), edit.value);
            operation.apply(editor, edit.value);
            return;
        }
        names.push_back(operation.row.name);
    }
    fail(fmt::format("there is no edit '{}'{}", edit.operation, did_you_mean(edit.operation, names)));
}

}  // namespace

const std::vector<EditOperation>& edit_operations() {
    static const std::vector<EditOperation> rows = [] {
        std::vector<EditOperation> out;
        for (const Operation& operation : table()) out.push_back(operation.row);
        return out;
    }();
    return rows;
}

void edit(Envelope& envelope, const std::vector<Edit>& edits, const EditOptions& options) {
    Envelope after = envelope;
    Editor editor(after, options);
    for (const Edit& one : edits) apply(editor, one);
    settle(envelope, after);
    check(envelope, after);
    envelope = std::move(after);
}

}  // namespace ovfkit
