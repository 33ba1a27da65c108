#include "app/jobs/experiment/outcomes.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "core/base/json.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;
using nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

} // namespace

std::string outcomesToJson(const std::vector<evaluate::Outcome>& outcomes) {
  json rows = json::array();
  for (const evaluate::Outcome& o : outcomes)
    // A loss can be infinite, where a decoder rules a token out.
    rows.push_back({std::isfinite(o.score) ? json(o.score) : json(),
                    o.lengthScore ? json(*o.lengthScore) : json(), o.promptTokens, o.tokens,
                    o.thinking ? json(*o.thinking) : json(), o.stop, o.text});
  return rows.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::vector<evaluate::Outcome>> outcomesFromJson(std::string_view text) {
  const json rows = SY_TRY(base::parseJson(text, {kMaxBytes, 8}, {}));
  std::vector<evaluate::Outcome> outcomes;
  try {
    for (const json& row : rows) {
      evaluate::Outcome o;
      o.score =
          row.at(0).is_null() ? std::numeric_limits<double>::infinity() : row.at(0).get<double>();
      if (!row.at(1).is_null())
        o.lengthScore = row.at(1).get<double>();
      o.promptTokens = row.at(2).get<std::int64_t>();
      o.tokens = row.at(3).get<std::int64_t>();
      if (!row.at(4).is_null())
        o.thinking = row.at(4).get<std::int64_t>();
      o.stop = row.at(5).get<std::string>();
      o.text = row.at(6).get<std::string>();
      outcomes.push_back(std::move(o));
    }
  } catch (const json::exception&) {
    return base::fail(base::ErrorCode::Corrupt, "the answers of an evaluation are damaged");
  }
  return outcomes;
}

} // namespace switchyard::jobs::experiment
