#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/plugin/sdk/instance.hpp"

SY_SDK_NAMESPACE_BEGIN

struct DecoderKind {};

/// Tokens that one branch runs next.
struct BranchStep {
  int branch = 0;
  std::span<const std::int32_t> tokens{}; ///< at least one
  int recipe = 0;                         ///< 0: the run's routing
  std::span<const float> routerOffsets{}; ///< [moeLayers, E] added to the router logits, or empty
  std::span<float> logits{};              ///< [vocabulary] out, after the last token; or empty
};

/// How the tokens of a gradient's forward pass were routed; both may be empty.
struct ContextRouting {
  std::span<double> surprise{};  ///< [moeLayers] mean -log p of the selected experts, nats
  std::span<std::int32_t> ids{}; ///< [moeLayers, tokens - 1, k] by rank; SY_NO_EXPERT
};

/// Drives the session: branches are KV states; branch 0 has the prompt. Branch 0 runs the prompt
/// and what was emitted, nothing else.
class Session {
public:
  explicit Session(const sy_session_services* table) : m_table(table) {
    if (table == nullptr)
      throw Failure(SY_UNSUPPORTED, "this host does not let decoders drive a session");
  }
  int vocabulary() const { return m_table->vocabulary; }
  int moeLayers() const { return m_table->moe_layers; }
  int experts() const { return m_table->experts; }
  int k() const { return m_table->k; }
  bool hasRecipes() const { return m_table->compile_recipe != nullptr; }
  bool hasGradients() const { return m_table->router_gradient != nullptr; }

  int compileRecipe(const std::string& json) const {
    if (!hasRecipes())
      throw Failure(SY_UNSUPPORTED, "this host has no recipes");
    std::int32_t recipe = 0;
    sy_error error = makeError();
    check(m_table->compile_recipe(m_table->context, json.c_str(), &recipe, &error), error);
    return recipe;
  }
  int open() const {
    std::int32_t branch = 0;
    sy_error error = makeError();
    check(m_table->open(m_table->context, &branch, &error), error);
    return branch;
  }
  int fork(int from) const {
    std::int32_t branch = 0;
    sy_error error = makeError();
    check(m_table->fork(m_table->context, from, &branch, &error), error);
    return branch;
  }
  void close(int branch) const {
    sy_error error = makeError();
    check(m_table->close(m_table->context, branch, &error), error);
  }
  /// Drops what a branch has run from `length` tokens on.
  void rewind(int branch, std::int64_t length) const {
    requireService(covers(&m_table->rewind) && m_table->rewind != nullptr, "cannot rewind");
    sy_error error = makeError();
    check(m_table->rewind(m_table->context, branch, length, &error), error);
  }
  std::int64_t length(int branch) const { return m_table->length(m_table->context, branch); }

  /// Runs all steps as one batch that reads shared weights once.
  void step(std::span<const BranchStep> steps) const {
    std::vector<sy_branch_step> tables;
    tables.reserve(steps.size());
    std::vector<const sy_branch_step*> pointers;
    for (const BranchStep& step : steps) {
      requireSize(step.logits.size(), static_cast<std::size_t>(vocabulary()), "logits");
      requireSize(step.routerOffsets.size(), offsetCount(), "router offsets");
      tables.push_back({sizeof(sy_branch_step), step.branch, step.tokens.data(),
                        static_cast<std::int64_t>(step.tokens.size()),
                        step.routerOffsets.empty() ? nullptr : step.routerOffsets.data(),
                        step.logits.empty() ? nullptr : step.logits.data(), step.recipe, 0});
      pointers.push_back(&tables.back());
    }
    sy_error error = makeError();
    check(m_table->step(m_table->context, pointers.data(),
                        static_cast<std::uint32_t>(pointers.size()), &error),
          error);
  }
  void step(const BranchStep& one) const { step(std::span<const BranchStep>(&one, 1)); }

  /// Whether anybody keeps what next() records. Where not, it may stay empty.
  bool keepsRecords() const { return m_table->drops_records == 0; }
  bool hasTokenLogits() const {
    return covers(&m_table->token_logits) && m_table->token_logits != nullptr;
  }
  /// Next-token logits of some tokens, `out` [tokens], after the last one that the branch has run:
  /// the bits that BranchStep::logits gets, at the cost of these tokens' part of the LM head.
  void tokenLogits(int branch, std::span<const std::int32_t> tokens, std::span<float> out) const {
    requireService(hasTokenLogits(), "gives logits of whole vocabularies only");
    if (out.size() != tokens.size())
      throw Failure(SY_INTERNAL, "the room for logits is not that of the tokens");
    sy_error error = makeError();
    check(m_table->token_logits(m_table->context, branch, tokens.data(),
                                static_cast<std::int64_t>(tokens.size()), out.data(), &error),
          error);
  }

  /// Draws the next token from scores [vocabulary] the way the user asked for (greedy, temperature,
  /// top-k, ...): logits, or what the decoder made of them; -inf: cannot be chosen. Once for each
  /// token.
  std::int32_t sample(std::span<const float> scores) const {
    requireService(covers(&m_table->sample) && m_table->sample != nullptr, "has no samplers");
    if (scores.size() != static_cast<std::size_t>(vocabulary()))
      throw Failure(SY_INTERNAL, "the scores have not [vocabulary] values");
    std::int32_t token = 0;
    sy_error error = makeError();
    check(m_table->sample(m_table->context, scores.data(), &token, &error), error);
    return token;
  }

  /// Mean next-token cross-entropy (nats) and its gradient [moeLayers, E]; offsets may be empty,
  /// and so may the gradient: the loss alone costs a forward pass.
  double routerGradient(std::span<const std::int32_t> tokens, int recipe,
                        std::span<const float> offsets, std::span<float> gradient,
                        const ContextRouting& routing = {}) const {
    requireService(hasGradients(), "has no router gradients");
    requireSize(offsets.size(), offsetCount(), "router offsets");
    requireSize(gradient.size(), offsetCount(), "gradients");
    requireSize(routing.surprise.size(), static_cast<std::size_t>(moeLayers()), "surprises");
    requireSize(routing.ids.size(),
                static_cast<std::size_t>(moeLayers()) * (tokens.size() - 1) *
                    static_cast<std::size_t>(k()),
                "selected experts");
    const auto count = static_cast<std::int64_t>(tokens.size());
    const float* at = offsets.empty() ? nullptr : offsets.data();
    float* out = gradient.empty() ? nullptr : gradient.data();
    double loss = 0;
    sy_error error = makeError();
    if (routing.surprise.empty() && routing.ids.empty()) {
      check(m_table->router_gradient(m_table->context, tokens.data(), count, recipe, at, out, &loss,
                                     &error),
            error);
      return loss;
    }
    requireService(covers(&m_table->router_gradient_routing) &&
                       m_table->router_gradient_routing != nullptr,
                   "does not say how contexts are routed");
    const sy_context_routing table = {sizeof(sy_context_routing), 0,
                                      routing.surprise.empty() ? nullptr : routing.surprise.data(),
                                      routing.ids.empty() ? nullptr : routing.ids.data()};
    check(m_table->router_gradient_routing(m_table->context, tokens.data(), count, recipe, at, out,
                                           &loss, &table, &error),
          error);
    return loss;
  }

private:
  /// Whether the host's table reaches as far as one of its fields.
  bool covers(const void* field) const {
    const auto offset = static_cast<const char*>(field) - reinterpret_cast<const char*>(m_table);
    return offset + static_cast<std::ptrdiff_t>(sizeof(void*)) <=
           static_cast<std::ptrdiff_t>(m_table->struct_size);
  }
  static void requireService(bool there, const char* otherwise) {
    if (!there)
      throw Failure(SY_UNSUPPORTED, std::string("this host ") + otherwise);
  }
  std::size_t offsetCount() const {
    return static_cast<std::size_t>(moeLayers()) * static_cast<std::size_t>(experts());
  }
  static void requireSize(std::size_t size, std::size_t expected, const char* what) {
    if (size != 0 && size != expected)
      throw Failure(SY_INTERNAL, std::string(what) + " have " + std::to_string(size) +
                                     " values, expected " + std::to_string(expected));
  }

  const sy_session_services* m_table;
};

struct Decoded {
  std::int32_t token = 0;
  bool stop = false; ///< the text ends here; token is not emitted
  std::vector<std::pair<std::string, double>> record{}; ///< named figures of this step
};

/// Chooses the next token by driving the session. One object decodes one text.
class Decoder : public PluginObject {
public:
  using Kind = DecoderKind;
  /// Names of all figures that records may hold, for a trace's columns: no others may be recorded.
  /// Called once, before begin(). layers: the model's MoE layers.
  virtual std::vector<std::string> figures(std::span<const sy_layer* const> layers) {
    (void)layers;
    return {};
  }
  /// Once. Branch 0 has run the prompt but for its last token.
  virtual void begin(const Session& session, std::span<const std::int32_t> prompt) = 0;
  /// `last` has been emitted but not run: run it on the branches you keep, choose the one after.
  virtual Decoded next(const Session& session, std::int32_t last) = 0;

protected:
  Session session() const { return Session(host().table()->session); }

private:
  template <typename T> friend const sy_decoder_table* kindTable(DecoderKind);
  Decoded m_last; ///< keeps the record's names alive until the next call
  std::vector<std::string> m_figures;
  std::vector<const char*> m_figureNames;
};

template <typename T> const sy_decoder_table* kindTable(DecoderKind) {
  static const sy_decoder_table table = {
      sizeof(sy_decoder_table),
      0,
      &createInstance<T>,
      &destroyInstance<T>,
      [](void* instance, const std::int32_t* prompt, std::int64_t count,
         sy_error* error) -> sy_status {
        return guarded(error, [&] {
          Decoder& decoder = objectOf<T>(instance);
          decoder.begin(decoder.session(), {prompt, static_cast<std::size_t>(count)});
        });
      },
      [](void* instance, std::int32_t last, sy_decoded* decoded, sy_error* error) -> sy_status {
        return guarded(error, [&] {
          Decoder& decoder = objectOf<T>(instance);
          decoder.m_last = decoder.next(decoder.session(), last);
          const Decoded& out = decoder.m_last;
          if (out.record.size() > decoded->record_capacity)
            throw Failure(SY_LIMIT_EXCEEDED, "a step records more figures than the host keeps");
          decoded->token = out.token;
          decoded->stop = out.stop ? 1 : 0;
          decoded->record_count = static_cast<std::uint32_t>(out.record.size());
          for (std::size_t i = 0; i < out.record.size(); ++i) {
            decoded->record_names[i] = out.record[i].first.c_str();
            decoded->record_values[i] = out.record[i].second;
          }
        });
      },
      [](void* instance, const sy_layer* const* layers, std::uint32_t layerCount,
         const char* const** names, std::uint32_t* count, sy_error* error) -> sy_status {
        return guarded(error, [&] {
          Decoder& decoder = objectOf<T>(instance);
          decoder.m_figures = decoder.figures({layers, layerCount});
          decoder.m_figureNames.clear();
          for (const std::string& name : decoder.m_figures)
            decoder.m_figureNames.push_back(name.c_str());
          *names = decoder.m_figureNames.data();
          *count = static_cast<std::uint32_t>(decoder.m_figureNames.size());
        });
      }};
  return &table;
}

SY_SDK_NAMESPACE_END
