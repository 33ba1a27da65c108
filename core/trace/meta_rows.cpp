#include "core/trace/meta_rows.h"

#include <charconv>
#include <limits>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/trace/hash.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;

constexpr int kReaderVersion = 1;
constexpr int kMaxHidden = 1 << 20;
constexpr int kMaxVocabulary = 1 << 24;
constexpr int kMaxSlots = 1024;
constexpr std::size_t kMaxFigures = 4096;
constexpr base::JsonLimits kJsonLimits{.maxBytes = 16u << 20, .maxDepth = 8};

/// Text fields by their key; the second group never decides whether two recordings are the same.
struct TextField {
  const char* key;
  std::string TraceMeta::*member;
  bool compared;
};
constexpr TextField kTextFields[] = {
    {"program", &TraceMeta::program, true},
    {"family", &TraceMeta::family, true},
    {"model_fingerprint", &TraceMeta::modelFingerprint, true},
    {"router", &TraceMeta::router, true},
    {"tokenizer_fingerprint", &TraceMeta::tokenizerFingerprint, true},
    {"prompts_fingerprint", &TraceMeta::promptsFingerprint, true},
    {"recipe", &TraceMeta::recipe, true},
    {"model_name", &TraceMeta::modelName, false},
    {"model_path", &TraceMeta::modelPath, false},
    {"prompts_path", &TraceMeta::promptsPath, false},
    {"command_line", &TraceMeta::commandLine, false},
    {"created", &TraceMeta::created, false},
    {"exactness", &TraceMeta::exactness, false},
};

struct NumberField {
  const char* key;
  int TraceMeta::*member;
};
constexpr NumberField kNumberFields[] = {
    {"stack_layers", &TraceMeta::stackLayers},
    {"hidden", &TraceMeta::hidden},
    {"vocabulary", &TraceMeta::vocabulary},
};

constexpr std::string_view kGates[] = {"unknown", "softmax", "sigmoid", "sparsemixer"};
constexpr std::string_view kIdSpaces[] = {"logical", "physical"};
constexpr std::string_view kBools[] = {"false", "true"};

bool isUtf8(const std::string& text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

std::string layersText(const TraceMeta& meta) {
  auto layers = nlohmann::json::array();
  for (const LayerInfo& layer : meta.layers)
    layers.push_back({layer.layer, layer.experts, layer.k});
  return layers.dump();
}

std::string figuresText(const TraceMeta& meta) {
  return nlohmann::json(meta.figures).dump();
}

std::string optionsText(const TraceMeta& meta) {
  auto options = nlohmann::json::array();
  for (const auto& [key, value] : meta.options)
    options.push_back({key, value});
  return options.dump();
}

/// Rows of the fields that describe what is recorded; the others are left out.
MetaRows comparedRows(const TraceMeta& meta) {
  MetaRows rows;
  for (const TextField& field : kTextFields)
    if (field.compared)
      rows[field.key] = meta.*field.member;
  for (const NumberField& field : kNumberFields)
    rows[field.key] = std::to_string(meta.*field.member);
  rows["layers"] = layersText(meta);
  rows["options"] = optionsText(meta);
  rows["gate"] = kGates[static_cast<std::size_t>(meta.gate)];
  rows["weights_sum_to_one"] = kBools[meta.weightsSumToOne ? 1 : 0];
  rows["seed"] = std::to_string(meta.seed);
  rows["id_space"] = kIdSpaces[static_cast<std::size_t>(meta.idSpace)];
  rows["rank_order"] = kBools[meta.rankOrder ? 1 : 0];
  return rows;
}

std::string joined(const MetaRows& rows) {
  std::string all;
  for (const auto& [key, value] : rows) {
    if (key == "digest")
      continue;
    for (const std::string* part : {&key, &value}) {
      const auto size = static_cast<std::uint64_t>(part->size());
      all.append(reinterpret_cast<const char*>(&size), sizeof size);
      all += *part;
    }
  }
  return all;
}

tl::unexpected<base::Error> bad(const std::string& key) {
  return base::fail(ErrorCode::InvalidFormat,
                    fmt::format("the value '{}' of the table meta is missing or senseless", key));
}

base::Result<std::string> textOf(const MetaRows& rows, const std::string& key) {
  const auto found = rows.find(key);
  if (found == rows.end())
    return bad(key);
  return found->second;
}

template <typename Int>
base::Result<Int> numberOf(const MetaRows& rows, const std::string& key, Int most) {
  const std::string text = SY_TRY(textOf(rows, key));
  Int value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > most)
    return bad(key);
  return value;
}

template <std::size_t N>
base::Result<std::size_t> choiceOf(const MetaRows& rows, const std::string& key,
                                   const std::string_view (&choices)[N]) {
  const std::string text = SY_TRY(textOf(rows, key));
  for (std::size_t i = 0; i < N; ++i)
    if (choices[i] == text)
      return i;
  return bad(key);
}

base::Result<nlohmann::json> arrayOf(const MetaRows& rows, const std::string& key) {
  const std::string text = SY_TRY(textOf(rows, key));
  nlohmann::json array = SY_TRY(base::parseJson(text, kJsonLimits, {}));
  if (!array.is_array())
    return bad(key);
  return array;
}

base::Result<std::vector<LayerInfo>> layersOf(const MetaRows& rows) {
  const nlohmann::json array = SY_TRY(arrayOf(rows, "layers"));
  std::vector<LayerInfo> layers;
  for (const nlohmann::json& entry : array) {
    if (!entry.is_array() || entry.size() != 3)
      return bad("layers");
    int values[3];
    for (std::size_t i = 0; i < 3; ++i) {
      if (!entry[i].is_number_unsigned() || entry[i].get<std::uint64_t>() > 0xffff)
        return bad("layers");
      values[i] = entry[i].get<int>();
    }
    layers.push_back({.layer = values[0], .experts = values[1], .k = values[2]});
  }
  return layers;
}

base::Result<std::vector<std::pair<std::string, std::string>>> optionsOf(const MetaRows& rows) {
  const nlohmann::json array = SY_TRY(arrayOf(rows, "options"));
  std::vector<std::pair<std::string, std::string>> options;
  for (const nlohmann::json& entry : array) {
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_string())
      return bad("options");
    options.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
  }
  return options;
}

/// Traces without figures have no such row.
base::Result<std::vector<std::string>> figuresOf(const MetaRows& rows) {
  std::vector<std::string> figures;
  if (!rows.contains("figures"))
    return figures;
  const nlohmann::json array = SY_TRY(arrayOf(rows, "figures"));
  for (const nlohmann::json& entry : array) {
    if (!entry.is_string())
      return bad("figures");
    figures.push_back(entry.get<std::string>());
  }
  return figures;
}

} // namespace

base::Result<void> validate(const TraceMeta& meta, const Columns& columns) {
  const auto wrong = [](const std::string& what) {
    return base::fail(ErrorCode::InvalidArgument, "trace meta data: " + what);
  };
  for (const TextField& field : kTextFields)
    if (!isUtf8(meta.*field.member))
      return wrong(fmt::format("{} is not UTF-8", field.key));
  for (const auto& [key, value] : meta.options)
    if (!isUtf8(key) || !isUtf8(value))
      return wrong("an option is not UTF-8");
  std::set<std::string> names;
  for (const std::string& figure : meta.figures)
    if (figure.empty() || !isUtf8(figure) || !names.insert(figure).second)
      return wrong(fmt::format(
          "figure '{}' has no name, one that is taken or one that is not UTF-8", figure));
  if (meta.figures.size() > kMaxFigures)
    return wrong(
        fmt::format("{} figures; at most {} can be recorded", meta.figures.size(), kMaxFigures));
  if (meta.layers.empty() || meta.layers.size() >= static_cast<std::size_t>(ChunkKey::kMaxGroups))
    return wrong(fmt::format("{} MoE layers; 1 to {} can be recorded", meta.layers.size(),
                             ChunkKey::kMaxGroups - 1));
  if (meta.stackLayers < 1 || meta.stackLayers > ChunkKey::kMaxGroups - 2)
    return wrong(fmt::format("{} layers in the stack", meta.stackLayers));
  int previous = -1;
  for (const LayerInfo& layer : meta.layers) {
    if (layer.layer <= previous || layer.layer >= meta.stackLayers)
      return wrong(fmt::format("MoE layer {} is out of order or beyond the stack's {} layers",
                               layer.layer, meta.stackLayers));
    if (layer.experts < 1 || layer.experts >= kNoExpert || layer.k < 1 || layer.k > kMaxSlots ||
        layer.k > layer.experts)
      return wrong(
          fmt::format("layer {} has {} experts and top-{}", layer.layer, layer.experts, layer.k));
    previous = layer.layer;
  }
  if (meta.hidden < 0 || meta.hidden > kMaxHidden || (columns.hidden && meta.hidden == 0))
    return wrong(fmt::format("hidden width {}", meta.hidden));
  if (meta.vocabulary < 0 || meta.vocabulary > kMaxVocabulary ||
      ((columns.lmLogits || columns.distributions) && meta.vocabulary == 0))
    return wrong(fmt::format("vocabulary of {}", meta.vocabulary));
  return {};
}

MetaRows toRows(const TraceMeta& meta, const Columns& columns, const Layout& layout) {
  MetaRows rows = comparedRows(meta);
  rows["columns"] = describe(columns);
  rows["layout"] = layout.text();
  if (!meta.figures.empty())
    rows["figures"] = figuresText(meta);
  rows["hash_seed"] = std::to_string(Hasher(0).text(joined(rows)).digest());
  for (const TextField& field : kTextFields)
    rows[field.key] = meta.*field.member;
  rows["format"] = "switchyard-trace";
  rows["min_reader"] = std::to_string(kReaderVersion);
  setProgress(rows, 0, 0, false);
  return rows;
}

void setProgress(MetaRows& rows, std::int64_t sequences, std::int64_t tokens, bool complete) {
  rows["sequences"] = std::to_string(sequences);
  rows["tokens"] = std::to_string(tokens);
  rows["complete"] = kBools[complete ? 1 : 0];
  rows["digest"] = hash128(joined(rows));
}

base::Result<MetaContent> fromRows(const MetaRows& rows) {
  const int needed = SY_TRY(numberOf<int>(rows, "min_reader", std::numeric_limits<int>::max()));
  if (needed > kReaderVersion)
    return base::fail(ErrorCode::Unsupported,
                      fmt::format("this trace needs a reader of format {}, this version reads {}; "
                                  "use a newer Switchyard",
                                  needed, kReaderVersion));
  if (SY_TRY(textOf(rows, "digest")) != hash128(joined(rows)))
    return base::fail(ErrorCode::Corrupt, "the trace's meta data fail their checksum");
  MetaContent content;
  for (const TextField& field : kTextFields)
    content.meta.*field.member = SY_TRY(textOf(rows, field.key));
  for (const NumberField& field : kNumberFields)
    content.meta.*field.member = SY_TRY(numberOf<int>(rows, field.key, kMaxVocabulary));
  content.meta.layers = SY_TRY(layersOf(rows));
  content.meta.options = SY_TRY(optionsOf(rows));
  content.meta.figures = SY_TRY(figuresOf(rows));
  content.meta.gate = static_cast<GateKind>(SY_TRY(choiceOf(rows, "gate", kGates)));
  content.meta.weightsSumToOne = SY_TRY(choiceOf(rows, "weights_sum_to_one", kBools)) == 1;
  content.meta.seed =
      SY_TRY(numberOf<std::uint64_t>(rows, "seed", std::numeric_limits<std::uint64_t>::max()));
  content.meta.idSpace = static_cast<IdSpace>(SY_TRY(choiceOf(rows, "id_space", kIdSpaces)));
  content.meta.rankOrder = SY_TRY(choiceOf(rows, "rank_order", kBools)) == 1;
  const auto columns = parseColumns(SY_TRY(textOf(rows, "columns")));
  if (!columns)
    return bad("columns");
  content.columns = *columns;
  if (auto valid = validate(content.meta, content.columns); !valid)
    return base::fail(ErrorCode::InvalidFormat, valid.error().message);
  content.layout =
      SY_TRY(Layout::parse(SY_TRY(textOf(rows, "layout")), content.meta, content.columns));
  content.hashSeed =
      SY_TRY(numberOf<std::uint64_t>(rows, "hash_seed", std::numeric_limits<std::uint64_t>::max()));
  content.complete = SY_TRY(choiceOf(rows, "complete", kBools)) == 1;
  content.sequences = SY_TRY(numberOf<std::int64_t>(rows, "sequences", ChunkKey::kMaxSequences));
  content.tokens =
      SY_TRY(numberOf<std::int64_t>(rows, "tokens", std::numeric_limits<std::int64_t>::max()));
  return content;
}

std::string describeDifference(const TraceMeta& a, const TraceMeta& b) {
  const MetaRows left = comparedRows(a), right = comparedRows(b);
  for (const auto& [key, value] : left)
    if (right.at(key) != value)
      return fmt::format("{}: '{}' is recorded, '{}' is given", key, value, right.at(key));
  if (a.figures != b.figures)
    return fmt::format("figures: '{}' are recorded, '{}' are given", figuresText(a),
                       figuresText(b));
  return {};
}

} // namespace switchyard::trace
