// Text that is being generated when the program ends without a word: it is offered, and goes on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QPushButton>
#include <QRegularExpression>

#include <nlohmann/json.hpp>

#include "app/studio/live/kept_text.h"
#include "app/studio/live/text_keeper.h"
#include "app/studio/session/autosave.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/shell/problem_strip.h"
#include "tests/studio/wait.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using testing::ElementsAre;
using tests::TempFolder;
using tests::waitFor;

const QString kPrompt =
    "Q: Tina has 93 stamps. Tina finds 2. How many stamps does Tina have? <think>";

QString pathIn(const TempFolder& folder, const char* name) {
  return QString::fromStdString((folder / name).string());
}

std::vector<int> ids(std::span<const base::TokenId> tokens) {
  std::vector<int> list;
  for (const base::TokenId token : tokens)
    list.push_back(token.value);
  return list;
}

ProblemStrip* stripOf(const QWidget& window, const QString& part) {
  for (ProblemStrip* strip : window.findChildren<ProblemStrip*>())
    if (strip->title().contains(part))
      return strip;
  return nullptr;
}

LiveRequest somethingAsked() {
  LiveRequest request;
  request.folder = SY_DATA "/demo-model";
  request.prompt = "a \"prompt\"\nof two lines";
  request.generate.maxTokens = 77;
  request.generate.stopAtEos = false;
  request.generate.stop = {"\n\n"};
  request.generate.sampler = {.temperature = 0.5,
                              .topK = 4,
                              .topP = 0.25,
                              .minP = 0.125,
                              .repetitionPenalty = 1.5,
                              .seed = 1ull << 63};
  request.decoder = {"self-contrast", {{"alpha", "0.5"}}};
  request.recipe = std::make_shared<const routing::Recipe>(
      routing::parseRecipe(R"({"steps":[{"plugin":"ban","options":{"experts":["0:1"]}}]})", {})
          .value());
  return request;
}

TEST(KeptText, ComesBackAsARequestThatForcesIt) {
  TempFolder folder;
  const LiveRequest asked = somethingAsked();
  const std::vector<base::TokenId> first{base::TokenId(5), base::TokenId(4000)},
      second{base::TokenId(6)};
  const std::string text = keptHead(asked) + keptLine(first) + keptLine(second);
  folder.write("whole", text);
  const auto read = readKeptText(pathIn(folder, "whole"));
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(read->folder, asked.folder);
  EXPECT_EQ(read->prompt, asked.prompt);
  EXPECT_EQ(read->generate.maxTokens, 77);
  EXPECT_FALSE(read->generate.stopAtEos);
  EXPECT_EQ(read->generate.stop, asked.generate.stop);
  EXPECT_EQ(read->generate.sampler, asked.generate.sampler);
  EXPECT_EQ(read->decoder.name, "self-contrast");
  EXPECT_EQ(read->decoder.options, asked.decoder.options);
  ASSERT_TRUE(read->recipe);
  EXPECT_EQ(routing::toJson(*read->recipe), routing::toJson(*asked.recipe));
  EXPECT_THAT(ids(read->generate.forced), ElementsAre(5, 4000, 6));
}

TEST(KeptText, ALineThatWasCutOffIsLeftOut) {
  TempFolder folder;
  const std::vector<base::TokenId> first{base::TokenId(5)},
      second{base::TokenId(67), base::TokenId(8)};
  const std::string whole = keptHead(somethingAsked()) + keptLine(first);
  const std::string text = whole + keptLine(second);
  for (std::size_t size = whole.size(); size < text.size(); ++size) {
    folder.write("cut", text.substr(0, size));
    const auto read = readKeptText(pathIn(folder, "cut"));
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_THAT(ids(read->generate.forced), ElementsAre(5));
  }
  folder.write("head", whole.substr(0, 40));
  EXPECT_FALSE(readKeptText(pathIn(folder, "head")));
  for (const char* wrong : {"", "\n", "{}\n", "[1]\n", "{\"switchyard_text\": 1}\n"}) {
    folder.write("wrong", wrong);
    EXPECT_FALSE(readKeptText(pathIn(folder, "wrong"))) << wrong;
  }
  for (const char* line : {"7\n", "[\"a\"]\n", "[1,\n"}) {
    folder.write("line", whole + line);
    const auto read = readKeptText(pathIn(folder, "line"));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::ErrorCode::InvalidFormat);
  }
}

class LiveRecovery : public testing::Test {
protected:
  void SetUp() override {
    before = qgetenv("XDG_DATA_HOME");
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString((folder / "home").string()));
  }
  void TearDown() override { qputenv("XDG_DATA_HOME", before); }

  static QStringList files() { return QDir(Autosave::folder()).entryList(QDir::Files); }
  /// The ids that the command line makes of the same prompt, options and seed.
  static std::vector<int> expected(int tokens) {
    const tests::ProcessResult cli =
        tests::run({SY_CLI, "generate", SY_DATA "/demo-model", "--prompt", kPrompt.toStdString(),
                    "--max-tokens", std::to_string(tokens), "--temperature", "0.9", "--seed", "7",
                    "--ignore-eos", "--json", "--quiet"});
    EXPECT_EQ(cli.exitCode, 0) << cli.err;
    return nlohmann::json::parse(cli.out)["ids"].get<std::vector<int>>();
  }

  TempFolder folder;
  QByteArray before;
};

TEST_F(LiveRecovery, AKilledProgramLosesAtMostTheLastSecond) {
  constexpr int kEnough = 60;
  QProcess child; // text_crash_child.cpp
  child.setStandardErrorFile(QProcess::nullDevice());
  child.start(SY_TEXT_CRASH_CHILD, {pathIn(folder, "home"), QCoreApplication::applicationName(),
                                    kPrompt, QString::number(kEnough)});
  ASSERT_TRUE(child.waitForFinished(90000));
  ASSERT_EQ(child.exitStatus(), QProcess::CrashExit) << child.exitCode();

  Workbench bench(plugin::Registry::scan());
  MainWindow window(bench);
  window.setConfirmation([] { return UnsavedChoice::Discard; });
  window.show();
  window.keepWorkSafe();
  ProblemStrip* offer = stripOf(window, "Unsaved work from");
  ASSERT_TRUE(offer);
  EXPECT_TRUE(offer->accessibleDescription().contains("Text was being generated"));
  ASSERT_EQ(offer->findChildren<QPushButton*>().value(0)->text(), "Recover");
  offer->findChildren<QPushButton*>().value(0)->click();

  Player& player = Player::of(bench);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Paused; }, 60000));
  ProblemStrip* text = stripOf(window, "of text that was being generated were kept");
  ASSERT_TRUE(text);
  const int kept = text->title().section(' ', 0, 0).toInt();
  ASSERT_GE(kept, kEnough);
  const std::vector<int> wanted = expected(kept + 20);
  const Track* track = player.track();
  ASSERT_TRUE(waitFor([&] { return track->end() - track->promptLength() >= kept; }));
  EXPECT_FALSE(waitFor([&] { return track->end() - track->promptLength() > kept + 1; }, 300))
      << "it stands still";
  for (std::int64_t i = 0; i < kept; ++i)
    ASSERT_EQ(track->token(track->promptLength() + i), wanted[static_cast<std::size_t>(i)]) << i;
  const auto words = bench.document()
                         .currentItem(ItemKind::Model)
                         ->loaded->tokenizer->decode(player.reel()->request.generate.forced, true);
  EXPECT_EQ(text->accessibleDescription(), QString::fromStdString(words));
  EXPECT_EQ(player.reel()->request.prompt, kPrompt.toStdString());

  // It goes on as it would have, and then is a recording like any other; nothing is kept twice.
  player.play();
  ASSERT_TRUE(waitFor([&] { return track->end() - track->promptLength() >= kept + 20; }));
  for (std::int64_t i = 0; i < kept + 20; ++i)
    ASSERT_EQ(track->token(track->promptLength() + i), wanted[static_cast<std::size_t>(i)]) << i;
  player.stop();
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Finished; }));
  ASSERT_TRUE(player.reel()->trace);
  EXPECT_TRUE(waitFor([] { return files().filter(".text").isEmpty(); }));
  EXPECT_EQ(files().filter(QRegularExpression("\\.sysession$")).size(), 1)
      << "that names the recording";
  window.close();
  EXPECT_TRUE(waitFor([&] { return !window.isVisible(); }));
  bench.jobs().waitForIdle(10000);
  EXPECT_TRUE(files().filter(QRegularExpression("\\.sysession$|\\.text$")).isEmpty());
}

TEST_F(LiveRecovery, ATextThatCrashesAgainIsStillThere) {
  const QString session = Autosave::folder() + "/old.sysession";
  LiveRequest asked = somethingAsked();
  asked.folder = (folder / "gone").string(); // neither model nor tokenizer can be read
  const std::vector<base::TokenId> tokens{base::TokenId(5), base::TokenId(6)};
  Workbench bench(plugin::Registry::scan());
  QFile file(Autosave::textPath(session));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write(QByteArray::fromStdString(keptHead(asked) + keptLine(tokens)));
  file.close();
  TextKeeper keeper(Player::of(bench), Autosave::textPath(Autosave::folder() + "/new.sysession"));
  EXPECT_FALSE(keeper.holds());
  keeper.adopt(file.fileName());
  EXPECT_TRUE(keeper.holds());
  keeper.release(); // a session was written; the text has not been made again
  ASSERT_EQ(files().filter(".text"), QStringList{"new.sysession.text"});
  const auto read = readKeptText(Autosave::textPath(Autosave::folder() + "/new.sysession"));
  ASSERT_TRUE(read);
  EXPECT_THAT(ids(read->generate.forced), ElementsAre(5, 6));
  EXPECT_FALSE(wordsOf(*read));
  keeper.discard();
  EXPECT_FALSE(keeper.holds());
  EXPECT_TRUE(files().filter(".text").isEmpty());
}

} // namespace
} // namespace switchyard::studio
