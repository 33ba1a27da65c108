#include "core/trace/doctor.h"

#include <cmath>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/trace/synthetic.h"

namespace switchyard::trace {
namespace {

using namespace switchyard::trace::testing;

DoctorReport checkup(const std::filesystem::path& path, int threads = 2) {
  const auto report = checkTrace(path, base::ThreadContext(threads));
  EXPECT_TRUE(report) << report.error().describe();
  return report.value_or(DoctorReport{});
}

Finding findingOf(const DoctorReport& report, std::string_view check) {
  for (const Finding& finding : report.findings)
    if (finding.check == check)
      return finding;
  ADD_FAILURE() << "no finding '" << check << "'";
  return {};
}

std::string badChecks(const DoctorReport& report) {
  std::string all;
  for (const Finding& finding : report.findings)
    if (finding.verdict != Verdict::Good)
      all += finding.check + " ";
  return all;
}

/// A trace whose rows are what a softmax gate with renormalised weights would give, except for what
/// `spoil` changes.
struct Gate {
  std::vector<std::int32_t> ids;
  std::vector<float> weights, logits;
};
using Spoil = std::function<void(Gate&, int layer, std::int64_t row)>;

constexpr int kLayers = 3, kExperts = 16, kTop = 4;
constexpr std::int64_t kTokens = 200;

Gate gateOf(int layer, std::int64_t row) {
  Gate gate;
  for (int e = 0; e < kExperts; ++e)
    gate.logits.push_back(logitOf(0, layer, row, e) / 4);
  std::vector<int> order(kExperts);
  for (int e = 0; e < kExperts; ++e)
    order[static_cast<std::size_t>(e)] = e;
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return gate.logits[static_cast<std::size_t>(a)] > gate.logits[static_cast<std::size_t>(b)];
  });
  float sum = 0;
  for (int slot = 0; slot < kTop; ++slot) {
    const int e = order[static_cast<std::size_t>(slot)];
    gate.ids.push_back(e);
    gate.weights.push_back(std::exp(gate.logits[static_cast<std::size_t>(e)]));
    sum += gate.weights.back();
  }
  for (float& weight : gate.weights)
    weight /= sum;
  return gate;
}

DoctorReport diagnose(const Spoil& spoil, const std::function<void(TraceMeta&)>& change = {}) {
  const TemporaryFolder folder;
  Shape shape;
  shape.stackLayers = 4;
  shape.layers.clear();
  for (int l = 0; l < kLayers; ++l)
    shape.layers.push_back({.layer = l + 1, .experts = kExperts, .k = kTop});
  TraceMeta meta = metaOf(shape);
  meta.gate = GateKind::Softmax;
  meta.weightsSumToOne = true;
  if (change)
    change(meta);
  auto writer = TraceWriter::create(folder / "t.swy", meta, {.weights = true, .logits = true});
  EXPECT_TRUE(writer);
  for (std::int64_t s = 0; s < 3; ++s) {
    SequenceInfo info;
    info.index = s;
    EXPECT_TRUE((*writer)->beginSequence(info));
    std::vector<std::int32_t> tokens;
    for (std::int64_t r = 0; r < kTokens; ++r) {
      tokens.push_back(static_cast<std::int32_t>(r % 40));
      for (int l = 0; l < kLayers; ++l) {
        Gate gate = gateOf(l, s * kTokens + r);
        if (spoil)
          spoil(gate, l, r);
        const auto added = (*writer)->addRouting(
            l, {.rows = 1, .ids = gate.ids, .weights = gate.weights, .logits = gate.logits});
        EXPECT_TRUE(added) << added.error().describe();
      }
    }
    EXPECT_TRUE((*writer)->endSequence(tokens, kTokens));
  }
  EXPECT_TRUE((*writer)->finish());
  const DoctorReport one = checkup(folder / "t.swy", 1);
  const DoctorReport many = checkup(folder / "t.swy", 8);
  for (std::size_t i = 0; i < one.findings.size(); ++i)
    EXPECT_EQ(one.findings[i].evidence, many.findings[i].evidence);
  return one;
}

TEST(TraceDoctor, SoundTrace) {
  const DoctorReport report = diagnose({});
  EXPECT_EQ(report.verdict(), Verdict::Good) << badChecks(report);
  EXPECT_GE(report.findings.size(), 20u);
}

TEST(TraceDoctor, RepeatedExperts) {
  const DoctorReport report = diagnose([](Gate& gate, int layer, std::int64_t row) {
    if (layer == 1 && row == 17)
      gate.ids[3] = gate.ids[0];
  });
  const Finding finding = findingOf(report, "repeated-experts");
  EXPECT_EQ(finding.verdict, Verdict::Bad);
  EXPECT_EQ(finding.count, 3);
  EXPECT_THAT(finding.evidence, ::testing::HasSubstr("first at sequence 0, token 17, layer 2"));
  EXPECT_FALSE(finding.remedy.empty());
}

TEST(TraceDoctor, ZeroArraysAreDenseLayers) {
  const DoctorReport report = diagnose([](Gate& gate, int layer, std::int64_t) {
    if (layer == 0)
      gate.ids.assign(kTop, 0);
  });
  EXPECT_EQ(findingOf(report, "dense-layers").verdict, Verdict::Bad);
  EXPECT_EQ(findingOf(report, "dense-layers").evidence, "every id is 0: layers 1");
}

TEST(TraceDoctor, ConstantAndIdenticalLayers) {
  const DoctorReport constant = diagnose([](Gate& gate, int layer, std::int64_t) {
    if (layer == 2)
      gate.ids = {5, 3, 2, 9};
  });
  EXPECT_EQ(findingOf(constant, "constant-layers").evidence,
            "every token has the same experts: layers 3");
  const DoctorReport identical = diagnose([](Gate& gate, int layer, std::int64_t row) {
    if (layer > 0)
      gate.ids = {static_cast<std::int32_t>(row % 7), 8, 9, 10};
  });
  EXPECT_EQ(findingOf(identical, "identical-layers").evidence,
            "every row equals that of the MoE layer before: layers 3");
}

TEST(TraceDoctor, RoutesThatAreNone) {
  const DoctorReport report = diagnose([](Gate& gate, int, std::int64_t row) {
    if (row < 5)
      gate.ids.assign(kTop, -1);
    if (row == 199)
      gate.ids = {0, 1, 2, 3};
  });
  EXPECT_EQ(findingOf(report, "missing-routes").count, 15);
  EXPECT_EQ(findingOf(report, "default-routes").count, 3);
  EXPECT_EQ(findingOf(report, "default-routes").verdict, Verdict::Suspect);
}

TEST(TraceDoctor, WiderThanTheModel) {
  const DoctorReport report = diagnose([](Gate& gate, int, std::int64_t) { gate.ids[3] = -1; });
  EXPECT_EQ(findingOf(report, "k-mismatch").count, 3);
}

TEST(TraceDoctor, RepeatedPositions) {
  Gate previous[kLayers];
  const DoctorReport report = diagnose([&](Gate& gate, int layer, std::int64_t row) {
    if (row % 2 == 1)
      gate = previous[layer];
    previous[layer] = gate;
  });
  EXPECT_EQ(findingOf(report, "repeated-positions").verdict, Verdict::Suspect);
  EXPECT_EQ(findingOf(report, "repeated-positions").count, 300);
}

TEST(TraceDoctor, LayerOffset) {
  const DoctorReport report = diagnose([](Gate& gate, int layer, std::int64_t row) {
    if (layer + 1 < kLayers)
      gate.ids = gateOf(layer + 1, row).ids;
    gate.logits = gateOf(layer, row).logits;
  });
  EXPECT_EQ(
      findingOf(report, "layer-offset").evidence,
      "experts agree with the logits of a neighbouring layer, not with their own: layers 1, 2");
}

TEST(TraceDoctor, ProbabilitiesForLogits) {
  const DoctorReport report = diagnose([](Gate& gate, int, std::int64_t) {
    float sum = 0;
    for (float& logit : gate.logits)
      sum += logit = std::exp(logit);
    for (float& logit : gate.logits)
      logit /= sum;
  });
  EXPECT_EQ(findingOf(report, "probabilities-as-logits").count, 3);
  EXPECT_EQ(findingOf(report, "weights-of-logits").verdict, Verdict::Suspect);
}

TEST(TraceDoctor, Numbers) {
  const DoctorReport report = diagnose([](Gate& gate, int layer, std::int64_t row) {
    if (layer == 0 && row == 3)
      gate.logits[5] = std::nanf("");
    if (layer == 1 && row == 4)
      gate.weights[2] = INFINITY;
    if (layer == 2)
      gate.weights[1] *= 1.5f;
  });
  EXPECT_EQ(findingOf(report, "non-finite").count, 6);
  EXPECT_EQ(findingOf(report, "weights-sum").count, 600);
  EXPECT_EQ(findingOf(report, "weights-of-logits").count, 600);
  EXPECT_GT(findingOf(report, "rank-order").count, 0);
}

TEST(TraceDoctor, WeightsOfSigmoidGates) {
  const auto sigmoid = [](TraceMeta& meta) {
    meta.gate = GateKind::Sigmoid;
    meta.weightsSumToOne = false;
  };
  const DoctorReport sound = diagnose(
      [](Gate& gate, int, std::int64_t) {
        for (std::size_t slot = 0; slot < kTop; ++slot)
          gate.weights[slot] =
              2.5f / (1 + std::exp(-gate.logits[static_cast<std::size_t>(gate.ids[slot])]));
      },
      sigmoid);
  EXPECT_EQ(sound.verdict(), Verdict::Good) << badChecks(sound);
  EXPECT_EQ(findingOf(diagnose({}, sigmoid), "weights-of-logits").verdict, Verdict::Suspect);
}

TEST(TraceDoctor, TokensAndIdSpace) {
  const DoctorReport report = diagnose({}, [](TraceMeta& meta) {
    meta.vocabulary = 30;
    meta.idSpace = IdSpace::Physical;
  });
  EXPECT_EQ(findingOf(report, "token-range").count, 150);
  EXPECT_EQ(findingOf(report, "physical-ids").verdict, Verdict::Suspect);
}

TEST(TraceDoctor, RowsOfTokens) {
  const TemporaryFolder folder;
  Shape shape;
  shape.layers = {{.layer = 0, .experts = 8, .k = 2}};
  auto writer = TraceWriter::create(folder / "t.swy", metaOf(shape), {});
  for (std::int64_t s = 0; s < 3; ++s) {
    SequenceInfo info;
    info.index = s;
    ASSERT_TRUE((*writer)->beginSequence(info));
    ASSERT_TRUE(
        (*writer)->addRouting(0, {.rows = 2, .ids = std::vector<std::int32_t>{0, 1, 2, 3}}));
    ASSERT_TRUE(
        (*writer)->endSequence(std::vector<std::int32_t>(static_cast<std::size_t>(s + 2)), 1));
  }
  ASSERT_TRUE((*writer)->finish());
  const DoctorReport report = checkup(folder / "t.swy");
  EXPECT_EQ(findingOf(report, "last-token").verdict, Verdict::Note);
  EXPECT_EQ(findingOf(report, "last-token").count, 1);
  EXPECT_EQ(findingOf(report, "rows-of-tokens").verdict, Verdict::Suspect);
  EXPECT_EQ(findingOf(report, "rows-of-tokens").count, 1);
}

TEST(TraceDoctor, IncompleteRecording) {
  const TemporaryFolder folder;
  auto writer = TraceWriter::create(folder / "t.swy", metaOf({}), {});
  ASSERT_TRUE(record(**writer, 0));
  ASSERT_TRUE((*writer)->stop());
  const DoctorReport report = checkup(folder / "t.swy");
  EXPECT_EQ(report.verdict(), Verdict::Note) << badChecks(report);
  EXPECT_THAT(findingOf(report, "complete").remedy, ::testing::HasSubstr("--resume"));
}

TEST(TraceDoctor, Cancel) {
  const TemporaryFolder folder;
  recordAll(folder / "t.swy", {}, {}, 3);
  std::stop_source stop;
  stop.request_stop();
  base::RunControl control;
  control.stop = stop.get_token();
  const auto report = checkTrace(folder / "t.swy", base::ThreadContext(2), {}, control);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, base::ErrorCode::Cancelled);
}

} // namespace
} // namespace switchyard::trace
