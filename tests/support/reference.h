#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/checkpoint/safetensors_file.h"

namespace switchyard::tests {

/// A safetensors file of expected values. Missing keys fail the test that asks for them.
class Reference {
public:
  explicit Reference(const std::filesystem::path& path);

  bool has(const std::string& name) const;
  std::vector<std::int64_t> shape(const std::string& name) const;
  std::vector<float> floats(const std::string& name) const;          ///< F32 or F64
  std::vector<std::int64_t> integers(const std::string& name) const; ///< I64 or I32

private:
  template <typename T> std::vector<T> raw(const checkpoint::TensorInfo& info) const;
  const checkpoint::TensorInfo& info(const std::string& name) const;

  checkpoint::SafetensorsFile m_file;
};

/// Largest value minus smallest.
double range(const std::vector<float>& values);
/// max |a - b|; infinity if the sizes differ.
double largestDifference(const std::vector<float>& a, const std::vector<float>& b);
double largestMagnitude(const std::vector<float>& values);

} // namespace switchyard::tests
