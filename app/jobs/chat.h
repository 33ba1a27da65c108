#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "app/jobs/chat_renderer.h"
#include "core/base/error.h"
#include "core/tokenizer/chat_template/chat_template.h"

namespace switchyard::jobs {

/// The chat template of a checkpoint, with the names of its special tokens.
class Chat {
public:
  /// From chat_template.jinja, else "chat_template" in tokenizer_config.json (a text, or a list
  /// with one named "default"). Errors: NotFound for a checkpoint without one; InvalidFormat,
  /// Unsupported, LimitExceeded for a template or file that cannot be read, with file and line.
  static base::Result<Chat> load(const std::filesystem::path& modelFolder);

  /// The text of a conversation. Without "add_generation_prompt" the reply is begun unless the last
  /// message is the assistant's. Errors: InvalidFormat for another shape; the template's, with its
  /// line; what the template itself raises keeps its text.
  base::Result<std::string> render(const nlohmann::ordered_json& chat) const;

private:
  Chat(tokenizer::ChatTemplate parsed, nlohmann::ordered_json variables, std::string file)
      : m_template(std::move(parsed)), m_variables(std::move(variables)), m_file(std::move(file)) {}

  tokenizer::ChatTemplate m_template;
  nlohmann::ordered_json m_variables; ///< bos_token, eos_token, ...
  std::string m_file;
};

/// A file with a list of messages, or with an object (see kChatKeys). Errors: NotFound, Io,
/// InvalidFormat.
base::Result<nlohmann::ordered_json> readChat(const std::filesystem::path& path);
/// The text of such a file. Errors: also the renderer's.
base::Result<std::string> renderChatFile(const std::filesystem::path& path,
                                         const ChatRenderer& render);
/// One message of the user.
nlohmann::ordered_json userMessage(const std::string& text);

} // namespace switchyard::jobs
