#include "app/jobs/experiment/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/encoding.h"
#include "analyzers/report/vega.h"
#include "app/jobs/experiment/bundle.h"
#include "app/jobs/experiment/fields.h"
#include "app/jobs/fingerprint.h"
#include "app/jobs/read_analysis.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;
using nlohmann::json;

constexpr std::uint64_t kMaxBytes = 1ull << 30;

std::string textOf(const trace::Cell& value) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "undefined"; }
    std::string operator()(std::int64_t v) const { return fmt::to_string(v); }
    std::string operator()(double v) const { return analyzers::report::exactNumber(v); }
    std::string operator()(const std::string& v) const { return analyzers::report::validUtf8(v); }
  };
  return std::visit(Visitor{}, value);
}

/// What tells a row for people: its number and the first texts in it.
std::string rowName(const std::vector<trace::Cell>& row, std::size_t index) {
  std::string words;
  for (const trace::Cell& value : row)
    if (const auto* text = std::get_if<std::string>(&value);
        text && !text->empty() && text->size() <= 40 && words.size() < 60)
      words += (words.empty() ? "" : ", ") + analyzers::report::validUtf8(*text);
  return words.empty() ? fmt::to_string(index) : fmt::format("{} ({})", index, words);
}

void addTable(const std::string& prefix, const trace::Table& table, std::vector<Number>& out) {
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const std::string row = rowName(table.rows[r], r);
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      out.push_back({fmt::format("{}{}.{}", prefix, table.name, table.columns[c].name), row,
                     textOf(table.rows[r][c])});
  }
}

std::string hashOf(const std::string& text) {
  Fingerprint fingerprint;
  fingerprint.add(text);
  return fingerprint.hex();
}

std::vector<Number> answersOf(const std::string& cell, const json& answers) {
  constexpr std::array<const char*, 7> kNames = {
      "score", "length_score", "prompt_tokens", "tokens", "thinking", "stop", "text"};
  std::vector<Number> out;
  for (std::size_t i = 0; i < answers.size(); ++i)
    for (std::size_t part = 0; part < kNames.size() && part < answers[i].size(); ++part) {
      const json& value = answers[i][part];
      out.push_back({fmt::format("{}: answers.{}", cell, kNames[part]), fmt::to_string(i),
                     value.is_string() ? value.get<std::string>()
                     : value.is_null() ? "undefined"
                                       : value.dump()});
    }
  return out;
}

void append(std::vector<Number> more, std::vector<Number>& out) {
  std::ranges::move(more, std::back_inserter(out));
}

Result<std::vector<Number>> ofResults(const ResultsName& name) {
  Store store = SY_TRY(Store::open(name.file));
  std::vector<Number> out;
  const auto add = [&](const StoredCell& cell) -> Result<void> {
    append(numbersOf(cell.name, SY_TRY(cellAnalysis(store, cell))), out);
    if (const std::string answers = SY_TRY(store.outcomes(cell.key)); !answers.empty())
      append(answersOf(cell.name, SY_TRY(base::parseJson(answers, {kMaxBytes, 8}, {}))), out);
    return {};
  };
  if (!name.cell.empty()) {
    SY_TRY(add(SY_TRY(findCell(store, name.cell))));
    return out;
  }
  append(numbersOf("summary", SY_TRY(summaryAnalysis(store))), out);
  for (const StoredCell& cell : SY_TRY(store.cells()))
    if (cell.planned && cell.state == CellState::Done)
      SY_TRY(add(cell));
  return out;
}

Result<json> readJson(const std::filesystem::path& path) {
  return base::parseJson(SY_TRY(base::readTextFile(path, kMaxBytes)), {kMaxBytes, 64},
                         {.file = path.string()});
}

Result<std::vector<Number>> ofExport(const std::filesystem::path& folder) {
  const json manifest = SY_TRY(readJson(folder / "manifest.json"));
  std::vector<Number> out;
  std::error_code ignored;
  if (std::filesystem::exists(folder / "summary" / "analysis.json", ignored))
    append(numbersOf("summary", SY_TRY(readAnalysis(folder / "summary"))), out);
  const json cells =
      manifest.is_object() && manifest.contains("cells") ? manifest["cells"] : json::array();
  for (const json& cell : cells) {
    const std::string name = memberText(cell, "name");
    const std::string place = memberText(cell, "folder");
    if (place.empty())
      continue;
    if (place.find("..") != std::string::npos || place.starts_with('/'))
      return base::fail(base::ErrorCode::InvalidFormat, "a folder outside the export is named",
                        {.file = (folder / "manifest.json").string()});
    if (std::filesystem::exists(folder / place / "analysis.json", ignored))
      append(numbersOf(name, SY_TRY(readAnalysis(folder / place))), out);
    if (std::filesystem::exists(folder / place / "answers.json", ignored))
      append(answersOf(name, SY_TRY(readJson(folder / place / "answers.json"))), out);
  }
  return out;
}

std::optional<double> numberIn(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

} // namespace

std::vector<Number> numbersOf(const std::string& cell, const Analysis& analysis) {
  std::vector<Number> out;
  for (std::size_t i = 0; i < analysis.ids.size(); ++i) {
    const trace::AnalysisResult& result = analysis.results[i];
    const std::string prefix = (cell.empty() ? "" : cell + ": ") + analysis.ids[i] + ": ";
    for (const trace::Headline& h : result.headlines) {
      out.push_back({prefix + h.name, "", textOf(h.value)});
      if (h.interval) {
        out.push_back(
            {prefix + h.name + ".low", "", analyzers::report::exactNumber(h.interval->first)});
        out.push_back(
            {prefix + h.name + ".high", "", analyzers::report::exactNumber(h.interval->second)});
      }
    }
    for (const trace::Table& table : result.tables)
      addTable(prefix, table, out);
    for (const trace::Figure& figure : result.figures)
      out.push_back({prefix + "figure " + figure.name, "",
                     "digest " + hashOf(analyzers::report::toVega(figure))});
  }
  return out;
}

Result<std::vector<Number>> readNumbers(const std::filesystem::path& path) {
  if (const auto name = resultsName(path))
    return ofResults(*name);
  std::error_code ignored;
  if (std::filesystem::exists(path / "manifest.json", ignored))
    return ofExport(path);
  return numbersOf("", SY_TRY(readAnalysis(path)));
}

NumberDiff diffNumbers(const std::vector<Number>& a, const std::vector<Number>& b) {
  const auto place = [](const Number& n) {
    return n.row.empty() ? n.group : fmt::format("{}[{}]", n.group, n.row);
  };
  std::map<std::string, std::string> others;
  for (const Number& n : b)
    others.emplace(place(n), n.value);
  NumberDiff diff;
  for (const Number& n : a) {
    const std::string at = place(n);
    const auto other = others.find(at);
    if (other == others.end()) {
      diff.onlyA.push_back(at);
      continue;
    }
    if (other->second == n.value) {
      ++diff.same;
    } else {
      NumberChange change{at, n.value, other->second, std::nullopt};
      if (const auto x = numberIn(n.value), y = numberIn(other->second); x && y)
        change.by = *y - *x;
      diff.changed.push_back(std::move(change));
    }
    others.erase(other);
  }
  for (const Number& n : b)
    if (others.contains(place(n)))
      diff.onlyB.push_back(place(n));
  return diff;
}

std::vector<Number> digests(const std::vector<Number>& numbers) {
  std::vector<Number> out;
  std::map<std::string, std::size_t> index;
  std::vector<std::pair<std::size_t, std::string>> joined; ///< rows and their text, by group
  for (const Number& n : numbers) {
    if (n.row.empty()) {
      out.push_back(n);
      continue;
    }
    const auto [place, fresh] = index.emplace(n.group, joined.size());
    if (fresh)
      joined.emplace_back();
    auto& [rows, text] = joined[place->second];
    ++rows;
    text += fmt::format("{}:{}\n{}:{}\n", n.row.size(), n.row, n.value.size(), n.value);
  }
  for (const auto& [group, at] : index)
    out.push_back(
        {group, "",
         fmt::format("digest {} of {} rows", hashOf(joined[at].second), joined[at].first)});
  return out;
}

} // namespace switchyard::jobs::experiment
