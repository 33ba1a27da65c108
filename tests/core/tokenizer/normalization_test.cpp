#include "core/tokenizer/normalization_form.h"

#include <cstdlib>
#include <memory>

#include <gtest/gtest.h>
#include <utf8proc.h>

#include "core/base/rng.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {
namespace {

std::string whole(const std::string& text, bool compatibility) {
  int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
  if (compatibility)
    options |= UTF8PROC_COMPAT;
  utf8proc_uint8_t* result = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &result,
                                   static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(result, std::free);
  EXPECT_GE(length, 0);
  return std::string(reinterpret_cast<const char*>(result), static_cast<std::size_t>(length));
}

char32_t randomCharacter(base::Rng& rng) {
  // Ranges with letters, marks, Hangul syllables and jamo, composites, compatibility forms.
  constexpr std::pair<char32_t, char32_t> kRanges[] = {
      {0x20, 0x7F},       {0xC0, 0x250},     {0x300, 0x370},    {0x370, 0x460},
      {0x590, 0x6E0},     {0x900, 0xE00},    {0x1000, 0x1200},  {0x1100, 0x1200},
      {0x1AB0, 0x1B40},   {0x1DC0, 0x2000},  {0x2000, 0x2300},  {0x3040, 0x3400},
      {0xAC00, 0xAC80},   {0xF900, 0xFB50},  {0xFE20, 0x10000}, {0x110A0, 0x11140},
      {0x1D150, 0x1D1F0}, {0x2F800, 0x2FA20}};
  const auto& range = kRanges[rng.nextBelow(std::size(kRanges))];
  return static_cast<char32_t>(range.first + rng.nextBelow(range.second - range.first));
}

TEST(NormalizationForm, PartByPartEqualsTheWholeTextAtOnce) {
  base::Rng rng(11);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = rng.nextBelow(12); i-- > 0;)
      appendCodePoint(text, randomCharacter(rng));
    std::string composed = text;
    toNfc(composed);
    ASSERT_EQ(composed, whole(text, false)) << round;
    std::string compatible = text;
    toNfkc(compatible);
    ASSERT_EQ(compatible, whole(text, true)) << round;
  }
}

TEST(NormalizationForm, EveryCharacterAloneAndAfterALetter) {
  for (char32_t c = 1; c < 0x30000; ++c) {
    if (c >= 0xD800 && c < 0xE000)
      continue;
    for (const char* before : {"", "e"}) {
      std::string text = before;
      appendCodePoint(text, c);
      const std::string original = text;
      toNfc(text);
      ASSERT_EQ(text, whole(original, false)) << static_cast<unsigned>(c);
    }
  }
}

TEST(NormalizationForm, KnownCases) {
  const auto nfc = [](std::string text) {
    toNfc(text);
    return text;
  };
  EXPECT_EQ(nfc("e\u0301x"), "\u00E9x");
  EXPECT_EQ(nfc("\u1100\u1161\u11A8"), "\uAC01");
  EXPECT_EQ(nfc("\u212B"), "\u00C5");
  EXPECT_EQ(nfc("a\u0315\u0300"), "\u00E0\u0315") << "marks are ordered first";
  EXPECT_EQ(nfc("\u0958"), "\u0915\u093C") << "excluded from composition";
  std::string ligature = "\uFB01\u2460";
  toNfkc(ligature);
  EXPECT_EQ(ligature, "fi1");
}

} // namespace
} // namespace switchyard::tokenizer
