#include "app/studio/timeline/sequence_index.h"

#include <algorithm>
#include <map>
#include <set>

namespace switchyard::studio {

using base::Result;

Result<SequenceIndex> SequenceIndex::build(const std::shared_ptr<const trace::Trace>& trace,
                                           const std::string& label,
                                           const base::RunControl& control) {
  const std::unique_ptr<trace::TraceReader> reader = SY_TRY(trace->reader());
  SequenceIndex result;
  const std::int64_t count = trace->sequences();
  result.m_prompts.reserve(index(count));
  result.m_starts.reserve(index(count) + 1);
  // Values by key and sequence; few keys, many repeated values.
  std::map<std::string, std::vector<std::string>> labels;
  SY_TRY(reader->forEachSequence(
      0, count,
      [&](const trace::SequenceInfo& info, const trace::SequenceSize& size) -> Result<void> {
        if (info.index % 4096 == 0) {
          SY_TRY(control.check());
          control.report(info.index, count, "sequences");
        }
        result.m_starts.push_back(result.m_starts.back() + size.rows);
        result.m_prompts.push_back(size.promptLength);
        for (const auto& [key, value] : info.labels) {
          std::vector<std::string>& column = labels[key];
          column.resize(result.m_prompts.size());
          column.back() = value;
        }
        return {};
      }));
  for (auto& [key, column] : labels) {
    column.resize(result.m_prompts.size());
    result.m_keys.push_back(key);
    const bool varies = std::ranges::adjacent_find(column, std::not_equal_to<>()) != column.end();
    if (key == label || (label.empty() && result.m_label.empty() && varies))
      result.m_label = key;
  }
  if (!result.m_label.empty())
    result.takeLabels(labels[result.m_label]);
  return result;
}

void SequenceIndex::takeLabels(const std::vector<std::string>& perSequence) {
  std::map<std::string, std::int64_t> tokens;
  for (std::size_t i = 0; i < perSequence.size(); ++i)
    if (!perSequence[i].empty())
      tokens[perSequence[i]] += m_starts[i + 1] - m_starts[i];
  for (const auto& [value, count] : tokens)
    m_values.push_back(value);
  std::ranges::stable_sort(
      m_values, [&](const std::string& a, const std::string& b) { return tokens[a] > tokens[b]; });
  std::map<std::string, int> numbers;
  for (std::size_t i = 0; i < m_values.size(); ++i)
    numbers[m_values[i]] = static_cast<int>(i);
  for (const std::string& value : perSequence)
    m_valueOf.push_back(value.empty() ? -1 : numbers[value]);
}

std::int64_t SequenceIndex::sequenceAt(std::int64_t token) const {
  const auto found = std::ranges::upper_bound(m_starts, token);
  return std::clamp<std::int64_t>(found - m_starts.begin() - 1, 0, sequences() - 1);
}

int SequenceIndex::valueOf(std::int64_t sequence) const {
  return m_valueOf.empty() ? -1 : m_valueOf[index(sequence)];
}

} // namespace switchyard::studio
