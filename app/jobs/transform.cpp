#include "app/jobs/transform.h"

#include <set>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/load/load.h"
#include "app/jobs/fingerprint.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/safetensors_writer.h"
#include "core/model/config.h"
#include "core/trace/reader.h"
#include "core/trace/scan.h"

namespace switchyard::jobs {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxConfigBytes = 1u << 20;
constexpr std::uint64_t kMaxCopiedFile = 256u << 20;

class FolderSource final : public model::TransformSource {
public:
  static base::Result<FolderSource> open(const fs::path& folder) {
    std::string config = SY_TRY(base::readTextFile(folder / "config.json", kMaxConfigBytes));
    FolderSource source(SY_TRY(checkpoint::Checkpoint::open(folder)));
    source.m_config = std::move(config);
    for (const checkpoint::TensorInfo& info : source.m_checkpoint.tensors())
      source.m_tensors.push_back({info.name, info.dtype, info.shape, info.bytes()});
    return source;
  }

  void setUsage(std::vector<model::ExpertUsage> usage) { m_usage = std::move(usage); }

  const std::string& config() const override { return m_config; }
  std::span<const model::StoredTensor> tensors() const override { return m_tensors; }
  base::Result<void> read(std::size_t index, std::uint64_t offset,
                          std::span<std::byte> out) const override {
    return m_checkpoint.read(m_checkpoint.tensors()[index], offset, out);
  }
  std::span<const model::ExpertUsage> usage() const override { return m_usage; }

private:
  explicit FolderSource(checkpoint::Checkpoint checkpoint) : m_checkpoint(std::move(checkpoint)) {}

  checkpoint::Checkpoint m_checkpoint;
  std::string m_config;
  std::vector<model::StoredTensor> m_tensors;
  std::vector<model::ExpertUsage> m_usage;
};

class FolderSink final : public model::TransformSink {
public:
  FolderSink(fs::path folder, std::string config)
      : m_folder(std::move(folder)), m_config(std::move(config)) {}

  base::Result<void> declare(std::string_view name, tensor::DType dtype,
                             std::span<const std::int64_t> shape) override {
    if (m_writer)
      return base::fail(base::ErrorCode::InvalidArgument,
                        "a tensor is declared after the first bytes were written");
    m_specs.push_back({std::string(name), dtype, {shape.begin(), shape.end()}});
    return {};
  }

  base::Result<void> append(std::span<const std::byte> bytes) override {
    SY_TRY(start());
    m_bytes += bytes.size();
    return m_writer->write(bytes);
  }

  base::Result<void> setConfig(std::string_view json) override {
    SY_TRY(base::parseJson(json, {.maxBytes = kMaxConfigBytes, .maxDepth = 64}, {}));
    m_config = json;
    return {};
  }

  /// Puts the weights in their place, then the config.
  base::Result<TransformOutcome> finish() {
    SY_TRY(start());
    SY_TRY(m_writer->finish());
    const auto config = SY_TRY(base::parseJson(
        m_config, {.maxBytes = kMaxConfigBytes, .maxDepth = 64}, {.file = "config.json"}));
    SY_TRY(model::parseConfig(config, "config.json"));
    SY_TRY(base::writeFileAtomically(m_folder / "config.json", m_config));
    return TransformOutcome{{}, m_specs.size(), m_bytes};
  }

private:
  base::Result<void> start() {
    if (!m_writer)
      m_writer = SY_TRY(checkpoint::SafetensorsWriter::create(m_folder / "model.safetensors",
                                                              m_specs, {{"format", "pt"}}));
    return {};
  }

  fs::path m_folder;
  std::string m_config;
  std::vector<checkpoint::TensorSpec> m_specs;
  std::optional<checkpoint::SafetensorsWriter> m_writer;
  std::uint64_t m_bytes = 0;
};

/// Assignments of every expert in a trace of that model.
base::Result<std::vector<model::ExpertUsage>> usageOf(const TransformOptions& options,
                                                      const base::ThreadContext& threads,
                                                      const base::RunControl& control) {
  const auto trace = SY_TRY(trace::Trace::open(*options.trace));
  if (trace->meta().modelFingerprint != SY_TRY(fingerprintModel(options.model)))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "the trace was recorded from another model; capture one of this",
                      {.file = options.trace->string()});
  analyzers::Load load;
  trace::Analyzer* analyzer = &load;
  SY_TRY(trace::scan(trace, std::span(&analyzer, 1), threads, {}, control));
  std::vector<model::ExpertUsage> usage;
  for (std::size_t l = 0; l < trace->meta().layers.size(); ++l)
    usage.push_back({trace->meta().layers[l].layer, load.layer(l).counts});
  return usage;
}

/// Tokenizer, generation config and other small files that go with any weights.
base::Result<void> copyCompanions(const fs::path& from, const fs::path& to) {
  static const std::set<std::string> kSuffixes = {".json", ".txt", ".model", ".jinja"};
  static const std::set<std::string> kOwn = {"config.json", "model.safetensors.index.json"};
  std::error_code error;
  for (fs::directory_iterator it(from, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!it->is_regular_file(error) || !kSuffixes.contains(it->path().extension().string()) ||
        kOwn.contains(name))
      continue;
    const std::string text = SY_TRY(base::readTextFile(it->path(), kMaxCopiedFile));
    SY_TRY(base::writeFileAtomically(to / name, text));
  }
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot list the folder: " + error.message(),
                      {.file = from.string()});
  return {};
}

} // namespace

base::Result<TransformOutcome> transform(model::Transform& transform,
                                         const TransformOptions& options,
                                         const base::ThreadContext& threads,
                                         const base::RunControl& control) {
  SY_TRY(model::readConfig(options.model));
  FolderSource source = SY_TRY(FolderSource::open(options.model));
  if (options.trace)
    source.setUsage(SY_TRY(usageOf(options, threads, control)));
  std::error_code error;
  if (fs::exists(options.out, error) && !fs::is_empty(options.out, error))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "the folder is not empty; choose another for the result",
                      {.file = options.out.string()});
  fs::create_directories(options.out, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot make the folder: " + error.message(),
                      {.file = options.out.string()});
  FolderSink sink(options.out, source.config());
  std::vector<std::string> summary = SY_TRY(transform.run(source, sink, control));
  SY_TRY(copyCompanions(options.model, options.out));
  TransformOutcome outcome = SY_TRY(sink.finish());
  outcome.summary = std::move(summary);
  return outcome;
}

} // namespace switchyard::jobs
