#include "tests/layering/include_rules.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

namespace switchyard::tests {

namespace {

/// Files below `folder` may include, beside each other, core/base and libraries, only what is
/// named. The longest folder that fits a file counts.
struct Rule {
  std::string_view folder;
  std::vector<std::string_view> allowed;
  std::vector<std::string_view> denied; ///< exceptions from allowed
};

const std::vector<Rule>& table() {
  static const std::vector<Rule> rules = {
      {"core/base/", {}, {}},
      {"core/tensor/", {}, {}},
      {"core/checkpoint/", {"core/tensor/"}, {}},
      {"core/routing/", {"core/tensor/"}, {}},
      {"core/hooks/", {"core/tensor/", "core/routing/selection.h"}, {}},
      {"core/tokenizer/", {}, {}},
      {"core/model/", {"core/checkpoint/", "core/routing/", "core/hooks/", "core/tensor/"}, {}},
      {"core/session/",
       {"core/model/", "core/tokenizer/", "core/hooks/", "core/routing/policy.h"},
       {}},
      {"core/trace/", {"core/hooks/"}, {}},
      // The five kinds of plugin, and what their headers speak of.
      {"core/plugin/",
       {"core/routing/", "core/trace/", "core/session/", "core/model/", "core/hooks/"},
       {}},
      // What plugin authors compile: nothing of core but the tables.
      {"core/plugin/abi.h", {}, {"core/"}},
      {"core/plugin/sdk.hpp", {"core/plugin/abi.h", "core/plugin/sdk/"}, {"core/base/"}},
      {"core/plugin/sdk/", {"core/plugin/abi.h"}, {"core/base/"}},
      {"core/plugin/test_host.hpp", {"core/plugin/abi.h", "core/plugin/sdk/"}, {"core/base/"}},
      // Built-in plugins use the SDK like anybody's; they may link the mathematics, which
      // plugins/common/ presents through the SDK.
      {"plugins/",
       {"core/plugin/abi.h", "core/plugin/sdk.hpp", "core/plugin/sdk/", "analyzers/",
        "plugins/common/"},
       {"core/base/"}},
      {"plugins/common/",
       {"core/plugin/sdk.hpp", "core/plugin/sdk/", "analyzers/", "core/trace/", "core/routing/"},
       {}},
      {"analyzers/", {"core/trace/"}, {}},
      {"app/", {"core/", "analyzers/", "app/"}, {"app/studio/"}},
      {"app/mpi/", {"app/jobs/ranks/"}, {"core/"}},
      {"app/studio/", {"core/", "analyzers/", "app/"}, {"app/cli/", "app/mpi/"}},
      {"app/studio/theme/", {}, {}},
      {"app/studio/jobs/", {}, {}},
      {"app/studio/figures/", {"core/trace/", "analyzers/", "app/studio/theme/"}, {}},
      {"app/studio/document/", {"core/", "analyzers/", "app/jobs/", "app/studio/jobs/"}, {}},
      {"app/studio/views/",
       {"core/", "analyzers/", "app/jobs/", "app/studio/"},
       {"core/session/", "app/studio/live/"}},
  };
  return rules;
}

constexpr std::array<std::string_view, 6> kOurRoots = {"core/", "analyzers/", "plugins/",
                                                       "app/",  "bench/",     "tests/"};

bool startsWithAny(std::string_view path, std::span<const std::string_view> prefixes) {
  return std::ranges::any_of(prefixes,
                             [path](std::string_view prefix) { return path.starts_with(prefix); });
}

const Rule* ruleFor(std::string_view file) {
  const Rule* best = nullptr;
  for (const Rule& rule : table())
    if (file.starts_with(rule.folder) && (!best || rule.folder.size() > best->folder.size()))
      best = &rule;
  return best;
}

struct Include {
  std::string_view path; ///< empty if the line is none, or names a macro
  bool angle = false;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

Include includeOf(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with('#'))
    return {};
  line = trimmed(line.substr(1));
  constexpr std::string_view kDirective = "include";
  if (!line.starts_with(kDirective))
    return {};
  line = trimmed(line.substr(kDirective.size()));
  if (line.empty() || (line[0] != '"' && line[0] != '<'))
    return {};
  const bool angle = line[0] == '<';
  const std::size_t end = line.find(angle ? '>' : '"', 1);
  if (end == std::string_view::npos)
    return {};
  return {line.substr(1, end - 1), angle};
}

/// Qt's headers: <QString>, <QtCore/...>, <qglobal.h>, and qcustomplot.h, which is built on them.
bool isQt(std::string_view path) {
  if (path.size() < 2)
    return false;
  const auto isUpper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (path[0] == 'Q' && (isUpper(path[1]) || path.starts_with("Qt")))
    return true;
  return path[0] == 'q' && path.ends_with(".h") && path.find('/') == std::string_view::npos;
}

/// Whether it is MPI's header: one module knows it, so that the program runs without MPI.
bool isMpi(std::string_view path) {
  return path == "mpi.h";
}

/// What the include breaks; empty if nothing.
std::string problem(std::string_view file, const Rule& rule, const Include& include) {
  const std::string_view path = include.path;
  if (isQt(path))
    return file.starts_with("app/studio/") ? "" : "only app/studio may include Qt";
  if (isMpi(path) && !file.starts_with("app/mpi/"))
    return "only app/mpi may include MPI";
  if (!startsWithAny(path, kOurRoots)) {
    const bool rooted = include.angle || path.find('/') != std::string_view::npos;
    return rooted && !path.starts_with('.') ? "" : "includes start at the root of the repository";
  }
  if (include.angle)
    return "files of this repository are included with quotes";
  const bool own = path.starts_with(rule.folder) && rule.folder.ends_with('/');
  const bool named = path.starts_with("core/base/") || startsWithAny(path, rule.allowed);
  if ((own || named) && !startsWithAny(path, rule.denied))
    return "";
  return fmt::format("{} may not include this", rule.folder);
}

} // namespace

std::string Violation::describe() const {
  return fmt::format("{}:{}: {} ({})", file, line, text, rule);
}

bool isChecked(std::string_view file) {
  return ruleFor(file) != nullptr;
}

std::vector<Violation> checkIncludes(std::string_view file, std::string_view content) {
  std::vector<Violation> violations;
  const Rule* rule = ruleFor(file);
  if (!rule)
    return {{std::string(file), 0, "", "its folder is not in the table of include_rules.cpp"}};
  int number = 0;
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    const std::string_view line = content.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    const Include include = includeOf(line);
    if (include.path.empty())
      continue;
    if (std::string broken = problem(file, *rule, include); !broken.empty())
      violations.push_back({std::string(file), number, std::string(line), std::move(broken)});
  }
  return violations;
}

} // namespace switchyard::tests
