#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/decoder_flags.h"
#include "app/cli/log.h"
#include "app/cli/verb.h"
#include "app/jobs/perplexity.h"
#include "app/jobs/prompts.h"
#include "app/jobs/recipes.h"
#include "app/jobs/text.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string model;
  std::vector<std::string> texts;
  std::int64_t context = 0;
  std::int64_t prefix = 0;
  std::string recipe;
  DecoderFlags decoder;
  std::shared_ptr<plugin::Registry> registry;
  bool noTemplate = false;
};

nlohmann::json toJson(const jobs::DocumentLoss& loss) {
  return {{"id", loss.id},
          {"tokens", loss.tokens},
          {"scored", loss.scored},
          {"windows", loss.windows},
          {"sum_nll", loss.sumNll},
          {"mean_nll", loss.scored > 0
                           ? nlohmann::json(loss.sumNll / static_cast<double>(loss.scored))
                           : nlohmann::json(nullptr)},
          {"perplexity",
           loss.scored > 0 ? nlohmann::json(jobs::perplexity(loss)) : nlohmann::json(nullptr)}};
}

void printLine(const jobs::DocumentLoss& loss) {
  if (loss.scored == 0)
    fmt::print("{:<32} {:>8} {:>8} {:>12} {:>12}\n", loss.id, loss.tokens, loss.scored, "-", "-");
  else
    fmt::print("{:<32} {:>8} {:>8} {:>12.4f} {:>12.4f}\n", loss.id, loss.tokens, loss.scored,
               loss.sumNll / static_cast<double>(loss.scored), jobs::perplexity(loss));
}

base::Result<int> run(const Options& options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  const base::ThreadContext threads(options.common.threads);
  const std::vector<jobs::Prompt> prompts =
      SY_TRY(jobs::readAllPrompts(options.texts, jobs::chatRenderer(options.model))).prompts;
  const model::ModelConfig config = SY_TRY(model::readConfig(options.model));
  const std::int64_t context = options.context > 0 ? options.context : config.maxPositions;
  if (context < 2 || context > config.maxPositions)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("--context {} is outside 2..{}, the model's positions", context,
                                  config.maxPositions));
  const auto tokenizer = SY_TRY(jobs::tokenizerFor(options.model, prompts));
  const auto windows = SY_TRY(
      jobs::makeWindows(prompts, tokenizer ? &*tokenizer : nullptr, !options.noTemplate, context));
  std::unique_ptr<routing::Policy> policy;
  std::string under;
  if (!options.recipe.empty()) {
    const routing::Recipe recipe = SY_TRY(jobs::readRecipe(options.recipe));
    policy =
        SY_TRY(jobs::makePolicy(recipe, options.registry.get(), tokenizer ? &*tokenizer : nullptr));
    under = routing::toJson(recipe);
  }
  const auto decoder = SY_TRY(jobs::DecoderChoice::find(
      SY_TRY(options.decoder.request(*options.registry)), options.registry,
      {.log = stderrLog(options.common.quiet), .control = {{}, run.stop}}));
  // A decoder needs something to start from: half of what the windows can hold.
  const std::int64_t prefix = options.prefix > 0  ? options.prefix
                              : decoder.isPlain() ? 1
                                                  : context / 2;
  if (prefix >= context)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("--prefix {} leaves nothing to score in windows of {} tokens",
                                  prefix, context));
  ProgressBar bar("perplexity", !options.common.quiet);
  const base::RunControl control{bar.callback(), run.stop};
  const auto model = SY_TRY(model::Model::load(options.model, threads, {}, control));
  const auto result = SY_TRY(jobs::measurePerplexity(
      model, threads, prompts, windows,
      {.policy = policy.get(),
       .prefix = prefix,
       .decoder = &decoder,
       .compile =
           jobs::recipeCompiler(options.registry.get(), tokenizer ? &*tokenizer : nullptr, under)},
      control));
  bar.clear();
  if (options.common.json) {
    nlohmann::json documents = nlohmann::json::array();
    for (const jobs::DocumentLoss& loss : result.documents)
      documents.push_back(toJson(loss));
    fmt::print("{}\n", nlohmann::json{{"context", context},
                                      {"prefix", prefix},
                                      {"decoder", decoder.shortName()},
                                      {"documents", documents},
                                      {"total", toJson(result.total)}}
                           .dump(2));
    return kOk;
  }
  fmt::print("{:<32} {:>8} {:>8} {:>12} {:>12}\n", "document", "tokens", "scored", "nats/token",
             "perplexity");
  for (const jobs::DocumentLoss& loss : result.documents)
    printLine(loss);
  printLine(result.total);
  return kOk;
}

} // namespace

void addPerplexity(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  options->registry = verbs.registry();
  CLI::App* verb = verbs.add(
      "perplexity", "Next-token loss of texts, per document and in total",
      "  switchyard perplexity data/demo-model --text data/prompts/domains.jsonl\n"
      "  switchyard perplexity data/demo-model --text a.txt b.txt --context 256 --json\n"
      "  switchyard perplexity data/demo-model --text a.txt --context 256 --prefix 128 --decoder "
      "rerouting --rerouting.interval 0");
  verb->add_option("model", options->model, "Checkpoint folder (config.json, *.safetensors)")
      ->required();
  verb->add_option("--text", options->texts,
                   "Text files, JSONL files (rows with text or token_ids), or folders of them")
      ->required();
  verb->add_option(
      "--context", options->context,
      "Cut documents into windows of this many tokens; default: the model's positions");
  verb->add_option("--prefix", options->prefix,
                   "Tokens of each window that are context and not scored; default: 1, with a "
                   "decoder half of --context")
      ->check(CLI::PositiveNumber);
  verb->add_option("--recipe", options->recipe,
                   "Routing recipe (a JSON file, or the JSON itself) that changes the routing");
  verb->add_flag("--no-template", options->noTemplate, "Do not add the tokenizer's BOS and EOS");
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  options->decoder.add(verb, *verbs.registry());
  verbs.body(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
