#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/tokenizer/chat_template/value.h"

namespace switchyard::tokenizer::chat {

enum class ExpressionKind : std::uint8_t {
  Constant,
  Name,
  List, ///< children: the items
  Tuple,
  Dictionary, ///< children: key, value, key, value, ...
  Attribute,  ///< children: value; text: the name
  Item,       ///< children: value, key
  Slice,      ///< children: value, start, stop, step
  Call,       ///< children: callee; arguments
  Filter,     ///< children: value (null: of a filter block); text: the name; arguments
  Test,       ///< as Filter
  Unary,      ///< text: + or -
  Not,
  Binary,      ///< text: the operator
  Concatenate, ///< children: the parts
  Compare,     ///< children: operands; operators between them
  And,
  Or,          ///< children: two
  Conditional, ///< children: condition, then, else (may be null)
};

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Argument {
  enum class Sort : std::uint8_t { Plain, Named, Spread, SpreadNamed };
  Sort sort = Sort::Plain;
  std::string name;
  ExpressionPtr value;
};

struct Expression {
  ExpressionKind kind = ExpressionKind::Constant;
  int line = 0;
  int height = 1; ///< of the tree below it
  std::string text{};
  Value constant{};
  std::vector<ExpressionPtr> children{};
  std::vector<Argument> arguments{};
  std::vector<std::string> operators{};
};

/// Where a value is stored: a name, an attribute of a namespace, or several of these.
struct Target {
  std::string name;
  std::string attribute;     ///< of the namespace `name`; or empty
  std::vector<Target> parts; ///< of a tuple; or empty
};

struct Parameter {
  std::string name;
  ExpressionPtr standard; ///< may be null
};

enum class StatementKind : std::uint8_t {
  Text,  ///< text
  Print, ///< expressions
  If,    ///< expressions: conditions; bodies: one for each, and perhaps that of else
  For,   ///< targets[0], expressions: what to go through, perhaps a condition; bodies: loop, else
  Set,   ///< targets[0], expressions[0]
  SetBlock,   ///< targets[0], expressions: perhaps a filter chain; bodies[0]
  Macro,      ///< text: the name; parameters; bodies[0]
  Call,       ///< parameters; expressions[0]: the call; bodies[0]
  Filter,     ///< expressions[0]: filter chain; bodies[0]
  With,       ///< targets and expressions; bodies[0]
  Block,      ///< text: the name; bodies[0]
  Autoescape, ///< expressions[0]; bodies[0]
  Scope,      ///< bodies[0]: "generation" of transformers
  Break,
  Continue,
  Load, ///< include, import, extends: there is nothing to load from
};

struct Statement;
using Body = std::vector<std::unique_ptr<Statement>>;

struct Statement {
  StatementKind kind = StatementKind::Text;
  int line = 0;
  std::string text{};
  std::vector<ExpressionPtr> expressions{};
  std::vector<Target> targets{};
  std::vector<Parameter> parameters{};
  std::vector<Body> bodies{};
  bool recursive = false;                                           ///< For
  bool usesVarargs = false, usesKwargs = false, usesCaller = false; ///< Macro, Call
};

/// A parsed template.
struct Syntax {
  Body body;
  std::vector<const Statement*> blocks; ///< in the order of their beginnings
};

} // namespace switchyard::tokenizer::chat
