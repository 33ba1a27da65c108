#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

#include "app/jobs/analyze.h"

namespace switchyard::jobs {

/// Reads back what toJson(Analysis) (write_analysis.h) wrote: toJson of the result gives the same
/// numbers. A double that was written without a fraction comes back as an integer cell. The result
/// of an evaluation or a steering is an analysis of one result. Error InvalidFormat naming what is
/// missing or has another type.
base::Result<Analysis> parseAnalysis(const nlohmann::json& json, const base::Where& where);

/// A file, or the one in a folder, that a verb wrote with --out: analysis.json, evaluation.json or
/// steering.json; the folder of `results export`; results of an experiment, or FILE:CELL of them
/// (experiment/bundle.h). Errors: as base::readTextFile and base::parseJson, and parseAnalysis.
base::Result<Analysis> readAnalysis(const std::filesystem::path& given);

} // namespace switchyard::jobs
