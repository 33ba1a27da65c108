// The methods of Python's list, tuple and dict that change nothing.

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/access.h"
#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/chat_template/operators.h"

namespace switchyard::tokenizer::chat {

namespace {

using Method = Value (*)(const Value& self, const Arguments& arguments);

Value get(const Value& self, const Arguments& arguments) {
  const Bound bound("get", arguments, {"", ""}, 1);
  charge(self.entries().entries.size() / 8);
  const Value* found = self.entries().find(bound[0]);
  return found != nullptr ? *found : bound.valueOr(1, Value());
}

template <Shape kShape> Value view(const Value& self, const Arguments& arguments) {
  (void)Bound("the view", arguments, {});
  const auto& entries = self.entries().entries;
  chargeItems(entries.size());
  std::vector<Value> values;
  for (const auto& [key, value] : entries)
    values.push_back(kShape == Shape::Keys     ? key
                     : kShape == Shape::Values ? value
                                               : Value::tuple({key, value}));
  return Value::sequence(std::move(values), kShape);
}

Value copy(const Value& self, const Arguments& arguments) {
  (void)Bound("copy", arguments, {});
  return self;
}

Value count(const Value& self, const Arguments& arguments) {
  const Bound bound("count", arguments, {""}, 1);
  return Value(std::ranges::count_if(self.items().values,
                                     [&](const Value& value) { return equal(value, bound[0]); }));
}

Value index(const Value& self, const Arguments& arguments) {
  const Bound bound("index", arguments, {""}, 1);
  const auto found = std::ranges::find_if(
      self.items().values, [&](const Value& value) { return equal(value, bound[0]); });
  if (found == self.items().values.end())
    raise(FaultKind::Type, "the value is not in the list");
  return Value(found - self.items().values.begin());
}

struct Entry {
  std::string_view name;
  Method method;
};

constexpr Entry kDictionaryMethods[] = {
    {"get", get},
    {"keys", view<Shape::Keys>},
    {"values", view<Shape::Values>},
    {"items", view<Shape::Items>},
    {"copy", copy},
};
constexpr Entry kListMethods[] = {{"count", count}, {"index", index}, {"copy", copy}};

Method methodOf(const Value& value, std::string_view name) {
  const bool dictionary = value.is(Kind::Dictionary);
  if (!dictionary && (value.items().shape > Shape::Group ||
                      (name == "copy" && value.items().shape != Shape::List)))
    return nullptr;
  const std::span<const Entry> entries = dictionary ? std::span<const Entry>(kDictionaryMethods)
                                                    : std::span<const Entry>(kListMethods);
  const auto found = std::ranges::find(entries, name, &Entry::name);
  return found != entries.end() ? found->method : nullptr;
}

} // namespace

std::optional<Value> containerMethod(const Value& value, std::string_view name) {
  const Method method = methodOf(value, name);
  if (method == nullptr)
    return std::nullopt;
  return Value(std::make_shared<Function>(
      "builtin_function_or_method",
      [value, method](Machine&, const Arguments& arguments) { return method(value, arguments); },
      value.depth() + 1));
}

} // namespace switchyard::tokenizer::chat
