// A tokenizer.json and a text for it. Input: the file; from the first NUL byte on, if there is one,
// text to encode beside the fixed samples.

#include <array>
#include <cstdint>
#include <string_view>

#include "core/tokenizer/tokenizer.h"
#include "tests/fuzz/require.h"

using namespace switchyard;

namespace {

void encode(const tokenizer::Tokenizer& tokenizer, std::string_view text) {
  for (const bool addTemplate : {false, true}) {
    const auto ids = tokenizer.encode(text, {.addTemplate = addTemplate});
    if (!ids)
      continue;
    for (const base::TokenId id : *ids)
      tests::require(id.value >= 0 && id.value < tokenizer.idLimit(), "ids lie below idLimit()");
    (void)tokenizer.decode(*ids, addTemplate);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view json = input.substr(0, input.find('\0'));
  const auto tokenizer = tokenizer::Tokenizer::fromJson(json, "fuzz");
  if (!tokenizer)
    return 0;
  constexpr std::array<std::string_view, 4> kSamples = {
      "", "Hello, world! It's 1234567 o'clock.\n\n  for i in range(10):\t  pass  ",
      "na\u00efve \u65e5\u672c\u8a9e \U0001F600 e\u0301 \u00a0\u200b<|endoftext|>",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
  for (const std::string_view text : kSamples)
    encode(*tokenizer, text);
  if (json.size() < input.size())
    encode(*tokenizer, input.substr(json.size() + 1));
  for (std::int32_t id = -1; id <= tokenizer->idLimit() && id < 300; ++id) {
    (void)tokenizer->token(base::TokenId(id));
    (void)tokenizer->bytes(base::TokenId(id));
  }
  return 0;
}
