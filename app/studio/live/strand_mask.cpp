#include "app/studio/live/strand_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>

namespace switchyard::studio {

namespace {

constexpr int kShares = 1024;
constexpr int kSubRows = 4; ///< samples of coverage in a row of pixels; thin lines get half
constexpr int kHeights = 5; ///< samples of the curve for one of them; thin lines get three

/// The curve by its height: how far across it is there, and how much farther at the next height.
struct Share {
  double at, step;
};
using Shares = std::array<Share, kShares + 1>;

Shares makeShares() {
  Shares shares{};
  for (int i = 0; i <= kShares; ++i) {
    const double goal = static_cast<double>(i) / kShares;
    double low = 0, high = 1; // height along the cubic: 1.5 t (1 - t) + t^3, rising
    for (int step = 0; step < 40; ++step) {
      const double t = (low + high) / 2;
      (1.5 * t * (1 - t) + t * t * t < goal ? low : high) = t;
    }
    shares[static_cast<std::size_t>(i)].at = low * low * (3 - 2 * low);
  }
  for (std::size_t i = 0; i < kShares; ++i)
    shares[i].step = shares[i + 1].at - shares[i].at;
  return shares;
}

const Shares& curve() {
  static const Shares shares = makeShares();
  return shares;
}

Shares makeStraight() {
  Shares shares{};
  for (std::size_t i = 0; i <= kShares; ++i)
    shares[i] = {static_cast<double>(i) / kShares, 1.0 / kShares};
  return shares;
}

const Shares& straight() {
  static const Shares shares = makeStraight();
  return shares;
}

/// height: in steps of the table, within it.
double shareAt(const Shares& shares, double height) {
  const int index = static_cast<int>(height);
  const Share& share = shares[static_cast<std::size_t>(index)];
  return share.at + share.step * (height - index);
}

/// What a sample of a row of pixels covers, in pixels from the image's left end on.
struct Interval {
  double left, right;
};

/// A strand in device pixels.
class Strand {
public:
  Strand(QPointF from, QPointF to, double radius, bool curved)
      : m_x(from.x()), m_y(from.y()), m_across(to.x() - from.x()), m_down(to.y() - from.y()),
        m_perDown(kShares / m_down), m_radius(radius), m_shares(curved ? curve() : straight()) {
    for (int i = 0; i < kHeights; ++i) {
      const double offset = radius * (2.0 * i / (kHeights - 1) - 1);
      m_offsets[static_cast<std::size_t>(i)] = offset * m_perDown;
      m_reaches[static_cast<std::size_t>(i)] = reach(offset);
    }
  }

  double top() const { return m_y - m_radius; }
  double bottom() const { return m_y + m_down + m_radius; }
  bool isThin() const { return m_radius <= 0.8; }
  int subRows() const { return isThin() ? kSubRows / 2 : kSubRows; }

  /// Points of the curve that are near enough to height y, widened by what is left of the radius.
  Interval at(double y) const {
    if (y - m_radius < m_y || y + m_radius > m_y + m_down)
      return atEnd(y);
    return m_radius > 1.2 ? inside<1>(y) : inside<kHeights / 2>(y);
  }

private:
  /// Away from both ends, from every kStep-th sample. The curve runs one way: the lower half of the
  /// samples reaches farthest to one side, the upper to the other.
  template <std::size_t kStep> Interval inside(double y) const {
    const double height = (y - m_y) * m_perDown;
    const bool rises = m_across >= 0;
    Interval found{1e9, -1e9};
    for (std::size_t i = 0; i <= kHeights / 2; i += kStep) {
      const std::size_t left = rises ? i : kHeights - 1 - i, right = kHeights - 1 - left;
      found.left = std::min(found.left, place(height + m_offsets[left]) - m_reaches[left]);
      found.right = std::max(found.right, place(height + m_offsets[right]) + m_reaches[right]);
    }
    return found;
  }
  Interval atEnd(double y) const {
    const int samples = m_radius > 1.2 ? kHeights : kHeights / 2 + 1;
    const double low = std::max(m_y, y - m_radius), high = std::min(m_y + m_down, y + m_radius);
    Interval found{1e9, -1e9};
    if (low <= high)
      for (int i = 0; i < samples; ++i) {
        const double height = low + (high - low) * i / (samples - 1);
        const double x = place((height - m_y) * m_perDown), wide = reach(height - y);
        found.left = std::min(found.left, x - wide);
        found.right = std::max(found.right, x + wide);
      }
    return found;
  }
  double reach(double offset) const {
    return std::sqrt(std::max(0.0, m_radius * m_radius - offset * offset));
  }
  double place(double height) const {
    return m_x + m_across * shareAt(m_shares, std::clamp<double>(height, 0.0, kShares));
  }

  double m_x, m_y, m_across, m_down, m_perDown, m_radius;
  const Shares& m_shares;
  std::array<double, kHeights> m_offsets,
      m_reaches; ///< of samples away from both ends, steps and pixels
};

constexpr int kGroup = StrandMask::kGroup;
constexpr int kBlock = 112; ///< pixels whose places fit into 16 bits, in 256ths; whole groups
constexpr int kFewCovered =
    24; ///< wholly covered pixels of a row that are not worth a run of their own

/// The part of each pixel from `first` on that is covered: the mean of kRows samples, 255 for all.
template <int kRows>
void cover(std::span<std::uint8_t> shares, const std::array<Interval, kSubRows>& intervals,
           int first) {
  std::array<std::int16_t, kRows> from, to;
  const auto place = [&](double x) {
    // Rounded by what is cut off: x - first + 1 is not negative.
    return static_cast<std::int16_t>(
        static_cast<int>(256 * std::clamp(x - first + 1, 0.0, kBlock + 2.0) + 0.5) - 256);
  };
  for (std::size_t row = 0; row < kRows; ++row) {
    from[row] = place(intervals[row].left);
    to[row] = place(intervals[row].right);
  }
  const auto inside = [](std::int16_t length) {
    return std::min<std::int16_t>(std::max<std::int16_t>(length, 0), 256);
  };
  for (std::size_t group = 0; group < shares.size(); group += kGroup)
    for (std::size_t i = group; i < group + kGroup; ++i) {
      const auto end = static_cast<std::int16_t>(256 * (i + 1));
      std::int16_t sum = kRows / 2;
      for (std::size_t row = 0; row < kRows; ++row)
        sum = static_cast<std::int16_t>(sum + inside(static_cast<std::int16_t>(end - from[row])) -
                                        inside(static_cast<std::int16_t>(end - to[row])));
      const auto covered = static_cast<std::uint16_t>(static_cast<std::uint16_t>(sum) / kRows);
      shares[i] = static_cast<std::uint8_t>(covered - (covered >> 7) + (covered >> 8));
    }
}

/// A row of pixels of a strand: the intervals of its samples, and what they have in common.
struct Row {
  std::array<Interval, kSubRows> samples{};
  double left = 1e9, right = -1e9;           ///< of all
  double innerLeft = -1e9, innerRight = 1e9; ///< of what each of them covers
};

Row rowOf(const Strand& strand, int y, int width) {
  Row row;
  const int samples = strand.subRows();
  for (int i = 0; i < samples; ++i) {
    const Interval found = strand.at(y + (i + 0.5) / samples);
    Interval& inside = row.samples[static_cast<std::size_t>(i)];
    inside = {std::clamp<double>(found.left, 0, width), std::clamp<double>(found.right, 0, width)};
    row.innerLeft = std::max(row.innerLeft, inside.left);
    row.innerRight = std::min(row.innerRight, inside.right);
    if (inside.right <= inside.left) {
      inside = {0, 0};
      continue;
    }
    row.left = std::min(row.left, inside.left);
    row.right = std::max(row.right, inside.right);
  }
  return row;
}

/// Adds the pixels [first, last) of a row, in whole groups: none outside of them may be covered,
/// unless a group ends at `last`. `width`: of the line.
void add(StrandMask& mask, int y, const Row& row, bool thin, int first, int last, int width) {
  for (; first < last; first += kBlock) {
    const int count = (std::min(kBlock, last - first) + kGroup - 1) / kGroup * kGroup;
    const int begin = std::min(first, width - count);
    const std::size_t at = mask.shares.size();
    mask.shares.resize(at + static_cast<std::size_t>(count));
    const std::span shares = std::span(mask.shares).subspan(at);
    if (thin)
      cover<kSubRows / 2>(shares, row.samples, begin);
    else
      cover<kSubRows>(shares, row.samples, begin);
    std::fill_n(shares.begin(), first - begin, std::uint8_t{0});
    mask.runs.push_back({y, begin, count, static_cast<std::ptrdiff_t>(at)});
  }
}

} // namespace

double strandShare(double height) {
  return shareAt(curve(), std::clamp(height, 0.0, 1.0) * kShares);
}

void traceStrand(StrandMask& mask, QSize image, QPointF from, QPointF to, double width,
                 bool curved) {
  mask.runs.clear();
  mask.shares.clear();
  if (to.y() <= from.y() || image.width() < kBlock)
    return;
  const Strand strand(from, to, width / 2, curved);
  const int top = std::max(0, static_cast<int>(std::floor(strand.top())));
  const int bottom = std::min(image.height(), static_cast<int>(std::ceil(strand.bottom())));
  for (int y = top; y < bottom; ++y) {
    const Row row = rowOf(strand, y, image.width());
    const int first = static_cast<int>(row.left), last = static_cast<int>(row.right) + 1;
    const int before = static_cast<int>(row.innerLeft) + 1 - first; // where not all samples cover
    const int inner = first + (before + kGroup - 1) / kGroup * kGroup;
    const int covered = (static_cast<int>(row.innerRight) - inner) / kGroup * kGroup;
    if (covered < kFewCovered) {
      add(mask, y, row, strand.isThin(), first, last, image.width());
      continue;
    }
    add(mask, y, row, strand.isThin(), first, inner, image.width());
    mask.runs.push_back({y, inner, covered, -1});
    add(mask, y, row, strand.isThin(), inner + covered, last, image.width());
  }
}

} // namespace switchyard::studio
