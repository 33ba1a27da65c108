#include <fmt/format.h>

#include "core/trace/doctor_content.h"

namespace switchyard::trace {
namespace {

/// Fewer rows than this say nothing about a whole layer.
constexpr std::int64_t kEnoughRows = 32;
/// More than this share of rows is a pattern, less may be chance or rounding.
constexpr double kPattern = 0.01;

void addFinding(std::vector<Finding>& findings, std::string check, Verdict verdict,
                std::string evidence, std::string remedy, std::int64_t count) {
  findings.push_back({.check = std::move(check),
                      .verdict = count == 0 ? Verdict::Good : verdict,
                      .evidence = std::move(evidence),
                      .remedy = count == 0 ? std::string() : std::move(remedy),
                      .count = count});
}

/// A finding over a tally: what was counted, of how many, where first.
void addTally(std::vector<Finding>& findings, std::string check, Verdict verdict,
              const Tally& tally, std::int64_t of, std::string_view unit, std::string remedy) {
  addFinding(findings, std::move(check), verdict,
             tally.count == 0
                 ? fmt::format("none of {} {}", of, unit)
                 : fmt::format("{} of {} {}, {}", tally.count, of, unit, tally.where()),
             std::move(remedy), tally.count);
}

/// "3, 4, 9"
std::string list(const std::vector<int>& layers) {
  std::string text;
  for (const int layer : layers)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", layer);
  return text;
}

void addLayers(std::vector<Finding>& findings, std::string check, Verdict verdict,
               const std::vector<int>& layers, std::string_view what, std::string remedy) {
  addFinding(findings, std::move(check), verdict,
             layers.empty() ? "no layer" : fmt::format("{}: layers {}", what, list(layers)),
             std::move(remedy), static_cast<std::int64_t>(layers.size()));
}

} // namespace

void ContentCheck::report(std::vector<Finding>& findings) const {
  reportRows(findings);
  reportLayers(findings);
  reportNumbers(findings);
}

void ContentCheck::reportRows(std::vector<Finding>& findings) const {
  addTally(findings, "rows-of-tokens", Verdict::Suspect, m_shorter, m_sequences,
           "sequences have routing for fewer than tokens - 1 tokens",
           "the prompt was cached or cut when the trace was taken: take it again with prefix "
           "caching off, or leave these sequences out");
  addTally(findings, "last-token", Verdict::Note, m_oneShorter, m_sequences,
           "sequences lack routing of the last token",
           "engines return none for the token that was sampled last; counts are over rows, so "
           "results stand");
  addTally(findings, "token-range", Verdict::Bad, m_tokenRange, m_tokens,
           "tokens are outside the vocabulary",
           "the trace belongs to another tokenizer or its token ids are damaged; take it again");
  addTally(findings, "predicted-range", Verdict::Bad, m_predictedRange, m_rows,
           "predicted tokens are outside the vocabulary", "take the trace again");
  const std::int64_t routings = m_rows * static_cast<std::int64_t>(m_layers.size());
  addTally(findings, "repeated-experts", Verdict::Bad, m_repeatedExperts, routings,
           "rows name an expert twice",
           "rows of zeros are padding or missing routes: drop these tokens or take the trace "
           "again with a version of the engine that returns them");
  addTally(findings, "missing-routes", Verdict::Suspect, m_emptyRows, m_rows,
           "tokens have no expert in any layer",
           "the engine returned no routes for them (prefix cache); drop these tokens");
  addTally(findings, "default-routes", m_layers.size() > 1 ? Verdict::Suspect : Verdict::Note,
           m_defaultRows, m_rows, "tokens have the experts 0, 1, 2, ... in every layer",
           "padding and last tokens hold this default route in some engines; drop these tokens");
  const double repeated =
      m_rows > 0 ? static_cast<double>(m_repeatedPositions.count) / static_cast<double>(m_rows)
                 : 0.0;
  addTally(findings, "repeated-positions", repeated > kPattern ? Verdict::Suspect : Verdict::Note,
           m_repeatedPositions, m_rows,
           "tokens have the routing of a different token before them, in every layer",
           "positions may have been recorded twice or shifted; compare token ids and rows");
  addTally(findings, "unused-slots", Verdict::Note, m_partialRows, routings,
           "rows use fewer than k slots",
           "right for routers with a variable number of experts; else see k-mismatch");
}

void ContentCheck::reportLayers(std::vector<Finding>& findings) const {
  std::vector<int> dense, constant, alike, wide, shifted, probabilities;
  for (std::size_t l = 0; l < m_layers.size(); ++l) {
    const Layer& layer = m_layers[l];
    const int position = m_meta.layers[l].layer;
    if (layer.rows < kEnoughRows)
      continue;
    if (layer.zero)
      dense.push_back(position);
    else if (layer.constant && m_meta.layers[l].k < m_meta.layers[l].experts)
      constant.push_back(position);
    if (layer.likePrevious && !layer.constant)
      alike.push_back(position);
    if (layer.usedSlots < m_meta.layers[l].k)
      wide.push_back(position);
    const bool own = 2 * layer.ownBest >= layer.sampled;
    if (layer.sampled > 0 && !own &&
        10 * std::max(layer.beforeBest, layer.afterBest) >= 9 * layer.sampled)
      shifted.push_back(position);
    if (layer.logitRows > 0 && 100 * layer.probabilityRows >= 99 * layer.logitRows)
      probabilities.push_back(position);
  }
  addLayers(findings, "dense-layers", Verdict::Bad, dense, "every id is 0",
            "these are dense layers or were never filled: import MoE layers only, or take the "
            "trace again");
  addLayers(findings, "constant-layers", Verdict::Bad, constant, "every token has the same experts",
            "a router that ignores its input, or an array written by something else (a draft "
            "model, a stale buffer); leave these layers out");
  addLayers(findings, "identical-layers", Verdict::Bad, alike,
            "every row equals that of the MoE layer before",
            "one array was stored for two layers; check the layer numbers of the source");
  addLayers(findings, "k-mismatch", Verdict::Suspect, wide, "the last slot is never used",
            "the trace is wider than the model's top-k (some engines always return 8 columns); "
            "import with the model's k");
  addLayers(findings, "layer-offset", Verdict::Bad, shifted,
            "experts agree with the logits of a neighbouring layer, not with their own",
            "layers were numbered from 1 or dense ones were skipped; import with the right first "
            "layer");
  addLayers(findings, "probabilities-as-logits", Verdict::Bad, probabilities,
            "\"logits\" are positive and sum to one",
            "they are softmax probabilities (transformers 5.0 returned these): take their "
            "logarithm, or capture again");
  addFinding(findings, "physical-ids", Verdict::Suspect,
             m_meta.idSpace == IdSpace::Physical ? "experts are replicas as the engine placed them"
                                                 : "experts are those of the checkpoint",
             "map physical to logical experts with the placement of the same moment",
             m_meta.idSpace == IdSpace::Physical ? 1 : 0);
}

void ContentCheck::reportNumbers(std::vector<Finding>& findings) const {
  if (!m_columns.weights && !m_columns.logits)
    return;
  const std::int64_t routings = m_rows * static_cast<std::int64_t>(m_layers.size());
  addTally(findings, "non-finite", Verdict::Bad, m_nonFinite, routings,
           "rows have NaN or infinity in weights or logits",
           "the model overflowed or memory was not filled; capture again in float32");
  if (!m_columns.weights)
    return;
  const auto verdict = [](const Tally& tally, std::int64_t of) {
    return static_cast<double>(tally.count) > kPattern * static_cast<double>(of) ? Verdict::Suspect
                                                                                 : Verdict::Note;
  };
  if (m_meta.weightsSumToOne)
    addTally(
        findings, "weights-sum", verdict(m_sumNotOne, m_weightRows), m_sumNotOne, m_weightRows,
        "rows of weights do not sum to one, though the gate normalises them",
        "weights were recorded before normalising, or the gate was changed; check norm_topk_prob");
  if (m_meta.rankOrder && m_meta.gate == GateKind::Softmax)
    addTally(findings, "rank-order", verdict(m_weightsRising, m_weightRows), m_weightsRising,
             m_weightRows, "rows have a weight larger than the one before it",
             "slots are not in rank order; sort them or mark the trace as unordered");
  if (m_comparedWeights > 0)
    addTally(findings, "weights-of-logits", verdict(m_weightsNotLogits, m_comparedWeights),
             m_weightsNotLogits, m_comparedWeights,
             "rows of weights do not follow from their logits by the gate",
             "logits or weights are of another layer or stage, or a recipe changed the weights");
}

} // namespace switchyard::trace
