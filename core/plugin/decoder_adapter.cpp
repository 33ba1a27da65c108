#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/plugin/adapters.h"
#include "core/plugin/instance.h"
#include "core/plugin/status.h"
#include "core/plugin/utf8.h"

namespace switchyard::plugin {

namespace {

constexpr std::size_t kMaxRecord = 64;
constexpr std::uint32_t kMaxSteps = 256;

/// DecodeHost as a C table. The context is this object; without a host every call fails.
class SessionServices {
public:
  SessionServices() {
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
      return give(context, branch, error,
                  [&](session::DecodeHost& host) { return host.fork(from); });
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
      return with(context, error,
                  [&](session::DecodeHost& host) { return runSteps(host, steps, count); });
    };
    m_table.router_gradient = [](void* context, const std::int32_t* tokens, std::int64_t count,
                                 std::int32_t recipe, const float* offsets, float* gradient,
                                 double* loss, sy_error* error) {
      return give(context, loss, error, [&](session::DecodeHost& host) -> base::Result<double> {
        const std::size_t size = offsetCount(host);
        if (tokens == nullptr || count < 2 || gradient == nullptr)
          return base::fail(base::ErrorCode::InvalidArgument,
                            "router_gradient() needs two tokens or more and a buffer");
        const std::vector<base::TokenId> ids = SY_TRY(tokenIds(host, tokens, count));
        return host.routerGradient(ids, recipe,
                                   offsets == nullptr ? std::span<const float>()
                                                      : std::span<const float>(offsets, size),
                                   {gradient, size});
      });
    };
    m_gradient = m_table.router_gradient;
  }
  SessionServices(const SessionServices&) = delete;
  SessionServices& operator=(const SessionServices&) = delete;

  const sy_session_services* table() const { return &m_table; }

  void attach(session::DecodeHost& host) {
    m_host = &host;
    m_table.vocabulary = host.vocabulary();
    m_table.moe_layers = host.moeLayers();
    m_table.experts = host.experts();
    m_table.k = host.k();
    m_table.router_gradient = host.hasGradients() ? m_gradient : nullptr;
  }

private:
  template <typename Body> static sy_status with(void* context, sy_error* error, Body&& body) {
    session::DecodeHost* host = static_cast<SessionServices*>(context)->m_host;
    const base::Result<void> result = host == nullptr
                                          ? base::fail(base::ErrorCode::InvalidArgument,
                                                       "the session can be used from begin() on")
                                          : body(*host);
    return result ? SY_OK : giveError(error, result.error());
  }
  /// The same for calls that return a value.
  template <typename T, typename Body>
  static sy_status give(void* context, T* out, sy_error* error, Body&& body) {
    return with(context, error, [&](session::DecodeHost& host) -> base::Result<void> {
      if (out == nullptr)
        return base::fail(base::ErrorCode::InvalidArgument, "the place for the answer is null");
      *out = SY_TRY(body(host));
      return {};
    });
  }

  static std::size_t offsetCount(const session::DecodeHost& host) {
    return static_cast<std::size_t>(host.moeLayers()) * static_cast<std::size_t>(host.experts());
  }
  /// Error InvalidArgument for an id outside the vocabulary.
  static base::Result<std::vector<base::TokenId>>
  tokenIds(const session::DecodeHost& host, const std::int32_t* tokens, std::int64_t count) {
    std::vector<base::TokenId> ids;
    for (std::int64_t i = 0; i < count; ++i) {
      if (tokens[i] < 0 || tokens[i] >= host.vocabulary())
        return base::fail(
            base::ErrorCode::InvalidArgument,
            fmt::format("token {} is outside the vocabulary of {}", tokens[i], host.vocabulary()));
      ids.emplace_back(tokens[i]);
    }
    return ids;
  }

  static base::Result<void> runSteps(session::DecodeHost& host, const sy_branch_step* const* steps,
                                     std::uint32_t count) {
    if (steps == nullptr || count == 0 || count > kMaxSteps)
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("step() takes 1 to {} branches, got {}", kMaxSteps, count));
    std::vector<session::BranchStep> out;
    std::vector<std::vector<base::TokenId>> tokens;
    for (std::uint32_t i = 0; i < count; ++i) {
      const sy_branch_step* step = steps[i];
      if (step == nullptr || step->struct_size < sizeof(sy_branch_step) ||
          step->tokens == nullptr || step->token_count < 1)
        return base::fail(base::ErrorCode::InvalidArgument,
                          fmt::format("step {} is incomplete or has no tokens", i));
      session::BranchStep& to = out.emplace_back();
      to.branch = step->branch;
      to.recipe = step->recipe;
      tokens.push_back(SY_TRY(tokenIds(host, step->tokens, step->token_count)));
      to.tokens = tokens.back();
      if (step->router_offsets != nullptr)
        to.routerOffsets = {step->router_offsets, offsetCount(host)};
      if (step->logits != nullptr)
        to.logits = {step->logits, static_cast<std::size_t>(host.vocabulary())};
    }
    return host.step(out);
  }

  sy_session_services m_table{};
  decltype(sy_session_services::router_gradient) m_gradient = nullptr;
  session::DecodeHost* m_host = nullptr;
};

class PluginDecoder final : public session::Decoder {
public:
  PluginDecoder(std::shared_ptr<PluginInstance> instance, std::unique_ptr<SessionServices> services)
      : m_services(std::move(services)), m_instance(std::move(instance)),
        m_table(*m_instance->plugin().decoder()) {}

  std::string_view id() const override { return m_instance->plugin().manifest().id; }

  base::Result<void> begin(session::DecodeHost& host,
                           std::span<const base::TokenId> prompt) override {
    m_services->attach(host);
    std::vector<std::int32_t> ids;
    for (const base::TokenId token : prompt)
      ids.push_back(token.value);
    return m_instance->call("begin", [&](sy_error* error) {
      return m_table.begin(m_instance->object(), ids.data(), static_cast<std::int64_t>(ids.size()),
                           error);
    });
  }

  base::Result<session::DecodedToken> next(session::DecodeHost& host, base::TokenId last) override {
    m_services->attach(host);
    std::array<const char*, kMaxRecord> names{};
    std::array<double, kMaxRecord> values{};
    sy_decoded decoded{};
    decoded.struct_size = sizeof(decoded);
    decoded.token = -1;
    decoded.record_capacity = kMaxRecord;
    decoded.record_names = names.data();
    decoded.record_values = values.data();
    SY_TRY(m_instance->call("next", [&](sy_error* error) {
      return m_table.next(m_instance->object(), last.value, &decoded, error);
    }));
    session::DecodedToken out{base::TokenId(decoded.token), decoded.stop != 0, {}};
    if (!out.stop && (decoded.token < 0 || decoded.token >= host.vocabulary()))
      return m_instance->failure(
          base::ErrorCode::InvalidArgument,
          fmt::format("chose token {} of a vocabulary of {}", decoded.token, host.vocabulary()));
    if (decoded.record_count > kMaxRecord)
      return m_instance->failure(base::ErrorCode::InvalidArgument,
                                 fmt::format("says it recorded {} figures, the limit is {}",
                                             decoded.record_count, kMaxRecord));
    for (std::uint32_t i = 0; i < decoded.record_count; ++i) {
      std::string name = foreignText(names[i], 128);
      if (name.empty() || !std::isfinite(values[i]))
        return m_instance->failure(
            base::ErrorCode::NonFinite,
            fmt::format("figure {} of its record ('{}') has no name or is not finite", i, name));
      out.record.emplace_back(std::move(name), values[i]);
    }
    return out;
  }

private:
  std::unique_ptr<SessionServices> m_services; ///< outlives the instance
  std::shared_ptr<PluginInstance> m_instance;
  const sy_decoder_table& m_table;
};

} // namespace

base::Result<std::unique_ptr<session::Decoder>>
makeDecoder(std::shared_ptr<const LoadedPlugin> plugin, const OptionValues& options,
            const HostContext& context) {
  const sy_decoder_table* table = plugin->decoder();
  auto services = std::make_unique<SessionServices>();
  auto instance =
      SY_TRY(createInstance(std::move(plugin), table, Kind::Decoder, options, context,
                            [&](HostServices& host) { host.setSession(services->table()); }));
  return std::make_unique<PluginDecoder>(std::move(instance), std::move(services));
}

} // namespace switchyard::plugin
