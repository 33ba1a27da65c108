#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/facts.h"
#include "app/cli/verb.h"
#include "app/jobs/model_info.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string path;
};

std::string millions(const nlohmann::json& count) {
  return fmt::format("{:.2f} M", count.get<double>() / 1e6);
}

void printModel(const nlohmann::json& info) {
  std::string layers = fmt::format("{}", info["layers"].get<int>());
  if (!info["dense_layers"].empty())
    layers += fmt::format(" (dense: {})", info["dense_layers"].dump());
  std::string shared = info["shared_expert_width"].get<int>() > 0
                           ? fmt::format("width {}", info["shared_expert_width"].get<int>())
                           : "none";
  const nlohmann::json& tokenizer = info["tokenizer"];
  printFacts(
      {{"family", info["family"].get<std::string>()},
       {"architecture", info["architecture"].get<std::string>()},
       {"layers", layers},
       {"hidden", info["hidden"].dump()},
       {"attention", fmt::format("{}, {} heads, {} key/value heads, head {}{}",
                                 info["attention"].get<std::string>(), info["heads"].get<int>(),
                                 info["kv_heads"].get<int>(), info["head_dim"].get<int>(),
                                 info["sliding_window"].get<bool>() ? ", sliding window" : "")},
       {"rope", info["rope"].get<std::string>()},
       {"experts",
        fmt::format("{} per layer, {} per token, width {}", info["experts"].get<int>(),
                    info["experts_per_token"].get<int>(), info["expert_width"].get<int>())},
       {"shared experts", shared},
       {"router", info["router"].get<std::string>()},
       {"parameters", fmt::format("{} total, {} active per token", millions(info["parameters"]),
                                  millions(info["active_parameters"]))},
       {"stored as", fmt::format("{}, {}", info["dtype"].get<std::string>(),
                                 humanBytes(info["file_bytes"].get<std::uint64_t>()))},
       {"in memory", humanBytes(info["memory_bytes"].get<std::uint64_t>())},
       {"positions", info["positions"].dump()},
       {"vocabulary", info["vocabulary"].dump()},
       {"tokenizer", tokenizer.contains("problem")
                         ? tokenizer["problem"].get<std::string>()
                         : fmt::format("{} entries", tokenizer["vocabulary"].get<int>())}});
}

base::Result<int> run(const Options& options) {
  std::error_code error;
  const bool folder = std::filesystem::is_directory(options.path, error);
  if (!folder)
    return printTraceInfo(options.path, options.common.json);
  const nlohmann::json info = SY_TRY(jobs::modelInfo(options.path));
  if (options.common.json)
    fmt::print("{}\n", info.dump(2));
  else
    printModel(info);
  return kOk;
}

} // namespace

void addInfo(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = verbs.add("info", "Facts of a checkpoint or a trace",
                             "  switchyard info data/demo-model\n"
                             "  switchyard info demo.swy --json");
  verb->add_option("path", options->path, "Checkpoint folder or .swy trace")->required();
  addJson(verb, options->common);
  verbs.body(verb, [options](const Run&) { return run(*options); });
}

} // namespace switchyard::cli
