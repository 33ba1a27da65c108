// Filters of lists and mappings.

#include <algorithm>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/case_mapping.h"
#include "core/tokenizer/chat_template/filters.h"
#include "core/tokenizer/chat_template/machine.h"
#include "core/tokenizer/chat_template/operators.h"
#include "core/tokenizer/chat_template/python_text.h"

namespace switchyard::tokenizer::chat {

namespace {

Value generator(std::vector<Value> values) {
  chargeItems(values.size());
  return Value::sequence(std::move(values), Shape::Generator);
}

Value list(std::vector<Value> values) {
  chargeItems(values.size());
  return Value::sequence(std::move(values));
}

/// The part of an item that "a.b.0" names; `standard` for what is missing.
Value partOf(const Value& item, const Value& path, const Value* standard) {
  Value value = item;
  const auto step = [&](const Value& key) {
    value = itemOf(value, key);
    if (value.is(Kind::Missing) && standard != nullptr)
      value = *standard;
  };
  if (!path.is(Kind::Text)) {
    step(path);
    return value;
  }
  const std::string& text = path.text();
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    const std::string key = text.substr(at, end - at);
    const bool number =
        !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string::npos;
    step(number ? Value(std::stoi(key)) : Value(key));
    at = end + 1;
  }
  return value;
}

Value lowered(const Value& value) {
  return value.is(Kind::Text) ? Value(toLower(value.text())) : value;
}

/// What items are compared by: a part of them, without case.
class SortKey {
public:
  SortKey(const Bound& bound, std::size_t attribute, bool caseSensitive,
          std::size_t standard = SIZE_MAX)
      : m_attribute(bound.has(attribute) && !bound[attribute].is(Kind::None) ? &bound[attribute]
                                                                             : nullptr),
        m_standard(standard != SIZE_MAX && bound.has(standard) ? &bound[standard] : nullptr),
        m_caseSensitive(caseSensitive) {}
  Value plain(const Value& item) const {
    return m_attribute != nullptr ? partOf(item, *m_attribute, m_standard) : item;
  }
  Value operator()(const Value& item) const {
    return m_caseSensitive ? plain(item) : lowered(plain(item));
  }

private:
  const Value* m_attribute;
  const Value* m_standard;
  bool m_caseSensitive;
};

/// Items with their keys, in stable order of the keys.
std::vector<std::pair<Value, Value>> sorted(const std::vector<Value>& items, const SortKey& key,
                                            bool reverse) {
  std::vector<std::pair<Value, Value>> keyed;
  for (const Value& item : items)
    keyed.emplace_back(key(item), item);
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    return reverse ? less(b.first, a.first) : less(a.first, b.first);
  });
  return keyed;
}

Value sort(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("sort", arguments, {"reverse", "case_sensitive", "attribute"});
  if (bound.has(2) && bound[2].is(Kind::Text) && bound[2].text().find(',') != std::string::npos)
    raise(FaultKind::Unsupported, "sorting by several attributes");
  std::vector<Value> values;
  for (auto& [key, item] :
       sorted(iterate(value), SortKey(bound, 2, bound.flag(1, false)), bound.flag(0, false)))
    values.push_back(std::move(item));
  return list(std::move(values));
}

Value dictsort(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("dictsort", arguments, {"case_sensitive", "by", "reverse"});
  const std::string by = bound.text(1, "key");
  if (by != "key" && by != "value")
    raise(FaultKind::Type, "You can only sort by either \"key\" or \"value\"");
  requirePresent(value);
  if (!value.is(Kind::Dictionary))
    raise(FaultKind::Type, fmt::format("'{}' object has no attribute 'items'", value.typeName()));
  std::vector<Value> pairs;
  for (const auto& [key, item] : value.entries().entries)
    pairs.push_back(Value::tuple({key, item}));
  const Arguments attribute{{Value(by == "key" ? 0 : 1)}, {}};
  const Bound part("dictsort", attribute, {"attribute"});
  std::vector<Value> values;
  for (auto& [key, item] :
       sorted(pairs, SortKey(part, 0, bound.flag(0, false)), bound.flag(2, false)))
    values.push_back(std::move(item));
  return list(std::move(values));
}

Value unique(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("unique", arguments, {"case_sensitive", "attribute"});
  const SortKey key(bound, 1, bound.flag(0, false));
  std::vector<Value> seen, values;
  for (const Value& item : iterate(value)) {
    Value own = key(item);
    if (std::ranges::any_of(seen, [&](const Value& other) { return equal(own, other); }))
      continue;
    seen.push_back(std::move(own));
    values.push_back(item);
  }
  return generator(std::move(values));
}

Value groupby(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("groupby", arguments, {"attribute", "default", "case_sensitive"}, 1);
  const SortKey key(bound, 0, bound.flag(2, false), 1);
  const auto keyed = sorted(iterate(value), key, false);
  std::vector<Value> groups;
  for (std::size_t begin = 0; begin < keyed.size();) {
    std::vector<Value> members;
    std::size_t end = begin;
    while (end < keyed.size() && equal(keyed[end].first, keyed[begin].first))
      members.push_back(keyed[end++].second);
    groups.push_back(
        Value::sequence({key.plain(keyed[begin].second), list(std::move(members))}, Shape::Group));
    begin = end;
  }
  return list(std::move(groups));
}

template <bool kGreatest> Value extreme(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("min and max", arguments, {"case_sensitive", "attribute"});
  const SortKey key(bound, 1, bound.flag(0, false));
  const std::vector<Value> items = iterate(value);
  if (items.empty())
    return Value::missing("No aggregated item, sequence was empty.");
  std::size_t best = 0;
  Value bestKey = key(items[0]);
  for (std::size_t i = 1; i < items.size(); ++i) {
    Value own = key(items[i]);
    if (kGreatest ? less(bestKey, own) : less(own, bestKey)) {
      best = i;
      bestKey = std::move(own);
    }
  }
  return items[best];
}

Value sum(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("sum", arguments, {"attribute", "start"});
  const SortKey key(bound, 0, true);
  Value total = bound.valueOr(1, Value(0));
  if (total.is(Kind::Text))
    raise(FaultKind::Type, "sum() can't sum strings");
  for (const Value& item : iterate(value))
    total = binary("+", total, key.plain(item));
  return total;
}

Value count(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("length", arguments, {});
  return Value(length(value));
}

Value toList(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("list", arguments, {});
  return list(iterate(value));
}

template <bool kLast> Value end(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("first and last", arguments, {});
  if (kLast && value.is(Kind::Sequence) && value.items().shape == Shape::Generator)
    raise(FaultKind::Type, "'generator' object is not reversible");
  std::vector<Value> items = iterate(value);
  if (items.empty())
    return Value::missing("No first or last item, sequence was empty.");
  return kLast ? items.back() : items.front();
}

Value reverse(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("reverse", arguments, {});
  std::vector<Value> items = iterate(value);
  std::ranges::reverse(items);
  if (!value.is(Kind::Text))
    return generator(std::move(items));
  std::string text;
  for (const Value& item : items)
    text += item.text();
  return Value(std::move(text));
}

Value join(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("join", arguments, {"d", "attribute"});
  const SortKey key(bound, 1, true);
  const std::string separator = bound.has(0) ? toText(bound[0]) : std::string();
  std::string out;
  bool first = true;
  for (const Value& item : iterate(value)) {
    if (!first)
      out += separator;
    first = false;
    out += toText(key.plain(item));
    chargeText(out.size() / 64);
  }
  chargeText(out.size());
  return Value(std::move(out));
}

Value items(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("items", arguments, {});
  if (value.is(Kind::Missing))
    return generator({});
  if (!value.is(Kind::Dictionary))
    raise(FaultKind::Type, "Can only get item pairs from a mapping.");
  std::vector<Value> pairs;
  for (const auto& [key, item] : value.entries().entries)
    pairs.push_back(Value::tuple({key, item}));
  return generator(std::move(pairs));
}

Value batch(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("batch", arguments, {"linecount", "fill_with"}, 1);
  const std::int64_t size = toSize(bound.whole(0, 1));
  if (size < 1)
    raise(FaultKind::Type, "batch needs at least one item in each");
  std::vector<Value> batches, open;
  for (Value& item : iterate(value)) {
    if (static_cast<std::int64_t>(open.size()) == size)
      batches.push_back(list(std::exchange(open, {})));
    open.push_back(std::move(item));
  }
  if (!open.empty()) {
    if (bound.has(1) && !bound[1].is(Kind::None) && size > static_cast<std::int64_t>(open.size())) {
      chargeItems(static_cast<std::uint64_t>(size));
      open.resize(static_cast<std::size_t>(size), bound[1]);
    }
    batches.push_back(list(std::move(open)));
  }
  return generator(std::move(batches));
}

Value slices(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("slice", arguments, {"slices", "fill_with"}, 1);
  const std::vector<Value> all = iterate(value);
  const auto total = static_cast<std::int64_t>(all.size());
  const std::int64_t count = toSize(bound.whole(0, 1));
  if (count < 1)
    raise(FaultKind::Type, "slice needs at least one column");
  chargeItems(static_cast<std::uint64_t>(count));
  const std::int64_t each = total / count, more = total % count;
  std::vector<Value> parts;
  std::int64_t at = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t end = at + each + (i < more ? 1 : 0);
    std::vector<Value> part(all.begin() + at, all.begin() + end);
    if (bound.has(1) && !bound[1].is(Kind::None) && i >= more)
      part.push_back(bound[1]);
    parts.push_back(list(std::move(part)));
    at = end;
  }
  return generator(std::move(parts));
}

Value standard(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("default", arguments, {"default_value", "boolean"});
  if (value.is(Kind::Missing) || (bound.flag(1, false) && !truth(value)))
    return bound.valueOr(0, Value(""));
  return value;
}

Value attribute(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("attr", arguments, {"name"}, 1);
  return onlyAttribute(value, toText(bound[0]));
}

Arguments rest(const Arguments& arguments, std::size_t skip) {
  Arguments rest;
  for (std::size_t i = skip; i < arguments.positional.size(); ++i)
    rest.positional.push_back(arguments.positional[i]);
  rest.named = arguments.named;
  return rest;
}

std::string nameAt(const Arguments& arguments, std::size_t at, const char* what) {
  if (at >= arguments.positional.size() || !arguments.positional[at].is(Kind::Text))
    raise(FaultKind::Type, fmt::format("the name of a {} is missing", what));
  return arguments.positional[at].text();
}

Value map(Machine& machine, const Value& value, const Arguments& arguments) {
  std::vector<Value> values;
  if (arguments.positional.empty()) {
    const Bound bound("map", arguments, {"attribute", "default"});
    if (!bound.has(0))
      raise(FaultKind::Type, "map requires a filter argument");
    const SortKey key(bound, 0, true, 1);
    for (const Value& item : iterate(value))
      values.push_back(key.plain(item));
    return generator(std::move(values));
  }
  const std::string filter = nameAt(arguments, 0, "filter");
  const Arguments others = rest(arguments, 1);
  for (const Value& item : iterate(value))
    values.push_back(machine.applyFilter(filter, item, others));
  return generator(std::move(values));
}

template <bool kKeep, bool kByAttribute>
Value select(Machine& machine, const Value& value, const Arguments& arguments) {
  const std::size_t skip = kByAttribute ? 1 : 0;
  if (kByAttribute && arguments.positional.empty())
    raise(FaultKind::Type, "Missing parameter for attribute name");
  const bool tests = arguments.positional.size() > skip;
  const std::string test = tests ? nameAt(arguments, skip, "test") : std::string();
  const Arguments others = rest(arguments, skip + 1);
  std::vector<Value> values;
  for (const Value& item : iterate(value)) {
    const Value judged = kByAttribute ? partOf(item, arguments.positional[0], nullptr) : item;
    if ((tests ? machine.applyTest(test, judged, others) : truth(judged)) == kKeep)
      values.push_back(item);
  }
  return generator(std::move(values));
}

constexpr FilterEntry kFilters[] = {
    {"attr", attribute},
    {"batch", batch},
    {"count", count},
    {"d", standard},
    {"default", standard},
    {"dictsort", dictsort},
    {"first", end<false>},
    {"groupby", groupby},
    {"items", items},
    {"join", join},
    {"last", end<true>},
    {"length", count},
    {"list", toList},
    {"map", map},
    {"max", extreme<true>},
    {"min", extreme<false>},
    {"reject", select<false, false>},
    {"rejectattr", select<false, true>},
    {"reverse", reverse},
    {"select", select<true, false>},
    {"selectattr", select<true, true>},
    {"slice", slices},
    {"sort", sort},
    {"sum", sum},
    {"unique", unique},
};

} // namespace

FilterFunction findListFilter(std::string_view name) {
  const auto found = std::ranges::find(kFilters, name, &FilterEntry::name);
  return found != std::end(kFilters) ? found->function : nullptr;
}

} // namespace switchyard::tokenizer::chat
