#include "core/base/error.h"

#include <fmt/format.h>

namespace switchyard::base {

std::string_view name(ErrorCode code) {
  switch (code) {
  case ErrorCode::InvalidArgument:
    return "invalid-argument";
  case ErrorCode::NotFound:
    return "not-found";
  case ErrorCode::Io:
    return "io";
  case ErrorCode::InvalidFormat:
    return "invalid-format";
  case ErrorCode::Unsupported:
    return "unsupported";
  case ErrorCode::LimitExceeded:
    return "limit-exceeded";
  case ErrorCode::Corrupt:
    return "corrupt";
  case ErrorCode::NonFinite:
    return "non-finite";
  case ErrorCode::Cancelled:
    return "cancelled";
  case ErrorCode::Internal:
    return "internal";
  }
  return "internal";
}

std::string Where::describe() const {
  std::string text = file;
  const auto append = [&text](const std::string& part) {
    text += text.empty() ? "" : ": ";
    text += part;
  };
  if (!tensor.empty())
    append(fmt::format("tensor '{}'", tensor));
  if (layer)
    append(fmt::format("layer {}", layer->value));
  if (token)
    append(fmt::format("token {}", token->value));
  return text;
}

std::string Error::describe() const {
  const std::string place = where.describe();
  return place.empty() ? message : place + ": " + message;
}

} // namespace switchyard::base
