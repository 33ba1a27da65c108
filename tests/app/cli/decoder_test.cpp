// `--decoder` of `generate` and `capture`, and what traces keep of it, as a user runs them.

#include <algorithm>
#include <cmath>
#include <span>

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

const std::vector<std::string> kPrompt = {
    "generate", kDemoModel, "--prompt", "Q: 34 mod 3=? <think>", "--max-tokens", "12", "--quiet"};

std::vector<std::string> with(std::vector<std::string> more) {
  std::vector<std::string> all = kPrompt;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// Lines of JSON.
std::vector<nlohmann::json> lines(const std::string& text) {
  std::vector<nlohmann::json> rows;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    rows.push_back(nlohmann::json::parse(line, nullptr, false));
  return rows;
}

TEST(Decoder, LookAheadWithOneCandidateIsPlainDecoding) {
  const nlohmann::json plain = cliJson(kPrompt);
  const nlohmann::json one =
      cliJson(with({"--decoder", "sample-decoder", "--sample-decoder.candidates", "1"}));
  EXPECT_EQ(plain["decoder"], "plain");
  EXPECT_EQ(one["decoder"], "sample-decoder");
  EXPECT_EQ(one["ids"], plain["ids"]);
  EXPECT_EQ(one["text"], plain["text"]);
  ASSERT_EQ(one["records"].size(), one["ids"].size());
  for (const nlohmann::json& record : one["records"]) {
    EXPECT_EQ(record["rank"], 0);
    EXPECT_LT(record["score"], 0);
  }
  EXPECT_TRUE(plain["records"][0].empty());
}

TEST(Decoder, SamplersDrawFromItsScores) {
  const auto ids = [](std::vector<std::string> more) {
    std::vector<std::string> all = {"--decoder", "sample-decoder", "--sample-decoder.candidates",
                                    "3",         "--temperature",  "3"};
    all.insert(all.end(), more.begin(), more.end());
    const nlohmann::json result = cliJson(with(all));
    std::vector<int> ranks;
    for (const nlohmann::json& record : result["records"])
      ranks.push_back(record["rank"].get<int>());
    // Nothing but the three candidates can be drawn, however hot it is.
    EXPECT_TRUE(std::ranges::all_of(ranks, [](int rank) { return rank < 3; }));
    EXPECT_EQ(result["ids"].size(), ranks.size());
    return result["ids"];
  };
  EXPECT_EQ(ids({"--seed", "1"}), ids({"--seed", "1"}));
  EXPECT_NE(ids({"--seed", "1"}), ids({"--seed", "2"}));
  EXPECT_EQ(ids({"--seed", "1", "--top-k", "1"}), ids({"--seed", "2", "--top-k", "1"}));
}

TEST(Decoder, TheTraceHoldsItsRecordsAndTheRoutingOfTheText) {
  const TempFolder folder;
  const std::string trace = folder / "t.swy";
  const nlohmann::json result =
      cliJson(with({"--decoder", "sample-decoder", "--sample-decoder.candidates", "3", "--trace",
                    trace, "--record", "ids,weights,predicted"}));
  const nlohmann::json info = cliJson({"trace", "info", trace});
  EXPECT_EQ(info["options"]["decoder"], "org.switchyard.sample-decoder");
  EXPECT_EQ(info["options"]["decoder-version"], "1.0.0");
  EXPECT_EQ(info["options"]["sample-decoder.candidates"], "3");
  EXPECT_EQ(info["figures"], nlohmann::json({"score", "rank"}));
  const ProcessResult figures = cli({"trace", "cat", trace, "--figures", "--json"});
  const std::vector<nlohmann::json> rows = lines(figures.out);
  ASSERT_EQ(rows.size(), result["ids"].size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]["position"], result["prompt_ids"].size() + i);
    EXPECT_EQ(rows[i]["token"], result["ids"][i]);
    EXPECT_NEAR(rows[i]["figures"]["score"].get<double>(),
                result["records"][i]["score"].get<double>(), 1e-5);
    EXPECT_EQ(rows[i]["figures"]["rank"], result["records"][i]["rank"]);
  }
  EXPECT_EQ(cli({"trace", "check", trace}).exitCode, 0);
  // Every token of the text was routed as the model routes it, once: a capture of the same tokens
  // has the same experts and weights.
  nlohmann::json row{{"id", "prompt"}, {"token_ids", result["prompt_ids"]}};
  row["token_ids"].insert(row["token_ids"].end(), result["ids"].begin(), result["ids"].end());
  const auto prompts = folder.write("p.jsonl", row.dump() + "\n");
  const std::string again = folder / "again.swy";
  ASSERT_EQ(cli({"capture", kDemoModel, "--prompts", prompts, "--out", again, "--quiet"}).exitCode,
            0);
  EXPECT_EQ(cli({"trace", "cat", trace}).out, cli({"trace", "cat", again}).out);
  // Other programs get them, too.
  const std::string arrays = folder / "t.safetensors";
  ASSERT_EQ(cli({"trace", "export", trace, "--format", "safetensors", "--out", arrays}).exitCode,
            0);
  const Reference exported(arrays);
  EXPECT_EQ(exported.shape("s0.figures"),
            (std::vector<std::int64_t>{static_cast<std::int64_t>(rows.size()), 2}));
  ASSERT_EQ(
      cli({"trace", "export", trace, "--format", "jsonl", "--out", folder / "t.jsonl"}).exitCode,
      0);
  const nlohmann::json jsonl = nlohmann::json::parse(slurp(folder / "t.jsonl"));
  EXPECT_EQ(jsonl["figure_names"], info["figures"]);
  EXPECT_EQ(jsonl["figures"].size(), rows.size());
  const ProcessResult csv =
      cli({"trace", "export", trace, "--format", "csv", "--out", folder / "t.csv"});
  EXPECT_NE(csv.err.find("left out: figures"), std::string::npos) << csv.err;
}

TEST(Decoder, ACaptureResumesToTheSameBytesAndRefusesAnotherDecoder) {
  const TempFolder folder;
  const std::vector<nlohmann::json> all = lines(slurp(kDemoPrompts));
  std::string rows;
  for (int i = 0; i < 4; ++i)
    rows += nlohmann::json{{"id", "p" + std::to_string(i)},
                           {"text", all[static_cast<std::size_t>(i)]["text"]}}
                .dump() +
            "\n";
  const auto prompts = folder.write("p.jsonl", rows);
  const auto capture = [&](const std::string& name, const std::string& candidates,
                           std::vector<std::string> more) {
    std::vector<std::string> arguments = {"capture",
                                          kDemoModel,
                                          "--prompts",
                                          prompts,
                                          "--context",
                                          "64",
                                          "--generate",
                                          "6",
                                          "--out",
                                          folder / name,
                                          "--decoder",
                                          "sample-decoder",
                                          "--sample-decoder.candidates",
                                          candidates,
                                          "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return cli(arguments);
  };
  ASSERT_EQ(capture("a.swy", "3", {"--threads", "1"}).exitCode, 0);
  ASSERT_EQ(capture("b.swy", "3", {"--threads", "2"}).exitCode, 0);
  EXPECT_EQ(slurp(folder / "a.swy"), slurp(folder / "b.swy"));
  const nlohmann::json info = cliJson({"trace", "info", folder / "a.swy"});
  EXPECT_NE(info["command"].get<std::string>().find(
                "--decoder sample-decoder --sample-decoder.candidates 3"),
            std::string::npos);
  const ProcessResult other = capture("a.swy", "2", {"--resume"});
  EXPECT_NE(other.exitCode, 0);
  EXPECT_NE(other.err.find("sample-decoder.candidates"), std::string::npos) << other.err;
  EXPECT_EQ(capture("a.swy", "3", {"--resume"}).exitCode, 0);
}

TEST(Decoder, PerplexityScoresATextWithIt) {
  const TempFolder folder;
  nlohmann::json row{{"id", "a"},
                     {"text", "Q: 34 mod 3=? <think> 3*11=33; 34-33=1; 1<3 </think> A: 1"}};
  const auto text = folder.write("a.jsonl", row.dump() + "\n");
  const auto score = [&](std::vector<std::string> more) {
    std::vector<std::string> all = {"perplexity", kDemoModel, "--text", text,
                                    "--prefix",   "12",       "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    return cliJson(all)["total"];
  };
  const nlohmann::json plain = score({});
  EXPECT_EQ(plain["scored"], plain["tokens"].get<int>() - 12);
  // A contrast of nothing, with every token plausible, is the model's own distribution.
  const nlohmann::json same = score(
      {"--decoder", "self-contrast", "--self-contrast.beta", "0", "--self-contrast.alpha", "0"});
  EXPECT_EQ(same["scored"], plain["scored"]);
  EXPECT_NEAR(same["sum_nll"].get<double>(), plain["sum_nll"].get<double>(), 1e-4);
  const nlohmann::json contrast =
      score({"--decoder", "self-contrast", "--self-contrast.alpha", "0"});
  EXPECT_GT(std::abs(contrast["sum_nll"].get<double>() - plain["sum_nll"].get<double>()), 1e-3);
  const nlohmann::json rerouted = score({"--decoder", "rerouting", "--rerouting.interval", "0"});
  EXPECT_EQ(rerouted["scored"], plain["scored"]);
  EXPECT_GT(std::abs(rerouted["sum_nll"].get<double>() - plain["sum_nll"].get<double>()), 1e-4);
  // Two adaptations more, to text that was scored before.
  EXPECT_NE(score({"--decoder", "rerouting", "--rerouting.interval", "8"}), rerouted);
  const ProcessResult refused =
      cli({"perplexity", kDemoModel, "--text", text, "--context", "8", "--prefix", "8"});
  EXPECT_NE(refused.exitCode, 0);
  EXPECT_NE(refused.err.find("--prefix"), std::string::npos) << refused.err;
}

TEST(Decoder, PerplexityNeverAdaptsToWhatItScores) {
  // Every token of the vocabulary behind the same context. Offsets that know the context alone give
  // one distribution, which sums to 1; offsets fitted to the scored token would give it more.
  const TempFolder folder;
  const std::string model = SY_TEST_DATA "/golden/models/olmoe";
  const int vocabulary =
      nlohmann::json::parse(slurp(model + "/config.json"))["vocab_size"].get<int>();
  std::string rows;
  for (int token = 0; token < vocabulary; ++token)
    rows += nlohmann::json{{"token_ids", {5, 9, 2, 11, 7, 3, 8, token}}}.dump() + "\n";
  const auto text = folder.write("all.jsonl", rows);
  const auto total = [&](const std::string& prefix) {
    const nlohmann::json result =
        cliJson({"perplexity", model, "--text", text, "--prefix", prefix, "--quiet", "--decoder",
                 "rerouting", "--rerouting.interval", "0", "--rerouting.rate", "1"});
    double sum = 0;
    for (const nlohmann::json& document : result["documents"])
      sum += std::exp(-document["sum_nll"].get<double>());
    return sum;
  };
  EXPECT_NEAR(total("7"), 1.0, 1e-5);
}

TEST(Decoder, SelfContrastShowsItsRecordsAndReroutingItsAdaptations) {
  const TempFolder folder;
  const std::string trace = folder / "t.swy";
  const nlohmann::json contrast =
      cliJson(with({"--decoder", "self-contrast", "--self-contrast.r", "1", "--trace", trace}));
  ASSERT_EQ(contrast["records"].size(), 12u);
  double changed = 0;
  for (const nlohmann::json& record : contrast["records"]) {
    EXPECT_GE(record["kl"], 0);
    EXPECT_GE(record["candidates"], 1);
    EXPECT_TRUE(record.contains("weak_logprob_3"));
    changed += record["changed"].get<double>();
  }
  EXPECT_GT(changed, 0); // as in the golden vectors
  // Without a trace or --json nobody reads the records; the text is the same.
  EXPECT_EQ(cli(with({"--decoder", "self-contrast", "--self-contrast.r", "1"})).out,
            contrast["text"].get<std::string>() + "\n");
  EXPECT_EQ(cli({"trace", "check", trace}).exitCode, 0);
  EXPECT_EQ(lines(cli({"trace", "cat", trace, "--figures", "--json"}).out)[0]["figures"]["kl"]
                .get<float>(),
            contrast["records"][0]["kl"].get<float>());
  const nlohmann::json rerouting =
      cliJson(with({"--decoder", "rerouting", "--rerouting.interval", "8"}));
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_EQ(rerouting["records"][i].contains("loss_before"), i % 8 == 0);
  EXPECT_LT(rerouting["records"][0]["loss_after"], rerouting["records"][0]["loss_before"]);
  EXPECT_TRUE(rerouting["records"][0].contains("offset_norm_layer_5"));
  const TempFolder recipes;
  const auto recipe =
      recipes.write("r.json", R"({"steps":[{"plugin":"top-k","options":{"k":2}}]})");
  const ProcessResult steered = cli(with({"--decoder", "rerouting", "--recipe", recipe}));
  EXPECT_NE(steered.exitCode, 0);
  EXPECT_NE(steered.err.find("leave the recipe out"), std::string::npos) << steered.err;
  // Steps that only edit scores leave the gate and its derivative.
  const auto ban =
      recipes.write("b.json", R"({"steps":[{"plugin":"ban","options":{"experts":[3]}}]})");
  const nlohmann::json banned = cliJson(with({"--decoder", "rerouting", "--recipe", ban}));
  EXPECT_LT(banned["records"][0]["loss_after"], banned["records"][0]["loss_before"]);
  EXPECT_NE(banned["records"][0]["loss_before"], rerouting["records"][0]["loss_before"]);
  for (const char* weak : {"rank", "top", "random"})
    for (const char* renorm : {"model", "yes", "no"}) {
      const ProcessResult result =
          cli(with({"--decoder", "self-contrast", "--self-contrast.weak", weak,
                    "--self-contrast.renorm", renorm, "--recipe", recipe}));
      EXPECT_EQ(result.exitCode, 0) << result.err;
    }
}

TEST(Decoder, TheWeakRecipeStandsOnTheRunsRecipe) {
  const TempFolder folder;
  const auto two = folder.write("two.json", R"({"steps":[{"plugin":"top-k","options":{"k":2}}]})");
  // A weak pass that changes nothing of a run's recipe is the strong pass once more: no divergence.
  const auto nothing = folder.write(
      "nothing.json", R"({"steps":[{"plugin":"boost","options":{"experts":[3],"multiplier":1}}]})");
  const auto divergence = [&](std::vector<std::string> more) {
    std::vector<std::string> all = {"--decoder", "self-contrast",          "--self-contrast.weak",
                                    "recipe",    "--self-contrast.recipe", slurp(nothing)};
    all.insert(all.end(), more.begin(), more.end());
    double sum = 0;
    const nlohmann::json result = cliJson(with(all));
    for (const nlohmann::json& record : result["records"])
      sum += record["kl"].get<double>();
    return sum;
  };
  EXPECT_EQ(divergence({}), 0.0);
  EXPECT_EQ(divergence({"--recipe", two}), 0.0);
  // The order is that of one file: scores cannot be edited behind a step that selects.
  const ProcessResult refused = cli(with(
      {"--recipe", two, "--decoder", "self-contrast", "--self-contrast.weak", "recipe",
       "--self-contrast.recipe", R"({"steps":[{"plugin":"ban","options":{"experts":[1]}}]})"}));
  EXPECT_NE(refused.exitCode, 0);
  EXPECT_NE(refused.err.find("put it before"), std::string::npos) << refused.err;
}

TEST(Decoder, AWeakPassThatIsNoWeakerIsRefused) {
  // A model that takes one expert a token.
  const TempFolder folder;
  const std::filesystem::path model = folder / "one";
  std::filesystem::copy(SY_TEST_DATA "/golden/models/olmoe", model);
  nlohmann::json config = nlohmann::json::parse(slurp(model / "config.json"));
  config["num_experts_per_tok"] = 1;
  std::filesystem::remove(model / "config.json");
  folder.write("one/config.json", config.dump());
  const auto run = [&](const std::string& weak, const std::string& r) {
    return cli({"generate", model, "--token-ids", "1,2,3", "--max-tokens", "2", "--quiet",
                "--decoder", "self-contrast", "--self-contrast.weak", weak, "--self-contrast.r", r,
                "--self-contrast.top", "1"});
  };
  for (const char* weak : {"rank", "top"}) {
    const ProcessResult refused = run(weak, "1");
    EXPECT_NE(refused.exitCode, 0) << weak;
    EXPECT_NE(refused.err.find("1"), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("rank"), std::string::npos) << refused.err;
  }
  EXPECT_EQ(run("rank", "2").exitCode, 0) << run("rank", "2").err;
  // As a recipe, too.
  const auto recipe =
      folder.write("r.json", R"({"steps":[{"plugin":"rank-r","options":{"rank":1}}]})");
  const ProcessResult check = cli({"recipe", "check", recipe, "--model", model});
  EXPECT_EQ(check.exitCode, 3);
  EXPECT_NE(check.out.find("rank"), std::string::npos) << check.out << check.err;
}

TEST(Decoder, TracesKeepWholeDistributions) {
  // The prompt and the strong pass's own tokens of the golden vectors, decoded greedily.
  const TempFolder folder;
  const Reference golden(SY_TEST_DATA "/golden/demo/self_contrast.safetensors");
  const std::vector<std::int64_t> prompt = golden.integers("s0.prompt_ids");
  std::string ids;
  for (const std::int64_t id : prompt)
    ids += (ids.empty() ? "" : ",") + std::to_string(id);
  const std::string trace = folder / "t.swy";
  const ProcessResult run =
      cli({"generate", kDemoModel, "--token-ids", ids, "--max-tokens", "24", "--ignore-eos",
           "--quiet", "--decoder", "self-contrast", "--self-contrast.beta", "0", "--trace", trace,
           "--record", "ids,distributions"});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_EQ(cli({"trace", "check", trace}).exitCode, 0);
  const std::string arrays = folder / "t.safetensors";
  ASSERT_EQ(cli({"trace", "export", trace, "--format", "safetensors", "--out", arrays}).exitCode,
            0);
  const Reference exported(arrays);
  const auto shape = exported.shape("s0.distributions");
  ASSERT_EQ(shape, (std::vector<std::int64_t>{2, 24, 4096}));
  const std::vector<float> values = exported.floats("s0.distributions");
  const char* names[] = {"s0.strong", "s0.weak_rank2"};
  for (std::size_t which = 0; which < 2; ++which) {
    const std::vector<float> logits = golden.floats(names[which]);
    const float range = std::ranges::max(logits) - std::ranges::min(logits);
    for (std::size_t step = 0; step < 24; ++step) {
      const auto row = std::span(logits).subspan(step * 4096, 4096);
      double total = 0;
      for (const float logit : row)
        total += std::exp(static_cast<double>(logit));
      for (std::size_t i = 0; i < 4096; ++i)
        ASSERT_NEAR(values[(which * 24 + step) * 4096 + i], row[i] - std::log(total), 1e-4 * range)
            << names[which] << " step " << step << " token " << i;
    }
  }
  // What `trace cat` shows is the largest of these.
  const std::vector<nlohmann::json> rows =
      lines(cli({"trace", "cat", trace, "--distributions", "--top", "2", "--json"}).out);
  ASSERT_EQ(rows.size(), 48u);
  EXPECT_EQ(rows[0]["pass"], "text");
  EXPECT_EQ(rows[1]["pass"], "other");
  EXPECT_EQ(rows[0]["likeliest"][0]["token"], rows[0]["token"]); // greedy
  EXPECT_EQ(rows[0]["likeliest"][0]["logprob"].get<float>(),
            std::ranges::max(std::span(values).first(4096)));
  // Formats without room for them say so; plain decoding has one pass.
  const ProcessResult jsonl =
      cli({"trace", "export", trace, "--format", "jsonl", "--out", folder / "t.jsonl"});
  EXPECT_NE(jsonl.err.find("left out: distributions"), std::string::npos) << jsonl.err;
  const std::string plain = folder / "plain.swy";
  ASSERT_EQ(cli(with({"--trace", plain, "--record", "distributions"})).exitCode, 0);
  for (const nlohmann::json& row :
       lines(cli({"trace", "cat", plain, "--distributions", "--json"}).out))
    EXPECT_EQ(row["pass"], "text");
  const std::string without = folder / "without.swy";
  ASSERT_EQ(cli(with({"--trace", without})).exitCode, 0);
  const ProcessResult none = cli({"trace", "cat", without, "--distributions"});
  EXPECT_NE(none.exitCode, 0);
  EXPECT_NE(none.err.find("--record"), std::string::npos) << none.err;
}

TEST(Decoder, BadInputIsRefusedWithAReason) {
  const auto refused = [](std::vector<std::string> more, const std::string& reason) {
    const ProcessResult result = cli(with(more));
    EXPECT_NE(result.exitCode, 0);
    EXPECT_NE(result.err.find(reason), std::string::npos) << result.err;
  };
  refused({"--decoder", "nothing"}, "nothing");
  refused({"--decoder", "load"}, "load");
  refused({"--sample-decoder.candidates", "2"}, "add --decoder sample-decoder");
  refused({"--decoder", "sample-decoder", "--sample-decoder.candidates", "0"}, "candidates");
  const TempFolder folder;
  const auto prompts = folder.write("p.txt", "some text");
  const ProcessResult capture = cli({"capture", kDemoModel, "--prompts", prompts, "--out",
                                     folder / "t.swy", "--decoder", "sample-decoder"});
  EXPECT_NE(capture.exitCode, 0);
  EXPECT_NE(capture.err.find("--generate"), std::string::npos) << capture.err;
  const std::string plain = folder / "plain.swy";
  ASSERT_EQ(cli(with({"--trace", plain})).exitCode, 0);
  const ProcessResult cat = cli({"trace", "cat", plain, "--figures"});
  EXPECT_NE(cat.exitCode, 0);
  EXPECT_NE(cat.err.find("no figures"), std::string::npos) << cat.err;
}

} // namespace
} // namespace switchyard::tests
