#include "core/base/json.h"

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace switchyard::base {

namespace {

/// Builds the document like nlohmann's own DOM builder, but stops at the first duplicate key or
/// too deep level. (The library's callback parser can only drop such values silently.)
class StrictBuilder : public nlohmann::json_sax<nlohmann::json> {
public:
  explicit StrictBuilder(int maxDepth) : m_maxDepth(maxDepth) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    if (!std::isfinite(value))
      return stop(ErrorCode::InvalidFormat, fmt::format("number {} is out of range", text));
    return put(value);
  }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(nlohmann::json::object()); }
  bool start_array(std::size_t) override { return open(nlohmann::json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    if (m_stack.back()->contains(value))
      return stop(ErrorCode::InvalidFormat, fmt::format("key \"{}\" appears twice", value));
    m_key = std::move(value);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    return stop(ErrorCode::InvalidFormat, fmt::format("not valid JSON at byte {}", position));
  }

  nlohmann::json root;
  Error error;

private:
  bool stop(ErrorCode code, std::string message) {
    error = Error{code, std::move(message), {}};
    return false;
  }

  template <typename Value> nlohmann::json* place(Value&& value) {
    if (m_stack.empty()) {
      root = std::forward<Value>(value);
      return &root;
    }
    nlohmann::json& parent = *m_stack.back();
    if (parent.is_array()) {
      parent.push_back(std::forward<Value>(value));
      return &parent.back();
    }
    return &(parent[m_key] = std::forward<Value>(value));
  }

  template <typename Value> bool put(Value&& value) {
    place(nlohmann::json(std::forward<Value>(value)));
    return true;
  }

  bool open(nlohmann::json container) {
    if (static_cast<int>(m_stack.size()) >= m_maxDepth)
      return stop(ErrorCode::LimitExceeded,
                  fmt::format("nested deeper than {} levels", m_maxDepth));
    m_stack.push_back(place(std::move(container)));
    return true;
  }

  bool close() {
    m_stack.pop_back();
    return true;
  }

  int m_maxDepth;
  std::vector<nlohmann::json*> m_stack;
  std::string m_key;
};

} // namespace

Result<nlohmann::json> parseJson(std::string_view text, const JsonLimits& limits, Where where) {
  if (text.size() > limits.maxBytes)
    return fail(
        ErrorCode::LimitExceeded,
        fmt::format("JSON of {} bytes, at most {} are accepted", text.size(), limits.maxBytes),
        std::move(where));
  if (text.starts_with("\xEF\xBB\xBF"))
    return fail(ErrorCode::InvalidFormat,
                "starts with a byte order mark; save the file as UTF-8 without one",
                std::move(where));
  StrictBuilder builder(limits.maxDepth);
  if (!nlohmann::json::sax_parse(text, &builder)) {
    builder.error.where = std::move(where);
    if (builder.error.message.empty())
      builder.error = Error{ErrorCode::InvalidFormat, "not valid JSON", builder.error.where};
    return tl::unexpected<Error>(std::move(builder.error));
  }
  return std::move(builder.root);
}

} // namespace switchyard::base
