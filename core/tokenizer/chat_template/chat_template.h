#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "core/base/error.h"
#include "core/tokenizer/chat_template/chat_time.h"
#include "core/tokenizer/chat_template/fault.h"

namespace switchyard::tokenizer {

/// What a chat template is given. Order of keys is kept, because templates print it.
struct ChatInput {
  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  nlohmann::ordered_json tools = nullptr;     ///< a list, or null
  nlohmann::ordered_json documents = nullptr; ///< a list, or null
  bool addGenerationPrompt = false;
  /// Further names: bos_token, enable_thinking, ... An object.
  nlohmann::ordered_json variables = nlohmann::ordered_json::object();
  chat::LocalTime now; ///< of strftime_now()
};

/// The chat template of a checkpoint: the part of Jinja 2 that such templates use, rendered exactly
/// as transformers does (sandbox, trim_blocks, lstrip_blocks, loop controls, "generation", tojson
/// without HTML escapes). What is left out is refused, never rendered differently.
/// Time, memory and stack are bounded whatever the template. Immutable; copies share their content;
/// any number of threads may use one.
class ChatTemplate {
public:
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

  /// Faults: Syntax, Limit, Unsupported, with the line.
  static tl::expected<ChatTemplate, chat::Fault> parse(std::string_view source);
  /// The text of a conversation. Faults: all but Syntax as a rule, with the line.
  tl::expected<std::string, chat::Fault> render(const ChatInput& input) const;

private:
  struct Parsed;
  explicit ChatTemplate(std::shared_ptr<const Parsed> parsed) : m_parsed(std::move(parsed)) {}
  std::shared_ptr<const Parsed> m_parsed;
};

/// The fault as an error: "chat template, line 3: ...". What the template's author raises keeps its
/// text.
base::Error describeFault(const chat::Fault& fault);

} // namespace switchyard::tokenizer
