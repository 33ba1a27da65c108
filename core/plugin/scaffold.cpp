#include "core/plugin/scaffold.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "core/base/file.h"
#include "core/plugin/abi.h"
#include "core/plugin/manifest.h"
#include "core/plugin/scaffold_templates.h"

namespace switchyard::plugin {

namespace {

namespace fs = std::filesystem;
using Words = std::map<std::string, std::string, std::less<>>;

std::string_view summaryOf(Kind kind) {
  switch (kind) {
  case Kind::Router:
    return "Adds a constant to the router logits of chosen experts.";
  case Kind::Analyzer:
    return "Counts how many tokens use each expert.";
  case Kind::Decoder:
    return "Greedy decoding that avoids saying a token twice in a row.";
  case Kind::Simulator:
    return "Time to read the weights of the experts that each step needs.";
  case Kind::Transform:
    return "Writes a checkpoint without tensors whose name contains a text.";
  }
  return "";
}

bool isName(std::string_view name) {
  return !name.empty() && name.size() <= 48 && name.front() >= 'a' && name.front() <= 'z' &&
         name.back() != '-' && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

/// Target names that CMake keeps for itself.
bool isReserved(std::string_view name) {
  constexpr std::string_view kReserved[] = {"all", "clean", "help", "install", "package", "test"};
  return std::ranges::find(kReserved, name) != std::end(kReserved);
}

/// "my-plugin" -> "MyPlugin"
std::string classNameOf(std::string_view name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c == '-') {
      upper = true;
      continue;
    }
    out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

std::string_view templateNamed(std::string_view name) {
  for (const Template& file : scaffoldTemplates())
    if (file.name == name)
      return file.text;
  return {};
}

/// Replaces every @WORD@ that is known.
std::string filled(std::string_view text, const Words& words) {
  std::string out;
  while (true) {
    const std::size_t begin = text.find('@');
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('@', begin + 1);
    if (end == std::string_view::npos)
      return out.append(text);
    const auto word = words.find(text.substr(begin + 1, end - begin - 1));
    if (word == words.end()) {
      out.append(text.substr(0, begin + 1));
      text.remove_prefix(begin + 1);
      continue;
    }
    out.append(text.substr(0, begin)).append(word->second);
    text.remove_prefix(end + 1);
  }
}

} // namespace

base::Result<std::vector<fs::path>> writeScaffold(const ScaffoldOptions& options) {
  if (!isName(options.name) || isReserved(options.name))
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("'{}' is no plugin name: use small letters, digits and hyphens, "
                    "at most 48, beginning with a letter (and no name that CMake reserves)",
                    options.name));
  const std::string id = options.id.empty() ? "org.example." + options.name : options.id;
  const std::string kind(name(options.kind));
  std::string file = options.name;
  std::ranges::replace(file, '-', '_');
  Words words = {{"ID", id},
                 {"NAME", options.name},
                 {"FILE", file},
                 {"CLASS", classNameOf(options.name) + "Plugin"},
                 {"KIND", kind},
                 {"SUMMARY", std::string(summaryOf(options.kind))},
                 {"ABI", fmt::format("{}.{}", SY_ABI_MAJOR, SY_ABI_MINOR)}};
  std::string optionText(templateNamed(kind + ".options.in"));
  while (optionText.ends_with('\n'))
    optionText.pop_back();
  words["OPTIONS"] = optionText;

  const std::string sidecar = filled(templateNamed("sidecar.in"), words);
  const fs::path folder = options.folder.empty() ? fs::path(options.name) : options.folder;
  const fs::path sidecarPath = folder / (file + std::string(kSidecarSuffix));
  const Manifest manifest = SY_TRY(parseManifest(sidecar, sidecarPath));
  if (manifest.shortName() != options.name)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("the id '{}' must end in the name '{}'", id, options.name));
  std::error_code error;
  if (fs::exists(folder, error) &&
      !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "the folder exists and is not empty; choose another",
                      {.file = folder.string()});
  fs::create_directories(folder, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot make the folder: " + error.message(),
                      {.file = folder.string()});
  const std::vector<std::pair<fs::path, std::string>> files = {
      {folder / "CMakeLists.txt", filled(templateNamed("CMakeLists.txt.in"), words)},
      {folder / "README.md", filled(templateNamed("README.md.in"), words)},
      {sidecarPath, sidecar},
      {folder / (file + ".cpp"), filled(templateNamed(kind + ".cpp.in"), words)},
      {folder / (file + "_test.cpp"), filled(templateNamed(kind + "_test.cpp.in"), words)}};
  std::vector<fs::path> written;
  for (const auto& [path, text] : files) {
    SY_TRY(base::writeFileAtomically(path, text));
    written.push_back(path);
  }
  return written;
}

} // namespace switchyard::plugin
