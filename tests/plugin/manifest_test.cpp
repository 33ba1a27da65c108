#include "core/plugin/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json good() {
  return json::parse(R"({
    "id": "org.example.my-plugin", "name": "My plugin", "summary": "Does it.", "version": "1.2.3",
    "licence": "MIT", "kinds": ["analyzer", "router"], "abi": "1.0", "library": "my_plugin.so",
    "papers": [{"title": "A paper", "url": "https://arxiv.org/abs/1701.06538"}],
    "homepage": "https://example.org",
    "options": {"type": "object", "properties": {"top": {"type": "integer", "description": "d"}}}})");
}

TEST(Manifest, ReadsAllFields) {
  const Manifest m = parseManifest(good().dump(), "/x/y/my.plugin.json").value();
  EXPECT_EQ(m.id, "org.example.my-plugin");
  EXPECT_EQ(m.shortName(), "my-plugin");
  EXPECT_EQ(m.libraryPath(), "/x/y/my_plugin.so");
  EXPECT_EQ(m.kinds, (std::vector<Kind>{Kind::Analyzer, Kind::Router}));
  EXPECT_EQ(m.abi, (AbiVersion{1, 0}));
  EXPECT_EQ(m.version, "1.2.3");
  ASSERT_EQ(m.papers.size(), 1u);
  EXPECT_EQ(m.papers[0].title, "A paper");
  ASSERT_EQ(m.options.size(), 1u);
}

TEST(Manifest, RefusesEachMissingKey) {
  for (const char* key :
       {"id", "name", "summary", "version", "licence", "kinds", "abi", "library"}) {
    json m = good();
    m.erase(key);
    const auto result = parseManifest(m.dump(), "f.plugin.json");
    ASSERT_FALSE(result) << key;
    EXPECT_EQ(result.error().code, base::ErrorCode::InvalidFormat);
    EXPECT_THAT(result.error().message, HasSubstr(key));
    EXPECT_EQ(result.error().where.file, "f.plugin.json");
  }
}

TEST(Manifest, RefusesWrongValues) {
  const std::vector<std::pair<const char*, json>> cases = {
      {"id", "single"},
      {"id", "Org.Example.X"},
      {"id", "org..x"},
      {"id", "org.-x"},
      {"id", "org.x/y"},
      {"id", 3},
      {"id", std::string(200, 'a') + ".b"},
      {"version", "1.2"},
      {"version", "1.2.3.4"},
      {"version", "v1.2.3"},
      {"version", "1.02.3"},
      {"version", "1..3"},
      {"version", ""},
      {"kinds", json::array()},
      {"kinds", {"analyser"}},
      {"kinds", {"router", "router"}},
      {"kinds", "router"},
      {"kinds", {1}},
      {"abi", "1"},
      {"abi", 1.0},
      {"abi", "x.y"},
      {"library", "../evil.so"},
      {"library", "/lib/x.so"},
      {"library", ".hidden.so"},
      {"library", ""},
      {"library", "a b.so"},
      {"papers", "paper"},
      {"papers", {{{"url", "x"}}}},
      {"papers", {{{"title", "x"}, {"doi", "y"}}}},
      {"name", ""},
      {"name", std::string(5000, 'x')},
      {"name", std::string("a\0b", 3)},
      {"options", json::array()},
  };
  for (const auto& [key, value] : cases) {
    json m = good();
    m[key] = value;
    EXPECT_FALSE(parseManifest(m.dump(), "f")) << key << " = " << value;
  }
  json unknown = good();
  unknown["license"] = "MIT";
  EXPECT_THAT(parseManifest(unknown.dump(), "f").error().message, HasSubstr("license"));
  EXPECT_FALSE(parseManifest("[]", "f"));
  EXPECT_FALSE(parseManifest("", "f"));
  EXPECT_FALSE(parseManifest("{\"id\":1,\"id\":2}", "f"));
  EXPECT_FALSE(parseManifest("{" + std::string(2u << 20, ' ') + "}", "f"));
}

TEST(Manifest, TruncatedAnywhereIsAnErrorNeverACrash) {
  const std::string text = good().dump();
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(parseManifest(std::string_view(text).substr(0, size), "f")) << size;
}

TEST(Manifest, FilesThatAreNoFiles) {
  const testing::TempFolder folder;
  EXPECT_EQ(readManifest(folder.path()).error().code, base::ErrorCode::InvalidFormat);
  EXPECT_EQ(readManifest(folder.path() / "nothing").error().code, base::ErrorCode::NotFound);
}

TEST(Manifest, BuiltInSidecarsAreFine) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SY_BUILT_PLUGINS))
    if (entry.path().string().ends_with(kSidecarSuffix)) {
      const auto manifest = readManifest(entry.path());
      EXPECT_TRUE(manifest) << manifest.error().describe();
      ++count;
    }
  EXPECT_GE(count, 5);
}

} // namespace
} // namespace switchyard::plugin
