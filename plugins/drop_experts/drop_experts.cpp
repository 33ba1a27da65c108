#include "core/plugin/sdk.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <nlohmann/json.hpp>

namespace {

using namespace switchyard::sdk;
using nlohmann::json;

/// What a tensor's name says of its place.
struct Place {
  int layer = -1;                             ///< position in the stack, or -1
  int expert = -1;                            ///< of a tensor that belongs to one expert, or -1
  std::size_t expertBegin = 0, expertEnd = 0; ///< where that number stands in the name
  bool perExpert = false; ///< one row for each expert: router, choice bias, fused experts
};

/// The whole number that follows `marker` in a name and is followed by '.', or -1.
int numberAfter(std::string_view name, std::string_view marker, std::size_t& begin,
                std::size_t& end) {
  const std::size_t found = name.find(marker);
  if (found == std::string_view::npos)
    return -1;
  begin = found + marker.size();
  int value = -1;
  const auto [rest, error] = std::from_chars(name.data() + begin, name.data() + name.size(), value);
  end = static_cast<std::size_t>(rest - name.data());
  return error == std::errc() && end < name.size() && name[end] == '.' ? value : -1;
}

Place placeOf(std::string_view name) {
  Place place;
  std::size_t begin = 0, end = 0;
  place.layer = numberAfter(name, ".layers.", begin, end);
  if (place.layer < 0)
    return place;
  place.expert = numberAfter(name, ".experts.", place.expertBegin, place.expertEnd);
  const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
  place.perExpert = place.expert < 0 &&
                    (has(".gate.weight") || has(".gate.bias") || has(".router.") ||
                     has("e_score_correction_bias") || has(".experts.") ||
                     has("block_sparse_moe.input_linear") || has("block_sparse_moe.output_linear"));
  return place;
}

/// Removes the least-used experts of every MoE layer: their weights, their rows of the router and
/// of what else has one row for each expert. The others keep their order and are numbered anew.
class DropLeastUsed final : public Transform {
public:
  explicit DropLeastUsed(const Options& options) : m_drop(options.integer("drop")) {}

  std::vector<std::string> run(const Checkpoint& checkpoint) override {
    json config = json::parse(checkpoint.config(), nullptr, false);
    if (!config.is_object())
      throw Failure(SY_INVALID_FORMAT, "config.json is not a JSON object");
    const std::string key = expertKey(config);
    const auto experts = config[key].get<std::int64_t>();
    checkDrop(config, experts);
    if (checkpoint.usageCount() == 0)
      throw Failure("a trace of this model is needed: it says which experts are used least");
    std::vector<std::string> summary = chooseKept(checkpoint, experts);
    config[key] = experts - m_drop;
    checkpoint.setConfig(config.dump(2));
    writeTensors(checkpoint, static_cast<std::size_t>(experts));
    return summary;
  }

private:
  static std::string expertKey(const json& config) {
    for (const char* key :
         {"num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"})
      if (config.contains(key) && config[key].is_number_integer())
        return key;
    throw Failure(SY_UNSUPPORTED, "config.json names no number of experts that this plugin knows");
  }

  void checkDrop(const json& config, std::int64_t experts) const {
    for (const char* key : {"n_group", "num_expert_group"})
      if (config.contains(key) && config[key].is_number_integer() && config[key].get<int>() > 1)
        throw Failure(SY_UNSUPPORTED, "grouped routing needs equal groups of experts; dropping "
                                      "single ones would break them");
    std::int64_t k = 1;
    for (const char* key : {"num_experts_per_tok", "moe_k"})
      if (config.contains(key) && config[key].is_number_integer())
        k = config[key].get<std::int64_t>();
    if (m_drop > experts - k)
      throw Failure("drop is " + std::to_string(m_drop) + ", but of " + std::to_string(experts) +
                    " experts " + std::to_string(k) + " must stay: a token uses that many");
  }

  /// Fills m_kept [layer] with the experts that stay, ascending. Ties: the lower id stays.
  std::vector<std::string> chooseKept(const Checkpoint& checkpoint, std::int64_t experts) {
    std::vector<std::string> summary;
    for (std::uint32_t i = 0; i < checkpoint.usageCount(); ++i) {
      const std::span<const std::int64_t> usage = checkpoint.usage(i);
      const int layer = checkpoint.usageLayer(i);
      if (static_cast<std::int64_t>(usage.size()) != experts)
        throw Failure("the trace has " + std::to_string(usage.size()) + " experts at layer " +
                      std::to_string(layer) + ", the model " + std::to_string(experts));
      std::vector<std::size_t> order(usage.size());
      std::int64_t total = 0, lost = 0;
      for (std::size_t e = 0; e < order.size(); ++e) {
        order[e] = e;
        total += usage[e];
      }
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return usage[a] > usage[b]; });
      const std::size_t stay = order.size() - static_cast<std::size_t>(m_drop);
      std::string names;
      for (std::size_t i2 = stay; i2 < order.size(); ++i2) {
        lost += usage[order[i2]];
        names += (names.empty() ? "" : ", ") + std::to_string(order[i2]);
      }
      order.resize(stay);
      std::sort(order.begin(), order.end());
      m_kept[layer] = std::move(order);
      summary.push_back("layer " + std::to_string(layer) + ": dropped experts " + names +
                        ", with " + std::to_string(lost) + " of " + std::to_string(total) +
                        " assignments");
    }
    return summary;
  }

  /// The rows of a tensor that has one for each expert; its expert axis is the first of that size.
  static std::size_t expertAxis(const StoredTensor& tensor, std::size_t experts) {
    for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
      if (tensor.shape[axis] == static_cast<std::int64_t>(experts))
        return axis;
      if (tensor.shape[axis] != 1)
        break;
    }
    throw Failure(SY_UNSUPPORTED, "tensor '" + std::string(tensor.name) +
                                      "' has no row for each expert, as its name suggests");
  }

  void writeTensors(const Checkpoint& checkpoint, std::size_t experts) {
    struct Piece {
      StoredTensor tensor;
      const std::vector<std::size_t>* rows; ///< null: the whole tensor
    };
    std::vector<Piece> pieces;
    for (std::uint64_t t = 0; t < checkpoint.tensorCount(); ++t) {
      const StoredTensor tensor = checkpoint.tensor(t);
      const Place place = placeOf(tensor.name);
      const auto kept = m_kept.find(place.layer);
      if (kept == m_kept.end() || (place.expert < 0 && !place.perExpert)) {
        checkpoint.declare(std::string(tensor.name), std::string(tensor.dtype), tensor.shape);
        pieces.push_back({tensor, nullptr});
        continue;
      }
      const std::vector<std::size_t>& rows = kept->second;
      if (place.expert >= 0) {
        const auto at = std::lower_bound(rows.begin(), rows.end(), place.expert);
        if (at == rows.end() || *at != static_cast<std::size_t>(place.expert))
          continue;
        std::string name(tensor.name);
        name.replace(place.expertBegin, place.expertEnd - place.expertBegin,
                     std::to_string(at - rows.begin()));
        checkpoint.declare(name, std::string(tensor.dtype), tensor.shape);
        pieces.push_back({tensor, nullptr});
        continue;
      }
      std::vector<std::int64_t> shape(tensor.shape.begin(), tensor.shape.end());
      shape[expertAxis(tensor, experts)] = static_cast<std::int64_t>(rows.size());
      if (tensor.bytes % experts != 0)
        throw Failure(SY_UNSUPPORTED,
                      "tensor '" + std::string(tensor.name) + "' has experts that share a byte");
      checkpoint.declare(std::string(tensor.name), std::string(tensor.dtype), shape);
      pieces.push_back({tensor, &rows});
    }
    std::int64_t done = 0;
    for (const Piece& piece : pieces) {
      host().checkCancelled();
      host().progress(done++, static_cast<std::int64_t>(pieces.size()), "tensors");
      if (piece.rows == nullptr) {
        checkpoint.copy(piece.tensor.index, 0, piece.tensor.bytes);
        continue;
      }
      const std::uint64_t bytes = piece.tensor.bytes / experts;
      for (const std::size_t row : *piece.rows)
        checkpoint.copy(piece.tensor.index, row * bytes, bytes);
    }
  }

  std::int64_t m_drop;
  std::map<int, std::vector<std::size_t>> m_kept;
};

} // namespace

SY_PLUGIN("org.switchyard.drop-experts", "1.0.0", DropLeastUsed);
