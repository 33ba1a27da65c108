#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/diff_text.h"
#include "app/cli/verb.h"
#include "app/jobs/experiment/numbers.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string a, b;
  std::size_t lines = 40;
};

base::Result<int> run(const Options& options) {
  const auto a = SY_TRY(jobs::experiment::readNumbers(options.a));
  const auto b = SY_TRY(jobs::experiment::readNumbers(options.b));
  const jobs::experiment::NumberDiff diff = jobs::experiment::diffNumbers(a, b);
  if (options.common.json)
    fmt::print("{}\n", toJson(diff).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  else if (!options.common.quiet)
    fmt::print("{}{} values are the same, {} differ, {} are only in the first, {} only in the "
               "second\n",
               toText(diff, options.lines), diff.same, diff.changed.size(), diff.onlyA.size(),
               diff.onlyB.size());
  return diff.equal() ? kOk : kFailed;
}

} // namespace

void addResultsDiff(VerbSet& verbs, CLI::App* parent) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = verbs.add(
      "diff", "Which numbers of two results differ, and by how much; ends with 1 if any does",
      "  switchyard results diff monday.results tuesday.results\n"
      "  switchyard results diff a.results:capture/demo/domains/k=2 "
      "a.results:capture/demo/domains/k=3\n"
      "  switchyard results diff analysis other-analysis --json",
      parent);
  verb->add_option(
          "a", options->a,
          "Results, FILE:CELL of them, an exported folder, or what a verb wrote with --out")
      ->required();
  verb->add_option("b", options->b, "What to hold against it")->required();
  verb->add_option("--lines", options->lines, "Differences shown")->capture_default_str();
  addJson(verb, options->common);
  addQuiet(verb, options->common);
  verbs.body(verb, [options](const Run&) { return run(*options); });
}

} // namespace switchyard::cli
