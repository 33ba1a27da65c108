#include "app/jobs/machine.h"

#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs {

namespace {

using trace::MachineDescription;

struct NumberField {
  std::string_view key;
  double MachineDescription::*member;
};
constexpr std::array<NumberField, 10> kNumbers{
    {{"fast_memory", &MachineDescription::fastMemory},
     {"memory_bandwidth", &MachineDescription::memoryBandwidth},
     {"flops", &MachineDescription::flops},
     {"load_bandwidth", &MachineDescription::loadBandwidth},
     {"load_latency", &MachineDescription::loadLatency},
     {"node_bandwidth", &MachineDescription::nodeBandwidth},
     {"network_bandwidth", &MachineDescription::networkBandwidth},
     {"link_latency", &MachineDescription::linkLatency},
     {"expert_bytes", &MachineDescription::expertBytes},
     {"activation_bytes", &MachineDescription::activationBytes}}};

struct CountField {
  std::string_view key;
  int MachineDescription::*member;
};
constexpr std::array<CountField, 4> kCounts{
    {{"devices", &MachineDescription::devices},
     {"devices_per_node", &MachineDescription::devicesPerNode},
     {"hidden", &MachineDescription::hidden},
     {"expert_width", &MachineDescription::expertWidth}}};

base::Result<void> readField(const std::string& key, const nlohmann::json& value,
                             const base::Where& where, MachineDescription& machine) {
  if (key == "name" && value.is_string()) {
    machine.name = value.get<std::string>();
    return {};
  }
  for (const NumberField& field : kNumbers) {
    if (field.key != key || !value.is_number() || value.get<double>() < 0)
      continue;
    machine.*field.member = value.get<double>();
    return {};
  }
  for (const CountField& field : kCounts) {
    if (field.key != key || !value.is_number_integer() || value < 0 || value > 1'000'000'000)
      continue;
    machine.*field.member = value.get<int>();
    return {};
  }
  return base::fail(base::ErrorCode::InvalidFormat,
                    fmt::format("\"{}\": {} is no field of a machine, or no value for it", key,
                                value.dump()),
                    where);
}

} // namespace

base::Result<MachineDescription> readMachine(const std::filesystem::path& path) {
  const base::Where where{.file = path.string()};
  const std::string text = SY_TRY(base::readTextFile(path, 1u << 20));
  const nlohmann::json object = SY_TRY(base::parseJson(text, {}, where));
  if (!object.is_object())
    return base::fail(base::ErrorCode::InvalidFormat, "a machine is a JSON object", where);
  MachineDescription machine;
  for (const auto& item : object.items())
    SY_TRY(readField(item.key(), item.value(), where, machine));
  return machine;
}

} // namespace switchyard::jobs
