#include "app/studio/steer/step_options.h"

#include <algorithm>
#include <tuple>

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>

#include <nlohmann/json.hpp>

#include "app/jobs/option_json.h"
#include "app/jobs/recipe_text.h"

namespace switchyard::studio {

namespace {

using nlohmann::json;

constexpr std::size_t kShownExperts = 3;
constexpr double kBoostFactor = 4; ///< of the action Boost
const QChar kTimes(0x00D7);
const QChar kArrow(0x2192);

QString tr(const char* text) {
  return QCoreApplication::translate("StepOptions", text);
}

json parsed(const std::string& text) {
  json value = json::parse(text, nullptr, false);
  return value.is_object() ? value : json::object();
}

std::string typed(const json& value) {
  if (value.is_string())
    return value.get<std::string>();
  if (!value.is_array())
    return value.dump();
  std::string text;
  for (const json& item : value)
    text += (text.empty() ? "" : ",") + typed(item);
  return text;
}

bool hasExperts(const plugin::Manifest& manifest) {
  return std::ranges::find(manifest.options, "experts", &plugin::OptionSpec::name) !=
         manifest.options.end();
}

/// [16, 64] as "16:64", [64, null] as "64:".
std::string rangeText(const json& range) {
  return range.at(0).dump() + ":" + (range.at(1).is_null() ? "" : range.at(1).dump());
}

base::Result<json> rangeJson(const std::string& text) {
  const QStringList ends = QString::fromStdString(text).split(':');
  bool first = false;
  bool second = true;
  json range = json::array({ends.value(0).trimmed().toLongLong(&first), nullptr});
  if (const QString end = ends.value(1).trimmed(); !end.isEmpty())
    range[1] = end.toLongLong(&second);
  if (ends.size() != 2 || !first || !second)
    return base::fail(base::ErrorCode::InvalidArgument,
                      "positions: write FIRST:END, as in 0:16 or 64:, not " + text);
  return range;
}

base::Result<json> numberJson(const char* field, const std::string& text) {
  bool ok = false;
  const qlonglong number = QString::fromStdString(text).toLongLong(&ok);
  if (!ok)
    return base::fail(base::ErrorCode::InvalidArgument,
                      std::string(field) + ": write whole numbers separated by commas, not " +
                          text);
  return json(number);
}

/// "5:19" as "L5 E19", "19" as "E19".
QString expertText(const std::string& place) {
  const QStringList parts = QString::fromStdString(place).split(':');
  return parts.size() == 2 ? QString("L%1 E%2").arg(parts[0], parts[1]) : "E" + parts[0];
}

std::vector<std::string> values(const plugin::OptionArguments& arguments, const char* name) {
  std::vector<std::string> list;
  for (const auto& [option, text] : arguments)
    if (option == name)
      for (const QString& part : QString::fromStdString(text).split(',', Qt::SkipEmptyParts))
        list.push_back(part.trimmed().toStdString());
  return list;
}

} // namespace

plugin::OptionArguments argumentsOf(const routing::RecipeStep& step,
                                    const plugin::Manifest& manifest) {
  const auto merged = routing::mergeExperts(step);
  const json options = parsed(hasExperts(manifest) && merged ? merged->options : step.options);
  plugin::OptionArguments arguments;
  for (const auto& [name, value] : options.items())
    arguments.emplace_back(name, typed(value));
  return arguments;
}

base::Result<std::string> optionsOf(const plugin::OptionArguments& arguments,
                                    const plugin::Manifest& manifest) {
  return jobs::givenOptions(
             SY_TRY(plugin::parseOptions(manifest.options, arguments, manifest.shortName())))
      .dump();
}

std::vector<plugin::OptionSpec> scopeSpecs(const plugin::Manifest& manifest) {
  using plugin::OptionSpec;
  using plugin::OptionType;
  const auto list = [](const char* name, OptionType type, const QString& title,
                       const QString& help) {
    OptionSpec spec;
    spec.name = name;
    spec.type = type;
    spec.list = true;
    spec.title = title.toStdString();
    spec.help = help.toStdString();
    spec.defaults.emplace();
    return spec;
  };
  std::vector<OptionSpec> specs;
  specs.push_back(list("layers", OptionType::Integer, tr("Layers"),
                       tr("Positions in the stack, as in 3,7. Empty: all.")));
  specs.back().minimum = 0;
  if (!hasExperts(manifest))
    specs.push_back(list("experts", OptionType::String, tr("Among experts"),
                         tr("It may only choose among these: 17 in every layer, 3:17 in layer 3. "
                            "Empty: all.")));
  specs.push_back(list("positions", OptionType::String, tr("Positions"),
                       tr("Token positions FIRST:END, the end left out: 0:16, 64:. Empty: all.")));
  OptionSpec phase;
  phase.name = "phase";
  phase.title = tr("Phase").toStdString();
  phase.help = tr("Tokens of the prompt, or those that are generated.").toStdString();
  for (const char* choice : {"both", "prompt", "generated"})
    phase.choices.emplace_back(std::string(choice));
  phase.defaults = std::vector<plugin::OptionScalar>{std::string("both")};
  specs.push_back(std::move(phase));
  specs.push_back(list("token-classes", OptionType::String, tr("Token classes"),
                       tr("digits, letters, uppercase, punctuation, whitespace, newline, special. "
                          "Empty: all.")));
  specs.push_back(list("token-ids", OptionType::Integer, tr("Token ids"),
                       tr("Vocabulary entries, as in 5,9, or those of the classes. Empty: all.")));
  specs.back().minimum = 0;
  for (const auto& [name, title, help] :
       {std::tuple("inside-open", tr("Span opens with"),
                   tr("Marker text, as in <think>: the step acts on tokens after it, up to the "
                      "closing one. Empty: everywhere.")),
        std::tuple("inside-close", tr("Span closes with"), tr("Marker text, as in </think>."))}) {
    OptionSpec marker;
    marker.name = name;
    marker.title = title.toStdString();
    marker.help = help.toStdString();
    specs.push_back(std::move(marker));
  }
  return specs;
}

plugin::OptionArguments argumentsOf(const routing::RecipeScope& scope) {
  routing::Recipe recipe;
  recipe.steps.emplace_back().scope = scope;
  const json steps = parsed(routing::toJson(recipe)).at("steps");
  plugin::OptionArguments arguments;
  const json values = steps.at(0).value("scope", json::object());
  for (const auto& [name, value] : values.items()) {
    if (name == "positions") {
      std::string text;
      for (const json& range : value)
        text += (text.empty() ? "" : ",") + rangeText(range);
      arguments.emplace_back(name, text);
    } else if (name == "inside") {
      arguments.emplace_back("inside-open", value.value("open", ""));
      arguments.emplace_back("inside-close", value.value("close", ""));
    } else {
      arguments.emplace_back(name, typed(value));
    }
  }
  return arguments;
}

base::Result<routing::RecipeScope> scopeOf(const plugin::OptionArguments& arguments) {
  json scope = json::object();
  for (const std::string& layer : values(arguments, "layers"))
    scope["layers"].push_back(SY_TRY(numberJson("layers", layer)));
  for (const std::string& expert : values(arguments, "experts"))
    scope["experts"].push_back(expert);
  for (const std::string& range : values(arguments, "positions"))
    scope["positions"].push_back(SY_TRY(rangeJson(range)));
  for (const std::string& phase : values(arguments, "phase"))
    if (phase != "both")
      scope["phase"] = phase;
  for (const std::string& name : values(arguments, "token-classes"))
    scope["token-classes"].push_back(name);
  for (const std::string& id : values(arguments, "token-ids"))
    scope["token-ids"].push_back(SY_TRY(numberJson("token ids", id)));
  for (const auto& [name, text] : arguments)
    if (name.starts_with("inside-") && !text.empty())
      scope["inside"][name.substr(7)] = text; // blanks and commas are part of a marker
  const json step = {{"plugin", "step"}, {"scope", scope}};
  const json recipe = {{"steps", json::array({step})}};
  return SY_TRY(routing::parseRecipe(recipe.dump(), {})).steps.front().scope;
}

routing::RecipeStep newStep(const plugin::Manifest& manifest,
                            const std::optional<ExpertKey>& expert) {
  routing::RecipeStep step;
  step.plugin = manifest.shortName();
  json options = json::object();
  for (const plugin::OptionSpec& spec : manifest.options) {
    if (!spec.required || spec.defaults)
      continue;
    const bool number = !spec.list && (spec.type == plugin::OptionType::Integer ||
                                       spec.type == plugin::OptionType::Number);
    if (spec.name == "experts" && expert)
      options["experts"] =
          json::array({std::to_string(expert->layer) + ":" + std::to_string(expert->expert)});
    else if (spec.name == "multiplier")
      options[spec.name] = kBoostFactor;
    else if (number && spec.type == plugin::OptionType::Integer)
      options[spec.name] = static_cast<std::int64_t>(spec.minimum.value_or(1));
    else if (number)
      options[spec.name] = std::clamp(0.5, spec.minimum.value_or(0.5), spec.maximum.value_or(0.5));
  }
  step.options = options.dump();
  return step;
}

QString stepTitle(const routing::RecipeStep& step, const plugin::Registry& registry) {
  const auto manifest = registry.find(step.plugin, plugin::Kind::Router);
  QString text = QString::fromStdString(manifest ? manifest->name : step.plugin);
  if (!manifest)
    return text;
  const plugin::OptionArguments arguments = argumentsOf(step, *manifest);
  const std::vector<std::string> experts = values(arguments, "experts");
  for (std::size_t i = 0; i < std::min(experts.size(), kShownExperts); ++i)
    text += (i == 0 ? " " : ", ") + expertText(experts[i]);
  if (experts.size() > kShownExperts)
    text += " " + tr("and %1 more").arg(experts.size() - kShownExperts);
  for (const auto& [name, value] : arguments)
    if (name == "multiplier")
      text += QString(" %1 %2").arg(kTimes).arg(QString::fromStdString(value).toDouble());
    else if (name == "k" || name == "p" || name == "rank" || name == "value" || name == "threshold")
      text += QString(", %1 %2").arg(QString::fromStdString(name), QString::fromStdString(value));
  return text;
}

QString scopeText(const routing::RecipeScope& scope) {
  QString text = QString::fromStdString(jobs::describeScope(scope));
  if (text.startsWith("Acts on "))
    text.remove(0, 8);
  if (text.endsWith('.'))
    text.chop(1);
  return text;
}

QString changeText(const routing::Recipe& before, const routing::Recipe& after) {
  const std::vector<std::string> lines = routing::diffRecipes(before, after);
  if (lines.empty())
    return tr("Edit recipe");
  QString text = QString::fromStdString(lines.front());
  text.replace("~ step", tr("Step")).replace(": options.", ": ").replace(": scope.", ": ");
  static const QRegularExpression wholeNumber("(\\d)\\.0\\b");
  text.replace("->", kArrow).remove('"').replace(wholeNumber, "\\1");
  return text.size() > 80 ? text.left(79) + QChar(0x2026) : text;
}

} // namespace switchyard::studio
