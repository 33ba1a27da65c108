#include "app/cli/facts.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/exit_codes.h"
#include "app/jobs/trace_info.h"

namespace switchyard::cli {

namespace {

/// "0, 1, ... (6 layers of 32 experts, top-4)" from the list of MoE layers.
std::string describeLayers(const nlohmann::json& layers) {
  if (layers.empty())
    return "none";
  const auto& first = layers.front();
  const bool uniform = std::ranges::all_of(layers, [&](const nlohmann::json& layer) {
    return layer["experts"] == first["experts"] && layer["k"] == first["k"];
  });
  if (!uniform)
    return fmt::format("{} MoE layers of different widths", layers.size());
  return fmt::format("{} MoE layers of {} experts, top-{}", layers.size(),
                     first["experts"].get<int>(), first["k"].get<int>());
}

std::string describeLabels(const nlohmann::json& labels) {
  std::string text;
  for (const auto& item : labels.items())
    text +=
        fmt::format("{}{} ({} values)", text.empty() ? "" : ", ", item.key(), item.value().size());
  return text;
}

std::string joined(const nlohmann::json& texts, const char* separator) {
  std::string text;
  for (const auto& each : texts)
    text += (text.empty() ? "" : separator) + each.get<std::string>();
  return text;
}

} // namespace

void printFacts(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::size_t width = 0;
  for (const auto& [name, value] : facts)
    if (!value.empty())
      width = std::max(width, name.size());
  for (const auto& [name, value] : facts)
    if (!value.empty())
      fmt::print("{:<{}}  {}\n", name, width, value);
}

std::string humanBytes(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

base::Result<int> printTraceInfo(const std::string& path, bool json) {
  const auto trace = SY_TRY(trace::Trace::open(path));
  const nlohmann::json info = SY_TRY(jobs::traceInfo(*trace));
  if (json) {
    fmt::print("{}\n", info.dump(2));
    return kOk;
  }
  const nlohmann::json& model = info["model"];
  const auto text = [](const nlohmann::json& value) { return value.get<std::string>(); };
  printFacts(
      {{"trace", text(info["trace"])},
       {"complete", info["complete"].get<bool>() ? "yes" : "no"},
       {"notices", joined(info["notices"], "; ")},
       {"model", fmt::format("{} ({})", text(model["name"]), text(model["family"]))},
       {"router", text(model["router"])},
       {"layers", describeLayers(info["layers"])},
       {"sequences", info["sequences"].dump()},
       {"tokens", fmt::format("{} ({} prompt, {} generated)", info["tokens"].dump(),
                              info["prompt_tokens"].dump(), info["generated_tokens"].dump())},
       {"recorded", text(info["recorded"])},
       {"decoder", info["options"].value("decoder", "")},
       {"figures", joined(info["figures"], ", ")},
       {"labels", describeLabels(info["labels"])},
       {"size", humanBytes(info["file_bytes"].get<std::uint64_t>())},
       {"made by", text(info["program"])},
       {"command", text(info["command"])}});
  return kOk;
}

} // namespace switchyard::cli
