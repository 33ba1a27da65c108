// Sequences of the same tokens under different routings in one batch, against passes of their own.

#include <filesystem>

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/model/model.h"
#include "core/model/trunk.h"
#include "tests/support/golden_models.h"

namespace switchyard::model {
namespace {

using Tokens = std::vector<base::TokenId>;

Tokens someTokens(std::int64_t count, std::int64_t vocabulary, std::uint64_t stream = 0) {
  base::Rng rng(23, stream);
  Tokens tokens;
  for (std::int64_t i = 0; i < count; ++i)
    tokens.emplace_back(
        static_cast<std::int32_t>(rng.nextBelow(static_cast<std::uint64_t>(vocabulary))));
  return tokens;
}

/// A sequence that is run piece by piece: by itself, or in a batch with others.
struct Sequence {
  Sequence(const Model& model, Tokens all, std::vector<float> routerOffsets = {})
      : cache(KvCache::create(model.config(), 4).value()), tokens(std::move(all)),
        offsets(std::move(routerOffsets)) {}

  Segment segment(std::size_t count) {
    const auto from = static_cast<std::size_t>(cache.length());
    return {.cache = &cache,
            .sequence = base::SequenceId(static_cast<std::int64_t>(offsets.size())),
            .tokens = std::span(tokens).subspan(from, count),
            .logits = LogitsFor::All,
            .finalLength = static_cast<std::int64_t>(tokens.size()),
            .routing = {.offsets = offsets}};
  }

  KvCache cache;
  Tokens tokens;
  std::vector<float> offsets;
};

std::vector<float> run(const Model& model, const std::vector<Segment>& segments) {
  static const base::ThreadContext threads(2);
  Workspace work;
  const auto ran = model.forward(segments, {.threads = threads}, work);
  EXPECT_TRUE(ran) << ran.error().describe();
  return work.logits;
}

/// Offsets that move every layer's choice.
std::vector<float> someOffsets(const Model& model, std::uint64_t stream) {
  const auto& config = model.config();
  base::Rng rng(5, stream);
  std::vector<float> offsets(
      static_cast<std::size_t>(config.moeLayers() * config.moe.gate.experts));
  for (float& offset : offsets)
    offset = static_cast<float>(rng.nextBelow(9)) - 4.0f;
  return offsets;
}

class Trunk : public ::testing::TestWithParam<std::string> {};

TEST_P(Trunk, RowsOfABatchHaveTheBitsOfPassesOnTheirOwn) {
  const base::ThreadContext threads(2);
  const auto model =
      Model::load(std::filesystem::path(SY_TEST_DATA "/golden") / GetParam(), threads);
  ASSERT_TRUE(model) << model.error().describe();
  const Model& m = **model;
  const Tokens text = someTokens(9, m.config().vocabulary);
  const Tokens another = someTokens(9, m.config().vocabulary, 1);
  Sequence strong(m, text), weak(m, text, someOffsets(m, 0)), weaker(m, text, someOffsets(m, 1)),
      other(m, another);
  Sequence strongAlone(m, text), weakAlone(m, text, someOffsets(m, 0)),
      weakerAlone(m, text, someOffsets(m, 1)), otherAlone(m, another);
  const auto piece = [&](std::size_t count, std::vector<Sequence*> batch,
                         std::vector<Sequence*> alone) {
    std::vector<Segment> segments;
    for (Sequence* sequence : batch)
      segments.push_back(sequence->segment(count));
    const std::vector<float> together = run(m, segments);
    std::vector<float> expected;
    for (Sequence* sequence : alone) {
      const std::vector<float> own = run(m, {sequence->segment(count)});
      expected.insert(expected.end(), own.begin(), own.end());
    }
    EXPECT_EQ(together, expected) << count;
  };
  // Followers at the end, one of them between others, none at the end; many tokens and single ones.
  piece(3, {&strong, &other, &weak, &weaker},
        {&strongAlone, &otherAlone, &weakAlone, &weakerAlone});
  piece(1, {&strong, &weak, &other, &weaker},
        {&strongAlone, &weakAlone, &otherAlone, &weakerAlone});
  piece(1, {&weak, &strong, &weaker, &other},
        {&weakAlone, &strongAlone, &weakerAlone, &otherAlone});
  // Each goes on from rows that it took over.
  piece(2, {&weak}, {&weakAlone});
  piece(4, {&strong, &weaker}, {&strongAlone, &weakerAlone});
  piece(2, {&weak}, {&weakAlone});
}

INSTANTIATE_TEST_SUITE_P(All, Trunk, ::testing::ValuesIn(tests::goldenModels()),
                         [](const auto& info) { return tests::testNameOf(info.param); });

TEST(TrunkLeaders, FollowersAreThoseAtTheEndWithAnEqualPastAndTokens) {
  const base::ThreadContext threads(1);
  const auto model = Model::load(SY_DATA "/demo-model", threads);
  ASSERT_TRUE(model) << model.error().describe();
  const Tokens text = someTokens(6, 4096);
  Tokens changed = text;
  changed[2] = base::TokenId(changed[2].value == 7 ? 8 : 7);
  Sequence a(**model, text), b(**model, text), c(**model, changed), d(**model, text);
  std::vector<std::size_t> leaders;
  const auto leading = [&](std::vector<Segment> segments) {
    return findLeaders(segments, leaders);
  };
  using Indices = std::vector<std::size_t>;
  EXPECT_EQ(leading({a.segment(2)}), 1u);
  EXPECT_EQ(leading({a.segment(2), b.segment(2)}), 1u);
  EXPECT_EQ(leaders, Indices{0});
  EXPECT_EQ(leading({a.segment(2), b.segment(1)}), 2u); // one token more
  EXPECT_EQ(leading({a.segment(3), c.segment(3)}), 2u); // another token
  EXPECT_EQ(leading({c.segment(3), a.segment(3), b.segment(3), d.segment(3)}), 2u);
  EXPECT_EQ(leaders, (Indices{1, 1}));
  EXPECT_EQ(leading({a.segment(3), b.segment(3), c.segment(3)}), 3u); // not at the end
  run(**model, {a.segment(3), c.segment(3)});
  a.tokens.insert(a.tokens.end(), {base::TokenId(1)});
  c.tokens.insert(c.tokens.end(), {base::TokenId(1)});
  EXPECT_EQ(leading({a.segment(1), c.segment(1)}), 2u); // the same token after another past
  EXPECT_EQ(leading({a.segment(1), d.segment(1)}), 2u); // of another length
}

} // namespace
} // namespace switchyard::model
