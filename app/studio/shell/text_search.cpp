#include "app/studio/shell/text_search.h"

#include <algorithm>

namespace switchyard::studio {

namespace {

constexpr qsizetype kAround = 18;       ///< characters shown before and behind a match
constexpr std::size_t kBlock = 1 << 14; ///< tokens put together at once
constexpr std::size_t kOverlap = 64;    ///< tokens that a match may reach over a block's end

Qt::CaseSensitivity caseOf(const QString& wanted) {
  const bool capitals = std::ranges::any_of(wanted, [](QChar c) { return c.isUpper(); });
  return capitals ? Qt::CaseSensitive : Qt::CaseInsensitive;
}

QString oneLine(QString text) {
  return text.replace('\n', QChar(0x23CE)).replace('\t', ' ').remove('\r');
}

/// Bytes of some tokens in a row, with the place of each.
struct Joined {
  QString text;
  std::vector<qsizetype> begins; ///< of each token in `text`

  Joined(std::span<const std::int32_t> tokens, const tokenizer::Tokenizer& tokenizer) {
    QByteArray bytes;
    std::vector<qsizetype> at;
    for (const std::int32_t token : tokens) {
      at.push_back(bytes.size());
      const std::string_view piece = tokenizer.bytes(base::TokenId(token));
      bytes.append(piece.data(), static_cast<qsizetype>(piece.size()));
    }
    // Characters may be cut between tokens: places are counted in whole characters before them.
    text = QString::fromUtf8(bytes);
    const bool ascii =
        std::ranges::all_of(bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    for (const qsizetype byte : at)
      begins.push_back(ascii ? byte : QString::fromUtf8(QByteArrayView(bytes).first(byte)).size());
  }
  std::size_t tokenAt(qsizetype character) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(begins, character) - begins.begin() -
                                    1);
  }
};

} // namespace

void searchTokens(std::span<const std::int32_t> tokens, TokenKey first, const QString& sequence,
                  const tokenizer::Tokenizer* tokenizer, const QString& wanted,
                  std::vector<TextHit>& hits) {
  if (!tokenizer || wanted.trimmed().isEmpty())
    return;
  for (std::size_t begin = 0; begin < tokens.size() && hits.size() < kMostHits; begin += kBlock) {
    const std::size_t count = std::min(kBlock + kOverlap, tokens.size() - begin);
    const Joined joined(tokens.subspan(begin, count), *tokenizer);
    for (qsizetype at = joined.text.indexOf(wanted, 0, caseOf(wanted));
         at >= 0 && hits.size() < kMostHits;
         at = joined.text.indexOf(wanted, at + wanted.size(), caseOf(wanted))) {
      // The blank before a word belongs to its token, so the match begins at the letter inside it.
      const std::size_t token = joined.tokenAt(at);
      if (token >= kBlock)
        break; // the next block has it
      const qsizetype from = std::max<qsizetype>(0, at - kAround);
      hits.push_back({{first.sequence, first.position + static_cast<qint64>(begin + token)},
                      sequence,
                      oneLine(joined.text.mid(from, at - from + wanted.size() + kAround)),
                      at - from});
    }
  }
}

base::Result<TextHits> searchTrace(const trace::Trace& trace, const tokenizer::Tokenizer* tokenizer,
                                   const QString& wanted, const base::RunControl& control) {
  TextHits found;
  const std::unique_ptr<trace::TraceReader> reader = SY_TRY(trace.reader());
  std::vector<std::pair<qint64, QString>> others; // whose label matches
  SY_TRY(reader->forEachSequence(
      0, trace.sequences(),
      [&](const trace::SequenceInfo& info, const trace::SequenceSize&) -> base::Result<void> {
        SY_TRY(control.check());
        const QString id = QString::fromStdString(info.id);
        if (id.contains(wanted, Qt::CaseInsensitive)) {
          if (found.sequences.size() < kMostHits)
            found.sequences.emplace_back(info.index, id);
        } else if (others.size() < kMostHits &&
                   std::ranges::any_of(info.labels, [&wanted](const auto& label) {
                     return QString::fromStdString(label.second)
                                .compare(wanted, Qt::CaseInsensitive) == 0;
                   })) {
          others.emplace_back(info.index, id);
        }
        return {};
      }));
  for (const auto& other : others)
    if (found.sequences.size() < kMostHits)
      found.sequences.push_back(other);
  for (std::int64_t i = 0; tokenizer && i < trace.sequences() && found.tokens.size() < kMostHits;
       ++i) {
    SY_TRY(control.check());
    const trace::SequenceInfo info = SY_TRY(reader->sequence(i, trace::SequenceText::Skip));
    searchTokens(info.tokens, {i, 0}, QString::fromStdString(info.id), tokenizer, wanted,
                 found.tokens);
    control.report(i + 1, trace.sequences(), "sequences");
  }
  return found;
}

} // namespace switchyard::studio
