#include "app/jobs/recipe_text.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace switchyard::jobs {

namespace {

/// The options of a step as text.
class Options {
public:
  explicit Options(const plugin::OptionValues& values) {
    for (const auto& [name, text] : plugin::describe(values))
      m_texts.emplace(name, text);
  }
  bool has(const std::string& name) const {
    const auto found = m_texts.find(name);
    return found != m_texts.end() && !found->second.empty();
  }
  std::string operator[](const std::string& name) const {
    return has(name) ? m_texts.at(name) : std::string();
  }
  /// "experts 3:17, 5" or "expert 3:17".
  std::string experts() const {
    const std::string list = (*this)["experts"];
    std::string spaced;
    for (const char c : list)
      spaced += c == ',' ? ", " : std::string(1, c);
    return (list.find(',') == std::string::npos ? "expert " : "experts ") + spaced;
  }
  /// What becomes of the weights of chosen experts.
  std::string renorm() const {
    return !has("renorm")                ? "renormalised if the checkpoint's own gate does it"
           : (*this)["renorm"] == "true" ? "divided by their sum"
                                         : "the raw scores";
  }
  std::string atMost() const {
    return (*this)["max-k"] == "0" ? "" : fmt::format(", at most {}", (*this)["max-k"]);
  }

private:
  std::map<std::string, std::string> m_texts;
};

std::string boostText(const Options& o) {
  const std::string where = o["where"];
  if (where == "logit")
    return fmt::format("Adds ln {} to the router logits of {}, which can change the selection.",
                       o["multiplier"], o.experts());
  if (where == "pre-norm")
    return fmt::format("Multiplies the scores of {} by {} where selected, before the gate "
                       "renormalises; the selection stays.",
                       o.experts(), o["multiplier"]);
  return fmt::format("Multiplies the gate weights of {} by {} where selected; selection and other "
                     "weights stay.",
                     o.experts(), o["multiplier"]);
}

std::string maskText(const Options& o) {
  const std::string mode = o["mode"];
  if (mode == "route-around")
    return fmt::format("Routes around {}: the gate chooses others in their place.", o.experts());
  if (mode == "swap")
    return fmt::format("Swaps {}: each takes the other's tokens, the weights stay in place.",
                       o.experts());
  return fmt::format("Sets the gate weights of {} to 0 after routing; the other weights {}.",
                     o.experts(), mode == "zero" ? "stay" : "are renormalised");
}

std::string biasText(const Options& o) {
  const std::string target = o["where"] == "logit" ? "router logits" : "scores for choosing";
  if (o.has("delta"))
    return fmt::format("Adds one number for each expert to the {}.", target);
  return fmt::format("Adds {} to the {} of {}.", o["value"], target, o.experts());
}

std::string gapText(const Options& o) {
  const std::string rule = o["rule"];
  const std::string drop =
      rule == "gap" ? fmt::format("its share leads the second's by more than {}", o["threshold"])
      : rule == "naee"
          ? fmt::format("the second's weight is below {} of the first's", o["beta"])
          : fmt::format("the second's weight is below sqrt({} / {})", o["t"], o["sensitivity"]);
  return fmt::format("Takes the first expert alone where {}, else two; their weights are {}.", drop,
                     o.renorm());
}

std::string topKText(const Options& o) {
  const std::string taken =
      o.has("k")
          ? fmt::format("Takes {} experts per token by the checkpoint's own rule", o["k"])
          : fmt::format("Takes another number of experts in each MoE layer in scope ({}), by "
                        "the checkpoint's own rule",
                        o["per-layer"]);
  return o.has("renorm") ? fmt::format("{}; weights are {}.", taken, o.renorm()) : taken + ".";
}

std::string randomText(const Options& o) {
  return fmt::format("Replaces the selection by {} random experts; weights: {}; seed: {}.",
                     o["k"] == "0" ? "as many" : o["k"],
                     o.has("weights") ? o["weights"]
                     : o["k"] == "0"  ? "those of the selection, rank by rank"
                                      : "equal",
                     o.has("seed") ? o["seed"] : "the run's");
}

std::string hashText(const Options& o) {
  const std::string method = o["method"];
  return method == "table"
             ? "Sends each token to the one expert that a table gives its id, with weight 1."
         : method == "modulo"
             ? "Sends each token to expert id mod E, with weight 1."
             : fmt::format("Sends each token to one random expert of its id (seed {}), with weight "
                           "1.",
                           o["seed"]);
}

using Sentence = std::string (*)(const Options&);

const std::map<std::string, Sentence>& sentences() {
  static const std::map<std::string, Sentence> all = {
      {"org.switchyard.adaptive-gap", gapText},
      {"org.switchyard.ban",
       [](const Options& o) {
         return fmt::format("Never selects {}; {}.", o.experts(),
                            o["where"] == "logit" ? "a softmax gives their share to the others"
                                                  : "the scores stay as they are");
       }},
      {"org.switchyard.bias", biasText},
      {"org.switchyard.boost", boostText},
      {"org.switchyard.expert-choice",
       [](const Options& o) {
         return fmt::format("Lets each expert take its {} T / E tokens of a batch of T with the "
                            "largest scores. Not causal.",
                            o["capacity-factor"]);
       }},
      {"org.switchyard.force",
       [](const Options& o) {
         return fmt::format("Gives {} a place in every selection, with its normal score as weight; "
                            "the number of experts stays.",
                            o.experts());
       }},
      {"org.switchyard.hash", hashText},
      {"org.switchyard.mask", maskText},
      {"org.switchyard.npmi-steer", boostText},
      {"org.switchyard.null-experts",
       [](const Options& o) {
         return fmt::format("Gives {} null experts of logit {} a chance at the {} places of a "
                            "token; places they win stay empty.",
                            o["count"], o["logit"], o["k"]);
       }},
      {"org.switchyard.random", randomText},
      {"org.switchyard.rank-r",
       [](const Options& o) {
         return fmt::format("Takes only the expert of rank {}; its weight is {}.", o["rank"],
                            !o.has("renorm")        ? "1 if the checkpoint's gate renormalises"
                            : o["renorm"] == "true" ? "1"
                                                    : "its raw score");
       }},
      {"org.switchyard.relu",
       [](const Options&) {
         return std::string("Takes every expert with a positive router logit, with that logit as "
                            "weight; possibly none.");
       }},
      {"org.switchyard.threshold",
       [](const Options& o) {
         return fmt::format("Takes experts in falling share until their shares reach {}{}; weights "
                            "are {}.",
                            o["threshold"], o.atMost(), o.renorm());
       }},
      {"org.switchyard.top-k", topKText},
      {"org.switchyard.top-p",
       [](const Options& o) {
         return fmt::format("Takes experts in falling share until their shares pass {}{}; weights "
                            "are {}.",
                            o["p"], o.atMost(), o.renorm());
       }},
  };
  return all;
}

std::string rangeText(const routing::PositionRange& range) {
  return range.to == std::numeric_limits<std::int64_t>::max()
             ? fmt::format("from {} on", range.from)
             : fmt::format("{} to {}", range.from, range.to - 1);
}

} // namespace

std::string describeStep(const ResolvedStep& step) {
  const auto sentence = sentences().find(step.manifest.id);
  if (sentence != sentences().end())
    return sentence->second(Options(step.options));
  std::string text = step.manifest.summary;
  for (const auto& [name, value] : plugin::describe(step.options))
    text += fmt::format(" {} = {}.", name, value);
  return text;
}

std::string describeScope(const routing::RecipeScope& scope) {
  std::vector<std::string> tokens;
  if (scope.phase)
    tokens.emplace_back(*scope.phase == routing::Phase::Prompt ? "of the prompt" : "generated");
  if (!scope.positions.empty()) {
    std::vector<std::string> ranges;
    std::ranges::transform(scope.positions, std::back_inserter(ranges), rangeText);
    tokens.push_back(fmt::format("at positions {}", fmt::join(ranges, ", ")));
  }
  if (!scope.tokenClasses.empty())
    tokens.push_back(fmt::format("of class {}", fmt::join(scope.tokenClasses, " or ")));
  if (!scope.tokenIds.empty())
    tokens.push_back(fmt::format("with id {}", fmt::join(scope.tokenIds, ", ")));
  if (!scope.open.empty())
    tokens.push_back(fmt::format("between {} and {}", scope.open, scope.close));
  std::string text = tokens.empty() ? "Acts on every token"
                                    : fmt::format("Acts on tokens {}", fmt::join(tokens, ", "));
  text += scope.layers.empty() ? " of every MoE layer"
                               : fmt::format(" of layer{} {}", scope.layers.size() > 1 ? "s" : "",
                                             fmt::join(scope.layers, ", "));
  if (!scope.experts.empty()) {
    std::vector<std::string> experts;
    for (const routing::ExpertRef& ref : scope.experts)
      experts.push_back(ref.layer ? fmt::format("{}:{}", *ref.layer, ref.expert)
                                  : fmt::to_string(ref.expert));
    text += fmt::format(", among experts {} only", fmt::join(experts, ", "));
  }
  return text + ".";
}

} // namespace switchyard::jobs
