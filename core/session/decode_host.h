#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/hooks/observer.h"
#include "core/model/backward.h"
#include "core/model/model.h"
#include "core/session/branches.h"
#include "core/session/decoder.h"
#include "core/session/row_window.h"

namespace switchyard::session {

/// Draws a token from scores [vocabulary]; text: all tokens before it.
using ChooseToken = std::function<base::Result<base::TokenId>(std::span<const float> scores,
                                                              std::span<const base::TokenId> text)>;
/// A recipe's policy from its JSON text, not yet begun.
using CompileRecipe =
    std::function<base::Result<std::unique_ptr<routing::Policy>>(std::string_view json)>;

struct DecodeHostOptions {
  ChooseToken choose{};                    ///< what sample() does
  CompileRecipe compile{};                 ///< null: decoders cannot use recipes
  const routing::Policy* policy = nullptr; ///< the run's routing, begun; null: the model's own
  std::uint64_t seed = 0;                  ///< of random routing
  std::span<hooks::Observer* const> observers{}; ///< of branch 0
  /// Positions to reserve; branches grow beyond it, up to the model's maxPositions.
  std::int64_t reserve = 256;
  /// KV state of the text's first past.length() positions, from a run of the same model, routing
  /// and prompt length: they are not run again, and observers do not see them. Empty: from the
  /// beginning.
  model::KvCache past{};
  /// Tokens of a branch per forward pass; bounds memory, never changes results.
  std::int64_t chunk = 512;
  bool keepsLogits = false; ///< for takeLogits()
  bool keepsRecords = true; ///< what decoders record; false lets them be faster
};

/// The branches of one decoding over a model. The driver calls start(), hands the host to a
/// Decoder, calls emit() with every token it accepts, and finish() in the end.
///
/// Every step() is one batch: each weight is read once for all branches. Observers see each token
/// of branch 0 once, as it is first run. All branches are sequence 0 to policies and observers.
/// Router gradients are those of the run's routing, where it has some (model::GradientRequest).
/// Used by one thread at a time; does not move.
class ModelDecodeHost final : public DecodeHost {
public:
  /// Borrows threads, the policy and the observers. Errors: those of KvCache::create.
  static base::Result<std::unique_ptr<ModelDecodeHost>>
  create(std::shared_ptr<const model::Model> model, const base::ThreadContext& threads,
         DecodeHostOptions options);

  // --- the driver's side
  /// Runs what is not past of the prompt, but for its last token unless `whole`, in chunks, on
  /// branch 0. A decoder needs that token left. The stop request of `control` counts from here on
  /// for long work: gradients, and steps without branch 0. Errors: InvalidArgument for an empty
  /// prompt, LimitExceeded past maxPositions, those of Model::forward.
  base::Result<void> start(std::span<const base::TokenId> prompt,
                           const base::RunControl& control = {}, bool whole = false);
  void emit(base::TokenId token) { m_text.push_back(token); }
  /// Runs what of the text branch 0 has not run yet, routed as its last token was.
  base::Result<void> finish();
  /// The KV state of branch 0, for a later run; nothing may be run here afterwards.
  model::KvCache takeCache();
  std::span<const base::TokenId> text() const { return m_text; } ///< prompt, then emitted
  std::int64_t samples() const { return m_samples; }             ///< calls of sample()
  const model::Model& model() const { return *m_model; }
  /// With keepsLogits: the next-token logits [vocabulary] that branch 0 and the other branch gave
  /// last since the call before; empty where one gave none. Valid until the next step.
  struct LastLogits {
    std::span<const float> text, other;
  };
  LastLogits takeLogits();

  // --- the decoder's side
  int vocabulary() const override { return m_model->config().vocabulary; }
  int moeLayers() const override { return m_model->config().moeLayers(); }
  int experts() const override { return m_model->config().moe.gate.experts; }
  int k() const override { return m_model->config().moe.gate.k; }
  base::Result<RecipeId> compileRecipe(std::string_view json) override;
  base::Result<BranchId> open() override { return m_branches->open(); }
  base::Result<BranchId> fork(BranchId from) override { return m_branches->fork(from); }
  base::Result<void> close(BranchId branch) override { return m_branches->close(branch); }
  base::Result<std::int64_t> length(BranchId branch) const override;
  /// Errors besides those of Model::forward: NotFound, InvalidArgument (no steps, no tokens, a
  /// branch twice, arrays of wrong length, an unknown recipe, tokens on branch 0 that are not the
  /// text's next), LimitExceeded past maxPositions.
  base::Result<void> step(std::span<const BranchStep> steps) override;
  base::Result<void> tokenLogits(BranchId branch, std::span<const base::TokenId> tokens,
                                 std::span<float> out) override;
  bool keepsRecords() const override { return m_options.keepsRecords; }
  base::Result<void> rewind(BranchId branch, std::int64_t length) override {
    return m_branches->rewind(branch, length);
  }
  base::Result<base::TokenId> sample(std::span<const float> scores) override;
  bool hasGradients() const override { return true; }
  base::Result<double> routerGradient(const GradientCall& call) override;

private:
  ModelDecodeHost() = default;
  base::Result<void> check(std::span<const BranchStep> steps) const;
  base::Result<void> runBatch(std::int64_t first);
  /// Tokens of chunk [first, first + chunk) as segments; returns those of branch 0.
  std::int64_t collectSegments(std::int64_t first);
  void giveLogits();
  void keepLogits();
  void noteResiduals(std::int64_t first); ///< of the steps that chunk `first` ends

  /// One step of the batch that is running.
  struct Running {
    const BranchStep* step;
    Branch* branch;
    std::int64_t before; ///< length when the batch began
  };

  std::shared_ptr<const model::Model> m_model;
  const base::ThreadContext* m_threads = nullptr;
  DecodeHostOptions m_options;
  std::stop_token m_stop;
  std::optional<Branches> m_branches;
  std::vector<base::TokenId> m_text;
  std::int64_t m_promptLength = 0;
  bool m_started = false;
  std::int64_t m_shown = 0; ///< positions of branch 0 that observers have seen
  std::int64_t m_samples = 0;
  RecipeId m_lastRecipe = 0;
  std::vector<float> m_lastOffsets;
  std::vector<float> m_textLogits, m_otherLogits; ///< valid if they gave some
  bool m_textGave = false, m_otherGave = false;

  // Buffers of a step, kept so that the token loop does not allocate.
  model::Workspace m_work;
  std::vector<Running> m_running; ///< branch 0 first
  std::vector<model::Segment> m_segments;
  std::vector<const BranchStep*> m_segmentSteps;
  std::vector<int> m_slotsOf; ///< by position in the stack, of the run's routing
  std::optional<RowWindow> m_window;
  std::unique_ptr<model::GradientWorkspace> m_gradient;
};

} // namespace switchyard::session
