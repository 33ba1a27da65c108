#pragma once

/// Everything a plugin author needs, header-only and free of other Switchyard libraries: derive
/// from Router, Analyzer, Simulator, Decoder or Transform, throw Failure (or anything) on errors,
/// and end one source file with SY_PLUGIN(id, version, Classes...). A class has a constructor from
/// (const Options&) or (const Host&, const Options&).
#include "core/plugin/sdk/analyzer.hpp"
#include "core/plugin/sdk/decoder.hpp"
#include "core/plugin/sdk/entry.hpp"
#include "core/plugin/sdk/router.hpp"
#include "core/plugin/sdk/simulator.hpp"
#include "core/plugin/sdk/transform.hpp"
