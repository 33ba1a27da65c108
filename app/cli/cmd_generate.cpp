#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/decoder_flags.h"
#include "app/cli/log.h"
#include "app/cli/sampler_flags.h"
#include "app/cli/verb.h"
#include "app/jobs/chat.h"
#include "app/jobs/generate_text.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  jobs::GenerateTextOptions job;
  std::string model;
  std::string trace;
  std::string recipe;
  std::string record = "ids,weights";
  std::string messages, chat;
  DecoderFlags decoder;
  bool noTemplate = false;
  bool ignoreEos = false;
};

/// One object of figures for each token.
nlohmann::json toJson(const std::vector<jobs::DecodeRecord>& records) {
  nlohmann::json list = nlohmann::json::array();
  for (const jobs::DecodeRecord& record : records) {
    nlohmann::json figures = nlohmann::json::object();
    for (const auto& [name, value] : record)
      figures[name] = value;
    list.push_back(std::move(figures));
  }
  return list;
}

nlohmann::json toJson(const jobs::GenerateTextResult& result) {
  const jobs::GenerateResult& generated = result.generated;
  nlohmann::json ids = nlohmann::json::array();
  for (const base::TokenId token : generated.tokens)
    ids.push_back(token.value);
  nlohmann::json prompt = nlohmann::json::array();
  for (const base::TokenId token : result.prompt)
    prompt.push_back(token.value);
  return {{"prompt_ids", std::move(prompt)},
          {"ids", std::move(ids)},
          {"decoder", result.decoder},
          {"records", toJson(generated.records)},
          {"text", generated.text},
          {"stop_reason", jobs::name(generated.reason)},
          {"prompt_tokens_per_second", result.promptRate()},
          {"tokens_per_second", result.decodeRate()}};
}

/// The prompt of a conversation, if there is one.
base::Result<void> renderChat(Options& options) {
  if (options.messages.empty() && options.chat.empty())
    return {};
  const jobs::ChatRenderer render = jobs::chatRenderer(options.model);
  options.job.prompt = options.messages.empty()
                           ? SY_TRY(render(jobs::userMessage(options.chat)))
                           : SY_TRY(jobs::renderChatFile(options.messages, render));
  options.job.addTemplate = false; // the chat template writes the control tokens
  return {};
}

base::Result<int> run(Options options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  options.job.model = options.model;
  options.job.trace = options.trace;
  options.job.recipe = options.recipe;
  options.job.columns = SY_TRY(trace::parseColumns(options.record));
  options.job.wantsRecords = options.common.json;
  options.job.addTemplate = !options.noTemplate;
  SY_TRY(renderChat(options));
  options.job.generate.stopAtEos = !options.ignoreEos;
  options.job.decoder = SY_TRY(options.decoder.request(*options.job.registry));
  options.job.log = stderrLog(options.common.quiet);
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("load", !options.common.quiet);
  const bool stream = !options.common.json;
  const auto onText = [&](std::string_view text) {
    bar.clear();
    if (!stream)
      return;
    fmt::print("{}", text);
    std::fflush(stdout);
  };
  const jobs::GenerateTextResult result =
      SY_TRY(jobs::generateText(options.job, threads, onText, {bar.callback(), run.stop}));
  bar.clear();
  if (options.common.json)
    fmt::print("{}\n", toJson(result).dump(2));
  else
    fmt::print("\n");
  if (!options.common.quiet && !options.common.json)
    fmt::print(stderr, "{} prompt tokens at {:.0f}/s, {} new tokens at {:.1f}/s, ended by {}\n",
               result.prompt.size(), result.promptRate(), result.generated.tokens.size(),
               result.decodeRate(), jobs::name(result.generated.reason));
  return result.generated.reason == jobs::StopReason::Cancelled ? kInterrupted : kOk;
}

} // namespace

void addGenerate(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  options->job.registry = verbs.registry();
  CLI::App* verb = verbs.add(
      "generate", "Continue a prompt and stream the text",
      "  switchyard generate data/demo-model --prompt 'Q: 47+85=? <think>'\n"
      "  switchyard generate data/demo-model --prompt 'The carriage' --temperature 0.8 --top-p "
      "0.95 "
      "--seed 7\n"
      "  switchyard generate data/demo-model --prompt 'Q: 6*7=? A:' --stop Q: --trace answer.swy\n"
      "  switchyard generate data/demo-model --chat '47+85=?'\n"
      "  switchyard generate data/demo-model --prompt 'Q: 6*7=? A:' --decoder sample-decoder "
      "--sample-decoder.candidates 4 --json");
  verb->add_option("model", options->model, "Checkpoint folder (config.json, *.safetensors)")
      ->required();
  auto* prompt = verb->add_option("--prompt", options->job.prompt, "Text to continue");
  auto* tokens = verb->add_option("--token-ids", options->job.tokenIds,
                                  "Token ids to continue, instead of text (12,873,...)")
                     ->delimiter(',');
  auto* messages = verb->add_option(
      "--messages", options->messages,
      "JSON file with a conversation to continue by the model's chat template: a list "
      "of messages, or an object with \"messages\", \"tools\", ...");
  auto* chat =
      verb->add_option("--chat", options->chat, "A conversation of one message of the user");
  for (CLI::Option* one : {prompt, tokens, messages, chat})
    for (CLI::Option* other : {prompt, tokens, messages, chat})
      if (one != other)
        one->excludes(other);
  verb->add_option("--max-tokens", options->job.generate.maxTokens, "New tokens at most")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--stop", options->job.generate.stop,
                   "Text that ends the generation; may be given several times");
  verb->add_flag("--ignore-eos", options->ignoreEos, "Go on after an end-of-text token");
  verb->add_flag("--no-template", options->noTemplate, "Do not add the tokenizer's BOS and EOS");
  verb->add_option("--recipe", options->recipe,
                   "Routing recipe (a JSON file, or the JSON itself) that changes the routing");
  verb->add_option("--trace", options->trace, "Record the routing into this new .swy file");
  verb->add_option("--record", options->record,
                   "What the trace holds: ids,weights,logits,norms,hidden,lm-logits,predicted,\n"
                   "distributions (what each generated token was chosen from)")
      ->capture_default_str();
  addSamplerFlags(verb, options->job.generate.sampler);
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  options->decoder.add(verb, *verbs.registry());
  verbs.body(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
