// The palette finds experts, tokens by their text, sequences and files.

#include <gtest/gtest.h>

#include <QLineEdit>
#include <QTest>

#include "app/jobs/capture.h"
#include "app/jobs/text.h"
#include "app/studio/live/player.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/shell/palette.h"
#include "app/studio/shell/text_search.h"
#include "tests/studio/wait.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::TempFolder;
using tests::waitFor;

const tokenizer::Tokenizer& demoTokenizer() {
  static const tokenizer::Tokenizer tokenizer = *jobs::loadTokenizer(SY_DATA "/demo-model");
  return tokenizer;
}

std::vector<std::int32_t> idsOf(const std::string& text) {
  std::vector<std::int32_t> ids;
  const auto tokens = demoTokenizer().encode(text);
  for (const base::TokenId token : *tokens)
    ids.push_back(token.value);
  return ids;
}

TEST(TextSearch, FindsWordsThatLieOverSeveralTokens) {
  const std::string text = "Two small swallows sat on a wall. Swallows sing.\nHow many? Größe 3.";
  const std::vector<std::int32_t> ids = idsOf(text);
  const auto search = [&](const QString& wanted) {
    std::vector<TextHit> hits;
    searchTokens(ids, {4, 100}, "s", &demoTokenizer(), wanted, hits);
    return hits;
  };
  // The reference: the bytes before a token are those of the tokens before it.
  const auto byteOf = [&](qint64 position) {
    std::size_t bytes = 0;
    for (qint64 i = 0; i < position - 100; ++i)
      bytes += demoTokenizer().bytes(base::TokenId(ids[static_cast<std::size_t>(i)])).size();
    return bytes;
  };
  const auto any = search("swallows");
  ASSERT_EQ(any.size(), 2u);
  for (const auto& [hit, at] :
       {std::pair(any[0], text.find("swallows")), std::pair(any[1], text.find("Swallows"))}) {
    EXPECT_EQ(hit.token.sequence, 4);
    EXPECT_LE(byteOf(hit.token.position), at);
    EXPECT_GT(byteOf(hit.token.position + 1), at);
  }
  EXPECT_EQ(any[0].context.mid(any[0].at, 8), "swallows");
  EXPECT_EQ(search("Swallows").size(), 1u) << "capitals count when they are typed";
  EXPECT_EQ(search("röße 3").size(), 1u);
  EXPECT_TRUE(search("sparrow").empty());
  EXPECT_TRUE(search("sing.\nHow").front().context.contains(QChar(0x23CE)));
  std::vector<std::int32_t> many;
  for (int i = 0; i < 3000; ++i)
    many.insert(many.end(), ids.begin(), ids.end());
  std::vector<TextHit> hits;
  searchTokens(many, {0, 0}, "s", &demoTokenizer(), "wall.", hits);
  ASSERT_EQ(hits.size(), kMostHits);
  for (std::size_t i = 1; i < hits.size(); ++i)
    EXPECT_EQ(hits[i].token.position - hits[i - 1].token.position, static_cast<qint64>(ids.size()));
}

class PaletteTest : public testing::Test {
protected:
  void SetUp() override {
    jobs::CaptureOptions options;
    options.model = SY_DATA "/demo-model";
    options.prompts = folder.write(
        "p.jsonl", "{\"id\": \"birds-01\", \"text\": \"Two small swallows sat on a wall.\"}\n"
                   "{\"id\": \"sums-01\", \"text\": \"Q: 47+85=? <think>\"}\n");
    options.out = folder / "t.swy";
    ASSERT_TRUE(jobs::capture(options, bench.jobs().threads(), {}));
    window.setConfirmation([] { return UnsavedChoice::Discard; });
    window.show();
    bench.openFile(QString::fromStdString((folder / "t.swy").string()));
    ASSERT_TRUE(waitFor([&] { return bench.document().current(ItemKind::Trace) != 0; }));
  }
  const PaletteEntry* entry(const QString& group, const QString& part) const {
    for (const PaletteEntry& each : window.palette().shown())
      if (each.group == group && each.title.contains(part))
        return &each;
    return nullptr;
  }
  void search(const QString& query) {
    window.showPalette({});
    window.palette().field()->setText(query);
  }

  TempFolder folder;
  Workbench bench{plugin::Registry::scan()};
  MainWindow window{bench};
};

TEST_F(PaletteTest, FindsExpertsInAnySpelling) {
  for (const char* query : {"L3E17", "l3 e17", "3 17", "L3:17"}) {
    search(query);
    EXPECT_TRUE(entry("Go to", "Expert L3 E17")) << query;
  }
}

TEST_F(PaletteTest, FindsTokensByTextAndSequencesByName) {
  for (const char* query : {"swallows", "@swallows"}) {
    search(query);
    ASSERT_TRUE(waitFor([&] { return entry("Tokens", "swallows"); })) << query;
  }
  const PaletteEntry found = *entry("Tokens", "swallows");
  EXPECT_TRUE(found.detail.startsWith("birds-01, token ")) << found.detail.toStdString();
  found.run();
  const auto token = bench.selection().primaryToken();
  ASSERT_TRUE(token);
  EXPECT_EQ(token->sequence, 0);
  EXPECT_EQ(QString::number(token->position), found.detail.section(' ', -1));
  ASSERT_TRUE(waitFor([&] { return Player::of(bench).source() == PlaySource::Replay; }));
  EXPECT_EQ(Player::of(bench).shown(), token->position);
  search("sums");
  ASSERT_TRUE(waitFor([&] { return entry("Sequences", "sums-01"); }));
  entry("Sequences", "sums-01")->run();
  EXPECT_EQ(bench.selection().primaryToken(), (TokenKey{1, 0}));
  ASSERT_TRUE(waitFor([&] { return bench.jobs().active() == 0; }));
  for (const JobInfo& job : bench.jobs().jobs())
    EXPECT_FALSE(job.title.startsWith("Search")) << "a search leaves no row";
}

TEST_F(PaletteTest, FindsFilesByNameAndByPath) {
  search("t.swy");
  ASSERT_TRUE(entry("Recent files", "t.swy"));
  std::filesystem::create_directories(folder / "sub");
  const QString path = QString::fromStdString(folder.path().string());
  search(path + "/");
  ASSERT_TRUE(entry("Files", "p.jsonl"));
  ASSERT_TRUE(entry("Files", "sub/"));
  EXPECT_FALSE(entry("Files", "sub/")->reason.isEmpty());
  EXPECT_EQ(entry("Files", "sub/")->completion, path + "/sub/");
  search(path + "/p.");
  ASSERT_EQ(window.palette().shown().size(), 1u);
  QTest::keyClick(window.palette().field(), Qt::Key_Return);
  ASSERT_TRUE(waitFor([&] { return bench.document().current(ItemKind::PromptSet) != 0; }));
  search(SY_DATA "/demo-mod");
  ASSERT_EQ(window.palette().shown().size(), 1u);
  EXPECT_TRUE(window.palette().shown()[0].reason.isEmpty()) << "a model folder opens";
}

} // namespace
} // namespace switchyard::studio
