#include "app/studio/views/token_rows.h"

#include <algorithm>
#include <cmath>

#include <QString>

#include "app/jobs/text.h"
#include "app/studio/views/expert_metrics.h"

namespace switchyard::studio {

namespace {

/// A token's bytes as they are shown in lists.
std::string shownPiece(std::string_view piece) {
  QString text = QString::fromUtf8(piece.data(), static_cast<qsizetype>(piece.size()));
  text.replace('\n', QChar(0x23CE)).replace('\t', QChar(0x21E5)).replace(' ', QChar(0x2423));
  for (QChar& c : text)
    if (!c.isPrint())
      c = QChar(0xFFFD);
  return text.toStdString();
}

} // namespace

base::Result<std::vector<std::string>> pieceTexts(const std::string& modelFolder) {
  const auto tokenizer = SY_TRY(jobs::loadTokenizer(modelFolder));
  std::vector<std::string> texts;
  for (std::int32_t token = 0; token < tokenizer.idLimit(); ++token)
    texts.push_back(shownPiece(tokenizer.bytes(base::TokenId(token))));
  return texts;
}

double wilsonLower(double share, double occurrences) {
  constexpr double kZ = 1.959963984540054;
  if (!(occurrences > 0))
    return 0;
  const double z2 = kZ * kZ;
  const double centre = share + z2 / (2 * occurrences);
  const double half =
      kZ * std::sqrt(share * (1 - share) / occurrences + z2 / (4 * occurrences * occurrences));
  return std::max(0.0, (centre - half) / (1 + z2 / occurrences));
}

trace::Table expertTokens(const trace::AnalysisResult& specialization, int layer, int expert,
                          const PieceTexts& texts) {
  trace::Table out;
  out.name = "tokens";
  out.columns = {{"token", "", "Piece of text, or its id."},
                 {"occurrences", "tokens", ""},
                 {"routed", "tokens", "Of them, those that chose the expert."},
                 {"share", "share", "routed / occurrences"},
                 {"at_least", "share", "Lower end of the 95 % Wilson interval of the share."}};
  const trace::Table* tokens = tableOf(specialization, "vocabulary_tokens");
  if (!tokens)
    return out;
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::max(0, columnOf(*tokens, name)));
  };
  const std::size_t l = column("layer"), e = column("expert"), id = column("token_id"),
                    n = column("occurrences"), s = column("share");
  for (const auto& row : tokens->rows) {
    if (numberOf(row[l]) != layer || numberOf(row[e]) != expert)
      continue;
    const double occurrences = numberOf(row[n]), share = numberOf(row[s]);
    const auto token = static_cast<std::int64_t>(numberOf(row[id]));
    const bool known = texts && token >= 0 && static_cast<std::size_t>(token) < texts->size();
    out.rows.push_back(
        {known ? trace::Cell((*texts)[static_cast<std::size_t>(token)]) : trace::Cell(token),
         trace::Cell(static_cast<std::int64_t>(occurrences)),
         trace::Cell(static_cast<std::int64_t>(std::llround(share * occurrences))),
         trace::Cell(share), trace::Cell(wilsonLower(share, occurrences))});
  }
  std::ranges::stable_sort(
      out.rows, [](const auto& a, const auto& b) { return numberOf(a[4]) > numberOf(b[4]); });
  return out;
}

} // namespace switchyard::studio
