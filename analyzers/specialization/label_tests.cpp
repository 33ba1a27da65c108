#include "analyzers/specialization/label_tests.h"

#include "analyzers/statistics/multiple_testing.h"

namespace switchyard::analyzers {

namespace {

constexpr double kLevel = 0.95;

/// Moments of every label at one layer over some of the documents, and of all labels together.
struct LayerMoments {
  std::vector<DocumentMoments> labels;
  DocumentMoments all;
};

LayerMoments momentsOf(const LabelCounts& counts, std::size_t layer, std::optional<int> half) {
  LayerMoments out;
  for (std::size_t label = 0; label < counts.size(); ++label) {
    DocumentMoments m =
        half ? counts.moments(label, layer, *half) : counts.moments(label, layer, 0);
    if (!half)
      m.add(counts.moments(label, layer, 1));
    if (label == 0)
      out.all.resize(m.counts.size());
    out.all.add(m);
    out.labels.push_back(std::move(m));
  }
  return out;
}

DocumentMoments without(const DocumentMoments& all, const DocumentMoments& part) {
  DocumentMoments rest = all;
  rest.documents -= part.documents;
  rest.tokens -= part.tokens;
  rest.tokens2 -= part.tokens2;
  for (std::size_t e = 0; e < rest.counts.size(); ++e) {
    rest.counts[e] -= part.counts[e];
    rest.counts2[e] -= part.counts2[e];
    rest.both[e] -= part.both[e];
  }
  return rest;
}

/// One test on one set of documents.
struct Outcome {
  double p = 1;
  bool positive = false;
};
using Outcomes = std::vector<std::vector<std::vector<std::optional<Outcome>>>>;

/// [layer][label][expert]; nothing where a side has too few documents.
Outcomes outcomesOf(const LabelCounts& counts, std::size_t layers, std::optional<int> half,
                    std::int64_t minDocuments) {
  Outcomes out(layers);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const LayerMoments moments = momentsOf(counts, layer, half);
    for (const DocumentMoments& label : moments.labels) {
      const DocumentMoments rest = without(moments.all, label);
      const bool enough = label.documents >= minDocuments && rest.documents >= minDocuments;
      std::vector<std::optional<Outcome>> row(label.counts.size());
      for (std::size_t e = 0; enough && e < row.size(); ++e) {
        const auto a = shareEstimate(label, e), b = shareEstimate(rest, e);
        if (a && b && label.counts[e] + rest.counts[e] > 0)
          row[e] = Outcome{differenceP(*a, *b), a->share > b->share};
      }
      out[layer].push_back(std::move(row));
    }
  }
  return out;
}

/// Adjusts the p of all outcomes together.
base::Result<void> adjust(Outcomes& outcomes) {
  std::vector<double> p;
  std::vector<Outcome*> where;
  for (auto& layer : outcomes) {
    for (auto& label : layer) {
      for (auto& outcome : label) {
        if (outcome) {
          p.push_back(outcome->p);
          where.push_back(&*outcome);
        }
      }
    }
  }
  const std::vector<double> adjusted =
      SY_TRY(statistics::adjustPValues(p, statistics::Correction::BenjaminiHochberg));
  for (std::size_t i = 0; i < adjusted.size(); ++i)
    where[i]->p = adjusted[i];
  return {};
}

} // namespace

base::Result<LabelTests> testLabels(const LabelCounts& counts, std::size_t layers, double alpha,
                                    std::int64_t minDocuments) {
  LabelTests out;
  const Outcomes raw = outcomesOf(counts, layers, std::nullopt, 2);
  Outcomes adjusted = raw, found = outcomesOf(counts, layers, 0, minDocuments);
  const Outcomes again = outcomesOf(counts, layers, 1, minDocuments);
  SY_TRY(adjust(adjusted));
  SY_TRY(adjust(found));
  out.tests.resize(layers);
  for (std::size_t l = 0; l < layers; ++l) {
    const LayerMoments moments = momentsOf(counts, l, std::nullopt);
    for (std::size_t d = 0; d < raw[l].size(); ++d) {
      std::vector<LabelTest> row(raw[l][d].size());
      for (std::size_t e = 0; e < row.size(); ++e) {
        LabelTest& test = row[e];
        if (const auto estimate = shareEstimate(moments.labels[d], e))
          test.interval = interval(*estimate, kLevel);
        if (raw[l][d][e]) {
          out.testable = true;
          test.p = raw[l][d][e]->p;
          test.adjustedP = adjusted[l][d][e]->p;
          test.positive = raw[l][d][e]->positive;
          out.significant += test.positive && statistics::rejects(*test.adjustedP, alpha) ? 1 : 0;
        }
        if (!found[l][d][e] || !again[l][d][e])
          continue;
        test.found = found[l][d][e]->positive && statistics::rejects(found[l][d][e]->p, alpha);
        out.found += *test.found ? 1 : 0;
        if (*test.found) {
          test.replicated = again[l][d][e]->positive && again[l][d][e]->p / 2 <= alpha;
          out.replicated += *test.replicated ? 1 : 0;
        }
      }
      out.tests[l].push_back(std::move(row));
    }
  }
  return out;
}

} // namespace switchyard::analyzers
