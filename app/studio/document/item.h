#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <QDateTime>
#include <QString>

#include "app/jobs/analyze.h"
#include "app/jobs/prompts.h"
#include "core/model/model.h"
#include "core/routing/recipe.h"
#include "core/tokenizer/tokenizer.h"
#include "core/trace/reader.h"

namespace switchyard::studio {

enum class ItemKind { Model, Trace, Recipe, PromptSet, Result };
constexpr int kItemKinds = 5;

using ItemKey = int; ///< never used twice in a session; 0: none

/// A checkpoint in memory, ready for sessions. tokenizer may be null (token ids only).
struct LoadedModel {
  std::shared_ptr<const model::Model> model;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
};

/// What is known of a checkpoint before its weights are loaded.
struct ModelFacts {
  QString family;
  int layers = 0;    ///< of the stack, dense ones counted
  int moeLayers = 0; ///< 0: a dense model
  int experts = 0;
  int k = 0;
  int context = 0; ///< tokens
};

/// An entry of the library. A value; payloads are immutable and shared. Only the payloads of its
/// kind can be set, and those may still be absent (a file that is gone, weights not loaded yet).
struct Item {
  ItemKey key = 0;
  ItemKind kind = ItemKind::Model;
  QString name;
  QString path;   ///< absolute; empty: only in this session
  QString detail; ///< the muted text at the right: "6×32", "45 025 tok"
  std::vector<std::pair<QString, QString>> facts; ///< label and value, for hover and inspector

  std::shared_ptr<const ModelFacts> modelFacts;   ///< Model
  std::shared_ptr<const LoadedModel> loaded;      ///< Model, once its weights are there
  std::shared_ptr<const trace::Trace> trace;      ///< Trace
  std::shared_ptr<const routing::Recipe> recipe;  ///< Recipe
  std::shared_ptr<const jobs::PromptSet> prompts; ///< PromptSet
  std::shared_ptr<const jobs::Analysis> analysis; ///< Result: one plugin's or several
  ItemKey source = 0;                             ///< Result: the trace (or model) it was made of
};

} // namespace switchyard::studio
