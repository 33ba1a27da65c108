#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/studio/document/report_draft.h"
#include "core/base/error.h"

namespace switchyard::studio {

/// What the reports of a session and of its undo stack show, each thing once: they share most of
/// it.
class ReportParts {
public:
  /// Its number in the session file.
  int numberOf(const std::shared_ptr<const jobs::report::Part>& part);
  /// [PART, PART, ...] as JSON text, by number.
  std::string text() const;
  /// The reverse of text(). Error InvalidFormat.
  static base::Result<ReportParts> parse(const nlohmann::json& array, const base::Where& where);
  /// Null if there is none.
  std::shared_ptr<const jobs::report::Part> part(int number) const;

private:
  std::vector<std::shared_ptr<const jobs::report::Part>> m_parts;
  std::map<const jobs::report::Part*, int> m_numbers;
};

/// A draft, with parts by number.
nlohmann::json draftJson(const ReportDraft& draft, ReportParts& parts);
/// The reverse. Error InvalidFormat: an entry whose part is not there.
base::Result<std::shared_ptr<const ReportDraft>>
parseDraft(const nlohmann::json& object, const ReportParts& parts, const base::Where& where);

} // namespace switchyard::studio
