#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/tokenizer/chat_template/access.h"
#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/chat_template/chat_time.h"
#include "core/tokenizer/chat_template/syntax.h"

namespace switchyard::tokenizer::chat {

/// Names and values of one block, and the block around it.
class Scope {
public:
  explicit Scope(Scope* outer) : m_outer(outer) {}
  void set(const std::string& name, Value value);
  const Value* find(const std::string& name) const; ///< here or in a scope around it
  Scope* outer() const { return m_outer; }
  bool isKept() const { return m_kept; }
  /// A macro refers to this scope and those around it: they stay until the rendering ends.
  void keep();

private:
  Scope* m_outer;
  std::vector<std::pair<std::string, Value>> m_values;
  bool m_kept = false;
};

/// What {% set ns.name = ... %} writes into; the one thing that changes.
class Namespace final : public Object {
public:
  std::string_view type() const override { return "TemplateNamespace"; }
  std::optional<Value> attribute(std::string_view name) const override;
  void set(const std::string& name, Value value);
  void clear() { m_values.clear(); }

private:
  std::vector<std::pair<std::string, Value>> m_values;
};

/// Runs one parsed template once. Not thread-safe; used by one thread.
class Machine {
public:
  /// Borrows the syntax and the time. globals: what a template sees besides the functions.
  Machine(const Syntax& syntax, const LocalTime& now,
          std::vector<std::pair<std::string, Value>> variables);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// The template's text. Faults of all kinds, with the line in line().
  std::string run();
  int line() const { return m_line; } ///< being run
  const LocalTime& now() const { return m_now; }

  // --- for functions, filters and macros
  Value makeNamespace();
  Value callValue(const Value& callee, const Arguments& arguments);
  Value applyFilter(const std::string& name, const Value& value, const Arguments& arguments);
  bool applyTest(const std::string& name, const Value& value, const Arguments& arguments);
  /// The text of a body run in a scope inside `outer` that `fill` prepares.
  template <typename Fill> std::string capture(Scope* outer, const Body& body, Fill&& fill) {
    std::string before = std::exchange(m_out, {});
    withScope(outer, [&](Scope& scope) {
      fill(scope);
      runBody(body, scope);
    });
    return std::exchange(m_out, std::move(before));
  }
  Value evaluate(const Expression& expression, Scope& scope);
  const Statement* block(std::string_view name) const;
  std::string runBlock(const Statement& block);
  bool autoescapes() const { return m_autoescape; }

private:
  friend class Loop;
  enum class Flow : std::uint8_t { On, Break, Continue };

  /// Makes a scope for the time of `body`, or longer if a macro keeps it.
  template <typename Run> auto withScope(Scope* outer, Run&& body) {
    auto scope = std::make_unique<Scope>(outer);
    const Keeper keeper{*this, scope};
    return body(*scope);
  }
  struct Keeper {
    Machine& machine;
    std::unique_ptr<Scope>& scope;
    ~Keeper();
  };

  void emit(std::string_view text);
  Flow runBody(const Body& body, Scope& scope);
  Flow runStatement(const Statement& statement, Scope& scope);
  void print(const Value& value);
  Flow runIf(const Statement& statement, Scope& scope);
  void runFor(const Statement& statement, Scope& scope);
  void runLoop(const Statement& statement, Scope& scope, const Value& items, int depth);
  void runSetBlock(const Statement& statement, Scope& scope);
  void runWith(const Statement& statement, Scope& scope);
  void runCall(const Statement& statement, Scope& scope);
  void assign(const Target& target, Value value, Scope& scope);
  Value makeMacro(const Statement& statement, Scope& scope, std::string name);

  Value evaluateNode(const Expression& expression, Scope& scope);
  Value lookUp(const std::string& name, Scope& scope);
  Value evaluateCall(const Expression& expression, Scope& scope);
  Value evaluateFilter(const Expression& expression, Scope& scope, const Value* input);
  Value compare(const Expression& expression, Scope& scope);
  Arguments evaluateArguments(const std::vector<Argument>& arguments, Scope& scope);
  std::vector<Value> evaluateAll(const std::vector<ExpressionPtr>& expressions, Scope& scope);

  const Syntax& m_syntax;
  const LocalTime& m_now;
  std::map<std::string, Value, std::less<>> m_globals;
  std::vector<std::shared_ptr<Namespace>> m_namespaces; ///< so that they can be taken apart
  std::vector<std::unique_ptr<Scope>> m_kept;
  std::unique_ptr<Scope> m_root;
  std::string m_out;
  int m_line = 0;
  bool m_autoescape = false;
};

/// The functions that every template sees: range, dict, namespace, cycler, joiner, lipsum,
/// raise_exception, strftime_now.
void addGlobals(std::map<std::string, Value, std::less<>>& globals);

} // namespace switchyard::tokenizer::chat
