#include "app/jobs/machine.h"

#include <algorithm>
#include <array>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs {

namespace {

using nlohmann::ordered_json;
using trace::MachineDescription;

constexpr int kMostCount = 1'000'000'000;

/// A number or a count of a machine, as files and forms have it.
struct Field {
  std::string_view key, title, unit, help;
  std::variant<double MachineDescription::*, int MachineDescription::*> member;
};

constexpr std::array<Field, 14> kFields{{
    {"devices", "Devices", "", "That hold experts.", &MachineDescription::devices},
    {"devices_per_node", "Devices per node", "", "Divides the number of devices.",
     &MachineDescription::devicesPerNode},
    {"fast_memory", "Fast memory", "bytes", "For experts, on each device.",
     &MachineDescription::fastMemory},
    {"memory_bandwidth", "Memory bandwidth", "bytes/s", "Of that memory.",
     &MachineDescription::memoryBandwidth},
    {"flops", "Compute", "operations/s", "Floating-point operations of each device.",
     &MachineDescription::flops},
    {"load_bandwidth", "Load bandwidth", "bytes/s", "From slow memory (host, disk) to a device.",
     &MachineDescription::loadBandwidth},
    {"load_latency", "Load latency", "s", "Before the first byte of such a load.",
     &MachineDescription::loadLatency},
    {"node_bandwidth", "Bandwidth in a node", "bytes/s", "Between devices of one node.",
     &MachineDescription::nodeBandwidth},
    {"network_bandwidth", "Network bandwidth", "bytes/s", "Between nodes, of each device.",
     &MachineDescription::networkBandwidth},
    {"link_latency", "Link latency", "s", "Of each message between devices.",
     &MachineDescription::linkLatency},
    {"hidden", "Hidden size", "", "d of the model.", &MachineDescription::hidden},
    {"expert_width", "Expert width", "", "Intermediate size of one expert.",
     &MachineDescription::expertWidth},
    {"expert_bytes", "Expert size", "bytes", "Weights of one routed expert of one layer.",
     &MachineDescription::expertBytes},
    {"activation_bytes", "Activation size", "bytes", "Of one activation value that travels.",
     &MachineDescription::activationBytes},
}};

std::string optionName(std::string_view key) {
  std::string name(key);
  std::ranges::replace(name, '_', '-');
  return name;
}

ordered_json valueOf(const Field& field, const MachineDescription& machine) {
  return std::visit([&](auto member) { return ordered_json(machine.*member); }, field.member);
}

bool isDefault(const Field& field, const MachineDescription& machine) {
  return valueOf(field, machine) == valueOf(field, {});
}

base::Result<void> readField(const std::string& key, const nlohmann::json& value,
                             const base::Where& where, MachineDescription& machine) {
  if (key == "name" && value.is_string()) {
    machine.name = value.get<std::string>();
    return {};
  }
  if (const auto field = std::ranges::find(kFields, key, &Field::key); field != kFields.end()) {
    const auto* number = std::get_if<double MachineDescription::*>(&field->member);
    if (number && value.is_number() && value.get<double>() >= 0) {
      machine.*(*number) = value.get<double>();
      return {};
    }
    if (!number && value.is_number_integer() && value >= 0 && value <= kMostCount) {
      machine.*std::get<int MachineDescription::*>(field->member) = value.get<int>();
      return {};
    }
  }
  return base::fail(
      base::ErrorCode::InvalidFormat,
      fmt::format("\"{}\": {} is no field of a machine, or no value for it", key, value.dump()),
      where);
}

} // namespace

base::Result<MachineDescription> parseMachine(std::string_view json, const base::Where& where) {
  return machineFromJson(SY_TRY(base::parseJson(json, {}, where)), where);
}

base::Result<MachineDescription> machineFromJson(const nlohmann::json& object,
                                                 const base::Where& where) {
  if (!object.is_object())
    return base::fail(base::ErrorCode::InvalidFormat, "a machine is a JSON object", where);
  MachineDescription machine;
  for (const auto& item : object.items())
    SY_TRY(readField(item.key(), item.value(), where, machine));
  return machine;
}

base::Result<MachineDescription> readMachine(const std::filesystem::path& path) {
  if (const std::string text = path.string(); text.starts_with('{'))
    return parseMachine(text, {.file = "--machine"});
  const std::string text = SY_TRY(base::readTextFile(path, 1u << 20));
  return parseMachine(text, {.file = path.string()});
}

std::string toJson(const MachineDescription& machine) {
  ordered_json object = ordered_json::object();
  if (!machine.name.empty())
    object["name"] = machine.name;
  for (const Field& field : kFields)
    if (!isDefault(field, machine))
      object[std::string(field.key)] = valueOf(field, machine);
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

MachineDescription withModel(MachineDescription machine, const model::ModelConfig& config) {
  machine.hidden = config.hidden;
  machine.expertWidth = config.moe.width;
  const int bytes = config.dtype == "float32"                                 ? 4
                    : config.dtype == "bfloat16" || config.dtype == "float16" ? 2
                                                                              : 0;
  if (bytes > 0 && config.quantization == model::Quantization::None)
    machine.expertBytes = 3.0 * config.hidden * config.moe.width * bytes;
  return machine;
}

std::vector<plugin::OptionSpec> machineOptions() {
  std::vector<plugin::OptionSpec> specs(1);
  specs.front().name = "name";
  specs.front().title = "Name";
  specs.front().help = "What the machine is called.";
  for (const Field& field : kFields) {
    plugin::OptionSpec spec;
    const bool count = std::holds_alternative<int MachineDescription::*>(field.member);
    spec.name = optionName(field.key);
    spec.type = count ? plugin::OptionType::Integer : plugin::OptionType::Number;
    spec.title = field.title;
    spec.help = std::string(field.help);
    spec.unit = field.unit;
    spec.minimum = 0;
    if (count)
      spec.maximum = kMostCount;
    // What is unknown is not given.
    if (const ordered_json initial = valueOf(field, {}); initial != 0) {
      spec.defaults.emplace();
      if (count)
        spec.defaults->emplace_back(initial.get<std::int64_t>());
      else
        spec.defaults->emplace_back(initial.get<double>());
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

base::Result<MachineDescription> machineOf(const plugin::OptionArguments& arguments) {
  const plugin::OptionValues values =
      SY_TRY(plugin::parseOptions(machineOptions(), arguments, "machine"));
  MachineDescription machine;
  if (!values.front().values.empty())
    machine.name = std::get<std::string>(values.front().values.front());
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const std::vector<plugin::OptionScalar>& given = values[i + 1].values;
    if (given.empty())
      continue;
    if (const auto* number = std::get_if<double MachineDescription::*>(&kFields[i].member))
      machine.*(*number) = std::get<double>(given.front());
    else
      machine.*std::get<int MachineDescription::*>(kFields[i].member) =
          static_cast<int>(std::get<std::int64_t>(given.front()));
  }
  return machine;
}

plugin::OptionArguments argumentsOf(const MachineDescription& machine) {
  plugin::OptionArguments arguments;
  if (!machine.name.empty())
    arguments.emplace_back("name", machine.name);
  for (const Field& field : kFields)
    if (!isDefault(field, machine))
      arguments.emplace_back(
          optionName(field.key),
          std::visit([&](auto member) { return fmt::format("{}", machine.*member); },
                     field.member));
  return arguments;
}

} // namespace switchyard::jobs
