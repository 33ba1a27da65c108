#include "core/plugin/session_services.h"

#include <fmt/format.h>

namespace switchyard::plugin {

namespace {

constexpr std::uint32_t kMaxSteps = 256;

std::size_t offsetCount(const session::DecodeHost& host) {
  return static_cast<std::size_t>(host.moeLayers()) * static_cast<std::size_t>(host.experts());
}

/// Appends ids. Error InvalidArgument for one outside the vocabulary.
base::Result<void> addTokens(const session::DecodeHost& host, const std::int32_t* tokens,
                             std::int64_t count, std::vector<base::TokenId>& ids) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (tokens[i] < 0 || tokens[i] >= host.vocabulary())
      return base::fail(
          base::ErrorCode::InvalidArgument,
          fmt::format("token {} is outside the vocabulary of {}", tokens[i], host.vocabulary()));
    ids.emplace_back(tokens[i]);
  }
  return {};
}

} // namespace

template <typename Body>
sy_status SessionServices::with(void* context, sy_error* error, Body&& body) {
  session::DecodeHost* host = static_cast<SessionServices*>(context)->m_host;
  const base::Result<void> result =
      host == nullptr
          ? base::fail(base::ErrorCode::InvalidArgument, "the session can be used from begin() on")
          : body(*host);
  return result ? SY_OK : giveError(error, result.error());
}

template <typename T, typename Body>
sy_status SessionServices::give(void* context, T* out, sy_error* error, Body&& body) {
  return with(context, error, [&](session::DecodeHost& host) -> base::Result<void> {
    if (out == nullptr)
      return base::fail(base::ErrorCode::InvalidArgument, "the place for the answer is null");
    *out = SY_TRY(body(host));
    return {};
  });
}

SessionServices::SessionServices() {
  m_table.struct_size = sizeof(m_table);
  m_table.context = this;
  m_table.compile_recipe = [](void* context, const char* json, std::int32_t* recipe,
                              sy_error* error) {
    return give(context, recipe, error, [&](session::DecodeHost& host) {
      return host.compileRecipe(json == nullptr ? "" : json);
    });
  };
  m_table.open = [](void* context, std::int32_t* branch, sy_error* error) {
    return give(context, branch, error, [](session::DecodeHost& host) { return host.open(); });
  };
  m_table.fork = [](void* context, std::int32_t from, std::int32_t* branch, sy_error* error) {
    return give(context, branch, error, [&](session::DecodeHost& host) { return host.fork(from); });
  };
  m_table.close = [](void* context, std::int32_t branch, sy_error* error) {
    return with(context, error, [&](session::DecodeHost& host) { return host.close(branch); });
  };
  m_table.length = [](void* context, std::int32_t branch) -> std::int64_t {
    session::DecodeHost* host = static_cast<SessionServices*>(context)->m_host;
    return host == nullptr ? -1 : host->length(branch).value_or(-1);
  };
  m_table.step = [](void* context, const sy_branch_step* const* steps, std::uint32_t count,
                    sy_error* error) {
    return with(context, error, [&](session::DecodeHost& host) {
      return static_cast<SessionServices*>(context)->runSteps(host, steps, count);
    });
  };
  m_table.rewind = [](void* context, std::int32_t branch, std::int64_t length, sy_error* error) {
    return with(context, error,
                [&](session::DecodeHost& host) { return host.rewind(branch, length); });
  };
  m_table.sample = [](void* context, const float* scores, std::int32_t* token, sy_error* error) {
    return give(context, token, error,
                [&](session::DecodeHost& host) -> base::Result<std::int32_t> {
                  if (scores == nullptr)
                    return base::fail(base::ErrorCode::InvalidArgument, "sample() got no scores");
                  const auto size = static_cast<std::size_t>(host.vocabulary());
                  return SY_TRY(host.sample({scores, size})).value;
                });
  };
  m_table.token_logits = &tokenLogits;
}

void SessionServices::attach(session::DecodeHost& host) {
  m_host = &host;
  m_table.vocabulary = host.vocabulary();
  m_table.moe_layers = host.moeLayers();
  m_table.experts = host.experts();
  m_table.k = host.k();
  m_table.drops_records = host.keepsRecords() ? 0 : 1;
  m_table.router_gradient = host.hasGradients() ? &gradient : nullptr;
  m_table.router_gradient_routing = host.hasGradients() ? &gradientRouting : nullptr;
}

sy_status SessionServices::tokenLogits(void* context, std::int32_t branch,
                                       const std::int32_t* tokens, std::int64_t count,
                                       float* logits, sy_error* error) {
  return with(context, error, [&](session::DecodeHost& host) -> base::Result<void> {
    if (count < 0 || (count > 0 && (tokens == nullptr || logits == nullptr)))
      return base::fail(base::ErrorCode::InvalidArgument,
                        "token_logits() needs tokens and room for their logits");
    std::vector<base::TokenId>& ids = static_cast<SessionServices*>(context)->m_tokens;
    ids.clear();
    SY_TRY(addTokens(host, tokens, count, ids));
    return host.tokenLogits(branch, ids, {logits, static_cast<std::size_t>(count)});
  });
}

sy_status SessionServices::gradient(void* context, const std::int32_t* tokens, std::int64_t count,
                                    std::int32_t recipe, const float* offsets, float* gradient,
                                    double* loss, sy_error* error) {
  return gradientRouting(context, tokens, count, recipe, offsets, gradient, loss, nullptr, error);
}

sy_status SessionServices::gradientRouting(void* context, const std::int32_t* tokens,
                                           std::int64_t count, std::int32_t recipe,
                                           const float* offsets, float* gradient, double* loss,
                                           const sy_context_routing* routing, sy_error* error) {
  return give(context, loss, error, [&](session::DecodeHost& host) -> base::Result<double> {
    if (tokens == nullptr || count < 2)
      return base::fail(base::ErrorCode::InvalidArgument,
                        "router_gradient() needs two tokens or more");
    if (routing != nullptr && routing->struct_size < sizeof(sy_context_routing))
      return base::fail(base::ErrorCode::InvalidArgument,
                        "router_gradient_routing() got an incomplete struct");
    std::vector<base::TokenId> ids;
    SY_TRY(addTokens(host, tokens, count, ids));
    session::GradientCall call{.tokens = ids, .recipe = recipe, .offsets = {}, .gradient = {}};
    if (offsets != nullptr)
      call.offsets = {offsets, offsetCount(host)};
    if (gradient != nullptr)
      call.gradient = {gradient, offsetCount(host)};
    const auto layers = static_cast<std::size_t>(host.moeLayers());
    if (routing != nullptr && routing->surprise != nullptr)
      call.routing.surprise = {routing->surprise, layers};
    if (routing != nullptr && routing->ids != nullptr)
      call.routing.ids = {routing->ids,
                          layers * (ids.size() - 1) * static_cast<std::size_t>(host.k())};
    return host.routerGradient(call);
  });
}

base::Result<void> SessionServices::runSteps(session::DecodeHost& host,
                                             const sy_branch_step* const* steps,
                                             std::uint32_t count) {
  if (steps == nullptr || count == 0 || count > kMaxSteps)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("step() takes 1 to {} branches, got {}", kMaxSteps, count));
  m_steps.clear();
  m_tokens.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    const sy_branch_step* step = steps[i];
    if (step == nullptr || step->struct_size < sizeof(sy_branch_step) || step->tokens == nullptr ||
        step->token_count < 1)
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("step {} is incomplete or has no tokens", i));
    SY_TRY(addTokens(host, step->tokens, step->token_count, m_tokens));
    session::BranchStep& to = m_steps.emplace_back();
    to.branch = step->branch;
    to.recipe = step->recipe;
    if (step->router_offsets != nullptr)
      to.routerOffsets = {step->router_offsets, offsetCount(host)};
    if (step->logits != nullptr)
      to.logits = {step->logits, static_cast<std::size_t>(host.vocabulary())};
  }
  std::size_t first = 0; // all tokens are in place: spans stay valid
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto length = static_cast<std::size_t>(steps[i]->token_count);
    m_steps[i].tokens = std::span<const base::TokenId>(m_tokens).subspan(first, length);
    first += length;
  }
  return host.step(m_steps);
}

} // namespace switchyard::plugin
