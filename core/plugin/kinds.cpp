#include "core/plugin/kinds.h"

#include "core/plugin/abi.h"

namespace switchyard::plugin {

std::string_view name(Kind kind) {
  switch (kind) {
  case Kind::Router:
    return "router";
  case Kind::Analyzer:
    return "analyzer";
  case Kind::Decoder:
    return "decoder";
  case Kind::Simulator:
    return "simulator";
  case Kind::Transform:
    return "transform";
  }
  return "";
}

std::optional<Kind> kindFromName(std::string_view text) {
  for (const Kind kind : kKinds)
    if (name(kind) == text)
      return kind;
  return std::nullopt;
}

const char* tableId(Kind kind) {
  switch (kind) {
  case Kind::Router:
    return SY_KIND_ROUTER;
  case Kind::Analyzer:
    return SY_KIND_ANALYZER;
  case Kind::Decoder:
    return SY_KIND_DECODER;
  case Kind::Simulator:
    return SY_KIND_SIMULATOR;
  case Kind::Transform:
    return SY_KIND_TRANSFORM;
  }
  return "";
}

} // namespace switchyard::plugin
