#include "app/jobs/experiment/template.h"

#include <utility>

#include <fmt/format.h>

namespace switchyard::jobs::experiment {

namespace {

using base::Result;
using nlohmann::json;

using Values = std::vector<std::pair<std::string, json>>; ///< one value of each name

std::string textOf(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Puts values in; notes which names were used.
void substitute(json& value, const Values& values, std::vector<bool>& used) {
  if (value.is_structured()) {
    for (json& part : value)
      substitute(part, values, used);
    return;
  }
  if (!value.is_string())
    return;
  auto text = value.get<std::string>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string mark = "{" + values[i].first + "}";
    if (text == mark) {
      value = values[i].second;
      used[i] = true;
      return;
    }
    const std::string replacement = textOf(values[i].second);
    for (std::size_t at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + replacement.size())) {
      text.replace(at, mark.size(), replacement);
      used[i] = true;
    }
  }
  value = std::move(text);
}

Result<void> checkEach(const json& each, const std::string& at, const base::Where& where) {
  Fields fields = SY_TRY(Fields::of(each, at + ".each", where));
  std::size_t combinations = 1;
  if (each.empty())
    return fields.fail("it names nothing that varies");
  for (const auto& [name, list] : each.items()) {
    if (!list.is_array() || list.empty())
      return fields.fail(name, "it is not a list of at least one value");
    for (const json& value : list)
      if (value.is_structured() || value.is_null())
        return fields.fail(name, "values are numbers, texts, true or false");
    combinations *= list.size();
    if (combinations > kMaxInstances)
      return base::fail(base::ErrorCode::LimitExceeded,
                        fmt::format("{}.each gives more than {} entries", at, kMaxInstances),
                        where);
  }
  return {};
}

Instance instanceOf(const json& rest, const Values& values, std::vector<bool>& used) {
  Instance instance;
  instance.entry = rest;
  substitute(instance.entry, values, used);
  int numbers = 0;
  for (const auto& [name, value] : values) {
    instance.values +=
        fmt::format("{}{}={}", instance.values.empty() ? "" : " ", name, textOf(value));
    numbers += value.is_number() ? 1 : 0;
  }
  for (const auto& [name, value] : values) {
    if (numbers != 1)
      break;
    if (value.is_number()) {
      instance.variable = name;
      instance.at = value.get<double>();
    } else {
      instance.others +=
          fmt::format("{}{}={}", instance.others.empty() ? "" : " ", name, textOf(value));
    }
  }
  return instance;
}

} // namespace

Result<std::vector<Instance>> instantiate(const json& entry, const std::string& at,
                                          const base::Where& where) {
  std::vector<bool> none;
  if (!entry.is_object() || !entry.contains("each"))
    return std::vector{instanceOf(entry, {}, none)};
  const json& each = entry["each"];
  SY_TRY(checkEach(each, at, where));
  json rest = entry;
  rest.erase("each");
  std::vector<std::pair<std::string, const json*>> lists;
  for (const auto& item : each.items())
    lists.emplace_back(item.key(), &item.value());
  std::vector<std::size_t> index(lists.size(), 0);
  std::vector<bool> used(lists.size(), false);
  std::vector<Instance> instances;
  for (;;) {
    Values values;
    for (std::size_t i = 0; i < lists.size(); ++i)
      values.emplace_back(lists[i].first, (*lists[i].second)[index[i]]);
    instances.push_back(instanceOf(rest, values, used));
    std::size_t last = lists.size();
    while (last > 0 && ++index[last - 1] == lists[last - 1].second->size())
      index[--last] = 0;
    if (last == 0)
      break;
  }
  for (std::size_t i = 0; i < lists.size(); ++i)
    if (!used[i])
      return base::fail(base::ErrorCode::InvalidFormat,
                        fmt::format("{}.each: \"{}\" is used nowhere; write {{{}}} where its value "
                                    "goes",
                                    at, lists[i].first, lists[i].first),
                        where);
  return instances;
}

} // namespace switchyard::jobs::experiment
