#include "app/jobs/token_classes.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace switchyard::jobs {

namespace {

bool isBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool isLetter(char c) {
  return isUpper(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}
bool isSign(char c) {
  return c > ' ' && c != 0x7F && !isDigit(c) && !isLetter(c);
}

std::string_view trimmed(std::string_view bytes) {
  while (!bytes.empty() && isBlank(bytes.front()))
    bytes.remove_prefix(1);
  return bytes;
}

bool all(std::string_view bytes, bool (*is)(char)) {
  return !bytes.empty() && std::ranges::all_of(bytes, is);
}

struct Class {
  std::string_view name;
  bool (*holds)(std::string_view bytes);
};
constexpr std::array<Class, 6> kClasses{{
    {"digits", [](std::string_view bytes) { return all(trimmed(bytes), isDigit); }},
    {"letters", [](std::string_view bytes) { return all(trimmed(bytes), isLetter); }},
    {"uppercase",
     [](std::string_view bytes) {
       return all(trimmed(bytes), isLetter) && isUpper(trimmed(bytes).front());
     }},
    {"punctuation", [](std::string_view bytes) { return all(trimmed(bytes), isSign); }},
    {"whitespace", [](std::string_view bytes) { return all(bytes, isBlank); }},
    {"newline", [](std::string_view bytes) { return bytes.find('\n') != std::string_view::npos; }},
}};

} // namespace

base::Result<std::vector<std::int32_t>> tokenClass(const tokenizer::Tokenizer& tokenizer,
                                                   std::string_view name) {
  const auto found = std::ranges::find(kClasses, name, &Class::name);
  if (found == kClasses.end() && name != "special")
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("there is no token class \"{}\"; choose from digits, letters, "
                                  "uppercase, punctuation, whitespace, newline, special",
                                  name));
  std::vector<std::int32_t> ids;
  for (std::int32_t id = 0; id < tokenizer.idLimit(); ++id) {
    const base::TokenId token(id);
    const bool special = tokenizer.isSpecial(token);
    if (found == kClasses.end() ? special : !special && found->holds(tokenizer.bytes(token)))
      ids.push_back(id);
  }
  return ids;
}

} // namespace switchyard::jobs
