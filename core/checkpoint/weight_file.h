#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace switchyard::checkpoint {

/// The regular file behind `name` (one path component) in a checkpoint folder. A symbolic link is
/// followed only in the layout of the Hugging Face cache: snapshots/<revision>/<name> that links to
/// ../../blobs/<hexadecimal hash>, itself a regular file; any other link could point anywhere.
/// Errors: NotFound (also for a link to nothing), InvalidFormat for anything but a regular file
/// (folder, FIFO, device, other links), Io. Opens nothing.
base::Result<std::filesystem::path> resolveWeightFile(const std::filesystem::path& folder,
                                                      const std::string& name);

} // namespace switchyard::checkpoint
