#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <QString>

#include "app/studio/document/document.h"

namespace switchyard::studio {

struct LabelLift {
  std::string label;
  double lift = 0;                                     ///< share of the label's tokens over k/E
  std::optional<std::pair<double, double>> interval{}; ///< 95 %, over documents
};

struct TokenShare {
  std::int32_t token = 0;
  std::int64_t occurrences = 0;
  double share = 0; ///< of them that select the expert
};

struct Partner {
  int expert = 0;
  double lift = 0; ///< over the baseline of independent top-k choices
  std::int64_t tokens = 0;
};

/// What the session's results say of one expert. Parts that no result has stay empty.
struct ExpertFacts {
  QString source; ///< name of the trace the numbers are of
  ItemKey trace = 0;
  std::optional<double> load{};                            ///< over its fair share
  std::optional<std::pair<double, double>> loadInterval{}; ///< 95 %, over documents
  std::optional<std::int64_t> count{}, total{};            ///< tokens that selected it, of all
  std::optional<std::int64_t> firstChoice{};
  std::optional<int> rank{}; ///< by load in its layer, from 1
  int experts = 0;
  std::optional<double> npmi{};
  std::string labelKey;
  std::vector<LabelLift> labels{};  ///< falling lift
  std::vector<TokenShare> tokens{}; ///< falling share
  std::vector<Partner> partners{};  ///< falling lift
  QString command;                  ///< that makes the first of the results again
  bool isEmpty() const {
    return !load && labels.empty() && tokens.empty() && partners.empty() && !npmi;
  }
};

/// From the results of `trace`, the newest first; 0: of any trace.
ExpertFacts expertFacts(const Document& document, const ExpertKey& expert, ItemKey trace);

} // namespace switchyard::studio
