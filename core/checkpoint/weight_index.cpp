#include "core/checkpoint/weight_index.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "core/checkpoint/json_events.h"
#include "core/checkpoint/safetensors_header.h"

namespace switchyard::checkpoint {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::string_view kSuffix = ".safetensors";
constexpr int kMaxSkippedDepth = 64;

class IndexEvents final : public JsonEvents {
public:
  bool null() override { return skipped() || unexpected(); }
  bool boolean(bool) override { return skipped() || unexpected(); }
  bool number_integer(number_integer_t) override { return skipped() || unexpected(); }
  bool number_unsigned(number_unsigned_t) override { return skipped() || unexpected(); }
  bool number_float(number_float_t, const string_t&) override { return skipped() || unexpected(); }

  bool string(string_t& value) override {
    if (skipped())
      return true;
    if (m_at != At::Map)
      return unexpected();
    if (auto good = checkShardName(value); !good)
      return stop(good.error().code, good.error().message, m_key);
    if (!shards.contains(value)) {
      if (shards.size() >= kMaxShards)
        return stop(ErrorCode::LimitExceeded, fmt::format("more than {} files", kMaxShards));
      shards.emplace(value, static_cast<std::uint32_t>(shards.size()));
    }
    entries.push_back({std::move(m_key), shards.at(value)});
    return true;
  }

  bool key(string_t& value) override {
    if (m_at == At::Skipped)
      return true;
    if (m_at == At::Root) {
      m_isMap = value == "weight_map";
      if (m_isMap && std::exchange(sawMap, true))
        return stop(ErrorCode::InvalidFormat, "weight_map appears twice");
      return true;
    }
    if (entries.size() >= kMaxTensors)
      return stop(ErrorCode::LimitExceeded, fmt::format("more than {} tensors", kMaxTensors));
    if (auto good = checkTensorName(value); !good)
      return stop(good.error().code, good.error().message);
    m_key = std::move(value);
    return true;
  }

  bool start_object(std::size_t) override {
    if (m_at == At::Root && m_isMap)
      m_at = At::Map;
    else if (m_at == At::Start)
      m_at = At::Root;
    else
      return descend();
    return true;
  }
  bool end_object() override {
    if (m_at == At::Skipped)
      return ascend();
    m_at = m_at == At::Map ? At::Root : At::Done;
    return true;
  }
  bool start_array(std::size_t) override { return descend(); }
  bool end_array() override { return ascend(); }

  std::map<std::string, std::uint32_t, std::less<>> shards;
  std::vector<WeightIndex::Entry> entries;
  bool sawMap = false;

protected:
  bool unexpected() override {
    if (m_at == At::Map)
      return stop(ErrorCode::InvalidFormat, "weight_map gives no file name for it", m_key);
    return stop(ErrorCode::InvalidFormat,
                m_at == At::Root ? "weight_map is not an object" : "not a JSON object");
  }

private:
  enum class At : std::uint8_t { Start, Root, Map, Skipped, Done };

  /// Whether a value belongs to something that does not matter.
  bool skipped() const { return m_at == At::Skipped || (m_at == At::Root && !m_isMap); }
  bool descend() {
    if (!skipped())
      return unexpected();
    m_at = At::Skipped;
    if (++m_depth > kMaxSkippedDepth)
      return stop(ErrorCode::LimitExceeded,
                  fmt::format("nested deeper than {} levels", kMaxSkippedDepth));
    return true;
  }
  bool ascend() {
    if (--m_depth == 0)
      m_at = At::Root;
    return true;
  }

  At m_at = At::Start;
  bool m_isMap = false; ///< the root's key that was read last
  int m_depth = 0;      ///< inside what is skipped
  std::string m_key;
};

} // namespace

Result<void> checkShardName(std::string_view name) {
  constexpr std::size_t kMaxBytes = 255;
  const bool printable = std::ranges::none_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  const bool component = name.find_first_of("/\\:") == std::string_view::npos;
  if (name.size() > kSuffix.size() && name.size() <= kMaxBytes && name.ends_with(kSuffix) &&
      printable && component)
    return {};
  return fail(ErrorCode::InvalidFormat,
              fmt::format("weight_map names {}, but only a plain file name that ends in {} is "
                          "accepted",
                          excerpt(name), kSuffix));
}

Result<WeightIndex> parseWeightIndex(std::string_view text, base::Where where) {
  IndexEvents events;
  SY_TRY(events.run(text, where));
  if (!events.sawMap)
    return fail(ErrorCode::InvalidFormat, "has no weight_map", std::move(where));
  WeightIndex index;
  index.entries = std::move(events.entries);
  std::ranges::sort(index.entries, {}, &WeightIndex::Entry::tensor);
  const auto twice = std::ranges::adjacent_find(index.entries, {}, &WeightIndex::Entry::tensor);
  if (twice != index.entries.end())
    return fail(ErrorCode::InvalidFormat, "appears twice in weight_map",
                {.file = std::move(where.file), .tensor = twice->tensor});
  std::vector<std::uint32_t> sortedPosition(events.shards.size());
  for (const auto& [name, number] : events.shards) {
    sortedPosition[number] = static_cast<std::uint32_t>(index.shards.size());
    index.shards.push_back(name);
  }
  for (WeightIndex::Entry& entry : index.entries)
    entry.shard = sortedPosition[entry.shard];
  return index;
}

} // namespace switchyard::checkpoint
