// What brings routing from the thread that decodes to the one that paints.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/studio/live/pacer.h"
#include "app/studio/live/route_measures.h"
#include "app/studio/live/routing_feed.h"
#include "app/studio/live/spsc_ring.h"
#include "core/base/rng.h"
#include "tests/studio/made_up_track.h"

namespace switchyard::studio {
namespace {

using testing::ElementsAre;

TEST(RouteMeasures, AreThoseOfTheAnalyzersWithinRounding) {
  base::Rng rng(3);
  std::vector<float> buffer, probabilities;
  for (const std::size_t experts :
       {std::size_t{2}, std::size_t{7}, std::size_t{32}, std::size_t{512}})
    for (int round = 0; round < 50; ++round) {
      std::vector<float> logits(experts);
      for (float& z : logits)
        z = static_cast<float>(rng.nextNormal() * 4 + round); // far from 0 too
      if (round % 5 == 4)
        logits[1] = -std::numeric_limits<float>::infinity();
      probabilities.resize(experts);
      ASSERT_TRUE(
          analyzers::probabilitiesOf(logits, analyzers::Probabilities::Softmax, probabilities));
      const float entropy =
          analyzers::shannonEntropy(probabilities, 0) / std::log(static_cast<float>(experts));
      std::ranges::sort(probabilities, std::greater());
      const RouteMeasures measures = measure(logits, analyzers::Probabilities::Softmax, buffer);
      EXPECT_NEAR(measures.entropy, entropy, 2e-5);
      EXPECT_NEAR(measures.margin, probabilities[0] - probabilities[1], 1e-6);
    }
  const std::vector<float> bad{1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_TRUE(std::isnan(measure(bad, analyzers::Probabilities::Softmax, buffer).entropy));
}

TEST(SpscRing, KeepsOrderAndSaysWhenFull) {
  SpscRing<int> ring(3, [] { return 0; }); // rounded up to 4
  EXPECT_EQ(ring.capacity(), 4u);
  EXPECT_EQ(ring.front(), nullptr);
  for (int i = 0; i < 4; ++i) {
    int* slot = ring.claim();
    ASSERT_TRUE(slot);
    *slot = i;
    ring.publish();
  }
  EXPECT_EQ(ring.claim(), nullptr);
  EXPECT_EQ(*ring.front(), 0);
  ring.pop();
  EXPECT_NE(ring.claim(), nullptr);
}

TEST(SpscRing, LosesNothingBetweenThreads) {
  SpscRing<std::int64_t> ring(64, [] { return 0; });
  constexpr std::int64_t kCount = 200000;
  std::thread writer([&] {
    for (std::int64_t i = 0; i < kCount;)
      if (std::int64_t* slot = ring.claim()) {
        *slot = i++;
        ring.publish();
      } else {
        std::this_thread::yield();
      }
  });
  std::int64_t expected = 0;
  bool inOrder = true;
  while (expected < kCount) {
    if (const std::int64_t* entry = ring.front()) {
      inOrder = inOrder && *entry == expected++;
      ring.pop();
    } else {
      std::this_thread::yield();
    }
  }
  writer.join();
  EXPECT_TRUE(inOrder);
}

TEST(Pacer, PausesStepsAndStops) {
  Pacer pacer;
  std::atomic<int> tokens{0};
  pacer.pause();
  std::thread decode([&] {
    while (pacer.await())
      ++tokens;
  });
  const auto until = [&](int count) {
    for (int i = 0; i < 2000 && (tokens != count || !pacer.isWaiting()); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return tokens.load();
  };
  EXPECT_EQ(until(0), 0);
  EXPECT_TRUE(pacer.isPaused());
  pacer.step();
  EXPECT_EQ(until(1), 1);
  pacer.step();
  EXPECT_EQ(until(2), 2);
  pacer.passFreely(5);
  EXPECT_EQ(until(7), 7);
  pacer.stop();
  decode.join();
  EXPECT_FALSE(pacer.await());
}

TEST(Pacer, HoldsARateAndLetsItChangeAtOnce) {
  Pacer pacer;
  pacer.setRate(50); // 20 ms a token
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 6; ++i)
    ASSERT_TRUE(pacer.await());
  const double slow =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_GE(slow, 0.095);
  pacer.setRate(0.01); // 100 s a token
  std::thread soon([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    pacer.setRate(0);
  });
  ASSERT_TRUE(pacer.await());
  soon.join();
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 10);
}

/// One router event of two rows over four experts, k = 2.
struct Event {
  std::vector<hooks::RowInfo> rows;
  std::vector<float> logits;
  std::vector<std::int32_t> ids;
  std::vector<float> weights;
  hooks::RouterEvent of(int layer) const {
    hooks::RouterEvent event;
    event.layer = base::LayerId(layer);
    event.rows = rows;
    event.experts = 4;
    event.k = 2;
    event.logits = logits;
    event.ids = ids;
    event.weights = weights;
    return event;
  }
};

Event rowsAt(std::int64_t first, int count) {
  Event event;
  for (int i = 0; i < count; ++i) {
    event.rows.push_back({base::SequenceId(0), base::TokenPos(first + i), base::TokenId(100 + i)});
    // Probabilities 1/2, 1/4, 1/8, 1/8.
    for (const double p : {0.5, 0.25, 0.125, 0.125})
      event.logits.push_back(static_cast<float>(std::log(p) + 3));
    event.ids.insert(event.ids.end(), {0, 1});
    event.weights.insert(event.weights.end(), {0.7f, 0.3f});
  }
  return event;
}

std::vector<TokenRouting> drained(RoutingFeed& feed) {
  std::vector<TokenRouting> all;
  feed.drain([&](TokenRouting& routing) { all.push_back(routing); });
  return all;
}

TEST(RoutingFeed, GivesEveryTokenWithItsMeasures) {
  RoutingFeed feed({.shape = tests::shapeOf(2, 4, 2, 1)}); // layers 1 and 2 of the stack
  const Event prompt = rowsAt(0, 3);
  ASSERT_TRUE(feed.onRouter(prompt.of(1)));
  EXPECT_TRUE(drained(feed).empty()) << "half of a pass is no token";
  ASSERT_TRUE(feed.onRouter(prompt.of(2)));
  auto tokens = drained(feed);
  ASSERT_EQ(tokens.size(), 2u) << "the last row waits for what was chosen after it";
  EXPECT_EQ(tokens[1].position, 1);
  EXPECT_EQ(tokens[1].token, 101);
  EXPECT_THAT(tokens[0].ids, ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(tokens[0].weights, ElementsAre(0.7f, 0.3f, 0.7f, 0.3f));
  // H = 1/2 ln 2 + 1/4 ln 4 + 2/8 ln 8 = 1.75 ln 2, over ln 4 = 2 ln 2.
  EXPECT_NEAR(tokens[0].entropy[0], 1.75 / 2, 1e-5);
  EXPECT_NEAR(tokens[0].margin[1], 0.25, 1e-6);
  NextToken next{.token = 7, .probability = 0.5f};
  feed.setNext(next);
  tokens = drained(feed);
  ASSERT_EQ(tokens.size(), 1u);
  EXPECT_EQ(tokens[0].position, 2);
  ASSERT_TRUE(tokens[0].next);
  EXPECT_EQ(tokens[0].next->token, 7);
  EXPECT_FALSE(feed.onRouter(prompt.of(0))) << "a layer that nobody announced";
}

TEST(RoutingFeed, NothingOfOneTokenStaysWithAnother) {
  RoutingFeed feed({.shape = tests::shapeOf(1, 4, 2)});
  NextToken next;
  for (int i = 0; i < 6000; ++i) { // each slot of the ring is filled more than once
    ASSERT_TRUE(feed.onRouter(rowsAt(i, 1).of(0)));
    if (i % 3 != 0) {
      EXPECT_TRUE(next.candidates.empty() && next.figures.empty());
      next.token = i;
      if (i % 3 == 1) {
        next.probability = 0.5f;
        next.candidates.assign(3, {.token = i, .probability = 0.25f});
        next.figures = {{"kl", i}};
      }
      feed.setNext(next);
    } else {
      feed.flush();
    }
    const auto tokens = drained(feed);
    ASSERT_EQ(tokens.size(), 1u);
    ASSERT_EQ(tokens[0].next.has_value(), i % 3 != 0);
    if (!tokens[0].next)
      continue;
    EXPECT_EQ(tokens[0].next->token, i);
    EXPECT_EQ(tokens[0].next->probability, i % 3 == 1 ? 0.5f : 0.0f);
    EXPECT_EQ(tokens[0].next->candidates.size(), i % 3 == 1 ? 3u : 0u);
    EXPECT_EQ(tokens[0].next->figures.size(), i % 3 == 1 ? 1u : 0u);
  }
}

TEST(RoutingFeed, ComparesWithTheModelsOwnRule) {
  const routing::GateConfig gate{.experts = 4, .k = 2};
  routing::LayerFacts first;
  first.moeLayers = 1;
  first.experts = 4;
  first.k = 2;
  first.gate = &gate;
  const std::vector<routing::LayerFacts> facts{first};
  TrackShape shape = tests::shapeOf(1, 4, 2);
  shape.agreement = true;
  RoutingFeed feed({.shape = shape, .facts = facts});
  Event event = rowsAt(0, 3);
  event.ids = {0, 1, 0, 3, 2, 3}; // the gate's own choice is {0, 1}
  ASSERT_TRUE(feed.onRouter(event.of(0)));
  feed.flush();
  const auto tokens = drained(feed);
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens[0].agreement[0], 1.0f);
  EXPECT_EQ(tokens[1].agreement[0], 0.5f);
  EXPECT_EQ(tokens[2].agreement[0], 0.0f);
}

TEST(RoutingFeed, DropsRatherThanWaits) {
  RoutingFeed feed({.shape = tests::shapeOf(1, 4, 2)});
  constexpr int kMany = 20000; // more than the ring holds
  for (int i = 0; i < kMany; ++i)
    ASSERT_TRUE(feed.onRouter(rowsAt(i, 1).of(0)));
  feed.flush();
  const auto tokens = drained(feed);
  EXPECT_GT(feed.dropped(), 0);
  EXPECT_EQ(static_cast<std::int64_t>(tokens.size()) + feed.dropped(), kMany);
  Track track(tests::shapeOf(1, 4, 2));
  for (const TokenRouting& token : tokens)
    track.append(token);
  ASSERT_TRUE(feed.onRouter(rowsAt(kMany, 1).of(0)));
  feed.flush();
  track.append(drained(feed).front());
  EXPECT_FALSE(track.has(kMany - 1)) << "lost, and said so";
  EXPECT_TRUE(track.has(kMany));
}

} // namespace
} // namespace switchyard::studio
