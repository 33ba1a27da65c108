#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "app/jobs/experiment/bundle.h"
#include "app/jobs/experiment/experiment.h"
#include "app/jobs/experiment/plan.h"

namespace switchyard::jobs::experiment {

/// Where results of an experiment come from: enough to run it again and to tell whether it reads
/// the same bytes.
struct Origin {
  std::string text;           ///< the experiment's JSON
  std::filesystem::path file; ///< where it stood
  Overrides overrides;
  std::string cell;                            ///< only this one; empty: all
  std::map<std::string, nlohmann::json> cells; ///< inputs of each done cell, by name
};

std::string toJson(const Origin& origin);
/// Error InvalidFormat for anything that toJson would not have written.
base::Result<Origin> originFromJson(const nlohmann::json& json, const base::Where& where);

base::Result<Origin> originOf(Store& store, const std::string& cell);
/// Of a folder of `results export`. Errors: as base::readTextFile, parseJson; InvalidFormat.
base::Result<Origin> originOfExport(const std::filesystem::path& folder);

/// What the plan reads that is not what the results were made of, in sentences: models, texts,
/// recipes, plugins, this program. `bytes`: of these, those about models and texts.
struct InputChanges {
  std::vector<std::string> bytes, others;
};
InputChanges changesOf(const Origin& origin, const Plan& plan);

} // namespace switchyard::jobs::experiment
