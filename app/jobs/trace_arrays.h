#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

/// One array of an exported trace; see export_trace.h for names and shapes.
struct TraceArray {
  enum class Kind : std::uint8_t {
    Ids,
    Experts,
    Weights,
    RouterLogits,
    Norms,
    Hidden,
    LmLogits,
    Predicted,
    Figures,
    Distributions
  };
  Kind kind = Kind::Ids;
  std::int64_t sequence = 0;
  int moeLayer = 0;
  std::string name;
  bool integers = false; ///< i64, else f32
  std::vector<std::int64_t> shape;
};

/// Calls visit for every array, sequence by sequence, layer by layer. Errors: the reader's,
/// visit's.
base::Result<void> forEachArray(trace::TraceReader& reader,
                                const std::function<base::Result<void>(const TraceArray&)>& visit);

/// Gives the bytes of an array, C order, little-endian, in pieces of about 1 MiB.
base::Result<void>
streamArray(trace::TraceReader& reader, const TraceArray& array,
            const std::function<base::Result<void>(std::span<const std::byte>)>& sink);

/// Facts of the trace and a list of its sequences (id, source, labels, prompt_length, tokens,
/// rows).
base::Result<nlohmann::json> traceMetadata(trace::TraceReader& reader);

} // namespace switchyard::jobs
