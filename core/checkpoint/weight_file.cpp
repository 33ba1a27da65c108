#include "core/checkpoint/weight_file.h"

#include <algorithm>
#include <system_error>

namespace switchyard::checkpoint {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
namespace fs = std::filesystem;

tl::unexpected<base::Error> systemError(const std::error_code& error, const fs::path& path) {
  return fail(ErrorCode::Io, "cannot inspect: " + error.message(), {.file = path.string()});
}

bool isHash(const std::string& text) {
  return text.size() >= 32 && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

/// The kind of a file itself, not of what a link points to.
Result<fs::file_type> typeOf(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::symlink_status(path, error).type();
  if (type == fs::file_type::not_found)
    return fail(ErrorCode::NotFound, "does not exist", {.file = path.string()});
  if (error)
    return systemError(error, path);
  return type;
}

Result<fs::path> followCacheLink(const fs::path& folder, const fs::path& link) {
  std::error_code error;
  const fs::path target = fs::read_symlink(link, error);
  if (error)
    return systemError(error, link);
  const fs::path realFolder = fs::canonical(folder, error);
  if (error)
    return systemError(error, folder);
  const std::string hash = target.filename().string();
  if (realFolder.parent_path().filename() != "snapshots" || !isHash(hash) ||
      target != fs::path("../../blobs") / hash)
    return fail(ErrorCode::InvalidFormat,
                "is a symbolic link to " + target.string() +
                    "; only the links of a Hugging Face cache (snapshots/<revision>/<file> to "
                    "../../blobs/<hash>) are followed, put the file itself here",
                {.file = link.string()});
  return realFolder.parent_path().parent_path() / "blobs" / hash;
}

} // namespace

Result<fs::path> resolveWeightFile(const fs::path& folder, const std::string& name) {
  fs::path path = folder / name;
  fs::file_type type = SY_TRY(typeOf(path));
  if (type == fs::file_type::symlink) {
    path = SY_TRY(followCacheLink(folder, path));
    type = SY_TRY(typeOf(path));
  }
  if (type != fs::file_type::regular)
    return fail(ErrorCode::InvalidFormat, "is not a regular file", {.file = path.string()});
  return path;
}

} // namespace switchyard::checkpoint
