#include "core/tokenizer/chat_template/chat_template.h"

#include <cmath>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/machine.h"
#include "core/tokenizer/chat_template/parser.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

using chat::Fault;
using chat::FaultKind;
using chat::Value;
using Json = nlohmann::ordered_json;

namespace {

/// level: of lists and objects around it.
Value valueOf(const Json& json, int level = 0) {
  chat::charge(1);
  if (level > chat::kMostDepth)
    chat::raise(FaultKind::Limit,
                "the conversation's lists and objects lie too deep in each other");
  switch (json.type()) {
  case Json::value_t::boolean:
    return Value(json.get<bool>());
  case Json::value_t::number_integer:
    return Value(json.get<std::int64_t>());
  case Json::value_t::number_unsigned:
    return Value(chat::Integer(json.get<std::uint64_t>()));
  case Json::value_t::number_float: {
    // The reader makes these of whole numbers beyond 64 bits, too, which print otherwise. Those of
    // more than 40 digits are no numbers that a template could hold.
    constexpr double kTwo63 = 9223372036854775808.0;
    const double number = json.get<double>();
    if (std::fabs(number) >= kTwo63 && std::fabs(number) < 1e40)
      chat::raise(FaultKind::Unsupported,
                  fmt::format("a number as large as {} in a conversation", number));
    return Value(number);
  }
  case Json::value_t::string: {
    const auto& text = json.get_ref<const std::string&>();
    if (firstInvalidByte(text))
      chat::raise(FaultKind::Type, "a text of the conversation is no well-formed UTF-8");
    chat::chargeText(text.size());
    return Value(text);
  }
  case Json::value_t::array: {
    std::vector<Value> values;
    for (const Json& item : json)
      values.push_back(valueOf(item, level + 1));
    return Value::sequence(std::move(values));
  }
  case Json::value_t::object: {
    std::vector<std::pair<Value, Value>> entries;
    for (const auto& item : json.items())
      entries.emplace_back(Value(item.key()), valueOf(item.value(), level + 1));
    return Value::dictionary(std::move(entries));
  }
  default:
    return Value();
  }
}

/// Templates know the model's thoughts by different names: the first two are always there if one
/// is.
Json withThoughts(const Json& messages) {
  Json all = messages;
  if (!all.is_array())
    return all;
  for (Json& message : all) {
    if (!message.is_object())
      continue;
    for (const char* name : {"reasoning_content", "thinking", "reasoning"}) {
      if (!message.contains(name))
        continue;
      const Json thoughts = message[name];
      for (const char* other : {"reasoning_content", "thinking"})
        if (!message.contains(other))
          message[other] = thoughts;
      break;
    }
  }
  return all;
}

std::vector<std::pair<std::string, Value>> variablesOf(const ChatInput& input) {
  std::vector<std::pair<std::string, Value>> variables;
  for (const auto& item : input.variables.items())
    variables.emplace_back(item.key(), valueOf(item.value()));
  variables.emplace_back("messages", valueOf(withThoughts(input.messages)));
  variables.emplace_back("tools", valueOf(input.tools));
  variables.emplace_back("documents", valueOf(input.documents));
  variables.emplace_back("add_generation_prompt", Value(input.addGenerationPrompt));
  return variables;
}

base::ErrorCode codeOf(FaultKind kind) {
  switch (kind) {
  case FaultKind::Syntax:
    return base::ErrorCode::InvalidFormat;
  case FaultKind::Limit:
    return base::ErrorCode::LimitExceeded;
  case FaultKind::Security:
  case FaultKind::Unsupported:
    return base::ErrorCode::Unsupported;
  default:
    return base::ErrorCode::InvalidArgument;
  }
}

} // namespace

struct ChatTemplate::Parsed {
  chat::Syntax syntax;
};

tl::expected<ChatTemplate, Fault> ChatTemplate::parse(std::string_view source) {
  if (source.size() > kMaxBytes)
    return tl::unexpected<Fault>(
        Fault{FaultKind::Limit, fmt::format("a template of more than {} bytes", kMaxBytes), 0});
  if (firstInvalidByte(source))
    return tl::unexpected<Fault>(Fault{FaultKind::Syntax, "it is no well-formed UTF-8", 0});
  chat::Budget budget;
  const chat::BudgetScope scope(budget);
  try {
    return ChatTemplate(std::make_shared<const Parsed>(Parsed{chat::parse(source)}));
  } catch (chat::FaultSignal& signal) {
    return tl::unexpected<Fault>(std::move(signal.fault));
  }
}

tl::expected<std::string, Fault> ChatTemplate::render(const ChatInput& input) const {
  chat::Budget budget;
  const chat::BudgetScope scope(budget);
  int line = 0;
  try {
    chat::Machine machine(m_parsed->syntax, input.now, variablesOf(input));
    try {
      return machine.run();
    } catch (chat::FaultSignal&) {
      line = machine.line();
      throw;
    }
  } catch (chat::FaultSignal& signal) {
    if (signal.fault.line == 0)
      signal.fault.line = line;
    return tl::unexpected<Fault>(std::move(signal.fault));
  }
}

base::Error describeFault(const Fault& fault) {
  const std::string where =
      fault.line > 0 ? fmt::format("chat template, line {}", fault.line) : "chat template";
  const char* what = fault.kind == FaultKind::Unsupported ? "this version does not support " : "";
  return {codeOf(fault.kind), fmt::format("{}: {}{}", where, what, fault.message), {}};
}

} // namespace switchyard::tokenizer
