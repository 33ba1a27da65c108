#include "core/plugin/status.h"

#include <array>
#include <utility>

namespace switchyard::plugin {

namespace {

constexpr std::array<std::pair<sy_status, base::ErrorCode>, 10> kCodes = {{
    {SY_INVALID_ARGUMENT, base::ErrorCode::InvalidArgument},
    {SY_NOT_FOUND, base::ErrorCode::NotFound},
    {SY_IO, base::ErrorCode::Io},
    {SY_INVALID_FORMAT, base::ErrorCode::InvalidFormat},
    {SY_UNSUPPORTED, base::ErrorCode::Unsupported},
    {SY_LIMIT_EXCEEDED, base::ErrorCode::LimitExceeded},
    {SY_CORRUPT, base::ErrorCode::Corrupt},
    {SY_NON_FINITE, base::ErrorCode::NonFinite},
    {SY_CANCELLED, base::ErrorCode::Cancelled},
    {SY_INTERNAL, base::ErrorCode::Internal},
}};

} // namespace

base::ErrorCode codeOf(sy_status status) {
  for (const auto& [own, code] : kCodes)
    if (own == status)
      return code;
  return base::ErrorCode::Internal;
}

sy_status statusOf(base::ErrorCode code) {
  for (const auto& [own, known] : kCodes)
    if (known == code)
      return own;
  return SY_INTERNAL;
}

void setMessage(sy_error* error, std::string_view message) {
  if (error == nullptr || error->struct_size < sizeof(sy_error))
    return;
  error->message[message.copy(error->message, sizeof(error->message) - 1)] = '\0';
}

sy_status giveError(sy_error* to, const base::Error& error) {
  setMessage(to, error.describe());
  return statusOf(error.code);
}

} // namespace switchyard::plugin
