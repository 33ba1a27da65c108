#include "app/jobs/command_line.h"

#include <fmt/format.h>

namespace switchyard::jobs {

std::string shellQuoted(const std::string& word) {
  const bool plain =
      !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789_-./,:=+@%") == std::string::npos;
  if (plain)
    return word;
  std::string quoted = "'";
  for (const char c : word)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string samplerFlags(const session::SamplerOptions& options) {
  const session::SamplerOptions defaults;
  std::string flags;
  const auto add = [&](const char* flag, auto value, auto standard) {
    if (value != standard)
      flags += fmt::format(" --{} {}", flag, value);
  };
  add("temperature", options.temperature, defaults.temperature);
  add("top-k", options.topK, defaults.topK);
  add("top-p", options.topP, defaults.topP);
  add("min-p", options.minP, defaults.minP);
  add("repetition-penalty", options.repetitionPenalty, defaults.repetitionPenalty);
  add("seed", options.seed, defaults.seed);
  return flags;
}

std::string generateCommand(const std::string& model, const std::string& prompt,
                            const GenerateOptions& options, const DecoderRequest& decoder,
                            const std::string& recipe) {
  std::string line =
      fmt::format("switchyard generate {} --prompt {} --max-tokens {}{}", shellQuoted(model),
                  shellQuoted(prompt), options.maxTokens, samplerFlags(options.sampler));
  if (!decoder.name.empty()) {
    line += " --decoder " + shellQuoted(decoder.name);
    for (const auto& [name, value] : decoder.options)
      line += fmt::format(" --{}.{} {}", decoder.name, name, shellQuoted(value));
  }
  if (!recipe.empty())
    line += " --recipe " + shellQuoted(recipe);
  return line;
}

} // namespace switchyard::jobs
