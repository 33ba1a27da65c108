#include "core/tokenizer/regex_syntax.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include <fmt/format.h>

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kMaxPattern = 64u << 10;
// Class contents without the brackets.
constexpr std::string_view kSpace = R"(\x09-\x0d\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028})"
                                    R"(\x{2029}\x{202f}\x{205f}\x{3000})";
constexpr std::string_view kWord = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{200c}\x{200d})";
constexpr std::string_view kHex = "0-9a-fA-F";
constexpr std::array kCategories = {"C",  "Cc", "Cf", "Cn", "Co", "Cs", "L",  "Ll", "Lm", "Lo",
                                    "Lt", "Lu", "M",  "Mc", "Me", "Mn", "N",  "Nd", "Nl", "No",
                                    "P",  "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S",  "Sc",
                                    "Sk", "Sm", "So", "Z",  "Zl", "Zp", "Zs"};
constexpr std::array kProperties = {"Any", "Alphabetic", "Lowercase", "Uppercase", "White_Space"};
constexpr std::array kPosixClasses = {"alpha", "digit", "upper", "lower", "cntrl", "xdigit"};

template <typename Names> bool isOneOf(const Names& names, std::string_view name) {
  return std::ranges::any_of(names, [&](std::string_view known) { return known == name; });
}

class Translator {
public:
  explicit Translator(std::string_view pattern) : m_in(pattern) {}

  Result<std::string> run() {
    while (m_at < m_in.size()) {
      const char c = m_in[m_at];
      if (c == '\\')
        SY_TRY(escape(false));
      else if (c == '[')
        SY_TRY(characterClass());
      else if (c == '(')
        SY_TRY(group());
      else if (c == '{')
        SY_TRY(interval());
      else
        copy(1);
    }
    return std::move(m_out);
  }

private:
  bool at(std::string_view text) const { return m_in.substr(m_at).starts_with(text); }
  void copy(std::size_t bytes) {
    m_out += m_in.substr(m_at, bytes);
    m_at += bytes;
  }
  void replace(std::size_t bytes, std::string_view text) {
    m_out += text;
    m_at += bytes;
  }
  tl::unexpected<base::Error> refuse(std::string_view construct) const {
    return fail(
        ErrorCode::Unsupported,
        fmt::format("{} in the regular expression (byte {}) is not supported", construct, m_at));
  }

  Result<void> group() {
    if (at("(*"))
      return refuse("a verb \"(*\"");
    if (!at("(?")) {
      copy(1);
      return {};
    }
    for (const std::string_view open : {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"})
      if (at(open)) {
        copy(open.size());
        return {};
      }
    if (at("(?i:") || at("(?-i:")) {
      copy(m_in.find(':', m_at) + 1 - m_at);
      return {};
    }
    // An option without its own group reaches to the end of its group, over "|"; the engines agree
    // on that only at the very beginning.
    if (at("(?i)") && m_at == 0) {
      copy(4);
      return {};
    }
    return refuse(fmt::format("the group \"{}\"", m_in.substr(m_at, 4)));
  }

  Result<void> interval() {
    std::size_t end = m_at + 1;
    while (end < m_in.size() &&
           (std::isdigit(static_cast<unsigned char>(m_in[end])) || m_in[end] == ','))
      ++end;
    const std::string_view body = m_in.substr(m_at + 1, end - m_at - 1);
    if (end >= m_in.size() || m_in[end] != '}' || body.empty() || body == "," ||
        std::ranges::count(body, ',') > 1) {
      m_out += "\\{";
      ++m_at;
      return {};
    }
    const char next = end + 1 < m_in.size() ? m_in[end + 1] : '\0';
    if (next == '+')
      return refuse("\"+\" after an interval");
    if (next == '?' && body.find(',') == std::string_view::npos)
      return refuse("\"?\" after a fixed interval");
    if (body.starts_with(','))
      m_out += fmt::format("{{0{}}}", body);
    else
      m_out += m_in.substr(m_at, end + 1 - m_at);
    m_at = end + 1;
    return {};
  }

  Result<void> characterClass() {
    copy(1);
    if (at("^"))
      copy(1);
    if (at("]"))
      replace(1, "\\]");
    while (m_at < m_in.size() && m_in[m_at] != ']') {
      if (at("&&"))
        return refuse("class intersection \"&&\"");
      if (at("[:"))
        SY_TRY(posixClass());
      else if (at("["))
        return refuse("a class inside a class");
      else if (at("\\"))
        SY_TRY(escape(true));
      else
        copy(1);
    }
    if (m_at >= m_in.size())
      return fail(ErrorCode::InvalidFormat, "a character class in the regular expression is not "
                                            "closed");
    copy(1);
    return {};
  }

  Result<void> posixClass() {
    const std::size_t end = m_in.find(":]", m_at);
    if (end == std::string_view::npos)
      return refuse("a class inside a class");
    const std::string_view name = m_in.substr(m_at + 2, end - m_at - 2);
    const std::size_t bytes = end + 2 - m_at;
    if (name == "space")
      replace(bytes, kSpace);
    else if (name == "word")
      replace(bytes, kWord);
    else if (isOneOf(kPosixClasses, name))
      copy(bytes);
    else
      return refuse(fmt::format("the class \"[:{}:]\"", name));
    return {};
  }

  Result<void> escape(bool inClass) {
    if (m_at + 1 >= m_in.size())
      return fail(ErrorCode::InvalidFormat, "the regular expression ends with a backslash");
    const char c = m_in[m_at + 1];
    const auto set = [&](std::string_view content, bool negated) {
      replace(2,
              inClass ? std::string(content) : fmt::format("[{}{}]", negated ? "^" : "", content));
      return Result<void>();
    };
    switch (c) {
    case 's':
      return set(kSpace, false);
    case 'S':
      // Inside a class: everything PCRE2 calls non-space, and the one character it hides.
      return inClass ? set(R"(\S\x{180e})", false) : set(kSpace, true);
    case 'w':
      return set(kWord, false);
    case 'W':
      return inClass ? Result<void>(refuse("\"\\W\" in a class")) : set(kWord, true);
    case 'h':
      return set(kHex, false);
    case 'H':
      return inClass ? Result<void>(refuse("\"\\H\" in a class")) : set(kHex, true);
    case 'b':
      if (inClass)
        replace(2, "\\x08");
      else
        replace(2, fmt::format("(?:(?<=[{0}])(?![{0}])|(?<![{0}])(?=[{0}]))", kWord));
      return {};
    case 'B':
      if (inClass)
        return refuse("\"\\B\" in a class");
      replace(2, fmt::format("(?:(?<=[{0}])(?=[{0}])|(?<![{0}])(?![{0}]))", kWord));
      return {};
    case 'v':
      replace(2, "\\x0b");
      return {};
    case 'n':
    case 'r':
    case 't':
    case 'f':
    case 'a':
    case 'e':
    case 'd':
    case 'D':
      copy(2);
      return {};
    case 'A':
    case 'z':
    case 'Z':
      if (inClass)
        break;
      copy(2);
      return {};
    case 'p':
    case 'P':
      return property();
    case 'x':
    case 'u':
      return codePoint();
    default:
      // Any ASCII that is no letter or digit stands for itself; so does the start of a UTF-8
      // character, written without the backslash.
      if (static_cast<unsigned char>(c) >= 0x80) {
        ++m_at;
        return {};
      }
      if (!std::isalnum(static_cast<unsigned char>(c))) {
        copy(2);
        return {};
      }
    }
    return refuse(fmt::format("\"\\{}\"{}", c, inClass ? " in a class" : ""));
  }

  Result<void> property() {
    const std::size_t end = m_in.find('}', m_at);
    if (m_at + 2 >= m_in.size() || m_in[m_at + 2] != '{' || end == std::string_view::npos)
      return refuse("\"\\p\" without {}");
    std::string_view name = m_in.substr(m_at + 3, end - m_at - 3);
    bool negated = m_in[m_at + 1] == 'P';
    if (name.starts_with('^')) {
      negated = !negated;
      name.remove_prefix(1);
    }
    const bool plain = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
      return std::isalpha(c) != 0 || c == '_';
    });
    if (!plain)
      return refuse(fmt::format("the property \"{}\"", name));
    const bool known = isOneOf(kCategories, name) || isOneOf(kProperties, name);
    replace(end + 1 - m_at,
            fmt::format("\\{}{{{}{}}}", negated ? 'P' : 'p', known ? "" : "sc:", name));
    return {};
  }

  Result<void> codePoint() {
    const bool braces = m_in[m_at + 1] == 'x' && m_at + 2 < m_in.size() && m_in[m_at + 2] == '{';
    std::size_t end = m_at + (braces ? 3 : 2);
    const std::size_t start = end;
    const std::size_t most = braces ? 8 : m_in[m_at + 1] == 'u' ? 4 : 2;
    unsigned value = 0;
    while (end < m_in.size() && end - start < most &&
           std::isxdigit(static_cast<unsigned char>(m_in[end])) != 0) {
      const char digit = m_in[end++];
      value =
          value * 16 + static_cast<unsigned>(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
    }
    const bool closed = !braces || (end < m_in.size() && m_in[end] == '}');
    const bool full = m_in[m_at + 1] != 'u' || end - start == 4;
    const bool scalar = value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    // \xHH above 7F is a byte to Oniguruma and a code point to PCRE2.
    const bool byte = m_in[m_at + 1] == 'x' && !braces && value > 0x7F;
    if (end == start || !closed || !full || !scalar || byte)
      return refuse(fmt::format("the escape \"{}\"", m_in.substr(m_at, end - m_at)));
    replace(end + (braces ? 1 : 0) - m_at, fmt::format("\\x{{{:x}}}", value));
    return {};
  }

  std::string_view m_in;
  std::size_t m_at = 0;
  std::string m_out;
};

} // namespace

Result<std::string> toPcreSyntax(std::string_view pattern) {
  if (pattern.size() > kMaxPattern)
    return fail(ErrorCode::LimitExceeded,
                fmt::format("a regular expression of {} bytes; at most {} are accepted",
                            pattern.size(), kMaxPattern));
  return Translator(pattern).run();
}

} // namespace switchyard::tokenizer
