#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/facts.h"
#include "app/cli/log.h"
#include "app/cli/plugin_flags.h"
#include "app/cli/verb.h"
#include "app/jobs/transform.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string model;
  std::string with;
  std::string out;
  std::string trace;
  PluginFlags flags;
  std::shared_ptr<plugin::Registry> registry;
};

base::Result<int> run(const Options& options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  const plugin::Manifest manifest =
      SY_TRY(options.registry->find(options.with, plugin::Kind::Transform));
  if (const std::string unused = options.flags.unusedBy({manifest.shortName()}); !unused.empty())
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("there are options for {}, which is not run", unused));
  const plugin::OptionValues values = SY_TRY(plugin::parseOptions(
      manifest.options, options.flags.of(manifest.shortName()), manifest.shortName()));
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("transform", !options.common.quiet);
  const base::RunControl control{bar.callback(), run.stop};
  plugin::HostContext context;
  context.log = stderrLog(options.common.quiet);
  context.control = control;
  const auto transform = SY_TRY(options.registry->transform(manifest.id, values, context));
  jobs::TransformOptions job{.model = options.model, .out = options.out};
  if (!options.trace.empty())
    job.trace = options.trace;
  const jobs::TransformOutcome outcome = SY_TRY(jobs::transform(*transform, job, threads, control));
  bar.clear();
  if (options.common.json)
    fmt::print("{}\n", nlohmann::json{{"out", options.out},
                                      {"changes", outcome.summary},
                                      {"tensors", outcome.tensors},
                                      {"bytes", outcome.bytes}}
                           .dump(2));
  else if (!options.common.quiet) {
    for (const std::string& line : outcome.summary)
      fmt::print("{}\n", line);
    fmt::print("{}: {} tensors, {}\n", options.out, outcome.tensors, humanBytes(outcome.bytes));
  }
  return kOk;
}

} // namespace

void addTransform(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  options->registry = verbs.registry();
  CLI::App* verb = verbs.add(
      "transform", "Write a changed checkpoint: prune experts, ...",
      "  switchyard transform data/demo-model --with drop-experts --trace demo.swy --out smaller\n"
      "  switchyard perplexity smaller --text data/prompts/domains.jsonl");
  verb->add_option("model", options->model, "Checkpoint folder that is read")->required();
  verb->add_option("--with", options->with, "Transform plugin")->required();
  verb->add_option("--out", options->out, "Checkpoint folder to write; must not exist")->required();
  verb->add_option("--trace", options->trace, "Trace of that model, for transforms that need one");
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  options->flags.add(verb, *options->registry, {plugin::Kind::Transform});
  verbs.body(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
