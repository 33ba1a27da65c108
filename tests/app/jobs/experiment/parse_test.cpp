// Experiment files: what they mean, and one sentence for each way to get them wrong.

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/jobs/experiment/experiment.h"
#include "app/jobs/experiment/fields.h"
#include "app/jobs/experiment/template.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

using namespace jobs::experiment;
using ::testing::HasSubstr;

base::Result<Experiment> parse(const std::string& text, const Overrides& overrides = {}) {
  return parseExperiment(text, "folder/e.json", overrides);
}

std::string errorOf(const std::string& text, const Overrides& overrides = {}) {
  const auto parsed = parse(text, overrides);
  return parsed ? "" : parsed.error().describe();
}

const std::string kModel = R"("models": {"m": "model"}, )";
const std::string kPrompts = R"("prompts": {"p": "p.jsonl"}, )";
const std::string kTasks = R"("tasks": {"t": "t.jsonl"}, )";
const std::string kCapture = R"("capture": {"with": ["load"]})";

TEST(ExperimentFile, PathsAreRelativeToItAndOverridesAreNot) {
  const auto experiment = parse("{" + kModel + kPrompts + kCapture + "}",
                                {.models = {{"m", "elsewhere/m"}}, .prompts = {}, .tasks = {}});
  ASSERT_TRUE(experiment) << experiment.error().describe();
  EXPECT_EQ(experiment->models[0].place.path, "elsewhere/m");
  EXPECT_EQ(experiment->models[0].place.written, "model");
  EXPECT_EQ(experiment->prompts[0].place.path, "folder/p.jsonl");
  EXPECT_EQ(experiment->capture->prompts, std::vector<std::string>{"p"});
  EXPECT_EQ(experiment->name, "e");
  EXPECT_EQ(experiment->title, "e");
  EXPECT_EQ(experiment->seeds, std::vector<std::uint64_t>{0});
  EXPECT_EQ(experiment->recipes.size(), 1u);
  EXPECT_EQ(experiment->recipes[0].name, "base");
}

TEST(ExperimentFile, TemplatesGiveOneEntryForEachCombination) {
  const auto experiment =
      parse("{" + kModel + kTasks + R"("recipes": [{"name": "k={k}", "each": {"k": [1, 2]},
        "recipe": {"steps": [{"plugin": "top-k", "options": {"k": "{k}"}}]}}],
      "decoders": [{"each": {"beta": [0.5, 1], "weak": ["top", "rank"]},
                    "decoder": "self-contrast:beta={beta},weak={weak}"}],
      "evaluate": {}})");
  ASSERT_TRUE(experiment) << experiment.error().describe();
  ASSERT_EQ(experiment->recipes.size(), 3u);
  EXPECT_EQ(experiment->recipes[2].name, "k=2");
  EXPECT_EQ(experiment->recipes[2].axis.variable, "k");
  EXPECT_EQ(experiment->recipes[2].axis.at, 2.0);
  // The value is a number in the recipe, not a text.
  EXPECT_THAT(experiment->recipes[2].recipe, HasSubstr("\"k\": 2"));
  ASSERT_EQ(experiment->decoders.size(), 5u);
  EXPECT_EQ(experiment->decoders[1].word, "self-contrast:beta=0.5,weak=top");
  EXPECT_EQ(experiment->decoders[2].word, "self-contrast:beta=0.5,weak=rank");
  EXPECT_EQ(experiment->decoders[3].word, "self-contrast:beta=1,weak=top");
  EXPECT_EQ(experiment->decoders[4].name, "beta=1 weak=rank");
  EXPECT_EQ(experiment->decoders[4].axis.series, "weak=rank");
  EXPECT_EQ(experiment->decoders[4].axis.at, 1.0);
}

TEST(ExperimentFile, ARecipeFileIsReadBesideIt) {
  const TempFolder folder;
  folder.write("boost.json", R"({"steps": [{"plugin": "top-k", "options": {"k": 1}}]})");
  const auto experiment =
      parseExperiment("{" + kModel + kPrompts + R"("recipes": ["boost.json"], )" + kCapture + "}",
                      folder / "e.json", {});
  ASSERT_TRUE(experiment) << experiment.error().describe();
  EXPECT_EQ(experiment->recipes[1].name, "boost");
  EXPECT_THAT(experiment->recipes[1].recipe, HasSubstr("top-k"));
}

TEST(ExperimentFile, EveryMistakeIsOneSentenceThatNamesItsPlace) {
  const std::string good = kModel + kPrompts + kTasks;
  const std::pair<std::string, std::string> cases[] = {
      {"[]", "is not an object"},
      {"{", "folder/e.json"},
      {R"({"models": {"m": "a"}, "models": {"m": "b"}})", "models"},
      {"{" + kPrompts + kCapture + "}", "models"},
      {R"({"models": {}, "capture": {}})", "models"},
      {R"({"models": {"m": 3}, "capture": {}})", "models.m"},
      {R"({"models": {"m": {"pth": "x"}}, "capture": {}})", "did you mean \"path\""},
      {R"({"models": {"a/b": "x"}, "capture": {}})", "a/b"},
      {"{" + good + R"("capure": {"with": ["load"]}})", "did you mean \"capture\""},
      {"{" + good.substr(0, good.size() - 2) + "}", "no job"},
      {"{" + good + R"("capture": {}})", "nothing to find out"},
      {"{" + good + R"("capture": {"with": "load"}})", "capture.with"},
      {"{" + good + R"("capture": {"with": [{"options": {}}]}})", "capture.with[0]"},
      {"{" + good + R"("capture": {"with": [{"plugin": "load", "options": {"a": {}}}]}})",
       "capture.with[0].options.a"},
      {"{" + good + R"("capture": {"with": ["load"], "prompts": ["q"]}})", "\"q\""},
      {"{" + good + R"("capture": {"with": ["load"], "prompts": ["p", "p"]}})", "twice"},
      {"{" + good + R"("capture": {"with": ["load"], "record": "ids,wieghts"}})", "capture.record"},
      {"{" + good + R"("capture": {"with": ["load"], "generate": -1}})", "capture.generate"},
      {"{" + good + R"("capture": {"with": ["load"], "generate": 1.5}})", "capture.generate"},
      {"{" + good + R"("capture": {"with": ["load"], "temperature": -1}})", "temperature"},
      {"{" + good + R"("capture": {"with": ["load"], "machine": {"fast_memroy": 1}}})",
       "fast_memroy"},
      {"{" + good + R"("capture": {"compare": {}}})", "\"to\""},
      {"{" + good + R"("capture": {"compare": {"to": {"recipe": "bse"}}}})",
       "did you mean \"base\""},
      {"{" + good + R"("evaluate": {"tasks": ["u"]}})", "evaluate.tasks"},
      {"{" + good + R"("evaluate": {"alpha": 2}})", "evaluate.alpha"},
      {"{" + good + R"("evaluate": {"repeats": 0}})", "evaluate.repeats"},
      {"{" + kModel + kPrompts + R"("evaluate": {}})", "declares none"},
      {"{" + good + R"("steer": {"where": "nowhere"}})", "steer.where"},
      {"{" + good + R"("steer": {"multipliers": ["a"]}})", "steer.multipliers"},
      {"{" + good + R"("steer": {"tasks": "x"}})", "steer.tasks"},
      {"{" + good + R"("ablate": {}})", "ablate"},
      {"{" + good + R"("ablate": {"prompts": "p", "tasks": "t"}})", "ablate"},
      {"{" + good + R"("ablate": {"prompts": "q"}})", "ablate.prompts"},
      {"{" + good + R"("seeds": [], "evaluate": {}})", "seeds"},
      {"{" + good + R"("seeds": [1, 1], "evaluate": {}})", "twice"},
      {"{" + good + R"("seeds": [-1], "evaluate": {}})", "seeds"},
      {"{" + good + R"("recipes": {}, "evaluate": {}})", "recipes"},
      {"{" + good + R"("recipes": [3], "evaluate": {}})", "recipes[0]"},
      {"{" + good + R"("recipes": [{"name": "x"}], "evaluate": {}})", "no \"recipe\""},
      {"{" + good + R"("recipes": ["none.json"], "evaluate": {}})", "none.json"},
      {"{" + good + R"("recipes": [{"recipe": {"setps": []}}], "evaluate": {}})", "setps"},
      {"{" + good + R"("recipes": [{"name": "base", "recipe": {"steps": []}}], "evaluate": {}})",
       "base"},
      {"{" + good + R"("decoders": [{"each": {"b": []}, "decoder": "d:{b}"}], "evaluate": {}})",
       "decoders[0].each.b"},
      {"{" + good + R"("decoders": [{"each": {"b": [[]]}, "decoder": "d:{b}"}], "evaluate": {}})",
       "decoders[0].each.b"},
      {"{" + good + R"("decoders": [{"each": {"b": [1]}, "decoder": "d"}], "evaluate": {}})",
       "used nowhere"},
      {"{" + good +
           R"("decoders": [{"name": "n", "each": {"b": [1, 2]}, "decoder": "d:{b}"}], "evaluate": {}})",
       "appears twice"},
      {"{" + good + R"("decoders": [{}], "evaluate": {}})", "no \"decoder\""},
      {R"({"models": {"m": "a"}, "prompts": {"p": {"limit": 3}}, "capture": {}})", "prompts.p"},
      {R"({"models": {"m": "a"}, "prompts": {"p": {"path": "x", "only": "y"}}, "capture": {}})",
       "prompts.p.only"},
      {R"({"models": {"m": "a"}, "tasks": {"t": {"path": "x", "scorer": "fuzzy"}}, "evaluate": {}})",
       "tasks.t.scorer"},
      {R"({"models": {"m": "a"}, "tasks": {"t": {"path": "x", "max-tokens": 0}}, "evaluate": {}})",
       "tasks.t.max-tokens"},
      {R"({"title": 3, "models": {"m": "a"}, "capture": {}})", "title"},
      {R"({"notes": [3], "models": {"m": "a"}, "capture": {}})", "notes"},
  };
  for (const auto& [text, part] : cases) {
    const std::string error = errorOf(text);
    EXPECT_THAT(error, HasSubstr(part)) << text;
    EXPECT_THAT(error, HasSubstr("e.json")) << text;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

TEST(ExperimentFile, TooManyEntriesAreRefusedBeforeTheyAreMade) {
  std::string values = "1";
  for (int i = 2; i <= 200; ++i)
    values += "," + std::to_string(i);
  EXPECT_THAT(errorOf("{" + kModel + kTasks + R"("decoders": [{"each": {"a": [)" + values +
                      R"(], "b": [)" + values + R"(]}, "decoder": "{a}{b}"}], "evaluate": {}})"),
              HasSubstr("more than"));
}

TEST(ExperimentFile, OverridesOfNothingAreRefused) {
  EXPECT_THAT(errorOf("{" + kModel + kPrompts + kCapture + "}",
                      {.models = {{"n", "x"}}, .prompts = {}, .tasks = {}}),
              HasSubstr("--model n=x"));
  EXPECT_FALSE(parseOverride("--model", "m"));
  EXPECT_FALSE(parseOverride("--model", "=x"));
  EXPECT_FALSE(parseOverride("--model", "m="));
  const auto good = parseOverride("--model", "m=a=b");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->second, "a=b");
}

/// Keys of an object of the schema, with those of alternatives.
std::set<std::string> keysOf(const nlohmann::json& schema) {
  std::set<std::string> keys;
  if (schema.contains("properties"))
    for (const auto& item : schema["properties"].items())
      keys.insert(item.key());
  return keys;
}

/// The keys that the reader offers when it meets one that it does not know.
std::set<std::string> offered(const std::string& text) {
  const std::string error = errorOf(text);
  const auto at = error.find("there are ");
  std::set<std::string> keys;
  if (at == std::string::npos)
    return keys;
  std::string rest = error.substr(at + 10);
  for (std::size_t comma = 0; comma != std::string::npos; rest = rest.substr(comma + 2)) {
    comma = rest.find(", ");
    keys.insert(rest.substr(0, comma));
    if (comma == std::string::npos)
      break;
  }
  return keys;
}

TEST(ExperimentFile, TheSchemaNamesTheKeysThatTheReaderKnows) {
  const auto schema = nlohmann::json::parse(jobs::experiment::schema(), nullptr, false);
  ASSERT_TRUE(schema.is_object());
  const auto& properties = schema["properties"];
  const std::string good = "{" + kModel + kPrompts + kTasks;
  const std::string odd = R"("qqqqqqqqqqqqqqqqqqqqqqqqqqqq": 1)";
  EXPECT_EQ(offered(good + kCapture + ", " + odd + "}"), keysOf(schema));
  for (const char* job : {"capture", "evaluate", "steer", "ablate"})
    EXPECT_EQ(offered(good + "\"" + job + "\": {" + odd + "}}"), keysOf(properties[job])) << job;
  const auto entry = [&](const char* list) {
    return keysOf(properties[list]["items"]["anyOf"][1]);
  };
  auto recipe = entry("recipes"), decoder = entry("decoders");
  recipe.erase("each"); // taken out before
  decoder.erase("each");
  EXPECT_EQ(offered(good + R"("recipes": [{"recipe": {"steps": []}, )" + odd + "}]}"), recipe);
  EXPECT_EQ(offered(good + R"("decoders": [{"decoder": "d", )" + odd + "}]}"), decoder);
  for (const char* sets : {"prompts", "tasks"})
    EXPECT_EQ(offered("{" + kModel + "\"" + sets + R"(": {"s": {"path": "p", )" + odd + "}}}"),
              keysOf(properties[sets]["additionalProperties"]["anyOf"][1]))
        << sets;
}

TEST(Nearest, IsTheWordOfFewestEditsOrNone) {
  EXPECT_EQ(nearest("scorrer", {"scorer", "tasks"}), "scorer");
  EXPECT_EQ(nearest("xyz", {"scorer", "tasks"}), "");
  EXPECT_EQ(nearest("ab", {"ac", "ad"}), "ac");
}

} // namespace
} // namespace switchyard::tests
