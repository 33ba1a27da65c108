// Plugins that end the program, or break off: what is left behind, and what is switched off.

#include "core/plugin/crash_guard.h"

#include <csignal>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include "core/plugin/registry.h"
#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

using testing::TempFolder;

bool died(int status) {
  return !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/// Runs `body` in a copy of this process that notes crashes in `path`, and which it must not
/// survive.
template <typename Body>
void inACopy(const std::filesystem::path& path, Body body, const char* says = "") {
  EXPECT_EXIT(
      {
        if (!noteCrashes(path))
          std::_Exit(0);
        body();
        std::_Exit(0);
      },
      died, says);
}

TEST(CrashGuard, AFatalSignalInAPluginLeavesANote) {
  const TempFolder folder;
  const std::filesystem::path path = folder.path() / "sub" / "notes";
  const auto loaded = testing::misbehaving();
  inACopy(
      path,
      [&] {
        auto analyzer = makeAnalyzer(loaded, testing::modeOptions("crashes"), {});
        const trace::LayerInfo layer{0, 2, 1};
        (void)(*analyzer)->begin({&layer, 1});
        trace::SequenceInfo sequence;
        trace::RoutingBlock block;
        block.sequence = &sequence;
        block.info = layer;
        (void)(*analyzer)->add(block);
      },
      "plugin 'org.example.misbehaving' ended the program: SIGSEGV in add\\(\\)");
  const auto notes = readCrashNotes(path);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].plugin, "org.example.misbehaving");
  EXPECT_EQ(notes[0].function, "add");
  EXPECT_EQ(notes[0].how, "SIGSEGV");
  EXPECT_GT(notes[0].time, 1'600'000'000);
}

/// Needs about 4 KiB of stack a level.
int deep(int levels) {
  volatile char room[4096];
  room[0] = static_cast<char>(levels);
  return levels == 0 ? 0 : deep(levels - 1) + room[0];
}

TEST(CrashGuard, AbortExitAndOverflowAreNotedOthersAreNot) {
  const TempFolder folder;
  const auto how = [&](void (*end)()) {
    const std::filesystem::path path = folder.path() / "notes";
    std::filesystem::remove(path);
    inACopy(path, end);
    const auto notes = readCrashNotes(path);
    return notes.empty() ? std::string("nothing") : notes[0].how;
  };
  EXPECT_EQ(how([] {
              const InPlugin running("org.example.a", "apply");
              std::abort();
            }),
            "SIGABRT");
  EXPECT_EQ(how([] {
              const InPlugin running("org.example.a", "apply");
              std::exit(3);
            }),
            "exit");
  EXPECT_EQ(how([] {
              const InPlugin running("org.example.a", "apply");
              std::_Exit(deep(1 << 24) == 1 ? 0 : 1);
            }),
            "SIGSEGV")
      << "the stack is full";
  EXPECT_EQ(how([] { std::abort(); }), "nothing") << "no plugin ran";
  EXPECT_EQ(how([] {
              { const InPlugin running("org.example.a", "apply"); }
              std::abort();
            }),
            "nothing")
      << "it had returned";
  EXPECT_EQ(how([] {
              const InPlugin elsewhere("org.example.a", "apply");
              std::thread([] { std::abort(); }).join();
            }),
            "nothing")
      << "on another thread";
}

TEST(CrashGuard, WaitsForWorkThatIsBeingSaved) {
  const TempFolder folder;
  const std::filesystem::path path = folder.path() / "notes", saved = folder.path() / "saved";
  inACopy(path, [&] {
    auto saving = std::make_unique<SavingWork>();
    std::thread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      testing::writeFile(saved, "whole");
      saving.reset();
    }).detach();
    const InPlugin running("org.example.a", "apply");
    std::abort();
  });
  EXPECT_TRUE(std::filesystem::exists(saved));
}

TEST(CrashGuard, NotesAreKeptByPluginAndDamageIsLeftOut) {
  const TempFolder folder;
  const std::filesystem::path path = folder.path() / "notes";
  EXPECT_TRUE(readCrashNotes(path).empty());
  testing::writeFile(path,
                     "a\tadd\tSIGSEGV\t10\nb\tnext\tSIGABRT\t11\nbroken\n\nc\tadd\tSIGBUS\tsoon\n"
                     "a\tresult\texit\t12\nd\tadd\tSIG");
  EXPECT_EQ(readCrashNotes(path),
            (std::vector<CrashNote>{{"b", "next", "SIGABRT", 11}, {"a", "result", "exit", 12}}));
  ASSERT_TRUE(forgetCrashes(path, "b"));
  EXPECT_EQ(readCrashNotes(path), (std::vector<CrashNote>{{"a", "result", "exit", 12}}));
  ASSERT_TRUE(forgetCrashes(path, "a"));
  EXPECT_FALSE(std::filesystem::exists(path));
}

class BreakingOff : public ::testing::Test {
protected:
  BreakingOff() {
    testing::placeHostile(folder.path(), "misbehaving", R"("analyzer", "router")",
                          "org.example.misbehaving");
    registry = Registry::scan({.folders = {{folder.path(), "test"}}});
  }
  base::Result<void> begin(const std::string& mode, HostContext context = {}) {
    auto analyzer = SY_TRY(registry->analyzer("misbehaving", testing::modeOptions(mode), context));
    const trace::LayerInfo layer{0, 2, 1};
    SY_TRY(analyzer->begin({&layer, 1}));
    SY_TRY(analyzer->result());
    return {};
  }

  TempFolder folder;
  std::shared_ptr<Registry> registry;
};

TEST_F(BreakingOff, AnExceptionSwitchesThePluginOffAndOnItCanBeAgain) {
  std::vector<std::string> told;
  registry->switchOffWhatBreaks([&](const Manifest& manifest, const std::string& what) {
    told.push_back(manifest.id + ": " + what);
  });
  EXPECT_FALSE(begin("begin-throws"));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find("an exception left begin()"), std::string::npos) << told[0];
  EXPECT_EQ(registry->rows()[0].state, RowState::Disabled);
  const auto refused = registry->find("misbehaving", std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::Unsupported);
  EXPECT_NE(refused.error().message.find("begin()"), std::string::npos);
  registry->switchOn("org.example.misbehaving");
  EXPECT_EQ(registry->rows()[0].state, RowState::Loaded);
  EXPECT_TRUE(registry->find("misbehaving", std::nullopt));
}

TEST_F(BreakingOff, AHangDoesToo) {
  int told = 0;
  registry->switchOffWhatBreaks([&](const Manifest&, const std::string&) { ++told; });
  HostContext context;
  context.resultLimit = std::chrono::milliseconds(50);
  EXPECT_FALSE(begin("result-hangs", context));
  EXPECT_EQ(told, 1);
  EXPECT_EQ(registry->rows()[0].state, RowState::Disabled);
}

TEST_F(BreakingOff, AnErrorChangesNothingNorDoesAnExceptionWhenNobodyAsked) {
  int told = 0;
  EXPECT_FALSE(begin("begin-throws"));
  registry->switchOffWhatBreaks([&](const Manifest&, const std::string&) { ++told; });
  EXPECT_FALSE(begin("create-fails"));
  EXPECT_FALSE(begin("unknown-status"));
  EXPECT_EQ(told, 0);
  EXPECT_TRUE(registry->find("misbehaving", std::nullopt));
}

} // namespace
} // namespace switchyard::plugin
