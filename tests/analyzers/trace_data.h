#pragma once

#include <cstdint>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/trace/analyzer.h"

namespace switchyard::test {

/// Routing in memory, fed to analyzers as a reader would.
struct TraceData {
  std::vector<trace::LayerInfo> layers;
  std::vector<trace::SequenceInfo> sequences;
  struct Column {
    std::vector<std::uint16_t> ids;
    std::vector<float> weights, logits;
    std::vector<std::int32_t> predicted;
  };
  std::vector<std::vector<Column>> columns; ///< [sequence][layer]

  std::int64_t rows(std::size_t sequence, std::size_t layer) const {
    return static_cast<std::int64_t>(columns[sequence][layer].ids.size()) / layers[layer].k;
  }
  trace::RoutingBlock block(std::size_t sequence, std::size_t layer, std::int64_t first,
                            std::int64_t count) const {
    const Column& c = columns[sequence][layer];
    const auto part = [&](const auto& values, int width) {
      using T = typename std::decay_t<decltype(values)>::value_type;
      if (values.empty())
        return std::span<const T>();
      return std::span<const T>(values).subspan(static_cast<std::size_t>(first * width),
                                                static_cast<std::size_t>(count * width));
    };
    trace::RoutingBlock b;
    b.sequence = &sequences[sequence];
    b.moeLayer = static_cast<int>(layer);
    b.info = layers[layer];
    b.firstToken = first;
    b.rows = count;
    b.ids = part(c.ids, b.info.k);
    b.weights = part(c.weights, b.info.k);
    b.logits = part(c.logits, b.info.experts);
    b.predicted = part(c.predicted, 1);
    return b;
  }
  /// Feeds one sequence in ranges of `chunk` tokens, layer by layer.
  void feed(trace::Analyzer& analyzer, std::size_t sequence, std::int64_t chunk = 1 << 20) const {
    const std::int64_t length = rows(sequence, 0);
    for (std::int64_t first = 0; first < length; first += chunk) {
      for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto added =
            analyzer.add(block(sequence, layer, first, std::min(chunk, length - first)));
        ASSERT_TRUE(added) << added.error().describe();
      }
    }
  }
  void feedAll(trace::Analyzer& analyzer, std::int64_t chunk = 1 << 20) const {
    const auto begun = analyzer.begin(layers);
    ASSERT_TRUE(begun) << begun.error().describe();
    for (std::size_t s = 0; s < sequences.size(); ++s)
      feed(analyzer, s, chunk);
  }
};

inline nlohmann::json readJson(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  return nlohmann::json::parse(in);
}

inline nlohmann::json golden(const std::string& name) {
  return readJson(std::string(SY_TEST_DATA) + "/golden/statistics/" + name);
}

/// The trace of cooccurrence.json, one sequence per document.
inline TraceData cooccurrenceTrace(const nlohmann::json& file) {
  const auto& t = file["trace"];
  TraceData data;
  const int k = t["k"];
  for (int l = 0; l < t["layers"].get<int>(); ++l)
    data.layers.push_back({l, t["experts"], k});
  const std::vector<std::int32_t> tokens = t["token_ids"];
  std::int64_t start = 0;
  for (std::size_t d = 0; d < t["document_lengths"].size(); ++d) {
    const std::int64_t length = t["document_lengths"][d];
    trace::SequenceInfo s;
    s.index = static_cast<std::int64_t>(d);
    s.tokens.assign(tokens.begin() + start, tokens.begin() + start + length);
    s.promptLength = length;
    s.labels["domain"] = t["label_names"][t["document_labels"][d].get<std::size_t>()];
    data.sequences.push_back(s);
    data.columns.emplace_back();
    for (std::size_t l = 0; l < data.layers.size(); ++l) {
      const std::vector<std::uint16_t> ids = t["ids_" + std::to_string(l)];
      const std::vector<float> weights = t["weights_" + std::to_string(l)];
      TraceData::Column c;
      c.ids.assign(ids.begin() + start * k, ids.begin() + (start + length) * k);
      c.weights.assign(weights.begin() + start * k, weights.begin() + (start + length) * k);
      data.columns.back().push_back(c);
    }
    start += length;
  }
  return data;
}

/// |got - want| <= max(abs, rel |want|), and null means undefined.
inline void expectNear(const std::optional<double>& got, const nlohmann::json& want, double rel,
                       double abs, const std::string& what) {
  if (want.is_null()) {
    EXPECT_FALSE(got) << what << ": expected undefined, got " << got.value_or(0);
    return;
  }
  ASSERT_TRUE(got) << what << ": undefined, expected " << want;
  const double value = want;
  EXPECT_NEAR(*got, value, std::max(abs, rel * std::abs(value))) << what;
}

} // namespace switchyard::test
