#include "app/jobs/experiment/experiment.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "app/jobs/evaluate/scorers.h"
#include "app/jobs/evaluate/task_file.h"
#include "app/jobs/experiment/parse_parts.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs::experiment {

namespace {

using base::ErrorCode;
using base::Result;
using nlohmann::json;

constexpr std::uint64_t kMaxBytes = 16u << 20;

template <typename Entry> std::vector<std::string> namesOf(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  for (const Entry& entry : entries)
    names.push_back(entry.name);
  return names;
}

/// Reads an experiment, part by part.
class Parser {
public:
  Parser(const std::filesystem::path& file, const Overrides& overrides)
      : m_overrides(overrides), m_where{.file = file.string()} {
    m_out.name = file.stem().string();
    m_out.folder = file.parent_path();
  }

  Result<Experiment> run(const json& whole) {
    Fields fields = SY_TRY(Fields::of(whole, "", m_where));
    for (const char* key : {"title", "question", "notes", "models", "prompts", "tasks", "recipes",
                            "decoders", "seeds", "capture", "evaluate", "steer", "ablate"})
      fields.find(key);
    SY_TRY(fields.end()); // a misspelt key is the likeliest mistake
    SY_TRY(fields.text("title", m_out.title));
    SY_TRY(fields.text("question", m_out.question));
    SY_TRY(fields.texts("notes", m_out.notes));
    SY_TRY(models(fields));
    SY_TRY(sets(fields, "prompts", m_overrides.prompts, m_out.prompts));
    SY_TRY(sets(fields, "tasks", m_overrides.tasks, m_out.tasks));
    m_out.recipes = SY_TRY(readRecipes(fields.find("recipes"), m_out.folder, m_where));
    m_out.decoders = SY_TRY(readDecoders(fields.find("decoders"), m_where));
    SY_TRY(seeds(fields));
    SY_TRY(jobs(fields));
    if (m_out.title.empty())
      m_out.title = m_out.name;
    m_out.text = whole.dump();
    return std::move(m_out);
  }

private:
  /// An overridden path is taken as it is given, another is relative to the file.
  Place placeOf(const std::string& name, const std::string& written,
                const std::vector<Override>& overrides) const {
    const auto other = std::ranges::find(overrides, name, &Override::first);
    if (other != overrides.end())
      return {written, std::filesystem::path(other->second).lexically_normal()};
    if (written.empty())
      return {};
    return {written, (m_out.folder / written).lexically_normal()};
  }

  Result<void> overridesExist(std::string_view flag, const std::vector<Override>& overrides,
                              const std::vector<std::string>& names) const {
    for (const auto& [name, path] : overrides)
      if (std::ranges::find(names, name) == names.end())
        return base::fail(ErrorCode::InvalidArgument,
                          fmt::format("{} {}={}: the experiment has no \"{}\"{}", flag, name, path,
                                      name, hint(name, names)),
                          m_where);
    return {};
  }

  Result<void> models(Fields& fields) {
    const json* value = fields.find("models");
    if (!value || value->empty())
      return fields.fail("it names no \"models\"");
    SY_TRY(Fields::of(*value, "models", m_where));
    for (const auto& [name, item] : value->items()) {
      ModelEntry entry{.name = name, .place = {}, .about = {}};
      std::string written;
      if (item.is_string()) {
        written = item.get<std::string>();
      } else {
        Fields each = SY_TRY(Fields::of(item, "models." + name, m_where));
        SY_TRY(each.text("path", written));
        SY_TRY(each.text("about", entry.about));
        SY_TRY(each.end());
      }
      SY_TRY(goodName(name, "models"));
      entry.place = placeOf(name, written, m_overrides.models);
      m_out.models.push_back(std::move(entry));
    }
    return overridesExist("--model", m_overrides.models, namesOf(m_out.models));
  }

  Result<void> goodName(const std::string& name, const std::string& at) const {
    if (name.empty() || name.size() > 200 || name.find('/') != std::string::npos)
      return base::fail(
          ErrorCode::InvalidFormat,
          fmt::format("{}: \"{}\" is no name; names have 1 to 200 bytes and no \"/\"", at, name),
          m_where);
    return {};
  }

  static Result<void> special(Fields&, TextSet&) { return {}; }
  static Result<void> special(Fields& fields, TaskEntry& entry) {
    SY_TRY(fields.text("scorer", entry.scorer));
    if (!entry.scorer.empty())
      if (const auto scorer = evaluate::parseScorer(std::string_view(entry.scorer)); !scorer)
        return fields.fail("scorer", scorer.error().message);
    return fields.integer("max-tokens", entry.maxTokens, 1, 1'000'000'000);
  }

  template <typename Entry>
  Result<void> sets(Fields& fields, const std::string& key, const std::vector<Override>& overrides,
                    std::vector<Entry>& out) {
    if (const json* value = fields.find(key)) {
      SY_TRY(Fields::of(*value, key, m_where));
      for (const auto& [name, item] : value->items()) {
        Entry entry;
        entry.name = name;
        std::string written, only;
        if (item.is_string()) {
          written = item.template get<std::string>();
        } else {
          Fields each = SY_TRY(Fields::of(item, key + "." + name, m_where));
          SY_TRY(each.text("path", written));
          SY_TRY(each.text("only", only));
          SY_TRY(each.count("skip", entry.skip));
          SY_TRY(each.count("limit", entry.limit));
          SY_TRY(special(each, entry));
          SY_TRY(each.end());
          if (!only.empty()) {
            const auto label = evaluate::parseLabel(only);
            if (!label)
              return each.fail("only", label.error().message);
            std::tie(entry.label, entry.value) = *label;
          }
        }
        SY_TRY(goodName(name, key));
        entry.place = placeOf(name, written, overrides);
        if (entry.place.path.empty())
          return fields.fail(key + "." + name, "it has no \"path\"");
        out.push_back(std::move(entry));
      }
    }
    return overridesExist("--" + key, overrides, namesOf(out));
  }

  Result<void> seeds(Fields& fields) {
    const json* value = fields.find("seeds");
    if (!value) {
      m_out.seeds = {0};
      return {};
    }
    if (!value->is_array() || value->empty() ||
        !std::ranges::all_of(*value, [](const json& item) { return item.is_number_unsigned(); }))
      return fields.fail("seeds", "it is not a list of whole numbers from 0");
    m_out.seeds = value->get<std::vector<std::uint64_t>>();
    auto sorted = m_out.seeds;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end())
      return fields.fail("seeds", "a seed appears twice");
    return {};
  }

  Result<void> jobs(Fields& fields) {
    if (const json* value = fields.find("capture"))
      m_out.capture = SY_TRY(readCapture(*value, m_where));
    if (const json* value = fields.find("evaluate"))
      m_out.evaluate = SY_TRY(readEvaluate(*value, m_where));
    if (const json* value = fields.find("steer"))
      m_out.steer = SY_TRY(readSteer(*value, m_where));
    if (const json* value = fields.find("ablate"))
      m_out.ablate = SY_TRY(readAblate(*value, m_where));
    if (!m_out.capture && !m_out.evaluate && !m_out.steer && !m_out.ablate)
      return fields.fail("there is no job in it: capture, evaluate, steer or ablate");
    return references(fields);
  }

  /// Names that jobs use exist; a job that names none uses all.
  Result<void> references(const Fields& fields) {
    const std::vector<std::string> prompts = namesOf(m_out.prompts), tasks = namesOf(m_out.tasks),
                                   models = namesOf(m_out.models), recipes = namesOf(m_out.recipes),
                                   decoders = namesOf(m_out.decoders);
    const auto known = [&](const std::string& at, const std::string& name,
                           const std::vector<std::string>& names) -> Result<void> {
      if (name.empty() || std::ranges::find(names, name) != names.end())
        return {};
      return fields.fail(at, fmt::format("there is no \"{}\"{}", name, hint(name, names)));
    };
    const auto list = [&](const std::string& at, std::vector<std::string>& used,
                          const std::vector<std::string>& names) -> Result<void> {
      for (std::size_t i = 0; i < used.size(); ++i) {
        SY_TRY(known(at, used[i], names));
        if (std::ranges::count(used, used[i]) > 1)
          return fields.fail(at, fmt::format("\"{}\" appears twice", used[i]));
      }
      if (used.empty())
        used = names;
      if (used.empty())
        return fields.fail(at, "the experiment declares none");
      return {};
    };
    const auto one = [&](const std::string& at, std::string& used,
                         const std::vector<std::string>& names) -> Result<void> {
      if (used.empty() && names.size() == 1)
        used = names.front();
      if (used.empty())
        return fields.fail(at, names.empty() ? "the experiment declares none"
                                             : "say which of the declared ones");
      return known(at, used, names);
    };
    if (m_out.capture) {
      const CaptureJob& job = *m_out.capture;
      if (job.with.empty() && !job.comparing && (job.generate == 0 || m_out.decoders.size() == 1))
        return fields.fail("capture", "there is nothing to find out; name analyzers in \"with\", "
                                      "or \"compare\"");
      SY_TRY(list("capture.prompts", m_out.capture->prompts, prompts));
      SY_TRY(list("capture.recipes", m_out.capture->recipes, recipes));
      SY_TRY(list("capture.decoders", m_out.capture->decoders, decoders));
      SY_TRY(known("capture.compare.to.model", m_out.capture->to.model, models));
      SY_TRY(known("capture.compare.to.recipe", m_out.capture->to.recipe, recipes));
      SY_TRY(known("capture.compare.to.decoder", m_out.capture->to.decoder, decoders));
    }
    if (m_out.evaluate) {
      SY_TRY(list("evaluate.tasks", m_out.evaluate->tasks, tasks));
      SY_TRY(list("evaluate.recipes", m_out.evaluate->recipes, recipes));
      SY_TRY(list("evaluate.decoders", m_out.evaluate->decoders, decoders));
    }
    if (m_out.steer) {
      SY_TRY(one("steer.tasks", m_out.steer->tasks, tasks));
      SY_TRY(known("steer.prompts", m_out.steer->prompts, prompts));
    }
    if (m_out.ablate) {
      SY_TRY(known("ablate.prompts", m_out.ablate->prompts, prompts));
      SY_TRY(known("ablate.tasks", m_out.ablate->tasks, tasks));
    }
    return {};
  }

  const Overrides& m_overrides;
  base::Where m_where;
  Experiment m_out;
};

} // namespace

Result<Override> parseOverride(std::string_view flag, const std::string& given) {
  const std::size_t equals = given.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == given.size())
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("{} \"{}\" is not NAME=PATH", flag, given));
  return Override(given.substr(0, equals), given.substr(equals + 1));
}

Result<Experiment> parseExperiment(std::string_view text, const std::filesystem::path& file,
                                   const Overrides& overrides) {
  const json whole = SY_TRY(base::parseJson(text, {kMaxBytes, 64}, {.file = file.string()}));
  return Parser(file, overrides).run(whole);
}

Result<Experiment> readExperiment(const std::filesystem::path& file, const Overrides& overrides) {
  return parseExperiment(SY_TRY(base::readTextFile(file, kMaxBytes)), file, overrides);
}

} // namespace switchyard::jobs::experiment
