#include "app/studio/live/token_texts.h"

#include <algorithm>

#include "app/studio/theme/theme.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::studio {

namespace {

QString shown(std::string_view bytes) {
  QString text;
  while (!bytes.empty()) {
    const std::size_t good = tokenizer::firstInvalidByte(bytes).value_or(bytes.size());
    text += QString::fromUtf8(bytes.data(), static_cast<qsizetype>(good));
    bytes.remove_prefix(good);
    if (!bytes.empty()) {
      text += QString("<%1>")
                  .arg(static_cast<unsigned char>(bytes.front()), 2, 16, QChar('0'))
                  .toUpper();
      bytes.remove_prefix(1);
    }
  }
  text.replace("\r", "").replace('\n', QChar(0x23CE)).replace('\t', QChar(0x21E5));
  return text;
}

} // namespace

const QString& TokenTexts::piece(std::int32_t token) const {
  const auto known = m_pieces.constFind(token);
  if (known != m_pieces.constEnd())
    return *known;
  QString text;
  if (m_tokenizer)
    text = shown(m_tokenizer->bytes(base::TokenId(token)));
  if (text.isEmpty())
    text = QString("#%1").arg(token);
  return *m_pieces.insert(token, text);
}

QString TokenTexts::quoted(std::int32_t token) const {
  return QString("\u201C%1\u201D").arg(piece(token));
}

QString TokenTexts::chip(std::int32_t token) const {
  QString text = piece(token);
  if (text.startsWith(' '))
    text[0] = QChar(0x2423);
  if (text.endsWith(' '))
    text[text.size() - 1] = QChar(0x2423);
  return text;
}

std::shared_ptr<const tokenizer::Tokenizer> openTokenizer(const Document& document,
                                                          const std::string& modelPath) {
  for (const ItemKey key : document.keys(ItemKind::Model))
    if (const Item* model = document.item(key);
        model->loaded && model->path.toStdString() == modelPath)
      return model->loaded->tokenizer;
  return nullptr;
}

} // namespace switchyard::studio
