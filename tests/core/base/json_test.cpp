#include "core/base/json.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace switchyard::base {
namespace {

ErrorCode codeOf(std::string_view text, JsonLimits limits = {}) {
  const auto parsed = parseJson(text, limits, {.file = "x.json"});
  EXPECT_FALSE(parsed.has_value()) << text;
  if (parsed)
    return ErrorCode::Internal;
  EXPECT_EQ(parsed.error().where.file, "x.json");
  EXPECT_FALSE(parsed.error().message.empty());
  return parsed.error().code;
}

TEST(ParseJson, KeepsValues) {
  const auto parsed =
      parseJson(R"({"a":[1,-2,2.5,"x",null,true,{}],"b":{"c":18446744073709551615}})", {}, {});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(*parsed, nlohmann::json::parse(
                         R"({"a":[1,-2,2.5,"x",null,true,{}],"b":{"c":18446744073709551615}})"));
}

TEST(ParseJson, RefusesWhatIsNotStrictJson) {
  EXPECT_EQ(codeOf(""), ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("{"), ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("{} x"), ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("{\"a\":1,\"a\":2}"), ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("{\"o\":{\"a\":1,\"a\":2}}"), ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("\xEF\xBB\xBF{}"), ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("[1e400]"), ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("[NaN]"), ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("[\"\xFF\"]"), ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("[\"\\ud800\"]"), ErrorCode::InvalidFormat);
}

TEST(ParseJson, BoundsDepthAndSize) {
  EXPECT_EQ(codeOf(std::string(100000, '[')), ErrorCode::LimitExceeded);
  EXPECT_EQ(codeOf("[1,2,3]", {.maxBytes = 3}), ErrorCode::LimitExceeded);
}

} // namespace
} // namespace switchyard::base
