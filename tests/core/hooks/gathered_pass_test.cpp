// Observers behind a gatherer see what they would see without one, later.

#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hooks/gathered_pass.h"

namespace switchyard::hooks {
namespace {

using ::testing::IsEmpty;

constexpr int kLayers[] = {1, 3, 4}; ///< a dense layer stands between

/// Writes down all it is shown.
class Diary final : public Observer {
public:
  explicit Diary(PointSet points = Point::TopK | Point::Weights) : m_points(points) {}
  PointSet wants() const override { return m_points; }
  base::Result<void> onRouter(const RouterEvent& event) override {
    std::string text = fmt::format("layer {} E{} k{}", event.layer.value, event.experts, event.k);
    for (const RowInfo& row : event.rows)
      text += fmt::format(" row {}:{}:{}", row.sequence.value, row.position.value, row.token.value);
    for (const std::int32_t id : event.ids)
      text += fmt::format(" {}", id);
    for (const auto& values : {event.input, event.logits, event.probs, event.biasedScores,
                               event.rawWeights, event.weights, event.norms, event.output})
      text += fmt::format(" [{}]", fmt::join(values, " "));
    return add(text);
  }
  base::Result<void> onHidden(const HiddenEvent& event) override {
    return add(fmt::format("hidden {}", event.index));
  }
  base::Result<void> onLmLogits(const LmLogitsEvent&) override { return add("lm"); }

  std::vector<std::string> entries;
  std::size_t most = 1000; ///< more are an error

private:
  base::Result<void> add(std::string text) {
    if (entries.size() == most)
      return base::fail(base::ErrorCode::Io, "the diary is full");
    entries.push_back(std::move(text));
    return {};
  }
  PointSet m_points;
};

/// What a layer of a model shows; all memory is changed afterwards.
base::Result<void> route(Observer& observer, int layer, std::int64_t first, std::int64_t rows) {
  std::vector<RowInfo> infos;
  for (std::int64_t r = first; r < first + rows; ++r)
    infos.push_back({base::SequenceId(2), base::TokenPos(r), base::TokenId(7)});
  const float value = static_cast<float>(10 * layer) + static_cast<float>(first);
  std::vector<std::int32_t> ids(static_cast<std::size_t>(2 * rows), layer);
  std::vector<float> logits(static_cast<std::size_t>(4 * rows), value), weights(ids.size(), value),
      norms(ids.size(), value + 0.5f), wide(static_cast<std::size_t>(3 * rows), value);
  RouterEvent event;
  event.layer = base::LayerId(layer);
  event.rows = infos;
  event.experts = 4;
  event.k = 2;
  event.ids = ids;
  event.logits = logits;
  event.weights = weights;
  event.norms = norms;
  if (contains(observer.wants(), Point::MoeOutput))
    event.input = event.output = wide;
  const auto shown = observer.onRouter(event);
  infos.assign(infos.size(), {});
  for (auto* values : {&logits, &weights, &norms, &wide})
    values->assign(values->size(), -1.0f);
  ids.assign(ids.size(), -1);
  return shown;
}

void pass(Observer& observer, std::int64_t first, std::int64_t rows, bool hidden = false) {
  observer.wants();
  for (const int layer : kLayers) {
    if (hidden) {
      HiddenEvent event;
      event.index = layer;
      ASSERT_TRUE(observer.onHidden(event));
    }
    ASSERT_TRUE(route(observer, layer, first, rows));
  }
  ASSERT_TRUE(observer.onLmLogits({}));
}

TEST(GatheredPass, EachObserverSeesWhatItWouldSeeWithout) {
  for (const PointSet points : {Point::TopK | Point::Weights, Point::TopK | Point::MoeOutput})
    for (const bool hidden : {false, true}) {
      Diary plain(points), first(points), second(points);
      Observer* const both[] = {&first, &second};
      GatheredPass gathered(both, base::LayerId(4));
      EXPECT_EQ(gathered.wants(), points);
      for (Observer* observer :
           {static_cast<Observer*>(&plain), static_cast<Observer*>(&gathered)}) {
        pass(*observer, 0, 3, hidden);
        pass(*observer, 3, 1, hidden);
        pass(*observer, 4, 1, hidden);
        pass(*observer, 5, 2, hidden);
      }
      EXPECT_EQ(plain.entries.size(), hidden ? 28u : 16u);
      EXPECT_EQ(first.entries, plain.entries);
      EXPECT_EQ(second.entries, plain.entries);
    }
}

TEST(GatheredPass, ShowsARowWhenItsLastLayerHasBeenRouted) {
  Diary diary;
  Observer* const one[] = {&diary};
  GatheredPass gathered(one, base::LayerId(4));
  gathered.wants();
  ASSERT_TRUE(route(gathered, 1, 0, 1));
  ASSERT_TRUE(route(gathered, 3, 0, 1));
  EXPECT_THAT(diary.entries, IsEmpty());
  ASSERT_TRUE(route(gathered, 4, 0, 1));
  EXPECT_EQ(diary.entries.size(), 3u);
}

TEST(GatheredPass, DropsWhatAFailedPassLeft) {
  Diary diary, plain;
  Observer* const one[] = {&diary};
  GatheredPass gathered(one, base::LayerId(4));
  gathered.wants();
  ASSERT_TRUE(route(gathered, 1, 0, 1));
  ASSERT_TRUE(route(gathered, 3, 0, 1)); // and no more
  pass(gathered, 0, 1);
  pass(plain, 0, 1);
  EXPECT_EQ(diary.entries, plain.entries);
}

TEST(GatheredPass, PassesErrorsOn) {
  Diary diary;
  diary.most = 1;
  Observer* const one[] = {&diary};
  GatheredPass gathered(one, base::LayerId(3));
  gathered.wants();
  ASSERT_TRUE(route(gathered, 1, 0, 1));
  const auto shown = route(gathered, 3, 0, 1);
  ASSERT_FALSE(shown);
  EXPECT_EQ(shown.error().message, "the diary is full");
}

} // namespace
} // namespace switchyard::hooks
