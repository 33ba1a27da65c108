#include "plugins/common/wrapped_router.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/routing/policies/catalog.h"
#include "plugins/common/convert.h"

namespace switchyard::plugins {

namespace {

using nlohmann::json;

routing::Score scoreOf(std::int32_t score) {
  switch (score) {
  case SY_SCORE_SOFTMAX_ALL:
    return routing::Score::SoftmaxAll;
  case SY_SCORE_SOFTMAX_SELECTED:
    return routing::Score::SoftmaxSelected;
  case SY_SCORE_SIGMOID:
    return routing::Score::Sigmoid;
  case SY_SCORE_SPARSE_MIXER:
    return routing::Score::SparseMixer;
  default:
    throw sdk::Failure(SY_UNSUPPORTED, "the gate's score function is newer than this plugin");
  }
}

routing::GroupScore groupScoreOf(std::int32_t score) {
  switch (score) {
  case SY_GROUPS_NONE:
    return routing::GroupScore::None;
  case SY_GROUPS_MAX:
    return routing::GroupScore::Max;
  case SY_GROUPS_TOP2_SUM:
    return routing::GroupScore::Top2Sum;
  default:
    throw sdk::Failure(SY_UNSUPPORTED, "the gate's group score is newer than this plugin");
  }
}

routing::Renorm renormOf(std::int32_t renorm) {
  switch (renorm) {
  case SY_RENORM_NONE:
    return routing::Renorm::None;
  case SY_RENORM_SUM:
    return routing::Renorm::Sum;
  case SY_RENORM_CLAMP_MIN:
    return routing::Renorm::ClampMin;
  default:
    throw sdk::Failure(SY_UNSUPPORTED, "the gate's renormalisation is newer than this plugin");
  }
}

routing::GateConfig gateOf(const sdk::Layer& layer) {
  if (layer.gate == nullptr)
    throw sdk::Failure(SY_INTERNAL, "the host did not say the layer's routing rule");
  const sy_gate& from = *layer.gate;
  routing::GateConfig gate;
  gate.experts = from.experts;
  gate.k = from.k;
  gate.score = scoreOf(from.score);
  gate.groupScore = groupScoreOf(from.group_score);
  gate.groups = from.groups;
  gate.groupsKept = from.groups_kept;
  gate.renorm = renormOf(from.renorm);
  gate.groupFill = from.group_fill;
  gate.renormEps = from.renorm_eps;
  gate.scale = from.scale;
  gate.jitter = from.jitter;
  return gate;
}

json valueOf(const sdk::Options::Option& option, std::size_t i) {
  switch (option.type) {
  case SY_OPTION_BOOLEAN:
    return option.integers[i] != 0;
  case SY_OPTION_INTEGER:
    return option.integers[i];
  case SY_OPTION_NUMBER:
    return option.numbers[i];
  default:
    return option.strings[i];
  }
}

/// What the user gave.
json given(const sdk::Options& options) {
  json object = json::object();
  for (const sdk::Options::Option& option : options.all()) {
    if (!option.set)
      continue;
    if (!option.isList) {
      object[option.name] = valueOf(option, 0);
      continue;
    }
    json list = json::array();
    for (std::size_t i = 0; i < option.count(); ++i)
      list.push_back(valueOf(option, i));
    object[option.name] = std::move(list);
  }
  return object;
}

const routing::StepInfo& infoOf(std::string_view step) {
  const auto steps = routing::builtInSteps();
  return *std::ranges::find(steps, step, &routing::StepInfo::id);
}

template <typename T> void append(std::vector<T>& to, std::span<const T> from) {
  to.insert(to.end(), from.begin(), from.end());
}

} // namespace

std::uint32_t stepFlags(std::string_view step) {
  const routing::StepInfo& info = infoOf(step);
  std::uint32_t flags = 0;
  if (!info.causal)
    flags |= SY_ROUTER_NEEDS_BATCH;
  if (info.needsTokenId)
    flags |= SY_ROUTER_NEEDS_TOKEN_ID;
  return flags;
}

int stepVirtualExperts(std::string_view step) {
  return infoOf(step).virtualExperts;
}

WrappedRouter::WrappedRouter(std::string_view step, const sdk::Options& options)
    : m_policy(valueOr(routing::makeStep(step, given(options)))) {}

WrappedRouter::WrappedRouter(const WrappedRouter& other)
    : Router(other), m_policy(other.m_policy->clone()), m_facts(other.m_facts) {}

void WrappedRouter::begin(std::span<const sdk::Layer> layers) {
  const auto facts = std::make_shared<Facts>();
  facts->gates.reserve(layers.size()); // the layers point into it
  for (const sdk::Layer& layer : layers) {
    facts->gates.push_back(gateOf(layer));
    facts->layers.push_back({base::LayerId(layer.layer), layer.moeLayer, layer.moeLayers,
                             layer.experts, layer.k, &facts->gates.back(), layer.choiceBias});
  }
  m_facts = facts;
  check(m_policy->begin(m_facts->layers));
}

const routing::LayerFacts& WrappedRouter::factsOf(const sdk::Layer& layer) const {
  if (m_facts != nullptr) {
    const auto found =
        std::ranges::find(m_facts->layers, layer.moeLayer, &routing::LayerFacts::moeLayer);
    if (found != m_facts->layers.end())
      return *found;
  }
  throw sdk::Failure(SY_INTERNAL, "begin() did not name this layer");
}

int WrappedRouter::maxK(const sdk::Layer& layer) const {
  return m_policy->maxK(factsOf(layer));
}

void WrappedRouter::read(sdk::RouterDraft& from, std::int64_t tokens) {
  m_draft.logits.clear();
  m_draft.choiceOffsets.clear();
  routing::Assignment& assignment = m_draft.assignment;
  assignment.reset(tokens, from.maxK());
  assignment.rawWeights.assign(assignment.weights.size(), 0.0f);
  bool rawKnown = true;
  bool anyOffset = false;
  for (std::int64_t row = 0; row < tokens; ++row) {
    append<float>(m_draft.logits, from.logits(row));
    const std::span<const float> offsets = from.choiceOffsets(row);
    anyOffset = anyOffset || std::ranges::any_of(offsets, [](float o) { return o != 0.0f; });
    append(m_draft.choiceOffsets, offsets);
    const auto raw = from.rawWeights(row);
    rawKnown = rawKnown && std::ranges::none_of(raw, [](float w) { return std::isnan(w); });
    std::ranges::copy(raw, assignment.rawWeights.begin() +
                               static_cast<std::ptrdiff_t>(row * assignment.maxK));
    const auto ids = from.ids(row);
    const auto weights = from.weights(row);
    for (std::size_t rank = 0; rank < ids.size(); ++rank)
      assignment.push(row, ids[rank], weights[rank]);
  }
  if (!anyOffset)
    m_draft.choiceOffsets.clear();
  if (!rawKnown)
    assignment.rawWeights.clear();
  for (const sy_drop& drop : from.drops())
    assignment.drops.push_back({drop.row, drop.rank, drop.expert});
}

void WrappedRouter::writeScores(sdk::RouterDraft& to) const {
  for (std::int64_t row = 0; row < to.tokens(); ++row) {
    const auto logits = to.logits(row);
    const auto begin = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(row) * logits.size());
    std::copy_n(m_draft.logits.begin() + begin, logits.size(), logits.begin());
    const auto offsets = to.choiceOffsets(row);
    if (m_draft.choiceOffsets.empty())
      std::ranges::fill(offsets, 0.0f);
    else
      std::copy_n(m_draft.choiceOffsets.begin() + begin, offsets.size(), offsets.begin());
  }
}

void WrappedRouter::writeSelection(sdk::RouterDraft& to) const {
  const routing::Assignment& assignment = m_draft.assignment;
  const bool hasRaw = !assignment.rawWeights.empty();
  for (std::int64_t row = 0; row < to.tokens(); ++row) {
    to.clear(row);
    const auto first = static_cast<std::size_t>(row * assignment.maxK);
    const auto count = static_cast<std::size_t>(assignment.counts[static_cast<std::size_t>(row)]);
    for (std::size_t slot = first; slot < first + count; ++slot) {
      if (hasRaw)
        to.push(row, assignment.ids[slot], assignment.weights[slot], assignment.rawWeights[slot]);
      else
        to.push(row, assignment.ids[slot], assignment.weights[slot]);
    }
  }
  to.clearDrops();
  for (const routing::Drop& drop : assignment.drops)
    to.drop(drop.row, drop.rank, drop.expert);
}

sdk::Edit WrappedRouter::apply(const sdk::RouterBatch& batch, sdk::RouterDraft& draft) {
  m_tokens.clear();
  for (std::size_t row = 0; row < batch.positions.size(); ++row)
    m_tokens.push_back({base::SequenceId(batch.sequences[row]),
                        base::TokenPos(batch.positions[row]), base::TokenId(batch.tokenIds[row]),
                        batch.generated[row] != 0});
  read(draft, batch.tokens);
  routing::RoutingBatch inner;
  inner.layer = factsOf(batch.layer);
  inner.tokens = m_tokens;
  inner.modelLogits = batch.modelLogits;
  inner.previousLogits = batch.previousLogits;
  inner.input = batch.input;
  inner.hidden = batch.hidden;
  inner.seed = batch.seed;
  switch (valueOr(m_policy->apply(inner, m_draft))) {
  case routing::Edit::None:
    return sdk::Edit::None;
  case routing::Edit::Scores:
    writeScores(draft);
    return sdk::Edit::Scores;
  case routing::Edit::Selection:
    writeSelection(draft);
    return sdk::Edit::Selection;
  }
  return sdk::Edit::None;
}

} // namespace switchyard::plugins
