#include <cmath>

#include "core/model/backward_pass.h"
#include "core/model/linear.h"

namespace switchyard::model {

namespace {

// Sums run in double, index order: rounding of long rows never shows, and bits are fixed.

double meanOf(std::span<const float> x) {
  double sum = 0.0;
  for (const float value : x)
    sum += value;
  return sum / static_cast<double>(x.size());
}

/// With c = x - mean, r = 1 / sqrt(mean(c^2) + eps), g = dy * weight:
/// dx = r * (g - gMean - c * r^2 * mean(g * c)); rmsNorm has mean = gMean = 0.
void normGradient(std::span<const float> x, double mean, float eps, double gMean,
                  std::span<float> g) {
  double squares = 0.0;
  double products = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double c = x[i] - mean;
    squares += c * c;
    products += c * g[i];
  }
  const auto count = static_cast<double>(x.size());
  const double scale = 1.0 / std::sqrt(squares / count + eps);
  const double slope = products / count * scale * scale;
  for (std::size_t i = 0; i < x.size(); ++i)
    g[i] = static_cast<float>(scale * (g[i] - gMean - (x[i] - mean) * slope));
}

void multiply(std::span<float> gradient, std::span<const float> weight) {
  for (std::size_t i = 0; i < gradient.size(); ++i)
    gradient[i] *= weight[i];
}

} // namespace

void rmsNormGradient(std::span<const float> x, std::span<const float> weight, float eps,
                     std::span<float> gradient) {
  multiply(gradient, weight);
  normGradient(x, 0.0, eps, 0.0, gradient);
}

void normGradientRows(const LayerPass& pass, const NormWeights& norm, const float* x,
                      float* gradient) {
  const std::int64_t hidden = pass.config.hidden;
  const auto width = static_cast<std::size_t>(hidden);
  pass.context.threads.parallelRanges(
      pass.rows, partsFor(pass.context.threads, pass.rows * hidden * 32),
      [&](std::int64_t, std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
          const std::span<const float> in(x + row * hidden, width);
          const std::span<float> g(gradient + row * hidden, width);
          if (pass.config.norm == NormKind::Rms) {
            rmsNormGradient(in, norm.weight, pass.config.normEps, g);
            continue;
          }
          multiply(g, norm.weight);
          normGradient(in, meanOf(in), pass.config.normEps, meanOf(g), g);
        }
      });
}

} // namespace switchyard::model
