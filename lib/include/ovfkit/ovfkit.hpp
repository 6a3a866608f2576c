#pragma once

/// Everything: the model, descriptors, translation.
#include <ovfkit/convert.hpp>
#include <ovfkit/diagnostic.hpp>
#include <ovfkit/diff.hpp>
#include <ovfkit/document.hpp>
#include <ovfkit/edit.hpp>
#include <ovfkit/environment.hpp>
#include <ovfkit/error.hpp>
#include <ovfkit/export_package.hpp>
#include <ovfkit/import.hpp>
#include <ovfkit/limits.hpp>
#include <ovfkit/loss.hpp>
#include <ovfkit/model.hpp>
#include <ovfkit/output.hpp>
#include <ovfkit/package.hpp>
#include <ovfkit/progress.hpp>
#include <ovfkit/roundtrip.hpp>
#include <ovfkit/validate.hpp>
#include <ovfkit/version.hpp>
