#include "app/jobs/ablate/store.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs::ablate {

namespace {

using base::ErrorCode;
using base::Result;
using nlohmann::json;

constexpr std::uint64_t kMaxBytes = 1u << 30;

json toJson(const Measurement& measurement) {
  json list = json::array();
  for (const Measured& unit : measurement) {
    json row = json::array({unit.value, unit.weight});
    if (!unit.answer.empty())
      row.push_back(unit.answer);
    list.push_back(std::move(row));
  }
  return list;
}

/// Nothing if it is no such list.
std::optional<Measurement> measurementOf(const json& list) {
  if (!list.is_array())
    return std::nullopt;
  Measurement measurement;
  for (const json& row : list) {
    const bool valid = row.is_array() && row.size() >= 2 && row.size() <= 3 && row[0].is_number() &&
                       row[1].is_number() && (row.size() < 3 || row[2].is_string());
    if (!valid)
      return std::nullopt;
    measurement.push_back({row[0].get<double>(), row[1].get<double>(),
                           row.size() > 2 ? row[2].get<std::string>() : std::string()});
  }
  return measurement;
}

} // namespace

Result<Store> Store::open(const std::filesystem::path& path, std::string identity, bool restart) {
  Store store;
  store.m_path = path;
  store.m_identity = std::move(identity);
  std::error_code error;
  if (path.empty() || restart || !std::filesystem::exists(path, error))
    return store;
  const base::Where where{.file = path.string()};
  const json document = SY_TRY(base::parseJson(SY_TRY(base::readTextFile(path, kMaxBytes)),
                                               {.maxBytes = kMaxBytes, .maxDepth = 8}, where));
  const auto damaged = [&] {
    return base::fail(ErrorCode::InvalidFormat,
                      "this is no record of an ablation; remove it or choose another folder",
                      where);
  };
  if (!document.is_object() || !document.contains("identity") ||
      !document["identity"].is_string() || !document.contains("base") ||
      !document.contains("experts") || !document["experts"].is_array())
    return damaged();
  if (document["identity"] != store.m_identity)
    return base::fail(ErrorCode::InvalidArgument,
                      "this folder holds an ablation of another model, other texts or options; "
                      "choose another, or replace it with --overwrite",
                      where);
  auto base = measurementOf(document["base"]);
  if (!base)
    return damaged();
  store.m_base = std::move(*base);
  for (const json& row : document["experts"]) {
    const bool valid = row.is_object() && row.contains("units") && row.contains("layer") &&
                       row["layer"].is_number_unsigned() && row.contains("expert") &&
                       row["expert"].is_number_unsigned();
    auto units = valid ? measurementOf(row["units"]) : std::nullopt;
    if (!units || units->size() != store.m_base.size())
      return damaged();
    store.m_experts.emplace(ExpertId{row["layer"].get<int>(), row["expert"].get<int>()},
                            std::move(*units));
  }
  return store;
}

const Measurement* Store::find(const ExpertId& id) const {
  const auto found = m_experts.find(id);
  return found == m_experts.end() ? nullptr : &found->second;
}

Result<void> Store::setBase(Measurement base) {
  m_base = std::move(base);
  return save();
}

Result<void> Store::add(const ExpertId& id, Measurement measurement) {
  m_experts.insert_or_assign(id, std::move(measurement));
  return save();
}

Result<void> Store::save() const {
  if (m_path.empty())
    return {};
  json experts = json::array();
  for (const auto& [id, measurement] : m_experts)
    experts.push_back({{"layer", id.layer}, {"expert", id.expert}, {"units", toJson(measurement)}});
  const json document = {
      {"identity", m_identity}, {"base", toJson(m_base)}, {"experts", std::move(experts)}};
  return base::writeFileAtomically(
      m_path, document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

} // namespace switchyard::jobs::ablate
