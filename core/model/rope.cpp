#include "core/model/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace switchyard::model {

namespace {

int spacing(const RopeConfig& config) {
  return config.frequencyDim > 0 ? config.frequencyDim : config.rotaryDim;
}

/// base ^ exponent, correctly rounded to float32 (torch's float pow is within one unit of it).
float power(double base, double exponent) {
  return static_cast<float>(std::pow(base, exponent));
}

/// The magnitude correction of YaRN for one mscale.
double yarnMagnitude(double factor, double mscale) {
  return factor <= 1.0 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

double attentionFactor(const RopeConfig& config) {
  if (config.kind != RopeKind::Yarn && config.kind != RopeKind::LongRope)
    return 1.0;
  if (config.attentionFactor)
    return *config.attentionFactor;
  if (config.kind == RopeKind::LongRope)
    return config.factor <= 1.0
               ? 1.0
               : std::sqrt(1.0 + std::log(config.factor) / std::log(config.originalMaxPositions));
  if (config.mscale.value_or(0.0) != 0.0 && config.mscaleAllDim.value_or(0.0) != 0.0)
    return yarnMagnitude(config.factor, *config.mscale) /
           yarnMagnitude(config.factor, *config.mscaleAllDim);
  return yarnMagnitude(config.factor, 1.0);
}

/// Blends interpolated (slow dims) and original (fast dims) frequencies.
void yarnFrequencies(const RopeConfig& config, std::span<float> frequencies) {
  const double dim = spacing(config);
  const auto correctionDim = [&](double rotations) {
    return dim * std::log(config.originalMaxPositions / (rotations * 2.0 * std::numbers::pi)) /
           (2.0 * std::log(config.theta));
  };
  double low = correctionDim(config.betaFast);
  double high = correctionDim(config.betaSlow);
  if (config.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, dim - 1.0);
  if (low == high)
    high += 0.001;
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const float wavelength = power(static_cast<float>(config.theta),
                                   static_cast<float>(2 * i) / static_cast<float>(spacing(config)));
    const float original = 1.0f / wavelength;
    const float interpolated = 1.0f / (static_cast<float>(config.factor) * wavelength);
    const float ramp = std::clamp((static_cast<float>(i) - static_cast<float>(low)) /
                                      static_cast<float>(high - low),
                                  0.0f, 1.0f);
    const float keep = 1.0f - ramp;
    frequencies[i] = interpolated * (1.0f - keep) + original * keep;
  }
}

/// Leaves short wavelengths, divides long ones by the factor, and blends between.
float llama3Frequency(const RopeConfig& config, float frequency) {
  const auto length = static_cast<float>(config.originalMaxPositions);
  const auto low = static_cast<float>(config.lowFreqFactor);
  const auto factor = static_cast<float>(config.factor);
  const float wavelength = static_cast<float>(2.0 * std::numbers::pi) / frequency;
  if (wavelength > static_cast<float>(config.originalMaxPositions / config.lowFreqFactor))
    return frequency / factor;
  if (wavelength < static_cast<float>(config.originalMaxPositions / config.highFreqFactor))
    return frequency;
  const float smooth = (length / wavelength - low) /
                       static_cast<float>(config.highFreqFactor - config.lowFreqFactor);
  return (1.0f - smooth) * frequency / factor + smooth * frequency;
}

} // namespace

RopeTable::RopeTable(const RopeConfig& config)
    : m_config(config), m_pairs(config.rotaryDim / 2),
      m_scale(static_cast<float>(config.shortMscale.value_or(attentionFactor(config)))),
      m_longScale(static_cast<float>(config.longMscale.value_or(attentionFactor(config)))) {
  const auto pairs = static_cast<std::size_t>(m_pairs);
  const auto theta = static_cast<float>(config.theta);
  m_inverseFrequencies.resize(pairs);
  for (std::size_t i = 0; i < pairs; ++i)
    m_exponents.push_back(static_cast<float>(2 * i) / static_cast<float>(spacing(config)));
  if (config.kind == RopeKind::Yarn) {
    yarnFrequencies(config, m_inverseFrequencies);
    return;
  }
  for (std::size_t i = 0; i < pairs; ++i) {
    const float wavelength = power(theta, m_exponents[i]);
    float frequency = 1.0f / wavelength;
    if (config.kind == RopeKind::Linear)
      frequency /= static_cast<float>(config.factor);
    else if (config.kind == RopeKind::Llama3)
      frequency = llama3Frequency(config, frequency);
    else if (config.kind == RopeKind::LongRope)
      frequency = 1.0f / (static_cast<float>(config.shortFactor[i]) * wavelength);
    m_inverseFrequencies[i] = frequency;
    if (config.kind == RopeKind::LongRope && !config.longMscale)
      m_longFrequencies.push_back(1.0f / (static_cast<float>(config.longFactor[i]) * wavelength));
  }
}

float RopeTable::frequency(std::size_t pair, bool beyond, float dynamicBase) const {
  if (!beyond)
    return m_inverseFrequencies[pair];
  if (m_config.kind == RopeKind::Dynamic && !m_config.longMscale)
    return 1.0f / power(dynamicBase, m_exponents[pair]);
  return m_longFrequencies.empty() ? m_inverseFrequencies[pair] : m_longFrequencies[pair];
}

void RopeTable::angles(long position, long sequenceLength, std::span<float> cosines,
                       std::span<float> sines) const {
  const bool dynamic = m_config.kind == RopeKind::Dynamic && !m_config.longMscale;
  const bool beyond =
      sequenceLength > (dynamic ? m_config.maxPositions : m_config.originalMaxPositions);
  float base = 0.0f;
  if (dynamic && beyond) {
    const auto factor = static_cast<float>(m_config.factor);
    const float stretch =
        factor * static_cast<float>(sequenceLength) / static_cast<float>(m_config.maxPositions) -
        static_cast<float>(m_config.factor - 1.0);
    const double dim = spacing(m_config);
    base = static_cast<float>(m_config.theta) * power(stretch, static_cast<float>(dim / (dim - 2)));
  }
  const float scale = beyond ? m_longScale : m_scale;
  for (std::size_t i = 0; i < static_cast<std::size_t>(m_pairs); ++i) {
    const float angle = static_cast<float>(position) * frequency(i, beyond, base);
    cosines[i] = std::cos(angle) * scale;
    sines[i] = std::sin(angle) * scale;
  }
}

bool RopeTable::lengthDependent() const {
  return m_config.kind == RopeKind::Dynamic || m_config.kind == RopeKind::LongRope ||
         m_config.longMscale.has_value();
}

void applyRope(std::span<float> head, std::span<const float> cosines, std::span<const float> sines,
               bool interleaved) {
  const std::size_t pairs = cosines.size();
  const std::size_t stride = interleaved ? 2 : 1;
  float* first = head.data();
  float* second = head.data() + (interleaved ? 1 : pairs);
  for (std::size_t i = 0; i < pairs; ++i) {
    const float x = first[i * stride];
    const float y = second[i * stride];
    first[i * stride] = x * cosines[i] - y * sines[i];
    second[i * stride] = y * cosines[i] + x * sines[i];
  }
}

} // namespace switchyard::model
