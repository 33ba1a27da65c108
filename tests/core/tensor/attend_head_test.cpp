#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "core/tensor/ops/vector_ops.h"
#include "tests/core/tensor/targets.h"

namespace switchyard::tensor {
namespace {

using test::expectSame;
using test::forEachTarget;
using test::naiveDot;
using test::randomFloats;

struct Head {
  long count, width, valueWidth;
  std::vector<float> q, keys, values;
  long keyStride, valueStride;

  Head(long keyCount, long keyWidth, long outWidth)
      : count(keyCount), width(keyWidth), valueWidth(outWidth),
        q(randomFloats(static_cast<std::size_t>(keyWidth), 31, 4.0f)),
        keys(randomFloats(static_cast<std::size_t>(keyCount * (keyWidth + 3)), 32)),
        values(randomFloats(static_cast<std::size_t>(keyCount * (outWidth + 5)), 33)),
        keyStride(keyWidth + 3), valueStride(outWidth + 5) {}

  std::vector<float> run(float scale, const float* sink) const {
    std::vector<float> scores(static_cast<std::size_t>(count));
    std::vector<float> out(static_cast<std::size_t>(valueWidth));
    attendHeads(1, q, keys.data(), keyStride, values.data(), valueStride, count, scale, sink,
                scores, out);
    return out;
  }

  std::span<const float> key(long j) const {
    return std::span(keys).subspan(static_cast<std::size_t>(j * keyStride),
                                   static_cast<std::size_t>(width));
  }

  /// In double precision.
  std::vector<double> reference(float scale, const float* sink) const {
    std::vector<double> scores;
    double most = sink != nullptr ? *sink : -std::numeric_limits<double>::infinity();
    for (long j = 0; j < count; ++j) {
      double score = 0;
      for (std::size_t i = 0; i < q.size(); ++i)
        score += static_cast<double>(q[i]) * key(j)[i];
      scores.push_back(score * scale);
      most = std::max(most, scores.back());
    }
    double total = sink != nullptr ? std::exp(*sink - most) : 0;
    std::vector<double> out(static_cast<std::size_t>(valueWidth));
    for (long j = 0; j < count; ++j) {
      const double weight = std::exp(scores[static_cast<std::size_t>(j)] - most);
      total += weight;
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] += weight * values[static_cast<std::size_t>(j * valueStride) + i];
    }
    for (double& value : out)
      value /= total;
    return out;
  }
};

TEST(AttendHead, MatchesDoublePrecisionAndDoesNotDependOnTheTarget) {
  for (const long count : {1L, 2L, 3L, 4L, 5L, 16L, 37L, 200L})
    for (const auto& [width, valueWidth] :
         {std::pair{64L, 64L}, {8L, 8L}, {24L, 40L}, {192L, 128L}, {5L, 3L}, {17L, 100L}}) {
      const Head head(count, width, valueWidth);
      const float sinkLogit = 0.75f;
      for (const float* sink : {static_cast<const float*>(nullptr), &sinkLogit}) {
        std::vector<float> first;
        forEachTarget([&](const std::string& target) {
          const std::vector<float> out = head.run(0.25f, sink);
          if (first.empty())
            first = out;
          expectSame(out, first, target);
        });
        const std::vector<double> expected = head.reference(0.25f, sink);
        for (std::size_t i = 0; i < first.size(); ++i)
          EXPECT_NEAR(first[i], expected[i], 3e-6) << count << " keys of " << width;
      }
    }
}

TEST(AttendHead, HeadsThatShareTheirKeysGetTheBitsOfEachAlone) {
  for (const long heads : {2L, 3L, 4L})
    for (const auto& [width, valueWidth] : {std::pair{32L, 32L}, {128L, 96L}, {17L, 100L}}) {
      const Head one(37, width, valueWidth);
      const std::vector<float> queries =
          randomFloats(static_cast<std::size_t>(heads * width), 77, 4.0f);
      const std::vector<float> sinks = {0.5f, -1.0f, 2.0f, 0.0f};
      forEachTarget([&](const std::string& target) {
        std::vector<float> scores(static_cast<std::size_t>(heads * one.count));
        std::vector<float> out(static_cast<std::size_t>(heads * valueWidth));
        attendHeads(static_cast<int>(heads), queries, one.keys.data(), one.keyStride,
                    one.values.data(), one.valueStride, one.count, 0.25f, sinks.data(), scores,
                    out);
        for (long head = 0; head < heads; ++head) {
          Head alone = one;
          alone.q.assign(queries.begin() + head * width, queries.begin() + (head + 1) * width);
          expectSame(alone.run(0.25f, &sinks[static_cast<std::size_t>(head)]),
                     std::span(out).subspan(static_cast<std::size_t>(head * valueWidth),
                                            static_cast<std::size_t>(valueWidth)),
                     target);
        }
      });
    }
}

TEST(AttendHead, OneKeyGivesItsValue) {
  const Head head(1, 16, 20);
  const std::vector<float> out = head.run(1.0f, nullptr);
  expectSame(out, std::span(head.values).first(20), "one key");
}

TEST(AttendHead, GreatScoresDoNotOverflowAndNanIsNotHidden) {
  Head head(9, 16, 16);
  for (float& value : head.q)
    value *= 1e10f;
  for (const float value : head.run(1.0f, nullptr))
    EXPECT_TRUE(std::isfinite(value));
  head.q[3] = std::nanf("");
  for (const float value : head.run(1.0f, nullptr))
    EXPECT_TRUE(std::isnan(value));
}

} // namespace
} // namespace switchyard::tensor
