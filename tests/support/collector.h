#pragma once

#include <map>
#include <vector>

#include "core/hooks/observer.h"

namespace switchyard::tests {

/// Keeps everything a forward pass reports, per layer, rows in order of arrival.
class Collector : public hooks::Observer {
public:
  struct Layer {
    std::vector<float> input, logits, probs, biased, weights, rawWeights, norms, output;
    std::vector<std::int64_t> ids;
  };

  explicit Collector(hooks::PointSet points) : m_points(points) {}

  hooks::PointSet wants() const override { return m_points; }

  base::Result<void> onRouter(const hooks::RouterEvent& event) override {
    Layer& layer = layers[event.layer.value];
    const auto append = [](auto& to, const auto& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(layer.input, event.input);
    append(layer.logits, event.logits);
    append(layer.probs, event.probs);
    append(layer.biased, event.biasedScores);
    append(layer.ids, event.ids);
    append(layer.weights, event.weights);
    append(layer.rawWeights, event.rawWeights);
    append(layer.norms, event.norms);
    append(layer.output, event.output);
    return {};
  }

  base::Result<void> onHidden(const hooks::HiddenEvent& event) override {
    auto& values = hidden[event.index];
    values.insert(values.end(), event.values.begin(), event.values.end());
    return {};
  }

  base::Result<void> onLmLogits(const hooks::LmLogitsEvent& event) override {
    lmLogits.insert(lmLogits.end(), event.logits.begin(), event.logits.end());
    return {};
  }

  std::map<int, Layer> layers;
  std::map<int, std::vector<float>> hidden;
  std::vector<float> lmLogits;

private:
  hooks::PointSet m_points;
};

} // namespace switchyard::tests
