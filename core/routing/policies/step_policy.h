#pragma once

#include <memory>
#include <string_view>

#include "core/routing/policy.h"

namespace switchyard::routing {

/// What the built-in steps share: clone() by copy, begin() without demands.
template <typename Derived> class StepPolicy : public Policy {
public:
  PolicyTraits traits() const override { return {}; }
  std::unique_ptr<Policy> clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived&>(*this));
  }
  base::Result<void> begin(std::span<const LayerFacts>) override { return {}; }
  int maxK(const LayerFacts& layer) const override { return layer.k; }
};

} // namespace switchyard::routing
