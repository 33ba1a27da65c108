#include "tests/support/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace switchyard::tests {

namespace {
checkpoint::SafetensorsFile openOrThrow(const std::filesystem::path& path) {
  auto file = checkpoint::SafetensorsFile::open(path);
  if (!file)
    throw std::runtime_error(file.error().describe());
  return std::move(*file);
}
} // namespace

Reference::Reference(const std::filesystem::path& path) : m_file(openOrThrow(path)) {}

bool Reference::has(const std::string& name) const {
  return m_file.find(name) != nullptr;
}

const checkpoint::TensorInfo& Reference::info(const std::string& name) const {
  const checkpoint::TensorInfo* info = m_file.find(name);
  if (!info)
    throw std::runtime_error("reference lacks " + name);
  return *info;
}

std::vector<std::int64_t> Reference::shape(const std::string& name) const {
  return info(name).shape;
}

template <typename T> std::vector<T> Reference::raw(const checkpoint::TensorInfo& info) const {
  std::size_t count = 1;
  for (const std::int64_t dim : info.shape)
    count *= static_cast<std::size_t>(dim);
  std::vector<T> values(count);
  const auto read = m_file.read(info, 0, std::as_writable_bytes(std::span(values)));
  if (!read)
    throw std::runtime_error(read.error().describe());
  return values;
}

std::vector<float> Reference::floats(const std::string& name) const {
  const checkpoint::TensorInfo& tensor = info(name);
  if (tensor.dtype == tensor::DType::F64) {
    const std::vector<double> wide = raw<double>(tensor);
    return {wide.begin(), wide.end()};
  }
  if (tensor.dtype != tensor::DType::F32)
    throw std::runtime_error(name + " is not F32 or F64");
  return raw<float>(tensor);
}

std::vector<std::int64_t> Reference::integers(const std::string& name) const {
  const checkpoint::TensorInfo& tensor = info(name);
  if (tensor.dtype == tensor::DType::I32) {
    const std::vector<std::int32_t> narrow = raw<std::int32_t>(tensor);
    return {narrow.begin(), narrow.end()};
  }
  if (tensor.dtype != tensor::DType::I64)
    throw std::runtime_error(name + " is not I64 or I32");
  return raw<std::int64_t>(tensor);
}

double range(const std::vector<float>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  return static_cast<double>(high) - low;
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size())
    return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - b[i]);
    if (!(difference <= largest)) // also true for NaN
      largest = std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
  }
  return largest;
}

double largestMagnitude(const std::vector<float>& values) {
  double largest = 0;
  for (const float value : values)
    largest = std::max(largest, std::abs(static_cast<double>(value)));
  return largest;
}

} // namespace switchyard::tests
