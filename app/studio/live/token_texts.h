#pragma once

#include <memory>

#include <QHash>
#include <QString>

#include "app/studio/document/document.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::studio {

/// What tokens look like on the screen. GUI thread.
class TokenTexts {
public:
  TokenTexts() = default;
  /// Null: ids only ("#873").
  explicit TokenTexts(std::shared_ptr<const tokenizer::Tokenizer> tokenizer)
      : m_tokenizer(std::move(tokenizer)) {}

  const tokenizer::Tokenizer* tokenizer() const { return m_tokenizer.get(); }
  bool hasText() const { return m_tokenizer != nullptr; }
  /// The piece with leading blanks; ⏎ for line feeds, ⇥ for tabs; bytes that are no characters as
  /// "<E2>".
  const QString& piece(std::int32_t token) const;
  /// The same in quotes, blanks kept: “ 5”.
  QString quoted(std::int32_t token) const;
  /// For chips: blanks at the ends as ␣.
  QString chip(std::int32_t token) const;

private:
  std::shared_ptr<const tokenizer::Tokenizer> m_tokenizer;
  mutable QHash<std::int32_t, QString> m_pieces;
};

/// The tokenizer of a model that is open, by its folder; null: it is not open.
std::shared_ptr<const tokenizer::Tokenizer> openTokenizer(const Document& document,
                                                          const std::string& modelPath);

} // namespace switchyard::studio
