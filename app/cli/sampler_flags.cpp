#include "app/cli/sampler_flags.h"

namespace switchyard::cli {

void addSamplerFlags(CLI::App* verb, session::SamplerOptions& options) {
  constexpr const char* kGroup = "Sampling";
  verb->add_option("--temperature", options.temperature, "0 = greedy; > 0 divides the logits")
      ->capture_default_str()
      ->group(kGroup);
  verb->add_option("--top-k", options.topK, "Keep the K likeliest tokens; 0 = all")
      ->capture_default_str()
      ->group(kGroup);
  verb->add_option("--top-p", options.topP, "Keep the likeliest tokens whose mass reaches P")
      ->capture_default_str()
      ->group(kGroup);
  verb->add_option("--min-p", options.minP, "Keep tokens of at least P times the top probability")
      ->capture_default_str()
      ->group(kGroup);
  verb->add_option("--repetition-penalty", options.repetitionPenalty,
                   "Penalise tokens that occurred before; 1 = off")
      ->capture_default_str()
      ->group(kGroup);
  verb->add_option("--seed", options.seed, "Seed of the random draws")
      ->capture_default_str()
      ->group(kGroup);
}

} // namespace switchyard::cli
