#pragma once

#include "app/jobs/experiment/experiment.h"
#include "app/jobs/experiment/fields.h"

namespace switchyard::jobs::experiment {

// Parts of parseExperiment. Errors: InvalidFormat naming the key.

base::Result<std::vector<RecipeEntry>> readRecipes(const nlohmann::json* list,
                                                   const std::filesystem::path& folder,
                                                   const base::Where& where);
base::Result<std::vector<DecoderEntry>> readDecoders(const nlohmann::json* list,
                                                     const base::Where& where);
base::Result<CaptureJob> readCapture(const nlohmann::json& value, const base::Where& where);
base::Result<EvaluateJob> readEvaluate(const nlohmann::json& value, const base::Where& where);
base::Result<SteerJob> readSteer(const nlohmann::json& value, const base::Where& where);
base::Result<AblateJob> readAblate(const nlohmann::json& value, const base::Where& where);

/// Plugin options of JSON as a command line gives them; lists are repeated.
base::Result<plugin::OptionArguments> readOptions(const nlohmann::json& object,
                                                  const std::string& at, const base::Where& where);

} // namespace switchyard::jobs::experiment
