#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/trace/result.h"

namespace switchyard::studio {

/// Token texts by id, as people read them: blanks as ␣, line feeds as ⏎; null: ids only.
using PieceTexts = std::shared_ptr<const std::vector<std::string>>;
/// Those of a checkpoint folder's tokenizer. Errors: the tokenizer's.
base::Result<std::vector<std::string>> pieceTexts(const std::string& modelFolder);

/// Lower end of the 95 % Wilson interval of a share; 0 for no occurrences.
double wilsonLower(double share, double occurrences);

/// The tokens of one expert from a specialization result's "vocabulary_tokens", those with few
/// occurrences last because ordered by the lower Wilson bound: token, occurrences, routed, share,
/// lower bound.
trace::Table expertTokens(const trace::AnalysisResult& specialization, int layer, int expert,
                          const PieceTexts& texts);

} // namespace switchyard::studio
