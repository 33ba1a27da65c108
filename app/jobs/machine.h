#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/model/config.h"
#include "core/plugin/options.h"
#include "core/trace/simulator.h"

namespace switchyard::jobs {

/// A MachineDescription from a JSON object whose keys are its fields in snake_case (fast_memory,
/// load_bandwidth, expert_bytes, ...); missing keys mean unknown. Errors: InvalidFormat naming an
/// unknown key or a value that is no non-negative number.
base::Result<trace::MachineDescription> parseMachine(std::string_view json,
                                                     const base::Where& where);
base::Result<trace::MachineDescription> machineFromJson(const nlohmann::json& object,
                                                        const base::Where& where);
/// From a file, or from text that begins with "{" (what a command line writes for a form).
/// Errors: as base::readTextFile and parseMachine.
base::Result<trace::MachineDescription> readMachine(const std::filesystem::path& path);

/// One line of JSON with the fields that are not at their defaults, in the order of
/// machineOptions();
/// "{}" for none. parseMachine() reads it back.
std::string toJson(const trace::MachineDescription& machine);

/// The sizes of a model filled in: hidden, expert_width, expert_bytes (three matrices in the type
/// of the checkpoint; left as it is for quantised ones and unknown types).
trace::MachineDescription withModel(trace::MachineDescription machine,
                                    const model::ModelConfig& config);

/// The fields as options (dashes for underscores), with title, unit and help: the form of a
/// machine.
std::vector<plugin::OptionSpec> machineOptions();
/// Errors: those of plugin::parseOptions.
base::Result<trace::MachineDescription> machineOf(const plugin::OptionArguments& arguments);
/// Fields that are not at their defaults.
plugin::OptionArguments argumentsOf(const trace::MachineDescription& machine);

} // namespace switchyard::jobs
