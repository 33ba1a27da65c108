#include "core/plugin/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace switchyard::plugin {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const json kSchema = json::parse(R"({
  "type": "object",
  "properties": {
    "by": {"type": "string", "enum": ["domain", "lang"], "default": "domain", "description": "Label."},
    "exact": {"type": "boolean", "default": false, "description": "Whether."},
    "experts": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 31},
                "minItems": 1, "maxItems": 3, "description": "Ids."},
    "file": {"type": "string", "description": "Needed."},
    "level": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": 0.95, "unit": "share",
              "title": "Level", "description": "Of intervals."},
    "top": {"type": "integer", "minimum": 1, "maximum": 64, "default": 32, "description": "How many."}
  },
  "required": ["file"],
  "additionalProperties": false
})");

std::vector<OptionSpec> specs() {
  return parseOptionSchema(kSchema, {}).value();
}

const OptionValue& value(const OptionValues& values, const std::string& name) {
  for (const OptionValue& v : values)
    if (v.name == name)
      return v;
  throw std::out_of_range(name);
}

TEST(OptionSchema, ReadsEveryKeyword) {
  const auto list = specs();
  ASSERT_EQ(list.size(), 6u);
  const OptionSpec& level = list[4];
  EXPECT_EQ(level.name, "level");
  EXPECT_EQ(level.type, OptionType::Number);
  EXPECT_EQ(level.unit, "share");
  EXPECT_EQ(level.title, "Level");
  EXPECT_EQ(level.help, "Of intervals.");
  EXPECT_TRUE(level.exclusiveMinimum && level.exclusiveMaximum);
  EXPECT_EQ(std::get<double>(level.defaults->front()), 0.95);
  EXPECT_TRUE(list[2].list);
  EXPECT_EQ(list[2].type, OptionType::Integer);
  EXPECT_EQ(list[2].maxItems, 3u);
  EXPECT_TRUE(list[3].required);
}

TEST(OptionSchema, RefusesWhatItDoesNotMean) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"({"type":"integer"})", "description"},
      {R"({"type":"object","description":"d"})", "not supported"},
      {R"({"type":"integer","description":"d","minimun":1})", "minimun"},
      {R"({"type":"integer","description":"d","minimum":5,"maximum":1})", "above"},
      {R"({"type":"integer","description":"d","minimum":1,"exclusiveMinimum":1})", "exclude"},
      {R"({"type":"string","description":"d","minimum":1})", "number"},
      {R"({"type":"integer","description":"d","maximum":5,"default":9})", "at most 5"},
      {R"({"type":"integer","description":"d","default":"x"})", "whole number"},
      {R"({"type":"integer","description":"d","default":1.5})", "whole number"},
      {R"({"type":"string","description":"d","enum":[]})", "enum"},
      {R"({"type":"string","description":"d","enum":["a"],"default":"b"})", "one of a"},
      {R"({"type":"array","description":"d"})", "items"},
      {R"({"type":"array","description":"d","items":{"type":"array"}})", "not supported"},
      {R"({"type":"array","description":"d","items":{"type":"integer"},"minimum":1})", "belongs"},
      {R"({"type":"integer","description":"d","items":{"type":"integer"}})", "arrays only"},
      {R"({"type":7,"description":"d"})", "type"},
      {R"([1])", "not a JSON object"},
  };
  for (const auto& [property, why] : cases) {
    json schema = {{"type", "object"}, {"properties", {{"x", json::parse(property)}}}};
    const auto result = parseOptionSchema(schema, {.file = "f"});
    ASSERT_FALSE(result) << property;
    EXPECT_THAT(result.error().message, HasSubstr(why)) << property;
    EXPECT_THAT(result.error().message, HasSubstr("option 'x'")) << property;
  }
  for (const char* name : {"", "Top", "1st", "a_b", "a.b", "-a"}) {
    json schema = {{"type", "object"},
                   {"properties", {{name, {{"type", "integer"}, {"description", "d"}}}}}};
    EXPECT_FALSE(parseOptionSchema(schema, {})) << name;
  }
  EXPECT_FALSE(parseOptionSchema(json::parse(R"({"type":"array"})"), {}));
  EXPECT_FALSE(parseOptionSchema(json::parse(R"({"type":"object","required":["y"]})"), {}));
  EXPECT_FALSE(
      parseOptionSchema(json::parse(R"({"type":"object","additionalProperties":true})"), {}));
  EXPECT_FALSE(parseOptionSchema(json(3), {}));
}

TEST(Options, DefaultsAndGivenValues) {
  const auto values =
      parseOptions(
          specs(),
          OptionArguments{
              {"file", "a,b"}, {"top", "7"}, {"exact", ""}, {"experts", "3,1"}, {"experts", "31"}},
          "demo")
          .value();
  EXPECT_EQ(std::get<std::string>(value(values, "file").values.front()), "a,b");
  EXPECT_EQ(std::get<std::int64_t>(value(values, "top").values.front()), 7);
  EXPECT_TRUE(value(values, "top").set);
  EXPECT_TRUE(std::get<bool>(value(values, "exact").values.front()));
  EXPECT_EQ(value(values, "experts").values,
            (std::vector<OptionScalar>{std::int64_t{3}, std::int64_t{1}, std::int64_t{31}}));
  EXPECT_EQ(std::get<double>(value(values, "level").values.front()), 0.95);
  EXPECT_FALSE(value(values, "level").set);
  const auto text = describe(values);
  EXPECT_EQ(text[2], (std::pair<std::string, std::string>("experts", "3,1,31")));
}

TEST(Options, WrongValuesNameTheFlag) {
  const std::vector<std::tuple<const char*, const char*, const char*>> cases = {
      {"top", "0", "at least 1"},
      {"top", "65", "at most 64"},
      {"top", "7x", "whole number"},
      {"top", "", "whole number"},
      {"top", "1e3", "whole number"},
      {"level", "0", "above 0"},
      {"level", "1", "below 1"},
      {"level", "nan", "finite"},
      {"level", "x", "number"},
      {"by", "genre", "domain, lang"},
      {"exact", "yes", "true or false"},
      {"experts", "1,2,3,4", "at most 3"},
      {"experts", "1,,2", "whole number"},
      {"experts", "32", "at most 31"},
      {"top", "99999999999999999999", "whole number"},
  };
  for (const auto& [name, text, why] : cases) {
    const auto result = parseOptions(specs(), OptionArguments{{"file", "f"}, {name, text}}, "demo");
    ASSERT_FALSE(result) << name << " " << text;
    EXPECT_EQ(result.error().code, base::ErrorCode::InvalidArgument);
    EXPECT_THAT(result.error().message, HasSubstr(std::string("--demo.") + name)) << text;
    EXPECT_THAT(result.error().message, HasSubstr(why)) << text;
  }
  EXPECT_THAT(parseOptions(specs(), OptionArguments{{"tpo", "1"}}, "demo").error().message,
              HasSubstr("by, exact, experts, file, level, top"));
  EXPECT_THAT(parseOptions(specs(), OptionArguments{}, "demo").error().message,
              HasSubstr("needs option 'file'"));
  EXPECT_THAT(
      parseOptions(specs(), OptionArguments{{"top", "1"}, {"top", "2"}}, "demo").error().message,
      HasSubstr("already given"));
  EXPECT_FALSE(parseOptions(specs(), OptionArguments{{"file", std::string(70000, 'x')}}, "demo"));
  EXPECT_FALSE(parseOptions(specs(), OptionArguments{{"file", std::string("a\0b", 3)}}, "demo"));
}

TEST(Options, FromJson) {
  const auto values =
      parseOptions(specs(), json{{"file", "f"}, {"experts", {4, 5}}, {"level", 0.5}}, "demo")
          .value();
  EXPECT_EQ(value(values, "experts").values.size(), 2u);
  for (const char* text :
       {R"({"file":1})", R"({"file":"f","top":1.5})", R"({"file":"f","experts":3})",
        R"({"file":"f","experts":[]})", R"({"file":"f","nope":1})", R"([])",
        R"({"file":"f","top":18446744073709551615})"})
    EXPECT_FALSE(parseOptions(specs(), json::parse(text), "demo")) << text;
}

} // namespace
} // namespace switchyard::plugin
