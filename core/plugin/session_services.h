#pragma once

#include <cstdint>
#include <vector>

#include "core/plugin/abi.h"
#include "core/plugin/status.h"
#include "core/session/decoder.h"

namespace switchyard::plugin {

/// A DecodeHost as a C table, with its arguments checked. Without a host every call fails. Does not
/// move.
class SessionServices {
public:
  SessionServices();
  SessionServices(const SessionServices&) = delete;
  SessionServices& operator=(const SessionServices&) = delete;

  const sy_session_services* table() const { return &m_table; }
  /// The host that calls go to from now on.
  void attach(session::DecodeHost& host);

private:
  template <typename Body> static sy_status with(void* context, sy_error* error, Body&& body);
  /// The same for calls that return a value.
  template <typename T, typename Body>
  static sy_status give(void* context, T* out, sy_error* error, Body&& body);
  static sy_status tokenLogits(void* context, std::int32_t branch, const std::int32_t* tokens,
                               std::int64_t count, float* logits, sy_error* error);
  static sy_status gradient(void* context, const std::int32_t* tokens, std::int64_t count,
                            std::int32_t recipe, const float* offsets, float* gradient,
                            double* loss, sy_error* error);
  static sy_status gradientRouting(void* context, const std::int32_t* tokens, std::int64_t count,
                                   std::int32_t recipe, const float* offsets, float* gradient,
                                   double* loss, const sy_context_routing* routing,
                                   sy_error* error);
  base::Result<void> runSteps(session::DecodeHost& host, const sy_branch_step* const* steps,
                              std::uint32_t count);

  sy_session_services m_table{};
  session::DecodeHost* m_host = nullptr;
  // Buffers of a call.
  std::vector<session::BranchStep> m_steps;
  std::vector<base::TokenId> m_tokens;
};

} // namespace switchyard::plugin
