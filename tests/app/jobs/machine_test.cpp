// Machine descriptions: files, text of a command line, forms.

#include "app/jobs/machine.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace switchyard::jobs {
namespace {

using ::testing::HasSubstr;

TEST(Machine, IsReadFromAFileAndFromText) {
  const tests::TempFolder folder;
  const std::string text =
      R"({"name": "box", "devices": 8, "load_bandwidth": 6.4e10, "expert_bytes": 3145728})";
  std::ofstream(folder / "m.json") << text;
  for (const std::filesystem::path& from : {folder / "m.json", std::filesystem::path(text)}) {
    const auto machine = readMachine(from);
    ASSERT_TRUE(machine) << machine.error().describe();
    EXPECT_EQ(machine->name, "box");
    EXPECT_EQ(machine->devices, 8);
    EXPECT_EQ(machine->loadBandwidth, 6.4e10);
    EXPECT_EQ(machine->expertBytes, 3145728);
    EXPECT_EQ(machine->activationBytes, 2); // its default
  }
}

TEST(Machine, RefusesWhatIsNoField) {
  for (const char* bad :
       {R"({"speed": 3})", R"({"devices": -1})", R"({"devices": 1.5})", R"({"flops": "fast"})",
        R"({"flops": -1})", R"({"name": 3})", R"({"devices": 10000000000})", "{", "[]"})
    EXPECT_FALSE(parseMachine(bad, {})) << bad;
  EXPECT_THAT(parseMachine(R"({"speed": 3})", {}).error().message,
              HasSubstr("\"speed\": 3 is no field"));
  EXPECT_FALSE(readMachine("/nowhere/m.json"));
}

TEST(Machine, ItsLineAndItsFormReadBack) {
  trace::MachineDescription machine;
  EXPECT_EQ(toJson(machine), "{}");
  EXPECT_TRUE(argumentsOf(machine).empty());
  machine.name = "a \"b\"";
  machine.devices = 4;
  machine.linkLatency = 2.5e-7;
  machine.flops = 9.89e14;
  machine.expertWidth = 768;
  EXPECT_EQ(
      toJson(machine),
      R"({"name":"a \"b\"","devices":4,"flops":989000000000000.0,"link_latency":2.5e-07,"expert_width":768})");
  for (const auto& again : {parseMachine(toJson(machine), {}), machineOf(argumentsOf(machine))}) {
    ASSERT_TRUE(again) << again.error().describe();
    EXPECT_EQ(toJson(*again), toJson(machine));
  }
  EXPECT_FALSE(machineOf({{"devices", "-3"}}));
  EXPECT_FALSE(machineOf({{"wheels", "4"}}));
  EXPECT_EQ(machineOptions().size(), 15u);
}

TEST(Machine, TakesTheSizesOfAModel) {
  model::ModelConfig config;
  config.hidden = 64;
  config.moe.width = 48;
  config.dtype = "bfloat16";
  trace::MachineDescription machine = withModel({}, config);
  EXPECT_EQ(machine.hidden, 64);
  EXPECT_EQ(machine.expertWidth, 48);
  EXPECT_EQ(machine.expertBytes, 3 * 64 * 48 * 2);
  config.dtype = "float32";
  EXPECT_EQ(withModel({}, config).expertBytes, 3 * 64 * 48 * 4);
  config.quantization = model::Quantization::Mxfp4;
  EXPECT_EQ(withModel({}, config).expertBytes, 0); // unknown
}

} // namespace
} // namespace switchyard::jobs
