#include "analyzers/agreement/agreement.h"

#include "plugins/common/convert.h"

namespace {

using namespace switchyard;

/// Routing agreement of a trace with a reference trace over the same tokens.
class Agreement final : public sdk::Analyzer<Agreement> {
public:
  explicit Agreement(const sdk::Options& options)
      : m_inner({.probabilities = options.string("probabilities") == "sigmoid"
                                      ? analyzers::Probabilities::Sigmoid
                                      : analyzers::Probabilities::Softmax}) {}

  std::uint32_t wants() const override { return SY_COLUMN_WEIGHTS | SY_COLUMN_LOGITS; }

  void begin(std::span<const sdk::Layer> layers) override {
    const auto own = plugins::layersOf(layers);
    plugins::check(m_inner.begin(own, own));
  }

  void add(const sdk::Block& block) override {
    const auto reference = block.reference();
    if (!reference)
      throw sdk::Failure(
          "agreement compares two traces of the same tokens: name the second one (--reference)");
    if (reference->layer.experts != block.layer.experts || reference->layer.k != block.layer.k)
      throw sdk::Failure("the two traces have different numbers of experts at layer " +
                         std::to_string(block.layer.layer));
    plugins::check(m_inner.add(m_reader.read(block), m_referenceReader.read(*reference)));
  }

  void merge(const Agreement& other) override { plugins::check(m_inner.merge(other.m_inner)); }
  std::string save() const { return analyzers::saveState(m_inner); }
  void load(std::string_view state) {
    plugins::check(analyzers::loadState(m_inner, state, "agreement"));
  }

  sdk::Result result() const override {
    return plugins::resultOf(plugins::valueOr(m_inner.result()));
  }

private:
  analyzers::Agreement m_inner;
  plugins::BlockReader m_reader, m_referenceReader;
};

} // namespace

SY_PLUGIN("org.switchyard.agreement", "1.0.0", Agreement);
