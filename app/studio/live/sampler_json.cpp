#include "app/studio/live/sampler_json.h"

#include <nlohmann/json.hpp>

namespace switchyard::studio {

namespace {

using nlohmann::json;

/// Calls `take` with the name and the value of each setting.
template <typename Sampler, typename Take> void eachSetting(Sampler& sampler, const Take& take) {
  take("seed", sampler.seed);
  take("temperature", sampler.temperature);
  take("top_k", sampler.topK);
  take("top_p", sampler.topP);
  take("min_p", sampler.minP);
  take("repetition_penalty", sampler.repetitionPenalty);
}

} // namespace

json toJson(const session::SamplerOptions& sampler) {
  json object = json::object();
  eachSetting(sampler, [&object](const char* name, const auto& value) { object[name] = value; });
  return object;
}

bool readSampler(const json& object, session::SamplerOptions& sampler) {
  bool whole = true;
  eachSetting(sampler, [&](const char* name, auto& value) {
    const auto found = object.find(name);
    if (found != object.end() && found->is_number())
      found->get_to(value);
    else
      whole = false;
  });
  return whole;
}

} // namespace switchyard::studio
