#pragma once

#include <span>

#include "core/plugin/options.h"

namespace switchyard::studio {

/// Repetitions of a test that a preview makes at most.
constexpr std::int64_t kPreviewShuffles = 19;

/// The arguments with fewer repetitions of what a plugin does over and over: integer options whose
/// unit is "shuffles". Others stay as they are.
plugin::OptionArguments previewArguments(std::span<const plugin::OptionSpec> specs,
                                         plugin::OptionArguments given);

} // namespace switchyard::studio
