#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/trace/reader.h"

namespace switchyard::studio {

/// Where the sequences of a trace lie when its tokens are counted one after the other, with a label
/// of each. Immutable once built.
class SequenceIndex {
public:
  /// Reads sizes and labels of all sequences, no rows. label: empty chooses the first label key (in
  /// alphabetical order) that has more than one value. Errors: the reader's; Cancelled.
  static base::Result<SequenceIndex> build(const std::shared_ptr<const trace::Trace>& trace,
                                           const std::string& label,
                                           const base::RunControl& control);

  std::int64_t sequences() const { return static_cast<std::int64_t>(m_prompts.size()); }
  std::int64_t tokens() const { return m_starts.back(); } ///< with routing
  std::int64_t start(std::int64_t sequence) const { return m_starts[index(sequence)]; }
  std::int64_t end(std::int64_t sequence) const { return m_starts[index(sequence) + 1]; }
  std::int64_t promptLength(std::int64_t sequence) const { return m_prompts[index(sequence)]; }
  /// The sequence that has this token; clamped to the ends. There must be one.
  std::int64_t sequenceAt(std::int64_t token) const;

  const std::string& label() const { return m_label; } ///< the key; empty: none
  const std::vector<std::string>& labelKeys() const { return m_keys; }
  /// Values of the label, those of most tokens first.
  const std::vector<std::string>& values() const { return m_values; }
  int valueOf(std::int64_t sequence) const; ///< index into values(); -1: not labelled

private:
  static std::size_t index(std::int64_t sequence) { return static_cast<std::size_t>(sequence); }
  void takeLabels(const std::vector<std::string>& perSequence);

  std::vector<std::int64_t> m_starts{0};
  std::vector<std::int64_t> m_prompts;
  std::string m_label;
  std::vector<std::string> m_keys, m_values;
  std::vector<int> m_valueOf;
};

} // namespace switchyard::studio
