#include <filesystem>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/decoder_flags.h"
#include "app/cli/log.h"
#include "app/cli/sampler_flags.h"
#include "app/cli/verb.h"
#include "app/jobs/capture.h"
#include "app/jobs/evaluate/task_file.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  jobs::CaptureOptions job;
  std::string model;
  std::string prompts;
  std::string out;
  std::string record = "ids,weights";
  std::string maxMemory;
  std::int64_t context = 0;
  std::string recipe, only;
  DecoderFlags decoder;
  bool noTemplate = false;
};

base::Result<int> run(Options options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  jobs::CaptureOptions& job = options.job;
  job.model = options.model;
  job.prompts = options.prompts;
  job.out = options.out.empty() ? std::filesystem::path(options.prompts).stem().string() + ".swy"
                                : options.out;
  job.columns = SY_TRY(trace::parseColumns(options.record));
  if (options.context != 0)
    job.context = options.context;
  if (!options.maxMemory.empty())
    job.maxMemory = SY_TRY(parseBytes(options.maxMemory));
  job.addTemplate = !options.noTemplate;
  job.recipe = options.recipe;
  if (!options.only.empty())
    std::tie(job.filter.label, job.filter.value) = SY_TRY(jobs::evaluate::parseLabel(options.only));
  job.decoder = SY_TRY(options.decoder.request(*job.registry));
  job.ranks = run.ranks;
  job.log = stderrLog(options.common.quiet);
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("capture", !options.common.quiet);
  const jobs::CaptureResult result =
      SY_TRY(jobs::capture(job, threads, {bar.callback(), run.stop}));
  bar.clear();
  if (!run.isFirst())
    return kOk;
  const double rate =
      result.seconds > 0 ? static_cast<double>(result.tokens) / result.seconds : 0.0;
  if (options.common.json)
    fmt::print("{}\n", nlohmann::json{{"trace", job.out.string()},
                                      {"sequences", result.sequences},
                                      {"captured", result.captured},
                                      {"tokens", result.tokens},
                                      {"tokens_per_second", rate},
                                      {"complete", result.complete}}
                           .dump(2));
  else if (!options.common.quiet)
    fmt::print(stderr, "{}: {} sequences ({} new), {} tokens at {:.0f}/s{}\n", job.out.string(),
               result.sequences, result.captured, result.tokens, rate,
               result.complete ? "" : "; incomplete, continue with --resume");
  return result.complete ? kOk : kInterrupted;
}

} // namespace

void addCapture(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  options->job.registry = verbs.registry();
  CLI::App* verb = verbs.add(
      "capture", "Run a prompt set through a model and record every routing decision",
      "  switchyard capture data/demo-model --prompts data/prompts/domains.jsonl --out demo.swy\n"
      "  switchyard capture data/demo-model --prompts book.txt --context 256 --record "
      "ids,weights,logits\n"
      "  switchyard capture data/demo-model --prompts p.jsonl --out t.swy --resume\n"
      "  mpirun -n 4 switchyard capture data/demo-model --prompts p.jsonl --out t.swy\n"
      "\n"
      "A JSONL row has \"text\", \"messages\" (written by the model's chat template) or "
      "\"token_ids\",\n"
      "an optional \"id\", and any labels:\n"
      "  {\"id\": \"a1\", \"text\": \"...\", \"domain\": \"law\", \"lang\": \"en\"}\n"
      "  {\"messages\": [{\"role\": \"user\", \"content\": \"47+85=?\"}]}");
  verb->add_option("model", options->model, "Checkpoint folder (config.json, *.safetensors)")
      ->required();
  verb->add_option("--prompts", options->prompts,
                   "JSONL file, text file, or folder of both; long texts are cut into windows")
      ->required();
  verb->add_option("--only", options->only, "LABEL=VALUE: documents with this label only");
  verb->add_option("--skip", options->job.filter.skip, "Of those, leave the first N out")
      ->capture_default_str();
  verb->add_option("--limit", options->job.filter.limit, "Of the rest, the first N; 0 = all")
      ->capture_default_str();
  verb->add_option("--out", options->out, "Trace to write; default: name of the prompts + .swy");
  verb->add_option("--record", options->record,
                   "What to record: ids,weights,logits,norms,hidden,lm-logits,predicted,\n"
                   "distributions (what each generated token was chosen from)")
      ->capture_default_str();
  verb->add_option("--generate", options->job.generate,
                   "Tokens to generate (and record) after each prompt")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--context", options->context,
                   "Window length in tokens; default: the model's positions");
  verb->add_option("--max-memory", options->maxMemory,
                   "Bound for weights, KV state and buffered rows, e.g. 8G");
  verb->add_option("--recipe", options->recipe,
                   "Routing recipe (a JSON file, or the JSON itself) that changes the routing");
  verb->add_flag("--resume", options->job.resume, "Continue an interrupted capture");
  verb->add_flag("--overwrite", options->job.overwrite, "Replace an existing trace");
  verb->add_flag("--no-template", options->noTemplate, "Do not add the tokenizer's BOS and EOS");
  addSamplerFlags(verb, options->job.sampler);
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  options->decoder.add(verb, *verbs.registry());
  verbs.sharedBody(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
