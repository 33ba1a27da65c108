#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "core/base/rng.h"
#include "core/plugin/adapters.h"
#include "core/plugin/conformance_suites.h"
#include "core/plugin/made_up_trace.h"

namespace switchyard::plugin {

namespace {

/// A result may take this long once it has been told to stop.
constexpr std::chrono::seconds kCancelLimit{2};
constexpr const char* kNotFinite = "not finite; shown as undefined";

class Dump {
public:
  std::string text;

  void add(const std::string& value) {
    text += value;
    text += '\n';
  }
  void add(double value) {
    std::uint64_t bits = 0;
    if (std::isnan(value))
      bits = 0x7ff8000000000000u;
    else
      std::memcpy(&bits, &value, sizeof(bits));
    text += fmt::format("{:016x}\n", bits);
  }
  void add(const trace::Cell& cell) {
    if (const auto* integer = std::get_if<std::int64_t>(&cell))
      text += fmt::format("i{}\n", *integer);
    else if (const auto* number = std::get_if<double>(&cell))
      add(*number);
    else if (const auto* word = std::get_if<std::string>(&cell))
      add(*word);
    else
      text += "-\n";
  }
  void add(const std::vector<std::string>& words) {
    for (const std::string& word : words)
      add(word);
  }
  void add(const trace::Heatmap& map) {
    add(map.x.labels);
    add(map.y.labels);
    for (const double value : map.values)
      add(value);
    for (const auto& merge : map.merges)
      text += fmt::format("{} {} {:a}\n", merge.left, merge.right, merge.height);
  }
  void add(const trace::Chart& chart) {
    add(chart.categories);
    for (const auto& series : chart.series) {
      add(series.name);
      for (const auto* values : {&series.x, &series.y})
        for (const double value : *values)
          add(value);
      for (const auto& [low, high] : series.intervals) {
        add(low);
        add(high);
      }
      add(series.labels);
    }
  }
  void add(const trace::Flow& flow) {
    for (const auto& node : flow.nodes)
      text += fmt::format("{} {}\n", node.label, node.column);
    for (const auto& link : flow.links)
      text += fmt::format("{} {} {:a}\n", link.from, link.to, link.amount);
  }
};

/// Compared with itself, for analyzers that need a second trace.
trace::RoutingBlock withItself(const trace::RoutingBlock& block) {
  trace::RoutingBlock both = block;
  both.reference = &block;
  return both;
}

base::Result<std::unique_ptr<trace::Analyzer>>
fed(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
    const MadeUpTrace& trace, std::int64_t chunk, const HostContext& context) {
  auto analyzer = SY_TRY(makeAnalyzer(plugin, options, context));
  SY_TRY(analyzer->begin(trace.layers()));
  for (std::size_t s = 0; s < trace.sequences(); ++s)
    for (const auto& block : trace.blocks(s, chunk))
      SY_TRY(analyzer->add(withItself(block)));
  return analyzer;
}

base::Result<std::string> resultText(const trace::Analyzer& analyzer) {
  return fingerprint(SY_TRY(analyzer.result()));
}

Outcome error(const base::Error& e) {
  return failed(e.describe());
}

/// Whether two results that must be the same are.
Outcome same(const base::Result<std::string>& a, const base::Result<std::string>& b,
             const char* what) {
  if (!a)
    return error(a.error());
  if (!b)
    return error(b.error());
  return *a == *b ? passed() : failed(what);
}

/// Where the analyzer can save its state: a fresh one that has loaded it, instead of it.
base::Result<void> throughBytes(std::unique_ptr<trace::Analyzer>& analyzer,
                                const MadeUpTrace& trace) {
  if (!analyzer->canSave())
    return {};
  const std::string state = SY_TRY(analyzer->save());
  auto fresh = analyzer->cloneEmpty();
  SY_TRY(fresh->begin(trace.layers()));
  SY_TRY(fresh->load(state));
  analyzer = std::move(fresh);
  return {};
}

} // namespace

std::string fingerprint(const trace::AnalysisResult& result) {
  Dump dump;
  for (const trace::Table& table : result.tables) {
    dump.add(table.name);
    for (const trace::Column& column : table.columns)
      dump.add(column.name);
    for (const auto& row : table.rows)
      for (const trace::Cell& cell : row)
        dump.add(cell);
  }
  for (const trace::Figure& figure : result.figures) {
    dump.add(figure.name);
    std::visit([&](const auto& content) { dump.add(content); }, figure.content);
  }
  for (const trace::Headline& headline : result.headlines) {
    dump.add(headline.name);
    dump.add(headline.value);
    if (headline.interval) {
      dump.add(headline.interval->first);
      dump.add(headline.interval->second);
    }
  }
  dump.add(result.findings);
  dump.add(result.warnings);
  return std::move(dump.text);
}

void checkAnalyzer(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
                   const HostContext& context, const RunCheck& run) {
  const MadeUpTrace trace(20240501, 24, 3, 16, 4);
  const auto once = [&](std::int64_t chunk,
                        const HostContext& context) -> base::Result<std::string> {
    const auto analyzer = SY_TRY(fed(plugin, options, trace, chunk, context));
    return resultText(*analyzer);
  };
  const base::Result<std::string> reference = once(16, context);
  run("analyzer: gives a result", [&] { return reference ? passed() : error(reference.error()); });
  if (!reference)
    return;
  run("analyzer: finite numbers", [&] {
    return reference->find(kNotFinite) == std::string::npos
               ? passed()
               : failed("the result has values that are not finite; give undefined cells instead");
  });
  run("analyzer: a result before any block", [&]() -> Outcome {
    auto analyzer = makeAnalyzer(plugin, options, context);
    if (!analyzer)
      return error(analyzer.error());
    if (auto begun = (*analyzer)->begin(trace.layers()); !begun)
      return error(begun.error());
    const auto result = (*analyzer)->result();
    return result ? passed() : error(result.error());
  });
  run("analyzer: determinism", [&] {
    return same(reference, once(16, context), "the same trace gave two different results");
  });
  run("analyzer: any number of threads", [&] {
    HostContext four = context;
    four.threads = std::make_shared<base::ThreadContext>(4);
    return same(reference, once(16, four), "four threads gave another result than one");
  });
  run("analyzer: any cut into blocks", [&] {
    return same(reference, once(5, context), "blocks of 5 tokens gave another result than of 16");
  });
  run("analyzer: result() changes nothing", [&]() -> Outcome {
    auto analyzer = fed(plugin, options, trace, 16, context);
    if (!analyzer)
      return error(analyzer.error());
    const auto first = resultText(**analyzer);
    return same(first, resultText(**analyzer), "the second result differs from the first");
  });
  run("analyzer: merge law", [&]() -> Outcome {
    base::Rng rng(7);
    for (int trial = 0; trial < 4; ++trial) {
      auto whole = makeAnalyzer(plugin, options, context);
      if (!whole)
        return error(whole.error());
      std::vector<std::unique_ptr<trace::Analyzer>> parts;
      for (int p = 0; p < 3; ++p) {
        parts.push_back((*whole)->cloneEmpty());
        if (auto begun = parts.back()->begin(trace.layers()); !begun)
          return error(begun.error());
      }
      // Consecutive sequences in each part, as a scan cuts them; cut anew each time.
      std::size_t part = 0;
      for (std::size_t s = 0; s < trace.sequences(); ++s) {
        if (part < 2 && rng.nextBelow(trace.sequences() / 3) == 0)
          ++part;
        for (const auto& block : trace.blocks(s))
          if (auto added = parts[part]->add(withItself(block)); !added)
            return error(added.error());
      }
      for (int p = 1; p < 3; ++p)
        if (auto passed = throughBytes(parts[static_cast<std::size_t>(p)], trace); !passed)
          return error(passed.error());
      for (int p = 1; p < 3; ++p)
        if (auto merged = parts[0]->merge(*parts[static_cast<std::size_t>(p)]); !merged)
          return error(merged.error());
      const Outcome outcome =
          same(reference, resultText(*parts[0]),
               "merged parts (through save and load where it has them) gave another result "
               "than one pass");
      if (outcome.verdict != Verdict::Passed)
        return outcome;
    }
    return passed();
  });
  run("analyzer: only the columns it wants", [&]() -> Outcome {
    auto analyzer = makeAnalyzer(plugin, options, context);
    if (!analyzer)
      return error(analyzer.error());
    const trace::Columns wants = (*analyzer)->wants();
    if (auto begun = (*analyzer)->begin(trace.layers()); !begun)
      return error(begun.error());
    for (std::size_t s = 0; s < trace.sequences(); ++s)
      for (auto block : trace.blocks(s)) {
        if (!wants.weights)
          block.weights = {};
        if (!wants.logits)
          block.logits = {};
        if (auto added = (*analyzer)->add(withItself(block)); !added)
          return error(added.error());
      }
    return same(reference, resultText(**analyzer),
                "leaving out columns it does not want changed the result");
  });
  run("analyzer: a trace of ids only", [&]() -> Outcome {
    auto analyzer = makeAnalyzer(plugin, options, context);
    if (!analyzer)
      return error(analyzer.error());
    if (auto begun = (*analyzer)->begin(trace.layers()); !begun)
      return error(begun.error());
    for (auto block : trace.blocks(0)) {
      block.weights = {};
      block.logits = {};
      if (auto added = (*analyzer)->add(block); !added)
        return skipped("it refuses, saying: " + added.error().message);
    }
    const auto result = (*analyzer)->result();
    return result ? passed() : skipped("it refuses, saying: " + result.error().message);
  });
  run("analyzer: cancel honoured", [&]() -> Outcome {
    std::stop_source source;
    HostContext stoppable = context;
    stoppable.control.stop = source.get_token();
    auto analyzer = fed(plugin, options, trace, 16, stoppable);
    if (!analyzer)
      return error(analyzer.error());
    source.request_stop();
    const auto begin = std::chrono::steady_clock::now();
    const auto result = (*analyzer)->result();
    if (std::chrono::steady_clock::now() - begin > kCancelLimit)
      return failed("result() went on after the user asked to stop");
    return result || result.error().code == base::ErrorCode::Cancelled ? passed()
                                                                       : error(result.error());
  });
}

void checkSimulator(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
                    const HostContext& context, const RunCheck& run) {
  const MadeUpTrace trace(20240502, 6, 3, 16, 4);
  trace::MachineDescription machine;
  machine.name = "conformance";
  machine.devices = 4;
  machine.devicesPerNode = 2;
  machine.fastMemory = 1e9;
  machine.memoryBandwidth = 1e12;
  machine.flops = 1e13;
  machine.loadBandwidth = 2e10;
  machine.loadLatency = 1e-5;
  machine.nodeBandwidth = 1e11;
  machine.networkBandwidth = 1e10;
  machine.linkLatency = 1e-6;
  machine.hidden = 256;
  machine.expertWidth = 128;
  machine.expertBytes = 3 * 256 * 128 * 2;
  const auto once = [&]() -> base::Result<std::string> {
    auto simulator = SY_TRY(makeSimulator(plugin, options, context));
    SY_TRY(simulator->begin(trace.layers(), machine));
    for (std::size_t s = 0; s < trace.sequences(); ++s)
      for (const auto& block : trace.blocks(s, 1))
        SY_TRY(simulator->add(block));
    const auto first = fingerprint(SY_TRY(simulator->result()));
    if (first != fingerprint(SY_TRY(simulator->result())))
      return base::fail(base::ErrorCode::Internal, "the second result differs from the first");
    return first;
  };
  const auto reference = once();
  run("simulator: gives a result", [&] { return reference ? passed() : error(reference.error()); });
  if (!reference)
    return;
  run("simulator: finite numbers", [&] {
    return reference->find(kNotFinite) == std::string::npos
               ? passed()
               : failed("the result has values that are not finite");
  });
  run("simulator: determinism",
      [&] { return same(reference, once(), "the same events gave two different results"); });
  run("simulator: an unknown machine is refused or priced, without a crash", [&]() -> Outcome {
    auto simulator = makeSimulator(plugin, options, context);
    if (!simulator)
      return error(simulator.error());
    const auto begun = (*simulator)->begin(trace.layers(), {});
    if (begun)
      return passed();
    return begun.error().code == base::ErrorCode::Internal ? error(begun.error()) : passed();
  });
}

} // namespace switchyard::plugin
