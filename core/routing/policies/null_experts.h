#pragma once

#include <span>

#include "core/routing/policies/choosing.h"

namespace switchyard::routing {

/// More null experts than any paper or checkpoint has.
inline constexpr int kMaxNullExperts = 1024;

/// AdaMoE's rule for one row: softmax over [logits, nullLogits], the k largest among the open
/// experts and the nulls (ids E, E+1, ...), null ids dropped (recorded in out.drops with their
/// rank), survivors renormalised. None left: no expert.
void chooseAmongNulls(const ChoiceRow& row, std::span<const float> nullLogits, std::size_t k,
                      Assignment& out);

} // namespace switchyard::routing
