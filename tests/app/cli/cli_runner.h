#pragma once

#include <fstream>
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

/// So many rows of a prompt file: the demo's, then the same once more under other ids.
inline std::string somePrompts(int count) {
  std::ifstream file(kDemoPrompts);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  std::string rows;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    auto row = nlohmann::json::parse(lines.at(i % lines.size()));
    if (i >= lines.size())
      row["id"] = row["id"].get<std::string>() + "-again-" + std::to_string(i / lines.size());
    rows += row.dump() + "\n";
  }
  return rows;
}

} // namespace switchyard::tests
