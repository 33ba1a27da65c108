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
  int recipe = 0;                         ///< 0: the model's own routing
  std::span<const float> routerOffsets{}; ///< [moeLayers, E] added to the router logits, or empty
  std::span<float> logits{};              ///< [vocabulary] out, after the last token; or empty
};

/// Drives the session: branches are KV states; branch 0 has the prompt.
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

  /// Mean next-token cross-entropy (nats) and its gradient [moeLayers, E]; offsets may be empty.
  double routerGradient(std::span<const std::int32_t> tokens, int recipe,
                        std::span<const float> offsets, std::span<float> gradient) const {
    if (!hasGradients())
      throw Failure(SY_UNSUPPORTED, "this host has no router gradients");
    requireSize(offsets.size(), offsetCount(), "router offsets");
    if (gradient.size() != offsetCount())
      throw Failure(SY_INTERNAL, "the gradient has not [moeLayers, E] values");
    double loss = 0;
    sy_error error = makeError();
    check(m_table->router_gradient(
              m_table->context, tokens.data(), static_cast<std::int64_t>(tokens.size()), recipe,
              offsets.empty() ? nullptr : offsets.data(), gradient.data(), &loss, &error),
          error);
    return loss;
  }

private:
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
  /// Once. Branch 0 has run the prompt but for its last token.
  virtual void begin(const Session& session, std::span<const std::int32_t> prompt) = 0;
  /// `last` has been emitted but not run: run it on the branches you keep, choose the one after.
  virtual Decoded next(const Session& session, std::int32_t last) = 0;

protected:
  Session session() const { return Session(host().table()->session); }

private:
  template <typename T> friend const sy_decoder_table* kindTable(DecoderKind);
  Decoded m_last; ///< keeps the record's names alive until the next call
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
      }};
  return &table;
}

SY_SDK_NAMESPACE_END
