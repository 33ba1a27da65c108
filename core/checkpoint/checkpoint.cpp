#include "core/checkpoint/checkpoint.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/checkpoint/safetensors_file.h"
#include "core/checkpoint/weight_file.h"
#include "core/checkpoint/weight_index.h"

namespace switchyard::checkpoint {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

bool isMissing(const Result<std::filesystem::path>& path) {
  return !path && path.error().code == ErrorCode::NotFound;
}

} // namespace

Result<Checkpoint> Checkpoint::open(const std::filesystem::path& folder) {
  const auto single = resolveWeightFile(folder, kSingle);
  if (isMissing(single)) {
    const auto index = resolveWeightFile(folder, kIndex);
    if (isMissing(index))
      return fail(ErrorCode::NotFound,
                  fmt::format("the folder has neither {} nor {}; weights in other formats have to "
                              "be converted to safetensors",
                              kSingle, kIndex),
                  {.file = folder.string()});
    return openSharded(folder, SY_TRY(index));
  }
  Checkpoint checkpoint;
  SY_TRY(checkpoint.addShard(SY_TRY(single)));
  return checkpoint;
}

Result<Checkpoint> Checkpoint::openSharded(const std::filesystem::path& folder,
                                           const std::filesystem::path& index) {
  const std::string text = SY_TRY(base::readTextFile(index, kMaxIndexBytes));
  const WeightIndex map = SY_TRY(parseWeightIndex(text, {.file = index.string()}));
  Checkpoint checkpoint;
  for (const std::string& shard : map.shards)
    SY_TRY(checkpoint.addShard(SY_TRY(resolveWeightFile(folder, shard))));
  std::vector<TensorInfo>& tensors = checkpoint.m_tensors;
  std::ranges::stable_sort(tensors, {}, &TensorInfo::name);
  const auto twice = std::ranges::adjacent_find(tensors, {}, &TensorInfo::name);
  if (twice != tensors.end())
    return fail(ErrorCode::InvalidFormat,
                fmt::format("is stored twice, in {} and in {}", map.shards[twice->shard],
                            map.shards[std::next(twice)->shard]),
                {.file = folder.string(), .tensor = twice->name});
  for (const WeightIndex::Entry& entry : map.entries) {
    const TensorInfo* found = checkpoint.find(entry.tensor);
    if (!found || found->shard != entry.shard)
      return fail(ErrorCode::NotFound,
                  fmt::format("is not in {}, where the index says it is", map.shards[entry.shard]),
                  {.file = folder.string(), .tensor = entry.tensor});
  }
  return checkpoint;
}

Result<void> Checkpoint::addShard(const std::filesystem::path& path) {
  base::ReadFile file = SY_TRY(base::ReadFile::open(path));
  SafetensorsHeader header = SY_TRY(readSafetensorsHeader(file));
  if (m_tensors.size() + header.tensors.size() > kMaxTensors)
    return fail(ErrorCode::LimitExceeded,
                fmt::format("the checkpoint has more than {} tensors", kMaxTensors),
                {.file = path.string()});
  for (TensorInfo& info : header.tensors) {
    info.shard = static_cast<std::uint32_t>(m_files.size());
    m_tensors.push_back(std::move(info));
  }
  m_files.push_back(std::move(file));
  return {};
}

const TensorInfo* Checkpoint::find(std::string_view name) const {
  return findTensor(m_tensors, name);
}

Result<void> Checkpoint::read(const TensorInfo& info, std::uint64_t byteOffset,
                              std::span<std::byte> out) const {
  return readTensor(m_files[info.shard], info, byteOffset, out);
}

} // namespace switchyard::checkpoint
