// Published routing statistics of real models, recomputed by our analyzers. The data may not be
// copied into the repository: without the folder these tests are skipped.

#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "analyzers/coactivation/coactivation.h"
#include "analyzers/load/load.h"
#include "analyzers/specialization/label_counts.h"
#include "analyzers/transitions/transitions.h"
#include "tests/analyzers/trace_data.h"
#include "tests/support/npy.h"

namespace switchyard::analyzers {
namespace {

using nlohmann::json;
using test::TraceData;

std::string realData(const std::string& folder) {
  return std::string(SY_SHARED) + "/real-data/" + folder;
}

#define REQUIRE_REAL_DATA(folder)                                                                  \
  if (!std::filesystem::exists(realData(folder)))                                                  \
  GTEST_SKIP() << "*** NOT TESTED: the published data in " << realData(folder) << " is not here ***"

/// Rows [first, last) of a gpt-oss-20b array file as a trace of one sequence.
TraceData gptOss(const std::map<std::string, test::NpyArray>& file, std::int64_t first,
                 std::int64_t last) {
  constexpr int kLayers = 24, kExperts = 32, kTop = 4;
  const auto experts = file.at("experts").as<std::uint16_t>();
  const auto probs = file.at("probs").as<float>();
  TraceData data;
  trace::SequenceInfo info;
  info.tokens.resize(static_cast<std::size_t>(last - first));
  data.sequences = {info};
  data.columns.resize(1);
  for (int l = 0; l < kLayers; ++l) {
    data.layers.push_back({l, kExperts, kTop});
    TraceData::Column c;
    for (std::int64_t t = first; t < last; ++t) {
      const auto at = (t * kLayers + l) * kTop;
      c.ids.insert(c.ids.end(), experts.begin() + at, experts.begin() + at + kTop);
      c.weights.insert(c.weights.end(), probs.begin() + at, probs.begin() + at + kTop);
    }
    data.columns[0].push_back(c);
  }
  return data;
}

TEST(RealData, gptOssCountsAndProbabilitySumsEqualThePublishedSummaries) {
  REQUIRE_REAL_DATA("gpt-oss-20b-traces");
  const std::string folder = realData("gpt-oss-20b-traces");
  int parts = 0;
  for (const json& entry : test::readJson(folder + "/index.json")) {
    if (entry.value("sample_count_in_summary", 0) != 1)
      continue;
    const std::string name = entry["file"];
    const json summary = test::readJson(folder + "/" + name + ".published-summary.json");
    const auto file = test::readNpz(folder + "/" + name + ".npz");
    for (const auto& [part, check] : entry["check_vs_published_summary"].items()) {
      Load load;
      gptOss(file, check["rows"][0], check["rows"][1]).feedAll(load, 50);
      const double tokens = summary["num_" + part + "_tokens"];
      for (std::size_t l = 0; l < 24; ++l) {
        const json& published = summary[part + "_expert_analytics"]["layer_" + std::to_string(l)];
        const LayerLoad got = load.layer(l);
        for (int e = 0; e < 32; ++e) {
          const auto at = static_cast<std::size_t>(e);
          const json row = published.value(std::to_string(e),
                                           json{{"count_frequency", 0.0}, {"prob_density", 0.0}});
          EXPECT_EQ(got.counts[at], std::llround(row["count_frequency"].get<double>() * tokens));
          EXPECT_EQ(got.gateMass[at] / tokens, row["prob_density"].get<double>())
              << name << " " << part << " layer " << l << " expert " << e;
        }
      }
      ++parts;
    }
  }
  EXPECT_GE(parts, 20);
}

TEST(RealData, gptOssPairsAgainstPlainLoops) {
  REQUIRE_REAL_DATA("gpt-oss-20b-traces");
  const auto file =
      test::readNpz(realData("gpt-oss-20b-traces") + "/mmlu_test_one_per_subject.npz");
  const TraceData data = gptOss(file, 0, 10463);
  Coactivation c;
  data.feedAll(c, 4096);
  for (std::size_t l : {std::size_t{0}, std::size_t{23}}) {
    const LayerPairs got = c.layer(l);
    const auto& ids = data.columns[0][l].ids;
    for (int i = 0; i < 32; ++i) {
      for (int j = 0; j < 32; ++j) {
        std::int64_t both = 0;
        for (std::size_t t = 0; t < ids.size(); t += 4) {
          const auto has = [&](int e) { return std::count(&ids[t], &ids[t] + 4, e) > 0; };
          both += has(i) && has(j);
        }
        ASSERT_EQ(got.of(i, j).both, both) << i << " " << j;
      }
    }
  }
}

class PaperRouting : public testing::TestWithParam<const char*> {};

TEST_P(PaperRouting, crossLayerMarginsEqualTheCountsOfBothLayers) {
  REQUIRE_REAL_DATA("olmoe-paper-routing");
  const std::string base = realData("olmoe-paper-routing") + "/" + GetParam();
  const json counts = test::readJson(base + ".expert_counts.json");
  const int experts = counts["num_experts"];
  int matrices = 0;
  for (const auto& [name, array] : test::readNpz(base + ".crosslayer_counts.npz")) {
    // expert_counts_crosslayer[_top1]__<domain>__L<a>_L<b>
    const std::size_t domainAt = name.find("__") + 2, layersAt = name.rfind("__L");
    const std::string domain = name.substr(domainAt, layersAt - domainAt);
    const std::size_t split = name.find("_L", layersAt + 3);
    const std::string from = name.substr(layersAt + 3, split - layersAt - 3);
    const std::string to = name.substr(split + 2);
    const json& kind =
        counts["counts"]
              [name.find("_top1") != std::string::npos ? "expert_counts_top1" : "expert_counts"];
    // Pairs of equal rank are the transitions of a top-1 model: one row for each.
    TraceData data;
    data.layers = {{std::stoi(from), experts, 1}, {std::stoi(to), experts, 1}};
    data.columns = {{TraceData::Column{}, TraceData::Column{}}};
    const auto matrix = array.as<std::int64_t>();
    for (std::size_t c = 0; c < matrix.size(); ++c) {
      const auto n = static_cast<std::size_t>(matrix[c]);
      const auto i = static_cast<std::uint16_t>(c / static_cast<std::size_t>(experts));
      const auto j = static_cast<std::uint16_t>(c % static_cast<std::size_t>(experts));
      data.columns[0][0].ids.insert(data.columns[0][0].ids.end(), n, i);
      data.columns[0][1].ids.insert(data.columns[0][1].ids.end(), n, j);
    }
    data.sequences.emplace_back();
    Load load;
    Transitions transitions({.crossToken = false});
    data.feedAll(load, 5000);
    data.feedAll(transitions, 5000);
    EXPECT_EQ(load.layer(0).counts, kind[domain][from].get<std::vector<std::int64_t>>()) << name;
    EXPECT_EQ(load.layer(1).counts, kind[domain][to].get<std::vector<std::int64_t>>()) << name;
    const TransitionTable table = transitions.crossLayer(0);
    EXPECT_TRUE(std::ranges::equal(
        table.counts, matrix, [](auto a, auto b) { return static_cast<std::int64_t>(a) == b; }));
    ++matrices;
  }
  EXPECT_EQ(matrices, 20);
}

INSTANTIATE_TEST_SUITE_P(Models, PaperRouting, testing::Values("olmoe-1b-7b", "mixtral-8x7b-v0.1"));

/// Shares of one layer of a counts file.
LabelSpecialization published(const json& file, const std::string& layer) {
  LabelSpecialization s;
  s.experts = file["num_experts"];
  s.k = file["top_k"];
  for (const auto& [domain, layers] : file["counts"]["expert_counts"].items()) {
    LabelLayer row;
    row.counts = layers[layer].get<std::vector<std::int64_t>>();
    for (std::int64_t n : row.counts)
      row.tokens += n;
    row.tokens /= s.k;
    row.first.resize(row.counts.size());
    s.labels.push_back(domain);
    s.rows.push_back(row);
  }
  return s;
}

TEST(RealData, specializationFiguresOfOlmoeAndMixtral) {
  REQUIRE_REAL_DATA("olmoe-paper-routing");
  const std::string folder = realData("olmoe-paper-routing");
  const json olmoe = test::readJson(folder + "/olmoe-1b-7b.expert_counts.json");
  const LabelSpecialization first = published(olmoe, "0"), last = published(olmoe, "15");
  const auto label = [](const LabelSpecialization& s, const char* name) {
    return static_cast<std::size_t>(std::ranges::find(s.labels, name) - s.labels.begin());
  };
  EXPECT_EQ(first.rows[label(first, "arxiv")].tokens, 208896);
  EXPECT_NEAR(*first.share(label(first, "arxiv"), 0), .977, 5e-4);
  EXPECT_NEAR(*last.share(label(last, "arxiv"), 17), .937, 5e-4);
  EXPECT_NEAR(*first.lift(label(first, "arxiv"), 0), .977 * 8, 4e-3);

  const json mixtral = test::readJson(folder + "/mixtral-8x7b-v0.1.expert_counts.json");
  const LabelSpecialization m = published(mixtral, "0");
  double busiest = 0;
  for (std::size_t e = 0; e < 8; ++e)
    busiest = std::max(busiest, *m.share(label(m, "arxiv"), e));
  EXPECT_NEAR(busiest, .317, 5e-4);

  // The paper's contrast: OLMoE's domains differ far more in routing than Mixtral's.
  EXPECT_GT(*first.distance(label(first, "arxiv"), label(first, "github")),
            2 * *m.distance(label(m, "arxiv"), label(m, "github")));
  EXPECT_GT(*first.mutualInformation(), 5 * *m.mutualInformation());
}

TEST(RealData, mixtralTablesHaveTheStatedTotals) {
  REQUIRE_REAL_DATA("mixtral-small");
  const test::NpyArray frequencies =
      test::readNpy(realData("mixtral-small") + "/expert_frequencies.npy");
  EXPECT_EQ(frequencies.shape, (std::vector<std::int64_t>{32, 8}));
  const json fiddler =
      test::readJson(realData("mixtral-small") +
                     "/fiddler_mixtral_8x7b_original_expert_popularity_machine_learning.json");
  ASSERT_EQ(fiddler["expert_popularity"].size(), 32u);
  for (const json& layer : fiddler["expert_popularity"]) {
    const auto c = concentrationOf(layer.get<std::vector<std::int64_t>>());
    EXPECT_EQ(c.total, 9466);
    EXPECT_EQ(c.dead, 0);
    EXPECT_LE(*c.normalisedEntropy, 1.0);
  }
}

} // namespace
} // namespace switchyard::analyzers
