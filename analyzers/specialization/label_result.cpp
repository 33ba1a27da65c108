#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/specialization/label_tests.h"
#include "analyzers/specialization/specialization.h"
#include "analyzers/statistics/multiple_testing.h"

namespace switchyard::analyzers {

namespace {

/// An expert that serves a label far more than the other labels.
struct Specialist {
  std::size_t layer = 0, label = 0, expert = 0;
  double share = 0, others = 0;
  double gap() const { return share - others; }
};

/// Experts by falling (share - mean share of the other labels); ties: lower id.
std::vector<Specialist> specialists(const LabelSpecialization& s, std::size_t layer,
                                    std::size_t label) {
  std::vector<Specialist> out;
  for (std::size_t e = 0; e < static_cast<std::size_t>(s.experts); ++e) {
    const auto share = s.share(label, e);
    if (share)
      out.push_back({layer, label, e, *share, s.othersShare(label, e).value_or(0)});
  }
  std::ranges::stable_sort(
      out, [](const Specialist& a, const Specialist& b) { return a.gap() > b.gap(); });
  return out;
}

trace::Table strongestTable() {
  return {.name = "specialization_labels",
          .title = "Experts that serve a label more than the others",
          .columns = {{"layer", "", "position in the stack"},
                      {"label", "", "value of the label"},
                      {"expert", "", "routed expert"},
                      {"tokens", "tokens", "tokens of the label"},
                      {"count", "tokens", "of them, tokens that selected the expert"},
                      {"share", "share", "count / tokens; chance is k/E"},
                      {"share_first", "share", "tokens that ranked the expert first / tokens"},
                      {"lift", "", "share / (k/E)"},
                      {"others_share", "share", "mean share over the other labels"},
                      {"gap", "share", "share - others_share"},
                      {"position_adjusted_gap", "share",
                       "the same with every label given the same mix of positions"},
                      {"share_low", "share", "95 % interval over documents"},
                      {"share_high", "share", ""},
                      {"p_adjusted", "",
                       "share differs from the rest's, Welch over documents, "
                       "Benjamini-Hochberg over all labels, layers and experts"},
                      {"replicated", "",
                       "found in one half of the documents and seen again in the "
                       "other: 1 yes, 0 no; empty: not found, or not testable"},
                      {"documents", "documents", "of the label, behind the interval"}},
          .rows = {}};
}

trace::Figure heatmap(const LabelSpecialization& s, const trace::LayerInfo& info,
                      const std::string& label) {
  trace::Heatmap map{.x = {"expert", expertNames(s.experts)},
                     .y = {label, s.labels},
                     .values = {},
                     .unit = "times chance",
                     .neutral = 1.0,
                     .merges = {}};
  for (std::size_t d = 0; d < s.labels.size(); ++d) {
    for (std::size_t e = 0; e < static_cast<std::size_t>(s.experts); ++e)
      map.values.push_back(orNan(s.lift(d, e)));
  }
  return {.name = fmt::format("specialization_layer_{}", info.layer),
          .title =
              fmt::format("Layer {}: share of each {}'s tokens per expert, as a multiple of chance",
                          info.layer, label),
          .note = "share / (k/E)",
          .content = std::move(map)};
}

void addRow(trace::Table& table, const LabelSpecialization& s, int stackLayer,
            const Specialist& found, const LabelTest& test, std::int64_t documents) {
  const std::size_t d = found.label, e = found.expert;
  table.rows.push_back(
      {cell(stackLayer), trace::Cell(s.labels[d]), cell(static_cast<std::int64_t>(e)),
       cell(s.rows[d].tokens), cell(s.rows[d].counts[e]), cell(s.share(d, e)),
       cell(s.shareFirst(d, e)), cell(s.lift(d, e)), cell(s.othersShare(d, e)), cell(found.gap()),
       cell(s.positionAdjustedGap(d, e)), test.interval ? cell(test.interval->low) : trace::Cell(),
       test.interval ? cell(test.interval->high) : trace::Cell(), cell(test.adjustedP),
       test.replicated ? cell(*test.replicated ? 1 : 0) : trace::Cell(), cell(documents)});
}

void describeTests(trace::AnalysisResult& result, const LabelTests& tests, double alpha) {
  if (!tests.testable)
    return;
  result.headlines.push_back({"specialised_experts",
                              "Expert-label pairs beyond chance over documents",
                              cell(tests.significant),
                              "pairs",
                              {},
                              0.95,
                              fmt::format("Benjamini-Hochberg at {}", alpha)});
  result.headlines.push_back(
      {"replicated",
       "Of those found in one half of the documents, seen again in "
       "the other",
       cell(ratio(static_cast<double>(tests.replicated), static_cast<double>(tests.found))),
       "share",
       {},
       0.95,
       fmt::format("{} of {}", tests.replicated, tests.found)});
  if (tests.found > 0)
    result.findings.insert(
        result.findings.begin(),
        fmt::format("{} specialised expert-label pairs survive a false discovery rate of {} in one "
                    "half of the "
                    "documents; {} of them are seen again in the other half, {} are not.",
                    tests.found, alpha, tests.replicated, tests.found - tests.replicated));
}

void addEntropies(trace::Table& table, const LabelSpecialization& s, int stackLayer) {
  for (std::size_t e = 0; e < static_cast<std::size_t>(s.experts); ++e) {
    std::int64_t uses = 0;
    for (const LabelLayer& row : s.rows)
      uses += row.counts[e];
    table.rows.push_back(
        {cell(stackLayer), cell(static_cast<std::int64_t>(e)), cell(uses), cell(s.entropy(e))});
  }
}

void addDistances(trace::Table& table, const LabelSpecialization& s, int stackLayer) {
  for (std::size_t a = 0; a < s.labels.size(); ++a) {
    for (std::size_t b = a + 1; b < s.labels.size(); ++b)
      table.rows.push_back({cell(stackLayer), trace::Cell(s.labels[a]), trace::Cell(s.labels[b]),
                            cell(s.distance(a, b))});
  }
}

} // namespace

base::Result<void> Specialization::describeLabels(trace::AnalysisResult& result) const {
  if (m_labels.size() == 0) {
    result.warnings.push_back(fmt::format(
        "specialization by label: no sequence has the label '{}' (choose one with --by LABEL)",
        m_options.label));
    return {};
  }
  if (m_labels.unlabelled() > 0)
    result.warnings.push_back(fmt::format("{} sequences without the label '{}' were left out",
                                          m_labels.unlabelled(), m_options.label));
  trace::Table strongest = strongestTable();
  trace::Table entropies{
      .name = "specialization_entropy",
      .title = "How many labels an expert serves",
      .columns = {{"layer", "", "position in the stack"},
                  {"expert", "", "routed expert"},
                  {"count", "tokens", "uses over all labels"},
                  {"label_entropy", "nats", "over labels of equal size: 0 = one label only"}},
      .rows = {}};
  trace::Table distances{.name = "specialization_distance",
                         .title = "How differently two labels are routed",
                         .columns = {{"layer", "", "position in the stack"},
                                     {"label_a", "", ""},
                                     {"label_b", "", ""},
                                     {"js_distance", "",
                                      "Jensen-Shannon distance of the shares, "
                                      "0 = alike, 0.83 = disjoint"}},
                         .rows = {}};
  const LabelTests tests = SY_TRY(testLabels(m_labels.closed(), m_layers.size(), m_options.alpha,
                                             m_options.support.minLabelSequences));
  const auto isSpecialist = [&](const LabelTest& test) {
    return test.positive && statistics::rejects(test.adjustedP.value_or(1), m_options.alpha);
  };
  const std::vector<std::int64_t> sequences = m_labels.sequences();
  std::vector<std::optional<Specialist>> best(m_labels.size());
  std::vector<std::string> thin(m_labels.size());
  std::vector<std::string> names;
  double information = 0;
  for (std::size_t l = 0; l < m_layers.size(); ++l) {
    const LabelSpecialization s = labels(l);
    names = s.labels;
    information += s.mutualInformation().value_or(0);
    for (std::size_t d = 0; d < s.labels.size(); ++d) {
      const std::vector<Specialist> ranked = specialists(s, l, d);
      for (std::size_t i = 0; i < ranked.size() && i < static_cast<std::size_t>(m_options.top); ++i)
        addRow(strongest, s, m_layers[l].layer, ranked[i], tests.tests[l][d][ranked[i].expert],
               sequences[d]);
      if (!m_options.support.enough(s.rows[d].tokens, m_layers[l]))
        thin[d] = notEnoughData(s.rows[d].tokens, m_options.support.needed(m_layers[l]));
      else if (sequences[d] < m_options.support.minLabelSequences)
        thin[d] = fmt::format("not enough data: {} sequences, {} needed", sequences[d],
                              m_options.support.minLabelSequences);
      else if (!ranked.empty() && isSpecialist(tests.tests[l][d][ranked[0].expert]) &&
               (!best[d] || ranked[0].gap() > best[d]->gap()))
        best[d] = ranked[0];
    }
    addEntropies(entropies, s, m_layers[l].layer);
    addDistances(distances, s, m_layers[l].layer);
    result.figures.push_back(heatmap(s, m_layers[l], m_options.label));
  }
  result.headlines.push_back(
      {"label_information",
       fmt::format("Information of one selection about '{}' (mean over layers)", m_options.label),
       trace::Cell(information / static_cast<double>(m_layers.size())),
       "nats",
       {},
       0.95,
       "mutual information of labels x experts"});
  std::vector<Specialist> told;
  for (std::size_t d = 0; d < best.size(); ++d) {
    if (!thin[d].empty())
      result.warnings.push_back(fmt::format("{} '{}': {}", m_options.label, names[d], thin[d]));
    else if (best[d] && best.size() > 1)
      told.push_back(*best[d]);
  }
  std::ranges::stable_sort(
      told, [](const Specialist& a, const Specialist& b) { return a.gap() > b.gap(); });
  for (const Specialist& s : told)
    result.findings.push_back(fmt::format(
        "{} '{}': layer {} expert {} is selected for {:.0f} % of its tokens, against "
        "{:.0f} % of the others' (chance {:.0f} %).",
        m_options.label, names[s.label], m_layers[s.layer].layer, s.expert, 100 * s.share,
        100 * s.others, 100.0 * m_layers[s.layer].k / m_layers[s.layer].experts));
  describeTests(result, tests, m_options.alpha);
  result.tables.push_back(std::move(strongest));
  result.tables.push_back(std::move(entropies));
  result.tables.push_back(std::move(distances));
  return {};
}

} // namespace switchyard::analyzers
