#pragma once

#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/plugin/abi.h"

/// Hidden, so that two plugins never share a static of the SDK.
#define SY_SDK_NAMESPACE_BEGIN                                                                     \
  namespace switchyard {                                                                           \
  namespace [[gnu::visibility("hidden")]] sdk {
#define SY_SDK_NAMESPACE_END                                                                       \
  }                                                                                                \
  }

SY_SDK_NAMESPACE_BEGIN

/// Thrown by plugin code to fail with one clear sentence: what, where, what to do.
class Failure : public std::runtime_error {
public:
  Failure(sy_status status, const std::string& message)
      : std::runtime_error(message), m_status(status) {}
  explicit Failure(const std::string& message) : Failure(SY_INVALID_ARGUMENT, message) {}
  sy_status status() const { return m_status; }

private:
  sy_status m_status;
};

/// Copies a message into the caller's buffer, cut to fit.
inline void setMessage(sy_error* error, std::string_view message) noexcept {
  if (error == nullptr || error->struct_size < sizeof(sy_error))
    return;
  const std::size_t size =
      message.size() < sizeof(error->message) ? message.size() : sizeof(error->message) - 1;
  std::memcpy(error->message, message.data(), size);
  error->message[size] = '\0';
}

/// Runs author code at the edge: no exception gets past it.
template <typename Body> sy_status guarded(sy_error* error, Body&& body) noexcept {
  try {
    body();
    return SY_OK;
  } catch (const Failure& failure) {
    setMessage(error, failure.what());
    return failure.status() == SY_OK ? SY_INTERNAL : failure.status();
  } catch (const std::bad_alloc&) {
    setMessage(error, "out of memory");
    return SY_LIMIT_EXCEEDED;
  } catch (const std::exception& exception) {
    setMessage(error, exception.what());
    return SY_INTERNAL;
  } catch (...) {
    setMessage(error, "unknown exception");
    return SY_INTERNAL;
  }
}

/// A fresh error buffer for a call to the host.
inline sy_error makeError() {
  sy_error error{};
  error.struct_size = sizeof(sy_error);
  return error;
}

/// Throws what a call to the host reported.
inline void check(sy_status status, const sy_error& error) {
  if (status != SY_OK)
    throw Failure(status, error.message);
}

inline std::string_view view(sy_text text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

SY_SDK_NAMESPACE_END
