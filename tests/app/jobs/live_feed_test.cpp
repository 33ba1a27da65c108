// Analyzers that are fed while the model runs give the bytes of a scan of the recorded trace.

#include <gtest/gtest.h>

#include "analyzers/coactivation/coactivation.h"
#include "analyzers/load/load.h"
#include "analyzers/report/json.h"
#include "analyzers/transitions/transitions.h"
#include "core/session/session.h"
#include "core/trace/live_feed.h"
#include "core/trace/recorder.h"
#include "core/trace/scan.h"
#include "tests/support/temp_folder.h"

namespace switchyard::jobs {
namespace {

struct Set {
  analyzers::Load load;
  analyzers::Coactivation coactivation;
  analyzers::Transitions transitions;
  std::vector<trace::Analyzer*> all() { return {&load, &coactivation, &transitions}; }
};

TEST(LiveFeed, GivesTheResultsOfAScanAtAnyTime) {
  const tests::TempFolder folder;
  const base::ThreadContext threads(2);
  const auto model = model::Model::load(SY_DATA "/demo-model", threads);
  ASSERT_TRUE(model) << model.error().describe();
  trace::TraceMeta meta;
  meta.stackLayers = (*model)->config().layers;
  meta.hidden = (*model)->config().hidden;
  meta.vocabulary = (*model)->config().vocabulary;
  for (int layer = 0; layer < 6; ++layer)
    meta.layers.push_back({layer, 32, 4});
  const trace::Columns columns{.weights = true, .logits = true};
  auto writer = trace::TraceWriter::create(folder / "t.swy", meta, columns);
  ASSERT_TRUE(writer) << writer.error().describe();
  trace::TraceRecorder recorder(**writer);
  Set live;
  auto feed = trace::LiveFeed::create(meta.layers, live.all());
  ASSERT_TRUE(feed) << feed.error().describe();
  hooks::Observer* const observers[] = {&recorder, feed->get()};

  for (std::int64_t index = 0; index < 3; ++index) {
    std::vector<base::TokenId> tokens;
    trace::SequenceInfo info;
    info.index = index;
    info.id = "s" + std::to_string(index);
    for (int i = 0; i < 40; ++i) {
      tokens.emplace_back(static_cast<std::int32_t>((index * 977 + i * 131) % 4096));
      info.tokens.push_back(tokens.back().value);
    }
    info.promptLength = 40;
    ASSERT_TRUE(recorder.beginSequence(info));
    (*feed)->beginSequence(info);
    auto session = session::Session::create(*model, threads, {.chunk = 16});
    ASSERT_TRUE(session->extend(tokens, observers));
    ASSERT_TRUE(recorder.endSequence());
    EXPECT_TRUE(live.load.result()); // any time
  }
  ASSERT_TRUE((*writer)->finish());

  const auto trace = trace::Trace::open(folder / "t.swy");
  ASSERT_TRUE(trace) << trace.error().describe();
  Set scanned;
  ASSERT_TRUE(trace::scan(*trace, scanned.all(), threads));
  const auto a = live.all();
  const auto b = scanned.all();
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(analyzers::report::toJson(*a[i]->result()),
              analyzers::report::toJson(*b[i]->result()));
}

TEST(LiveFeed, ALayerThatWasNotAnnouncedIsRefused) {
  analyzers::Load load;
  trace::Analyzer* const list[] = {&load};
  auto feed = trace::LiveFeed::create({{0, 8, 2}}, list);
  ASSERT_TRUE(feed);
  hooks::RouterEvent event;
  event.layer = base::LayerId(3);
  event.experts = 8;
  event.k = 2;
  EXPECT_FALSE((*feed)->onRouter(event));
}

} // namespace
} // namespace switchyard::jobs
