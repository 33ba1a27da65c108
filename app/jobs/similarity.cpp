#include "app/jobs/similarity.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/similarity/similarity.h"
#include "app/jobs/command_line.h"
#include "app/jobs/fingerprint.h"
#include "core/base/version.h"
#include "core/model/loader.h"
#include "core/model/model.h"

namespace switchyard::jobs {

namespace {

using analyzers::SimilarityMatrix;
using base::Result;
using model::MlpWeights;
using Matrix = std::vector<float>;

Matrix unpack(const tensor::PackedMatrix& packed) {
  const auto columns = static_cast<std::size_t>(packed.columns());
  Matrix values(static_cast<std::size_t>(packed.rows()) * columns);
  for (std::int64_t row = 0; row < packed.rows(); ++row)
    packed.unpackRow(row,
                     std::span(values).subspan(static_cast<std::size_t>(row) * columns, columns));
  return values;
}

/// One projection, always with a neuron in each row.
struct Projection {
  const char* name;
  model::Linear MlpWeights::*weights;
  bool neuronsAreColumns;
};
constexpr std::array<Projection, 3> kProjections{{{"gate", &MlpWeights::gate, false},
                                                  {"up", &MlpWeights::up, false},
                                                  {"down", &MlpWeights::down, true}}};

Matrix neurons(const MlpWeights& expert, const Projection& projection, std::size_t& width) {
  const tensor::PackedMatrix& packed = (expert.*projection.weights).weight;
  Matrix values = unpack(packed);
  width = static_cast<std::size_t>(packed.columns());
  if (!projection.neuronsAreColumns)
    return values;
  const auto rows = static_cast<std::size_t>(packed.rows());
  Matrix transposed(values.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < width; ++c)
      transposed[c * rows + r] = values[r * width + c];
  width = rows;
  return transposed;
}

Result<SimilarityMatrix> cosines(const std::vector<Matrix>& items) {
  const std::vector<std::span<const float>> spans(items.begin(), items.end());
  return analyzers::cosineMatrix(spans);
}

struct ProjectionResult {
  SimilarityMatrix flattened, mean;
  std::optional<double> reordered, kendall;
};

Result<ProjectionResult> compare(const std::vector<MlpWeights>& experts,
                                 const Projection& projection, bool reorder,
                                 const base::RunControl& control) {
  std::vector<Matrix> items;
  std::vector<Matrix> means;
  std::size_t width = 0;
  for (const MlpWeights& expert : experts) {
    items.push_back(neurons(expert, projection, width));
    means.push_back(analyzers::meanOverRows(items.back(), width));
  }
  ProjectionResult result;
  result.flattened = SY_TRY(cosines(items));
  result.mean = SY_TRY(cosines(means));
  if (!reorder)
    return result;
  double cosine = 0;
  double kendall = 0;
  int pairs = 0;
  for (std::size_t i = 0; i < items.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      SY_TRY(control.check());
      const auto paired = SY_TRY(analyzers::reorderedSimilarity(items[i], items[j], width));
      if (!paired.cosine || !paired.kendallTau)
        continue;
      cosine += *paired.cosine;
      kendall += *paired.kendallTau;
      ++pairs;
    }
  if (pairs > 0) {
    result.reordered = cosine / pairs;
    result.kendall = kendall / pairs;
  }
  return result;
}

trace::Figure heatmap(const std::string& name, const std::string& title,
                      const SimilarityMatrix& matrix) {
  trace::Heatmap map;
  map.x.title = map.y.title = "expert";
  for (std::size_t e = 0; e < matrix.items; ++e)
    map.x.labels.push_back(std::to_string(e));
  map.y.labels = map.x.labels;
  for (std::size_t i = 0; i < matrix.items; ++i)
    for (std::size_t j = 0; j < matrix.items; ++j)
      map.values.push_back(i == j ? std::numeric_limits<double>::quiet_NaN()
                                  : analyzers::orNan(matrix.at(i, j)));
  map.unit = "cosine";
  map.neutral = 0.0;
  return {.name = name, .title = title, .note = "1: same direction; 0: unrelated", .content = map};
}

trace::Table emptyTable() {
  trace::Table table;
  table.name = "similarity_layers";
  table.title = "Similarity of the experts of each layer";
  table.columns = {{"layer", "", "position in the stack"},
                   {"projection", "", "gate, up or down"},
                   {"cosine", "", "mean over pairs of experts, weights flattened"},
                   {"mean_neuron_cosine", "", "the same of mean neurons"},
                   {"reordered_cosine", "", "flattened after the best pairing of neurons"},
                   {"kendall_tau", "", "of that pairing: 1 = neurons already stand in order"},
                   {"router_r2", "", "share of mean_neuron_cosine that router rows explain"}};
  return table;
}

} // namespace

Result<Analysis> similarity(const SimilarityOptions& options, const base::ThreadContext& threads,
                            const base::RunControl& control) {
  const model::ModelConfig config = SY_TRY(model::readConfig(options.model));
  for (const int layer : options.layers)
    if (layer < 0 || layer >= config.layers || !config.moeLayer[static_cast<std::size_t>(layer)])
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("layer {} is no MoE layer of this model", layer));
  const model::ModelWeights weights =
      SY_TRY(model::loadWeights(options.model, config, threads, {}, control));
  trace::AnalysisResult result;
  trace::Table table = emptyTable();
  double sum = 0;
  double highest = -1;
  int highestLayer = 0;
  for (int layer = 0; layer < config.layers; ++layer) {
    const bool wanted = options.layers.empty() || std::ranges::count(options.layers, layer) > 0;
    if (!wanted || !config.moeLayer[static_cast<std::size_t>(layer)])
      continue;
    const model::MoeWeights& moe = weights.layers[static_cast<std::size_t>(layer)].moe;
    const Matrix rows = unpack(moe.router.weight);
    const auto hidden = static_cast<std::size_t>(config.hidden);
    std::vector<Matrix> routers;
    for (std::size_t at = 0; at < rows.size(); at += hidden)
      routers.emplace_back(rows.begin() + static_cast<std::ptrdiff_t>(at),
                           rows.begin() + static_cast<std::ptrdiff_t>(at + hidden));
    const SimilarityMatrix router = SY_TRY(cosines(routers));
    result.figures.push_back(heatmap(fmt::format("router_layer_{}", layer),
                                     fmt::format("Layer {}: cosine of router rows", layer),
                                     router));
    for (const Projection& projection : kProjections) {
      SY_TRY(control.check());
      const ProjectionResult compared =
          SY_TRY(compare(moe.experts, projection, options.reorder, control));
      table.rows.push_back({analyzers::cell(layer), trace::Cell(std::string(projection.name)),
                            analyzers::cell(compared.flattened.mean()),
                            analyzers::cell(compared.mean.mean()),
                            analyzers::cell(compared.reordered), analyzers::cell(compared.kendall),
                            analyzers::cell(analyzers::explainedShare(router, compared.mean))});
      if (std::string_view(projection.name) != "gate")
        continue;
      result.figures.push_back(heatmap(fmt::format("gate_layer_{}", layer),
                                       fmt::format("Layer {}: cosine of gate projections", layer),
                                       compared.flattened));
      const double mean = compared.flattened.mean().value_or(0);
      sum += mean;
      if (mean > highest) {
        highest = mean;
        highestLayer = layer;
      }
    }
    control.report(layer + 1, config.layers, "layers");
  }
  const double layers = static_cast<double>(table.rows.size()) / kProjections.size();
  result.headlines.push_back({"gate_cosine",
                              "Mean cosine of gate projections, all layers",
                              analyzers::cell(sum / layers),
                              "",
                              {},
                              0.95,
                              "flattened weights"});
  result.findings.push_back(
      fmt::format("Experts are most alike at layer {}: their gate projections "
                  "have a mean cosine of {:.3f}.",
                  highestLayer, highest));
  result.tables.push_back(std::move(table));
  result.provenance.analyzer = "similarity";
  result.provenance.version = base::version();
  result.provenance.formula = "cosines of expert weights and router rows (arXiv:2406.18219)";
  result.provenance.filter = "weights of " + options.model.string();
  Analysis analysis;
  analysis.ids = {"similarity"};
  analysis.results.push_back(std::move(result));
  analysis.traceId = SY_TRY(fingerprintModel(options.model));
  analysis.command = fmt::format("switchyard similarity {}{}", shellQuoted(options.model.string()),
                                 options.reorder ? " --reorder" : "");
  return analysis;
}

} // namespace switchyard::jobs
