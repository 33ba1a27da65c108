#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/plugin/adapters.h"
#include "core/plugin/fact_tables.h"
#include "core/plugin/instance.h"
#include "core/plugin/session_services.h"
#include "core/plugin/utf8.h"

namespace switchyard::plugin {

namespace {

constexpr std::size_t kMaxRecord = 1024;
class PluginDecoder final : public session::Decoder {
public:
  PluginDecoder(std::shared_ptr<PluginInstance> instance, std::unique_ptr<SessionServices> services)
      : m_services(std::move(services)), m_instance(std::move(instance)),
        m_table(*m_instance->plugin().decoder()) {}

  std::string_view id() const override { return m_instance->plugin().manifest().id; }

  base::Result<std::vector<std::string>>
  figures(std::span<const routing::LayerFacts> layers) override {
    if (!hasFigures())
      return std::vector<std::string>();
    LayerTables tables;
    tables.set(layers);
    const char* const* names = nullptr;
    std::uint32_t count = 0;
    SY_TRY(m_instance->call("figures", [&](sy_error* error) {
      return m_table.figures(m_instance->object(), tables.pointers().data(),
                             static_cast<std::uint32_t>(tables.size()), &names, &count, error);
    }));
    if (count > kMaxRecord || (count > 0 && names == nullptr))
      return m_instance->failure(
          base::ErrorCode::InvalidArgument,
          fmt::format("declares {} figures, the limit is {}", count, kMaxRecord));
    m_figures.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
      std::string name = foreignText(names[i], 128);
      if (name.empty() || std::ranges::find(m_figures, name) != m_figures.end())
        return m_instance->failure(
            base::ErrorCode::InvalidArgument,
            fmt::format("figure {} ('{}') has no name or one that is taken", i, name));
      m_figures.push_back(std::move(name));
    }
    m_declared = true;
    return m_figures;
  }

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
    sy_decoded decoded{};
    decoded.struct_size = sizeof(decoded);
    decoded.token = -1;
    decoded.record_capacity = kMaxRecord;
    decoded.record_names = m_names.data();
    decoded.record_values = m_values.data();
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
    out.record.reserve(decoded.record_count);
    for (std::uint32_t i = 0; i < decoded.record_count; ++i) {
      std::string name = foreignText(m_names[i], 128);
      if (name.empty() || !std::isfinite(m_values[i]))
        return m_instance->failure(
            base::ErrorCode::NonFinite,
            fmt::format("figure {} of its record ('{}') has no name or is not finite", i, name));
      if (m_declared && std::ranges::find(m_figures, name) == m_figures.end())
        return m_instance->failure(
            base::ErrorCode::InvalidArgument,
            fmt::format("records figure '{}', which it did not declare", name));
      out.record.emplace_back(std::move(name), m_values[i]);
    }
    return out;
  }

private:
  bool hasFigures() const {
    return m_table.struct_size >= sizeof(sy_decoder_table) && m_table.figures != nullptr;
  }

  std::unique_ptr<SessionServices> m_services; ///< outlives the instance
  std::shared_ptr<PluginInstance> m_instance;
  const sy_decoder_table& m_table;
  bool m_declared = false;
  std::vector<std::string> m_figures;
  // What next() writes into.
  std::array<const char*, kMaxRecord> m_names{};
  std::array<double, kMaxRecord> m_values{};
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
