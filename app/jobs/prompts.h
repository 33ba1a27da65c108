#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

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
  std::map<std::string, std::string> labels;
};

/// Documents of a prompt set, in order, and a fingerprint of the bytes they came from.
struct PromptSet {
  std::vector<Prompt> prompts;
  std::string hash;
};

/// Reads FILE.jsonl, FILE.txt (any other suffix counts as text) or a folder (its *.jsonl and *.txt
/// by name; a text file is one document).
/// A JSONL row is an object with `text` (or `prompt`) or `token_ids`, an optional `id`; every other
/// string, number or boolean is a label, anything else is refused. Rows without `id` get
/// "<file stem>-<line>"; ids must be unique.
/// Errors: NotFound, Io, InvalidFormat with file and line, LimitExceeded above 1 GiB of text.
base::Result<PromptSet> readPrompts(const std::filesystem::path& path);

/// The same of several files or folders, in order; an id that two of them share is told apart by
/// the path in front. Errors: as above; InvalidArgument for a path that is named twice.
base::Result<PromptSet> readAllPrompts(const std::vector<std::string>& paths);

/// The document of one JSONL row, without a made-up id. Errors: InvalidFormat with `where`.
base::Result<Prompt> promptOfRow(const nlohmann::json& row, const base::Where& where);

/// Called with each row of a JSONL text that is not blank, its line (from 1) and where it stands.
using RowVisitor = std::function<base::Result<void>(const nlohmann::json& row, std::size_t line,
                                                    const base::Where& where)>;
/// Stops at the first error. Errors: InvalidFormat with file and line; the visitor's.
base::Result<void> forEachRow(const std::filesystem::path& path, const std::string& content,
                              const RowVisitor& visit);

} // namespace switchyard::jobs
