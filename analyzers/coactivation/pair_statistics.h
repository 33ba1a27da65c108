#pragma once

#include <cstdint>
#include <optional>

namespace switchyard::analyzers {

/// What is known of two experts of one layer: tokens that selected i, j, both, and all tokens.
struct PairCounts {
  std::int64_t i = 0, j = 0, both = 0, tokens = 0;
};

/// P(j selected | i selected) = N_ij / N_i (OLMoE, 2409.02060, eq. 6). Nothing for N_i = 0.
std::optional<double> conditional(const PairCounts& n);
/// N_ij T / (N_i N_j). Nothing for N_i N_j = 0. Under uniform independent routing of exactly k
/// experts it is (k-1) E / (k (E-1)), not 1: see fixedKLift().
std::optional<double> lift(const PairCounts& n);
/// N_ij / (N_i + N_j - N_ij). Nothing when both are unused.
std::optional<double> jaccard(const PairCounts& n);
/// Correlation of the two membership indicators. Nothing when an indicator is constant.
std::optional<double> phi(const PairCounts& n);
/// N_ij over what uniform routing of exactly k experts gives: T k (k-1) / (E (E-1)). Nothing for
/// k = 1 or T = 0.
std::optional<double> overUniform(const PairCounts& n, int experts, int k);
/// The lift that uniform routing of exactly k of E experts has: the baseline to hold lift against.
std::optional<double> fixedKLift(int experts, int k);

} // namespace switchyard::analyzers
