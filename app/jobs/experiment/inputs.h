#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/evaluate/task_file.h"
#include "app/jobs/evaluate/variant.h"
#include "app/jobs/experiment/experiment.h"
#include "app/jobs/prompts.h"
#include "core/model/config.h"
#include "core/plugin/registry.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::jobs::experiment {

struct ModelInput {
  model::ModelConfig config;
  std::string hash;                                      ///< of weights and config
  std::string tokenizerHash;                             ///< empty without one
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer; ///< null without one
};

/// What an experiment reads, checked: models, texts, recipes, decoders and plugins. In the order of
/// the experiment's lists.
struct Inputs {
  std::vector<ModelInput> models;
  std::vector<PromptSet> prompts;
  std::vector<evaluate::TaskSet> tasks;
  std::vector<std::string> recipes; ///< JSON: recipe, and id, version and options of each step
  std::vector<evaluate::Variant> decoders;    ///< decoder and options; the first is plain
  std::vector<std::string> decoderIds;        ///< JSON: id, version, options; empty for plain
  std::map<std::string, std::string> plugins; ///< JSON of each analysis request, by requestKey()
};

/// Text that is equal for equal requests.
std::string requestKey(const AnalysisRequest& request);

/// Reads and checks them. Errors: those of the readers; InvalidArgument for a model without a path,
/// saying how to give one, and for conversations that
/// two models render differently; those of plugins and their options, with the key.
base::Result<Inputs> readInputs(const Experiment& experiment, const plugin::Registry& registry);

/// The filter of a set, for the readers.
evaluate::TaskFilter filterOf(const TaskEntry& entry);
PromptFilter filterOf(const TextSet& entry);

} // namespace switchyard::jobs::experiment
