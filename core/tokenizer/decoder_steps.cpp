#include "core/tokenizer/decoder_steps.h"

#include <optional>

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

namespace {

class Append : public TokenSink {
public:
  explicit Append(std::string& out) : m_out(out) {}
  void token(std::string_view text) override { m_out += text; }
  void finish() override {}

private:
  std::string& m_out;
};

class Step : public TokenSink {
public:
  explicit Step(TokenSink& next) : m_next(next) {}
  void finish() override { m_next.finish(); }

protected:
  TokenSink& m_next;
};

class Join : public Step {
public:
  using Step::Step;
  void token(std::string_view text) override {
    if (m_started)
      m_next.token(" ");
    m_started = true;
    m_next.token(text);
  }

private:
  bool m_started = false;
};

class Gather : public Step {
public:
  using Step::Step;
  void token(std::string_view text) override { m_whole += text; }
  void finish() override {
    m_next.token(m_whole);
    m_next.finish();
  }

private:
  std::string m_whole;
};

class ByteLevel : public Step {
public:
  using Step::Step;
  void token(std::string_view text) override {
    m_bytes.clear();
    appendBehindByteCharacters(m_bytes, text);
    m_text.clear();
    m_utf8.add(m_bytes, m_text);
    m_next.token(m_text);
  }
  void finish() override {
    m_text.clear();
    m_utf8.finish(m_text);
    m_next.token(m_text);
    m_next.finish();
  }

private:
  LossyUtf8 m_utf8;
  std::string m_bytes;
  std::string m_text;
};

class ReplaceText : public Step {
public:
  ReplaceText(TokenSink& next, std::string text, std::string content)
      : Step(next), m_text(std::move(text)), m_content(std::move(content)) {}
  void token(std::string_view text) override {
    m_out.clear();
    std::size_t shown = 0;
    for (std::size_t at = text.find(m_text); at != std::string_view::npos;
         at = text.find(m_text, shown)) {
      m_out += text.substr(shown, at - shown);
      m_out += m_content;
      shown = at + m_text.size();
    }
    m_out += text.substr(shown);
    m_next.token(m_out);
  }

private:
  std::string m_text;
  std::string m_content;
  std::string m_out;
};

class ByteFallback : public Step {
public:
  using Step::Step;
  void token(std::string_view text) override {
    if (const auto byte = byteOf(text)) {
      m_bytes.push_back(*byte);
      return;
    }
    flush();
    m_next.token(text);
  }
  void finish() override {
    flush();
    m_next.finish();
  }

private:
  static std::optional<char> byteOf(std::string_view text) {
    if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>')
      return std::nullopt;
    int value = 0;
    for (const char c : text.substr(3, 2)) {
      const char lower = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9')
        value = value * 16 + (c - '0');
      else if (lower >= 'a' && lower <= 'f')
        value = value * 16 + (lower - 'a' + 10);
      else
        return std::nullopt;
    }
    return static_cast<char>(value);
  }
  void flush() {
    if (m_bytes.empty())
      return;
    if (!firstInvalidByte(m_bytes))
      m_next.token(m_bytes);
    else
      for (std::size_t i = 0; i < m_bytes.size(); ++i)
        m_next.token("\uFFFD");
    m_bytes.clear();
  }
  std::string m_bytes;
};

/// `text` without at most `most` times `content` at its start; counts down `most`.
std::string_view withoutStart(std::string_view text, char32_t content, std::size_t& most) {
  while (most > 0 && !text.empty() && codePointAt(text, 0).value == content) {
    text.remove_prefix(codePointAt(text, 0).bytes);
    --most;
  }
  return text;
}

class Strip : public Step {
public:
  Strip(TokenSink& next, char32_t content, std::size_t start, std::size_t stop)
      : Step(next), m_content(content), m_start(start), m_stop(stop) {}
  void token(std::string_view text) override {
    std::size_t start = m_start;
    text = withoutStart(text, m_content, start);
    for (std::size_t i = 0; i < m_stop && !text.empty(); ++i) {
      const CodePoint last = codePointBefore(text, text.size());
      if (last.value != m_content)
        break;
      text.remove_suffix(last.bytes);
    }
    m_next.token(text);
  }

private:
  char32_t m_content;
  std::size_t m_start;
  std::size_t m_stop;
};

class StripFusedStart : public Step {
public:
  StripFusedStart(TokenSink& next, char32_t content, std::size_t start)
      : Step(next), m_content(content), m_left(start) {}
  void token(std::string_view text) override {
    text = withoutStart(text, m_content, m_left);
    if (!text.empty())
      m_left = 0;
    m_next.token(text);
  }

private:
  char32_t m_content;
  std::size_t m_left;
};

class MetaspaceText : public Step {
public:
  MetaspaceText(TokenSink& next, const Metaspace& options)
      : Step(next), m_dropping(options.scheme != PrependScheme::Never) {
    appendCodePoint(m_mark, options.replacement);
  }
  void token(std::string_view text) override {
    m_out.clear();
    std::size_t shown = 0;
    for (std::size_t at = text.find(m_mark); at != std::string_view::npos;
         at = text.find(m_mark, shown)) {
      m_out += text.substr(shown, at - shown);
      if (!m_dropping)
        m_out += ' ';
      shown = at + m_mark.size();
    }
    m_out += text.substr(shown);
    m_dropping = false;
    m_next.token(m_out);
  }

private:
  bool m_dropping; // while in the first token
  std::string m_mark;
  std::string m_out;
};

} // namespace

std::unique_ptr<TokenSink> appendTo(std::string& out) {
  return std::make_unique<Append>(out);
}
std::unique_ptr<TokenSink> joinWithSpaces(TokenSink& next) {
  return std::make_unique<Join>(next);
}
std::unique_ptr<TokenSink> gather(TokenSink& next) {
  return std::make_unique<Gather>(next);
}
std::unique_ptr<TokenSink> byteLevel(TokenSink& next) {
  return std::make_unique<ByteLevel>(next);
}
std::unique_ptr<TokenSink> replace(TokenSink& next, std::string text, std::string content) {
  return std::make_unique<ReplaceText>(next, std::move(text), std::move(content));
}
std::unique_ptr<TokenSink> byteFallback(TokenSink& next) {
  return std::make_unique<ByteFallback>(next);
}
std::unique_ptr<TokenSink> strip(TokenSink& next, char32_t content, std::size_t start,
                                 std::size_t stop) {
  return std::make_unique<Strip>(next, content, start, stop);
}
std::unique_ptr<TokenSink> stripFusedStart(TokenSink& next, char32_t content, std::size_t start) {
  return std::make_unique<StripFusedStart>(next, content, start);
}
std::unique_ptr<TokenSink> metaspace(TokenSink& next, const Metaspace& options) {
  return std::make_unique<MetaspaceText>(next, options);
}

} // namespace switchyard::tokenizer
