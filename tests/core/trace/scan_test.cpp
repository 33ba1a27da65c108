#include "core/trace/scan.h"

#include <map>

#include <gtest/gtest.h>

#include "core/trace/row_starts.h"
#include "tests/core/trace/synthetic.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;
using namespace switchyard::trace::testing;

/// Checks every value and the order of blocks; sums what must not depend on the split.
class Witness final : public Analyzer {
public:
  std::string_view id() const override { return "witness"; }
  Columns wants() const override { return m_wants; }
  std::unique_ptr<Analyzer> cloneEmpty() const override {
    auto clone = std::make_unique<Witness>();
    clone->m_wants = m_wants;
    return clone;
  }
  base::Result<void> begin(std::span<const LayerInfo> layers) override {
    m_layers.assign(layers.begin(), layers.end());
    return {};
  }
  base::Result<void> add(const RoutingBlock& block) override {
    const std::int64_t s = block.sequence->index;
    if (m_order.empty() || m_order.back() != s)
      m_order.push_back(s);
    const bool first = block.info.layer == m_layers.front().layer;
    const bool newRange = s != m_sequence || block.firstToken != m_firstToken;
    EXPECT_EQ(first, newRange) << "layers of a range come together, in order";
    if (!first) {
      EXPECT_GT(block.moeLayer, m_moeLayer);
    }
    m_sequence = s;
    m_firstToken = block.firstToken;
    m_moeLayer = block.moeLayer;
    for (std::int64_t r = 0; r < block.rows; ++r) {
      const std::int64_t row = block.firstToken + r;
      const auto ids = idsOf(block.info, s, block.moeLayer, row);
      for (int slot = 0; slot < block.info.k; ++slot) {
        const auto at = static_cast<std::size_t>(r * block.info.k + slot);
        const std::int32_t id = ids[static_cast<std::size_t>(slot)];
        EXPECT_EQ(block.ids[at], id < 0 ? kNoExpert : id);
        if (m_wants.weights) {
          EXPECT_EQ(block.weights[at], weightOf(s, block.moeLayer, row, slot));
        }
      }
      if (m_wants.predicted) {
        EXPECT_EQ(block.predicted[static_cast<std::size_t>(r)], predictedOf(s, row, 40));
      }
      if (m_wants.logits) {
        EXPECT_EQ(block.logits[static_cast<std::size_t>(r * block.info.experts)],
                  logitOf(s, block.moeLayer, row, 0));
      }
      ++m_rows[block.moeLayer];
    }
    EXPECT_EQ(block.logits.empty(), !m_wants.logits);
    return {};
  }
  base::Result<void> merge(const Analyzer& other) override {
    const auto& that = static_cast<const Witness&>(other);
    m_order.insert(m_order.end(), that.m_order.begin(), that.m_order.end());
    for (const auto& [layer, rows] : that.m_rows)
      m_rows[layer] += rows;
    return {};
  }
  base::Result<AnalysisResult> result() const override { return AnalysisResult{}; }

  Columns m_wants{};
  std::vector<LayerInfo> m_layers;
  std::vector<std::int64_t> m_order; ///< sequences as merged
  std::map<int, std::int64_t> m_rows;

private:
  std::int64_t m_sequence = -1, m_firstToken = -1;
  int m_moeLayer = -1;
};

class ScanTest : public ::testing::Test {
protected:
  void SetUp() override {
    recordAll(m_folder / "t.swy", {}, {.weights = true, .logits = true, .predicted = true}, 40);
    m_trace = Trace::open(m_folder / "t.swy").value();
    for (std::int64_t s = 0; s < 40; ++s)
      m_all.push_back(s);
  }
  base::Result<ScanSummary> run(Witness& witness, int threads, const ScanOptions& options = {},
                                const base::RunControl& control = {}) {
    Analyzer* analyzers[] = {&witness};
    return scan(m_trace, analyzers, base::ThreadContext(threads), options, control);
  }
  TemporaryFolder m_folder;
  std::shared_ptr<const Trace> m_trace;
  std::vector<std::int64_t> m_all;
};

TEST_F(ScanTest, EveryRowOnceInOrderForAnyThreads) {
  for (const int threads : {1, 2, 8}) {
    Witness witness;
    witness.m_wants = {.weights = true, .logits = true, .predicted = true};
    const auto summary = run(witness, threads);
    ASSERT_TRUE(summary) << summary.error().describe();
    EXPECT_EQ(summary->sequences, 40);
    EXPECT_EQ(summary->tokens, m_trace->tokens());
    EXPECT_EQ(summary->filter, "all tokens");
    EXPECT_EQ(witness.m_order, m_all);
    for (int l = 0; l < 3; ++l)
      EXPECT_EQ(witness.m_rows[l], m_trace->tokens());
  }
}

TEST_F(ScanTest, Filters) {
  Witness witness;
  ScanOptions options;
  options.filter.sequence = [](const SequenceInfo& info) {
    return info.labels.at("domain") == "python";
  };
  options.filter.moeLayers = {0, 2};
  options.filter.phase = TokenPhase::Generated;
  options.filter.lastToken = 2000;
  std::int64_t expected = 0;
  for (std::int64_t s = 0; s < 40; s += 2)
    expected += lengthOf(s) - (lengthOf(s) + 1) / 2;
  const auto summary = run(witness, 2, options);
  ASSERT_TRUE(summary) << summary.error().describe();
  EXPECT_EQ(summary->tokens, expected);
  EXPECT_EQ(witness.m_rows[0], expected);
  EXPECT_EQ(witness.m_rows.count(1), 0u);
  EXPECT_EQ(witness.m_layers.size(), 2u);
  EXPECT_EQ(summary->filter, "some sequences, layers 1 4, generated tokens, positions 0 to 1999");
  Witness window;
  options = {};
  options.filter.firstToken = 1500;
  options.filter.lastToken = 2500;
  ASSERT_TRUE(run(window, 2, options));
  EXPECT_EQ(window.m_rows[0], 1000) << "only sequence 3 is that long";
  Witness few;
  options = {};
  options.filter.index = [](std::int64_t s) { return s % 7 == 3 || s == 4; };
  const auto picked = run(few, 2, options);
  ASSERT_TRUE(picked);
  EXPECT_EQ(few.m_order, (std::vector<std::int64_t>{3, 4, 10, 17, 24, 31, 38}));
  EXPECT_EQ(picked->sequences, 7);
  EXPECT_EQ(picked->filter, "some sequences");
  Witness none;
  options.filter.index = [](std::int64_t) { return false; };
  ASSERT_TRUE(run(none, 2, options));
  EXPECT_TRUE(none.m_order.empty());
}

TEST_F(ScanTest, RowsStartWhereTheSequencesBeforeEnd) {
  const auto starts = rowStarts(*m_trace);
  ASSERT_TRUE(starts);
  ASSERT_EQ((*starts)->size(), 41u);
  std::int64_t rows = 0;
  for (std::size_t s = 0; s < 40; ++s) {
    EXPECT_EQ((**starts)[s], rows);
    rows += lengthOf(static_cast<std::int64_t>(s));
  }
  EXPECT_EQ((*starts)->back(), m_trace->tokens());
  EXPECT_EQ(*rowStarts(*m_trace), *starts) << "kept";
}

TEST_F(ScanTest, ErrorsAndCancel) {
  Witness witness;
  ScanOptions options;
  options.filter.moeLayers = {3};
  EXPECT_EQ(run(witness, 2, options).error().code, ErrorCode::InvalidArgument);
  options.filter.moeLayers = {1, 1};
  EXPECT_EQ(run(witness, 2, options).error().code, ErrorCode::InvalidArgument);
  std::stop_source stop;
  stop.request_stop();
  base::RunControl control;
  control.stop = stop.get_token();
  EXPECT_EQ(run(witness, 2, {}, control).error().code, ErrorCode::Cancelled);
}

} // namespace
} // namespace switchyard::trace
