// Logits of some tokens alone: the bits of a whole LM head, for every family and through a decode
// host.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "core/session/decode_host.h"
#include "core/session/sampler.h"
#include "tests/support/golden_models.h"

namespace switchyard::session {
namespace {

using base::ErrorCode;
using Tokens = std::vector<base::TokenId>;

Tokens ids(std::initializer_list<std::int32_t> values) {
  return {values.begin(), values.end()};
}

Tokens wholeVocabulary(int size) {
  Tokens tokens;
  for (std::int32_t id = 0; id < size; ++id)
    tokens.emplace_back(id);
  return tokens;
}

class TokenLogits : public ::testing::TestWithParam<std::string> {};

TEST_P(TokenLogits, AreTheBitsOfAForwardPass) {
  const base::ThreadContext threads(2);
  const auto loaded =
      model::Model::load(std::filesystem::path(SY_TEST_DATA) / "golden" / GetParam(), threads);
  ASSERT_TRUE(loaded) << loaded.error().describe();
  const model::Model& model = **loaded;
  const int vocabulary = model.config().vocabulary;
  auto cache = model::KvCache::create(model.config(), 8).value();
  const Tokens text = ids({3, 1, 4, 1, 5});
  const model::Segment segment{.cache = &cache, .tokens = text};
  model::Workspace work;
  ASSERT_TRUE(model.forward({&segment, 1}, {.threads = threads}, work));
  const std::vector<float> logits = work.logits;
  ASSERT_EQ(logits.size(), static_cast<std::size_t>(vocabulary));
  const auto hidden = static_cast<std::size_t>(model.config().hidden);
  const std::vector<float> last(work.residual.end() - static_cast<std::ptrdiff_t>(hidden),
                                work.residual.end());
  for (const Tokens& some : {ids({0}), ids({vocabulary - 1}), ids({17, 2, 17, 16, 31, 3}),
                             wholeVocabulary(vocabulary), Tokens()}) {
    std::vector<float> got(some.size());
    ASSERT_TRUE(model.tokenLogits(last, some, threads, work, got));
    for (std::size_t i = 0; i < some.size(); ++i)
      EXPECT_EQ(got[i], logits[static_cast<std::size_t>(some[i].value)]) << some[i].value;
  }
  for (const std::int32_t outside : {-1, vocabulary}) {
    float out = 7;
    const auto refused = model.tokenLogits(last, ids({outside}), threads, work, {&out, 1});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(out, 7);
  }
}

INSTANTIATE_TEST_SUITE_P(All, TokenLogits, ::testing::ValuesIn(tests::goldenModels()),
                         [](const auto& info) { return tests::testNameOf(info.param); });

class HostTokenLogits : public ::testing::Test {
protected:
  void SetUp() override {
    auto model = model::Model::load(SY_TEST_DATA "/golden/models/olmoe", m_threads);
    ASSERT_TRUE(model) << model.error().describe();
    auto host = ModelDecodeHost::create(
        *model, m_threads,
        {.choose = [](auto scores, auto) -> base::Result<base::TokenId> { return argmax(scores); },
         .chunk = 2});
    ASSERT_TRUE(host) << host.error().describe();
    m_host = std::move(*host);
    ASSERT_TRUE(m_host->start(m_prompt));
    m_vocabulary = static_cast<std::size_t>(m_host->vocabulary());
  }

  std::vector<float> logitsOf(BranchId branch) {
    std::vector<float> out(m_vocabulary);
    const auto got = m_host->tokenLogits(branch, wholeVocabulary(m_host->vocabulary()), out);
    EXPECT_TRUE(got) << got.error().describe();
    return out;
  }
  ErrorCode refusal(BranchId branch, const Tokens& tokens, std::size_t room) {
    std::vector<float> out(room);
    const auto got = m_host->tokenLogits(branch, tokens, out);
    return got ? ErrorCode::Internal : got.error().code;
  }

  base::ThreadContext m_threads{2};
  Tokens m_prompt = ids({5, 9, 2, 6, 5, 3, 5});
  std::unique_ptr<ModelDecodeHost> m_host;
  std::size_t m_vocabulary = 0;
};

TEST_F(HostTokenLogits, FollowEachBranchsOwnLastToken) {
  const BranchId shorter = m_host->open().value();
  const BranchId longer = m_host->open().value();
  std::vector<float> ofText(m_vocabulary), ofShorter(m_vocabulary), ofLonger(m_vocabulary);
  const Tokens some = ids({8}), many = ids({8, 1, 7, 2, 6}); // of one chunk, and of three
  const BranchStep steps[] = {{longer, many, 0, {}, ofLonger},
                              {shorter, some, 0, {}, ofShorter},
                              {0, std::span(m_prompt).last(1), 0, {}, ofText}};
  ASSERT_TRUE(m_host->step(steps));
  EXPECT_EQ(logitsOf(0), ofText);
  EXPECT_EQ(logitsOf(shorter), ofShorter);
  EXPECT_EQ(logitsOf(longer), ofLonger);
  EXPECT_NE(ofShorter, ofLonger);
  const BranchId fork = m_host->fork(longer).value();
  const BranchStep next{longer, some, 0, {}, {}}; // asks for no logits itself
  ASSERT_TRUE(m_host->step({&next, 1}));
  EXPECT_EQ(logitsOf(fork), ofLonger) << "a fork stays where it was";
  EXPECT_NE(logitsOf(longer), ofLonger);
  // Those that were there are left by a step that fails.
  const Tokens tooMany(static_cast<std::size_t>(m_host->model().config().maxPositions), some[0]);
  const BranchStep wrong[] = {{longer, some, 0, {}, {}}, {fork, tooMany, 0, {}, {}}};
  ASSERT_FALSE(m_host->step(wrong));
  EXPECT_EQ(logitsOf(fork), ofLonger);
  // Half of this one is run before the token outside the vocabulary.
  const Tokens bad = ids({1, 2, 3, 1 << 20});
  const BranchStep half[] = {{longer, some, 0, {}, {}}, {fork, bad, 0, {}, {}}};
  ASSERT_FALSE(m_host->step(half));
  EXPECT_EQ(logitsOf(fork), ofLonger);
}

TEST_F(HostTokenLogits, AreRefusedWithoutALastToken) {
  const BranchId fresh = m_host->open().value();
  EXPECT_EQ(refusal(fresh, ids({1}), 1), ErrorCode::InvalidArgument);
  EXPECT_EQ(refusal(99, ids({1}), 1), ErrorCode::NotFound);
  EXPECT_EQ(refusal(0, ids({1}), 2), ErrorCode::InvalidArgument);
  EXPECT_EQ(refusal(0, ids({-1}), 1), ErrorCode::InvalidArgument);
  logitsOf(0);
  ASSERT_TRUE(m_host->rewind(0, 3));
  EXPECT_EQ(refusal(0, ids({1}), 1), ErrorCode::InvalidArgument);
}

} // namespace
} // namespace switchyard::session
