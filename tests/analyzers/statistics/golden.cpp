#include "tests/analyzers/statistics/golden.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <map>

namespace switchyard::statistics::testing {

const nlohmann::json& golden(const std::string& name) {
  static std::map<std::string, nlohmann::json> loaded;
  nlohmann::json& document = loaded[name];
  if (document.is_null())
    document = nlohmann::json::parse(std::ifstream(SY_TEST_DATA "/golden/statistics/" + name));
  return document;
}

double number(const nlohmann::json& value) {
  if (value.is_string())
    return value == "inf" ? std::numeric_limits<double>::infinity()
                          : -std::numeric_limits<double>::infinity();
  return value.get<double>();
}

std::vector<double> numbers(const nlohmann::json& array) {
  std::vector<double> values;
  for (const auto& value : array)
    values.push_back(number(value));
  return values;
}

std::vector<std::int64_t> integers(const nlohmann::json& array) {
  return array.get<std::vector<std::int64_t>>();
}

Tolerance tolerance(const nlohmann::json& demand) {
  return {demand.value("rel", 0.0), demand.value("abs", 0.0)};
}

::testing::AssertionResult close(double got, const nlohmann::json& want, Tolerance demand) {
  if (want.is_null())
    return ::testing::AssertionFailure() << "got " << got << ", want undefined";
  const double expected = number(want);
  const bool equal = got == expected;
  const double allowed = std::max(demand.absolute, demand.relative * std::fabs(expected));
  if (equal || std::fabs(got - expected) <= allowed)
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "got " << got << ", want " << expected << ", allowed " << allowed;
}

::testing::AssertionResult close(const std::optional<double>& got, const nlohmann::json& want,
                                 Tolerance demand) {
  if (got)
    return close(*got, want, demand);
  if (want.is_null())
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "got undefined, want " << want;
}

} // namespace switchyard::statistics::testing
