#include "app/jobs/option_json.h"

#include <nlohmann/json.hpp>

namespace switchyard::jobs {

using nlohmann::json;

json givenOptions(const plugin::OptionValues& values) {
  json object = json::object();
  for (const plugin::OptionValue& value : values) {
    if (!value.set || (value.values.empty() && !value.list))
      continue;
    json list = json::array();
    for (const plugin::OptionScalar& scalar : value.values)
      list.push_back(std::visit([](const auto& held) { return json(held); }, scalar));
    object[value.name] = value.list ? std::move(list) : std::move(list.front());
  }
  return object;
}

} // namespace switchyard::jobs
