// A model.safetensors.index.json. Input: its text.

#include <cstdint>
#include <string_view>

#include "core/checkpoint/weight_index.h"
#include "tests/fuzz/require.h"

using namespace switchyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto index =
      checkpoint::parseWeightIndex({reinterpret_cast<const char*>(data), size}, {.file = "index"});
  if (!index)
    return 0;
  for (const std::string& shard : index->shards)
    tests::require(shard.find('/') == std::string::npos && shard.ends_with(".safetensors"),
                   "shards are file names");
  for (const auto& entry : index->entries)
    tests::require(entry.shard < index->shards.size(), "entries name shards");
  return 0;
}
