#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/error.h"
#include "core/trace/columns.h"
#include "core/trace/layout.h"
#include "core/trace/meta.h"

namespace switchyard::trace {

/// The rows of the table `meta`, by key. Internal to core/trace; format.md lists the keys.
using MetaRows = std::map<std::string, std::string>;

/// Everything that the table `meta` says.
struct MetaContent {
  TraceMeta meta;
  Columns columns;
  Layout layout;
  std::uint64_t hashSeed = 0;
  bool complete = false;
  std::int64_t sequences = 0;
  std::int64_t tokens = 0;
};

/// Errors: InvalidArgument naming the field: a layer out of order or range, text that is not UTF-8,
/// columns whose shape the meta data do not give.
base::Result<void> validate(const TraceMeta& meta, const Columns& columns);

/// Rows of a new recording, digest included; the hash seed comes from the compared fields.
MetaRows toRows(const TraceMeta& meta, const Columns& columns, const Layout& layout);
/// Sets the counts and the flag, and the digest over all rows.
void setProgress(MetaRows& rows, std::int64_t sequences, std::int64_t tokens, bool complete);
/// Errors: Corrupt if the digest does not match; InvalidFormat for a missing or senseless value;
/// Unsupported if the file asks for a newer reader.
base::Result<MetaContent> fromRows(const MetaRows& rows);

} // namespace switchyard::trace
