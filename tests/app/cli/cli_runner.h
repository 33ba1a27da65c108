#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"

namespace switchyard::tests {

/// Runs the `switchyard` binary as a user would.
inline ProcessResult cli(std::vector<std::string> arguments, int seconds = 300) {
  arguments.insert(arguments.begin(), SY_CLI);
  return run(arguments, seconds);
}

/// Standard output parsed as JSON; a discarded value if it is none.
inline nlohmann::json cliJson(std::vector<std::string> arguments) {
  arguments.push_back("--json");
  return nlohmann::json::parse(cli(std::move(arguments)).out, nullptr, false);
}

inline const std::string kDemoModel = SY_DATA "/demo-model";
inline const std::string kDemoPrompts = SY_DATA "/prompts/domains.jsonl";
inline const std::string kGolden = SY_TEST_DATA "/golden";

} // namespace switchyard::tests
