#include "core/trace/columns.h"

#include <algorithm>

#include <fmt/format.h>

namespace switchyard::trace {
namespace {

struct Name {
  std::string_view word;
  bool Columns::*member;
};
constexpr Name kNames[] = {
    {"weights", &Columns::weights},
    {"logits", &Columns::logits},
    {"norms", &Columns::norms},
    {"hidden", &Columns::hidden},
    {"lm-logits", &Columns::lmLogits},
    {"predicted", &Columns::predicted},
    {"distributions", &Columns::distributions},
};

} // namespace

std::string describe(const Columns& columns) {
  std::string list = "ids";
  for (const Name& name : kNames)
    if (columns.*name.member)
      list.append(",").append(name.word);
  return list;
}

base::Result<Columns> parseColumns(std::string_view list) {
  Columns columns;
  bool ids = false;
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), word.size() + 1));
    const auto* found = std::find_if(std::begin(kNames), std::end(kNames),
                                     [&](const Name& name) { return name.word == word; });
    if (word != "ids" && found == std::end(kNames))
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("'{}' cannot be recorded; choose of ids, weights, logits, "
                                    "norms, hidden, lm-logits, predicted, distributions",
                                    word));
    bool& flag = word == "ids" ? ids : columns.*found->member;
    if (flag)
      return base::fail(base::ErrorCode::InvalidArgument, fmt::format("'{}' is named twice", word));
    flag = true;
  }
  return columns;
}

} // namespace switchyard::trace
