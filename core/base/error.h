#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "core/base/ids.h"

namespace switchyard::base {

/// What kind of failure this is; the CLI maps each to an exit code (see exitCode()).
enum class ErrorCode : std::uint8_t {
  InvalidArgument, ///< an option or call argument is wrong
  NotFound,        ///< a file, tensor or name does not exist
  Io,              ///< the operating system refused a read or write
  InvalidFormat,   ///< a file's content breaks its format
  Unsupported,     ///< valid, but outside what this version handles; the message names it
  LimitExceeded,   ///< a size, count or memory bound would be passed
  Corrupt,         ///< stored data fails its checksum
  NonFinite,       ///< NaN or infinity where a finite number is required
  Cancelled,       ///< the caller asked to stop
  Internal,        ///< a bug of ours
};

/// Stable lower-case name ("invalid-format"), used in JSON output and tests.
std::string_view name(ErrorCode code);

/// Where a failure happened. Every part is optional; describe() joins those that are set.
struct Where {
  std::string file{};
  std::string tensor{};
  std::optional<LayerId> layer{};
  std::optional<TokenPos> token{};

  /// "model.safetensors: tensor 'x': layer 3: token 7", or "" when nothing is set.
  std::string describe() const;
};

/// A failure as a value: one clear sentence of what went wrong and what to do, and where.
struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message{};
  Where where{};

  /// "<where>: <message>"; just the message when nowhere is set.
  std::string describe() const;
};

template <typename T> using Result = tl::expected<T, Error>;

/// Shorthand for returning a failure: `return fail(ErrorCode::NotFound, "...", {.file = path});`
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, Where where = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(where)});
}

} // namespace switchyard::base

/// Yields the value of a Result expression or returns its error: `auto x = SY_TRY(parse(text));`.
/// Never in braces behind a member that owns something: compilers leak it when the macro returns.
#define SY_TRY(expression)                                                                         \
  __extension__({                                                                                  \
    auto syTryResult_ = (expression);                                                              \
    if (!syTryResult_)                                                                             \
      return tl::unexpected<::switchyard::base::Error>(std::move(syTryResult_).error());           \
    ::switchyard::base::detail::unwrap(std::move(syTryResult_));                                   \
  })

namespace switchyard::base::detail {
template <typename T> T unwrap(Result<T>&& result) {
  return std::move(*result);
}
inline void unwrap(Result<void>&&) {}
} // namespace switchyard::base::detail
