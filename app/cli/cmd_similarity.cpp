#include <fmt/format.h>

#include "analyzers/report/text.h"
#include "app/cli/verb.h"
#include "app/jobs/similarity.h"
#include "app/jobs/write_analysis.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  jobs::SimilarityOptions job;
  std::string model;
  std::string out;
};

base::Result<int> run(Options options, const Run& run) {
  SY_TRY(checkThreads(options.common));
  options.job.model = options.model;
  const base::ThreadContext threads(options.common.threads);
  ProgressBar bar("similarity", !options.common.quiet);
  const jobs::Analysis analysis =
      SY_TRY(jobs::similarity(options.job, threads, {bar.callback(), run.stop}));
  bar.clear();
  if (options.common.json)
    fmt::print("{}", jobs::toJson(analysis));
  else if (!options.common.quiet)
    fmt::print("{}", analyzers::report::toText(analysis.results.front(), {.maxRows = 24}));
  if (!options.out.empty())
    SY_TRY(jobs::writeAnalysis(analysis, options.out, threads));
  return kOk;
}

} // namespace

void addSimilarity(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      verbs.add("similarity", "How alike are the experts' weights and router rows?",
                "  switchyard similarity data/demo-model\n"
                "  switchyard similarity data/demo-model --layers 0,5 --reorder --out sim");
  verb->add_option("model", options->model, "Checkpoint folder")->required();
  verb->add_option("--layers", options->job.layers,
                   "Positions in the stack; default: all MoE layers")
      ->delimiter(',');
  verb->add_flag("--reorder", options->job.reorder,
                 "Also pair the neurons of every two experts (slow for wide experts)");
  verb->add_option("--out", options->out, "Folder for analysis.json, CSV tables and SVG figures");
  addThreads(verb, options->common);
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options](const Run& r) { return run(*options, r); });
}

} // namespace switchyard::cli
