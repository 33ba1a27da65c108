#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/model/config.h"

namespace switchyard::jobs {

/// One line of what the routers do: "softmax over all, top-4, renormalised", "sigmoid + choice
/// bias, 8 groups of which 4, ...".
std::string describeRouter(const model::ModelConfig& config);

/// Facts of a checkpoint folder for people and programs, from config.json and tensor headers (no
/// weight is read): family, layers, experts, parameters, dtype, sizes, tokenizer.
/// Errors: as readConfig, Checkpoint::open and inspectWeights.
base::Result<nlohmann::json> modelInfo(const std::filesystem::path& folder);

} // namespace switchyard::jobs
