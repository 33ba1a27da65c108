#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/plugin/options.h"
#include "core/session/decode_host.h"
#include "core/session/decoder.h"

namespace switchyard::tests {

/// The demo model, loaded once.
std::shared_ptr<const model::Model> demoModel();
const base::ThreadContext& demoThreads();

/// A tiny golden checkpoint of one family, "olmoe".
base::Result<std::shared_ptr<const model::Model>> goldenModel(const std::string& family);

/// A decoder plugin of the build, with options as on a command line.
base::Result<std::unique_ptr<session::Decoder>> decoderOf(const std::string& name,
                                                          const plugin::OptionArguments& options);

struct Decoding {
  std::vector<std::int64_t> tokens;
  std::vector<std::vector<std::pair<std::string, double>>> records; ///< of each token
  std::vector<std::vector<float>> scores;                           ///< what the sampler got
};

struct DecodingOptions {
  std::string decoder;
  plugin::OptionArguments options{};
  std::size_t count = 24;
  std::vector<std::int64_t> forced{}; ///< tokens to emit whatever the scores say; then greedily
  const routing::Policy* policy = nullptr;
  bool keepsRecords = true; ///< what the decoder is told
};

/// Decodes after a prompt, greedily.
base::Result<Decoding> decode(const std::shared_ptr<const model::Model>& model,
                              const std::vector<std::int64_t>& prompt,
                              const DecodingOptions& options);

/// A figure of a record. NaN if it is not there.
double figure(const std::vector<std::pair<std::string, double>>& record, const std::string& name);

std::vector<base::TokenId> tokenIds(const std::vector<std::int64_t>& ids);

} // namespace switchyard::tests
