#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin/sdk/common.hpp"

SY_SDK_NAMESPACE_BEGIN

/// The options of one instance, typed. All that the sidecar declares are there, checked against it,
/// defaults filled in. Asking for an option that the sidecar does not declare, or for another type,
/// throws a Failure: that is a mistake between source and sidecar. A copyable value.
class Options {
public:
  Options() = default;
  explicit Options(const sy_options* table) {
    if (table == nullptr)
      return;
    for (std::uint32_t i = 0; i < table->count; ++i)
      m_options.emplace_back(*table->items[i]);
  }

  bool boolean(std::string_view name) const { return one(scalar(name, SY_OPTION_BOOLEAN)) != 0; }
  std::int64_t integer(std::string_view name) const { return one(scalar(name, SY_OPTION_INTEGER)); }
  double number(std::string_view name) const {
    const Option& option = scalar(name, SY_OPTION_NUMBER);
    requireValue(option);
    return option.numbers.front();
  }
  const std::string& string(std::string_view name) const {
    const Option& option = scalar(name, SY_OPTION_STRING);
    requireValue(option);
    return option.strings.front();
  }
  /// Lists, empty where not given and without a default.
  const std::vector<std::int64_t>& integers(std::string_view name) const {
    return list(name, SY_OPTION_INTEGER).integers;
  }
  const std::vector<double>& numbers(std::string_view name) const {
    return list(name, SY_OPTION_NUMBER).numbers;
  }
  const std::vector<std::string>& strings(std::string_view name) const {
    return list(name, SY_OPTION_STRING).strings;
  }

  /// Whether an option has a value at all, given or by default.
  bool has(std::string_view name) const { return find(name).count() > 0; }
  /// Whether the user gave it.
  bool isSet(std::string_view name) const { return find(name).set; }

  /// One option with its values, in the array of its type (booleans: integers 0 and 1).
  struct Option {
    explicit Option(const sy_option& table)
        : name(table.name), type(table.type), isList(table.is_list != 0), set(table.is_set != 0) {
      for (std::uint64_t i = 0; i < table.count; ++i) {
        if (type == SY_OPTION_NUMBER)
          numbers.push_back(table.numbers[i]);
        else if (type == SY_OPTION_STRING)
          strings.emplace_back(table.strings[i]);
        else
          integers.push_back(table.integers[i]);
      }
    }
    std::size_t count() const { return integers.size() + numbers.size() + strings.size(); }

    std::string name;
    std::int32_t type; ///< SY_OPTION_..., of one value
    bool isList;
    bool set; ///< given by the user
    std::vector<std::int64_t> integers{};
    std::vector<double> numbers{};
    std::vector<std::string> strings{};
  };
  /// All that the sidecar declares, in its order; for code that passes them on.
  const std::vector<Option>& all() const { return m_options; }

private:
  const Option& find(std::string_view name) const {
    for (const Option& option : m_options)
      if (option.name == name)
        return option;
    throw Failure(SY_INTERNAL, "the sidecar declares no option '" + std::string(name) + "'");
  }
  const Option& typed(std::string_view name, std::int32_t type, bool isList) const {
    const Option& option = find(name);
    if (option.type != type || option.isList != isList)
      throw Failure(SY_INTERNAL, "the sidecar declares option '" + option.name +
                                     "' with another type than the source reads");
    return option;
  }
  const Option& scalar(std::string_view name, std::int32_t type) const {
    return typed(name, type, false);
  }
  const Option& list(std::string_view name, std::int32_t type) const {
    return typed(name, type, true);
  }
  static void requireValue(const Option& option) {
    if (option.count() == 0)
      throw Failure("option '" + option.name + "' is required");
  }
  static std::int64_t one(const Option& option) {
    requireValue(option);
    return option.integers.front();
  }

  std::vector<Option> m_options;
};

SY_SDK_NAMESPACE_END
