#include "where.hpp"

std::filesystem::path source_folder() { return OVFKIT_SOURCE_DIR; }
