#include <map>
#include <set>

#include "app/jobs/evaluate/tables.h"

namespace switchyard::jobs::evaluate {

namespace {

constexpr std::size_t kMaxValues = 40;

} // namespace

base::Result<Block> blockOf(const std::vector<ItemMeans>& means, const TestOptions& tests) {
  Block block;
  block.items = static_cast<std::int64_t>(means.front().score.size());
  for (std::size_t i = 0; i < means.size(); ++i) {
    block.scores.push_back(SY_TRY(meanEstimate(means[i].score, tests)));
    if (i > 0)
      block.comparisons.push_back(SY_TRY(compare(means.front(), means[i], tests)));
  }
  SY_TRY(adjust(block.comparisons));
  return block;
}

base::Result<std::vector<Block>> labelBlocks(const Measured& measured,
                                             const std::vector<ItemMeans>& means,
                                             const TestOptions& tests) {
  std::map<std::string, std::map<std::string, std::vector<std::size_t>>> labels;
  for (std::size_t item = 0; item < measured.tasks.size(); ++item)
    for (const auto& [label, value] : measured.tasks[item].prompt.labels)
      labels[label][value].push_back(item);
  std::vector<Block> blocks;
  for (const auto& [label, values] : labels) {
    if (values.size() < 2 || values.size() > kMaxValues)
      continue;
    for (const auto& [value, items] : values) {
      std::vector<ItemMeans> parts;
      for (const ItemMeans& all : means)
        parts.push_back(subset(all, items));
      blocks.push_back(SY_TRY(blockOf(parts, tests)));
      blocks.back().label = label;
      blocks.back().value = value;
    }
  }
  return blocks;
}

} // namespace switchyard::jobs::evaluate
