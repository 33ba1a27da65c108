#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/trace/reader.h"
#include "core/trace/writer.h"

/// Made-up traces whose every value follows from (sequence, layer, row, slot), so that tests can
/// say what must be read without storing it.
namespace switchyard::trace::testing {

struct Shape {
  int stackLayers = 5;
  std::vector<LayerInfo> layers{{.layer = 1, .experts = 32, .k = 4},
                                {.layer = 2, .experts = 256, .k = 2},
                                {.layer = 4, .experts = 300, .k = 6}};
  int hidden = 6;
  int vocabulary = 40;
  std::vector<std::string> figures{}; ///< of the tokens after the prompt
};

inline constexpr Columns kAllColumns{.weights = true,
                                     .logits = true,
                                     .norms = true,
                                     .hidden = true,
                                     .lmLogits = true,
                                     .predicted = true};

TraceMeta metaOf(const Shape& shape);

/// Distinct experts of a row in 0..E-1; every 7th row of a layer has its last slot unused.
std::vector<std::int32_t> idsOf(const LayerInfo& info, std::int64_t sequence, int moeLayer,
                                std::int64_t row);
float weightOf(std::int64_t sequence, int moeLayer, std::int64_t row, int slot);
float logitOf(std::int64_t sequence, int moeLayer, std::int64_t row, int expert);
float normOf(std::int64_t sequence, int moeLayer, std::int64_t row, int slot);
float hiddenOf(std::int64_t sequence, int depth, std::int64_t row, int column);
float lmLogitOf(std::int64_t sequence, std::int64_t row, int token);
std::int32_t predictedOf(std::int64_t sequence, std::int64_t row, int vocabulary);
/// NaN for every fifth value.
float figureOf(std::int64_t sequence, std::int64_t row, int figure);
std::int32_t tokenOf(std::int64_t sequence, std::int64_t position, int vocabulary);

/// Tokens of sequence i: from 1 to 60, sequence 3 has 3000 so that it needs several chunks.
std::int64_t lengthOf(std::int64_t sequence);
SequenceInfo infoOf(std::int64_t sequence, int vocabulary);

/// Rows per call while recording.
struct Grouping {
  std::int64_t rows = 1 << 20;
};

/// Records one whole sequence.
base::Result<void> record(TraceWriter& writer, std::int64_t sequence, Grouping grouping = {});

/// Creates a trace of `sequences` sequences and finishes it; gtest failures inside.
void recordAll(const std::filesystem::path& path, const Shape& shape, Columns columns,
               std::int64_t sequences, Grouping grouping = {}, const WriterOptions& options = {});

/// Compares everything a reader gives for sequences [0, trace.sequences()); gtest failures inside.
void expectContent(const Trace& trace);

std::string bytesOf(const std::filesystem::path& path);
void writeBytes(const std::filesystem::path& path, const std::string& bytes);

/// A folder of its own for each test, removed at the end.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::filesystem::path operator/(const std::string& name) const { return m_path / name; }
  const std::filesystem::path& path() const { return m_path; }

private:
  std::filesystem::path m_path;
};

} // namespace switchyard::trace::testing
