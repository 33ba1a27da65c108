// The functions that every template sees.

#include <algorithm>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/machine.h"
#include "core/tokenizer/chat_template/operators.h"
#include "core/tokenizer/chat_template/python_text.h"

namespace switchyard::tokenizer::chat {

namespace {

constexpr std::int64_t kMostRange = 100'000; ///< as Jinja's sandbox has it

Value range(Machine&, const Arguments& arguments) {
  const Bound bound("range", arguments, {"", "", ""}, 1);
  Range made{0, toSize(bound.whole(0, 0)), 1};
  if (bound.has(1)) {
    made.start = made.stop;
    made.stop = toSize(bound.whole(1, 0));
  }
  made.step = toSize(bound.whole(2, 1));
  if (made.step == 0)
    raise(FaultKind::Type, "range() arg 3 must not be zero");
  if (made.length() > kMostRange)
    raise(FaultKind::Limit, fmt::format("Range too big. The sandbox blocks ranges larger than "
                                        "{}.",
                                        kMostRange));
  return Value(made);
}

/// dict(pairs or mapping, name=value, ...).
std::vector<std::pair<Value, Value>> entriesOf(const char* function, const Arguments& arguments) {
  std::vector<std::pair<Value, Value>> entries;
  if (arguments.positional.size() > 1)
    raise(FaultKind::Type, fmt::format("{} expected at most 1 argument", function));
  if (!arguments.positional.empty()) {
    const Value& first = arguments.positional[0];
    if (first.is(Kind::Dictionary))
      entries = first.entries().entries;
    else
      for (const Value& pair : iterate(first)) {
        std::vector<Value> both = iterate(pair);
        if (both.size() != 2)
          raise(FaultKind::Type, fmt::format("{} needs pairs", function));
        entries.emplace_back(std::move(both[0]), std::move(both[1]));
      }
  }
  for (const auto& [name, value] : arguments.named)
    entries.emplace_back(Value(name), value);
  charge(entries.size() * entries.size() / 8 + 1);
  return entries;
}

class DictFunction final : public Object {
public:
  std::string_view type() const override { return "type"; }
  bool callable() const override { return true; }
  Value call(Machine&, const Arguments& arguments) override {
    return Value::dictionary(entriesOf("dict", arguments));
  }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name != "fromkeys")
      return std::nullopt;
    return Value(std::make_shared<Function>("builtin_function_or_method", fromKeys));
  }

private:
  static Value fromKeys(Machine&, const Arguments& arguments) {
    const Bound bound("fromkeys", arguments, {"", ""}, 1);
    std::vector<std::pair<Value, Value>> entries;
    for (Value& key : iterate(bound[0]))
      entries.emplace_back(std::move(key), bound.valueOr(1, Value()));
    charge(entries.size() * entries.size() / 8 + 1);
    return Value::dictionary(std::move(entries));
  }
};

Value makeNamespace(Machine& machine, const Arguments& arguments) {
  Value made = machine.makeNamespace();
  for (auto& [key, value] : entriesOf("namespace", arguments)) {
    if (!key.is(Kind::Text))
      raise(FaultKind::Type, "the attributes of a namespace are texts");
    if (value.depth() >= kMostDepth)
      raise(FaultKind::Limit, "lists lie too deep in each other");
    made.as<Namespace>()->set(key.text(), std::move(value));
  }
  return made;
}

int deepest(const std::vector<Value>& values) {
  int depth = 0;
  for (const Value& value : values)
    depth = std::max(depth, value.depth());
  return depth;
}

class Cycler final : public Object, public std::enable_shared_from_this<Cycler> {
public:
  explicit Cycler(std::vector<Value> items) : m_items(std::move(items)) {}
  std::string_view type() const override { return "Cycler"; }
  int depth() const override { return deepest(m_items); }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "current")
      return m_items[m_at];
    if (name != "next" && name != "reset")
      return std::nullopt;
    const auto self = std::const_pointer_cast<Cycler>(shared_from_this());
    const bool moves = name == "next";
    return Value(std::make_shared<Function>(
        "method",
        [self, moves](Machine&, const Arguments& arguments) {
          (void)Bound("a cycler", arguments, {});
          const Value current = self->m_items[self->m_at];
          self->m_at = moves ? (self->m_at + 1) % self->m_items.size() : 0;
          return moves ? current : Value();
        },
        depth() + 1));
  }

private:
  std::vector<Value> m_items;
  std::size_t m_at = 0;
};

Value cycler(Machine&, const Arguments& arguments) {
  if (arguments.positional.empty() || !arguments.named.empty())
    raise(FaultKind::Type, "at least one item has to be provided");
  return Value(std::shared_ptr<Object>(std::make_shared<Cycler>(arguments.positional)));
}

Value joiner(Machine&, const Arguments& arguments) {
  const Bound bound("joiner", arguments, {"sep"});
  const Value separator = bound.valueOr(0, Value(", "));
  const auto used = std::make_shared<bool>(false);
  return Value(std::make_shared<Function>(
      "Joiner",
      [separator, used](Machine&, const Arguments& none) {
        (void)Bound("a joiner", none, {});
        return std::exchange(*used, true) ? separator : Value("");
      },
      separator.depth() + 1));
}

Value raiseException(Machine&, const Arguments& arguments) {
  const Bound bound("raise_exception", arguments, {"message"}, 1);
  raise(FaultKind::Raised, toText(bound[0]));
}

Value strftimeNow(Machine& machine, const Arguments& arguments) {
  const Bound bound("strftime_now", arguments, {"format"}, 1);
  return Value(formatTime(machine.now(), bound.text(0, "")));
}

Value lipsum(Machine&, const Arguments&) {
  raise(FaultKind::Unsupported, "lipsum(), which is random");
}

} // namespace

void addGlobals(std::map<std::string, Value, std::less<>>& globals) {
  const auto add = [&](const char* name, Value (*function)(Machine&, const Arguments&)) {
    globals[name] = Value(std::make_shared<Function>("function", function));
  };
  add("range", range);
  add("namespace", makeNamespace);
  add("cycler", cycler);
  add("joiner", joiner);
  add("lipsum", lipsum);
  add("raise_exception", raiseException);
  add("strftime_now", strftimeNow);
  globals["dict"] = Value(std::make_shared<DictFunction>());
}

} // namespace switchyard::tokenizer::chat
