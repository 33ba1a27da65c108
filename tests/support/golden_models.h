#pragma once

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

namespace switchyard::tests {

/// The golden checkpoints below SY_TEST_DATA/golden, as "models/olmoe" or
/// "models-extra/olmoe-clip".
inline std::vector<std::string> goldenModels() {
  std::vector<std::string> folders;
  for (const char* set : {"models", "models-extra"}) {
    const std::filesystem::path root = std::filesystem::path(SY_TEST_DATA) / "golden" / set;
    if (!std::filesystem::exists(root))
      continue;
    for (const auto& entry : std::filesystem::directory_iterator(root))
      if (entry.is_directory())
        folders.push_back(std::string(set) + "/" + entry.path().filename().string());
  }
  std::ranges::sort(folders);
  return folders;
}

/// Such a name as a part of a test's.
inline std::string testNameOf(std::string model) {
  std::ranges::replace_if(
      model, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return model;
}

} // namespace switchyard::tests
