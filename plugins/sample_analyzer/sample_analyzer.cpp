#include "core/plugin/sdk.hpp"

#include <algorithm>
#include <cstring>

namespace {

using namespace switchyard::sdk;

/// How often each expert is a token's first choice, layer by layer.
class FirstChoice final : public Analyzer<FirstChoice> {
public:
  explicit FirstChoice(const Options& options)
      : m_top(static_cast<std::size_t>(options.integer("top"))),
        m_generatedOnly(options.string("phase") == "generated") {}

  std::uint32_t wants() const override { return 0; }

  void begin(std::span<const Layer> layers) override {
    m_layers.assign(layers.begin(), layers.end());
    for (const Layer& layer : layers)
      m_counts.emplace_back(static_cast<std::size_t>(layer.experts), 0);
  }

  void add(const Block& block) override {
    std::vector<std::int64_t>& counts = m_counts.at(static_cast<std::size_t>(block.moeLayer));
    for (std::int64_t row = 0; row < block.rows; ++row) {
      if (m_generatedOnly && block.firstToken + row < block.sequence.promptLength())
        continue;
      const std::uint16_t first = block.ids[static_cast<std::size_t>(row * block.layer.k)];
      if (first != SY_NO_STORED_EXPERT)
        ++counts.at(first);
    }
  }

  void merge(const FirstChoice& other) override {
    if (other.m_counts.size() != m_counts.size())
      throw Failure("the two have seen different layers");
    for (std::size_t l = 0; l < m_counts.size(); ++l)
      for (std::size_t e = 0; e < m_counts[l].size(); ++e)
        m_counts[l][e] += other.m_counts.at(l).at(e);
  }

  /// The counts of all layers, one after the other.
  std::string save() const {
    std::string state;
    for (const auto& counts : m_counts)
      state.append(reinterpret_cast<const char*>(counts.data()), bytesOf(counts));
    return state;
  }

  void load(std::string_view state) {
    for (auto& counts : m_counts) {
      if (state.size() < bytesOf(counts))
        throw Failure("the state is of other layers");
      std::memcpy(counts.data(), state.data(), bytesOf(counts));
      state.remove_prefix(bytesOf(counts));
    }
    if (!state.empty())
      throw Failure("the state is of other layers");
  }

  Result result() const override {
    Result result;
    result.formula = "first-choice share = tokens whose rank-0 expert is e / tokens of the layer";
    result.filter = m_generatedOnly ? "generated tokens" : "all tokens";
    Table table{"first_choice",
                "Experts that are first choice most often",
                {{"layer", "", "Position in the stack."},
                 {"expert", "", "Expert id."},
                 {"tokens", "tokens", "Tokens that rank this expert first."},
                 {"share", "share", "Of the layer's tokens."}},
                {}};
    Heatmap map{{"expert", {}}, {"layer", {}}, {}, "share", std::nullopt, {}};
    const std::size_t width = widest();
    for (std::size_t e = 0; e < width; ++e)
      map.x.labels.push_back(std::to_string(e));
    double highest = 0;
    for (std::size_t l = 0; l < m_counts.size(); ++l) {
      host().checkCancelled();
      map.y.labels.push_back(std::to_string(m_layers[l].layer));
      const std::int64_t total = sum(m_counts[l]);
      for (std::size_t e = 0; e < width; ++e)
        map.values.push_back(e < m_counts[l].size() ? share(m_counts[l][e], total)
                                                    : std::numeric_limits<double>::quiet_NaN());
      for (const std::size_t e : ranking(m_counts[l])) {
        const double value = share(m_counts[l][e], total);
        table.rows.push_back({std::int64_t{m_layers[l].layer}, static_cast<std::int64_t>(e),
                              m_counts[l][e], total == 0 ? Cell() : Cell(value)});
        if (value > highest)
          highest = value;
      }
      if (total == 0)
        result.warnings.push_back("layer " + std::to_string(m_layers[l].layer) +
                                  " has seen no token");
    }
    result.tables.push_back(std::move(table));
    result.figures.push_back(
        {"first_choice", "First choices of each layer", result.formula, std::move(map)});
    result.headlines.push_back({"highest_share", "Highest first-choice share", highest, "share",
                                std::nullopt, 0.95, result.formula});
    return result;
  }

private:
  static std::size_t bytesOf(const std::vector<std::int64_t>& counts) {
    return counts.size() * sizeof(std::int64_t);
  }
  static std::int64_t sum(const std::vector<std::int64_t>& counts) {
    std::int64_t total = 0;
    for (const std::int64_t count : counts)
      total += count;
    return total;
  }
  static double share(std::int64_t count, std::int64_t total) {
    return total == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(count) / static_cast<double>(total);
  }
  std::size_t widest() const {
    std::size_t width = 0;
    for (const auto& counts : m_counts)
      width = std::max(width, counts.size());
    return width;
  }
  /// The most frequent experts, ties: lower id.
  std::vector<std::size_t> ranking(const std::vector<std::int64_t>& counts) const {
    std::vector<std::size_t> order(counts.size());
    for (std::size_t e = 0; e < order.size(); ++e)
      order[e] = e;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
    order.resize(std::min(order.size(), m_top));
    return order;
  }

  std::size_t m_top;
  bool m_generatedOnly;
  std::vector<Layer> m_layers;
  std::vector<std::vector<std::int64_t>> m_counts; ///< [layer][expert]
};

} // namespace

SY_PLUGIN("org.switchyard.sample-analyzer", "1.0.0", FirstChoice);
