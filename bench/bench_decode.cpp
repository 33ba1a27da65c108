// What decoders cost beside plain decoding: both decode the same prompt by turns in one run, so
// that whatever else the machine does meets both alike. On the demo model, which goes on from its
// prose, and on a seeded OLMoE-shaped one with random tokens, made on first use in
// $SWITCHYARD_BENCH_MODEL or the system's temporary folder (3.4 GB).

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "bench/benchmark_main.h"
#include "bench/make_model.h"
#include "bench/stopwatch.h"
#include "core/base/rng.h"
#include "core/plugin/registry.h"
#include "core/routing/recipe.h"
#include "core/session/decode_host.h"
#include "core/session/plain_decoder.h"
#include "core/session/sampler.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::bench {

namespace {

using base::Result;

/// A model, loaded by the first case that runs. A made-up tiny one is removed in the end.
class Subject {
public:
  Subject(std::filesystem::path folder, ModelShape shape, bool made, bool temporary)
      : m_folder(std::move(folder)), m_shape(shape), m_made(made), m_temporary(temporary) {}
  ~Subject() {
    std::error_code ignored;
    if (m_temporary)
      std::filesystem::remove_all(m_folder, ignored);
  }
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  Result<std::shared_ptr<const model::Model>> load(const base::ThreadContext& threads) {
    if (!m_model && m_made)
      SY_TRY(makeModel(m_folder, m_shape, 1));
    if (!m_model)
      m_model = SY_TRY(model::Model::load(m_folder, threads));
    return m_model;
  }

private:
  std::filesystem::path m_folder;
  ModelShape m_shape;
  bool m_made, m_temporary;
  std::shared_ptr<const model::Model> m_model;
};

using Tokens = std::vector<base::TokenId>;

Tokens randomTokens(std::int64_t count, std::int64_t vocabulary) {
  base::Rng rng(17, 0);
  Tokens tokens;
  for (std::int64_t i = 0; i < count; ++i)
    tokens.emplace_back(
        static_cast<std::int32_t>(rng.nextBelow(static_cast<std::uint64_t>(vocabulary))));
  return tokens;
}

/// The first `count` tokens of the sample documents.
Result<Tokens> prose(std::int64_t count) {
  const auto tokenizer = SY_TRY(tokenizer::Tokenizer::load(SY_DATA "/demo-model/tokenizer.json"));
  std::ifstream documents(SY_DATA "/prompts/domains.jsonl");
  Tokens tokens;
  for (std::string line; static_cast<std::int64_t>(tokens.size()) < count;) {
    if (!std::getline(documents, line))
      return base::fail(base::ErrorCode::NotFound, "the sample documents are too short");
    const Tokens more =
        SY_TRY(tokenizer.encode(nlohmann::json::parse(line).at("text").get<std::string>()));
    tokens.insert(tokens.end(), more.begin(), more.end());
  }
  tokens.resize(static_cast<std::size_t>(count));
  return tokens;
}

/// One text that is being decoded, greedily.
class Decoding {
public:
  static Result<std::unique_ptr<Decoding>> start(std::shared_ptr<const model::Model> model,
                                                 const base::ThreadContext& threads,
                                                 std::unique_ptr<session::Decoder> decoder,
                                                 const Tokens& prompt, std::int64_t tokens,
                                                 bool keepsRecords) {
    auto decoding = std::make_unique<Decoding>();
    decoding->m_decoder = std::move(decoder);
    const auto facts = model->layerFacts();
    decoding->m_host = SY_TRY(session::ModelDecodeHost::create(
        std::move(model), threads,
        {.choose = [](auto scores, auto) -> Result<base::TokenId> {
           return session::argmax(scores);
         },
         .compile = [](std::string_view json) -> Result<std::unique_ptr<routing::Policy>> {
           return routing::buildRecipe(SY_TRY(routing::parseRecipe(json, {})));
         },
         .reserve = static_cast<std::int64_t>(prompt.size()) + tokens,
         .keepsRecords = keepsRecords}));
    SY_TRY(decoding->m_host->start(prompt));
    SY_TRY(decoding->m_decoder->figures(facts));
    SY_TRY(decoding->m_decoder->begin(*decoding->m_host, prompt));
    return decoding;
  }
  Result<Times> next(int tokens) {
    const Stopwatch watch;
    for (int i = 0; i < tokens; ++i)
      m_host->emit(SY_TRY(m_decoder->next(*m_host, m_host->text().back())).token);
    return watch.times();
  }

private:
  std::unique_ptr<session::ModelDecodeHost> m_host;
  std::unique_ptr<session::Decoder> m_decoder;
};

struct Case {
  std::string decoder;
  plugin::OptionArguments options;
  std::shared_ptr<Subject> subject;
  std::int64_t context = 0, tokens = 0;
  bool prose = false;   ///< the prompt; else random tokens
  bool records = false; ///< whether they are kept, as for a trace
};

struct Comparison {
  Times plain, decoder;
};

Result<Comparison> compare(const Case& c, plugin::Registry& registry,
                           const base::ThreadContext& threads) {
  // Tokens; turns long enough for each to have its own text in the caches, as in a run of its own.
  const int turn = static_cast<int>(c.tokens / 4);
  const auto model = SY_TRY(c.subject->load(threads));
  const plugin::Manifest manifest = SY_TRY(registry.find(c.decoder, plugin::Kind::Decoder));
  const auto options =
      SY_TRY(plugin::parseOptions(manifest.options, c.options, manifest.shortName()));
  auto plugin = SY_TRY(registry.decoder(c.decoder, options, {}));
  const Tokens prompt =
      c.prose ? SY_TRY(prose(c.context)) : randomTokens(c.context, model->config().vocabulary);
  const auto plain = SY_TRY(Decoding::start(
      model, threads, std::make_unique<session::PlainDecoder>(), prompt, c.tokens, c.records));
  const auto decoder =
      SY_TRY(Decoding::start(model, threads, std::move(plugin), prompt, c.tokens, c.records));
  SY_TRY(plain->next(turn)); // buffers get their size
  SY_TRY(decoder->next(turn));
  Comparison sum;
  for (std::int64_t made = turn; made < c.tokens; made += turn) {
    sum.plain += SY_TRY(plain->next(turn));
    sum.decoder += SY_TRY(decoder->next(turn));
  }
  return sum;
}

void time(benchmark::State& state, const Case& c, plugin::Registry& registry,
          const base::ThreadContext& threads) {
  Comparison sum;
  for (auto _ : state) {
    const auto compared = compare(c, registry, threads);
    if (!compared) {
      state.SkipWithError(compared.error().describe().c_str());
      return;
    }
    state.SetIterationTime(compared->decoder.wall);
    sum.plain += compared->plain;
    sum.decoder += compared->decoder;
  }
  state.counters["of_plain"] = sum.decoder.wall / sum.plain.wall;
  state.counters["of_plain_work"] = sum.decoder.work / sum.plain.work;
}

} // namespace

void registerBenchmarks(const BenchmarkOptions& options) {
  const auto threads = std::make_shared<base::ThreadContext>(options.threads);
  const std::shared_ptr<plugin::Registry> registry =
      plugin::Registry::scan({.folders = {{SY_BUILT_PLUGINS, "build"}}});
  const auto add = [&](const std::string& model, const Case& c) {
    benchmark::RegisterBenchmark(
        fmt::format("{}/{}/context:{}{}", c.decoder, model, c.context, c.records ? "/records" : "")
            .c_str(),
        [=](benchmark::State& state) { time(state, c, *registry, *threads); })
        ->UseManualTime();
  };
  if (options.smoke) {
    const auto folder = std::filesystem::temp_directory_path() /
                        fmt::format("switchyard-bench-decode-{}", ::getpid());
    add("tiny",
        {"self-contrast", {}, std::make_shared<Subject>(folder, kSmokeShape, true, true), 4, 8});
    return;
  }
  const auto demo = std::make_shared<Subject>(SY_DATA "/demo-model", ModelShape{}, false, false);
  const auto olmoe = std::make_shared<Subject>(benchModelFolder(), ModelShape{}, true, false);
  for (const bool records : {false, true}) {
    for (const std::int64_t context : {16, 256})
      add("demo", {"self-contrast", {}, demo, context, 128, true, records});
    for (const std::int64_t context : {16, 1024})
      add("olmoe", {"self-contrast", {}, olmoe, context, 32, false, records});
  }
}

} // namespace switchyard::bench
