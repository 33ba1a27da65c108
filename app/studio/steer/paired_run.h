#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/evaluate/evaluate.h"
#include "app/studio/steer/ab_panel.h"

namespace switchyard::studio {

/// A recipe against the model's own routing on a task set.
struct PairedRequest {
  std::filesystem::path model;
  std::filesystem::path tasks;
  std::string scorer; ///< of tasks that name none; empty: what task files say
  std::string only;   ///< LABEL=VALUE; empty: all
  std::size_t limit = 0;
  std::shared_ptr<const routing::Recipe> recipe;
  std::filesystem::path recipeFile; ///< that holds this recipe; empty: one is written to `folder`
  bool control = false;             ///< also a random control of matched load
  std::filesystem::path folder;     ///< for outcomes, recipes and what is recorded to match loads
  std::shared_ptr<plugin::Registry> registry;
};

/// Variant - base, as the evaluation's table of comparisons has it.
struct PairedNumbers {
  double difference = 0; ///< share, or nats per token
  std::pair<double, double> interval;
  double p = 1;
  std::string test; ///< "McNemar ..." or "sign flip ..."
};

/// One value of a label, and how many of its problems are right (or the mean loss).
struct KindRow {
  std::string kind;
  std::int64_t problems = 0;
  double a = 0, b = 0;
};

/// A problem that B answers otherwise than A.
struct ChangedProblem {
  std::int64_t item = 0;
  QString prompt;
  std::vector<DiffPiece> a, b; ///< from shortly before the first difference
  bool rightA = false, rightB = false;
};

struct PairedOutcome {
  jobs::evaluate::Evaluation evaluation;
  // If complete:
  PairedNumbers recipe{};
  std::optional<PairedNumbers> control{};
  std::string controlRecipe{};                        ///< what was drawn
  bool accuracy = true;                               ///< else loss: no table of right and wrong
  std::array<std::array<std::int64_t, 2>, 2> table{}; ///< [A wrong, right][B wrong, right]
  std::string label{};                                ///< that `kinds` are values of
  std::vector<KindRow> kinds{};
  std::vector<ChangedProblem> changed{}; ///< verdicts that changed first, then by item
};

/// Runs the evaluation; what was run before, also by an evaluation that was cancelled, is not run
/// again. A stop request is not an error: evaluation.complete is false. Errors: those of evaluate,
/// of capture and randomControl for the control.
base::Result<PairedOutcome> runPaired(const PairedRequest& request,
                                      const base::ThreadContext& threads,
                                      const base::RunControl& control);

/// Whether A and B answer the task with this prompt right; nothing if there is none that generates.
std::optional<AbVerdict> verdictOf(const AbOutcome& outcome, const std::string& prompt,
                                   const tokenizer::Tokenizer& tokenizer,
                                   const std::vector<jobs::evaluate::Task>& tasks);

} // namespace switchyard::studio
