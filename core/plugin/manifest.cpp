#include "core/plugin/manifest.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::plugin {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxBytes = 1u << 20;
constexpr std::size_t kMaxText = 4096;

bool isAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// "org.example.name": at least two parts of [a-z0-9-], each beginning and ending with a letter or
/// digit.
bool isReverseDns(std::string_view id) {
  if (id.size() > 128)
    return false;
  int parts = 0;
  while (true) {
    const std::size_t dot = id.find('.');
    const std::string_view part = id.substr(0, dot);
    if (part.empty() || part.front() == '-' || part.back() == '-' ||
        !std::ranges::all_of(
            part, [](char c) { return c == '-' || (isAlnum(c) && (c < 'A' || c > 'Z')); }))
      return false;
    ++parts;
    if (dot == std::string_view::npos)
      return parts >= 2;
    id.remove_prefix(dot + 1);
  }
}

/// Dot-separated whole numbers without leading zeros, exactly `count` of them.
std::optional<std::vector<std::uint32_t>> numbersOf(std::string_view text, std::size_t count) {
  std::vector<std::uint32_t> numbers;
  const char* at = text.data();
  const char* end = at + text.size();
  while (true) {
    std::uint32_t value = 0;
    const auto [rest, error] = std::from_chars(at, end, value);
    if (error != std::errc() || (*at == '0' && rest - at > 1))
      return std::nullopt;
    numbers.push_back(value);
    if (rest == end)
      break;
    if (*rest != '.')
      return std::nullopt;
    at = rest + 1;
  }
  if (numbers.size() != count)
    return std::nullopt;
  return numbers;
}

class ManifestReader {
public:
  ManifestReader(const json& root, const std::filesystem::path& sidecar)
      : m_root(root), m_where{.file = sidecar.string()} {
    m_manifest.sidecar = sidecar;
  }

  base::Result<Manifest> read() {
    SY_TRY(checkKeys(m_root,
                     {"id", "name", "summary", "version", "licence", "kinds", "abi", "library",
                      "papers", "homepage", "options"},
                     "the sidecar"));
    m_manifest.id = SY_TRY(required("id"));
    if (!isReverseDns(m_manifest.id))
      return refuse("\"id\" must be in reverse DNS, lower case: org.example.my-plugin");
    m_manifest.name = SY_TRY(required("name"));
    m_manifest.summary = SY_TRY(required("summary"));
    m_manifest.licence = SY_TRY(required("licence"));
    m_manifest.version = SY_TRY(required("version"));
    if (!numbersOf(m_manifest.version, 3))
      return refuse("\"version\" must be of the form MAJOR.MINOR.PATCH");
    if (m_root.contains("homepage"))
      m_manifest.homepage = SY_TRY(required("homepage"));
    SY_TRY(readKinds());
    SY_TRY(readAbi());
    SY_TRY(readLibrary());
    SY_TRY(readPapers());
    if (m_root.contains("options"))
      m_manifest.options = SY_TRY(parseOptionSchema(m_root["options"], m_where));
    return m_manifest;
  }

private:
  tl::unexpected<base::Error> refuse(std::string what) const {
    return base::fail(base::ErrorCode::InvalidFormat, std::move(what), m_where);
  }

  base::Result<void> checkKeys(const json& object, const std::set<std::string_view>& known,
                               std::string_view what) const {
    if (!object.is_object())
      return refuse(fmt::format("{} must be a JSON object", what));
    for (const auto& [key, value] : object.items())
      if (!known.contains(key))
        return refuse(fmt::format("{} has an unknown key \"{}\"", what, key));
    return {};
  }

  base::Result<std::string> required(const char* key) const { return required(m_root, key); }
  base::Result<std::string> required(const json& object, const char* key) const {
    if (!object.contains(key))
      return refuse(fmt::format("\"{}\" is missing", key));
    if (!object[key].is_string())
      return refuse(fmt::format("\"{}\" must be a string", key));
    std::string text = object[key].get<std::string>();
    if (text.empty() || text.size() > kMaxText || text.find('\0') != std::string::npos)
      return refuse(fmt::format("\"{}\" must be a text of 1 to {} bytes", key, kMaxText));
    return text;
  }

  base::Result<void> readKinds() {
    const char* const expected =
        "\"kinds\" must be a list of router, analyzer, decoder, simulator, "
        "transform, each at most once";
    if (!m_root.contains("kinds") || !m_root["kinds"].is_array() || m_root["kinds"].empty())
      return refuse(expected);
    for (const json& entry : m_root["kinds"]) {
      const auto kind = entry.is_string() ? kindFromName(entry.get<std::string>()) : std::nullopt;
      if (!kind || m_manifest.has(*kind))
        return refuse(fmt::format("{}; found {}", expected, entry.dump()));
      m_manifest.kinds.push_back(*kind);
    }
    return {};
  }

  base::Result<void> readAbi() {
    const std::string text = SY_TRY(required("abi"));
    const auto numbers = numbersOf(text, 2);
    if (!numbers)
      return refuse("\"abi\" must be the ABI it needs, MAJOR.MINOR: \"1.0\"");
    m_manifest.abi = {(*numbers)[0], (*numbers)[1]};
    return {};
  }

  base::Result<void> readLibrary() {
    m_manifest.library = SY_TRY(required("library"));
    const std::string& name = m_manifest.library;
    if (name.front() == '.' || name.size() > 255 || !std::ranges::all_of(name, [](char c) {
          return isAlnum(c) || c == '.' || c == '_' || c == '-' || c == '+';
        }))
      return refuse("\"library\" must be the name of a file beside the sidecar, without folders");
    return {};
  }

  base::Result<void> readPapers() {
    if (!m_root.contains("papers"))
      return {};
    if (!m_root["papers"].is_array() || m_root["papers"].size() > 64)
      return refuse("\"papers\" must be a list of at most 64");
    for (const json& entry : m_root["papers"]) {
      SY_TRY(checkKeys(entry, {"title", "url"}, "an entry of \"papers\""));
      Paper paper;
      paper.title = SY_TRY(required(entry, "title"));
      if (entry.contains("url"))
        paper.url = SY_TRY(required(entry, "url"));
      m_manifest.papers.push_back(std::move(paper));
    }
    return {};
  }

  const json& m_root;
  base::Where m_where;
  Manifest m_manifest;
};

} // namespace

std::string Manifest::shortName() const {
  return id.substr(id.rfind('.') + 1);
}

std::filesystem::path Manifest::libraryPath() const {
  return sidecar.parent_path() / library;
}

bool Manifest::has(Kind kind) const {
  return std::ranges::find(kinds, kind) != kinds.end();
}

base::Result<Manifest> parseManifest(std::string_view text, const std::filesystem::path& sidecar) {
  const json root = SY_TRY(
      base::parseJson(text, {.maxBytes = kMaxBytes, .maxDepth = 16}, {.file = sidecar.string()}));
  return ManifestReader(root, sidecar).read();
}

base::Result<Manifest> readManifest(const std::filesystem::path& sidecar) {
  const std::string text = SY_TRY(base::readTextFile(sidecar, kMaxBytes));
  return parseManifest(text, sidecar);
}

} // namespace switchyard::plugin
