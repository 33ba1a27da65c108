#include "core/tokenizer/chat_template/value.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/operators.h"

namespace switchyard::tokenizer::chat {

namespace {

int checkedDepth(int depth) {
  if (depth > kMostDepth)
    raise(FaultKind::Limit, fmt::format("lists lie more than {} deep in each other", kMostDepth));
  return depth;
}

void checkKey(const Value& key) {
  const bool view = key.is(Kind::Sequence) && key.items().shape != Shape::Tuple;
  if (view || key.is(Kind::Dictionary))
    raise(FaultKind::Type, fmt::format("unhashable type: '{}'", key.typeName()));
}

} // namespace

const char* name(FaultKind kind) {
  switch (kind) {
  case FaultKind::Syntax:
    return "syntax";
  case FaultKind::Undefined:
    return "undefined";
  case FaultKind::Type:
    return "type";
  case FaultKind::Security:
    return "security";
  case FaultKind::Limit:
    return "limit";
  case FaultKind::Raised:
    return "raised";
  case FaultKind::Unsupported:
    return "unsupported";
  }
  return "";
}

std::int64_t Range::length() const {
  if (step > 0)
    return start < stop ? (stop - start - 1) / step + 1 : 0;
  return start > stop ? (start - stop - 1) / -step + 1 : 0;
}

std::optional<Value> Object::attribute(std::string_view) const {
  return std::nullopt;
}

Value Object::call(Machine&, const Arguments&) {
  raise(FaultKind::Type, fmt::format("'{}' object is not callable", type()));
}

Value Value::missing(std::string message, bool forbidden) {
  Value value;
  value.m_value = std::make_shared<const Missing>(Missing{std::move(message), forbidden});
  return value;
}

Value Value::sequence(std::vector<Value> items, Shape shape) {
  int depth = 0;
  for (const Value& item : items)
    depth = std::max(depth, item.depth());
  return Value(std::make_shared<const Sequence>(
      Sequence{std::move(items), shape, checkedDepth(depth + 1), false}));
}

Value Value::dictionary(std::vector<std::pair<Value, Value>> entries) {
  Dictionary dictionary;
  int depth = 0;
  for (auto& [key, value] : entries) {
    checkKey(key);
    depth = std::max({depth, key.depth(), value.depth()});
    if (const Value* found = dictionary.find(key))
      *const_cast<Value*>(found) = std::move(value);
    else
      dictionary.entries.emplace_back(std::move(key), std::move(value));
  }
  dictionary.depth = checkedDepth(depth + 1);
  return Value(std::make_shared<const Dictionary>(std::move(dictionary)));
}

Integer Value::integer() const {
  return is(Kind::Bool) ? Integer(boolean()) : std::get<Integer>(m_value);
}

double Value::number() const {
  return is(Kind::Float) ? std::get<double>(m_value) : static_cast<double>(integer());
}

int Value::depth() const {
  switch (kind()) {
  case Kind::Sequence:
    return items().depth;
  case Kind::Dictionary:
    return entries().depth;
  case Kind::Object:
    return checkedDepth(object()->depth() + 1);
  default:
    return 0;
  }
}

bool Value::sameAs(const Value& other) const {
  if (kind() != other.kind())
    return false;
  switch (kind()) {
  case Kind::None:
    return true;
  case Kind::Bool:
    return boolean() == other.boolean();
  case Kind::Sequence:
    return &items() == &other.items();
  case Kind::Dictionary:
    return &entries() == &other.entries();
  case Kind::Object:
    return object() == other.object();
  case Kind::Integer: {
    // Python keeps one object for each of these only.
    const bool kept = integer() >= -5 && integer() <= 256;
    if (integer() != other.integer())
      return false;
    if (kept)
      return true;
    break;
  }
  case Kind::Text:
    if (text() != other.text())
      return false;
    if (&textValue() == &other.textValue())
      return true;
    break;
  default:
    break;
  }
  raise(FaultKind::Unsupported, fmt::format("\"sameas\" of two {} values", typeName()));
}

std::string_view Value::typeName() const {
  switch (kind()) {
  case Kind::Missing:
    return "Undefined";
  case Kind::None:
    return "NoneType";
  case Kind::Bool:
    return "bool";
  case Kind::Integer:
    return "int";
  case Kind::Float:
    return "float";
  case Kind::Text:
    return textValue().escaped ? "Markup" : "str";
  case Kind::Dictionary:
    return "dict";
  case Kind::Range:
    return "range";
  case Kind::Object:
    return object()->type();
  case Kind::Sequence:
    break;
  }
  switch (items().shape) {
  case Shape::List:
    return "list";
  case Shape::Tuple:
    return "tuple";
  case Shape::Group:
    return "_GroupTuple";
  case Shape::Generator:
    return "generator";
  case Shape::Keys:
    return "dict_keys";
  case Shape::Values:
    return "dict_values";
  case Shape::Items:
    return "dict_items";
  }
  return "list";
}

const Value* Dictionary::find(const Value& key) const {
  for (const auto& [own, value] : entries)
    if (own.kind() == key.kind() && key.is(Kind::Text) ? own.text() == key.text() : equal(own, key))
      return &value;
  return nullptr;
}

const Value* Dictionary::find(std::string_view key) const {
  for (const auto& [own, value] : entries)
    if (own.is(Kind::Text) && own.text() == key)
      return &value;
  return nullptr;
}

const Value* Arguments::find(std::string_view name) const {
  for (const auto& [own, value] : named)
    if (own == name)
      return &value;
  return nullptr;
}

} // namespace switchyard::tokenizer::chat
