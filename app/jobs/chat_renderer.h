#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"

namespace switchyard::jobs {

/// A conversation as a row of a prompt set or a file has it: "messages" (a list of objects with
/// "role"), and perhaps "tools", "documents", "add_generation_prompt", and "chat_template_kwargs"
/// (an object of further names for the template).
inline constexpr std::string_view kChatKeys[] = {"messages", "tools", "documents",
                                                 "add_generation_prompt", "chat_template_kwargs"};

/// The text that a model's chat template makes of such an object. Keys keep their order.
using ChatRenderer = std::function<base::Result<std::string>(const nlohmann::ordered_json& chat)>;

/// Loads the template when the first conversation asks for it, so that checkpoints without one run
/// plain texts. Copies share it. Used by one thread at a time.
ChatRenderer chatRenderer(std::filesystem::path modelFolder);

} // namespace switchyard::jobs
