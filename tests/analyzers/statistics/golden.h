#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace switchyard::statistics::testing {

/// tests/golden/statistics/<name>, parsed.
const nlohmann::json& golden(const std::string& name);

/// A golden number: "inf" and "-inf" are strings there.
double number(const nlohmann::json& value);
std::vector<double> numbers(const nlohmann::json& array);
std::vector<std::int64_t> integers(const nlohmann::json& array);

/// The demand |got - want| <= max(absolute, relative * |want|).
struct Tolerance {
  double relative = 0.0;
  double absolute = 0.0;
};

/// Reads {"rel": .., "abs": ..}; missing parts are 0.
Tolerance tolerance(const nlohmann::json& demand);

::testing::AssertionResult close(double got, const nlohmann::json& want, Tolerance demand);
/// Nothing must meet null, and only null.
::testing::AssertionResult close(const std::optional<double>& got, const nlohmann::json& want,
                                 Tolerance demand);

} // namespace switchyard::statistics::testing
