// Sessions: everything comes back, damaged files are errors, recovery is offered only if there is
// something, nothing is lost when the disk is full.

#include <gtest/gtest.h>

#include <QDir>
#include <QFile>
#include <QLockFile>

#include "app/jobs/capture.h"
#include "app/jobs/read_analysis.h"
#include "app/jobs/write_analysis.h"
#include "app/studio/document/opener.h"
#include "app/studio/session/autosave.h"
#include "app/studio/session/recordings.h"
#include "app/studio/session/session_file.h"
#include "tests/studio/wait.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::TempFolder;
using tests::waitFor;

QString pathIn(const TempFolder& folder, const char* name) {
  return QString::fromStdString((folder / name).string());
}

std::shared_ptr<const jobs::Analysis> someAnalysis() {
  trace::AnalysisResult result;
  result.tables.push_back({"t",
                           "A table",
                           {{"name", "", "who"}, {"n", "tokens", ""}},
                           {{std::string("a\"b"), std::int64_t{5}}, {std::monostate{}, 2.5}}});
  trace::Heatmap map;
  map.x = {"expert", {"0", "1"}};
  map.y = {"layer", {"L0"}};
  map.values = {0.25, std::numeric_limits<double>::quiet_NaN()};
  map.neutral = 1.0;
  map.merges = {{0, 1, 0.5}};
  result.figures.push_back({"f", "A figure", "note", map});
  trace::Chart chart;
  chart.kind = trace::ChartKind::Line;
  chart.series.push_back({"s", {1, 2}, {0.5, 1.5}, {{0.25, 0.75}, {1.25, 1.75}}, {"p", "q"}});
  chart.reference = 0.125;
  result.figures.push_back({"c", "A chart", "", chart});
  trace::Flow flow;
  flow.nodes = {{"a", 0}, {"b", 1}};
  flow.links = {{0, 1, 3.5}};
  result.figures.push_back({"w", "A flow", "", flow});
  trace::Headline headline;
  headline.name = "h";
  headline.value = 0.5;
  headline.interval = {{0.25, 0.75}};
  result.headlines.push_back(headline);
  result.findings = {"It is so."};
  result.provenance.analyzer = "org.example.load";
  result.provenance.options = {{"label", "domain"}};
  jobs::Analysis analysis;
  analysis.ids = {"load"};
  analysis.results = {result};
  analysis.command = "switchyard analyze x.swy --with load";
  analysis.traceId = "abc";
  return std::make_shared<const jobs::Analysis>(analysis);
}

/// A document with an item of each kind that needs no trace, an edited recipe, and a history.
void fill(Document& document) {
  const auto model = readItem(FileKind::Model, QString(SY_DATA) + "/demo-model");
  ASSERT_TRUE(model) << model.error().describe();
  const ItemKey modelKey = document.add(*model);
  Item recipe;
  recipe.kind = ItemKind::Recipe;
  recipe.name = "mine";
  recipe.recipe = std::make_shared<const routing::Recipe>();
  const ItemKey recipeKey = document.add(recipe);
  auto edited = std::make_shared<routing::Recipe>();
  routing::RecipeStep ban;
  ban.plugin = "ban";
  ban.options = R"({"experts":["5:19"]})";
  edited->steps.push_back(ban);
  document.setRecipe(recipeKey, edited, "Ban L5 E19");
  Item result;
  result.kind = ItemKind::Result;
  result.name = "load";
  result.source = modelKey;
  result.analysis = someAnalysis();
  const ItemKey resultKey = document.add(result);
  Item extra = recipe;
  extra.name = "extra";
  const ItemKey extraKey = document.add(extra);
  document.remove(extraKey);
  document.rename(resultKey, "load of demo");
  document.undoStack().undo();
  Selection& selection = document.selection();
  selection.selectExperts({{5, 19}, {0, 27}});
  selection.select(ExpertKey{5, 19}, SelectMode::Extend);
  selection.select(TokenKey{3, 51});
  selection.setPin(ExpertKey{0, 27});
  selection.setFilter({.range = std::pair<qint64, qint64>{10, 90}, .routedTo = ExpertKey{5, 8}});
}

std::string textOf(Document& document) {
  SessionData data = snapshot(document);
  data.saved = {};
  return toSessionText(data, "/somewhere", Recordings::ByPath).text;
}

TEST(Session, EverythingComesBackTheUndoStackToo) {
  TempFolder folder;
  Document before;
  fill(before);
  SessionData data = snapshot(before);
  data.layout.views = "{\"groups\":[]}";
  data.layout.states["experts"] = "{\"metric\":\"load\"}";
  data.layout.docks = QByteArray("\0\1\2", 3);
  const QString path = pathIn(folder, "a.sysession");
  ASSERT_TRUE(writeSession(data, path));
  const auto read = readSession(path, {});
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_TRUE(read->missing.empty());
  EXPECT_EQ(read->layout.docks, data.layout.docks);
  EXPECT_EQ(read->layout.states, data.layout.states);
  Document after;
  restore(after, *read);
  EXPECT_EQ(textOf(after), textOf(before));
  EXPECT_EQ(after.undoStack().index(), before.undoStack().index());
  EXPECT_EQ(after.undoStack().count(), before.undoStack().count());
  EXPECT_EQ(after.undoStack().redoText(), "Rename load to load of demo");
  // Both histories go the same way, back to nothing and forth again.
  while (before.undoStack().canUndo()) {
    before.undoStack().undo();
    after.undoStack().undo();
    EXPECT_EQ(textOf(after), textOf(before));
  }
  EXPECT_TRUE(after.isEmpty());
  while (before.undoStack().canRedo()) {
    before.undoStack().redo();
    after.undoStack().redo();
    EXPECT_EQ(textOf(after), textOf(before));
  }
}

TEST(Session, AFileThatIsGoneLeavesItsItemAndASentence) {
  TempFolder folder;
  const QString prompts = QString::fromStdString(folder.write("p.txt", "Some text.").string());
  Document before;
  before.add(*readItem(FileKind::PromptSet, prompts));
  const QString path = pathIn(folder, "a.sysession");
  ASSERT_TRUE(writeSession(snapshot(before), path));
  QFile::remove(prompts);
  const auto read = readSession(path, {});
  ASSERT_TRUE(read);
  ASSERT_EQ(read->items.size(), 1u);
  EXPECT_EQ(read->items[0].name, "p");
  EXPECT_FALSE(read->items[0].prompts);
  ASSERT_EQ(read->missing.size(), 1u);
  EXPECT_NE(read->missing[0].find("p.txt"), std::string::npos);
}

TEST(Session, MovesTogetherWithItsFiles) {
  TempFolder folder;
  QDir(QString::fromStdString(folder.path().string())).mkpath("old");
  folder.write("old/p.txt", "Some text.");
  Document before;
  before.add(*readItem(FileKind::PromptSet, pathIn(folder, "old/p.txt")));
  ASSERT_TRUE(writeSession(snapshot(before), pathIn(folder, "old/a.sysession")));
  std::filesystem::rename(folder / "old", folder / "new");
  const auto read = readSession(pathIn(folder, "new/a.sysession"), {});
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->missing.empty());
  EXPECT_EQ(read->items[0].path, pathIn(folder, "new/p.txt"));
}

void writeTo(const QString& path, const char* text) {
  std::ofstream(path.toStdString(), std::ios::binary) << text;
}

/// A recording of live text: any trace in the folder of recordings.
Item recordedItem(const TempFolder& folder) {
  jobs::CaptureOptions options;
  options.model = SY_DATA "/demo-model";
  options.prompts = folder.write("p.txt", "A short text about nothing.");
  options.out = recordings::newPath().toStdString();
  base::ThreadContext threads(2);
  EXPECT_TRUE(jobs::capture(options, threads, {}));
  Item item = *readItem(FileKind::Trace, QString::fromStdString(options.out.string()));
  item.name = "live";
  return item;
}

TEST(Session, CarriesItsRecordingsToAnotherMachine) {
  TempFolder folder;
  Document before;
  const Item item = recordedItem(folder);
  ASSERT_TRUE(recordings::isOne(item.path));
  before.add(item);
  const std::string bytes = tests::slurp(item.path.toStdString());
  const auto left = writeSession(snapshot(before), pathIn(folder, "a.sysession"));
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
  // Here the file is still there and serves.
  EXPECT_EQ(readSession(pathIn(folder, "a.sysession"), {})->items[0].path, item.path);
  // There it is not, or another one has its name.
  for (const char* there : {"", "another recording"}) {
    recordings::remove(item.path);
    if (*there)
      writeTo(item.path, there);
    std::filesystem::create_directories(folder / "moved");
    std::filesystem::copy_file(folder / "a.sysession", folder / "moved/a.sysession",
                               std::filesystem::copy_options::overwrite_existing);
    const auto read = readSession(pathIn(folder, "moved/a.sysession"), {});
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_TRUE(read->missing.empty());
    ASSERT_TRUE(read->items[0].trace);
    EXPECT_EQ(read->items[0].trace->tokens(), item.trace->tokens());
    EXPECT_EQ(tests::slurp(read->items[0].path.toStdString()), bytes);
    recordings::remove(read->items[0].path);
  }
  recordings::remove(item.path);
}

TEST(Session, RecordingsThatAreTooLargeOrDamagedAreSaid) {
  TempFolder folder;
  const Item item = recordedItem(folder);
  const auto tooLarge = recordings::pack(item.path, 100);
  ASSERT_FALSE(tooLarge);
  EXPECT_EQ(tooLarge.error().code, base::ErrorCode::LimitExceeded);
  EXPECT_EQ(recordings::unpack("no base64!", "x").error().code, base::ErrorCode::InvalidFormat);
  const auto outside = recordings::unpack(*recordings::pack(item.path), "../../../etc/passwd");
  ASSERT_TRUE(outside);
  EXPECT_TRUE(recordings::isOne(*outside)) << outside->toStdString();
  Document document;
  document.add(item);
  recordings::remove(item.path);
  const auto left = writeSession(snapshot(document), pathIn(folder, "a.sysession"));
  ASSERT_TRUE(left);
  ASSERT_EQ(left->size(), 1u);
  EXPECT_NE(left->front().find("could not be read"), std::string::npos);
  recordings::remove(*outside);
}

TEST(Recordings, OnlyTheNewestStay) {
  for (int i = 0; i < recordings::kKept + 3; ++i) {
    const QString path = QString("%1/old-%2.swy").arg(recordings::folder()).arg(i);
    writeTo(path, "x");
    std::filesystem::last_write_time(
        path.toStdString(), std::filesystem::file_time_type::clock::now() - std::chrono::hours(i));
  }
  recordings::prune();
  EXPECT_TRUE(QFile::exists(recordings::folder() + "/old-0.swy"));
  EXPECT_TRUE(
      QFile::exists(QString("%1/old-%2.swy").arg(recordings::folder()).arg(recordings::kKept - 1)));
  EXPECT_FALSE(
      QFile::exists(QString("%1/old-%2.swy").arg(recordings::folder()).arg(recordings::kKept)));
  QDir(recordings::folder()).removeRecursively();
}

TEST(Session, DamagedFilesAreErrors) {
  TempFolder folder;
  Document document;
  fill(document);
  const std::string good = toSessionText(snapshot(document), QString(), Recordings::Inside).text;
  const auto codeOf = [&](const std::string& text) {
    folder.write("x.sysession", text);
    const auto read = readSession(pathIn(folder, "x.sysession"), {});
    return read ? base::ErrorCode::Internal : read.error().code;
  };
  EXPECT_EQ(codeOf(""), base::ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("[]"), base::ErrorCode::InvalidFormat);
  EXPECT_EQ(codeOf("{\"switchyard_session\": 2, \"items\": []}"), base::ErrorCode::Unsupported);
  EXPECT_EQ(codeOf("{\"switchyard_session\": 1}"), base::ErrorCode::InvalidFormat);
  for (std::size_t cut = 1; cut < good.size(); cut += 97)
    EXPECT_EQ(codeOf(good.substr(0, good.size() - 1 - cut)), base::ErrorCode::InvalidFormat) << cut;
  // A flipped byte may go unnoticed in a name, but nothing crashes and the history stays sound.
  for (std::size_t at = 0; at < good.size(); at += 31) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    folder.write("x.sysession", flipped);
    const auto read = readSession(pathIn(folder, "x.sysession"), {});
    if (!read)
      continue;
    Document reopened;
    restore(reopened, *read);
    reopened.undoStack().setIndex(0);
    reopened.undoStack().setIndex(reopened.undoStack().count());
  }
}

TEST(Session, AFullDiskLeavesTheOldFile) {
  TempFolder folder;
  Document document;
  fill(document);
  // A folder that is not there stands for a disk that takes nothing: the atomic writer is one path.
  const auto written = writeSession(snapshot(document), pathIn(folder, "absent/a.sysession"));
  ASSERT_FALSE(written);
  const QString path = pathIn(folder, "a.sysession");
  ASSERT_TRUE(writeSession(snapshot(document), path));
  const std::string before = tests::slurp(path.toStdString());
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read |
                                                  std::filesystem::perms::owner_exec);
  document.remove(document.keys(ItemKind::Result).front());
  const auto again = writeSession(snapshot(document), path);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  if (!again) { // root writes anyway
    EXPECT_EQ(tests::slurp(path.toStdString()), before);
  }
}

TEST(Analysis, ReadsBackWhatItWrote) {
  const auto analysis = someAnalysis();
  TempFolder folder;
  folder.write("analysis.json", jobs::toJson(*analysis));
  const auto read = jobs::readAnalysis(folder / "analysis.json");
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(jobs::toJson(*read), jobs::toJson(*analysis));
  EXPECT_EQ(read->results[0].tables[0].rows[0][1], trace::Cell(std::int64_t{5}));
  for (const char* bad : {"{}", "{\"command\":\"\",\"trace\":\"\",\"notices\":[],\"results\":{}}",
                          "{\"command\":1,\"trace\":\"\",\"notices\":[],\"results\":{\"a\":{}}}"}) {
    folder.write("analysis.json", bad);
    const auto failed = jobs::readAnalysis(folder / "analysis.json");
    ASSERT_FALSE(failed) << bad;
    EXPECT_EQ(failed.error().code, base::ErrorCode::InvalidFormat);
  }
}

TEST(Autosave, WritesAtOnceWhenWorkBeginsThatMayEndTheProgram) {
  JobRunner jobs;
  Document document;
  Autosave autosave(jobs, [&] {
    SessionData data = snapshot(document);
    data.changes = 1;
    return data;
  });
  autosave.noteChange();
  EXPECT_FALSE(waitFor([&] { return QFile::exists(autosave.path()); }, 300))
      << "a change alone waits";
  jobs.run<int>(
      {"Analyse"}, nullptr, [](const JobContext&) { return 1; }, nullptr);
  EXPECT_TRUE(waitFor([&] { return QFile::exists(autosave.path()); }, 1500));
  ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
  autosave.discard();
  jobs.run<int>(
      {"Analyse"}, nullptr, [](const JobContext&) { return 1; }, nullptr);
  ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
  EXPECT_FALSE(QFile::exists(autosave.path())) << "nothing changed since";
}

TEST(Autosave, OffersOnlyWhatACrashLeft) {
  for (const Recoverable& old : Autosave::leftovers())
    Autosave::remove(old.path);
  JobRunner jobs;
  Document document;
  int changes = 3;
  const auto take = [&] {
    SessionData data = snapshot(document);
    data.changes = changes;
    return data;
  };
  QString kept;
  {
    Autosave autosave(jobs, take);
    autosave.writeNow();
    ASSERT_TRUE(waitFor([&] { return QFile::exists(autosave.path()); }));
    ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
    EXPECT_TRUE(Autosave::leftovers().empty()) << "this program still runs";
    kept = autosave.path();
  } // as after a crash: the lock is free, the file is there
  const auto lost = Autosave::leftovers();
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].path, kept);
  EXPECT_EQ(lost[0].changes, 3);
  Autosave::remove(kept);
  EXPECT_TRUE(Autosave::leftovers().empty());
  {
    Autosave autosave(jobs, take);
    changes = 0; // nothing changed: nothing is kept
    autosave.writeNow();
    ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
    EXPECT_FALSE(QFile::exists(autosave.path()));
  }
  EXPECT_TRUE(Autosave::leftovers().empty());
}

} // namespace
} // namespace switchyard::studio
