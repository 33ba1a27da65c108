#include "app/jobs/experiment/origin.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/jobs/experiment/fields.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;
using nlohmann::json;

constexpr std::uint64_t kMaxBytes = 1ull << 28;

Result<Overrides> overridesOf(const json& value, const base::Where& where) {
  Overrides all;
  for (const auto& [key, list] :
       {std::pair("models", &all.models), std::pair("prompts", &all.prompts),
        std::pair("tasks", &all.tasks)}) {
    if (!value.is_object() || !value.contains(key))
      continue;
    for (const json& pair : value[key]) {
      if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
        return base::fail(base::ErrorCode::InvalidFormat,
                          fmt::format("\"{}\" of the overrides is damaged", key), where);
      list->emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
    }
  }
  return all;
}

/// A few words for a value in a sentence.
std::string shown(const json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return text.size() > 40 ? text.substr(0, 37) + "..." : text;
}

void addOnce(std::vector<std::string>& list, std::string sentence) {
  if (std::ranges::find(list, sentence) == list.end())
    list.push_back(std::move(sentence));
}

} // namespace

std::string toJson(const Origin& origin) {
  json cells = json::object();
  for (const auto& [name, inputs] : origin.cells)
    cells[name] = inputs;
  const json experiment = json::parse(origin.text, nullptr, false);
  return json{{"experiment", experiment},
              {"file", origin.file.string()},
              {"cell", origin.cell},
              {"overrides",
               {{"models", origin.overrides.models},
                {"prompts", origin.overrides.prompts},
                {"tasks", origin.overrides.tasks}}},
              {"cells", cells}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Origin> originFromJson(const json& value, const base::Where& where) {
  if (!value.is_object() || !value.contains("experiment") || !value["experiment"].is_object() ||
      !value.contains("cells") || !value["cells"].is_object())
    return base::fail(base::ErrorCode::InvalidFormat,
                      "it does not say which experiment made these results", where);
  Origin origin;
  origin.text = value["experiment"].dump();
  origin.file = memberText(value, "file");
  origin.cell = memberText(value, "cell");
  if (value.contains("overrides"))
    origin.overrides = SY_TRY(overridesOf(value["overrides"], where));
  for (const auto& [name, inputs] : value["cells"].items())
    origin.cells.emplace(name, inputs);
  return origin;
}

Result<Origin> originOf(Store& store, const std::string& cell) {
  const Header header = SY_TRY(store.header());
  Origin origin;
  origin.text = header.text;
  origin.file = header.path;
  origin.cell = cell;
  const json overrides = SY_TRY(base::parseJson(header.overrides, {}, {}));
  origin.overrides = SY_TRY(overridesOf(overrides, {}));
  for (const StoredCell& each : SY_TRY(store.cells()))
    if (each.planned && each.state == CellState::Done && (cell.empty() || each.name == cell))
      origin.cells.emplace(each.name, SY_TRY(base::parseJson(each.inputs, {}, {})));
  return origin;
}

Result<Origin> originOfExport(const std::filesystem::path& folder) {
  const base::Where where{.file = (folder / "manifest.json").string()};
  const json manifest = SY_TRY(base::parseJson(
      SY_TRY(base::readTextFile(folder / "manifest.json", kMaxBytes)), {kMaxBytes, 64}, where));
  const json text =
      SY_TRY(base::parseJson(SY_TRY(base::readTextFile(folder / "experiment.json", kMaxBytes)),
                             {kMaxBytes, 64}, {.file = (folder / "experiment.json").string()}));
  if (!manifest.is_object() || !manifest.contains("cells") || !manifest["cells"].is_array())
    return base::fail(base::ErrorCode::InvalidFormat, "it lists no cells", where);
  Origin origin;
  origin.text = text.dump();
  origin.file = memberText(manifest, "file");
  if (manifest.contains("overrides"))
    origin.overrides = SY_TRY(overridesOf(manifest["overrides"], where));
  for (const json& cell : manifest["cells"])
    if (memberText(cell, "state") == "done" && cell.contains("inputs"))
      origin.cells.emplace(memberText(cell, "name"), cell["inputs"]);
  return origin;
}

InputChanges changesOf(const Origin& origin, const Plan& plan) {
  InputChanges changes;
  for (const Cell& cell : plan.cells) {
    const auto recorded = origin.cells.find(cell.name);
    if (recorded == origin.cells.end() || !recorded->second.is_object())
      continue;
    const json now = json::parse(cell.inputs, nullptr, false);
    const json& then = recorded->second;
    for (const auto& [key, value] : now.items()) {
      const json before = then.contains(key) ? then[key] : json();
      if (before == value)
        continue;
      const std::string& model = plan.experiment.models[cell.model].name;
      if (key == "model" || key == "tokenizer")
        addOnce(changes.bytes, fmt::format("the {} of \"{}\" is another one ({} then, {} now)",
                                           key == "model" ? "model" : "tokenizer", model,
                                           shown(before), shown(value)));
      else if (key == "prompts" || key == "tasks")
        addOnce(changes.bytes, fmt::format("the {} \"{}\" are others ({} then, {} now)", key,
                                           cell.set, shown(before), shown(value)));
      else if (key == "program")
        addOnce(changes.others,
                fmt::format("the program is version {} and was {}", shown(value), shown(before)));
      else if (key == "options" && before.is_object() &&
               before.value("to", json()) != value.value("to", json()))
        addOnce(changes.bytes, "what traces are compared with is another model");
      else
        addOnce(changes.others,
                fmt::format("{}: {} differs (a plugin has another version, or the experiment is "
                            "another)",
                            cell.name, key));
    }
  }
  for (const auto& [name, inputs] : origin.cells)
    if (std::ranges::find(plan.cells, name, &Cell::name) == plan.cells.end())
      addOnce(changes.others, fmt::format("the plan has no cell \"{}\" any more", name));
  return changes;
}

} // namespace switchyard::jobs::experiment
