#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace switchyard::tokenizer::chat {

/// Why a chat template was not rendered.
enum class FaultKind : std::uint8_t {
  Syntax,    ///< the template is no valid Jinja, or names a filter, test or tag that Jinja has not
  Undefined, ///< something that is missing was used
  Type,      ///< an operation does not fit its values
  Security,  ///< what the sandbox forbids: changing lists, Python's internals
  Limit,     ///< steps, depth, sizes or numbers beyond the bounds
  Raised,    ///< the template called raise_exception(); the message is its author's
  Unsupported, ///< valid Jinja that this subset leaves out
};

/// Stable lower-case name ("undefined").
const char* name(FaultKind kind);

/// A failure of a template, with its line from 1 (0: not at a line).
struct Fault {
  FaultKind kind = FaultKind::Syntax;
  std::string message{};
  int line = 0;
};

/// Carries a fault to parse() or render(), which turn it into a value: never leaves this folder.
struct FaultSignal {
  Fault fault;
};

[[noreturn]] inline void raise(FaultKind kind, std::string message, int line = 0) {
  throw FaultSignal{{kind, std::move(message), line}};
}

} // namespace switchyard::tokenizer::chat
