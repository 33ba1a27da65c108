// `mpirun -n R switchyard ...` as a user runs it: the bytes of one process, silence of the other
// ranks, and what is left when a rank is killed.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> underMpirun(int ranks, std::vector<std::string> arguments) {
  std::vector<std::string> line = {SY_MPIRUN,   "-n",   std::to_string(ranks),
                                   "--bind-to", "none", SY_CLI};
  line.insert(line.end(), arguments.begin(), arguments.end());
  return line;
}

/// Tests may run as root, and with more ranks than cores.
class Mpi : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_TRUE(std::filesystem::exists(SY_MPIRUN)) << SY_MPIRUN;
    for (const char* name : {"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM",
                             "OMPI_MCA_rmaps_base_oversubscribe"})
      setenv(name, "1", 1);
  }

  std::vector<std::string> capture(const std::string& out,
                                   std::vector<std::string> more = {}) const {
    std::vector<std::string> line = {"capture", kDemoModel, "--prompts", m_prompts,
                                     "--out",   out,        "--threads", "1"};
    line.insert(line.end(), more.begin(), more.end());
    return line;
  }

  TempFolder m_folder;
  std::string m_prompts;
};

TEST_F(Mpi, CaptureAndAnalyzeGiveTheBytesOfOneProcess) {
  m_prompts = m_folder.write("p.jsonl", somePrompts(10));
  const std::string trace = m_folder / "t.swy", results = m_folder / "results";
  const std::vector<std::string> captured =
      capture(trace, {"--generate", "2", "--record", "ids,weights,logits,predicted", "--quiet"});
  const std::vector<std::string> analyzed = {
      "analyze",   trace,
      "--with",    "load,coactivation,transitions,specialization,sample-analyzer",
      "--by",      "domain",
      "--out",     results,
      "--threads", "1",
      "--json"};
  std::string bytes, printed;
  std::map<std::string, std::string> files;
  for (const int ranks : {1, 2, 3}) {
    const ProcessResult first = ranks == 1 ? cli(captured) : run(underMpirun(ranks, captured));
    ASSERT_EQ(first.exitCode, 0) << first.err;
    const ProcessResult second = ranks == 1 ? cli(analyzed) : run(underMpirun(ranks, analyzed));
    ASSERT_EQ(second.exitCode, 0) << second.err;
    std::map<std::string, std::string> written;
    for (const auto& entry : std::filesystem::directory_iterator(results))
      written[entry.path().filename()] = slurp(entry.path());
    if (ranks == 1) {
      bytes = slurp(trace);
      printed = second.out;
      files = written;
      EXPECT_GT(files.size(), 5u);
    }
    EXPECT_TRUE(slurp(trace) == bytes) << ranks << " ranks";
    EXPECT_EQ(second.out, printed) << ranks << " ranks";
    EXPECT_TRUE(written == files) << ranks << " ranks";
    std::filesystem::remove(trace);
    std::filesystem::remove_all(results);
  }
}

TEST_F(Mpi, OnlyRankZeroSpeaks) {
  m_prompts = m_folder.write("p.jsonl", somePrompts(3));
  const std::string trace = m_folder / "t.swy";
  const ProcessResult good = run(underMpirun(3, capture(trace, {"--json"})));
  ASSERT_EQ(good.exitCode, 0) << good.err;
  const auto json = nlohmann::json::parse(good.out, nullptr, false);
  ASSERT_TRUE(json.is_object()) << good.out;
  EXPECT_EQ(json["sequences"], 3);
  // The trace is there now: one sentence, and the exit code of one process.
  const ProcessResult again = run(underMpirun(3, capture(trace)));
  EXPECT_EQ(again.exitCode, 2);
  const std::string sentence = "this trace exists";
  const std::size_t at = again.err.find(sentence);
  ASSERT_NE(at, std::string::npos) << again.err;
  EXPECT_EQ(again.err.find(sentence, at + 1), std::string::npos) << again.err;
}

TEST_F(Mpi, AVerbThatIsNotSharedIsRefused) {
  const ProcessResult result = run(underMpirun(2, {"info", kDemoModel}));
  EXPECT_NE(result.exitCode, 0);
  EXPECT_THAT(result.err, HasSubstr("\"info\" cannot be shared by 2 processes"));
  EXPECT_EQ(run(underMpirun(1, {"info", kDemoModel})).exitCode, 0);
}

TEST_F(Mpi, WithoutTheModuleOrSlurmsMpiASentenceSaysWhatToDo) {
  // A copy elsewhere finds neither plugins nor the module of the build tree.
  const std::filesystem::path copy = m_folder / "switchyard";
  std::filesystem::copy_file(SY_CLI, copy);
  m_prompts = m_folder.write("p.jsonl", somePrompts(1));
  std::vector<std::string> line = capture(m_folder / "t.swy");
  line.insert(line.begin(), copy);
  const auto under = [&](std::map<std::string, std::string> variables) {
    for (const auto& [name, value] : variables)
      setenv(name.c_str(), value.c_str(), 1);
    const ProcessResult result = run(line);
    for (const auto& [name, value] : variables)
      unsetenv(name.c_str());
    return result;
  };
  const ProcessResult bare = under({{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "2"}});
  EXPECT_EQ(bare.exitCode, 5);
  EXPECT_THAT(bare.err, HasSubstr("-DSWITCHYARD_MPI=ON"));
  const ProcessResult slurm = under({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}});
  EXPECT_EQ(slurm.exitCode, 5);
  EXPECT_THAT(slurm.err, HasSubstr("--mpi=pmix"));
  EXPECT_FALSE(std::filesystem::exists(m_folder / "t.swy"));
}

TEST_F(Mpi, OneProcessDoesNotLoadMpi) {
  // What the dynamic linker opens for `info`; the module would bring libmpi in.
  setenv("LD_DEBUG", "files", 1);
  const ProcessResult alone = cli({"info", kDemoModel});
  unsetenv("LD_DEBUG");
  EXPECT_EQ(alone.exitCode, 0);
  EXPECT_THAT(alone.err, HasSubstr("libsqlite3"));
  EXPECT_THAT(alone.err, Not(HasSubstr("libmpi")));
}

/// The process of a rank below mpirun; -1 if it is not there (yet).
pid_t processOf(const Process& mpirun, int rank) {
  const std::string wanted = "OMPI_COMM_WORLD_RANK=" + std::to_string(rank);
  const std::string parent = "PPid:\t" + std::to_string(mpirun.id()) + "\n";
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos ||
        slurp(entry.path() / "status").find(parent) == std::string::npos)
      continue;
    const std::string environment = slurp(entry.path() / "environ");
    if (environment.find(wanted + '\0') != std::string::npos)
      return static_cast<pid_t>(std::stol(name));
  }
  return -1;
}

TEST_F(Mpi, AKilledRankEndsTheJobAndResumeGivesTheSameBytes) {
  m_prompts = m_folder.write("p.jsonl", somePrompts(40));
  const std::string whole = m_folder / "whole.swy";
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run(underMpirun(3, capture(whole, {"--quiet"}))).exitCode, 0);
  const auto took = std::chrono::steady_clock::now() - start;
  const std::string expected = slurp(whole);
  std::mt19937 random(20261126);
  std::uniform_real_distribution<double> share(0.05, 0.9);
  int killed = 0, said = 0;
  // A job that ends before its rank is killed does not count.
  for (int round = 0; killed < 6 && round < 40; ++round) {
    const int victim = round % 3;
    const std::string trace = m_folder / ("t" + std::to_string(round) + ".swy");
    ProcessResult ended;
    {
      Process mpirun(underMpirun(3, capture(trace)));
      std::this_thread::sleep_for(took * share(random));
      const pid_t process = processOf(mpirun, victim);
      if (process > 0)
        kill(process, SIGKILL);
      ended = mpirun.wait();
    }
    if (ended.exitCode != 0) {
      ++killed;
      if (std::filesystem::exists(trace))
        said += ended.err.find("--resume") != std::string::npos ? 1 : 0;
    }
    const int ranks = 1 + round % 2;
    const auto line = capture(trace, {"--quiet", "--resume"});
    const ProcessResult resumed = ranks == 1 ? cli(line) : run(underMpirun(3, line));
    ASSERT_EQ(resumed.exitCode, 0) << resumed.err << ended.err;
    EXPECT_TRUE(slurp(trace) == expected) << "round " << round;
    std::filesystem::remove(trace);
  }
  EXPECT_EQ(killed, 6) << "the kills came too late";
  EXPECT_GE(said, killed / 2) << "who sees a job end has to learn how it goes on";
}

/// Two recipes beside the base, captured with an analysis and evaluated: six cells.
class MpiRun : public Mpi {
protected:
  void SetUp() override {
    Mpi::SetUp();
    m_folder.write("p.jsonl", somePrompts(4));
    m_folder.write("t.jsonl", R"({"prompt":"Q: 12+7=? A:","answer":19}
{"prompt":"Q: 6*7=? A:","answer":42}
{"prompt":"Q: 9-5=? A:","answer":4}
)");
    m_folder.write("e.json", R"({"title": "Top k", "question": "How many?",
      "models": {"demo": ")" + kDemoModel +
                                 R"("}, "prompts": {"texts": "p.jsonl"},
      "tasks": {"sums": {"path": "t.jsonl", "scorer": "numeric", "max-tokens": 8}},
      "recipes": [{"name": "k={k}", "each": {"k": [1, 2]},
                   "recipe": {"steps": [{"plugin": "top-k", "options": {"k": "{k}"}}]}}],
      "capture": {"with": ["load"], "by": "domain",
                  "compare": {"with": ["agreement"], "to": {"recipe": "base"}}},
      "evaluate": {"resamples": 50}})");
  }
  std::vector<std::string> line(const std::string& out, const std::string& more = "--quiet") const {
    return {"run", m_folder / "e.json", "--out", m_folder / out, "--threads", "1", more};
  }
  /// Everything that the results say but for times and machine.
  std::map<std::string, std::string> exported(const std::string& results) const {
    const std::string folder = m_folder / (results + ".export");
    EXPECT_EQ(cli({"results", "export", m_folder / results, "--out", folder}).exitCode, 0);
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.is_regular_file() && entry.path().filename() != "machine.json")
        files[entry.path().lexically_relative(folder).string()] = slurp(entry.path());
    return files;
  }
};

TEST_F(MpiRun, ResultsAreThoseOfOneProcess) {
  ASSERT_EQ(cli(line("one.results")).exitCode, 0);
  const auto expected = exported("one.results");
  EXPECT_GT(expected.size(), 6u);
  for (const int ranks : {2, 3}) {
    const std::string out = std::to_string(ranks) + ".results";
    const ProcessResult result = run(underMpirun(ranks, line(out, "--json")));
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const auto json = nlohmann::json::parse(result.out, nullptr, false);
    ASSERT_TRUE(json.is_object()) << result.out;
    EXPECT_EQ(json["ran"], 6);
    EXPECT_TRUE(exported(out) == expected) << ranks << " ranks";
    EXPECT_FALSE(std::filesystem::exists(m_folder / (out + ".work")));
  }
}

TEST_F(MpiRun, AKilledRankLosesNoCellThatWasDone) {
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run(underMpirun(3, line("whole.results"))).exitCode, 0);
  const auto took = std::chrono::steady_clock::now() - start;
  const auto expected = exported("whole.results");
  std::mt19937 random(7);
  std::uniform_real_distribution<double> share(0.2, 0.9);
  int killed = 0;
  for (int round = 0; killed < 3 && round < 15; ++round) {
    const std::string out = "k" + std::to_string(round) + ".results";
    {
      Process mpirun(underMpirun(3, line(out)));
      std::this_thread::sleep_for(took * share(random));
      const pid_t process = processOf(mpirun, round % 3);
      if (process > 0)
        kill(process, SIGKILL);
      killed += mpirun.wait().exitCode != 0 ? 1 : 0;
    }
    const ProcessResult again = run(underMpirun(2, line(out)));
    ASSERT_EQ(again.exitCode, 0) << again.err;
    EXPECT_TRUE(exported(out) == expected) << "rank " << round % 3 << " was killed";
  }
  EXPECT_EQ(killed, 3) << "the kills came too late";
}

TEST_F(Mpi, CtrlCKeepsWhatIsDone) {
  m_prompts = m_folder.write("p.jsonl", somePrompts(1360));
  const std::string trace = m_folder / "t.swy";
  Process mpirun(underMpirun(3, capture(trace)));
  for (int i = 0; i < 500 && !std::filesystem::exists(trace); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  mpirun.signal(SIGINT);
  const ProcessResult result = mpirun.wait();
  EXPECT_NE(result.exitCode, 0);
  EXPECT_THAT(result.err, HasSubstr("--resume"));
  const nlohmann::json info = cliJson({"info", trace});
  EXPECT_FALSE(info["complete"]);
  EXPECT_LT(info["sequences"], 1360);
}

} // namespace
} // namespace switchyard::tests
