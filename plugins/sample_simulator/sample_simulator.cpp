#include "core/plugin/sdk.hpp"

#include <algorithm>

namespace {

using namespace switchyard::sdk;

/// What loading experts costs when each layer keeps only those of its last step.
class LastStepCache final : public Simulator {
public:
  explicit LastStepCache(const Options& options) : m_overlap(options.number("overlap")) {}

  void begin(std::span<const Layer> layers, const Machine& machine) override {
    require("expert_bytes", machine.expert_bytes);
    require("load_bandwidth", machine.load_bandwidth);
    m_expertBytes = machine.expert_bytes;
    m_bandwidth = machine.load_bandwidth;
    m_latency = machine.load_latency;
    for (const Layer& layer : layers)
      m_state.push_back(
          {layer, std::vector<bool>(static_cast<std::size_t>(layer.experts), false), 0, 0, 0});
  }

  void add(const Block& event) override {
    State& state = m_state.at(static_cast<std::size_t>(event.moeLayer));
    std::vector<bool> needed(state.resident.size(), false);
    for (const std::uint16_t id : event.ids)
      if (id != SY_NO_STORED_EXPERT)
        needed.at(id) = true;
    for (std::size_t e = 0; e < needed.size(); ++e) {
      state.needed += needed[e] ? 1 : 0;
      state.loads += needed[e] && !state.resident[e] ? 1 : 0;
    }
    ++state.events;
    state.resident = std::move(needed);
  }

  Result result() const override {
    Result result;
    result.formula = "load time = latency + expert bytes / bandwidth for each expert that the "
                     "layer's step before did not use; the overlap is hidden behind compute";
    Table table{"loads",
                "Experts loaded",
                {{"layer", "", "Position in the stack."},
                 {"events", "", "Steps."},
                 {"needed", "experts", "Distinct experts that the steps needed."},
                 {"loads", "experts", "Of them, loaded."},
                 {"hit_rate", "share", "Of them, found in place; undefined without any."},
                 {"bytes", "bytes", "Loaded."},
                 {"stall", "s", "Waited for loads."}},
                {}};
    double stall = 0;
    for (const State& state : m_state) {
      const auto loads = static_cast<double>(state.loads);
      const double seconds = (1.0 - m_overlap) * loads * (m_latency + m_expertBytes / m_bandwidth);
      stall += seconds;
      table.rows.push_back(
          {std::int64_t{state.layer.layer}, state.events, state.needed, state.loads,
           state.needed == 0 ? Cell() : Cell(1.0 - loads / static_cast<double>(state.needed)),
           loads * m_expertBytes, seconds});
    }
    result.tables.push_back(std::move(table));
    result.headlines.push_back(
        {"stall", "Time waited for experts", stall, "s", std::nullopt, 0.95, result.formula});
    return result;
  }

private:
  struct State {
    Layer layer;
    std::vector<bool> resident;
    std::int64_t events, needed, loads;
  };

  double m_overlap;
  double m_expertBytes = 0, m_bandwidth = 0, m_latency = 0;
  std::vector<State> m_state;
};

} // namespace

SY_PLUGIN("org.switchyard.sample-simulator", "1.0.0", LastStepCache);
