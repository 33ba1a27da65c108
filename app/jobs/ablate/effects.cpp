#include "app/jobs/ablate/effects.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analyzers/statistics/bootstrap.h"
#include "analyzers/statistics/correlation.h"
#include "analyzers/statistics/multiple_testing.h"
#include "analyzers/statistics/ranks.h"
#include "analyzers/statistics/sign_flip.h"

namespace switchyard::jobs::ablate {

namespace {

using base::Result;
using Doubles = std::vector<double>;

/// An expert's harm for each document, and its effect.
struct Row {
  Effect effect;
  Doubles harms;
};

Result<Row> rowOf(const ExpertId& id, const Measurement& base, const Measurement& without,
                  const Doubles& weights, const AffinityCounter& affinities,
                  const EffectOptions& options, const base::ThreadContext& threads) {
  Row row;
  row.effect.id = id;
  row.effect.affinity = affinities.of(id);
  std::int64_t changed = 0;
  for (std::size_t unit = 0; unit < base.size(); ++unit) {
    const double more = without[unit].value - base[unit].value;
    row.harms.push_back(options.accuracy ? -more : more);
    row.effect.touched += more != 0 ? 1 : 0;
    changed += without[unit].answer != base[unit].answer ? 1 : 0;
  }
  row.effect.changed = static_cast<double>(changed) / static_cast<double>(base.size());
  const statistics::Bootstrap bootstrap = SY_TRY(statistics::bootstrap(
      base.size(), statistics::ratioStatistic(row.harms, weights),
      {.resamples = options.resamples, .seed = options.seed, .threads = &threads}));
  row.effect.harm = bootstrap.estimate;
  row.effect.interval = bootstrap.interval.percentile;
  row.effect.p = SY_TRY(statistics::signFlipTest(row.harms, {.seed = options.seed})).p.twoSided;
  return row;
}

struct Measure {
  const char* name;
  std::optional<double> (*of)(const Affinity&);
};

constexpr std::array<Measure, 4> kMeasures = {{
    {"share", [](const Affinity& a) { return a.share; }},
    {"mean_weight", [](const Affinity& a) { return a.meanWeight; }},
    {"npmi", [](const Affinity& a) { return a.npmi; }},
    {"specialization", [](const Affinity& a) { return a.specialization; }},
}};

/// Spearman over experts of their affinity and their harm in a resample of the documents.
statistics::DocumentStatistic rankCorrelation(const std::vector<const Row*>& rows,
                                              const Doubles& affinity, const Doubles& weights) {
  return [&rows, &affinity, &weights](std::span<const std::uint32_t> documents) {
    double weight = 0;
    for (const std::uint32_t document : documents)
      weight += weights[document];
    Doubles harms;
    for (const Row* row : rows) {
      double harm = 0;
      for (const std::uint32_t document : documents)
        harm += row->harms[document];
      harms.push_back(weight > 0 ? harm / weight : 0.0);
    }
    const auto correlation = statistics::spearman(affinity, harms);
    return correlation ? correlation->coefficient.value_or(std::numeric_limits<double>::quiet_NaN())
                       : std::numeric_limits<double>::quiet_NaN();
  };
}

/// Average ranks from 0 to 1.
Doubles shareRanks(const Doubles& values) {
  Doubles ranks = statistics::averageRanks(values).ranks;
  for (double& rank : ranks)
    rank = values.size() > 1 ? (rank - 1) / static_cast<double>(values.size() - 1) : 0.5;
  return ranks;
}

Result<void> compare(const Measure& measure, const std::vector<Row>& rows, const Doubles& weights,
                     const EffectOptions& options, const base::ThreadContext& threads,
                     Effects& out) {
  std::vector<const Row*> with;
  std::vector<std::size_t> indices;
  Doubles affinity, harms;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (const auto value = measure.of(rows[i].effect.affinity)) {
      with.push_back(&rows[i]);
      indices.push_back(i);
      affinity.push_back(*value);
      harms.push_back(rows[i].effect.harm);
    }
  if (with.empty())
    return {};
  Agreement agreement{measure.name, static_cast<std::int64_t>(with.size()), {}, {}};
  agreement.rho = SY_TRY(statistics::spearman(affinity, harms)).coefficient;
  if (agreement.rho && with.size() >= 3) {
    const auto bootstrap = SY_TRY(statistics::bootstrap(
        weights.size(), rankCorrelation(with, affinity, weights),
        {.resamples = options.resamples, .seed = options.seed, .threads = &threads}));
    agreement.interval = bootstrap.interval.percentile;
  }
  out.agreements.push_back(agreement);
  const Doubles affinityRanks = shareRanks(affinity);
  const Doubles harmRanks = shareRanks(harms);
  std::vector<Disagreement> all;
  for (std::size_t i = 0; i < indices.size(); ++i)
    all.push_back({measure.name, indices[i], affinityRanks[i], harmRanks[i]});
  std::ranges::stable_sort(all, std::greater<>(), [](const Disagreement& d) {
    return std::fabs(d.affinityRank - d.effectRank);
  });
  all.resize(std::min(all.size(), static_cast<std::size_t>(options.disagreements)));
  std::ranges::copy(all, std::back_inserter(out.disagreements));
  return {};
}

} // namespace

Result<Effects> effectsOf(const Measurement& base,
                          const std::vector<std::pair<ExpertId, Measurement>>& experts,
                          const AffinityCounter& affinities, const EffectOptions& options,
                          const base::ThreadContext& threads) {
  Doubles weights;
  for (const Measured& unit : base)
    weights.push_back(unit.weight);
  std::vector<Row> rows;
  Doubles p;
  for (const auto& [id, without] : experts) {
    rows.push_back(SY_TRY(rowOf(id, base, without, weights, affinities, options, threads)));
    p.push_back(rows.back().effect.p);
  }
  const Doubles adjusted =
      SY_TRY(statistics::adjustPValues(p, statistics::Correction::BenjaminiHochberg));
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i].effect.adjustedP = adjusted[i];
  std::ranges::sort(rows, [](const Row& a, const Row& b) {
    return a.effect.harm != b.effect.harm ? a.effect.harm > b.effect.harm
                                          : a.effect.id < b.effect.id;
  });
  Effects out;
  for (const Measure& measure : kMeasures)
    SY_TRY(compare(measure, rows, weights, options, threads, out));
  for (Row& row : rows)
    out.effects.push_back(std::move(row.effect));
  return out;
}

} // namespace switchyard::jobs::ablate
