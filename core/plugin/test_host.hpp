#pragma once

/// A small host for a plugin's own tests: opens its library, drives its kinds with made-up input
/// and collects results. Header-only; needs no Switchyard library. Throws std::runtime_error on
/// anything that goes wrong, with the plugin's own sentence.
#include "core/plugin/sdk/test_blocks.hpp"
#include "core/plugin/sdk/test_decoder.hpp"
#include "core/plugin/sdk/test_router.hpp"
#include "core/plugin/sdk/test_transform.hpp"
