#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/jobs/analyze.h"
#include "core/session/sampler.h"
#include "core/trace/columns.h"

namespace switchyard::jobs::experiment {

/// A path as the file says it, and where that is.
struct Place {
  std::string written;
  std::filesystem::path path; ///< empty: must be given when it is run
};

struct ModelEntry {
  std::string name;
  Place place;
  std::string about; ///< why there is no path, for the sentence that asks for one
};

/// Documents, or tasks: a file and which of its rows count.
struct TextSet {
  std::string name;
  Place place;
  std::string label{}, value{};    ///< rows with this label only; empty: all
  std::size_t skip = 0, limit = 0; ///< of those; limit 0: all
};

struct TaskEntry : TextSet {
  std::string scorer{}; ///< of rows that name none
  std::int64_t maxTokens = 256;
};

/// Where a template varies one number: an axis of figures, and the line that the entry is on.
struct Axis {
  std::string variable;
  std::optional<double> at{};
  std::string series{};
};

struct RecipeEntry {
  std::string name;   ///< "base": the model's own routing
  std::string recipe; ///< canonical JSON; empty for the base
  Axis axis{};
};

struct DecoderEntry {
  std::string name; ///< "plain": no plugin
  std::string word; ///< NAME:OPTION=VALUE,...; empty for plain
  Axis axis{};
};

/// Another cell of the grid, whose trace is the reference: what is empty is as in the cell itself.
struct Reference {
  std::string model, recipe, decoder;
};

struct CaptureJob {
  std::vector<std::string> prompts;               ///< names of sets
  std::vector<std::string> recipes{}, decoders{}; ///< names, besides base and plain
  trace::Columns columns{};
  std::int64_t generate = 0;
  std::optional<std::int64_t> context{};
  bool addTemplate = true;
  session::SamplerOptions sampler{}; ///< seed: the grid's
  std::vector<AnalysisRequest> with{};
  std::string by{};
  std::vector<std::string> markers{};
  trace::MachineDescription machine{};
  std::int64_t stepTokens = 1;
  bool comparing = false;                 ///< hold the trace against that of `to`
  std::vector<AnalysisRequest> compare{}; ///< analyzers that do so besides
  Reference to{};
};

struct EvaluateJob {
  std::vector<std::string> tasks;                 ///< names
  std::vector<std::string> recipes{}, decoders{}; ///< names, besides base and plain
  std::int64_t repeats = 1;
  bool addTemplate = true;
  std::vector<std::string> stop{};
  session::SamplerOptions sampler{};
  std::int64_t resamples = 2000;
  double alpha = 0.05;
};

struct SteerJob {
  std::string tasks;
  std::string prompts{}; ///< whose responses identify experts; empty: the first tasks
  std::size_t identify = 100;
  std::vector<std::string> markers{};
  plugin::OptionArguments npmi{};
  std::vector<double> multipliers{};
  std::string where = "post-norm";
  std::int64_t controls = 3;
};

struct AblateJob {
  std::string prompts{}, tasks{}; ///< one of the two
  std::string experts = "top:20";
  std::string mode = "zero";
  std::string by{};
  std::vector<std::string> markers{};
  std::int64_t context = 0;
};

/// What is run: jobs at every point of models x sets x recipes x decoders x seeds.
struct Experiment {
  std::string name; ///< the file's, without ending
  std::string title, question;
  std::vector<std::string> notes;
  std::string text;             ///< the file's JSON, keys sorted
  std::filesystem::path folder; ///< of the file; paths in it are relative to this
  std::vector<ModelEntry> models;
  std::vector<TextSet> prompts;
  std::vector<TaskEntry> tasks;
  std::vector<RecipeEntry> recipes;   ///< the base first
  std::vector<DecoderEntry> decoders; ///< plain first
  std::vector<std::uint64_t> seeds;
  std::optional<CaptureJob> capture;
  std::optional<EvaluateJob> evaluate;
  std::optional<SteerJob> steer;
  std::optional<AblateJob> ablate;
};

inline constexpr const char* kBase = "base";
inline constexpr const char* kPlain = "plain";

/// NAME=PATH, as the command line gives it.
using Override = std::pair<std::string, std::string>;
struct Overrides {
  std::vector<Override> models, prompts, tasks;
};

/// Reads an experiment (resources/docs/experiments.md has the format; schema() the JSON Schema).
/// Recipe files are read; models and texts are not. Overridden paths are taken as they are.
/// Errors: as base::readTextFile and parseJson; InvalidFormat naming the key, with the nearest one
/// for a key or name that does not exist; InvalidArgument for an override of nothing.
base::Result<Experiment> readExperiment(const std::filesystem::path& file,
                                        const Overrides& overrides);
/// The same of a text. `file` is where it stands or stood.
base::Result<Experiment> parseExperiment(std::string_view text, const std::filesystem::path& file,
                                         const Overrides& overrides);

/// "NAME=PATH". Error InvalidArgument naming the flag.
base::Result<Override> parseOverride(std::string_view flag, const std::string& given);

/// The format as JSON Schema.
std::string_view schema();

} // namespace switchyard::jobs::experiment
