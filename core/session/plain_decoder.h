#pragma once

#include <vector>

#include "core/session/decoder.h"

namespace switchyard::session {

/// One pass a token, its logits sampled as they are: what a text is decoded with unless the user
/// names another decoder. Records nothing.
class PlainDecoder final : public Decoder {
public:
  std::string_view id() const override { return "plain"; }
  base::Result<std::vector<std::string>> figures(std::span<const routing::LayerFacts>) override {
    return std::vector<std::string>();
  }
  base::Result<void> begin(DecodeHost& host, std::span<const base::TokenId>) override {
    m_logits.resize(static_cast<std::size_t>(host.vocabulary()));
    return {};
  }
  base::Result<DecodedToken> next(DecodeHost& host, base::TokenId last) override {
    const BranchStep step{0, {&last, 1}, 0, {}, m_logits};
    SY_TRY(host.step({&step, 1}));
    return DecodedToken{SY_TRY(host.sample(m_logits)), false, {}};
  }

private:
  std::vector<float> m_logits;
};

} // namespace switchyard::session
