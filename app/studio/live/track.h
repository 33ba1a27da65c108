#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "app/studio/live/token_routing.h"

namespace switchyard::studio {

/// The routing of a run of tokens of one sequence, as views show it: it grows at its end while text
/// is generated or a trace is replayed. Token text and candidates are with it. GUI thread.
class Track {
public:
  Track() = default;
  /// begin: position of the first token that will be added.
  explicit Track(TrackShape shape, std::int64_t begin = 0);

  const TrackShape& shape() const { return m_shape; }
  std::size_t layers() const { return m_shape.layers.size(); }
  int k() const { return m_k; }
  int experts() const { return m_experts; }
  bool isEmpty() const { return m_begin == m_end; }
  std::int64_t begin() const { return m_begin; }
  std::int64_t end() const { return m_end; } ///< one behind the last token
  bool contains(std::int64_t position) const { return position >= m_begin && position < m_end; }
  /// False for tokens that were lost on the way from the decode thread.
  bool has(std::int64_t position) const;
  std::int64_t promptLength() const { return m_promptLength; } ///< positions below are the prompt's
  void setPromptLength(std::int64_t length) { m_promptLength = length; }

  /// position >= end(); positions in between count as lost.
  void append(const TokenRouting& routing);
  void truncate(std::int64_t end);
  void setNext(std::int64_t position, NextToken next);

  std::int32_t token(std::int64_t position) const;
  std::span<const std::uint16_t> ids(std::int64_t position, std::size_t layer) const;
  std::span<const float> weights(std::int64_t position, std::size_t layer) const; ///< or empty
  /// The first choice at a layer; -1: none.
  int firstChoice(std::int64_t position, std::size_t layer) const;
  /// NaN where it is not known.
  float topGate(std::int64_t position, std::size_t layer) const;
  float entropy(std::int64_t position, std::size_t layer) const;
  float margin(std::int64_t position, std::size_t layer) const;
  float agreement(std::int64_t position, std::size_t layer) const;
  const NextToken* next(std::int64_t position) const; ///< null: not known

  /// Tokens of [from, to) that chose `expert` at `layer` at any rank.
  std::int64_t uses(std::size_t layer, int expert, std::int64_t from, std::int64_t to) const;
  /// Adds the uses of every expert in [from, to) at `layer` to counts [>= experts].
  void countUses(std::size_t layer, std::int64_t from, std::int64_t to,
                 std::span<int> counts) const;
  std::uint64_t bytes() const;

private:
  std::size_t row(std::int64_t position) const {
    return static_cast<std::size_t>(position - m_begin);
  }
  float at(const std::vector<float>& values, std::int64_t position, std::size_t layer) const;

  TrackShape m_shape;
  int m_k = 0;
  int m_experts = 0;
  std::int64_t m_begin = 0, m_end = 0, m_promptLength = 0;
  std::vector<std::int32_t> m_tokens;
  std::vector<char> m_present;
  std::vector<std::uint16_t> m_ids;
  std::vector<float> m_weights, m_entropy, m_margin, m_agreement;
  std::map<std::int64_t, NextToken> m_next;
};

} // namespace switchyard::studio
