#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/model/model.h"
#include "core/plugin/registry.h"
#include "core/session/decode_host.h"
#include "core/session/decoder.h"
#include "core/tokenizer/tokenizer.h"
#include "core/trace/meta.h"

namespace switchyard::jobs {

/// A decoder as the user asked for it.
struct DecoderRequest {
  std::string name; ///< short name or id of a decoder plugin; empty: plain decoding
  plugin::OptionArguments options{};
};

/// A decoder that was found, with its options checked. Makes one decoder for each text.
class DecoderChoice {
public:
  /// Errors: NotFound, those of plugin::parseOptions; InvalidArgument if a decoder is named and
  /// there is no registry.
  static base::Result<DecoderChoice> find(const DecoderRequest& request,
                                          std::shared_ptr<plugin::Registry> registry,
                                          const plugin::HostContext& context = {});

  bool isPlain() const { return m_id.empty(); }
  const std::string& shortName() const { return m_name; } ///< "plain" without a plugin
  /// Errors: the plugin's.
  base::Result<std::unique_ptr<session::Decoder>> make() const;
  /// Notes decoder, version, options and the figures of its records in `meta`; plain decoding notes
  /// nothing. Errors: the plugin's.
  base::Result<void> describe(const model::Model& model, trace::TraceMeta& meta) const;
  /// " --decoder NAME --NAME.option value ..." with the options that were given; empty when plain.
  std::string flags() const;

private:
  std::string m_id, m_name, m_version;
  plugin::OptionValues m_options;
  std::shared_ptr<plugin::Registry> m_registry;
  plugin::HostContext m_context;
};

/// Compiles the recipes of decoders like the user's own: built-in steps and router plugins. Their
/// steps stand behind those of `under`, the run's recipe (canonical JSON; empty: the model's own
/// routing), as if they were in one file. registry and tokenizer may be null; both are borrowed.
session::CompileRecipe recipeCompiler(plugin::Registry* registry,
                                      const tokenizer::Tokenizer* tokenizer,
                                      std::string under = {});

} // namespace switchyard::jobs
