#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/tokenizer/chat_template/fault.h"

namespace switchyard::tokenizer::chat {

/// Python's integers, as far as 127 bits reach; beyond them is a Limit fault.
__extension__ typedef __int128 Integer;

class Machine;
class Value;
struct Arguments;

/// What stands for something that is missing, and what to say when it is used.
struct Missing {
  std::string message;
  bool forbidden = false; ///< use is a Security fault
};

struct Text {
  std::string bytes;    ///< well-formed UTF-8
  bool escaped = false; ///< HTML that autoescape leaves alone
};

struct Range {
  std::int64_t start, stop, step;
  std::int64_t length() const;
};

/// How deep lists may lie in each other: bounds all recursion over values.
inline constexpr int kMostDepth = 100;

enum class Shape : std::uint8_t {
  List,
  Tuple,
  Group,     ///< a tuple (grouper, list) with these attributes
  Generator, ///< can be gone through once
  Keys,
  Values,
  Items, ///< views of a dictionary
};

struct Sequence;
struct Dictionary;

/// A namespace, loop, macro or function.
class Object {
public:
  virtual ~Object() = default;
  virtual std::string_view type() const = 0; ///< Python's name of its class
  virtual std::optional<Value> attribute(std::string_view name) const;
  virtual bool callable() const { return false; }
  virtual Value call(Machine& machine, const Arguments& arguments);
  virtual int depth() const { return 0; } ///< of the values it holds
};

enum class Kind : std::uint8_t {
  Missing,
  None,
  Bool,
  Integer,
  Float,
  Text,
  Sequence,
  Dictionary,
  Range,
  Object
};

/// A value of the template language. Immutable but for namespaces; copies share their content.
class Value {
public:
  Value() : m_value(std::monostate()) {} ///< None
  explicit Value(bool value) : m_value(value) {}
  explicit Value(Integer value) : m_value(value) {}
  explicit Value(int value) : m_value(Integer(value)) {}
  explicit Value(std::int64_t value) : m_value(Integer(value)) {}
  explicit Value(std::size_t value) : m_value(Integer(value)) {}
  explicit Value(double value) : m_value(value) {}
  explicit Value(std::string text, bool escaped = false)
      : m_value(std::make_shared<const Text>(Text{std::move(text), escaped})) {}
  explicit Value(const char* text) : Value(std::string(text)) {}
  explicit Value(std::shared_ptr<const Sequence> value) : m_value(std::move(value)) {}
  explicit Value(std::shared_ptr<const Dictionary> value) : m_value(std::move(value)) {}
  explicit Value(std::shared_ptr<Object> value) : m_value(std::move(value)) {}
  explicit Value(const Range& range) : m_value(std::make_shared<const Range>(range)) {}

  static Value missing(std::string message, bool forbidden = false);
  /// Fault Limit for lists too deep in each other.
  static Value sequence(std::vector<Value> items, Shape shape = Shape::List);
  static Value tuple(std::vector<Value> items) { return sequence(std::move(items), Shape::Tuple); }
  static Value dictionary(std::vector<std::pair<Value, Value>> entries);

  Kind kind() const { return static_cast<Kind>(m_value.index()); }
  bool is(Kind kind) const { return this->kind() == kind; }
  bool isNumber() const { return is(Kind::Bool) || is(Kind::Integer) || is(Kind::Float); }
  bool isWhole() const { return is(Kind::Bool) || is(Kind::Integer); }

  const Missing& missing() const { return *std::get<std::shared_ptr<const Missing>>(m_value); }
  bool boolean() const { return std::get<bool>(m_value); }
  Integer integer() const; ///< of a Bool or Integer
  double number() const;   ///< of any number
  const Text& textValue() const { return *std::get<std::shared_ptr<const Text>>(m_value); }
  const std::string& text() const { return textValue().bytes; }
  const Sequence& items() const { return *std::get<std::shared_ptr<const Sequence>>(m_value); }
  const Dictionary& entries() const {
    return *std::get<std::shared_ptr<const Dictionary>>(m_value);
  }
  const Range& range() const { return *std::get<std::shared_ptr<const Range>>(m_value); }
  const std::shared_ptr<Object>& object() const {
    return std::get<std::shared_ptr<Object>>(m_value);
  }
  template <typename T> T* as() const { ///< the object if it is a T, else null
    return is(Kind::Object) ? dynamic_cast<T*>(object().get()) : nullptr;
  }
  /// The same object, list or text in memory, or the same constant.
  bool sameAs(const Value& other) const;

  int depth() const;
  /// Python's name of its type: "str", "NoneType", "list".
  std::string_view typeName() const;

private:
  std::variant<std::shared_ptr<const Missing>, std::monostate, bool, Integer, double,
               std::shared_ptr<const Text>, std::shared_ptr<const Sequence>,
               std::shared_ptr<const Dictionary>, std::shared_ptr<const Range>,
               std::shared_ptr<Object>>
      m_value;
};

struct Sequence {
  std::vector<Value> values;
  Shape shape = Shape::List;
  int depth = 1;
  mutable bool consumed = false; ///< of a generator
};

/// Keys keep the order in which they first came, and are equal as Python's are (1, True, 1.0).
struct Dictionary {
  std::vector<std::pair<Value, Value>> entries;
  int depth = 1;
  const Value* find(const Value& key) const;
  const Value* find(std::string_view key) const;
};

/// What a call is given.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
  const Value* find(std::string_view name) const;
};

} // namespace switchyard::tokenizer::chat
