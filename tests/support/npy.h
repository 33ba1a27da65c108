#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace switchyard::test {

/// An array of a .npy file or .npz member: C order, converted to the element type asked for.
struct NpyArray {
  std::string dtype; ///< "<f4", "|u1", ...
  std::vector<std::int64_t> shape;
  std::string bytes;

  template <typename T> std::vector<T> as() const;
};

/// A .npy file. Throws std::runtime_error on anything unexpected: a test's own data is broken.
NpyArray readNpy(const std::filesystem::path& path);

/// All members of a .npz file (stored or deflated), by name without ".npy". Throws as readNpy().
std::map<std::string, NpyArray> readNpz(const std::filesystem::path& path);

} // namespace switchyard::test
