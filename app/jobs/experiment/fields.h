#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace switchyard::jobs::experiment {

/// Reads an object of a strict file: every key must be known, every value of its type. A key that
/// is not there leaves its target as it is. The object is borrowed.
class Fields {
public:
  /// at: where the object stands in the file, "evaluate.tasks"; empty for the whole file.
  /// Error InvalidFormat if the value is no object.
  static base::Result<Fields> of(const nlohmann::json& value, std::string at, base::Where where);

  /// The value of a key, which is known from now on; null if it is not there.
  const nlohmann::json* find(std::string_view key);
  bool has(std::string_view key) const { return m_object->contains(std::string(key)); }

  // Errors: InvalidFormat naming the key and what it must be.
  base::Result<void> text(std::string_view key, std::string& out);
  base::Result<void> flag(std::string_view key, bool& out);
  base::Result<void> number(std::string_view key, double& out);
  base::Result<void> integer(std::string_view key, std::int64_t& out, std::int64_t least,
                             std::int64_t most);
  base::Result<void> count(std::string_view key, std::size_t& out); ///< 0..1e9
  base::Result<void> seed(std::string_view key, std::uint64_t& out);
  base::Result<void> texts(std::string_view key, std::vector<std::string>& out);
  base::Result<void> numbers(std::string_view key, std::vector<double>& out);

  /// Errors: InvalidFormat for a key that was never asked for, with the nearest one that was.
  base::Result<void> end() const;

  /// "evaluate.tasks: <what>", as an error.
  tl::unexpected<base::Error> fail(const std::string& what) const;
  /// The same of a key in it.
  tl::unexpected<base::Error> fail(std::string_view key, const std::string& what) const;
  std::string place(std::string_view key) const; ///< "evaluate.tasks"
  const base::Where& where() const { return m_where; }
  const nlohmann::json& object() const { return *m_object; }

private:
  const nlohmann::json* m_object = nullptr;
  std::string m_at;
  base::Where m_where;
  std::vector<std::string> m_known;
};

/// The text of a member of foreign JSON; empty if there is none.
std::string memberText(const nlohmann::json& object, const char* key);

/// The word of `choices` that is nearest to `word` by edits; empty if all are far. Ties: the first.
std::string nearest(std::string_view word, const std::vector<std::string>& choices);
/// "; did you mean \"scorer\"?", or what there is.
std::string hint(std::string_view word, const std::vector<std::string>& choices);

} // namespace switchyard::jobs::experiment
