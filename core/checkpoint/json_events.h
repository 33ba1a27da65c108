#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace switchyard::checkpoint {

/// Text from a file, in quotes, fit for an error message: cut at 64 bytes, control characters
/// replaced.
std::string excerpt(std::string_view text);

/// Base of readers that take JSON event by event, so that memory stays bounded by what they keep
/// however large the document is. An event that a reader does not override is refused.
class JsonEvents : public nlohmann::json_sax<nlohmann::json> {
public:
  bool null() override { return unexpected(); }
  bool boolean(bool) override { return unexpected(); }
  bool number_integer(number_integer_t) override { return unexpected(); }
  bool number_unsigned(number_unsigned_t) override { return unexpected(); }
  bool number_float(number_float_t, const string_t&) override { return unexpected(); }
  bool string(string_t&) override { return unexpected(); }
  bool binary(binary_t&) override { return unexpected(); }
  bool start_object(std::size_t) override { return unexpected(); }
  bool key(string_t&) override { return unexpected(); }
  bool end_object() override { return unexpected(); }
  bool start_array(std::size_t) override { return unexpected(); }
  bool end_array() override { return unexpected(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override;

  /// Parses all of `text`. Errors: the reader's own, InvalidFormat for what is not JSON.
  base::Result<void> run(std::string_view text, base::Where where);

protected:
  /// Ends the parse with an error; returns false, as an event handler has to.
  bool stop(base::ErrorCode code, std::string message, std::string tensor = {});
  /// What stands in the wrong place, for the default handlers.
  virtual bool unexpected() = 0;

private:
  base::Error m_error;
};

} // namespace switchyard::checkpoint
