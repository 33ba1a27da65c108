#include "core/trace/recorder.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/trace/synthetic.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;
using namespace switchyard::trace::testing;

/// Plays a model: emits what a pass over rows [first, first + rows) of a sequence would, with
/// `strangers` rows of another sequence before it in the batch.
class Player {
public:
  explicit Player(TraceRecorder& recorder, TraceMeta meta)
      : m_recorder(recorder), m_meta(std::move(meta)) {}

  base::Result<void> pass(std::int64_t s, std::int64_t first, std::int64_t rows,
                          std::int64_t strangers = 0) {
    m_rows.clear();
    for (std::int64_t r = 0; r < strangers; ++r)
      m_rows.push_back({base::SequenceId{1000}, base::TokenPos{r}, base::TokenId{0}});
    for (std::int64_t r = first; r < first + rows; ++r)
      m_rows.push_back({base::SequenceId{s}, base::TokenPos{r},
                        base::TokenId{tokenOf(s, r, m_meta.vocabulary)}});
    std::size_t moe = 0;
    for (int layer = 0; layer < m_meta.stackLayers; ++layer) {
      SY_TRY(hidden(layer));
      if (moe < m_meta.layers.size() && m_meta.layers[moe].layer == layer)
        SY_TRY(route(static_cast<int>(moe++)));
    }
    SY_TRY(hidden(m_meta.stackLayers));
    SY_TRY(hidden(m_meta.stackLayers + 1));
    std::vector<float> logits;
    for (const auto& row : m_rows)
      for (int t = 0; t < m_meta.vocabulary; ++t)
        logits.push_back(lmLogitOf(row.sequence.value, row.position.value, t));
    return m_recorder.onLmLogits(
        {.rows = m_rows, .vocabulary = m_meta.vocabulary, .logits = logits});
  }

private:
  base::Result<void> hidden(int depth) {
    std::vector<float> values;
    for (const auto& row : m_rows)
      for (int c = 0; c < m_meta.hidden; ++c)
        values.push_back(hiddenOf(row.sequence.value, depth, row.position.value, c));
    return m_recorder.onHidden(
        {.index = depth, .rows = m_rows, .hidden = m_meta.hidden, .values = values});
  }

  base::Result<void> route(int moe) {
    const LayerInfo& info = m_meta.layers[static_cast<std::size_t>(moe)];
    std::vector<std::int32_t> ids;
    std::vector<float> weights, logits, norms;
    for (const auto& row : m_rows) {
      const std::int64_t s = row.sequence.value, r = row.position.value;
      const auto selected = idsOf(info, s, moe, r);
      ids.insert(ids.end(), selected.begin(), selected.end());
      for (int slot = 0; slot < info.k; ++slot) {
        weights.push_back(weightOf(s, moe, r, slot));
        norms.push_back(normOf(s, moe, r, slot));
      }
      for (int e = 0; e < info.experts; ++e)
        logits.push_back(logitOf(s, moe, r, e));
    }
    hooks::RouterEvent event;
    event.layer = base::LayerId{info.layer};
    event.rows = m_rows;
    event.experts = info.experts;
    event.k = info.k;
    event.logits = logits;
    event.ids = ids;
    event.weights = weights;
    event.norms = norms;
    return m_recorder.onRouter(event);
  }

  TraceRecorder& m_recorder;
  TraceMeta m_meta;
  std::vector<hooks::RowInfo> m_rows;
};

/// Records sequences through the recorder in passes of `rows`, behind a first one of `prompt`.
void play(const std::filesystem::path& path, std::int64_t sequences, std::int64_t prompt,
          std::int64_t rows, std::int64_t strangers) {
  auto writer = TraceWriter::create(path, metaOf({}), kAllColumns);
  ASSERT_TRUE(writer) << writer.error().describe();
  TraceRecorder recorder(**writer);
  Player player(recorder, metaOf({}));
  for (std::int64_t s = 0; s < sequences; ++s) {
    ASSERT_TRUE(recorder.beginSequence(infoOf(s, 40), base::SequenceId{s}));
    for (std::int64_t first = 0, next = prompt; first < lengthOf(s); first = next, next += rows) {
      next = std::min(next, lengthOf(s));
      const auto passed = player.pass(s, first, next - first, strangers);
      ASSERT_TRUE(passed) << passed.error().describe();
    }
    const auto ended = recorder.endSequence();
    ASSERT_TRUE(ended) << ended.error().describe();
  }
  EXPECT_EQ(recorder.dropped().otherSequence > 0, strangers > 0);
  EXPECT_EQ(recorder.dropped().total(), recorder.dropped().otherSequence);
  ASSERT_TRUE((*writer)->finish());
}

TEST(TraceRecorder, BytesDoNotDependOnPasses) {
  const TemporaryFolder folder;
  recordAll(folder / "direct.swy", {}, kAllColumns, 5);
  const std::string expected = bytesOf(folder / "direct.swy");
  for (const auto& [prompt, rows, strangers] :
       {std::tuple{512, 512, 0}, {1, 1, 0}, {33, 33, 2}, {20, 1, 0}, {1, 7, 1}}) {
    play(folder / "t.swy", 5, prompt, rows, strangers);
    EXPECT_EQ(bytesOf(folder / "t.swy"), expected) << prompt << ' ' << rows;
    std::filesystem::remove(folder / "t.swy");
  }
}

TEST(TraceRecorder, WantsWhatIsRecorded) {
  const TemporaryFolder folder;
  auto ids = TraceWriter::create(folder / "a.swy", metaOf({}), {});
  EXPECT_EQ(TraceRecorder(**ids).wants(), hooks::Point::TopK | hooks::Point::Weights);
  auto all = TraceWriter::create(folder / "b.swy", metaOf({}), kAllColumns);
  const hooks::PointSet wanted = TraceRecorder(**all).wants();
  for (const auto point : {hooks::Point::RouterLogits, hooks::Point::ExpertNorms,
                           hooks::Point::Hidden, hooks::Point::LmLogits})
    EXPECT_TRUE(hooks::contains(wanted, point));
  auto predicted = TraceWriter::create(folder / "c.swy", metaOf({}), {.predicted = true});
  EXPECT_TRUE(hooks::contains(TraceRecorder(**predicted).wants(), hooks::Point::LmLogits));
}

class RecorderMisuse : public ::testing::Test {
protected:
  void SetUp() override {
    auto writer = TraceWriter::create(m_folder / "t.swy", metaOf({}), kAllColumns);
    ASSERT_TRUE(writer);
    m_writer = std::move(*writer);
    m_recorder = std::make_unique<TraceRecorder>(*m_writer);
    m_player = std::make_unique<Player>(*m_recorder, metaOf({}));
  }
  TemporaryFolder m_folder;
  std::unique_ptr<TraceWriter> m_writer;
  std::unique_ptr<TraceRecorder> m_recorder;
  std::unique_ptr<Player> m_player;
};

TEST_F(RecorderMisuse, PositionsMustFollow) {
  ASSERT_TRUE(m_recorder->beginSequence(infoOf(0, 40)));
  const auto gap = m_player->pass(0, 1, 1);
  ASSERT_FALSE(gap);
  EXPECT_THAT(gap.error().message, HasSubstr("position 1 comes where 0 is due"));
}

TEST_F(RecorderMisuse, TokensMustBeThoseAnnounced) {
  SequenceInfo info = infoOf(0, 40);
  info.tokens[0] ^= 1;
  ASSERT_TRUE(m_recorder->beginSequence(info));
  EXPECT_THAT(m_player->pass(0, 0, 1).error().message, HasSubstr("was announced"));
}

TEST_F(RecorderMisuse, WhatIsNotWrittenIsCounted) {
  ASSERT_TRUE(m_player->pass(0, 0, 3));
  EXPECT_EQ(m_recorder->dropped().noSequence, 3);
  ASSERT_TRUE(m_recorder->beginSequence(infoOf(0, 40)));
  ASSERT_TRUE(m_player->pass(0, 0, 1));
  ASSERT_TRUE(m_recorder->abandonSequence());
  EXPECT_EQ(m_recorder->dropped().abandoned, 1);
  EXPECT_EQ(m_recorder->dropped().describe(),
            "3 rows while no sequence was open, 1 rows of abandoned sequences");
  hooks::RouterEvent dense;
  dense.layer = base::LayerId{0};
  const std::vector<hooks::RowInfo> rows(2);
  dense.rows = rows;
  ASSERT_TRUE(m_recorder->onRouter(dense));
  EXPECT_EQ(m_recorder->dropped().unknownLayer, 2);
}

/// The first token of sequence 0 at the first MoE layer; without router logits.
struct FirstToken {
  hooks::RowInfo row{base::SequenceId{0}, base::TokenPos{0}, base::TokenId{tokenOf(0, 0, 40)}};
  std::array<std::int32_t, 4> ids{0, 1, 2, 3};
  std::array<float, 4> weights{}, norms{};
  hooks::RouterEvent event() const {
    hooks::RouterEvent event;
    event.layer = base::LayerId{1};
    event.rows = {&row, 1};
    event.experts = 32;
    event.k = 4;
    event.ids = ids;
    event.weights = weights;
    event.norms = norms;
    return event;
  }
};

TEST_F(RecorderMisuse, EmptySpansOfWantedColumnsAreErrors) {
  ASSERT_TRUE(m_recorder->beginSequence(infoOf(0, 40)));
  const FirstToken token;
  EXPECT_EQ(m_recorder->onRouter(token.event()).error().code, ErrorCode::InvalidArgument);
}

TEST_F(RecorderMisuse, AnExpertThatDoesNotExistIsFoundAtTheEndAtLatest) {
  ASSERT_TRUE(m_recorder->beginSequence(infoOf(0, 40)));
  FirstToken token;
  token.ids.back() = 32;
  const std::array<float, 32> logits{};
  hooks::RouterEvent event = token.event();
  event.logits = logits;
  const auto routed = m_recorder->onRouter(event);
  const auto ended = m_recorder->endSequence();
  ASSERT_FALSE(routed && ended);
  EXPECT_THAT((routed ? ended : routed).error().message, HasSubstr("expert 32 does not exist"));
}

TEST_F(RecorderMisuse, GeneratedAndUnrunTokens) {
  SequenceInfo info = infoOf(0, 40);
  ASSERT_GE(info.tokens.size(), 4u);
  info.tokens.resize(2); // the prompt
  info.promptLength = 0;
  ASSERT_TRUE(m_recorder->beginSequence(info));
  ASSERT_TRUE(m_player->pass(0, 0, 2));
  ASSERT_TRUE(m_player->pass(0, 2, 1));
  ASSERT_TRUE(m_recorder->endSequence(std::vector{base::TokenId{39}}));
  ASSERT_TRUE(m_writer->finish());
  const auto trace = Trace::open(m_folder / "t.swy");
  const auto reader = *(*trace)->reader();
  const auto read = reader->sequence(0);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->promptLength, 2);
  EXPECT_EQ(read->tokens, (std::vector<std::int32_t>{tokenOf(0, 0, 40), tokenOf(0, 1, 40),
                                                     tokenOf(0, 2, 40), 39}));
  EXPECT_EQ(reader->size(0)->rows, 3);
}

} // namespace
} // namespace switchyard::trace
