#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/jobs/chat_renderer.h"
#include "core/base/error.h"
#include "core/base/ids.h"

namespace switchyard::jobs {

/// One document to run: text or token ids, never both.
struct Prompt {
  std::string id;
  std::string source; ///< "file.jsonl:12", "file.txt"
  std::string text;
  std::vector<base::TokenId> tokens;
  bool hasTokens = false;
  bool isChat = false; ///< text was made by a chat template, which writes its own control tokens
  std::map<std::string, std::string> labels;
};

/// Documents of a prompt set, in order, and a fingerprint of the bytes they came from.
struct PromptSet {
  std::vector<Prompt> prompts;
  std::string hash;
};

/// Reads FILE.jsonl, FILE.txt (any other suffix counts as text) or a folder (its *.jsonl and *.txt
/// by name; a text file is one document).
/// A JSONL row is an object with `text` (or `prompt`), `messages` (see kChatKeys) or `token_ids`,
/// an optional `id`; every other string, number or boolean is a label, anything else is refused.
/// Rows without `id` get "<file stem>-<line>"; ids must be unique. render: makes the text of rows
/// with messages; null: such rows are refused. What it makes is part of the fingerprint. Errors:
/// NotFound, Io, InvalidFormat with file and line, LimitExceeded above 1 GiB of text; the
/// renderer's.
base::Result<PromptSet> readPrompts(const std::filesystem::path& path,
                                    const ChatRenderer& render = {});

/// The same of several files or folders, in order; an id that two of them share is told apart by
/// the path in front. Errors: as above; InvalidArgument for a path that is named twice.
base::Result<PromptSet> readAllPrompts(const std::vector<std::string>& paths,
                                       const ChatRenderer& render = {});

/// Which documents of a set count; skip and limit count those that pass the label.
struct PromptFilter {
  std::string label{}, value{}; ///< documents with this label and value only; "" = "" takes all
  std::size_t skip = 0;         ///< of those, the first are left out
  std::size_t limit = 0;        ///< of the rest, the first; 0: all
  bool isEmpty() const { return label.empty() && skip == 0 && limit == 0; }
};
/// Leaves the documents that count; the hash then tells this filter, too.
/// Error InvalidFormat if none is left.
base::Result<void> filterPrompts(PromptSet& set, const PromptFilter& filter,
                                 const base::Where& where);

/// A row of a JSONL text.
struct JsonlRow {
  const nlohmann::json& json;
  std::string_view text; ///< as written: with the order of its keys
  std::size_t line;      ///< from 1
  base::Where where;
};
/// The document of one row, whose fields may be fewer than those of row.json; without a made-up id.
/// Errors: InvalidFormat with row.where; the renderer's.
base::Result<Prompt> promptOfRow(const nlohmann::json& fields, const JsonlRow& row,
                                 const ChatRenderer& render);

/// Called with each row of a JSONL text that is not blank.
using RowVisitor = std::function<base::Result<void>(const JsonlRow& row)>;
/// Stops at the first error. Errors: InvalidFormat with file and line; the visitor's.
base::Result<void> forEachRow(const std::filesystem::path& path, const std::string& content,
                              const RowVisitor& visit);

} // namespace switchyard::jobs
