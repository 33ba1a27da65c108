#include "tests/core/trace/synthetic.h"

#include <algorithm>
#include <bit>
#include <fstream>
#include <iterator>
#include <limits>
#include <unistd.h>

#include <gtest/gtest.h>

namespace switchyard::trace::testing {
namespace {

/// A hash, so that values look random and neighbours differ (splitmix64's finaliser).
std::uint64_t mix(std::initializer_list<std::int64_t> parts) {
  std::uint64_t value = 0x9e3779b97f4a7c15u;
  for (const std::int64_t part : parts) {
    value += static_cast<std::uint64_t>(part) + 0x9e3779b97f4a7c15u;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    value ^= value >> 31;
  }
  return value;
}

float real(std::initializer_list<std::int64_t> parts) {
  return static_cast<float>(mix(parts) >> 40) / static_cast<float>(1 << 20) - 8.0f;
}

} // namespace

TraceMeta metaOf(const Shape& shape) {
  TraceMeta meta;
  meta.program = "test 1";
  meta.family = "qwen3_moe";
  meta.modelName = "made up";
  meta.modelFingerprint = "0123";
  meta.stackLayers = shape.stackLayers;
  meta.hidden = shape.hidden;
  meta.vocabulary = shape.vocabulary;
  meta.layers = shape.layers;
  meta.figures = shape.figures;
  meta.promptsFingerprint = "4567";
  meta.options = {{"template", "on"}, {"generate", "0"}};
  meta.seed = 18446744073709551615u;
  return meta;
}

std::vector<std::int32_t> idsOf(const LayerInfo& info, std::int64_t sequence, int moeLayer,
                                std::int64_t row) {
  std::vector<std::int32_t> ids;
  for (std::int64_t draw = 0; static_cast<int>(ids.size()) < info.k; ++draw) {
    const auto id = static_cast<std::int32_t>(mix({1, sequence, moeLayer, row, draw}) %
                                              static_cast<std::uint64_t>(info.experts));
    if (std::find(ids.begin(), ids.end(), id) == ids.end())
      ids.push_back(id);
  }
  if (row % 7 == 6)
    ids.back() = -1;
  return ids;
}

float weightOf(std::int64_t s, int l, std::int64_t row, int slot) {
  return real({2, s, l, row, slot});
}
float logitOf(std::int64_t s, int l, std::int64_t row, int e) {
  return real({3, s, l, row, e});
}
float normOf(std::int64_t s, int l, std::int64_t row, int slot) {
  return real({4, s, l, row, slot});
}
float hiddenOf(std::int64_t s, int d, std::int64_t row, int column) {
  return real({5, s, d, row, column});
}
float lmLogitOf(std::int64_t s, std::int64_t row, int token) {
  return real({6, s, row, token});
}

float figureOf(std::int64_t s, std::int64_t row, int figure) {
  return (row + figure) % 5 == 4 ? std::numeric_limits<float>::quiet_NaN()
                                 : real({9, s, row, figure});
}

std::int32_t predictedOf(std::int64_t s, std::int64_t row, int vocabulary) {
  int best = 0;
  for (int t = 1; t < vocabulary; ++t)
    if (lmLogitOf(s, row, t) > lmLogitOf(s, row, best))
      best = t;
  return best;
}

std::int32_t tokenOf(std::int64_t s, std::int64_t position, int vocabulary) {
  return static_cast<std::int32_t>(mix({7, s, position}) % static_cast<std::uint64_t>(vocabulary));
}

std::int64_t lengthOf(std::int64_t s) {
  return s == 3 ? 3000 : 1 + static_cast<std::int64_t>(mix({8, s}) % 60);
}

SequenceInfo infoOf(std::int64_t s, int vocabulary) {
  SequenceInfo info;
  info.index = s;
  info.id = "prompt-" + std::to_string(s);
  info.source = "made up:" + std::to_string(s);
  info.text = std::string("text \0 of ", 10) + std::to_string(s) + "\xff";
  for (std::int64_t t = 0; t < lengthOf(s); ++t)
    info.tokens.push_back(tokenOf(s, t, vocabulary));
  info.promptLength = (lengthOf(s) + 1) / 2;
  info.labels = {{"domain", s % 2 == 0 ? "python" : "law"}, {"ümlaut \"", "a\nb"}};
  return info;
}

base::Result<void> record(TraceWriter& writer, std::int64_t s, Grouping grouping) {
  const TraceMeta& meta = writer.meta();
  const Columns& columns = writer.columns();
  const SequenceInfo info = infoOf(s, meta.vocabulary);
  SY_TRY(writer.beginSequence(info));
  const std::int64_t length = lengthOf(s);
  for (std::int64_t first = 0; first < length; first += grouping.rows) {
    const std::int64_t rows = std::min(grouping.rows, length - first);
    for (std::size_t l = 0; l < meta.layers.size(); ++l) {
      const int layer = static_cast<int>(l);
      std::vector<std::int32_t> ids;
      std::vector<float> weights, logits, norms;
      for (std::int64_t r = first; r < first + rows; ++r) {
        const auto row = idsOf(meta.layers[l], s, layer, r);
        ids.insert(ids.end(), row.begin(), row.end());
        for (int slot = 0; slot < meta.layers[l].k; ++slot) {
          weights.push_back(weightOf(s, layer, r, slot));
          norms.push_back(normOf(s, layer, r, slot));
        }
        for (int e = 0; columns.logits && e < meta.layers[l].experts; ++e)
          logits.push_back(logitOf(s, layer, r, e));
      }
      RoutingRows out{.rows = rows, .ids = ids};
      if (columns.weights)
        out.weights = weights;
      if (columns.norms)
        out.norms = norms;
      out.logits = logits;
      SY_TRY(writer.addRouting(layer, out));
    }
    for (int d = 0; columns.hidden && d < meta.stackLayers + 2; ++d) {
      std::vector<float> values;
      for (std::int64_t r = first; r < first + rows; ++r)
        for (int c = 0; c < meta.hidden; ++c)
          values.push_back(hiddenOf(s, d, r, c));
      SY_TRY(writer.addHidden(d, rows, values));
    }
    std::vector<float> lm;
    std::vector<std::int32_t> predicted;
    for (std::int64_t r = first; r < first + rows; ++r) {
      for (int t = 0; columns.lmLogits && t < meta.vocabulary; ++t)
        lm.push_back(lmLogitOf(s, r, t));
      if (columns.predicted)
        predicted.push_back(predictedOf(s, r, meta.vocabulary));
    }
    if (columns.lmLogits)
      SY_TRY(writer.addLmLogits(rows, lm));
    if (columns.predicted)
      SY_TRY(writer.addPredicted(predicted));
  }
  const auto figures = static_cast<int>(meta.figures.size());
  std::vector<float> values(meta.figures.size());
  for (std::int64_t r = 0; figures > 0 && r < length - info.promptLength; ++r) {
    for (int f = 0; f < figures; ++f)
      values[static_cast<std::size_t>(f)] = figureOf(s, r, f);
    SY_TRY(writer.addFigures(1, values));
  }
  return writer.endSequence(info.tokens, info.promptLength);
}

void recordAll(const std::filesystem::path& path, const Shape& shape, Columns columns,
               std::int64_t sequences, Grouping grouping, const WriterOptions& options) {
  auto writer = TraceWriter::create(path, metaOf(shape), columns, options);
  ASSERT_TRUE(writer) << writer.error().describe();
  for (std::int64_t s = 0; s < sequences; ++s) {
    const auto done = record(**writer, s, grouping);
    ASSERT_TRUE(done) << done.error().describe();
  }
  const auto finished = (*writer)->finish();
  ASSERT_TRUE(finished) << finished.error().describe();
}

namespace {

/// Reads one column through `read(first, rows, out)` in pieces of odd sizes and compares.
template <typename Value, typename Read, typename Expected>
void expectColumn(const char* what, std::int64_t length, std::int64_t width, Read read,
                  Expected expected) {
  std::int64_t first = 0;
  for (std::int64_t piece = 1; first < length; piece = piece * 3 + 1) {
    const std::int64_t rows = std::min(piece, length - first);
    std::vector<Value> values(static_cast<std::size_t>(rows * width));
    const base::Result<void> got = read(first, rows, std::span(values));
    ASSERT_TRUE(got) << what << ": " << got.error().describe();
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = 0; c < width; ++c)
        ASSERT_EQ(values[static_cast<std::size_t>(r * width + c)], expected(first + r, c))
            << what << " row " << first + r << " column " << c;
    first += rows;
  }
}

void expectRouting(TraceReader& reader, std::int64_t s, int layer) {
  const LayerInfo& info = reader.trace().meta().layers[static_cast<std::size_t>(layer)];
  const std::int64_t length = lengthOf(s);
  expectColumn<std::uint16_t>(
      "ids", length, info.k,
      [&](auto first, auto rows, auto out) { return reader.ids(s, layer, first, rows, out); },
      [&](std::int64_t row, std::int64_t slot) {
        const std::int32_t id = idsOf(info, s, layer, row)[static_cast<std::size_t>(slot)];
        return id < 0 ? kNoExpert : static_cast<std::uint16_t>(id);
      });
  const Columns& columns = reader.trace().columns();
  if (columns.weights)
    expectColumn<float>(
        "weights", length, info.k,
        [&](auto first, auto rows, auto out) { return reader.weights(s, layer, first, rows, out); },
        [&](auto row, auto slot) { return weightOf(s, layer, row, static_cast<int>(slot)); });
  if (columns.norms)
    expectColumn<float>(
        "norms", length, info.k,
        [&](auto first, auto rows, auto out) { return reader.norms(s, layer, first, rows, out); },
        [&](auto row, auto slot) { return normOf(s, layer, row, static_cast<int>(slot)); });
  if (columns.logits)
    expectColumn<float>(
        "logits", length, info.experts,
        [&](auto first, auto rows, auto out) { return reader.logits(s, layer, first, rows, out); },
        [&](auto row, auto e) { return logitOf(s, layer, row, static_cast<int>(e)); });
}

void expectWide(TraceReader& reader, std::int64_t s) {
  const TraceMeta& meta = reader.trace().meta();
  const Columns& columns = reader.trace().columns();
  for (int d = 0; columns.hidden && d < meta.stackLayers + 2; ++d)
    expectColumn<float>(
        "hidden", lengthOf(s), meta.hidden,
        [&](auto first, auto rows, auto out) { return reader.hidden(s, d, first, rows, out); },
        [&](auto row, auto c) { return hiddenOf(s, d, row, static_cast<int>(c)); });
  if (columns.lmLogits)
    expectColumn<float>(
        "lm logits", lengthOf(s), meta.vocabulary,
        [&](auto first, auto rows, auto out) { return reader.lmLogits(s, first, rows, out); },
        [&](auto row, auto t) { return lmLogitOf(s, row, static_cast<int>(t)); });
  if (columns.predicted)
    expectColumn<std::int32_t>(
        "predicted", lengthOf(s), 1,
        [&](auto first, auto rows, auto out) { return reader.predicted(s, first, rows, out); },
        [&](auto row, auto) { return predictedOf(s, row, meta.vocabulary); });
  const auto bits = [](float value) { return std::bit_cast<std::uint32_t>(value); };
  std::vector<float> read;
  if (!meta.figures.empty())
    expectColumn<std::uint32_t>(
        "figures", lengthOf(s) - infoOf(s, meta.vocabulary).promptLength,
        static_cast<std::int64_t>(meta.figures.size()),
        [&](auto first, auto rows, std::span<std::uint32_t> out) {
          read.resize(out.size());
          auto result = reader.figures(s, first, rows, read);
          std::ranges::transform(read, out.begin(), bits);
          return result;
        },
        [&](auto row, auto f) { return bits(figureOf(s, row, static_cast<int>(f))); });
}

} // namespace

void expectContent(const Trace& trace) {
  auto made = trace.reader();
  ASSERT_TRUE(made) << made.error().describe();
  TraceReader& reader = **made;
  for (std::int64_t s = 0; s < trace.sequences(); ++s) {
    const auto info = reader.sequence(s);
    ASSERT_TRUE(info) << info.error().describe();
    const SequenceInfo expected = infoOf(s, trace.meta().vocabulary);
    EXPECT_EQ(info->id, expected.id);
    EXPECT_EQ(info->source, expected.source);
    EXPECT_EQ(info->text, expected.text);
    EXPECT_EQ(info->tokens, expected.tokens);
    EXPECT_EQ(info->promptLength, expected.promptLength);
    EXPECT_EQ(info->labels, expected.labels);
    for (std::size_t l = 0; l < trace.meta().layers.size(); ++l)
      ASSERT_NO_FATAL_FAILURE(expectRouting(reader, s, static_cast<int>(l)));
    ASSERT_NO_FATAL_FAILURE(expectWide(reader, s));
  }
}

std::string bytesOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void writeBytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

TemporaryFolder::TemporaryFolder() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  // In memory where there is such a place: waiting for a disk is not what is tested.
  const std::string memory = "/dev/shm";
  m_path =
      std::filesystem::path(::access(memory.c_str(), W_OK) == 0 ? memory : ::testing::TempDir()) /
      (std::string("switchyard-") + test->test_suite_name() + "-" + test->name() + "-" +
       std::to_string(::getpid()));
  std::filesystem::remove_all(m_path);
  std::filesystem::create_directories(m_path);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(m_path, ignored);
}

} // namespace switchyard::trace::testing
